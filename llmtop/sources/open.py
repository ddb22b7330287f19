"""All sources as one: opened from what the user asked for, polled in turn, read back by place."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from llmtop.sources.chunk import CHUNK_BYTES, Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.file_set import FileSet
from llmtop.sources.notifier import Notifier
from llmtop.sources.otlp_http import OtlpPort, label
from llmtop.sources.otlp_receiver import Receiver
from llmtop.sources.recorder import Recorder
from llmtop.sources.spool import Spool
from llmtop.sources.standard_input import StandardInput
from llmtop.sources.status import SourceError, SourceStatus
from llmtop.sources.udp_socket import UdpSocket

_BUSY_S = 0.05
_IDLE_S = 0.2


class Sources:
    """What is followed; nothing in here raises once it is open."""

    def __init__(
        self,
        specs: Sequence[str] = (),
        *,
        follow: bool = True,
        udp: tuple[str, int] | None = None,
        udp_required: bool = False,
        otlp: tuple[str, int] | None = None,
        otlp_required: bool = False,
        otlp_mounted: bool = False,
        tail: int | None = None,
        since: float | None = None,
        poll: bool = False,
        recorder: Recorder | None = None,
        stdin: int | None = None,
    ) -> None:
        paths = [Path(spec) for spec in specs if spec != "-"]
        for path in paths:
            check(path)
        self.chunk_index = ChunkIndex()
        self._statuses: list[SourceStatus] = []
        self._spool = Spool(recorder=recorder)
        self.udp: UdpSocket | None = None
        self.receiver: Receiver | None = None
        """What takes OTLP requests: of the port, or of a server that mounts `otlp_routes`."""
        self._otlp: OtlpPort | None = None
        self._stdin: StandardInput | None = None
        self._files: FileSet | None = None
        if udp is not None:
            self.udp = UdpSocket(
                *udp, self.chunk_index, len(self._statuses), self._spool, required=udp_required
            )
            self._statuses.append(self.udp.status)
        if otlp is not None or otlp_mounted:
            name = label(*otlp) if otlp is not None else "otlp"
            self.receiver = Receiver(name, self.chunk_index, len(self._statuses), self._spool)
            self._statuses.append(self.receiver.status)
            if otlp is not None:
                self._otlp = self._open_otlp(otlp, self.receiver, required=otlp_required)
        if recorder is not None:
            self._statuses.append(recorder.status)
        if "-" in specs:
            self._stdin = StandardInput(
                self.chunk_index, len(self._statuses), self._spool, stdin, to_end=not follow
            )
            self._statuses.append(self._stdin.status)
        if paths:
            self._files = FileSet(
                paths,
                self.chunk_index,
                self._statuses,
                follow=follow,
                tail_lines=tail,
                since=since,
                notifier=Notifier(paths, poll=poll) if follow else None,
            )
        self._folders = [path for path in paths if path.is_dir()]

    def _open_otlp(
        self, address: tuple[str, int], receiver: Receiver, *, required: bool
    ) -> OtlpPort:
        try:
            return OtlpPort(*address, receiver, required=required)
        except SourceError:
            self.close()
            raise

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """At most about `budget` bytes of what waits."""
        found: list[Chunk] = []
        if self.udp is not None:
            found.extend(self.udp.poll(now, budget))
        if self.receiver is not None:
            found.extend(self.receiver.poll(now, budget))
        if self._stdin is not None:
            found.extend(self._stdin.poll(now, budget))
        if self._files is not None:
            found.extend(self._files.poll(now, budget))
        return found

    def pending(self) -> bool:
        """Whether more waits to be read at once."""
        return (
            (self.udp is not None and self.udp.pending())
            or (self.receiver is not None and self.receiver.pending())
            or (self._stdin is not None and self._stdin.pending())
            or (self._files is not None and self._files.pending())
        )

    @property
    def open_ended(self) -> bool:
        """Whether standard input may still give something, for commands that read to the end."""
        return self._stdin is not None and not self._stdin.ended

    def progress(self) -> tuple[int, int]:
        """Bytes read and bytes there are."""
        return (
            sum(status.bytes_read for status in self._statuses),
            sum(max(status.bytes_total, status.bytes_read) for status in self._statuses),
        )

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that are looked through for files."""
        return tuple(str(folder) for folder in self._folders)

    @property
    def udp_port(self) -> int | None:
        """The port that is listened on, also where the system chose it."""
        return self.udp.port if self.udp is not None else None

    @property
    def otlp_port(self) -> int | None:
        """The port that takes OTLP requests, also where the system chose it."""
        return self._otlp.port if self._otlp is not None else None

    def states(self) -> Sequence[SourceStatus]:
        """One state a source, by the number its chunks bear."""
        return self._statuses

    def read(self, place: int) -> bytes | None:
        """The record of a place, or `None` when it is gone."""
        return self.chunk_index.read(place)

    def interval(self, now: float) -> float:
        """Seconds until a poll is worthwhile."""
        if self._files is not None and self._files.is_active(now):
            return _BUSY_S
        sent_to = self.udp is not None or self.receiver is not None or self._stdin is not None
        return _BUSY_S if sent_to else _IDLE_S

    def last(self, now: float) -> list[Chunk]:
        """Take nothing more from senders, and give what was taken from them and not polled yet."""
        self._stop_listening()
        found: list[Chunk] = []
        for sent_to in (self.udp, self.receiver):
            while sent_to is not None and sent_to.pending():
                found.extend(sent_to.poll(now, CHUNK_BYTES))
        return found

    def _stop_listening(self) -> None:
        if self.udp is not None:
            self.udp.close()
        if self._otlp is not None:
            self._otlp.close()
        elif self.receiver is not None:
            self.receiver.refuse_more()

    def close(self) -> None:
        """Let go of files, sockets and threads."""
        self._stop_listening()
        if self._stdin is not None:
            self._stdin.close()
        if self._files is not None:
            self._files.close()
        self._spool.close()


def check(path: Path) -> None:
    """Say what is wrong with a path before anything is opened. Raises SourceError."""
    try:
        there = path.exists()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    if there and not (path.is_file() or path.is_dir()):
        raise SourceError(
            f"{path} is neither a file nor a folder; a pipe is read from standard input, with `-`."
        )
    if there:
        return
    parent = path.parent
    nearest: list[str] = []
    if parent.is_dir():
        try:
            nearest = get_close_matches(path.name, [each.name for each in parent.iterdir()], n=1)
        except OSError:
            nearest = []
    hint = f" Did you mean {parent / nearest[0]}?" if nearest else ""
    raise SourceError(f"There is no file or folder {path}.{hint}")
