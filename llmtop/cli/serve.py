"""`llmtop serve`: the monitor without a screen, for programs, Prometheus and CI."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from platform import node
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from llmtop import config, setting_values
from llmtop.cli import options, shared_options
from llmtop.history.prune import Policy
from llmtop.plain_text import plain
from llmtop.sources.listening import tcp_socket, written
from llmtop.sources.local_pages import is_local_name
from llmtop.sources.packages import are_installed
from llmtop.sources.status import SourceError

if TYPE_CHECKING:
    import socket

    from llmtop.alert_actions import AlertActions
    from llmtop.live.alert_rule import Rule
    from llmtop.live.alerts import Change
    from llmtop.pump import Pump

_NEEDED = ("fastapi", "uvicorn", "prometheus_client", "opentelemetry.proto")
MISSING = "The HTTP service needs more packages: pip install 'llmtop-monitor[serve]'."
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
_TAKEN = "Port {} is taken, perhaps by another llmtop; serve with --port {}."


@click.command("serve")
@shared_options.sources
@click.option(
    "--otlp",
    type=options.ADDRESS,
    is_flag=False,
    flag_value=config.DEFAULT_OTLP,
    help="An OTLP port as well; the service's own port takes OTLP in any case.",
)
@click.option("--host", help="Where to serve. Default: 127.0.0.1, this machine alone.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default: 8428; 0 takes a free one.")
@click.option("--token", help="Asked of every request; better set as LLMTOP_TOKEN.")
@click.option("--open", "open_", is_flag=True, help="Serve other machines without a token.")
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", help="A name to be asked under."
)
@click.option("--cors", "origins", multiple=True, metavar="ORIGIN", help="Whose pages may ask.")
@click.option(
    "--record",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write what comes by UDP, OTLP and pipe to daily files in this folder.",
)
@click.option("--keep", type=options.AGE, help="Delete recorded days that are older: 30d.")
@click.option("--max-size", type=options.SIZE, help="Delete the oldest days beyond this: 5GB.")
@click.option("--compress", type=options.AGE, help="Compress recorded days older: 2d.")
@click.option("--mask", is_flag=True, help="Mask personal data and secrets in answers.")
@shared_options.since
@shared_options.limits
@shared_options.alert_rules
@click.option("--access-log", is_flag=True, help="A line a request, without what it asks for.")
@shared_options.config_file
def command(
    paths: tuple[str, ...],
    follow: tuple[str, ...],
    udp: tuple[str, int] | None,
    no_udp: bool,
    otlp: tuple[str, int] | None,
    host: str | None,
    port: int | None,
    token: str | None,
    open_: bool,
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    record: Path | None,
    keep: float | None,
    max_size: int | None,
    compress: float | None,
    mask: bool,
    since: float | None,
    max_calls: int | None,
    max_memory: int | None,
    lost_after: float | None,
    poll: bool,
    alerts: tuple[Rule, ...],
    budgets: tuple[Rule, ...],
    access_log: bool,
    config_: str | None,
) -> None:
    """Serve calls, traces and figures by HTTP: see /docs on the service's port.

    What is read and how is as with `llmtop watch`. On another host than this machine a token is
    asked for, unless --open is given.
    """
    if not are_installed(_NEEDED):
        raise click.UsageError(MISSING)
    settings = options.settings(config_)
    told = settings.serve
    host = host or told.host
    token = token or told.token
    _check_open(host, token, open_)
    if record is None and (keep, max_size, compress) != (None, None, None):
        raise click.UsageError("--keep, --max-size and --compress are for what --record writes.")
    origins = (*told.cors, *origins)
    _check_origins(origins)
    specs = [*paths, *follow] or list(settings.sources.follow)

    from llmtop.cli import assemble

    port = told.port if port is None else port
    try:
        listening = tcp_socket(host, port, taken=_TAKEN.format(port, port + 1))
    except SourceError as error:
        raise click.UsageError(str(error)) from error

    def open_pump(listen: tuple[str, int] | None) -> Pump:
        return assemble.pump(
            specs,
            settings,
            udp=listen,
            udp_required=True,
            otlp=otlp,
            otlp_required=otlp is not None,
            otlp_mounted=True,
            since=since,
            poll=poll,
            record=record,
            max_calls=max_calls,
            max_memory=max_memory,
            lost_after=lost_after,
        )

    default = None if no_udp else setting_values.address(settings.sources.udp)
    with listening:
        pump = open_pump(udp) if udp is not None else _opened(open_pump, default)
        rules = (*settings.rules(), *alerts, *budgets)
        door = {
            "bound": host,
            "token": token,
            "hosts": (*told.allow_hosts, *hosts, *(() if is_local_name(host) else [node()])),
            "origins": origins,
            "access_log": _say if access_log else None,
        }
        _serve(
            pump,
            listening,
            door,
            rules,
            Kept(specs, since, record, Policy(keep, max_size, compress), mask, settings),
        )


class Kept(NamedTuple):
    """What is on disk, for what is older than memory, and how it is shown."""

    specs: list[str]
    since: float | None
    record: Path | None
    policy: Policy
    mask: bool
    settings: config.Settings


def _serve(
    pump: Pump, listening: socket.socket, door: dict[str, Any], rules: Sequence[Rule], kept: Kept
) -> None:
    from llmtop.alert_actions import AlertActions
    from llmtop.cli import prune
    from llmtop.history.masked import masked_row
    from llmtop.pricing import Prices
    from llmtop.serve.app import application
    from llmtop.serve.door import Door
    from llmtop.serve.monitor import Monitor
    from llmtop.serve.retention import Retention
    from llmtop.serve.server import Server
    from llmtop.serve.store import Store
    from llmtop.sources.otlp_routes import otlp_routes

    monitor = Monitor(pump, masked_row) if kept.mask else Monitor(pump)
    actions = AlertActions(_say)
    if rules:
        pump.watch_alerts(rules, lambda change: _tell(change, actions))
    prices = Prices(kept.settings.overrides())
    prices.load_in_background()
    paths = [Path(spec) for spec in kept.specs if spec != "-"]
    store = Store(paths, record=kept.record, since=kept.since, prices=prices)
    receiver = pump.otlp_receiver
    posts = {route.path: route.app for route in otlp_routes(receiver)} if receiver else {}
    app = application(monitor, store, tuple(door["origins"]))
    server = Server(Door(app, posts=posts, **door), monitor.streams.close)
    shown, port = listening.getsockname()[:2]
    address = f"http://{written(shown, port)}"
    retention = None
    if kept.record is not None and kept.policy != Policy():
        retention = Retention(kept.record, kept.policy, lambda deed: _say(prune.told(deed)), _say)
    try:
        _say(f"llmtop serves {address} ({address}/docs tells what); Ctrl+C ends it.")
        for state in monitor.sources():
            _say(f"  {state.label}: {state.state}")
        monitor.start()
        server.run([listening])
    finally:
        monitor.close()
        actions.close()
        if retention is not None:
            retention.close()


def _tell(change: Change, actions: AlertActions) -> None:
    from llmtop.alert_actions import sentence

    _say(f"{'ALERT' if change.fires else 'cleared'}: {sentence(change)}")
    actions.notify(change)


def _opened(
    open_pump: Callable[[tuple[str, int] | None], Pump], default: tuple[str, int] | None
) -> Pump:
    """The pump; where a UDP port nobody asked for is taken, without one."""
    try:
        return open_pump(default)
    except click.UsageError as error:
        if default is None or "UDP" not in error.message.upper():
            raise
        _say(f"{error.message} Serving without it.")
        return open_pump(None)


def _check_open(host: str, token: str | None, open_: bool) -> None:
    if is_local_name(host) or token:
        return
    if not open_:
        raise click.UsageError(
            f"On {host} other machines can ask: give a --token, or --open to serve them without."
        )
    _say(f"WARNING: whoever reaches {host} can read prompts, answers and costs: there is no token.")


def _check_origins(origins: Sequence[str]) -> None:
    """Refuse what no browser calls an origin: it would let nobody in, and nobody would know why."""
    for origin in origins:
        if _ORIGIN.fullmatch(origin) is None:
            raise click.UsageError(
                f"--cors {origin}: an origin is written as https://app.example or "
                "http://localhost:3000, in lower case and without a path; each is to be named."
            )


def _say(line: str) -> None:
    click.echo(plain(line), err=True)
