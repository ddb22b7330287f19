"""Who may send from a browser: pages of this machine, under this machine's own names."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_local_name(host: str) -> bool:
    """Whether a host's name always means this machine: `localhost`, 127.0.0.1, ::1."""
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_local_origin(origin: str) -> bool:
    """Whether a page's origin is a page of this machine."""
    try:
        parts = urlsplit(origin)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and host is not None and is_local_name(host)


def is_host_allowed(header: str | None, bound: str) -> bool:
    """Whether a Host header names what is listened on.

    A page can make its own name mean 127.0.0.1, but not change the name in this header. A port
    that was opened to other machines answers to every name that they have for it.
    """
    if not is_local_name(bound):
        return True
    if header is None:
        return False
    try:
        host = urlsplit(f"//{header}").hostname
    except ValueError:
        return False
    return host is not None and is_local_name(host)
