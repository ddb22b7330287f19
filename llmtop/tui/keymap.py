"""Keys of the user's own: checked at the start, then laid over those of the table."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from llmtop.tui.actions import ACTIONS, Action, identity

_MODIFIERS = {"ctrl", "shift", "alt", "super", "hyper", "meta"}
_NAMED = {
    "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete",
    "tab", "enter", "escape", "space", "backspace",
    *(f"f{number}" for number in range(1, 25)),
    *(key for action in ACTIONS for key in action.keys),
}  # fmt: skip


def check(mapping: Mapping[str, str]) -> list[str]:
    """What is wrong with a keymap, a sentence each; an empty list if nothing is."""
    actions = {identity(action): action for action in ACTIONS}
    problems = []
    for name, keys in mapping.items():
        if name not in actions:
            near = get_close_matches(name, actions, 1)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            problems.append(f"keys: there is no action `{name}`.{hint}")
        problems += [
            f"keys: `{key}` of `{name}` is not a key." for key in _split(keys) if not _is_key(key)
        ]
        if not _split(keys):
            problems.append(f"keys: `{name}` has no key.")
    return problems + _conflicts(mapping, actions)


def _conflicts(mapping: Mapping[str, str], actions: Mapping[str, Action]) -> list[str]:
    taken: dict[tuple[str, str], str] = {}
    problems = []
    for name, action in actions.items():
        keys = _split(mapping[name]) if name in mapping else list(action.keys)
        for key in keys:
            other = taken.setdefault((action.where, key), name)
            if other != name and (name in mapping or other in mapping):
                problems.append(f"keys: `{key}` is given to both `{other}` and `{name}`.")
    return problems


def _split(keys: str) -> list[str]:
    return [key.strip() for key in keys.split(",") if key.strip()]


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    return all(modifier in _MODIFIERS for modifier in modifiers) and (
        (len(last) == 1 and last.isprintable()) or last in _NAMED
    )


def textual_keymap(mapping: Mapping[str, str]) -> dict[str, str]:
    """The keymap as Textual wants it: the other default keys of a changed action fall away."""
    actions = {identity(action): action for action in ACTIONS}
    found = {}
    for name, keys in mapping.items():
        found[name] = ",".join(_split(keys))
        for number in range(1, len(actions[name].keys)):
            found[f"{name}.{number}"] = found[name]
    return found
