"""config.yaml as frozen values, or every problem in it with its key and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from indexer.errors import ConfigError
from indexer.model import Language

Leg = Literal["words", "grams", "vector", "synonyms", "translation", "asides", "asides_vector"]
QueryKind = Literal["wording", "question", "reference", "number"]
Key = tuple[str, ...]


def _existing_folder(path: Path, info: ValidationInfo) -> Path:
    """The path as written, if a folder stands there; relative ones are looked up beside the configuration file."""
    if info.context is not None and not (info.context / path).is_dir():
        raise PydanticCustomError("no_folder", "no such folder: {path}", {"path": str(info.context / path)})
    return path


def _not_a_file(path: Path, info: ValidationInfo) -> Path:
    """The path as written, unless something else than a folder stands there."""
    if info.context is not None and (info.context / path).exists() and not (info.context / path).is_dir():
        raise PydanticCustomError("no_folder", "not a folder: {path}", {"path": str(info.context / path)})
    return path


def _not_all_zero(weights: Mapping[Leg, float]) -> Mapping[Leg, float]:
    if not any(weights.values()):
        raise PydanticCustomError("no_weight", "at least one weight should be above 0")
    return weights


def _is_path(model: str) -> bool:
    """True for ./models/a, ../a and /models/a; False for names such as owner/model and embedded."""
    return model.startswith(("./", "../", "/"))


Folder = Annotated[Path, Field(strict=False)]
Name = Annotated[str, Field(min_length=1)]
Origin = Annotated[str, Field(pattern=r"^(\*|https?://[^/\s]+)$")]  # https://data.example.org:8443
Count = Annotated[int, Field(ge=1)]
Weight = Annotated[FiniteFloat, Field(ge=0)]
Seconds = Annotated[FiniteFloat, Field(gt=0, le=86_400)]
Weights = Annotated[Mapping[Leg, Weight], AfterValidator(_not_all_zero)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, values: object) -> object:
        return {} if values is None else values


class CorpusConfig(Section):
    dir: Annotated[Folder, AfterValidator(_existing_folder)] = Path("corpus")
    lexicon: Name = "lexicon.yaml"
    max_file_bytes: Count = 200 * 1024 * 1024
    parse_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    parse_memory_mib: Annotated[int, Field(ge=16, le=1_048_576)] = 1024
    ocr_page_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    ocr_memory_mib: Annotated[int, Field(ge=16, le=1_048_576)] = 2048


class IndexConfig(Section):
    dir: Annotated[Folder, AfterValidator(_not_a_file)] = Path("var/index")
    keep_generations: Annotated[int, Field(ge=1, le=100)] = 2
    processes: Annotated[int, Field(ge=0, le=256)] = 0


class KeywordConfig(Section):
    engine: Literal["whoosh", "tantivy"] = "whoosh"


class VectorConfig(Section):
    index: Name = "Flat"
    nprobe: Annotated[int, Field(ge=1, le=65_536)] = 32


class MilvusConfig(Section):
    uri: Name = "http://127.0.0.1:19530"
    alias: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] = "plansearch"
    token_env: Name = "PLANSEARCH_MILVUS_TOKEN"
    server_pem_path: str = ""
    timeout: Seconds = 30
    batch: Annotated[int, Field(ge=1, le=10_000)] = 1000


class EncoderConfig(Section):
    model: Name = "embedded"
    query_prompt: str = ""
    passage_prompt: str = ""
    threads: Annotated[int, Field(ge=1, le=256)] = 1
    build_threads: Annotated[int, Field(ge=1, le=256)] = 1
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = 64
    max_chars: Count = 2000

    @field_validator("model")
    @classmethod
    def _exists(cls, model: str, info: ValidationInfo) -> str:
        if _is_path(model) and info.context is not None:
            _existing_folder(Path(model), info)
        return model


class LegWeights(Section):
    """What each leg's normalised score counts, by language and kind of query. A leg that is not named counts nothing."""

    zh_wording: Weights = {
        "words": 0.04, "grams": 0.46, "vector": 0.4, "synonyms": 0.15, "translation": 0.2
    }  # fmt: skip
    zh_question: Weights = {
        "words": 0.12, "grams": 0.42, "vector": 0.6, "synonyms": 0.2, "translation": 0.2, "asides": 0.4,
        "asides_vector": 0.4,
    }  # fmt: skip
    en: Weights = {"words": 0.3, "vector": 0.7, "translation": 0.25, "asides": 0.4, "asides_vector": 0.4}
    mixed: Weights = {
        "words": 0.1, "grams": 0.3, "vector": 0.5, "synonyms": 0.1, "translation": 0.1, "asides": 0.2,
        "asides_vector": 0.2,
    }  # fmt: skip

    def of(self, language: Language, kind: QueryKind) -> Mapping[Leg, float]:
        """The weights for queries of one kind in one language."""
        if language == "zh":
            return self.zh_question if kind == "question" else self.zh_wording
        return self.en if language == "en" else self.mixed


class SearchConfig(Section):
    max_k: Count = 100
    default_k: Annotated[Count, Field(validate_default=True)] = 10
    depth: Count = 1000
    max_query_chars: Count = 1000
    max_query_terms: Count = 200
    max_query_depth: Annotated[int, Field(ge=1, le=100)] = 20
    max_phrase_chars: Count = 500
    max_wildcards: Annotated[int, Field(ge=0, le=100)] = 4
    max_query_seconds: Seconds = 5
    weights: LegWeights = LegWeights()

    @field_validator("default_k")
    @classmethod
    def _within_max_k(cls, default_k: int, info: ValidationInfo) -> int:
        max_k = info.data.get("max_k", default_k)
        if default_k > max_k:
            raise PydanticCustomError("over_max_k", "should be <= search.max_k, {max_k}", {"max_k": max_k})
        return default_k


class ServerConfig(Section):
    host: Name = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    threads: Annotated[int, Field(ge=1, le=256)] = 8
    connection_limit: Count = 1000
    channel_timeout: Count = 15
    max_body_bytes: Count = 65536
    shutdown_seconds: Seconds = 20
    rate_limit: Annotated[int, Field(ge=0, le=1_000_000)] = 600
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    trusted_hosts: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    metrics: Literal["local", "all", "off"] = "local"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    cors_origins: Annotated[tuple[Origin, ...], Field(strict=False)] = ()
    public_url: Annotated[str, Field(pattern=r"^(https?://[^\s?#]+)?$")] = ""  # https://plans.example.org/search


class QueryLogConfig(Section):
    enabled: bool = False
    file: Folder = Path("var/querylog.sqlite")
    threshold: Annotated[int, Field(ge=5, le=1_000_000)] = 5
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 365


class EndpointConfig(Section):
    url: str = ""
    model: str = ""
    api_key_env: Name = "PLANSEARCH_API_KEY"
    allow_hosts: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    connect_timeout: Seconds = 5
    read_timeout: Seconds = 60
    max_response_bytes: Count = 1024 * 1024


class Config(Section):
    """Every setting; ``Config()`` holds the defaults. config.yaml explains each key."""

    corpus: CorpusConfig = CorpusConfig()
    index: IndexConfig = IndexConfig()
    engine: Literal["local", "milvus"] = "local"
    keyword: KeywordConfig = KeywordConfig()
    vector: VectorConfig = VectorConfig()
    milvus: MilvusConfig = MilvusConfig()
    encoder: EncoderConfig = EncoderConfig()
    search: SearchConfig = SearchConfig()
    server: ServerConfig = ServerConfig()
    query_log: QueryLogConfig = QueryLogConfig()
    endpoint: EndpointConfig = EndpointConfig()

    def below(self, folder: Path) -> Self:
        """The same with every relative path taken from this folder."""
        model = self.encoder.model
        return self.model_copy(
            update={
                "corpus": self.corpus.model_copy(update={"dir": folder / self.corpus.dir}),
                "query_log": self.query_log.model_copy(update={"file": folder / self.query_log.file}),
                "index": self.index.model_copy(update={"dir": folder / self.index.dir}),
                "encoder": self.encoder.model_copy(update={"model": str(folder / model) if _is_path(model) else model}),
            }
        )


def load_config(path: Path) -> Config:
    """The settings in this file, defaults for the others; relative paths are taken from the file's folder.

    Raises ConfigError with one line for each problem: ``config.yaml:12: search.depth: Input should be >= 1 (got 0)``.
    """
    source = _Source()
    folder = path.absolute().parent
    text = _read(path)
    try:
        values = _parse(text, source)
        config = Config.model_validate(values, context=folder)
    except yaml.YAMLError as error:
        source.problems.append(_syntax_problem(error, text))
    except ValidationError as error:
        source.problems.extend(_value_problem(details, source.lines) for details in error.errors())
    if source.problems:
        raise ConfigError("\n".join(f"{path}:{line}: {problem}" for line, problem in sorted(source.problems)))
    return config.below(folder)


@dataclass(frozen=True, slots=True)
class _Source:
    """What is known of a file beside its values: the line of every key, and (line, problem) so far."""

    lines: dict[Key, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such file.", hint="Name another one with --config.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start}).") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}.") from error


class _Loader(yaml.SafeLoader):
    """Plain YAML: an alias can refer to its own inside, and settings need none."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise MarkedYAMLError(problem="aliases (*name) are not supported", problem_mark=mark)
        return super().compose_node(parent, index)


def _parse(text: str, source: _Source) -> object:
    """The file as plain values; lines and problems go into source. Raises YAMLError where it cannot be read on."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return None if node is None else _values(node, (), loader, source)
    except RecursionError as error:
        raise yaml.YAMLError("nested too deeply") from error
    finally:
        loader.dispose()


def _values(node: yaml.Node, key: Key, loader: _Loader, source: _Source) -> object:
    """Mappings key by key, so that each has its line and none is lost to a second one of the same name."""
    source.lines[key] = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        return _plain(node, loader)
    values: dict[str, object] = {}
    for name_node, value_node in node.value:
        line = name_node.start_mark.line + 1
        if not isinstance(name_node, yaml.ScalarNode):
            raise MarkedYAMLError(problem="a key should be one word", problem_mark=name_node.start_mark)
        name = name_node.value
        child = (*key, name)
        if name in values:
            first = source.lines[child]
            source.problems.append((line, f"{'.'.join(child)}: stands twice, first in line {first}"))
            continue
        values[name] = _values(value_node, child, loader, source)
        source.lines[child] = line
    return values


def _plain(node: yaml.Node, loader: _Loader) -> object:
    try:
        return loader.construct_object(node, deep=True)
    except ValueError as error:  # 2017-99-99 looks like a date
        raise MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from error


def _syntax_problem(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    line, reason = 1, str(error)
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line, reason = mark.line + 1 if mark else 1, error.problem or reason
    elif isinstance(error, ReaderError):
        line, reason = text.count("\n", 0, error.position) + 1, error.reason
    return line, f"cannot be read as YAML: {reason}"


def _value_problem(error: ErrorDetails, lines: Mapping[Key, int]) -> tuple[int, str]:
    key = tuple(str(part) for part in error["loc"] if part != "[key]")
    line = next(lines[key[:length]] for length in range(len(key), -1, -1) if key[:length] in lines)
    return line, ": ".join(part for part in (".".join(key), _message(error, key)) if part)


def _message(error: ErrorDetails, key: Key) -> str:
    if error["type"] == "extra_forbidden" or error["loc"][-1:] == ("[key]",):
        return f"unknown key{_nearest(key)}"
    if error["type"] in ("no_folder", "no_weight"):
        return error["msg"]
    return f"{_in_short(error)} (got {_shown(error['input'])})"


def _in_short(error: ErrorDetails) -> str:
    if error["type"] in ("model_type", "mapping_type", "dict_type"):
        return "Input should be a mapping of keys to values"
    if error["type"] == "tuple_type":
        return "Input should be a list"
    message = error["msg"]
    for words, sign in (("greater than or equal to", ">="), ("less than or equal to", "<="), ("greater than", ">")):
        message = message.replace(words, sign)
    return message


def _shown(value: object) -> str:
    """The value as it would stand in the file, in short."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _nearest(key: Key) -> str:
    """Which key may be meant: a similar one of the same section, else the same one of another section."""
    *section, name = key
    here = [known[-1] for known in _keys(Config) if known[:-1] == tuple(section)]
    similar = [".".join((*section, match)) for match in get_close_matches(name, here, n=1)]
    elsewhere = [".".join(known) for known in _keys(Config) if known[-1] == name]
    for meant in (*similar, *elsewhere):
        return f"; did you mean {meant}?"
    return f"; known here: {', '.join(here)}"


def _keys(model: type[Section], above: Key = ()) -> Iterator[Key]:
    """Every key that a configuration may hold, sections included."""
    for name, info in model.model_fields.items():
        key = (*above, name)
        yield key
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            yield from _keys(info.annotation, key)
        elif info.annotation == Mapping[Leg, Weight]:
            yield from ((*key, leg) for leg in get_args(Leg))
