"""What is remembered of a Claude Code session while its lines are read."""

from __future__ import annotations

from msgspec import Struct

from llmtop.decode import claude_spans
from llmtop.decode.claude_lines import NOTHING, Line, Message, Part
from llmtop.decode.claude_spans import Spot
from llmtop.decode.claude_totals import Totals
from llmtop.decode.format import lasts_until
from llmtop.decode.values import mapping, text
from llmtop.span import Fragment

_MOST_AGENTS = 10_000
_STARTERS = frozenset({"Task", "Agent"})
"""Tools that start subagents."""


class _Task(Struct, gc=False):
    """A tool that started a subagent."""

    tool: str
    prompt: str | None
    name: str | None


class Session(Spot):
    """The turn that goes on, the agents at work, and where the last question to each stands."""

    __slots__ = ("_agents", "_ends", "_tasks", "_waiting", "asked", "streaming", "totals", "turn")

    def __init__(self, session: str | None) -> None:
        super().__init__(session)
        self.turn: str | None = None
        self.asked: dict[str | None, int] = {}
        """Where the first line to the model (of an agent, or of none) is since the last call."""
        self.streaming: dict[str | None, str] = {}
        """The call whose partial messages came last, by agent."""
        self.totals = Totals()
        self._waiting: Fragment | None = None
        self._ends: dict[str, tuple[float, str]] = {}
        self._agents: set[str] = set()
        self._tasks: list[_Task] = []

    def begin_turn(self, span_id: str, name: str, found: list[Fragment]) -> None:
        """A turn that begins with this line."""
        self._waiting = None
        self.turn = span_id
        found.append(claude_spans.turn(self, span_id, name))

    def await_turn(self, span_id: str, name: str) -> None:
        """A turn that began with this line if a model is asked, which it may not be."""
        self._waiting = claude_spans.turn(self, span_id, name)

    def current_turn(self, found: list[Fragment]) -> str | None:
        """The turn that a line stands in; one that was only awaited has begun by that."""
        waiting = self._waiting
        if waiting is not None:
            self._waiting, self.turn = None, waiting.span_id
            found.append(waiting)
        return self.turn

    def lasts(self, span_id: str, operation: str, at: float) -> None:
        """A turn or an agent is still at work at a moment."""
        known = self._ends.get(span_id)
        if known is None or known[0] < at:
            self._ends[span_id] = (at, operation)

    def flush(self, found: list[Fragment]) -> None:
        """Tell once for many lines until when turns and agents last."""
        for span_id, (end, operation) in self._ends.items():
            found.append(lasts_until(span_id, operation, self.session, end))
        self._ends.clear()

    def agent(
        self, name: str, above: str | None, found: list[Fragment], kind: str | None = None
    ) -> str:
        """The span of a subagent, told when its first line is read."""
        if name not in self._agents:
            if len(self._agents) >= _MOST_AGENTS:
                self._agents.clear()
            self._agents.add(name)
            told = claude_spans.agent(self, name, above, kind)
            told.place = self.place
            found.append(told)
        return f"agent:{name}"

    def note_task(self, part: Part) -> None:
        """Remember a tool that starts a subagent, and what it tells it."""
        if part.name in _STARTERS and part.id is not None and part.input is not NOTHING:
            if len(self._tasks) >= _MOST_AGENTS:
                self._tasks.clear()
            told = mapping(claude_spans.decoded(part.input))
            name = text(told.get("subagent_type")) or text(told.get("description"))
            self._tasks.append(_Task(part.id, text(told.get("prompt")), name))

    def forget_task(self, tool: str | None) -> None:
        """A tool is over: no subagent of it begins any more."""
        if self._tasks:
            self._tasks = [task for task in self._tasks if task.tool != tool]

    def side_agent(self, line: Line, told: Message, found: list[Fragment]) -> str:
        """A subagent whose lines stand, without its name, among those of its session.

        It was started by the tool whose prompt is its first line, or else by the oldest one that
        has none yet.
        """
        said = told.content
        if not isinstance(said, str):
            texts = [claude_spans.text_of(part) for part in said or () if part.type == "text"]
            said = next(filter(None, texts), None)
        task = next((task for task in self._tasks if said and task.prompt == said), None)
        if task is None and self._tasks:
            task = self._tasks[0]
        name, above, kind = line.uuid or f"@{self.place}", self.current_turn(found), None
        if task is not None:
            self._tasks.remove(task)
            above, kind = task.tool, task.name
        self.agent(name, above, found, kind)
        return name
