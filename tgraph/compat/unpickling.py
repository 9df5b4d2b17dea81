"""Names that only old pickles ask for: classes of Theano's GPU back ends, and what is refused to programs.

`pickle` imports a module and takes a name from it, and nobody can tell that from a program that looks whether there is
a GPU back end, and must hear that there is none. Python announces the first to audit hooks (`pickle.find_class`): then
a module that is there for that one name stands in `sys.modules`, and goes when it has been asked.
"""

from __future__ import annotations

import importlib
import sys
import threading
from types import ModuleType
from typing import Any

from tgraph.compat.names import names

__all__ = ["unwatch", "watch"]

ROOT = "theano"
#: below these modules stood what ran on a GPU
GPU_MODULES = ("theano.sandbox.cuda", "theano.sandbox.gpuarray", "theano.gpuarray")
THINGS = "tgraph.compat.shims.old_things"

_lock = threading.RLock()
_watching: list[bool] = []  # one element for the one hook: hooks cannot be taken out again


class Passing(ModuleType):
    """A module with names for the questions that are open; what stood in its place returns with the last answer."""

    def __init__(self, module: str) -> None:
        super().__init__(module)
        try:
            before = importlib.import_module(module)
        except ImportError:
            before = None
        self.__dict__.update(_before=before, _open=[])

    def __getattr__(self, name: str) -> Any:
        before, waiting = self.__dict__["_before"], self.__dict__["_open"]
        if name not in waiting:
            return getattr(before, name)  # another thread looks at the module that this one hides
        with _lock:
            waiting.remove(name)
            if not waiting and sys.modules.get(self.__name__) is self:
                if before is None:
                    del sys.modules[self.__name__]
                else:
                    sys.modules[self.__name__] = before
        return _stand_in(self.__name__, name, before)


def _pass(module: str, name: str) -> None:
    """Let a module have a name for one question."""
    with _lock:
        there = sys.modules.get(module)
        passing = there if isinstance(there, Passing) else Passing(module)
        passing.__dict__["_open"].append(name)
        sys.modules[module] = passing


def watch() -> None:
    """From now on old pickles find what they ask for."""
    if not _watching:
        _watching.append(True)
        sys.addaudithook(_heard)
    _watching[0] = True


def unwatch() -> None:
    """Undo `watch`."""
    if _watching:
        _watching[0] = False


def _heard(event: str, arguments: tuple) -> None:
    if event != "pickle.find_class" or not _watching[0]:
        return
    module, name = arguments
    if not isinstance(module, str) or module.partition(".")[0] != ROOT:
        return
    first = name.partition(".")[0]
    there = sys.modules.get(module)
    before = there.__dict__["_before"] if isinstance(there, Passing) else there
    if _stand_in(module, first, before) is not None:
        _pass(module, first)


def _stand_in(module: str, name: str, before: Any) -> Any:
    """What a pickle gets for a name that programs do not get; None where they get it, from the module ``before``."""
    things = importlib.import_module(THINGS)
    if module.startswith(GPU_MODULES) and name in things.ON_GPU:
        return things.ON_GPU[name]
    full = f"{module}.{name}"
    if full in things.RENAMED:
        return things.RENAMED[full]
    table = names()
    line = table.things.get(full)
    if (line is not None and line.status == "works") or full in table.modules:
        return None
    where = table.modules.get(module)
    if where is None or where.status != "works" or where.target or line is None:
        # not a line of the table: it may be there all the same
        try:
            if hasattr(before or importlib.import_module(module), name):
                return None
        except ImportError:
            pass
    return things.remnant(module, name)
