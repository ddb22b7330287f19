"""The formats, in the order in which they are tried: the surest first."""

from __future__ import annotations

from llmtop.decode.format import Format
from llmtop.decode.generic import Generic
from llmtop.decode.logging_json import LoggingJson
from llmtop.decode.native import Native
from llmtop.decode.otlp_json import OtlpJson

FORMATS: tuple[type[Format], ...] = (Native, OtlpJson, LoggingJson, Generic)
