"""A span of the program: a context manager and a decorator, told at its beginning and its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from llmtop.emit import ids, open_spans
from llmtop.emit.context import SpanContext, active, current_place, open_place
from llmtop.emit.emitter import current, emit, failed
from llmtop.emit.error import LONGEST_ERROR, described, message_of, status_of
from llmtop.emit.host_values import mapping_of, text_of

P = ParamSpec("P")
R = TypeVar("R")

_NEW, _OPEN, _ENDED, _OFF = range(4)


class Span:
    """One timed operation. Nothing of it ever raises into the program; `end` may come twice.

    With `with` it is current, and spans that begin within are below it; with `start` and `end` it
    is not. As a decorator, each call of the function is a span of its own.
    """

    __slots__ = (
        "__weakref__",
        "_attributes",
        "_began",
        "_error",
        "_error_type",
        "_events",
        "_generation",
        "_parent",
        "_root",
        "_start",
        "_state",
        "_status",
        "agent_name",
        "before",
        "name",
        "operation",
        "parent_id",
        "session_id",
        "span_id",
        "trace_id",
        "user_id",
    )

    def __init__(
        self,
        name: str,
        operation: str | None = None,
        *,
        parent: Span | SpanContext | None = None,
        root: bool = False,
        attributes: Mapping[str, Any] | None = None,
        user_id: str | None = None,
        session_id: str | None = None,
        agent_name: str | None = None,
    ) -> None:
        self.name = name
        self.operation = operation
        self.trace_id = ""
        self.span_id = ""
        self.parent_id: str | None = None
        self.user_id = user_id
        self.session_id = session_id
        self.agent_name = agent_name
        self.before: Span | SpanContext | None = None
        """What was current when this span became it."""
        self._parent = parent
        self._root = root
        self._attributes = attributes
        self._events: list[dict[str, Any]] | None = None
        self._status: str | None = None
        self._error: str | None = None
        self._error_type: str | None = None
        self._state = _NEW
        self._start = 0.0
        self._began = 0.0
        self._generation = 0

    @property
    def ended(self) -> bool:
        """Whether the span is over."""
        return self._state >= _ENDED

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What was told of the span."""
        return self._attributes or {}

    @property
    def context(self) -> SpanContext:
        """Where the span is, to be handed to another process."""
        return SpanContext(self.trace_id, self.span_id)

    # -- beginning and end

    def start(self) -> Self:
        """Begin, without becoming current; beginning again does nothing."""
        if self._state != _NEW:
            return self
        try:
            if current().off:
                self._state = _OFF
                return self
            self._take_place()
            self._began = time.perf_counter()
            self._start = time.time()
            self._state = _OPEN
            self._generation = open_spans.note(self)
            self._tell(self._opening())
        except Exception as error:
            failed(error)
        return self

    def _take_place(self) -> None:
        parent = self._parent
        if parent is None and not self._root:
            parent = current_place()
        self.span_id = ids.span_id()
        if parent is None:
            self.trace_id = ids.trace_id()
            return
        if isinstance(parent, SpanContext):
            self.trace_id, self.parent_id = parent.trace_id, parent.span_id or None
            return
        if not parent.trace_id:
            parent.start()
        self.trace_id = parent.trace_id or ids.trace_id()
        self.parent_id = parent.span_id or None
        self.user_id = self.user_id or parent.user_id
        self.session_id = self.session_id or parent.session_id
        self.agent_name = self.agent_name or parent.agent_name

    def end(self, status: str | None = None) -> None:
        """End the span, once; `status` is `ok`, `error` or `cancelled`."""
        if self._state >= _ENDED:
            return
        if self._state == _NEW:
            self.start()
            if self._state != _OPEN:
                return
        self._state = _ENDED
        inherited = open_spans.forget(self, self._generation)
        # What ended must not keep those alive that ended before it.
        self.before = open_place(self.before)
        self._parent = None
        if inherited:
            return  # the process that it began in ends it
        try:
            if status is not None:
                self._status = status
            self._tell(self._closing(time.perf_counter() - self._began))
        except Exception as error:
            failed(error)

    def abandon(self) -> None:
        """End with the process, which ended before the span did."""
        self._status = "cancelled"
        self._error = "the process ended before the span did"
        self._error_type = "exit"
        self.end()

    def __enter__(self) -> Self:
        self.start()
        if self._state == _OPEN:
            self.before = active.get()
            active.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None and self._state < _ENDED:
            self.set_error(error)
        if active.get() is self:
            # Ended out of order, what was current before may be over.
            active.set(open_place(self.before))
        self.end()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate: each call of the function is a span like this one."""
        from llmtop.emit.decorate import decorated

        return decorated(self, function)

    def again(self) -> Self:
        """A new span like this one, for the next call of a decorated function."""
        other = object.__new__(type(self))
        for holder in type(self).__mro__:
            for name in getattr(holder, "__slots__", ()):
                if name != "__weakref__":
                    setattr(other, name, getattr(self, name))
        if self._attributes is not None:
            other._attributes = mapping_of(self._attributes)
        other._state = _NEW
        other._events = other._status = other._error = other._error_type = None
        other.trace_id = other.span_id = ""
        other.parent_id = other.before = None
        return other

    # -- what is told of it

    def set_attribute(self, name: str, value: Any) -> Self:
        """Tell one thing more."""
        if type(self._attributes) is not dict:
            self._attributes = mapping_of(self._attributes)
        self._attributes[name if type(name) is str else text_of(name)] = value
        return self

    def set_attributes(self, attributes: Mapping[str, Any] | None = None, **more: Any) -> Self:
        """Tell several things more."""
        for name, value in {**mapping_of(attributes), **more}.items():
            self.set_attribute(name, value)
        return self

    def set_input(self, value: Any) -> Self:
        """Tell what went in, to be read when the span is opened."""
        return self.set_attribute("input.value", value)

    def set_output(self, value: Any) -> Self:
        """Tell what came out, to be read when the span is opened."""
        return self.set_attribute("output.value", value)

    def add_event(self, name: str, attributes: Mapping[str, Any] | None = None) -> Self:
        """Tell of a moment within the span."""
        if self._events is None:
            self._events = []
        self._events.append(
            {
                "name": text_of(name),
                "timestamp": time.time(),
                "attributes": mapping_of(attributes),
            }
        )
        return self

    def set_error(self, error: BaseException | str, kind: str | None = None) -> Self:
        """Say that the span failed, and why; the end still has to come."""
        if isinstance(error, BaseException):
            self._status = status_of(error)
            if self._status != "ok":
                self._error_type = kind or type(error).__name__
                self._error = message_of(error)
                if self._status == "error":
                    self.add_event("exception", described(error))
        else:
            self._status = "error"
            self._error = text_of(error)[:LONGEST_ERROR]
            self._error_type = kind
        return self

    # -- records

    def _tell(self, record: dict[str, Any]) -> None:
        emit(record)

    def _base(self) -> dict[str, Any]:
        record: dict[str, Any] = {
            "type": "span",
            "span_id": self.span_id,
            "trace_id": self.trace_id,
            "parent_id": self.parent_id,
            "name": self.name,
            "start_time": self._start,
        }
        if self.operation is not None:
            record["operation"] = self.operation
        self._add_circumstances(record)
        return record

    def _opening(self) -> dict[str, Any]:
        record = self._base()
        record["end_time"] = None
        return record

    def _closing(self, took: float) -> dict[str, Any]:
        record = self._base()
        # By the monotonic clock: the other one may have been set in between.
        record["end_time"] = self._start + took
        self._add_outcome(record)
        return record

    def _add_circumstances(self, record: dict[str, Any]) -> None:
        if self.user_id is not None:
            record["user_id"] = self.user_id
        if self.session_id is not None:
            record["session_id"] = self.session_id
        if self.agent_name is not None:
            record["agent_name"] = self.agent_name
        if self._attributes:
            record["attributes"] = self._attributes

    def _add_outcome(self, record: dict[str, Any]) -> None:
        record["status"] = self._status or "ok"
        if self._error is not None:
            record["error"] = self._error
        if self._error_type is not None:
            record["error_type"] = self._error_type
        if self._events is not None:
            record["events"] = self._events
