"""Uploads that LangSmith did not take, as its SDK keeps them: one file a request.

The request's body is in base64: form data with a part for a run and further ones for its inputs,
outputs and the like, or the JSON of a batch.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

from msgspec import DecodeError, json

from llmtop.decode.format import Document, Format, Unreadable
from llmtop.decode.langsmith import LangSmith
from llmtop.decode.values import laid_out, mapping, text
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_BOUNDARY = re.compile(r'boundary="?([^";]+)')
_PART = re.compile(rb'name="(post|patch)\.([^".]+)(?:\.([a-z]+))?"')
_COMPRESSED = (
    "compressed with {coding}, which llmtop cannot read; "
    "LANGSMITH_DISABLE_RUN_COMPRESSION=true keeps the next ones readable"
)


class LangSmithUpload(Format):
    """Files of the folder that `LANGSMITH_FAILED_TRACES_DIR` names."""

    name = "LangSmith upload"

    def __init__(self) -> None:
        self._runs = LangSmith()

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a body in base64 beside the endpoint that it was meant for."""
        return "body_base64" in document and "runs/" in (text(document.get("endpoint")) or "")

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What the batch within tells."""
        return self._runs.read(_batch(document), place)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Inputs, outputs and metadata of one run."""
        batch = _batch(document)
        self._runs.describe(batch, span, payload)
        payload.raw += (laid_out(batch),)


def _batch(document: Document) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in mapping(document.get("headers")).items()}
    coding = text(headers.get("content-encoding"))
    if coding is not None and coding != "identity":
        raise Unreadable(_COMPRESSED.format(coding=coding))
    try:
        body = base64.b64decode(text(document.get("body_base64")) or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("a body that is not base64") from error
    boundary = _BOUNDARY.search(text(headers.get("content-type")) or "")
    if boundary is None:
        return dict(mapping(_value(body)))
    return _of_parts(body.split(b"--" + boundary.group(1).encode()))


def _value(data: bytes) -> Any:
    try:
        return json.decode(data)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _of_parts(parts: Sequence[bytes]) -> dict[str, Any]:
    """A batch, put together from form data in any order."""
    batch: dict[str, dict[str, dict[str, Any]]] = {"post": {}, "patch": {}}
    for part in parts:
        head, _, value = part.partition(b"\r\n\r\n")
        named = _PART.search(head)
        if named is None:
            continue
        change, name = named.group(1).decode(), named.group(2).decode("utf-8", "replace")
        run = batch[change].setdefault(name, {"id": name})
        told = _value(value)
        if named.group(3) is not None:
            run[named.group(3).decode()] = told
        elif isinstance(told, dict):
            run.update(told)
    return {change: list(runs.values()) for change, runs in batch.items()}
