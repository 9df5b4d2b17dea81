"""DebugMode: runs a function node by node and looks for ops that break their promises."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.errors import MethodNotDefined
from tgraph.graph import Apply, NoParams, Op, Variable, toposort
from tgraph.lowering.failures import birth
from tgraph.lowering.host import complaints
from tgraph.lowering.to_fx import Program
from tgraph.modes import mode_classes, predefined_modes
from tgraph.performing import performer
from tgraph.types import TensorType
from tgraph.values import to_numpy
from tgraph.watching import WatchingMode, contains_inf, contains_nan


class DebugModeError(Exception):
    """DebugMode found a fault."""


class BadThunkOutput(DebugModeError):
    """Two ways of running a node give different values: ``val1`` and ``val2`` for variable ``r``."""

    def __init__(
        self,
        r: Any,
        thunk1: Any = None,
        val1: Any = None,
        thunk2: Any = None,
        val2: Any = None,
        inputs_val: Sequence[Any] = (),
    ):
        self.r, self.thunk1, self.val1, self.thunk2, self.val2 = r, thunk1, val1, thunk2, val2
        self.inputs_val = inputs_val
        text = r if isinstance(r, str) else f"{r.owner}: {thunk1} gives {val1}, {thunk2} gives {val2}{birth(r)}"
        super().__init__(text)

    def offending_op(self) -> Any:
        """The op of the variable."""
        return type(self.r.owner.op)


class BadOptimization(DebugModeError):
    """A variable and what replaced it have different values. (Never raised: rewrites are tested before.)"""


class StochasticOrder(DebugModeError):
    """Compiling twice gave two programs. (Never raised: the order of rewriting is fixed.)"""


class BadDestroyMap(DebugModeError):
    """A node changed its input ``idx``, and its op's ``destroy_map`` does not say so."""

    def __init__(self, node: Any, idx: int = 0, old_val: Any = None, new_val: Any = None, perform: str = "perform"):
        self.node, self.idx, self.old_val, self.new_val, self.perform = node, idx, old_val, new_val, perform
        super().__init__(
            node
            if isinstance(node, str)
            else (
                f"{perform} of {node} changed input {idx} ({node.inputs[idx]}), which is not in the op's destroy_map "
                f"{getattr(node.op, 'destroy_map', {})}: {old_val} became {new_val}{birth(node.outputs[0])}"
            )
        )


class BadViewMap(DebugModeError):
    """Output ``output_idx`` of a node shares memory with inputs ``in_alias_idx`` (or outputs ``out_alias_idx``), and
    its op's ``view_map`` does not say so."""

    def __init__(
        self,
        node: Any,
        output_idx: int = 0,
        out_storage: Any = None,
        in_alias_idx: Any = None,
        out_alias_idx: Any = None,
    ):
        self.node, self.output_idx, self.out_storage = node, output_idx, out_storage
        self.in_alias_idx, self.out_alias_idx = in_alias_idx, out_alias_idx
        others = f"inputs {in_alias_idx}" if in_alias_idx else f"outputs {out_alias_idx}"
        super().__init__(
            node
            if isinstance(node, str)
            else (
                f"output {output_idx} of {node} shares memory with its {others}, which is not in the op's view_map "
                f"{getattr(node.op, 'view_map', {})} nor in its destroy_map {getattr(node.op, 'destroy_map', {})}"
                f"{birth(node.outputs[0])}"
            )
        )


class InvalidValueError(DebugModeError):
    """Variable ``r`` got a value ``v`` that is none of the type it promised, or not finite."""

    def __init__(self, r: Any, v: Any = None, client_node: Any = None, hint: str = "none", specific_hint: str = "none"):
        self.r, self.v, self.client_node, self.hint, self.specific_hint = r, v, client_node, hint, specific_hint
        super().__init__(
            r
            if isinstance(r, str)
            else (f"{r} of {r.owner} has type {r.type} and got {_what(v)}\n  hint: {hint} {specific_hint}{birth(r)}")
        )


class DebugMode(WatchingMode):
    """Checks, for each node: results are of the promised type and finite (``check_isfinite``, setting
    ``DebugMode.check_finite``); the torch form and the numpy form of an op agree (``check_py_code``, setting
    ``DebugMode.check_py``); an op that runs on the host changes no input and hands out no part of one, unless its
    ``destroy_map`` and ``view_map`` say so, and gives the same whatever memory it finds in its output storage
    (``check_preallocated_output``: 'initial', 'previous', 'c_contiguous', 'f_contiguous', 'strided', 'wrong_size',
    'ALL', several joined by ':').

    Raises InvalidValueError, BadThunkOutput, BadDestroyMap or BadViewMap, all DebugModeError.
    """

    check_c_code = False
    stability_patience: int = 10
    require_matching_strides: Any = 0

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
        wanted = flags.check_preallocated_output if check_preallocated_output is None else check_preallocated_output
        self.check_preallocated_output = wanted.split(":") if isinstance(wanted, str) else list(wanted)
        if stability_patience is not None:
            self.stability_patience = stability_patience
        if require_matching_strides is not None:
            self.require_matching_strides = require_matching_strides
        super().__init__(optimizer)

    @property
    def settings(self) -> dict[str, Any]:
        """The keywords that a copy is made with."""
        names = (
            "check_py_code",
            "check_isfinite",
            "check_preallocated_output",
            "stability_patience",
            "require_matching_strides",
        )
        return {name: getattr(self, name) for name in names}

    @settings.setter
    def settings(self, given: dict[str, Any]) -> None:
        pass  # the attributes are the settings

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        before, complaints.about = complaints.about, _refuse_array
        try:
            yield
        finally:
            complaints.about = before

    def watchers(self, program: Program) -> tuple[Any, Any]:
        checks = _Checks(self, program)
        return checks.after, checks.before


def _refuse_array(output: Variable, array: np.ndarray) -> None:
    if isinstance(output.type, TensorType) and not output.type.is_valid_value(array):
        raise InvalidValueError(
            output,
            array,
            hint="perform(...) left a value that is not of the type that make_node declared",
            specific_hint=output.type.value_validity_msg(array),
        )


class _Checks:
    """What DebugMode does around each node of one function."""

    def __init__(self, mode: DebugMode, program: Program):
        self.mode = mode
        nodes = toposort(program.outputs, program.inputs)
        self.used = {x for node in nodes for x in node.inputs}
        self.memory = threading.local()

    def before(self, index: int, node: Apply, values: Sequence[Any], outputs: Sequence[Any]) -> None:
        if on_host(node):
            self.memory.values = [_copied(to_numpy(v)) for v in values]

    def after(self, index: int, node: Apply, values: Sequence[Any], outputs: Sequence[Any]) -> None:
        results = [to_numpy(o) for o in outputs]
        for variable, value in zip(node.outputs, results, strict=True):
            self.check_value(variable, value)
        if on_host(node):
            inputs = [to_numpy(v) for v in values]
            self.check_destroyed(node, inputs)
            self.check_views(node, inputs, results)
            if not node.op.effects:
                self.check_memory(node, results)
        elif self.mode.check_py_code and not node.op.effects:
            self.compare(node, [to_numpy(v) for v in values], results)

    def check_value(self, variable: Variable, value: Any) -> None:
        kind = variable.type
        if not kind.is_valid_value(value):
            raise InvalidValueError(
                variable,
                value,
                hint="the value is not of the type that make_node declared",
                specific_hint=kind.value_validity_msg(value),
            )
        if isinstance(kind, TensorType) and self.mode.check_isfinite and (contains_nan(value) or contains_inf(value)):
            raise InvalidValueError(variable, value, hint="the value is not finite")

    def check_destroyed(self, node: Apply, inputs: Sequence[Any]) -> None:
        may = {i for which in (node.op.destroy_map or {}).values() for i in which}
        for i, (x, old, new) in enumerate(zip(node.inputs, self.memory.values, inputs, strict=True)):
            if i not in may and isinstance(new, np.ndarray) and not _same_bits(old, new):
                raise BadDestroyMap(node, i, old, new, f"the perform of {x.owner}" if x.owner else "perform")

    def check_views(self, node: Apply, inputs: Sequence[Any], results: Sequence[Any]) -> None:
        views, destroyed = node.op.view_map or {}, node.op.destroy_map or {}
        owned = [{*views.get(j, ()), *destroyed.get(j, ())} for j in range(len(results))]
        for j, result in enumerate(results):
            bad = [i for i, x in enumerate(inputs) if i not in owned[j] and _alias(x, result)]
            if bad:
                raise BadViewMap(node, j, result, bad)
            if node.outputs[j] not in self.used:
                continue
            beside = [
                k
                for k in range(j)
                if node.outputs[k] in self.used and not owned[j] & owned[k] and _alias(results[k], result)
            ]
            if beside:
                raise BadViewMap(node, j, result, None, beside)

    def check_memory(self, node: Apply, results: Sequence[Any]) -> None:
        """The op again, on output storage that holds something."""
        wanted = self.mode.check_preallocated_output
        if type(node.op).make_thunk is not Op.make_thunk:
            return
        params = node.run_params()
        for name, storage in _storages(wanted, results):
            cells = [[value] for value in storage]
            inputs = [_copied(v) for v in self.memory.values]
            node.op.perform(node, inputs, cells, *(() if params is NoParams else (params,)))
            for variable, ours, (other,) in zip(node.outputs, results, cells, strict=True):
                if isinstance(variable.type, TensorType) and not _near(variable, ours, other):
                    raise BadThunkOutput(
                        variable, "perform", ours, f"perform on {name} storage", other, self.memory.values
                    )

    def compare(self, node: Apply, values: list[Any], results: list[Any]) -> None:
        try:
            with np.errstate(all="ignore"):
                others = performer(node)([_copied(v) for v in values])
        except (MethodNotDefined, NotImplementedError):
            return
        for variable, ours, other in zip(node.outputs, results, others, strict=True):
            if isinstance(variable.type, TensorType) and not _near(variable, ours, other):
                raise BadThunkOutput(variable, "torch", ours, "numpy", other, values)


def on_host(node: Apply) -> bool:
    """True for a node that has no torch form and runs on the host."""
    return type(node.op).lower is Op.lower


def _near(variable: Variable, ours: Any, other: Any) -> bool:
    return variable.type.values_eq_approx(ours, np.asarray(other, dtype=variable.type.dtype), allow_remove_nan=True)


def _storages(wanted: Sequence[str], results: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    """(name, memory that an op may find in its output storage) in the ways that are asked for."""
    # fmt: off
    ways: dict[str, Any] = {
        "initial":      lambda a: None,
        "previous":     lambda a: a.copy(),
        "c_contiguous": lambda a: np.full_like(a, 7, order="C", subok=False),
        "f_contiguous": lambda a: np.full_like(a, 7, order="F", subok=False),
        "strided":      lambda a: np.full([2 * n for n in a.shape], 7, a.dtype)[tuple([slice(None, None, 2)] * a.ndim)],
        "wrong_size":   lambda a: np.full([n + 1 for n in a.shape], 7, a.dtype),
    }
    # fmt: on
    names = [*ways] if "ALL" in wanted else [name for name in wanted if name in ways]
    for name in names:
        yield name, [ways[name](r) if isinstance(r, np.ndarray) else None for r in results]


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _same_bits(a: Any, b: Any) -> bool:
    return a.shape == b.shape and np.ascontiguousarray(a).tobytes() == np.ascontiguousarray(b).tobytes()


def _alias(a: Any, b: Any) -> bool:
    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.size > 0 and np.may_share_memory(a, b)


def _what(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of dtype {value.dtype} and shape {value.shape}"
    return repr(value)


predefined_modes["DEBUG_MODE"] = DebugMode(optimizer="fast_run")
mode_classes["DebugMode"] = lambda: DebugMode(optimizer=config.optimizer)
