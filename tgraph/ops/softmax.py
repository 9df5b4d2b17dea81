"""``Softmax`` and its kin: rows of a matrix made into distributions, their logarithms, and the gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.config import warn
from tgraph.errors import ShapeError
from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import fresh_kernel, kernel
from tgraph.operators import as_tensor_variable
from tgraph.types import DisconnectedType, float_dtypes
from tgraph.values import TORCH_DTYPES


@kernel
def check_columns(x: torch.Tensor, b: torch.Tensor) -> None:
    """A bias must have one entry for each column."""
    if x.size(1) != b.size(0):
        raise ValueError(
            "b must have same number of columns as x: " + str(b.size(0)) + " and " + str(x.size(1))
        )


def _rows(x: Any, name: str) -> Any:
    """``x`` as a float matrix; a vector becomes one row, with the warning that legacy code knows."""
    x = as_tensor_variable(x)
    if x.type.ndim not in (1, 2) or x.type.dtype not in float_dtypes:
        raise ShapeError(
            f"x must be 1-d or 2-d tensor of floats. Got {x.type}",
            fix="cast integers to a float; reshape other tensors to (rows, classes)",
        )
    if x.type.ndim == 1:
        warn(
            f"DEPRECATION: If x is a vector, {name} will not automatically pad x anymore in next releases. "
            "If you need it, please do it manually: x.dimshuffle('x', 0)."
        )
        x = x.dimshuffle("x", 0)
    return x


def softmax_rows(x: np.ndarray) -> np.ndarray:
    """exp(x - max) / sum, along the last axis."""
    with np.errstate(all="ignore"):
        if not x.size:
            return x.copy()
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)


def log_softmax_rows(x: np.ndarray) -> np.ndarray:
    """x - max - log(sum(exp(x - max))), along the last axis: exact where softmax underflows."""
    with np.errstate(all="ignore"):
        if not x.size:
            return x.copy()
        d = x - x.max(axis=-1, keepdims=True)
        return d - np.log(np.exp(d).sum(axis=-1, keepdims=True))


@kernel
def lies_narrow(x: torch.Tensor) -> bool:
    """True for a matrix of many short rows, which torch takes row by row: 16 numbers of float32 fill a vector
    register, and shorter rows cost 5 times what their columns do the other way around (at 600 x 10)."""
    if x.dim() != 2 or x.is_cuda or x.size(0) < 32:
        return False
    return x.size(1) < (48 if x.dtype == torch.float64 else 16)


@fresh_kernel
def softmax_last(x: torch.Tensor) -> torch.Tensor:
    """softmax over the last axis."""
    if lies_narrow(x):
        return torch.softmax(x.t().contiguous(), 0).t()
    return torch.softmax(x, -1)


@fresh_kernel
def log_softmax_last(x: torch.Tensor) -> torch.Tensor:
    """log(softmax) over the last axis."""
    if lies_narrow(x):
        return torch.log_softmax(x.t().contiguous(), 0).t()
    return torch.log_softmax(x, -1)


class Softmax(Sized, Op):
    """z[i, j] = exp(x[i, j]) / sum_k exp(x[i, k]); a vector counts as one row.

    ValueError for other dimensions and for anything but floats.
    """

    __props__ = ()
    nin = nout = 1

    def make_node(self, x: Any) -> Apply:
        x = _rows(x, "Softmax")
        return Apply(self, [x], [x.type()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [softmax_grad(output_grads[0], outputs[0])]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [softmax_grad(output_grads[0], self(*inputs))]

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        return softmax_rows(x)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return ctx.call(softmax_last, x)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


class SoftmaxGrad(Sized, Op):
    """z[i, j] = sm[i, j] * (dy[i, j] - sum_k dy[i, k] * sm[i, k]): the gradient of a softmax ``sm``."""

    __props__ = ()
    nin, nout = 2, 1

    def make_node(self, dy: Any, sm: Any) -> Apply:
        dy, sm = as_tensor_variable(dy), as_tensor_variable(sm)
        for name, x in (("dy", dy), ("sm", sm)):
            if x.type.ndim not in (1, 2) or x.type.dtype not in float_dtypes:
                raise ShapeError(
                    f"{name} must be 1-d or 2-d tensor of floats. Got {x.type}",
                    fix="give the output of softmax and a gradient of its shape",
                )
        dy, sm = (x.dimshuffle("x", 0) if x.type.ndim == 1 else x for x in (dy, sm))
        return Apply(self, [dy, sm], [sm.type()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (dy, sm), (g,) = inputs, output_grads
        inner = g - (g * sm).sum(axis=1).dimshuffle(0, "x")
        return [inner * sm, inner * dy - g * (dy * sm).sum(axis=1).dimshuffle(0, "x")]

    def compute(self, node: Apply, dy: np.ndarray, sm: np.ndarray) -> Any:
        with np.errstate(all="ignore"):
            product = dy * sm
            return (product - product.sum(axis=-1, keepdims=True) * sm).astype(sm.dtype)

    def lower(self, node: Apply, ctx: Any, dy: Any, sm: Any) -> Any:
        ctx.align(node, (dy, sm))
        dtype = node.inputs[1].type.dtype
        if node.inputs[0].type.dtype != dtype:
            dy = ctx.cast(dy, dtype)
        if any(
            a and not b
            for a, b in zip(node.inputs[0].type.broadcastable, node.inputs[1].type.broadcastable, strict=True)
        ):
            dy = torch.expand_copy(dy, sm.shape)
        return torch._softmax_backward_data(dy, sm, -1, TORCH_DTYPES[dtype])

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[1]]


class LogSoftmax(Sized, Op):
    """z[i, j] = x[i, j] - log(sum_k exp(x[i, k])); a vector counts as one row.

    ValueError for other dimensions and for anything but floats.
    """

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        x = _rows(x, "LogSoftmax")
        return Apply(self, [x], [x.type()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (g,) = inputs, output_grads
        return [g - g.sum(axis=1).dimshuffle(0, "x") * softmax_op(x)]

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        return log_softmax_rows(x)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return ctx.call(log_softmax_last, x)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


class SoftmaxWithBias(Sized, Op):
    """z = softmax(x + b), x a matrix and b one number for each of its columns.

    ValueError where they are not float tensors of 2 and 1 dimensions.
    """

    __props__ = ()
    nin, nout = 2, 1

    def make_node(self, x: Any, b: Any) -> Apply:
        x, b = as_tensor_variable(x), as_tensor_variable(b)
        if x.type.ndim != 2 or x.type.dtype not in float_dtypes:
            raise ShapeError(f"x must be 2-d tensor of floats, not {x.type}", fix="use softmax for a vector")
        if b.type.ndim != 1 or b.type.dtype not in float_dtypes:
            raise ShapeError(
                f"b must be 1-d tensor of floats, not {b.type}", fix="give one number for each column"
            )
        return Apply(self, [x, b], [x.type()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (g,) = output_grads
        if isinstance(g.type, DisconnectedType):
            return [g.type(), g.type()]
        dx = softmax_grad(g, outputs[0])
        return [dx, dx.sum(axis=0)]

    def compute(self, node: Apply, x: np.ndarray, b: np.ndarray) -> Any:
        if b.shape[0] != x.shape[1]:
            raise ValueError(f"b must have same number of columns as x: {b.shape[0]} and {x.shape[1]}")
        with np.errstate(all="ignore"):
            return softmax_rows(x + b).astype(x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any, b: Any) -> Any:
        return ctx.call(softmax_last, biased(node, ctx, x, b))

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


def biased(node: Apply, ctx: Any, x: Any, b: Any) -> Any:
    """x + b in the dtype of x, the sizes checked at run time where they are not proved equal."""
    (columns,), (theirs,) = ctx.sizes(node.inputs[0])[1:], ctx.sizes(node.inputs[1])
    if ctx.find(columns) != ctx.find(theirs):
        ctx.call(check_columns, x, b)
    if node.inputs[1].type.dtype != node.inputs[0].type.dtype:
        b = ctx.cast(b, node.inputs[0].type.dtype)
    return torch.add(x, b)


softmax_op = Softmax()
softmax_grad = SoftmaxGrad()
softmax_with_bias = SoftmaxWithBias()
logsoftmax_op = LogSoftmax()


def softmax(c: Any) -> Any:
    """z[i, j] = exp(c[i, j]) / sum_k exp(c[i, k]). A vector of n gives shape (1, n), with a warning.

    ValueError for more than two dimensions and for anything but floats.
    """
    c = as_tensor_variable(c)
    if c.type.ndim and c.type.broadcastable[-1]:
        warn("The softmax is applied on a dimension of shape 1, which does not have a semantic meaning.")
    return softmax_op(c)


def logsoftmax(c: Any) -> Any:
    """log(softmax(c)), finite where softmax underflows. A vector of n gives shape (1, n), with a warning."""
    return logsoftmax_op(c)


def softmax_graph(c: Any) -> Any:
    """The softmax of rows as elementary operations (which the rewrites recognize)."""
    c = as_tensor_variable(c)
    return c.exp() / c.exp().sum(axis=-1, keepdims=True)


__all__ = [
    "LogSoftmax",
    "Softmax",
    "SoftmaxGrad",
    "SoftmaxWithBias",
    "biased",
    "log_softmax_rows",
    "logsoftmax",
    "logsoftmax_op",
    "softmax",
    "softmax_grad",
    "softmax_graph",
    "softmax_op",
    "softmax_rows",
    "softmax_with_bias",
]
