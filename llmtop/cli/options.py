"""Values of options: lengths of time, sizes, addresses, filters, said in a sentence when wrong."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from llmtop import config, setting_values
from llmtop.filter import ELSEWHERE, Filter, FilterError, parse
from llmtop.live.alert_text import parse_budget, parse_rule


class _Value(click.ParamType[Any]):
    """A type of option made from a function that raises ValueError."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a value, or fail with the reason."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except ValueError as error:
            said = str(error)
            self.fail(said if said.endswith("?") else f"{said}.", param, ctx)


def _filter(text: str) -> Filter:
    try:
        return parse(text, ELSEWHERE)
    except FilterError as error:
        raise ValueError(f"{error.message} (at character {error.position + 1})") from error


_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def moment(text: str) -> float:
    """Seconds since the epoch, from `1h` (ago) or a date and perhaps a time."""
    if _DATE.match(text.strip()):
        try:
            return datetime.fromisoformat(text.strip()).timestamp()
        except ValueError as error:
            raise ValueError(
                f"{text!r} is not a date such as 2026-05-01 or 2026-05-01T12:00"
            ) from error
    try:
        return time.time() - setting_values.seconds(text.removesuffix(" ago"))
    except ValueError:
        raise ValueError(f"{text!r} is not a time, such as 1h, 2d or 2026-05-01T12:00") from None


def _listening(text: str) -> tuple[str, int]:
    found = setting_values.address(text)
    if found is None:
        raise ValueError(f"{text!r} is not a port, such as 8127; --no-udp listens to none")
    return found


def _age(text: str) -> float:
    """Seconds; who wants days and leaves out the `d` would lose all but the last seconds."""
    found = setting_values.seconds(text)
    if text.strip()[-1:].isdigit():
        raise ValueError(f"{text} of what? Say it as in {text.strip()}d or {text.strip()}h")
    return found


AGE = _Value("age", _age)
DURATION = _Value("duration", setting_values.seconds)
SIZE = _Value("size", setting_values.size)
ADDRESS = _Value("[host:]port", _listening)
FILTER = _Value("filter", _filter)
MOMENT = _Value("time", moment)
RULE = _Value("rule", parse_rule)
BUDGET = _Value("budget", parse_budget)


def settings(path: str | None) -> config.Settings:
    """The settings; a mistake in them is a mistake in the use of the command."""
    from pathlib import Path

    try:
        return config.load(Path(path) if path is not None else None)
    except config.ConfigError as error:
        raise click.UsageError(str(error)) from error
