"""The htop for LLM applications; what an application itself uses of it is named here.

Importing this loads nothing else: each name is loaded when it is first used.
"""

from __future__ import annotations

from llmtop.version import __version__

TYPE_CHECKING = False
"""Without `typing`, whose import would be most of what this one costs."""
if TYPE_CHECKING:
    from llmtop.emit.call import Call
    from llmtop.emit.context import SpanContext, current_span, extract, inject, wrap
    from llmtop.emit.emitter import Stats, configure, flush, stats
    from llmtop.emit.instrument import instrument, uninstrument
    from llmtop.emit.log_handler import LogFormatter, LogHandler
    from llmtop.emit.request_logger import RequestLogger
    from llmtop.emit.span import Span
    from llmtop.emit.tracer import Tracer, tracer

__all__ = [
    "Call",
    "LogFormatter",
    "LogHandler",
    "RequestLogger",
    "Span",
    "SpanContext",
    "Stats",
    "Tracer",
    "__version__",
    "configure",
    "current_span",
    "extract",
    "flush",
    "inject",
    "instrument",
    "stats",
    "tracer",
    "uninstrument",
    "wrap",
]

_PLACES = {
    "Call": "call",
    "LogFormatter": "log_handler",
    "LogHandler": "log_handler",
    "RequestLogger": "request_logger",
    "Span": "span",
    "SpanContext": "context",
    "Stats": "emitter",
    "Tracer": "tracer",
    "configure": "emitter",
    "current_span": "context",
    "extract": "context",
    "flush": "emitter",
    "inject": "context",
    "instrument": "instrument",
    "stats": "emitter",
    "tracer": "tracer",
    "uninstrument": "instrument",
    "wrap": "context",
}


if not TYPE_CHECKING:  # so that a checker knows the names there are, and no others

    def __getattr__(name: str) -> object:
        place = _PLACES.get(name)
        if place is None:
            raise AttributeError(f"module 'llmtop' has no attribute {name!r}")
        from importlib import import_module

        found = getattr(import_module(f"llmtop.emit.{place}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
