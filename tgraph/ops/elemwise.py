"""``Elemwise``: a scalar op on every element; ``DimShuffle``: axes permuted, dropped, added."""

from __future__ import annotations

import copyreg
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from tgraph.errors import ShapeError
from tgraph.graph import Apply, Constant, Op, Sized, Variable, late, toposort, where
from tgraph.operators import as_tensor_variable, table
from tgraph.ops import scalar, special  # noqa: F401  they fill the table of rows
from tgraph.ops.rows import ScalarOp, numpy_form, rows, zero_for
from tgraph.types import DisconnectedType, NullType, TensorType, complex_dtypes, discrete_dtypes

#: dtypes that torch stores but barely computes with -> one that holds all their values (results wrap or round
#: alike). uint64 has none: numpy computes it on the host
_WIDER = {"uint16": "int32", "uint32": "int64", "float16": "float32"}
#: operand dtypes for which torch forms may get Python numbers
_LITERAL_DTYPES = frozenset(("int8", "int16", "int32", "int64", "uint8", "float32", "float64"))


@dataclass(frozen=True)
class DimShuffle(Sized, Op):
    """Axes permuted, dropped (only where broadcastable) or added: ``z = x.transpose(kept)[.., None, ..]``.

    ``new_order`` holds input axes and ``'x'`` for new axes of size 1.
    """

    input_broadcastable: tuple[bool, ...]
    new_order: tuple[Any, ...]
    inplace: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "input_broadcastable", tuple(bool(b) for b in self.input_broadcastable))
        order = tuple(i if i == "x" else int(i) for i in self.new_order)
        object.__setattr__(self, "new_order", order)
        kept = [i for i in order if i != "x"]
        ndim = len(self.input_broadcastable)
        for i in kept:
            if i >= ndim or i < 0:
                raise ShapeError(
                    f"new_order[{order.index(i)}] is {i}, but the input only has {ndim} axes.",
                    fix="use axes 0 to ndim - 1 and 'x'",
                )
        if len(set(kept)) != len(kept):
            raise ShapeError(
                f"The same input dimension may not appear twice in the list of output dimensions: {order}",
                fix="name each axis once",
            )
        for i, b in enumerate(self.input_broadcastable):
            if i not in kept and not b:
                raise ShapeError(
                    f"You cannot drop a non-broadcastable dimension: {self.input_broadcastable}, {order}",
                    fix="index it (x[0]) or tell the type with addbroadcast",
                )

    def __setstate__(self, state: dict[str, Any]) -> None:
        # old pickles may hold axes as numpy numbers
        order = tuple(i if isinstance(i, str) else int(i) for i in state["new_order"])
        self.__dict__.update({**state, "new_order": order})

    @property
    def shuffle(self) -> list[int]:
        """The kept axes in their new order."""
        return [i for i in self.new_order if i != "x"]

    @property
    def augment(self) -> list[int]:
        """Positions of the new axes."""
        return [i for i, x in enumerate(self.new_order) if x == "x"]

    @property
    def drop(self) -> list[int]:
        """Axes that are dropped."""
        return [i for i in range(len(self.input_broadcastable)) if i not in self.new_order]

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if x.type.broadcastable != self.input_broadcastable:
            if x.type.ndim != len(self.input_broadcastable):
                raise TypeError(
                    f"The number of dimensions of the input is incorrect for this op. Expected "
                    f"{self.input_broadcastable}, got {x.type.broadcastable}."
                )
            if any(
                mine and not theirs
                for mine, theirs in zip(self.input_broadcastable, x.type.broadcastable, strict=True)
            ):
                raise TypeError(
                    f"The broadcastable pattern of the input is incorrect for this op. Expected "
                    f"{self.input_broadcastable}, got {x.type.broadcastable}."
                )
        pattern = [True if i == "x" else x.type.broadcastable[i] for i in self.new_order]
        return Apply(self, [x], [x.type.clone(broadcastable=pattern)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (g,) = inputs, output_grads
        if x.type.dtype in discrete_dtypes:
            return [zero_for(x)]
        back: list[Any] = ["x"] * x.type.ndim
        for position, axis in enumerate(self.new_order):
            if axis != "x":
                back[axis] = position
        return [DimShuffle(g.type.broadcastable, tuple(back))(g)]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None:
            return [None]
        return self(*eval_points, return_list=True)

    def compute(self, node: Apply, x: np.ndarray) -> np.ndarray:
        moved = x.transpose(self.shuffle + self.drop)
        shape = list(moved.shape[: len(self.shuffle)])
        for i in self.augment:
            shape.insert(i, 1)
        return moved.reshape(shape)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        kept, dropped = self.shuffle, self.drop
        axes = kept + dropped
        if axes != list(range(len(axes))):
            x = torch.permute(x, axes)
        for i in reversed(range(len(kept), len(axes))):
            x = torch.squeeze(x, i)
        for i in self.augment:
            x = torch.unsqueeze(x, i)
        return x

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [tuple(1 if i == "x" else inputs[0][i] for i in self.new_order)]

    def __str__(self) -> str:
        return f"{'Inplace' if self.inplace else ''}DimShuffle{{{','.join(str(i) for i in self.new_order)}}}"


def dimshuffle(x: Any, *pattern: Any) -> Any:
    """Axes of ``x`` permuted, dropped or added: ``dimshuffle(x, 1, 0)``, ``dimshuffle(x, 0, 'x')``."""
    x = as_tensor_variable(x)
    if len(pattern) == 1 and isinstance(pattern[0], (list, tuple)):
        pattern = tuple(pattern[0])
    return DimShuffle(x.type.broadcastable, tuple(pattern))(x)


class Elemwise(Sized, Op):
    """``z[i, j, ..] = scalar_op(x[i, j, ..], y[i, j, ..], ..)``.

    Inputs of fewer dimensions get new broadcastable ones on the left. A dimension broadcasts only where its
    type says so; other mismatches are a ValueError when the function runs. ``inplace_pattern`` {output: input}
    says which input may be overwritten: their dtypes must agree (TypeError), the input must not be broadcast
    (ValueError). What the caller holds is never overwritten: where results live is decided when a function is
    compiled.
    """

    __props__ = ("scalar_op", "inplace_pattern")

    def __init__(
        self,
        scalar_op: Any,
        inplace_pattern: dict | None = None,
        name: str | None = None,
        nfunc_spec: Any = None,
        openmp: Any = None,
    ):
        self.scalar_op = scalar_op
        self.inplace_pattern = dict(inplace_pattern or {})
        if self.inplace_pattern:
            self.destroy_map = {o: [i] for o, i in self.inplace_pattern.items()}
        self.name = name
        self.nfunc_spec = nfunc_spec

    def __eq__(self, other: Any) -> bool:
        return (
            type(self) is type(other)
            and self.scalar_op == other.scalar_op
            and self.inplace_pattern == other.inplace_pattern
        )

    def __hash__(self) -> int:
        return hash((type(self), self.scalar_op))

    def __reduce__(self) -> Any:
        if _made.get(self.scalar_op) is self:
            return elemwise, (self.scalar_op,)
        return copyreg.__newobj__, (type(self),), self.__dict__

    def make_node(self, *inputs: Any) -> Apply:
        ins = [as_tensor_variable(x) for x in inputs]
        nin = self.scalar_op.nin
        if (nin >= 0 and len(ins) != nin) or not ins:
            raise TypeError(
                f"Wrong number of inputs for {self}.make_node (got {len(ins)}({ins}), expected {nin})"
            )
        dtypes = self.scalar_op.output_dtypes(*[x.type.dtype for x in ins])
        patterns = [x.type.broadcastable for x in ins]
        first = patterns[0]
        if all(p == first for p in patterns):
            pattern = first
        else:
            ndim = max(map(len, patterns))
            ins = [x if len(p) == ndim else _pad_left(x, ndim) for x, p in zip(ins, patterns, strict=True)]
            pattern = tuple(map(all, zip(*[x.type.broadcastable for x in ins], strict=True)))
        if self.inplace_pattern:
            self._check_inplace(ins, dtypes, pattern)
        return Apply(self, ins, [_type_of(dtype, pattern).make_variable() for dtype in dtypes])

    def _check_inplace(self, ins: Sequence[Any], dtypes: Sequence[str], pattern: tuple[bool, ...]) -> None:
        for o, i in self.inplace_pattern.items():
            if ins[i].type.broadcastable != pattern:
                raise ValueError("Operation cannot be done inplace on an input with broadcasted dimensions.")
            if ins[i].type.dtype != dtypes[o]:
                raise TypeError(
                    "Cannot do an inplace operation on incompatible data types.",
                    ([x.type.dtype for x in ins], list(dtypes), self.inplace_pattern),
                )

    def out_of_place(self, node: Apply) -> list[Any]:
        """The outputs of a node as the same row without an inplace pattern gives them."""
        plain = rows.get(getattr(self.scalar_op, "key", None))
        if type(plain) is not type(self.scalar_op):
            return Elemwise(self.scalar_op).make_node(*node.inputs).outputs
        made = elemwise(plain)(*node.inputs)
        natural = self.scalar_op.natural_dtype([x.type.dtype for x in node.inputs], node.outputs[0].type.dtype)
        if made.type.dtype != natural and natural == "float64":
            made = elemwise(plain)(*[table["cast"](x, natural) for x in node.inputs])
        return [made if made.type == o.type else table["cast"](made, o.type.dtype) for o in node.outputs]

    def connects(self, node: Apply) -> list[list[bool]]:
        return self.connection_pattern(node)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """As ``connects``: what old code calls it."""
        known = self.scalar_op.connected
        if known is not None:
            return [[on] * len(node.outputs) for on in known]
        legacy = getattr(self.scalar_op, "connection_pattern", None)
        return [[True] * len(node.outputs) for _ in node.inputs] if legacy is None else legacy(node)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        op = self.scalar_op
        if all(isinstance(g.type, DisconnectedType) for g in output_grads):
            return [output_grads[0].type() for _ in inputs]
        if any(o.type.dtype in discrete_dtypes for o in outputs):
            on = op.connected or (True,) * len(inputs)
            return [zero_for(x) if c else DisconnectedType()() for x, c in zip(inputs, on, strict=True)]
        grads = (
            op.L_op(inputs, outputs, output_grads)
            if op.gradient is not None
            else _legacy_gradients(op, inputs, outputs, output_grads)
        )
        if not isinstance(grads, (list, tuple)):
            raise TypeError(f"{op}.grad returned {type(grads)} instead of list or tuple")
        return [_fit(zero_for(x) if g is None else g, x) for x, g in zip(inputs, grads, strict=True)]

    def compute(self, node: Apply, *arrays: Any) -> Any:
        check_broadcast(node, arrays)
        return numpy_form(self.scalar_op, arrays, [o.type.dtype for o in node.outputs])

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        return lower_scalar(self.scalar_op, node, ctx, *xs)

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        result = []
        for axis in range(node.outputs[0].type.ndim):
            symbols = [
                d[axis] for d, x in zip(inputs, node.inputs, strict=True) if not x.type.broadcastable[axis]
            ]
            result.append(symbols[0] if symbols else 1)
        return [tuple(result) for _ in node.outputs]

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        if self.inplace_pattern:
            return f"Elemwise{{{self.scalar_op}}}{sorted(self.inplace_pattern.items())}"
        return f"Elemwise{{{self.scalar_op}}}"

    __repr__ = __str__


def lower_scalar(op: ScalarOp, node: Apply, ctx: Any, *xs: Any) -> Any:
    """The torch form of a scalar op that is applied to tensors, or to numbers."""
    inner = getattr(op, "lower_inner", None)
    if inner is not None:
        return inner(node, ctx, xs)
    out = node.outputs[0].type.dtype
    ins = [x.type.dtype for x in node.inputs]
    if op.torch is None:
        return ctx.host(node, *xs)
    natural = op.natural_dtype(ins, out)
    wanted = [d or own for d, own in zip(op.operand_dtypes(ins, natural), ins, strict=True)]
    if not op.moves:
        if any(d == "uint64" or np.dtype(d).kind not in op.on for d in wanted) or any(
            own in complex_dtypes and d not in complex_dtypes for own, d in zip(ins, wanted, strict=True)
        ):
            return ctx.host(node, *xs)
        wanted = [_WIDER.get(d, d) for d in wanted]
    ctx.align(node, xs)
    operands = _operands(op, node, ctx, xs, wanted)
    form = op.torch if op.torch_int is None or wanted[-1] not in discrete_dtypes else op.torch_int
    result = form(node, *operands) if op.by_node else form(*operands)
    given = _given(op, wanted[-1], natural)
    return result if given == out else ctx.cast(result, out)


def _operands(op: ScalarOp, node: Apply, ctx: Any, xs: Sequence[Any], wanted: Sequence[str]) -> list[Any]:
    """The operands of a torch form in their dtypes: Python numbers for constants where the form takes
    them.
    """
    numbers = [
        ctx.number(x, d) if d in _LITERAL_DTYPES and (op.nin < 0 or i in op.literal) and op.literal else None
        for i, (x, d) in enumerate(zip(node.inputs, wanted, strict=True))
    ]
    values = [i for i, d in enumerate(wanted) if d == wanted[-1]]
    if all(numbers[i] is not None for i in values):
        numbers[values[0]] = None  # a form of numbers alone would lose the dtype
    if op.name in ("mul", "true_div") and numbers == [None, None] and wanted[1] in ("float64", "int64"):
        numbers[1] = ctx.known_number(node.inputs[1])  # x / x.shape[0]: the size itself, no tensor of it
    operands = []
    for x, number, dtype, variable in zip(xs, numbers, wanted, node.inputs, strict=True):
        if number is not None:
            operands.append(number)
        else:
            operands.append(x if dtype == variable.type.dtype else ctx.cast(x, dtype))
    if op.commutative and numbers[0] is not None:
        first = next(i for i, number in enumerate(numbers) if number is None)
        operands.insert(0, operands.pop(first))
    return operands


def _given(op: ScalarOp, last: str, out: str) -> str:
    """The dtype that a torch form returns for operands of the dtype ``last``."""
    if isinstance(op, scalar.Cast):
        return last
    if op.compute == "in":
        return "bool"
    if last in complex_dtypes and out not in complex_dtypes:
        return "float32" if last == "complex64" else "float64"
    return out if out in complex_dtypes and last not in complex_dtypes and not op.moves else last


#: result types are shared: graphs have many nodes and few types
_type_of = lru_cache(maxsize=4096)(TensorType)


@lru_cache(maxsize=4096)
def _left_padding(pattern: tuple[bool, ...], ndim: int) -> DimShuffle:
    return DimShuffle(pattern, ("x",) * (ndim - len(pattern)) + tuple(range(len(pattern))))


def _pad_left(x: Any, ndim: int) -> Any:
    return _left_padding(x.type.broadcastable, ndim)(x)


def _legacy_gradients(
    op: Any, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]
) -> Any:
    """Gradients of a user's scalar op. Its ``grad`` speaks of numbers (it may ask for their types), so it is
    called with 0-d variables, and the graph that it builds is built again on the tensors."""
    grads = [
        zero_for(o) if isinstance(g.type, DisconnectedType) else g
        for o, g in zip(outputs, output_grads, strict=True)
    ]
    groups = [
        [TensorType(v.type.dtype, ()).make_variable() for v in group] for group in (inputs, outputs, grads)
    ]
    found = op.L_op(*groups)
    if not isinstance(found, (list, tuple)):
        return found
    memo = dict(zip(itertools.chain(*groups), [*inputs, *outputs, *grads], strict=True))
    found = [g if g is None or isinstance(g, Variable) else as_tensor_variable(g) for g in found]
    for node in toposort([g for g in found if g is not None], memo):
        memo.update(
            zip(node.outputs, node.op.make_node(*[memo.get(v, v) for v in node.inputs]).outputs, strict=True)
        )
    return [memo.get(g, g) for g in found]


def _fit(g: Any, x: Any) -> Any:
    """The gradient summed over the dimensions along which ``x`` was broadcast."""
    g = as_tensor_variable(g) if not isinstance(g, Variable) else g
    if isinstance(g.type, (DisconnectedType, NullType)):
        return g
    if g.type.ndim != x.type.ndim:
        g = _pad_left(g, x.type.ndim)
    axes = [
        i
        for i, (mine, theirs) in enumerate(zip(x.type.broadcastable, g.type.broadcastable, strict=True))
        if mine and not theirs
    ]
    return g.sum(axis=axes, keepdims=True) if axes else g


def check_broadcast(node: Apply, arrays: Sequence[Any]) -> None:
    """ValueError where sizes differ in a dimension that no type calls broadcastable."""
    for axis in range(node.outputs[0].type.ndim):
        first = None
        for i, (x, a) in enumerate(zip(node.inputs, arrays, strict=True)):
            if x.type.broadcastable[axis]:
                continue
            if first is None:
                first = (i, a.shape[axis])
            elif a.shape[axis] != first[1]:
                raise ValueError(
                    f"Input dimension mis-match. (input[{first[0]}].shape[{axis}] = {first[1]}, "
                    f"input[{i}].shape[{axis}] = {a.shape[axis]})"
                )


_made: dict[Any, Elemwise] = {}
#: rows whose Elemwise does not print as Elemwise{name,no_inplace}
_PRINTED = {
    "identity": None,
    "sigmoid": "sigmoid",
    "softplus": "softplus",
    "ultra_fast_sigmoid": "ultra_fast_sigmoid",
    "softsign": "softsign",
    "xlogx": "xlogx",
    "xlogy0": "xlogy0",
}


def elemwise(op: ScalarOp) -> Elemwise:
    """The ``Elemwise`` of a scalar op (one for each row)."""
    made = _made.get(op)
    if made is not None:
        return made
    key = getattr(op, "key", None)
    if rows.get(key) is op:
        made = _made[op] = Elemwise(op, name=_PRINTED.get(key, f"Elemwise{{{key},no_inplace}}"))
        made.__doc__ = op.doc
    elif any(known is op for known in rows.values()):
        made = _made[op] = Elemwise(op)
    else:
        made = Elemwise(op)
    return made


late["elemwise"] = elemwise
late["lower_scalar"] = lower_scalar


def scalar_constant(variable: Any) -> np.ndarray | None:
    """The 0-d value of a constant of one element, seen through dimshuffles; None for anything else."""
    while variable.owner is not None and isinstance(variable.owner.op, DimShuffle):
        variable = variable.owner.inputs[0]
    if isinstance(variable, Constant) and isinstance(variable.data, np.ndarray) and variable.data.size == 1:
        return variable.data.reshape(())
    return None


table["dimshuffle"] = lambda x, pattern: dimshuffle(x, *pattern)
for _name, _row in rows.items():
    table.setdefault(_name, elemwise(_row))

__all__ = ["DimShuffle", "Elemwise", "check_broadcast", "dimshuffle", "elemwise", "scalar_constant", "where"]
