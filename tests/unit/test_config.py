from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from indexer.config import Config, load_config
from indexer.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    (folder / "corpus").mkdir(exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    """The message's lines without the file's folder."""
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return str(caught.value).replace(f"{path.parent}/", "").splitlines()


@pytest.mark.parametrize("text", ["", "\n# nothing yet\n", "search:\n", "search:\n  weights:\n", "\ufeff{}\n", "---\n"])
def test_what_is_left_out_keeps_its_default(tmp_path: Path, text: str) -> None:
    assert load_config(write(tmp_path, text)) == Config().below(tmp_path)


def test_what_is_given_replaces_the_default(tmp_path: Path) -> None:
    config = load_config(
        write(
            tmp_path,
            """
            corpus: {max_file_bytes: 1000, parse_seconds: 5, parse_memory_mib: 300, ocr_page_seconds: 9, ocr_memory_mib: 900}
            encoder: {model: owner/name, query_prompt: "query: "}
            search: {depth: 50, weights: {en: {vector: 1}}}
            server: {port: 0}
            endpoint: {allow_hosts: [llm.example.org], connect_timeout: 0.5}
            """,
        )
    )
    assert (config.corpus.max_file_bytes, config.corpus.parse_seconds, config.corpus.parse_memory_mib) == (1000, 5, 300)
    assert (config.corpus.ocr_page_seconds, config.corpus.ocr_memory_mib) == (9, 900)
    assert (config.encoder.model, config.encoder.query_prompt) == ("owner/name", "query: ")
    assert config.search.depth == 50
    assert config.search.weights.of("en", "question") == {"vector": 1.0}
    assert config.search.weights.of("zh", "wording") == Config().search.weights.zh_wording
    assert config.server.port == 0
    assert config.endpoint.allow_hosts == ("llm.example.org",)
    assert (config.endpoint.connect_timeout, config.endpoint.read_timeout) == (0.5, 60)


def test_relative_paths_start_at_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "models" / "own").mkdir(parents=True)
    path = write(tmp_path, "corpus: {dir: plans}\nindex: {dir: built/here}\nencoder: {model: ./models/own}\n")
    monkeypatch.chdir(tmp_path.parent)
    config = load_config(Path(tmp_path.name) / path.name)
    assert config.corpus.dir == tmp_path / "plans"
    assert config.index.dir == tmp_path / "built" / "here"
    assert config.encoder.model == str(tmp_path / "models" / "own")


def test_absolute_paths_stay(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, f"index: {{dir: {tmp_path}/elsewhere}}\n"))
    assert config.index.dir == tmp_path / "elsewhere"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # ranges
        ("corpus: {parse_seconds: 0}", ["config.yaml:1: corpus.parse_seconds: Input should be >= 1 (got 0)"]),
        ("corpus: {parse_memory_mib: 15}", ["config.yaml:1: corpus.parse_memory_mib: Input should be >= 16 (got 15)"]),
        ("corpus: {ocr_page_seconds: 0}", ["config.yaml:1: corpus.ocr_page_seconds: Input should be >= 1 (got 0)"]),
        ("corpus: {ocr_memory_mib: 0}", ["config.yaml:1: corpus.ocr_memory_mib: Input should be >= 16 (got 0)"]),
        ("search:\n  depth: 0\n", ["config.yaml:2: search.depth: Input should be >= 1 (got 0)"]),
        ("server:\n\n  port: 65536", ["config.yaml:3: server.port: Input should be <= 65535 (got 65536)"]),
        ("index: {keep_generations: 101}", ["config.yaml:1: index.keep_generations: Input should be <= 100 (got 101)"]),
        ("search: {default_k: 101}", ["config.yaml:1: search.default_k: should be <= search.max_k, 100 (got 101)"]),
        ("search: {max_k: 5}", ["config.yaml:1: search.default_k: should be <= search.max_k, 5 (got 10)"]),
        (
            "encoder: {model: ''}",
            ["config.yaml:1: encoder.model: String should have at least 1 character (got '')"],
        ),
        # types
        ("server: {port: '80'}", ["config.yaml:1: server.port: Input should be a valid integer (got '80')"]),
        ("server: {port: true}", ["config.yaml:1: server.port: Input should be a valid integer (got true)"]),
        ("server: {port: 80.5}", ["config.yaml:1: server.port: Input should be a valid integer (got 80.5)"]),
        ("server: {port:}", ["config.yaml:1: server.port: Input should be a valid integer (got nothing)"]),
        ("server: {host: no}", ["config.yaml:1: server.host: Input should be a valid string (got false)"]),
        ("server: {host: [a]}", ["config.yaml:1: server.host: Input should be a valid string (got a list)"]),
        ("server: {host: {a: b}}", ["config.yaml:1: server.host: Input should be a valid string (got a mapping)"]),
        ("search: 5", ["config.yaml:1: search: Input should be a mapping of keys to values (got 5)"]),
        ("- search", ["config.yaml:1: Input should be a mapping of keys to values (got a list)"]),
        (
            f"server: {{port: {'x' * 100}}}",
            [f"config.yaml:1: server.port: Input should be a valid integer (got '{'x' * 56}...)"],
        ),
        ("endpoint: {read_timeout: 0}", ["config.yaml:1: endpoint.read_timeout: Input should be > 0 (got 0)"]),
        ("endpoint: {allow_hosts: a.b}", ["config.yaml:1: endpoint.allow_hosts: Input should be a list (got 'a.b')"]),
        # weights
        (
            "search:\n  weights:\n    zh_wording: {words: -1}\n    en: {vector: 0}\n    mixed: {grams: .nan}\n",
            [
                "config.yaml:3: search.weights.zh_wording.words: Input should be >= 0 (got -1)",
                "config.yaml:4: search.weights.en: at least one weight should be above 0",
                "config.yaml:5: search.weights.mixed.grams: Input should be a finite number (got nan)",
            ],
        ),
        # unknown keys
        ("serach: {}", ["config.yaml:1: serach: unknown key; did you mean search?"]),
        ("search:\n  depht: 5", ["config.yaml:2: search.depht: unknown key; did you mean search.depth?"]),
        ("port: 80", ["config.yaml:1: port: unknown key; did you mean server.port?"]),
        (
            "search: {weights: {fr: {}}}",
            ["config.yaml:1: search.weights.fr: unknown key; known here: zh_wording, zh_question, en, mixed"],
        ),
        (
            "search: {weights: {zh_wording: {gram: 1}}}",
            [
                "config.yaml:1: search.weights.zh_wording.gram: unknown key; did you mean search.weights.zh_wording.grams?"
            ],
        ),
        (
            "1: 2",
            [
                "config.yaml:1: 1: unknown key; known here: corpus, index, engine, keyword, vector, milvus, encoder, search, server, query_log, endpoint"
            ],
        ),
        # the same key twice
        (
            "search:\n  depth: 5\n  depth: 6\n",
            ["config.yaml:3: search.depth: stands twice, first in line 2"],
        ),
        ("server: {}\nserver: {port: 1}", ["config.yaml:2: server: stands twice, first in line 1"]),
        # paths
        ("corpus: {dir: nowhere}", ["config.yaml:1: corpus.dir: no such folder: nowhere"]),
        ("corpus: {dir: config.yaml}", ["config.yaml:1: corpus.dir: no such folder: config.yaml"]),
        ("index: {dir: config.yaml}", ["config.yaml:1: index.dir: not a folder: config.yaml"]),
        ("encoder: {model: ./nowhere}", ["config.yaml:1: encoder.model: no such folder: nowhere"]),
        # not YAML, or more than plain YAML
        (
            "search: {}\nserver: [",
            ["config.yaml:2: cannot be read as YAML: expected the node content, but found '<stream end>'"],
        ),
        ("a\x07b: 1", ["config.yaml:1: cannot be read as YAML: special characters are not allowed"]),
        ("\n\na: &a {b: *a}", ["config.yaml:3: cannot be read as YAML: aliases (*name) are not supported"]),
        ("{}\n---\n{}", ["config.yaml:2: cannot be read as YAML: but found another document"]),
        ("? [a]\n: 1\n", ["config.yaml:1: cannot be read as YAML: a key should be one word"]),
        ("server: {port: 2017-99-99}", ["config.yaml:1: cannot be read as YAML: month must be in 1..12"]),
        ("[" * 5000, ["config.yaml:1: cannot be read as YAML: nested too deeply"]),
        # every problem at once, in the order of the lines
        (
            "server:\n  port: 70000\n  hots: a\ncorpus:\n  dir: nowhere\n  dir: corpus\n",
            [
                "config.yaml:2: server.port: Input should be <= 65535 (got 70000)",
                "config.yaml:3: server.hots: unknown key; did you mean server.host?",
                "config.yaml:5: corpus.dir: no such folder: nowhere",
                "config.yaml:6: corpus.dir: stands twice, first in line 5",
            ],
        ),
    ],
)
def test_each_problem_is_told_with_key_and_line(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert problems(write(tmp_path, text)) == expected


def test_nothing_is_run(tmp_path: Path) -> None:
    [problem] = problems(write(tmp_path, "search: !!python/object/apply:os.abort []\n"))
    assert "could not determine a constructor" in problem


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.yaml") == ["none.yaml: no such file. Name another one with --config."]


def test_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").mkdir()
    assert problems(tmp_path / "config.yaml") == ["config.yaml: cannot be read: Is a directory."]


def test_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes("# 設定\n".encode("big5"))
    assert problems(path) == ["config.yaml: not UTF-8 text (byte 2)."]


def test_values_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Config().server.port = 1
