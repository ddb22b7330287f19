"""Found first by an interpreter that `llmtop run` starts: instruments, then gives way to others.

The interpreter may be of another environment than llmtop's, which then lends it nothing but itself.
"""

import importlib.machinery
import importlib.util
import os
import sys


def _give_way(here: str) -> None:
    """Run the environment's own `sitecustomize`, which this one is found before."""
    others = [path for path in sys.path if os.path.abspath(path or ".") != here]
    sys.path[:] = others
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


def _instrument(here: str) -> None:
    if sys.hexversion < 0x030B0000:
        sys.stderr.write("llmtop: Python 3.11 or newer is needed to see this program's calls.\n")
        return
    if importlib.util.find_spec("llmtop") is None:
        folder = os.path.dirname(here)
        spec = importlib.util.spec_from_file_location(
            "llmtop", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
        )
        if spec is None or spec.loader is None:
            return
        module = importlib.util.module_from_spec(spec)
        sys.modules["llmtop"] = module
        spec.loader.exec_module(module)
    from llmtop.emit.instrument import instrument

    instrument()


_here = os.path.dirname(os.path.abspath(__file__))
try:
    _give_way(_here)
finally:
    try:
        _instrument(_here)
    except Exception as error:
        sys.stderr.write("llmtop: this program's calls are not seen: %s\n" % error)
