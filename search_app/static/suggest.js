// Suggestions while typing (ARIA combobox with a list). The form works the same without this script.
"use strict";
for (const input of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("ul");
  const status = document.createElement("p");
  let wanted = ""; // what was typed last
  let shown = ""; // what the list answers
  let busy = false; // one request at a time
  let active = -1;

  list.className = "suggestions";
  list.id = `${input.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.suggestLabel);
  list.hidden = true;
  status.className = "hide";
  status.setAttribute("role", "status");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  input.parentElement.append(list, status);

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    status.textContent = "";
  };

  const move = (to) => {
    const options = list.children;
    if (active >= 0) options[active].removeAttribute("aria-selected");
    active = to < 0 ? options.length - 1 : to % options.length;
    options[active].setAttribute("aria-selected", "true");
    options[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[active].id);
  };

  const choose = (option) => {
    input.value = option.dataset.query;
    close();
    input.form.requestSubmit();
  };

  const show = (texts, kinds) => {
    close();
    list.replaceChildren(
      ...texts.map((text, place) => {
        const option = document.createElement("li");
        const name = document.createElement("span");
        const kind = document.createElement("small");
        option.id = `${list.id}-${place}`;
        option.setAttribute("role", "option");
        option.dataset.query = text;
        name.textContent = text;
        name.lang = /[\u3400-\u9fff]/.test(text) ? "zh-Hant-TW" : "en";
        kind.textContent = kinds[place];
        option.append(name, " ", kind);
        return option;
      }),
    );
    if (!texts.length || document.activeElement !== input) return;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    status.textContent = input.dataset.suggestCount.replace("#", texts.length);
  };

  const ask = async () => {
    if (busy || wanted === shown) return;
    busy = true;
    const typed = (shown = wanted);
    try {
      const address = new URL(input.dataset.suggest, location.href);
      address.searchParams.set("q", typed);
      const answer = typed ? await (await fetch(address)).json() : ["", [], []];
      if (typed === wanted) show(answer[1], answer[2]);
    } catch {
      close(); // suggestions are a help, not a need
    }
    busy = false;
    ask();
  };

  let timer;
  const typed = (event) => {
    if (event.isComposing) return; // an input method is still at work
    wanted = input.value.trim();
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  };
  input.addEventListener("input", typed);
  input.addEventListener("compositionend", typed);
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // the first Escape closes the list, the second empties the field
      close();
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(list.children[active]);
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && list.children.length) {
      event.preventDefault();
      if (list.hidden) {
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
      }
      move(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
    }
  });
}
