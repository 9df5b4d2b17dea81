"""What Python and numpy dropped, put back for old programs run by `tgraph run --numpy-shims`.

Modules that are gone are found by a finder at the end of `sys.meta_path`, so that a real one always comes
first. Names that are gone from a module are added when the program loads that module. Nothing that exists is
replaced.
"""

from __future__ import annotations

import collections
import collections.abc
import fractions
import importlib
import importlib.util
import inspect
import math
import sys
import time
from collections import namedtuple
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["add", "remove"]

# A module that is gone -> the one that stands in for it.
MODULES = {
    "cPickle": "tgraph.compat.shims.old_pickles",
    "cStringIO": "io",
    "StringIO": "io",
    "imp": "tgraph.compat.shims.imp_names",
    "numpy.core.umath_tests": "numpy._core._umath_tests",
    "pkg_resources": "tgraph.compat.shims.package_names",
    "scipy.misc": "tgraph.compat.shims.scipy_misc",
    # Theano required six, so its users imported it too; it is no longer there unless something else needs it.
    "six": "tgraph.compat.shims.six_names",
    "six.moves": "tgraph.compat.shims.six_moves",
    "six.moves.builtins": "builtins",
    "six.moves.configparser": "configparser",
    "six.moves.cPickle": "tgraph.compat.shims.old_pickles",
    "six.moves.queue": "queue",
    "six.moves.urllib": "urllib",
    "six.moves.urllib.error": "urllib.error",
    "six.moves.urllib.parse": "urllib.parse",
    "six.moves.urllib.request": "urllib.request",
}
PACKAGES = {"six", "six.moves", "six.moves.urllib"}
# A module -> what adds the names it lost, run when the module has been loaded.
LATE = {
    "numpy": ("tgraph.compat.shims.numpy_names", "add_missing"),
    "numpy.random": ("tgraph.compat.shims.numpy_names", "add_missing_random"),
    "scipy.misc": ("tgraph.compat.shims.scipy_misc", "add_missing"),
    "scipy.signal": ("tgraph.compat.shims.scipy_misc", "add_windows"),
}

ArgSpec = namedtuple("ArgSpec", "args varargs keywords defaults")


def getargspec(func: Callable) -> ArgSpec:
    """Names and defaults of a function without keyword-only arguments; ValueError for others."""
    spec = inspect.getfullargspec(func)
    if spec.kwonlyargs:
        raise ValueError("the function has keyword-only arguments: use inspect.signature")
    return ArgSpec(spec.args, spec.varargs, spec.varkw, spec.defaults)


def _names() -> list[tuple[ModuleType, str, Any]]:
    abcs = [(collections, name, getattr(collections.abc, name)) for name in collections.abc.__all__]
    return [
        *abcs,
        (inspect, "getargspec", getargspec),
        (inspect, "ArgSpec", ArgSpec),
        (time, "clock", time.process_time),
        (fractions, "gcd", math.gcd),
    ]


class GoneModules(MetaPathFinder, Loader):
    """Finds modules that no longer exist under their old names."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in MODULES or (fullname.startswith("six.") and not self.is_from_here("six")):
            return None  # the real six finds its own parts, by a finder that stands behind this one
        return ModuleSpec(fullname, self, is_package=fullname in PACKAGES)

    def is_from_here(self, name: str) -> bool:
        """Whether the module that is loaded under this name is a stand-in."""
        return getattr(getattr(sys.modules.get(name), "__spec__", None), "loader", None) is self

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        there = importlib.import_module(MODULES[spec.name])
        module = ModuleType(spec.name, there.__doc__)
        # a copy of the names, so that the module that stands in keeps its own name and spec
        module.__dict__.update((k, v) for k, v in vars(there).items() if not k.startswith("__"))
        return module

    def exec_module(self, module: ModuleType) -> None:
        pass


class LateNames(MetaPathFinder):
    """Lets the real finder find a module of `LATE`, and adds its lost names once it has run."""

    def __init__(self) -> None:
        self.busy: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in LATE or fullname in self.busy:
            return None
        self.busy.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self.busy.discard(fullname)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            _add_late(fullname, module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _add_late(name: str, module: ModuleType) -> None:
    where, function = LATE[name]
    getattr(importlib.import_module(where), function)(module)


GONE, LATER = GoneModules(), LateNames()
_added: list[tuple[ModuleType, str]] = []


def add() -> None:
    """Put everything back, in modules that are loaded at once and in the others when they are."""
    if GONE in sys.meta_path:
        return
    sys.meta_path.insert(0, LATER)
    sys.meta_path.append(GONE)
    for module, name, value in _names():
        if name not in vars(module):
            setattr(module, name, value)
            _added.append((module, name))
    for name in LATE:
        if name in sys.modules:
            _add_late(name, sys.modules[name])


def remove() -> None:
    """Take the finders and the names in the standard library away again; numpy keeps its additions."""
    for finder in (GONE, LATER):
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
    for module, name in _added:
        delattr(module, name)
    _added.clear()
    for name in [name for name in MODULES if GONE.is_from_here(name)]:
        del sys.modules[name]
