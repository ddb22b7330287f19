"""What is remembered of a Claude Code session while its lines are read."""

from __future__ import annotations

from msgspec import Struct

from llmtop.decode import claude_spans
from llmtop.decode.claude_lines import NOTHING, Line, Message, Part, ToolUseResult
from llmtop.decode.claude_prompts import is_interruption, prompt_name
from llmtop.decode.claude_spans import Spot
from llmtop.decode.claude_totals import Totals
from llmtop.decode.format import lasts_until
from llmtop.decode.values import mapping, text
from llmtop.span import Fragment

_MOST_AGENTS = 10_000
STARTERS = frozenset({"Task", "Agent"})
"""Tools that start subagents."""


class _Task(Struct, gc=False):
    """A tool that started a subagent."""

    tool: str
    prompt: str | None
    name: str | None


class Session(Spot):
    """The turn that goes on, the agents at work, and where the last question to each stands."""

    __slots__ = (
        "_agents", "_ends", "_tasks", "asked", "last", "running", "streaming", "totals", "turn",
        "waiting",
    )  # fmt: skip

    def __init__(self, session: str | None) -> None:
        super().__init__(session)
        self.turn: str | None = None
        self.asked: dict[str | None, int] = {}
        """Where the first line to the model (of an agent, or of none) is since the last call."""
        self.streaming: dict[str | None, str] = {}
        """The call whose partial messages came last, by agent."""
        self.running: set[str] = set()
        """The calls that partial messages began and nothing has ended."""
        self.totals = Totals()
        self.waiting: Fragment | None = None
        """A turn that has begun if a model is asked, which it may not be."""
        self.last = 0.0
        """When the turn's last call was, as far as it is not told yet."""
        self._ends: dict[str, float] = {}
        self._agents: set[str] = set()
        self._tasks: list[_Task] = []

    def begin_turn(self, span_id: str, name: str, found: list[Fragment]) -> None:
        """A turn that begins with this line."""
        self.waiting = claude_spans.turn(self, span_id, name)
        self.current_turn(found)

    def prompt(self, line: Line, texts: list[str], found: list[Fragment]) -> None:
        """The turn that a text begins, or ends: the client writes notes as the user too."""
        origin = line.forkedFrom
        turn = (origin and origin.messageUuid) or line.uuid or f"@{self.place}"
        for said in texts:
            if is_interruption(said):
                if self.turn is not None:
                    stopped = lasts_until(self.turn, "turn", self.session, self.at)
                    stopped.status = "cancelled"
                    found.append(stopped)
                return
            name, certain = prompt_name(said)
            if name is not None:
                if certain:
                    self.begin_turn(turn, name, found)
                else:
                    self.waiting = claude_spans.turn(self, turn, name)
                return

    def current_turn(self, found: list[Fragment]) -> str | None:
        """The turn that a line stands in; one that was waiting has begun by that."""
        waiting = self.waiting
        if waiting is not None:
            self._tell_end(found)
            self.waiting, self.turn = None, waiting.span_id
            found.append(waiting)
        return self.turn

    def lasts(self, agent: str, at: float) -> None:
        """An agent is still at work at a moment."""
        if at > self._ends.get(agent, 0.0):
            self._ends[agent] = at

    def flush(self, found: list[Fragment]) -> None:
        """Tell once for many lines until when the turn and the agents last."""
        self._tell_end(found)
        for span_id, end in self._ends.items():
            found.append(lasts_until(span_id, "invoke_agent", self.session, end))
        self._ends.clear()

    def _tell_end(self, found: list[Fragment]) -> None:
        if self.turn is not None and self.last:
            found.append(lasts_until(self.turn, "turn", self.session, self.last))
        self.last = 0.0

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
        if part.id is not None and part.input is not NOTHING:
            if len(self._tasks) >= _MOST_AGENTS:
                self._tasks.clear()
            told = mapping(claude_spans.decoded(part.input))
            name = text(told.get("subagent_type")) or text(told.get("description"))
            self._tasks.append(_Task(part.id, text(told.get("prompt")), name))

    def tool_result(self, line: Line, part: Part, found: list[Fragment]) -> None:
        """The end of a tool, and of the subagent that it started: no other of it begins."""
        tool = part.tool_use_id
        result = line.toolUseResult if line.toolUseResult is not None else line.tool_use_result
        if type(result) is not ToolUseResult:
            result = None
        found.append(claude_spans.tool_result(self, part, result))
        if self._tasks:
            self._tasks = [task for task in self._tasks if task.tool != tool]
        if result is not None and result.agentId and tool:
            agent = claude_spans.agent(self, result.agentId, tool)
            if result.totalDurationMs is not None and agent.start is not None:
                agent.start, agent.end = agent.start - result.totalDurationMs / 1000.0, self.at
            found.append(agent)

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
