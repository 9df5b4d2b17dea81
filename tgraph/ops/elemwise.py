"""``Elemwise``: a scalar op on every element; ``DimShuffle``: axes permuted, dropped, added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.errors import ShapeError
from tgraph.graph import Apply, Constant, Op, late, where
from tgraph.operators import as_tensor_variable, table
from tgraph.ops import scalar  # noqa: F401  fills the table of rows
from tgraph.ops.rows import ScalarOp, numpy_form, rows, zero_for
from tgraph.types import DisconnectedType, TensorType, discrete_dtypes

#: dtypes that torch stores but barely computes with
_HOST_DTYPES = frozenset(("uint16", "uint32", "uint64"))
_WIDER = {"uint16": "int32", "uint32": "int64"}


@dataclass(frozen=True)
class DimShuffle(Op):
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
            raise ShapeError("The same input dimension may not appear twice in the list of output dimensions: "
                             f"{order}", fix="name each axis once")
        for i, b in enumerate(self.input_broadcastable):
            if i not in kept and not b:
                raise ShapeError(
                    f"You cannot drop a non-broadcastable dimension: {self.input_broadcastable}, {order}",
                    fix="index it (x[0]) or tell the type with addbroadcast",
                )

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
            if any(mine and not theirs for mine, theirs in
                   zip(self.input_broadcastable, x.type.broadcastable, strict=True)):
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


class Elemwise(Op):
    """``z[i, j, ..] = scalar_op(x[i, j, ..], y[i, j, ..], ..)``.

    Inputs of fewer dimensions get new broadcastable ones on the left. A dimension broadcasts only where its type
    says so; other mismatches are a ValueError when the function runs.
    """

    __props__ = ("scalar_op", "inplace_pattern")

    def __init__(self, scalar_op: Any, inplace_pattern: dict | None = None, name: str | None = None,
                 nfunc_spec: Any = None, openmp: Any = None):
        self.scalar_op = scalar_op
        self.inplace_pattern = inplace_pattern or {}
        self.name = name
        self.nfunc_spec = nfunc_spec

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.scalar_op == other.scalar_op  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self.scalar_op))

    def make_node(self, *inputs: Any) -> Apply:
        ins = [as_tensor_variable(x) for x in inputs]
        nin = self.scalar_op.nin
        if (nin >= 0 and len(ins) != nin) or not ins:
            raise TypeError(f"Wrong number of inputs for {self}.make_node (got {len(ins)}({ins}), expected {nin})")
        ndim = max(x.type.ndim for x in ins)
        ins = [x if x.type.ndim == ndim else _pad_left(x, ndim) for x in ins]
        dtypes = self.scalar_op.output_dtypes(*[x.type.dtype for x in ins])
        pattern = tuple(map(all, zip(*[x.type.broadcastable for x in ins], strict=True))) if ndim else ()
        return Apply(self, ins, [TensorType(dtype, pattern)() for dtype in dtypes])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        if all(isinstance(g.type, DisconnectedType) for g in output_grads):
            return [g.type() for g in output_grads[:1] for _ in inputs]
        if outputs[0].type.dtype in discrete_dtypes:
            return [zero_for(x) for x in inputs]
        grads = self.scalar_op.L_op(inputs, outputs, output_grads)
        return [_fit(zero_for(x) if g is None else g, x) for x, g in zip(inputs, grads, strict=True)]

    def compute(self, node: Apply, *arrays: Any) -> Any:
        check_broadcast(node, arrays)
        outs = tuple(numpy_form(self.scalar_op, arrays, o.type.dtype) for o in node.outputs)
        return outs

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        op = self.scalar_op
        out = node.outputs[0].type.dtype
        ins = [x.type.dtype for x in node.inputs]
        compute = op.compute_dtype(ins, out)
        if op.torch is None or _HOST_DTYPES.intersection((compute, out, *(ins if compute is None else ()))):
            return ctx.host(node, *xs)
        ctx.align(node, xs)
        operands = []
        for i, (variable, x, dtype) in enumerate(zip(node.inputs, xs, ins, strict=True)):
            number = ctx.number(variable, compute) if i in op.literal and compute is not None else None
            if number is not None:
                operands.append(number)
            else:
                operands.append(x if compute in (None, dtype) else ctx.cast(x, compute))
        result = op.torch(*operands)
        given = "bool" if op.output_types_preference(*ins) == ("bool",) else (compute or out)
        return result if given == out else ctx.cast(result, out)

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        result = []
        for axis in range(node.outputs[0].type.ndim):
            symbols = [d[axis] for d, x in zip(inputs, node.inputs, strict=True)
                       if not x.type.broadcastable[axis]]
            result.append(symbols[0] if symbols else 1)
        return [tuple(result) for _ in node.outputs]

    def __str__(self) -> str:
        if self.name is not None:
            return self.name
        return f"Elemwise{{{self.scalar_op},no_inplace}}"

    __repr__ = __str__


def _pad_left(x: Any, ndim: int) -> Any:
    missing = ndim - x.type.ndim
    return DimShuffle(x.type.broadcastable, ("x",) * missing + tuple(range(x.type.ndim)))(x)


def _fit(g: Any, x: Any) -> Any:
    """The gradient summed over the dimensions along which ``x`` was broadcast."""
    if g.type.ndim != x.type.ndim:
        g = _pad_left(as_tensor_variable(g), x.type.ndim)
    axes = [i for i, (mine, theirs) in enumerate(zip(x.type.broadcastable, g.type.broadcastable, strict=True))
            if mine and not theirs]
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


def elemwise(op: ScalarOp) -> Elemwise:
    """The ``Elemwise`` of a scalar op (one for each row)."""
    made = _made.get(op)
    if made is None:
        made = Elemwise(op)
        if rows.get(op.name or "") is op:
            _made[op] = made
    return made


late["elemwise"] = elemwise


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
