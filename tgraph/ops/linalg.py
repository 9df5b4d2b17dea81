"""Products: dot, tensordot, batched_dot, batched_tensordot, outer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.errors import DtypeError
from tgraph.graph import Apply, Op, Sized, Type
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable, offers, table
from tgraph.ops.elemwise import DimShuffle, elemwise
from tgraph.ops.rows import rows
from tgraph.types import TensorType, upcast

#: dtypes that torch does not multiply matrices of
_HOST = frozenset(("uint16", "uint32", "uint64"))


@kernel
def check_contracted(x: torch.Tensor, i: int, y: torch.Tensor, j: int) -> None:
    """Axes that are summed together must have one size."""
    if x.size(i) != y.size(j):
        raise ValueError(
            "shapes "
            + str(x.size())
            + " and "
            + str(y.size())
            + " not aligned: "
            + str(x.size(i))
            + " (dim "
            + str(i)
            + ") != "
            + str(y.size(j))
            + " (dim "
            + str(j)
            + ")"
        )


def _operands(node: Apply, ctx: Any, *xs: Any) -> list[Any]:
    """The operands in the dtype in which torch multiplies for the output: int64 for bool."""
    dtype = node.outputs[0].type.dtype
    dtype = "int64" if dtype == "bool" else dtype
    return [x if i.type.dtype == dtype else ctx.cast(x, dtype) for x, i in zip(xs, node.inputs, strict=True)]


def _result(node: Apply, z: Any) -> Any:
    return torch.ne(z, 0) if node.outputs[0].type.dtype == "bool" else z


def _match(node: Apply, ctx: Any, xs: Sequence[Any], i: int, j: int, check: bool = True) -> None:
    """Axis i of the first operand has the size of axis j of the second: known, or checked at run time."""
    a, b = ctx.sizes(node.inputs[0])[i], ctx.sizes(node.inputs[1])[j]
    if ctx.find(a) != ctx.find(b):
        if check:
            ctx.call(check_contracted, xs[0], i, xs[1], j)
        ctx.unify(a, b)


def _as(g: Any, x: Any) -> Any:
    """The gradient with the broadcastable pattern of what it belongs to."""
    return (
        g
        if g.type.broadcastable == x.type.broadcastable
        else table["patternbroadcast"](g, x.type.broadcastable)
    )


class Dot(Sized, Op):
    """z[i, j] = sum_k x[i, k] * y[k, j], each of x and y a matrix or a vector.

    The dtype is the promoted one: int8 wraps, bool is "any of both". TypeError for other dimensions,
    ValueError at run time for sizes that do not fit.
    """

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        if len(inputs) != 2:
            raise TypeError(f"Dot: 2 arguments required, {len(inputs)} given")
        x, y = (as_tensor_variable(v) for v in inputs)
        for i, v in enumerate((x, y)):
            if v.type.ndim not in (1, 2):
                raise DtypeError(
                    f"Dot: input {i} (0-indexed) must have ndim of 1 or 2, {v.type.ndim} given.",
                    fix="consider calling tensor.dot, which takes all dimensions",
                )
        pattern = x.type.broadcastable[:-1] + y.type.broadcastable[1:]
        return Apply(self, [x, y], [TensorType(upcast(x.type.dtype, y.type.dtype), pattern)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y), (g,) = inputs, output_grads
        if g.type.ndim == 0:
            gx, gy = g * y, g * x
        elif x.type.ndim == 1:
            gx, gy = self(g, y.T), x.dimshuffle(0, "x") * g.dimshuffle("x", 0)
        elif y.type.ndim == 1:
            gx, gy = g.dimshuffle(0, "x") * y.dimshuffle("x", 0), self(x.T, g)
        else:
            gx, gy = self(g, y.T), self(x.T, g)
        return [_as(gx, x), _as(gy, y)]

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray) -> Any:
        dtype = node.outputs[0].type.dtype
        with np.errstate(all="ignore"):
            return np.asarray(np.dot(x.astype(dtype, copy=False), y.astype(dtype, copy=False)))

    def lower(self, node: Apply, ctx: Any, x: Any, y: Any) -> Any:
        if node.outputs[0].type.dtype in _HOST:
            return ctx.host(node, x, y)
        x, y = _operands(node, ctx, x, y)
        a, b = (v.type.ndim for v in node.inputs)
        # torch itself refuses sizes that do not fit; from here on they are known to be equal
        _match(node, ctx, (x, y), a - 1, 0, check=False)
        if a == b == 2:
            z = torch.mm(x, y)
        elif a == b == 1:
            z = torch.dot(x, y)
        else:
            z = torch.mv(x, y) if a == 2 else torch.matmul(x, y)
        return _result(node, z)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [(*inputs[0][:-1], *inputs[1][1:])]

    def __str__(self) -> str:
        return "dot"


@dataclass(frozen=True)
class TensorDot(Op):
    """z[b, i.., j..] = sum over k.. of x * y: axes ``axes_x`` of x are summed together with ``axes_y`` of y.

    Output axes: with ``batch`` the first of both (kept, one), then those left of x, then those left of y.
    ValueError at run time for sizes that do not fit.
    """

    axes_x: tuple[int, ...]
    axes_y: tuple[int, ...]
    batch: bool = False

    def _free(self, ndim: int, axes: Sequence[int]) -> list[int]:
        return [i for i in range(int(self.batch), ndim) if i not in axes]

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        pattern = [
            v.type.broadcastable[i]
            for v, axes in ((x, self.axes_x), (y, self.axes_y))
            for i in self._free(v.type.ndim, axes)
        ]
        if self.batch:
            pattern.insert(0, x.type.broadcastable[0] or y.type.broadcastable[0])
        return Apply(self, [x, y], [TensorType(upcast(x.type.dtype, y.type.dtype), pattern)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y), (g,) = inputs, output_grads
        free_x = self._free(x.type.ndim, self.axes_x)
        free_y = self._free(y.type.ndim, self.axes_y)
        first = int(self.batch)
        of_x = tuple(range(first, first + len(free_x)))
        of_y = tuple(range(first + len(free_x), g.type.ndim))
        # what is left of y stands in ascending order, so each axis of x is found by the rank of its partner
        gx = TensorDot(of_y, tuple(free_y), self.batch)(g, y)
        made = list(range(first)) + free_x + [self.axes_x[self.axes_y.index(a)] for a in sorted(self.axes_y)]
        gy = TensorDot(tuple(free_x), of_x, self.batch)(x, g)
        made_y = (
            list(range(first)) + [self.axes_y[self.axes_x.index(a)] for a in sorted(self.axes_x)] + free_y
        )
        return [_as(_ordered(gx, made), x), _as(_ordered(gy, made_y), y)]

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray) -> Any:
        dtype = node.outputs[0].type.dtype
        x, y = x.astype(dtype, copy=False), y.astype(dtype, copy=False)
        with np.errstate(all="ignore"):
            if not self.batch:
                return np.asarray(np.tensordot(x, y, (list(self.axes_x), list(self.axes_y))))
            if x.shape[0] != y.shape[0]:
                raise ValueError(f"shapes {x.shape} and {y.shape} not aligned: batch sizes differ")
            axes = ([a - 1 for a in self.axes_x], [a - 1 for a in self.axes_y])
            slices = [np.asarray(np.tensordot(a, b, axes)) for a, b in zip(x, y, strict=True)]
        if slices:
            return np.stack(slices)
        shape = [x.shape[i] for i in self._free(x.ndim, self.axes_x)]
        return np.zeros((0, *shape, *(y.shape[i] for i in self._free(y.ndim, self.axes_y))), dtype=dtype)

    def lower(self, node: Apply, ctx: Any, x: Any, y: Any) -> Any:
        if node.outputs[0].type.dtype in _HOST:
            return ctx.host(node, x, y)
        x, y = _operands(node, ctx, x, y)
        pairs = [(0, 0)] if self.batch else []
        for i, j in (*pairs, *zip(self.axes_x, self.axes_y, strict=True)):
            _match(node, ctx, (x, y), i, j)
        if not self.batch and self.axes_x:
            return _result(node, torch.tensordot(x, y, [list(self.axes_x), list(self.axes_y)]))
        first = list(range(int(self.batch)))
        order_x = first + self._free(node.inputs[0].type.ndim, self.axes_x) + list(self.axes_x)
        order_y = first + list(self.axes_y) + self._free(node.inputs[1].type.ndim, self.axes_y)
        if order_x != sorted(order_x):
            x = torch.permute(x, order_x)
        if order_y != sorted(order_y):
            y = torch.permute(y, order_y)
        return _result(node, ctx.call(contract, x, y, len(self.axes_x), len(first)))

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        x, y = inputs
        kept = [x[i] for i in self._free(len(x), self.axes_x)] + [
            y[i] for i in self._free(len(y), self.axes_y)
        ]
        return [tuple(([1 if node.outputs[0].type.broadcastable[0] else x[0]] if self.batch else []) + kept)]


def _ordered(x: Any, places: Sequence[int]) -> Any:
    """x with its axis k moved to position ``places[k]``."""
    order = [list(places).index(i) for i in range(len(places))]
    return x if order == list(range(len(order))) else x.dimshuffle(*order)


@kernel
def contract(x: torch.Tensor, y: torch.Tensor, k: int, first: int) -> torch.Tensor:
    """Sum over the last k axes of x with the k axes of y after the ``first`` (0 or 1) batch axes."""
    shape: list[int] = []
    n = 1
    inner = 1
    m = 1
    b = 1
    if first == 1:
        b = x.size(0)
        shape.append(b)
    for i in range(first, x.dim() - k):
        n *= x.size(i)
        shape.append(x.size(i))
    for i in range(x.dim() - k, x.dim()):
        inner *= x.size(i)
    for i in range(first + k, y.dim()):
        m *= y.size(i)
        shape.append(y.size(i))
    return torch.bmm(x.reshape([b, n, inner]), y.reshape([b, inner, m])).reshape(shape)


class BatchedDot(Sized, Op):
    """z[b] = dot(x[b], y[b]) for x and y of 2 or 3 dimensions.

    TypeError for other dimensions, and at run time for batches of different sizes; ValueError for sizes that
    do not fit.
    """

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        if len(inputs) != 2:
            raise TypeError(f"BatchedDot: 2 arguments required, {len(inputs)} given")
        x, y = (as_tensor_variable(v) for v in inputs)
        for i, v in enumerate((x, y)):
            if v.type.ndim not in (2, 3):
                raise TypeError(
                    f"BatchedDot: input {i} (0-indexed) must have ndim of 2 or 3, {v.type.ndim} given. "
                    "Consider calling tensor.batched_dot instead."
                )
        dtype = upcast(x.type.dtype, y.type.dtype)
        x, y = (v if v.type.dtype == dtype else v.astype(dtype) for v in (x, y))
        xb, yb = x.type.broadcastable, y.type.broadcastable
        return Apply(self, [x, y], [TensorType(dtype, (xb[0] or yb[0], *xb[1:-1], *yb[2:]))()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y), (g,) = inputs, output_grads
        if x.type.ndim == y.type.ndim == 2:
            column = g.dimshuffle(0, "x")
            gx, gy = column * y, column * x
        elif x.type.ndim == 2:
            gx = self(g, y.dimshuffle(0, 2, 1))
            gy = x.dimshuffle(0, 1, "x") * g.dimshuffle(0, "x", 1)
        elif y.type.ndim == 2:
            gx = g.dimshuffle(0, 1, "x") * y.dimshuffle(0, "x", 1)
            gy = self(x.dimshuffle(0, 2, 1), g)
        else:
            gx, gy = self(g, y.dimshuffle(0, 2, 1)), self(x.dimshuffle(0, 2, 1), g)
        return [_as(gx, x), _as(gy, y)]

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray) -> Any:
        if x.shape[0] != y.shape[0]:
            raise TypeError(
                f"BatchedDot: inputs of shapes {x.shape} and {y.shape} must have the same size in axis 0"
            )
        with np.errstate(all="ignore"):
            if not x.shape[0]:
                return np.zeros((0, *x.shape[1:-1], *y.shape[2:]), dtype=node.outputs[0].type.dtype)
            return np.stack([np.asarray(np.dot(a, b)) for a, b in zip(x, y, strict=True)])

    def lower(self, node: Apply, ctx: Any, x: Any, y: Any) -> Any:
        if node.outputs[0].type.dtype in _HOST:
            return ctx.host(node, x, y)
        x, y = _operands(node, ctx, x, y)
        a, b = (v.type.ndim for v in node.inputs)
        _match(node, ctx, (x, y), 0, 0, check=False)
        _match(node, ctx, (x, y), a - 1, 1, check=False)
        z = torch.bmm(torch.unsqueeze(x, 1) if a == 2 else x, torch.unsqueeze(y, 2) if b == 2 else y)
        if b == 2:
            z = torch.squeeze(z, 2)
        if a == 2:
            z = torch.squeeze(z, 1)
        return _result(node, z)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        batch = 1 if node.outputs[0].type.broadcastable[0] else inputs[0][0]
        return [(batch, *inputs[0][1:-1], *inputs[1][2:])]


_dot = Dot()
_batched_dot = BatchedDot()


@offers("dot")
def dot(a: Any, b: Any) -> Any:
    """The product of two tensors, summed over the last axis of ``a`` and the last but one of ``b``.

    Scalars multiply; vectors and matrices as usual; more dimensions as ``numpy.dot`` has them. Sparse matrices multiply
    by ``structured_dot``.
    """
    if isinstance(getattr(a, "type", None), Type) and hasattr(a, "__dot__") and not isinstance(a.type, TensorType):
        return a.__dot__(b)
    if isinstance(getattr(b, "type", None), Type) and hasattr(b, "__rdot__") and not isinstance(b.type, TensorType):
        return b.__rdot__(a)
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if a.type.ndim == 0 or b.type.ndim == 0:
        return elemwise(rows["mul"])(a, b)
    if a.type.ndim > 2 or b.type.ndim > 2:
        return tensordot(a, b, [[a.type.ndim - 1], [max(0, b.type.ndim - 2)]])
    return _dot(a, b)


def _axes_pair(a: Any, b: Any, axes: Any, first: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The ``axes`` argument of tensordot as two tuples; ``first`` batch axes are left alone."""
    if isinstance(axes, (int, float, np.integer, np.floating)) or (
        isinstance(axes, np.ndarray) and axes.ndim == 0
    ):
        n = int(axes)
        if n < 0:
            raise ValueError(f"axes must not be negative: {n}")
        for v, name in ((a, "a"), (b, "b")):
            if n > v.type.ndim:
                raise ValueError(
                    f"axes can not be larger than the dimension of {name} "
                    f"({name}.ndim={v.type.ndim}, axes={n})"
                )
            if first and n > v.type.ndim - first:
                raise ValueError(
                    f"axes to sum over must not include the batch axis of {name} "
                    f"({name}.ndim={v.type.ndim}, axes={n})"
                )
        return tuple(range(a.type.ndim - n, a.type.ndim)), tuple(range(first, first + n))
    pair = list(axes)
    if len(pair) != 2:
        raise ValueError(f"Axes should be an integer or a list/tuple of len 2 ({axes} was provided)")
    sides = [
        [int(i) for i in side] if isinstance(side, (list, tuple, np.ndarray)) else [int(side)]
        for side in pair
    ]
    if len(sides[0]) != len(sides[1]):
        raise ValueError("Axes elements must have the same length.")
    found = []
    for i, (v, name, side) in enumerate(zip((a, b), "ab", sides, strict=True)):
        ndim = v.type.ndim
        if len(side) > ndim:
            raise ValueError(
                f"axes[{i}] should be array_like with length less than the dimensions of {name} "
                f"({name}.ndim={ndim}, len(axes[{i}])={len(side)})."
            )
        if side and max(side) >= ndim:
            raise ValueError(
                f"axes[{i}] contains dimensions greater than or equal to {name}.ndim "
                f"({name}.ndim={ndim}, max(axes[{i}])={max(side)})."
            )
        if first and 0 in side:
            raise ValueError(f"axes to sum over must not contain the batch axis (axes[{i}]={side})")
        turned = tuple(s + ndim if s < 0 else s for s in side)
        if len(set(turned)) != len(turned) or any(s < 0 for s in turned):
            raise ValueError(f"The same input dimension may not appear twice in the list of axes: {side}")
        found.append(turned)
    return found[0], found[1]


@offers("tensordot")
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum of products over pairs of axes.

    ``axes``: how many of the last of ``a`` go with the first of ``b``, or two lists of axes (or two ints).
    What is left of ``a`` comes first in the result. ValueError for axes that do not fit.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    axes_a, axes_b = _axes_pair(a, b, axes, 0)
    if not axes_a:
        left = DimShuffle(a.type.broadcastable, (*range(a.type.ndim), *["x"] * b.type.ndim))(a)
        right = DimShuffle(b.type.broadcastable, (*["x"] * a.type.ndim, *range(b.type.ndim)))(b)
        return elemwise(rows["mul"])(left, right)
    if a.type.ndim <= 2 and b.type.ndim <= 2 and len(axes_a) == 1:
        return _dot(a.T if axes_a[0] == 0 and a.type.ndim == 2 else a, b.T if axes_b[0] == 1 else b)
    return TensorDot(axes_a, axes_b)(a, b)


@offers("batched_dot")
def batched_dot(a: Any, b: Any) -> Any:
    """z[i] = dot(a[i], b[i]), for tensors of any dimensions but scalars (TypeError)."""
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    for v, name in ((a, "a"), (b, "b")):
        if v.type.ndim == 0:
            raise TypeError(f"{name} must have at least one (batch) axis")
    if a.type.ndim == 1:
        return a.dimshuffle(0, *["x"] * (b.type.ndim - 1)) * b
    if b.type.ndim == 1:
        return a * b.dimshuffle(0, *["x"] * (a.type.ndim - 1))
    if a.type.ndim > 3 or b.type.ndim > 3:
        return batched_tensordot(a, b, [[a.type.ndim - 1], [max(1, b.type.ndim - 2)]])
    return _batched_dot(a, b)


@offers("batched_tensordot")
def batched_tensordot(x: Any, y: Any, axes: Any = 2) -> Any:
    """z[i] = tensordot(x[i], y[i]); the axes are counted with the batch axis, which may not be among them."""
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    axes_x, axes_y = _axes_pair(x, y, axes, 1)
    return TensorDot(axes_x, axes_y, batch=True)(x, y)


@offers("outer")
def outer(x: Any, y: Any) -> Any:
    """z[i, j] = x[i] * y[j], of vectors; other tensors are flattened first."""
    x, y = (v if v.type.ndim == 1 else v.flatten() for v in map(as_tensor_variable, (x, y)))
    return _dot(x.dimshuffle(0, "x"), y.dimshuffle("x", 0))


__all__ = [
    "BatchedDot",
    "Dot",
    "TensorDot",
    "batched_dot",
    "batched_tensordot",
    "dot",
    "outer",
    "tensordot",
]
