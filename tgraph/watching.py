"""Modes that look at every node while a function runs: MonitorMode, NanGuardMode, DebugMode. Slow, for
finding faults."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.errors import MethodNotDefined
from tgraph.graph import Apply, Variable
from tgraph.lowering import interpret
from tgraph.lowering.failures import birth, tree
from tgraph.lowering.to_fx import Program
from tgraph.modes import Linker, Mode, mode_classes
from tgraph.types import TensorType
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
        run = interpret.build(program, mode.after, mode.before)

        def watched(*values: Any) -> tuple:
            for variable, value in zip(program.inputs, values, strict=True):
                mode.check_input(variable, value)
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


class DebugModeError(Exception):
    """DebugMode found a fault."""


class BadThunkOutput(DebugModeError):
    """The torch form and the numpy form of a node give different values."""


class InvalidValueError(DebugModeError):
    """A node gave a value that is none of the type it promised, or not finite."""


class DebugMode(WatchingMode):
    """Checks, for each node, that results are of the promised type and finite (settings
    ``DebugMode.check_finite``) and that the torch form and the numpy form agree (``DebugMode.check_py``).

    Raises InvalidValueError or BadThunkOutput, both DebugModeError.
    """

    def __init__(
        self,
        optimizer: Any = "fast_run",
        stability_patience: int | None = None,
        check_c_code: bool | None = None,
        check_py_code: bool | None = None,
        check_isfinite: bool | None = None,
        check_preallocated_output: Any = None,
        require_matching_strides: Any = None,
        linker: Any = None,
    ):
        flags: Any = config.DebugMode
        self.check_py_code = flags.check_py if check_py_code is None else check_py_code
        self.check_isfinite = flags.check_finite if check_isfinite is None else check_isfinite
        super().__init__(optimizer, check_py_code=self.check_py_code, check_isfinite=self.check_isfinite)

    def after(self, index: int, node: Apply, values: Sequence[Any], outputs: Sequence[Any]) -> None:
        results = [to_numpy(o) for o in outputs]
        for variable, value in zip(node.outputs, results, strict=True):
            if not isinstance(variable.type, TensorType):
                continue
            if not variable.type.is_valid_value(value):
                raise InvalidValueError(
                    f"{node} gave {_what(value)} for an output of type {variable.type}\n"
                    f"{variable.type.value_validity_msg(value)}{birth(variable)}"
                )
            if self.check_isfinite and (contains_nan(value) or contains_inf(value)):
                raise InvalidValueError(f"{node} gave a value that is not finite: {value}{birth(variable)}")
        if self.check_py_code and not node.op.effects:
            self._compare(node, [to_numpy(v) for v in values], results)

    def _compare(self, node: Apply, values: list[Any], results: list[Any]) -> None:
        cells: list[list[Any]] = [[None] for _ in node.outputs]
        params = node.run_params()
        copies = [v.copy() if isinstance(v, np.ndarray) else v for v in values]
        try:
            with np.errstate(all="ignore"):
                node.op.perform(node, copies, cells, *(() if params is None else (params,)))
        except (MethodNotDefined, NotImplementedError):
            return
        for variable, ours, (other,) in zip(node.outputs, results, cells, strict=True):
            if isinstance(variable.type, TensorType) and not variable.type.values_eq_approx(
                ours, np.asarray(other, dtype=variable.type.dtype), allow_remove_nan=True
            ):
                raise BadThunkOutput(f"{node}: torch gives {ours}, numpy gives {other}{birth(variable)}")


def _what(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of dtype {value.dtype} and shape {value.shape}"
    return repr(value)


mode_classes["DebugMode"] = mode_classes["DEBUG_MODE"] = lambda: DebugMode(optimizer=config.optimizer)
mode_classes["NanGuardMode"] = lambda: NanGuardMode(True, True, True, optimizer=config.optimizer)
