"""A chat service with an OpenAI-compatible interface. The only importer of httpx.

Only the configured host is ever called: no redirect is followed, and no proxy or netrc of the environment is used. An
answer is refused when it is larger or takes longer than config.yaml allows.
"""

from __future__ import annotations

import codecs
import os
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from types import TracebackType
from typing import Literal, Self

import httpx
from pydantic import BaseModel, Field, ValidationError

from indexer.config import EndpointConfig
from indexer.errors import AnswerError, ConfigError

_HINT = "Check endpoint.url and endpoint.model in config.yaml."
_SHOWN = 200  # characters of an error answer that are shown
_STREAM_PATIENCE = 10  # times read_timeout that a whole streamed answer may take


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Endpoint:
    """The configured service. Use it in ``with``, so that its connections are closed."""

    def __init__(self, settings: EndpointConfig) -> None:
        """Raises ConfigError when the settings name no service and model, or a host that is not allowed."""
        self._settings = settings
        self._url = _allowed_url(settings)
        headers = {"Accept-Encoding": "identity"} | _authorization(settings.api_key_env)
        timeout = httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout)
        self._client = httpx.Client(
            headers=headers,
            timeout=timeout,
            verify=ssl.create_default_context(),
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def model(self) -> str:
        """The model that answers, as the service names it."""
        return self._settings.model

    def complete(self, messages: Sequence[Message]) -> str:
        """The whole answer. Raises AnswerError when none is to be had."""
        with self._ask(messages, stream=False) as response:
            body = b"".join(self._pieces(response, self._settings.read_timeout))
        try:
            return _Completion.model_validate_json(body).choices[0].message.content
        except ValidationError as error:
            raise AnswerError(f"{self._url.host} gave no chat completion: {_start(body)}", _HINT) from error

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The answer piece by piece, as it is written. Raises AnswerError, also in the middle."""
        with self._ask(messages, stream=True) as response:
            for data in _events(self._pieces(response, _STREAM_PATIENCE * self._settings.read_timeout)):
                try:
                    choices = _Chunk.model_validate_json(data).choices
                except ValidationError as error:
                    raise AnswerError(f"{self._url.host} gave no completion chunk: {data[:_SHOWN]}", _HINT) from error
                yield from (choice.delta.content for choice in choices[:1] if choice.delta.content)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @contextmanager
    def _ask(self, messages: Sequence[Message], stream: bool) -> Iterator[httpx.Response]:
        """The response, still to be read; every failure of the connection as AnswerError."""
        turns = [{"role": message.role, "content": _encodable(message.content)} for message in messages]
        body = {"model": self.model, "messages": turns, "temperature": 0, "stream": stream}
        host = self._url.host
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                if response.status_code != 200:
                    raise AnswerError(
                        f"{host} refused: {_refusal(response, self._pieces(response, self._settings.read_timeout))}",
                        _HINT,
                    )
                yield response
        except httpx.TimeoutException as error:
            kind = "connection" if isinstance(error, httpx.ConnectTimeout) else "answer"
            raise AnswerError(
                f"{host} gave no {kind} in time.", "Raise endpoint.read_timeout, or try later."
            ) from error
        except httpx.HTTPError as error:
            raise AnswerError(f"{host} cannot be reached: {error}.", "Check endpoint.url, and that it runs.") from error

    def _pieces(self, response: httpx.Response, seconds: float) -> Iterator[bytes]:
        """The body as it comes, while it stays within size and time."""
        host, limit, deadline = self._url.host, self._settings.max_response_bytes, time.monotonic() + seconds
        for piece in response.iter_raw(chunk_size=None):
            limit -= len(piece)
            if limit < 0:
                message = f"{host} answered with more than {self._settings.max_response_bytes} bytes."
                raise AnswerError(message, "Raise endpoint.max_response_bytes if that is meant.")
            if time.monotonic() > deadline:
                raise AnswerError(f"{host} gave no answer in time.", "Raise endpoint.read_timeout, or try later.")
            yield piece


class _Text(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Text


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class _Delta(BaseModel):
    content: str | None = None


class _ChunkChoice(BaseModel):
    delta: _Delta


class _Chunk(BaseModel):
    choices: list[_ChunkChoice]


def _allowed_url(settings: EndpointConfig) -> httpx.URL:
    """Where chat completions are asked for. Raises ConfigError."""
    if not settings.url or not settings.model:
        missing = "endpoint.url" if not settings.url else "endpoint.model"
        raise ConfigError(
            f"{missing} is empty: no service is configured.", "Set url, model and allow_hosts in config.yaml."
        )
    try:
        url = httpx.URL(settings.url.rstrip("/") + "/chat/completions")
    except httpx.InvalidURL as error:
        raise ConfigError(f"endpoint.url is no address: {settings.url!r} ({error}).") from error
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query or url.fragment:
        raise ConfigError(f"endpoint.url should be http(s)://host/path: {settings.url!r}.")
    allowed = {host.lower() for host in settings.allow_hosts}
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    if allowed.isdisjoint((url.host.lower(), f"{url.host.lower()}:{port}")):
        raise ConfigError(f"endpoint.url calls {url.host}, which endpoint.allow_hosts does not list.", "Add it there.")
    return url


def _authorization(variable: str) -> dict[str, str]:
    """The header that carries the key of this environment variable; none without one."""
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"environment variable {variable} holds no key: keys are plain ASCII.")
    return {"Authorization": f"Bearer {key}"} if key else {}


def _refusal(response: httpx.Response, body: Iterator[bytes]) -> str:
    """What an answer that is no success says, in short."""
    if response.has_redirect_location:
        return f"it sends elsewhere, to {response.headers['Location'][:_SHOWN]}, and redirects are not followed"
    return f"status {response.status_code}: {_start(b''.join(body))}"


def _encodable(text: str) -> str:
    """The text without lone surrogates, which damaged documents hold and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _events(pieces: Iterator[bytes]) -> Iterator[str]:
    """The data of server-sent events up to [DONE]."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    for piece in chain(pieces, (b"\n",)):
        *lines, rest = (rest + decoder.decode(piece)).split("\n")
        for line in lines:
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                return
            if line.startswith("data:"):
                yield data


def _start(body: bytes) -> str:
    """The beginning of a body, on one line, for a message."""
    return " ".join(body[: 4 * _SHOWN].decode("utf-8", "replace").split())[:_SHOWN] or "nothing"
