"""Products with matrices of which only some blocks are used: the output layer of a large vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.errors import DtypeError
from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import fresh_kernel
from tgraph.operators import as_tensor_variable, constant, table
from tgraph.types import discrete_dtypes, float_dtypes


@fresh_kernel
def block_gemv(
    o: torch.Tensor, w: torch.Tensor, h: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor
) -> torch.Tensor:
    """o[b, j] + sum_i h[b, i] . w[rows[b, i], columns[b, j]]."""
    i, j = rows.to(torch.int64), columns.to(torch.int64)
    blocks = w[i.unsqueeze(2), j.unsqueeze(1)]
    return o + torch.einsum("bim,bijmn->bjn", [h, blocks])


@fresh_kernel
def block_outer(
    o: torch.Tensor, x: torch.Tensor, y: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor
) -> torch.Tensor:
    """o, with the outer products of x[b, i] and y[b, j] added at [rows[b, i], columns[b, j]]."""
    i, j = rows.to(torch.int64).unsqueeze(2), columns.to(torch.int64).unsqueeze(1)
    products = torch.einsum("bim,bjn->bijmn", [x, y])
    return torch.index_put(o, [i.expand(products.shape[:3]), j.expand(products.shape[:3])], products, True)


class SparseBlockGemv(Sized, Op):
    """z[b, j] = o[b, j] + sum_i dot(h[b, i], W[inputIdx[b, i], outputIdx[b, j]]).

    o (batch, blocks out, size out), W (all blocks in, all blocks out, size in, size out), h (batch, blocks in, size
    in), indices (batch, blocks). TypeError for other dimensions.
    """

    __props__ = ("inplace",)
    registered_opts: list[Any] = []

    def __init__(self, inplace: bool = False):
        self.inplace = inplace

    def make_node(self, o: Any, W: Any, h: Any, inputIdx: Any, outputIdx: Any) -> Apply:
        parts = [as_tensor_variable(v) for v in (o, W, h, inputIdx, outputIdx)]
        names = ("output o", "weight matrix W", "input h", "input indices inputIdx", "output indices outputIdx")
        for name, v, ndim in zip(names, parts, (3, 4, 3, 2, 2), strict=True):
            if v.type.ndim != ndim:
                raise DtypeError(f"The {name} must be a {ndim}D tensor", fix="see the shapes in help(SparseBlockGemv)")
        assert all(v.type.dtype in discrete_dtypes for v in parts[3:])
        return Apply(self, parts, [parts[0].type()])

    def compute(
        self, node: Apply, o: np.ndarray, w: np.ndarray, h: np.ndarray, rows: np.ndarray, columns: np.ndarray
    ) -> Any:
        blocks = w[rows[:, :, None], columns[:, None, :]]
        return (o + np.einsum("bim,bijmn->bjn", h, blocks)).astype(o.dtype)

    def lower(self, node: Apply, ctx: Any, o: Any, w: Any, h: Any, rows: Any, columns: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        if dtype not in float_dtypes:
            return ctx.host(node, o, w, h, rows, columns)
        w, h = (
            v if x.type.dtype == dtype else ctx.cast(v, dtype) for v, x in zip((w, h), node.inputs[1:3], strict=True)
        )
        return ctx.call(block_gemv, o, w, h, rows, columns)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (_, w, h, rows, columns), (g,) = inputs, output_grads
        gw = SparseBlockOuter(self.inplace)(w.zeros_like(), h, g, rows, columns)
        gh = SparseBlockGemv(self.inplace)(h.zeros_like(), w.dimshuffle(1, 0, 3, 2), g, columns, rows)
        return [g, gw, gh, *(grad_undefined(self, i, inputs[i], "an index has no gradient") for i in (3, 4))]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


class SparseBlockOuter(Sized, Op):
    """z = o with outer(x[b, i], y[b, j]) added at [xIdx[b, i], yIdx[b, j]] for all b, i and j.

    o (all blocks in, all blocks out, size in, size out); ``alpha`` is kept for old code, which ignored it.
    """

    __props__ = ("inplace",)
    registered_opts: list[Any] = []

    def __init__(self, inplace: bool = False):
        self.inplace = inplace

    def make_node(self, o: Any, x: Any, y: Any, xIdx: Any, yIdx: Any, alpha: Any = None) -> Apply:
        if alpha is None:
            alpha = constant(np.float32(1))
        parts = [as_tensor_variable(v) for v in (o, x, y, xIdx, yIdx, alpha)]
        return Apply(self, parts, [parts[0].type()])

    def compute(
        self,
        node: Apply,
        o: np.ndarray,
        x: np.ndarray,
        y: np.ndarray,
        rows: np.ndarray,
        columns: np.ndarray,
        alpha: np.ndarray,
    ) -> Any:
        z = o.copy()
        np.add.at(z, (rows[:, :, None], columns[:, None, :]), np.einsum("bim,bjn->bijmn", x, y).astype(o.dtype))
        return z

    def lower(self, node: Apply, ctx: Any, o: Any, x: Any, y: Any, rows: Any, columns: Any, alpha: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        if dtype not in float_dtypes:
            return ctx.host(node, o, x, y, rows, columns, alpha)
        x, y = (
            v if i.type.dtype == dtype else ctx.cast(v, dtype) for v, i in zip((x, y), node.inputs[1:3], strict=True)
        )
        return ctx.call(block_outer, o, x, y, rows, columns)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (_, x, y, rows, columns, _), (g,) = inputs, output_grads
        gx = sparse_block_gemv(x.zeros_like(), g.dimshuffle(1, 0, 3, 2), y, columns, rows)
        gy = sparse_block_gemv(y.zeros_like(), g, x, rows, columns)
        return [g, gx, gy, *(grad_undefined(self, i, inputs[i], "it has no gradient") for i in (3, 4, 5))]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


sparse_block_gemv = SparseBlockGemv(False)
sparse_block_gemv_inplace = SparseBlockGemv(True)
sparse_block_outer = SparseBlockOuter(False)
sparse_block_outer_inplace = SparseBlockOuter(True)


def sparse_block_dot(W: Any, h: Any, inputIdx: Any, b: Any, outputIdx: Any) -> Any:
    """z[n, j] = b[outputIdx[n, j]] + sum_i dot(h[n, i], W[inputIdx[n, i], outputIdx[n, j]]).

    Shapes as in ``SparseBlockGemv``, b (all blocks out, size out). Without a batch, h is a matrix and the indices are
    vectors; the output still has a batch, of size 1.
    """
    assert inputIdx.ndim == h.ndim - 1
    assert outputIdx.ndim == inputIdx.ndim
    if h.ndim == 2:
        h = h.dimshuffle("x", 0, 1)
        inputIdx = inputIdx.dimshuffle("x", 0)
        outputIdx = outputIdx.dimshuffle("x", 0)
    return sparse_block_gemv(table["take"](b, outputIdx, axis=0), W, h, inputIdx, outputIdx)


__all__ = [
    "SparseBlockGemv",
    "SparseBlockOuter",
    "sparse_block_dot",
    "sparse_block_gemv",
    "sparse_block_gemv_inplace",
    "sparse_block_outer",
    "sparse_block_outer_inplace",
]
