"""Instruments one client, or every client of the libraries that are imported and that will be."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, TypeVar, overload

from llmtop.emit.client import instrument_client, uninstrument_client, wrappers
from llmtop.emit.emitter import current, failed, is_off
from llmtop.emit.log_handler import unwatch_loggers, watch_loggers

C = TypeVar("C")

_PLACE = "._base_client"
"""Where libraries of the make of OpenAI's and Anthropic's have the class of all clients."""
_CLASSES = ("SyncAPIClient", "AsyncAPIClient")
_METHODS = ("request", "_process_response")
_patched: dict[type, tuple[Any, Any]] = {}


@overload
def instrument(client: None = None, *, include_usage: bool | None = None) -> None: ...


@overload
def instrument(client: C, *, include_usage: bool | None = None) -> C: ...


def instrument(client: C | None = None, *, include_usage: bool | None = None) -> C | None:
    """Have the calls of a client seen, and return it; without one, those of all clients.

    `include_usage` says whether streams are asked for their usage; by default (`None`) those of
    servers that are known to take that. Without a client, entries of `logging` that bear an
    `llm_log` are seen as well.
    """
    if client is not None:
        return instrument_client(client, include_usage=include_usage)
    if is_off():
        return None
    try:
        if include_usage is not None:
            current().include_usage = include_usage
        for name, module in list(sys.modules.items()):
            if name.endswith(_PLACE) and module is not None:
                patch(module)
        if _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)
        watch_loggers()
    except Exception as error:
        failed(error)
    return None


@overload
def uninstrument(client: None = None) -> None: ...


@overload
def uninstrument(client: C) -> C: ...


def uninstrument(client: C | None = None) -> C | None:
    """Undo `instrument`."""
    if client is not None:
        return uninstrument_client(client)
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for kind, originals in _patched.items():
        for name, original in zip(_METHODS, originals, strict=True):
            setattr(kind, name, original)
    _patched.clear()
    unwatch_loggers()
    return None


def patch(module: ModuleType) -> None:
    """Patch the base classes of all clients of a library."""
    try:
        for name in _CLASSES:
            kind = getattr(module, name, None)
            if not isinstance(kind, type) or kind in _patched:
                continue
            originals = (kind.__dict__["request"], kind.__dict__["_process_response"])
            watched = wrappers(*originals)
            for method, wrapper in zip(_METHODS, watched, strict=True):
                setattr(kind, method, wrapper)
            _patched[kind] = originals
    except Exception as error:  # a library that is built otherwise than it used to be
        failed(error)


class _Finder(importlib.abc.MetaPathFinder):
    """Patches a library when the program imports it."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.endswith(_PLACE):
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _PatchingLoader(spec.loader)
                return spec
        return None


class _PatchingLoader(importlib.abc.Loader):
    """Loads a module as its own loader does, and patches it then."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        # The module is to find its own loader, as if nobody had been between.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        patch(module)


_finder = _Finder()
