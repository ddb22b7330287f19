"""Where a page ended: a place in an order that calls which arrive meanwhile do not shift."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from math import isfinite
from typing import NamedTuple

from starlette.exceptions import HTTPException


class Cursor(NamedTuple):
    """The last thing on a page: its moment (seconds since the epoch) and its id."""

    moment: float
    name: str

    def written(self) -> str:
        """As it stands in an address."""
        text = f"{self.moment!r} {self.name}".encode("utf-8", "surrogatepass")
        return urlsafe_b64encode(text).rstrip(b"=").decode()


def read(text: str | None) -> Cursor | None:
    """The cursor of a request, if it has one; one that nobody gave is refused."""
    if text is None:
        return None
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        moment, _, name = urlsafe_b64decode(padded).decode("utf-8", "surrogatepass").partition(" ")
        found = Cursor(float(moment), name)
    except (ValueError, binascii.Error):
        found = None
    if found is None or not isfinite(found.moment):
        raise HTTPException(422, "The cursor is not one that an answer gave as `next`.")
    return found
