"""Linkers by the classes that old code made modes of: each stands for the engine that does its work here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

from tgraph.lowering import python_engine, script_engine
from tgraph.modes import Linker

__all__ = [
    "CLinker",
    "DualLinker",
    "LocalLinker",
    "OpWiseCLinker",
    "PerformLinker",
    "VM_Linker",
    "raise_with_op",
]


class _Compiled(Linker):
    """Runs what is compiled."""

    engine_of: Callable[..., Any] = staticmethod(script_engine.build)

    def __init__(self, *args: Any, allow_gc: bool | None = None, **kwargs: Any) -> None:
        super().__init__(type(self).__name__, type(self).engine_of, allow_gc)
        self.schedule = kwargs.get("schedule")

    def clone(self, allow_gc: bool | None = None) -> Linker:
        return type(self)(allow_gc=self.allow_gc if allow_gc is None else allow_gc)

    def __reduce__(self) -> Any:
        return (_made, (type(self), self.allow_gc))

    def __setstate__(self, state: dict[str, Any]) -> None:
        # old pickles tell how thunks were to be run
        _Compiled.__init__(self, allow_gc=state.get("allow_gc"))


def _made(cls: type[_Compiled], allow_gc: bool) -> _Compiled:
    return cls(allow_gc=allow_gc)


class LocalLinker(_Compiled):
    """Base of the linkers that ran thunks one by one."""


class PerformLinker(LocalLinker):
    """Ran `perform` of each op: the engine of generated Python."""

    engine_of = staticmethod(python_engine.build)


class CLinker(_Compiled):
    """Compiled a graph to C: the compiled engine."""


class OpWiseCLinker(LocalLinker):
    """Compiled each op to C: the compiled engine."""


class DualLinker(_Compiled):
    """Ran C and Python side by side: the compiled engine. DebugMode compares."""


class VM_Linker(LocalLinker):
    """Theano's virtual machine: the compiled engine."""


def raise_with_op(node: Any, thunk: Any = None, exc_info: Any = None, storage_map: Any = None) -> NoReturn:
    """Raise the exception that is being handled, with the node it came from at `__op_instance__`."""
    _, error, trace = exc_info or sys.exc_info()
    error.__op_instance__ = node
    raise error.with_traceback(trace)
