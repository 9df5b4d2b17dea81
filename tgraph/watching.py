"""Modes that look at every node while a function runs: MonitorMode, NanGuardMode (and DebugMode, which stands next
to this). Slow, for finding faults."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.graph import Apply, Variable
from tgraph.lowering import interpret
from tgraph.lowering.failures import birth, tree
from tgraph.lowering.to_fx import Program
from tgraph.modes import Linker, Mode, mode_classes
from tgraph.values import to_numpy

_logger = logging.getLogger(__name__)


class WatchingLinker(Linker):
    """The interpreter, with the methods ``before``, ``after`` and ``inputs`` of a mode called as it goes."""

    def __init__(self, mode: Any, name: str):
        super().__init__(name, interpret.build)
        self.mode = mode

    def build(self, program: Program) -> Callable[..., tuple]:
        """The program, watched."""
        mode = self.mode
        run = interpret.build(program, *mode.watchers(program))

        def watched(*values: Any) -> tuple:
            for variable, value in zip(program.inputs, values, strict=True):
                mode.check_input(variable, value)
            with mode.watching():
                return run(*values)

        return watched

    def clone(self, allow_gc: bool | None = None) -> Linker:
        """The same linker: it has nothing to set."""
        return self

    def __reduce__(self) -> Any:
        return (WatchingLinker, (None, self.name))


class WatchingMode(Mode):
    """What the modes below share. ``settings`` are the keywords that a copy is made with."""

    def __init__(self, optimizer: Any = "default", linker: Any = None, **settings: Any):
        self.settings = settings
        super().__init__(WatchingLinker(self, type(self).__name__), optimizer)

    def __getstate__(self) -> Any:
        return (self.provided_optimizer, self.settings)

    def __setstate__(self, state: Any) -> None:
        if isinstance(state[1], dict):  # from a pickle
            type(self).__init__(self, optimizer=state[0], **state[1])
        else:
            super().__setstate__(state)

    def clone(self, link_kwargs: dict | None = None, optimizer: Any = "", **kwargs: Any) -> Any:
        """A copy, possibly with another optimizer."""
        return type(self)(
            optimizer=self.provided_optimizer if optimizer == "" else optimizer, **self.settings
        )

    def watchers(self, program: Program) -> tuple[Any, Any]:
        """What is called after and before each node of a function."""
        return self.after, self.before

    def watching(self) -> AbstractContextManager[Any]:
        """What a whole run is inside of."""
        return nullcontext()

    def check_input(self, variable: Variable, value: Any) -> None:
        """Look at an input of the graph before it runs."""

    def before(self, index: int, node: Apply, values: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Called in front of each node."""

    def after(self, index: int, node: Apply, values: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Called after each node."""


class MonitorMode(WatchingMode):
    """Calls ``pre_func(i, node, fn)`` before and ``post_func(i, node, fn)`` after each node; ``fn.inputs``
    and ``fn.outputs`` are lists of cells that hold one value each."""

    def __init__(
        self, pre_func: Any = None, post_func: Any = None, optimizer: Any = "default", linker: Any = None
    ):
        self.pre_func, self.post_func = pre_func, post_func
        super().__init__(optimizer, pre_func=pre_func, post_func=post_func)

    def before(self, index: int, node: Apply, values: Sequence[Any], outputs: Sequence[Any]) -> None:
        if self.pre_func is not None:
            self.pre_func(index, node, _cells(values, [None] * len(node.outputs)))

    def after(self, index: int, node: Apply, values: Sequence[Any], outputs: Sequence[Any]) -> None:
        if self.post_func is not None:
            self.post_func(index, node, _cells(values, outputs))


def _cells(values: Sequence[Any], outputs: Sequence[Any]) -> Any:
    return SimpleNamespace(inputs=[[to_numpy(v)] for v in values], outputs=[[to_numpy(o)] for o in outputs])


def detect_nan(i: int, node: Apply, fn: Any) -> None:
    """A ``post_func`` for MonitorMode that prints nodes which give NaN."""
    if any(contains_nan(cell[0]) for cell in fn.outputs):
        inputs, outputs = [c[0] for c in fn.inputs], [c[0] for c in fn.outputs]
        text = f"*** NaN detected ***\n{tree(node)}Inputs : {inputs}\nOutputs: {outputs}"
        print(text)  # noqa: T201  that is what it is for


def contains_nan(arr: Any, node: Any = None, var: Any = None) -> bool:
    """True if an array of floats holds a NaN; False for anything else."""
    return isinstance(arr, np.ndarray) and arr.dtype.kind in "fc" and bool(np.isnan(arr).any())


def contains_inf(arr: Any, node: Any = None, var: Any = None) -> bool:
    """True if an array of floats holds an infinity; False for anything else."""
    return isinstance(arr, np.ndarray) and arr.dtype.kind in "fc" and bool(np.isinf(arr).any())


class NanGuardMode(WatchingMode):
    """AssertionError where an input or a result of a node holds a NaN, an infinity or a value beyond 1e10.

    What is an error is chosen by the arguments, or where they are None by the settings ``NanGuardMode.*``.
    Variables with ``tag.nan_guard_mode_check = False`` are passed over.
    """

    def __init__(
        self,
        nan_is_error: bool | None = None,
        inf_is_error: bool | None = None,
        big_is_error: bool | None = None,
        optimizer: Any = "default",
        linker: Any = None,
    ):
        flags: Any = config.NanGuardMode
        self.nan_is_error = flags.nan_is_error if nan_is_error is None else nan_is_error
        self.inf_is_error = flags.inf_is_error if inf_is_error is None else inf_is_error
        self.big_is_error = flags.big_is_error if big_is_error is None else big_is_error
        if not (self.nan_is_error or self.inf_is_error or self.big_is_error):
            raise AssertionError("NanGuardMode has to look for something")
        super().__init__(
            optimizer,
            nan_is_error=self.nan_is_error,
            inf_is_error=self.inf_is_error,
            big_is_error=self.big_is_error,
        )

    def check_input(self, variable: Variable, value: Any) -> None:
        self._check(to_numpy(value), variable, "NanGuardMode found an error in an input of the graph.")

    def after(self, index: int, node: Apply, values: Sequence[Any], outputs: Sequence[Any]) -> None:
        for variable, value in zip(node.outputs, outputs, strict=True):
            self._check(
                to_numpy(value),
                variable,
                f"NanGuardMode found an error in the output of a node in this variable:\n{tree(node)}",
            )

    def _check(self, value: Any, variable: Variable, text: str) -> None:
        tag = variable.__dict__.get("_tag")
        if (
            not isinstance(value, np.ndarray)
            or value.dtype.kind not in "iufc"
            or not value.size
            or (tag is not None and not getattr(tag, "nan_guard_mode_check", True))
        ):
            return
        found = []
        if self.nan_is_error and contains_nan(value):
            found.append("NaN detected")
        if self.inf_is_error and contains_inf(value):
            found.append("Inf detected")
        if self.big_is_error and np.abs(value).max() > 1e10:
            found.append("Big value detected")
        if not found:
            return
        message = "\n".join([*found, text, birth(variable)])
        if config.NanGuardMode.action == "raise":
            raise AssertionError(message)
        _logger.error(message)


mode_classes["NanGuardMode"] = lambda: NanGuardMode(True, True, True, optimizer=config.optimizer)
