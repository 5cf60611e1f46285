// Copy buttons of citations. Without this script they stay hidden and the text is selected by hand.
"use strict";
for (const button of document.querySelectorAll("button.copy")) {
  const source = document.getElementById(button.dataset.copies);
  const status = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source); // no clipboard outside https: the text is ready for Ctrl-C
      return;
    }
    status.textContent = button.dataset.done;
    setTimeout(() => (status.textContent = ""), 3000);
  });
}
