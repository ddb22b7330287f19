"""Listening: addresses as people write them, sockets for connections, and why there is none."""

from __future__ import annotations

import errno
import socket

from llmtop.sources.status import SourceError

_BACKLOG = 512


def written(host: str, port: int) -> str:
    """An address as it stands in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def tcp_socket(host: str, port: int, *, taken: str) -> socket.socket:
    """A socket that listens. Raises SourceError; `taken` is its sentence for a port in use."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
        try:
            # The port of a program that just ended is free again at once.
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
            found.listen(_BACKLOG)
        except OSError:
            found.close()
            raise
    except OSError as error:
        raise SourceError(reason(host, f"Port {port}", error, taken=taken)) from error
    return found


def reason(host: str, port: str, error: OSError, *, taken: str) -> str:
    """Why a port, as it is called at the start of a sentence, cannot be listened on."""
    if isinstance(error, socket.gaierror):
        return f"There is no host named {host}."
    if error.errno == errno.EADDRINUSE:
        return taken
    return f"{port} cannot be listened on: {error.strerror or error}."
