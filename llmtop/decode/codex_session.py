"""What is remembered of a Codex session while its lines are read: its turns and its usage."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from msgspec import Raw

from llmtop.decode.codex_lines import Tokens, Told
from llmtop.decode.codex_usage import Growth
from llmtop.decode.format import lasts_until
from llmtop.decode.providers import provider
from llmtop.decode.values import mapping, parsed, text
from llmtop.span import Flag, Fragment

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_LONGEST_NAME = 80
_COPYING_S = 1.0
"""A session copies the lines before it within this time, or with the times they had."""


def decoded(value: Raw) -> Any:
    """The value that was left undecoded; `None` if there is none."""
    data = bytes(value)
    return parsed(data.decode("utf-8", "replace")) if data and data != b"null" else None


class Session:
    """The session of one file; a fork copies its parent's lines, and says whose they are."""

    def __init__(self) -> None:
        self.at: float | None = None
        """When the line that is read was (seconds since the epoch)."""
        self.place = -1
        self.id: str | None = None
        self.trace: str | None = None
        self.root: str | None = None
        """The session that the lines are of: they keep its names in all its forks."""
        self.agent: str | None = None
        """The span of this session, where another session started it as an agent."""
        self.model: str | None = None
        self.provider: str | None = None
        self.turn: str | None = None
        self.usage = Growth()
        self.turns = 0
        self.calls = 0
        """Calls that only their own usage tells apart."""
        self.searched = False
        """Whether a search of this turn was told without a name."""
        self.last = 0.0
        """When the turn's last call was, as far as it is not told yet."""
        self.tools: set[str] = set()
        """The tools of which the beginning was told."""
        self.since = -1
        """Where the first line after the last call is: what the next call was asked."""
        self._turn_id: str | None = None
        self._said: str | None = None
        self._waiting: str | None = None
        self._waiting_since: tuple[float | None, int] = (None, -1)
        self._prompt: str | None = None
        """What another agent said to this one before the turn that it begins."""
        self._parent: str | None = None
        self._copied_until = 0.0
        """Lines up to this moment were copied from the session that began this one."""

    def begin(self, told: Told, found: list[Fragment]) -> None:
        """The session's own line; further ones in the file came with what a fork copied."""
        self.root = told.forked_from_id or told.id
        if self.agent is None:
            # A fork goes on with its parent's conversation: they are one trace.
            self.trace = self.root
        if self.id is not None or told.id is None:
            return
        self.id = told.id
        self.serve(told.model_provider)
        spawned = mapping(
            mapping(mapping(decoded(told.source)).get("subagent")).get("thread_spawn")
        )
        self._copied_until = (self.at or 0.0) + _COPYING_S
        parent = text(spawned.get("parent_thread_id")) or told.parent_thread_id
        if parent is None:
            return
        self.trace, self.agent = parent, told.id
        if told.session_id is not None and told.session_id != told.id:
            self.trace = told.session_id  # that of the first of all parents
        if told.forked_from_id is None:
            self._parent = parent
        name = text(spawned.get("agent_nickname")) or told.agent_nickname
        name = name or text(spawned.get("agent_role")) or told.agent_role
        own = self.agent_span(told.id, None)
        own.name, own.agent = f"subagent {name or told.id}", name
        found.append(own)

    @property
    def name(self) -> str:
        """What the session's calls and turns are named by, also if its beginning was not read."""
        if self._parent is not None and self._copies():
            return self._parent
        if self.root is None:
            self.root = f"@{self.place}"
        return self.root

    def _copies(self) -> bool:
        """Whether a line tells of what was before this session: it is copied when it begins."""
        return self.at is not None and self.at <= self._copied_until

    def restart(self, thread: str | None) -> None:
        """The beginning of a run: a stream may hold several, of one session or of many."""
        if thread != self.root:
            self.usage.restart()
        self.id = self.trace = self.root = thread
        self.turn = self._waiting = None

    def serve(self, name: str | None) -> None:
        """Who answers the calls of this session."""
        self.provider = provider(name) or self.provider

    def agent_span(self, thread: str, above: str | None) -> Fragment:
        """The span of a session that another one started as an agent."""
        return Fragment(
            span_id=thread,
            trace_id=self.trace,
            parent_id=above,
            operation="invoke_agent",
            start=self.at,
            flags=_BOTH,
            status="ok",
            session_id=thread,
        )

    def await_turn(self, turn_id: str | None, said: str | None = None) -> None:
        """A turn that begins with the first line in it, unless its prompt is told before."""
        if said is not None and self._said is not None and said.startswith(self._said):
            return
        if turn_id is not None:
            self._turn_id = turn_id
        if self._waiting is None or said is not None:
            self._waiting = said or self._prompt or ""
            self._prompt = None
            self._waiting_since = (self.at, self.place)

    def prompt(self, said: str) -> None:
        """What another agent says to this one: the prompt of a turn that has none of its own."""
        if self._waiting is None:
            self._prompt = said
        elif not self._waiting:
            self._waiting = said

    def begin_turn(self, said: str | None, found: list[Fragment]) -> None:
        """A turn, with the prompt that begins it; what is said meanwhile is of the same turn."""
        self._tell_end(found)
        self._waiting, self._said, self.searched = None, said, False
        self.turns += 1
        # A fork's copy of a turn is that turn, and its own turn of the same number is not.
        known = crc32((said or "turn").encode("utf-8", "replace"))
        self.turn = self._turn_id or f"{self.name}:turn:{self.turns}:{known:x}"
        self.note()
        found.append(
            Fragment(
                span_id=self.turn,
                trace_id=self.trace,
                parent_id=None if self._copies() else self.agent,
                name=" ".join((said or "turn")[:400].split())[:_LONGEST_NAME],
                operation="turn",
                start=self.at,
                flags=_BOTH,
                status="ok",
                session_id=self.id,
                place=self.place,
            )
        )

    def go_on(self, found: list[Fragment]) -> None:
        """A line within a turn: one that was only awaited has begun by that."""
        if self._waiting is not None:
            at, place = self.at, self.place
            said, (self.at, self.place) = self._waiting or None, self._waiting_since
            self.begin_turn(said, found)
            self.at, self.place = at, place

    def end_turn(self, told: Told, status: str, found: list[Fragment]) -> None:
        """The end of a turn, in `status`."""
        self.go_on(found)
        turn = told.turn_id or self.turn
        self._said = self._turn_id = None
        if turn is None:
            return
        error = mapping(decoded(told.error))
        self._tell_end(found)
        ended = lasts_until(turn, "turn", self.trace, self.at)
        ended.duration = None if told.duration_ms is None else told.duration_ms / 1000.0
        first_token = told.time_to_first_token_ms
        ended.ttft = None if first_token is None else first_token / 1000.0
        ended.status = "error" if error else status
        if error:
            ended.error_message = text(error.get("message"))
        ended.place = self.place
        found.append(ended)
        if self.agent is not None and self.at is not None:
            found.append(lasts_until(self.agent, "invoke_agent", self.trace, self.at))

    def note(self) -> None:
        """A line that is part of what the next call was asked or answered."""
        if self.since < 0:
            self.since = self.place

    def call(
        self,
        name: str,
        used: Tokens,
        found: list[Fragment],
        model: str | None = None,
        response_id: str | None = None,
    ) -> None:
        """A call, of which only the end is told."""
        if self._waiting is not None:
            self.go_on(found)
        at, trace, flags = self.at, self.trace, _BOTH
        if self.since >= 0:
            opening = Fragment(name, trace, None, None, None, "chat", start=at, flags=_OPENED)
            opening.place, self.since = self.since, -1
            found.append(opening)
            flags = _ENDED
        # Of what there is most, the fields are given in their order: more names cost their time.
        # A fork tells a copied call with a time of its own: of two beginnings the first stays.
        fragment = Fragment(
            name,
            trace,
            self.turn or self.agent,
            None,
            None,
            "chat",
            self.provider,
            self.model or model,
            None,
            at,
            None,
            None,
            None,
            "ok",
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cache_read_tokens=used.cached_input_tokens,
            reasoning_tokens=used.reasoning_output_tokens,
            session_id=self.id,
            flags=flags,
            place=self.place,
        )
        if used.cache_write_input_tokens is not None:
            fragment.cache_write_tokens = used.cache_write_input_tokens
        if response_id is not None:
            fragment.response_id = response_id
        found.append(fragment)
        if at is not None and at > self.last:
            self.last = at

    def flush(self, found: list[Fragment]) -> None:
        """Tell once for many lines until when the turn lasts."""
        self._tell_end(found)

    def _tell_end(self, found: list[Fragment]) -> None:
        if self.last and self.turn is not None:
            found.append(lasts_until(self.turn, "turn", self.trace, self.last))
        self.last = 0.0
