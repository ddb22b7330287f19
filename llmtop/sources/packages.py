"""Whether packages that only some users need are there, found out without importing them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable


def are_installed(names: Iterable[str]) -> bool:
    """Whether all of these modules can be imported."""
    return all(_is_installed(name) for name in names)


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False  # not even the package that it would be in
