"""What commands on stored logs are asked for: paths and a filter, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from llmtop.cli import options, shared_options
from llmtop.cli.piped_logs import piped_log
from llmtop.filter import Filter, FilterError
from llmtop.history.stored_filter import StoredFilter
from llmtop.sources.status import SourceError


class Filtered(click.Command):
    """A command whose filter may begin with a minus: `-status:ok` is a term, not an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Turn terms that look like options into ones that do not."""
        told: list[str] = []
        names = [name for each in self.get_params(ctx) for name in each.opts]
        letters = {name[1:2] for name in names if name.startswith("-")}
        for argument in args:
            word = argument[1:2].isalpha() and argument[1:2] not in letters
            if argument[:1] == "-" and argument[1:2] != "-" and (word or ":" in argument):
                told += ["not", argument[1:]]
            else:
                told.append(argument)
        return super().parse_args(ctx, told)


def paths_and_filter(arguments: Sequence[str]) -> tuple[tuple[Path, ...], Filter | None]:
    """The first arguments are paths, as long as there are such files; the rest is the filter.

    `-` among the paths is standard input, which is read here.
    """
    paths: list[Path] = []
    piped: Path | None = None
    words: list[str] = []
    for argument in arguments:
        if not argument.strip():
            continue  # a filter that a script left empty
        if argument == "-" and not words:
            piped = piped or piped_log(click.get_current_context())
            continue
        path = Path(argument).expanduser()
        if not words and (not (paths or piped) or _is_there(path)):
            _check(path)
            paths.append(path)
        elif "/" in argument and ":" not in argument and not words:
            _check(path)
        else:
            words.append(argument)
    if piped is not None:
        paths.append(piped)
    if not paths:
        raise click.UsageError("Say which logs: a file or a folder.")
    return tuple(paths), _filter(" ".join(words)) if words else None


def existing(arguments: Sequence[str]) -> tuple[Path, ...]:
    """Arguments that are paths of what is there, all of them."""
    paths = tuple(Path(argument).expanduser() for argument in arguments)
    for path in paths:
        _check(path)
    return paths


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _check(path: Path) -> None:
    from llmtop.sources.open import check

    try:
        check(path)
    except SourceError as error:
        raise click.UsageError(str(error)) from error


def _filter(text: str) -> Filter:
    try:
        return StoredFilter(text)
    except FilterError as error:
        raise click.UsageError(
            f"The filter `{text}`: {error.message} (at character {error.position + 1})."
        ) from error


def _in_order(
    context: click.Context, parameter: click.Parameter, value: float | None
) -> float | None:
    """Refuse a range that is none, once both ends of it are known."""
    told = {**context.params, parameter.name: value}
    since, until = told.get("since"), told.get("until")
    if since is not None and until is not None and since > until:
        raise click.UsageError("--since lies after --until.")
    return value


ranged = shared_options.together(
    click.argument("arguments", nargs=-1, required=True, metavar="PATH... [FILTER...]"),
    click.option(
        "--since",
        type=options.MOMENT,
        callback=_in_order,
        help="Begun since then: 2h, 3d, 2026-05-01.",
    ),
    click.option(
        "--until", type=options.MOMENT, callback=_in_order, help="Begun until then, likewise."
    ),
    click.option("--mask", is_flag=True, help="Mask personal data and secrets."),
    shared_options.config_file,
)
"""Which calls are meant, and how shown: `arguments`, `since`, `until`, `mask`, `config_`."""
