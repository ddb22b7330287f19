"""The one table of what can be done: it feeds keys, footer, help, palette and the README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True)
class Action:
    """Something that can be done, by a key or by name in the palette."""

    name: str
    """Of the method `action_<name>` of the app, a screen or a pane; may carry an argument."""
    keys: tuple[str, ...]
    """Textual's key names; the first one is told, all work."""
    help: str
    """What it does, as a sentence without a full stop."""
    where: str
    """One of `PLACES`."""
    label: str | None = None
    """A word or two for the footer; `None` keeps it out of there."""
    at_once: bool = False
    """Done before the next key is looked at: for what takes the keys that follow."""


PLACES = {
    "app": "Everywhere",
    "dashboard": "Dashboard",
    "rows": "In a list",
    "requests": "Requests",
    "trace tree": "Trace tree",
    "latency": "Latency",
    "cost": "Cost",
    "alerts": "Alerts",
    "strip": "Honest numbers",
    "text": "In a text",
    "search": "In a text that can be searched",
    "call": "Call",
    "trace": "Trace",
    "compare": "Compare",
}
"""Where an action works, by the words of `Action.where`, as headings of the help."""

ACTIONS: tuple[Action, ...] = (
    Action("freeze", ("space", "p"), "Freeze the screen, or let it go on", "app", "freeze"),
    Action("time_format", ("t",), "Times relative, local or UTC", "app"),
    Action(
        "copy", ("y",), "Copy the selected call (id, prompt, answer, record)", "app", "copy", True
    ),
    Action("mark", ("m",), "Mark the selected call or span, or take its mark away", "app", "mark"),
    Action("unmark_all", ("M",), "Take every mark away", "app"),
    Action(
        "compare",
        ("d",),
        "Compare the two marked, or the marked one and the selected one",
        "app",
        "compare",
    ),
    Action(
        "export", ("x",), "Export the call, its trace or the list to a file", "app", "export", True
    ),
    Action("honest", ("exclamation_mark",), "Explain how far the figures can be trusted", "app"),
    Action("alerts", ("A",), "Alerts: what fires, and the calls behind it", "app"),
    Action("palette", ("ctrl+p", "colon"), "Find an action by its name", "app", at_once=True),
    Action("help", ("question_mark", "f1"), "All keys", "app", "help"),
    Action("back", ("escape",), "Back to where you were; never quits", "app", "back"),
    Action("leave", ("q",), "Leave the screen; on the dashboard: quit", "app", "quit"),
    Action("quit", ("ctrl+q",), "Quit", "app"),
    Action("suspend_process", ("ctrl+z",), "Suspend; fg in the shell comes back", "app"),
    Action("filter", ("slash",), "Filter every pane", "dashboard", "filter", True),
    Action("clear_filter", ("backspace", "ctrl+u"), "Clear the filter", "dashboard", "clear"),
    Action("window", ("w",), "Next longer window: 1m 5m 15m 1h all", "dashboard", "window"),
    Action("window_back", ("W",), "Next shorter window", "dashboard"),
    Action(
        "group(1)",
        ("b",),
        "Sum costs up by model, provider, operation, session, user, agent, name",
        "dashboard",
        "sum by",
    ),
    Action("group(-1)", ("B",), "Sum costs up by the one before", "dashboard"),
    Action("next_pane", ("tab",), "Next pane", "dashboard"),
    Action("previous_pane", ("shift+tab",), "Previous pane", "dashboard"),
    Action("pane('requests')", ("1",), "Requests", "dashboard"),
    Action("pane('trace')", ("2",), "Trace of the selected call", "dashboard"),
    Action("pane('latency')", ("3",), "Latency", "dashboard"),
    Action("pane('cost')", ("4",), "Cost", "dashboard"),
    Action("zoom", ("z",), "Give the focused pane the whole screen", "dashboard", "zoom"),
    Action("cursor_up", ("up", "k"), "One row up", "rows"),
    Action("cursor_down", ("down", "j"), "One row down", "rows"),
    Action("page_up", ("pageup", "ctrl+b"), "A screen of rows up", "rows"),
    Action("page_down", ("pagedown", "ctrl+f"), "A screen of rows down", "rows"),
    Action("first", ("home", "g"), "To the first row (the newest)", "rows"),
    Action("last", ("end", "G"), "To the last row; once more: follow the newest again", "rows"),
    Action("follow", ("f",), "Follow the newest again", "rows"),
    Action("open", ("enter",), "Go into the selected row", "rows", "open"),
    Action("sort", ("s",), "Sort by the next column", "requests", "sort"),
    Action("sort_reverse", ("S",), "Turn the order round", "requests"),
    Action("part('input')", ("i",), "The call's input", "requests"),
    Action("part('output')", ("o",), "The call's output", "requests"),
    Action("part('attributes')", ("a",), "The call's attributes", "requests"),
    Action("next_error", ("e",), "Next error", "requests"),
    Action("previous_error", ("E",), "Previous error", "requests"),
    Action("fold", ("space",), "Fold or unfold the branch", "trace tree", "fold"),
    Action("fold_in", ("left", "h"), "Fold the branch, or go to its parent", "trace tree"),
    Action("fold_out", ("right", "l"), "Unfold the branch, or go into it", "trace tree"),
    Action("fold_all", ("minus",), "Fold every branch", "trace tree"),
    Action("unfold_all", ("plus",), "Unfold every branch", "trace tree"),
    Action(
        "critical", ("c",), "Critical path: what the trace waited for", "trace tree", "critical"
    ),
    Action("next_error", ("e",), "Next error", "trace tree"),
    Action("previous_error", ("E",), "Previous error", "trace tree"),
    Action("select(-1)", ("left", "h"), "The bar to the left", "latency"),
    Action("select(1)", ("right", "l"), "The bar to the right", "latency"),
    Action("open", ("enter",), "Filter to the calls of the bar", "latency", "filter to bar"),
    Action("move(-1)", ("up", "k"), "The row above", "cost"),
    Action("move(1)", ("down", "j"), "The row below", "cost"),
    Action("open", ("enter",), "Filter to the row", "cost", "filter to row"),
    Action("open", ("enter",), "Filter to the calls behind the alert", "alerts", "show calls"),
    Action("scroll_by(-1)", ("up", "k"), "A line up", "text"),
    Action("scroll_by(1)", ("down", "j"), "A line down", "text"),
    Action("scroll_page(-1)", ("pageup", "ctrl+b"), "A screen up", "text"),
    Action("scroll_page(1)", ("pagedown", "ctrl+f"), "A screen down", "text"),
    Action("first", ("home", "g"), "To the beginning", "text"),
    Action("last", ("end", "G"), "To the end", "text"),
    Action("search", ("slash",), "Find words in the text", "search", "search", True),
    Action("next_match", ("n",), "The next match", "search", "next match"),
    Action("previous_match", ("N",), "The match before", "search"),
    Action("clear_search", ("backspace", "ctrl+u"), "Look for nothing any more", "search"),
    Action("part('input')", ("i",), "Input", "call", "input"),
    Action("part('output')", ("o",), "Output", "call", "output"),
    Action("part('attributes')", ("a",), "Attributes", "call", "attrs"),
    Action("part('raw')", ("r",), "The records as they were written", "call", "raw"),
    Action("trace", ("enter",), "The trace it belongs to", "call", "trace"),
    Action("app.honest", ("enter",), "Explain the figures", "strip", "explain"),
    Action("step(-1)", ("left_square_bracket",), "The call before", "call"),
    Action("step(1)", ("right_square_bracket",), "The call after", "call", "next"),
    Action("next_error", ("e",), "Next error", "call"),
    Action("previous_error", ("E",), "Previous error", "call"),
    Action("open", ("enter",), "The span under the cursor in full", "trace"),
    Action("part('input')", ("i",), "The span's input", "trace"),
    Action("part('output')", ("o",), "The span's output", "trace"),
    Action("part('attributes')", ("a",), "The span's attributes", "trace"),
    Action("critical", ("c",), "Critical path: what the trace waited for", "trace"),
    Action("next_error", ("e",), "Next error", "trace"),
    Action("previous_error", ("E",), "Previous error", "trace"),
    Action("step(-1)", ("left_square_bracket",), "The trace before", "trace"),
    Action("step(1)", ("right_square_bracket",), "The trace after", "trace", "next"),
    Action("part('input')", ("i",), "Where the inputs differ", "compare", "input"),
    Action("part('output')", ("o",), "Where the outputs differ", "compare", "output"),
    Action("swap", ("s",), "Compare the other way round", "compare", "swap"),
)


def identity(action: Action) -> str:
    """The name that a keymap uses: `requests.sort`, `dashboard.pane_latency`."""
    name, _, argument = action.name.partition("(")
    words = argument.rstrip(")").strip("'")
    words = {"-1": "previous", "1": "next"}.get(words, words)
    return f"{action.where.replace(' ', '_')}.{name}" + (f"_{words}" if words else "")


def of(where: str) -> Iterator[Action]:
    """The actions of a place."""
    return (action for action in ACTIONS if action.where == where)


def bindings(where: str) -> list[BindingType]:
    """The keys of a place, for `BINDINGS` of the class that carries out its actions."""
    return [
        Binding(
            key,
            action.name,
            action.label or action.help,
            show=bool(action.label) and key == action.keys[0],
            id=identity(action) + (f".{number}" if number else ""),
            tooltip=action.help,
            priority=action.at_once,
        )
        for action in of(where)
        for number, key in enumerate(action.keys)
    ]


def first_key(name: str, own: Mapping[str, str]) -> str:
    """The key of an action by its identity, as Textual names it, however the user has laid it."""
    action = next(action for action in ACTIONS if identity(action) == name)
    return own[name].split(",")[0].strip() if name in own else action.keys[0]


KEY_NAMES = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "exclamation_mark": "!",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "minus": "-",
    "plus": "+",
    "escape": "esc",
    "pageup": "page up",
    "pagedown": "page down",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "f1": "F1",
}


def key_name(key: str) -> str:
    """A key as people call it."""
    return KEY_NAMES.get(key, key)


def markdown_table() -> str:
    """The keys as a Markdown table, for the README."""
    lines = ["| where | keys | what |", "| --- | --- | --- |"]
    for action in ACTIONS:
        keys = " ".join(f"`{key_name(key)}`" for key in action.keys)
        lines.append(f"| {PLACES[action.where]} | {keys} | {action.help} |")
    return "\n".join(lines) + "\n"
