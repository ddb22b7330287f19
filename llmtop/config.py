"""Settings: defaults, then the file, then the environment, then the command line."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct, ValidationError, convert, structs

from llmtop.decode.generic_fields import FIELDS, is_field
from llmtop.filter import ELSEWHERE
from llmtop.filter import parse as parse_filter
from llmtop.live.alert_rule import Rule
from llmtop.live.alert_text import RuleError, parse_budget, parse_rule, with_clauses
from llmtop.live.view import WINDOWS
from llmtop.pricing import Override
from llmtop.setting_values import address, seconds, size

DEFAULT_UDP = "127.0.0.1:8127"
DEFAULT_OTLP = "127.0.0.1:4318"


class ConfigError(Exception):
    """A mistake in the settings, said in a sentence that names the place."""


Dollars = Annotated[float, Meta(ge=0)]
Port = Annotated[int, Meta(ge=0, le=65535)]


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """`[prices."model"]`: US dollars per million tokens."""

    input: Dollars
    output: Dollars
    cache_read: Dollars | None = None
    cache_write: Dollars | None = None
    provider: str | None = None


class View(Struct, frozen=True, forbid_unknown_fields=True):
    """`[view]`: how the screen begins."""

    window: str = "5m"
    """`1m`, `5m`, `15m`, `1h` or `all`."""
    theme: str | None = None
    """A theme of the palette; by default one that suits the terminal."""
    time_format: str = "local"
    """`relative`, `local` or `utc`."""
    refresh_hz: float = 10.0
    """Redraws a second at most."""
    filter: str = ""
    """A filter that is on from the start."""


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """`[limits]`: what is kept."""

    max_calls: int = 200_000
    """Spans that are kept in detail; totals are complete whatever it is."""
    max_memory: str | None = None
    """About as much memory for spans, such as `500MB`."""
    lost_after: str = "10m"
    """A call in flight for longer is shown as lost."""


class Sources(Struct, frozen=True, forbid_unknown_fields=True):
    """`[sources]`: what is followed when the command line names nothing."""

    follow: list[str] = []
    udp: str = DEFAULT_UDP
    """`[HOST:]PORT`, or `off`."""
    otlp: str = "off"
    """`[HOST:]PORT` to take OpenTelemetry spans at, or `off`."""
    poll: bool = False
    """Look for changes by polling: for network mounts."""


class AlertSetting(Struct, frozen=True, forbid_unknown_fields=True, rename={"hold": "for"}):
    """`[[alert]]`: a rule that is watched, and what is done when it fires or clears."""

    when: str | None = None
    """Such as `error_rate > 5%`, `p95 > 10s`, `cost > $5 per 1h`."""
    budget: str | None = None
    """Instead of `when`: such as `$20 per day`."""
    name: str | None = None
    over: str | None = None
    """How far back it looks: 5m by default."""
    hold: str | None = None
    """`for`: how long the figure must be beyond the limit."""
    filter: str | None = None
    per: str | None = None
    """`model`, `user` or `session`: each one by itself."""
    at_least: int | None = None
    """Calls without which the figure says nothing."""
    command: str | None = None
    """Run by the shell; what happened is told by `LLMTOP_ALERT_*` and as JSON on its input."""
    url: str | None = None
    """Gets what happened as a JSON POST."""

    def rule(self) -> Rule:
        """The rule. Raises RuleError."""
        if (self.when is None) == (self.budget is None):
            raise RuleError("an alert has either `when` or `budget`")
        if self.when is not None:
            rule = parse_rule(self.when, self.name)
        else:
            rule = parse_budget(str(self.budget), self.name)
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            raise RuleError(f"a URL begins with http:// or https://, not as `{self.url}`")
        told = {"over": self.over, "for": self.hold, "where": self.filter, "per": self.per}
        least = None if self.at_least is None else str(self.at_least)
        rule = with_clauses(rule, {**told, "min": least})
        return structs.replace(rule, command=self.command, url=self.url)


class Serve(Struct, frozen=True, forbid_unknown_fields=True):
    """`[serve]`: the HTTP service."""

    host: str = "127.0.0.1"
    port: Port = 8428
    token: str | None = None
    """Asked of every request; needed when `host` is not this machine alone."""
    allow_hosts: list[str] = []
    """Names, beside this machine's addresses, under which the service may be asked for."""
    cors: list[str] = []
    """Origins whose pages may ask, such as `https://grafana.example`."""


class Formats(Struct, frozen=True, forbid_unknown_fields=True):
    """`[formats]`: how logs are understood that no format's own names tell."""

    generic: dict[str, str | list[str]] = {}
    """`[formats.generic]`: a field of a call, and the path of its values, or several to try."""

    def mapped(self) -> dict[str, tuple[str, ...]]:
        """For each field the paths to try."""
        return {
            field: (paths,) if isinstance(paths, str) else tuple(paths)
            for field, paths in self.generic.items()
        }


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """All settings."""

    view: View = View()
    limits: Limits = Limits()
    sources: Sources = Sources()
    keys: dict[str, str] = {}
    """`[keys]`: an action's name and the keys for it, separated by commas."""
    prices: dict[str, Price] = {}
    alert: list[AlertSetting] = []
    serve: Serve = Serve()
    formats: Formats = Formats()

    def rules(self) -> tuple[Rule, ...]:
        """The rules of `[[alert]]`."""
        return tuple(each.rule() for each in self.alert)

    def overrides(self) -> tuple[Override, ...]:
        """The user's own prices."""
        return tuple(
            Override(
                model, each.input, each.output, each.cache_read, each.cache_write, each.provider
            )
            for model, each in self.prices.items()
        )


_ENVIRONMENT = {
    "LLMTOP_WINDOW": ("view", "window", str),
    "LLMTOP_THEME": ("view", "theme", str),
    "LLMTOP_TIME_FORMAT": ("view", "time_format", str),
    "LLMTOP_UDP": ("sources", "udp", str),
    "LLMTOP_OTLP": ("sources", "otlp", str),
    "LLMTOP_MAX_CALLS": ("limits", "max_calls", int),
    "LLMTOP_MAX_MEMORY": ("limits", "max_memory", str),
    "LLMTOP_LOST_AFTER": ("limits", "lost_after", str),
    "LLMTOP_TOKEN": ("serve", "token", str),
}


def default_path(environment: Mapping[str, str]) -> Path:
    """Where the file is looked for: `$XDG_CONFIG_HOME/llmtop/config.toml`."""
    base = environment.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "llmtop" / "config.toml"


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; `path` must exist if it is given. Raises ConfigError."""
    environment = os.environ if environment is None else environment
    told: dict[str, Any] = {}
    named = path or (Path(environment["LLMTOP_CONFIG"]) if "LLMTOP_CONFIG" in environment else None)
    file = named or default_path(environment)
    if named is not None or file.is_file():
        told = _read(file)
    _add_environment(told, environment)
    try:
        settings = convert(told, Settings, strict=False)
    except ValidationError as error:
        raise ConfigError(_sentence(file, str(error))) from error
    _check(settings, file)
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}.") from error


def _add_environment(told: dict[str, Any], environment: Mapping[str, str]) -> None:
    for name, (section, key, kind) in _ENVIRONMENT.items():
        if environment.get(name):
            try:
                value = kind(environment[name])
            except ValueError:
                raise ConfigError(f"{name} must be a number, not {environment[name]!r}.") from None
            told.setdefault(section, {})
            if isinstance(told[section], dict):
                told[section][key] = value


_UNKNOWN = re.compile(r"Object contains unknown field `(\w+)`(?: - at `\$\.?(.*)`)?")
_SECTIONS: Mapping[str, type[Struct]] = {
    "view": View,
    "limits": Limits,
    "sources": Sources,
    "serve": Serve,
    "formats": Formats,
}


def _sentence(file: Path, message: str) -> str:
    unknown = _UNKNOWN.match(message)
    if unknown is None:
        what, _, where = message.partition(" - at ")
        place = where.strip("`").removeprefix("$.") or "the file"
        return f"{file}: {place}: {what[0].lower()}{what[1:]}."
    key, section = unknown.group(1), unknown.group(2) or ""
    kinds = {"prices": Price, "alert": AlertSetting}
    known = _SECTIONS.get(section, kinds.get(re.split(r"\W", section)[0], Settings))
    nearest = get_close_matches(key, known.__struct_fields__, n=1)
    place = f"[{section}]" if section else "the file"
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    return f"{file}: {place} has no setting {key}.{hint}"


def _check(settings: Settings, file: Path) -> None:
    if settings.view.window not in WINDOWS:
        names = ", ".join(WINDOWS)
        raise ConfigError(f"{file}: view.window is one of {names}, not {settings.view.window}.")
    if settings.view.time_format not in {"relative", "local", "utc"}:
        raise ConfigError(f"{file}: view.time_format is relative, local or utc.")
    if not 0.2 <= settings.view.refresh_hz <= 30:
        raise ConfigError(f"{file}: view.refresh_hz is between 0.2 and 30.")
    if settings.limits.max_calls < 1:
        raise ConfigError(f"{file}: limits.max_calls is at least 1.")
    for field in settings.formats.generic:
        if not is_field(field):
            nearest = get_close_matches(field, FIELDS, n=1)
            hint = f" Did you mean {nearest[0]}?" if nearest else ""
            raise ConfigError(f"{file}: [formats.generic] has no field {field}.{hint}")
    for number, each in enumerate(settings.alert, 1):
        try:
            each.rule()
        except RuleError as error:
            raise ConfigError(f"{file}: alert {number}: {_ended(error)}") from error
    for name, parse, value in (
        ("view.filter", _screen_filter, settings.view.filter),
        ("limits.lost_after", seconds, settings.limits.lost_after),
        ("limits.max_memory", size, settings.limits.max_memory or "1"),
        ("sources.udp", address, settings.sources.udp),
        ("sources.otlp", address, settings.sources.otlp),
    ):
        try:
            parse(value)
        except ValueError as error:
            raise ConfigError(f"{file}: {name}: {_ended(error)}") from error


def _screen_filter(text: str) -> None:
    parse_filter(text, ELSEWHERE)


def _ended(error: Exception) -> str:
    said = str(error)
    return said if said.endswith("?") else f"{said}."
