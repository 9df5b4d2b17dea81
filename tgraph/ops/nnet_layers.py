"""Whole layers: the hierarchical softmax; a column in front of each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.errors import DtypeError
from tgraph.graph import Apply, Op
from tgraph.kernels import fresh_kernel
from tgraph.operators import as_tensor_variable, table
from tgraph.ops.blocksparse import sparse_block_dot
from tgraph.ops.create import arange, zeros
from tgraph.ops.rows import zero_for
from tgraph.ops.softmax import softmax
from tgraph.types import discrete_dtypes


@fresh_kernel
def with_first_column(value: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """x with a column of one value before the others."""
    return torch.cat([value.to(x.dtype).expand([x.size(0), 1]), x], 1)


class Prepend_scalar_to_each_row(Op):
    """z[i] = [value, x[i, 0], x[i, 1], ...], in the dtype of the matrix x. TypeError for what is no matrix."""

    __props__ = ()

    def make_node(self, val: Any, mat: Any) -> Apply:
        x, value = as_tensor_variable(mat), as_tensor_variable(val)
        if x.type.broadcastable != (False, False):
            raise DtypeError("Expected a matrix as input", fix=f"got {x.type}")
        assert value.type.ndim == 0
        return Apply(self, [value, x], [x.type()])

    def compute(self, node: Apply, value: np.ndarray, x: np.ndarray) -> Any:
        return np.concatenate([np.full((len(x), 1), value).astype(x.dtype), x], axis=1)

    def lower(self, node: Apply, ctx: Any, value: Any, x: Any) -> Any:
        return ctx.call(with_first_column, value, x)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (value, _), (g,) = inputs, output_grads
        return [zero_for(value) if value.type.dtype in discrete_dtypes else g[:, 0].sum(), g[:, 1:]]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [(shapes[1][0], shapes[1][1] + 1)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [(inputs[1][0], fresh())]


class Prepend_scalar_constant_to_each_row(Op):
    """z[i] = [val, x[i, 0], x[i, 1], ...], in the dtype of the matrix x. TypeError for what is no matrix."""

    __props__ = ("val",)

    def __init__(self, val: Any = 0):
        self.val = val

    def make_node(self, mat: Any) -> Apply:
        x = as_tensor_variable(mat)
        if x.type.broadcastable != (False, False):
            raise DtypeError("Expected a matrix as input", fix=f"got {x.type}")
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        return np.concatenate([np.full((len(x), 1), self.val, x.dtype), x], axis=1)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return ctx.call(with_first_column, ctx.tensor(np.asarray(self.val, node.inputs[0].type.dtype)), x)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [output_grads[0][:, 1:]]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [(shapes[0][0], shapes[0][1] + 1)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [(inputs[0][0], fresh())]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.val}}}"


prepend_scalar_to_each_row = Prepend_scalar_to_each_row()
prepend_0_to_each_row = Prepend_scalar_constant_to_each_row(0.0)
prepend_1_to_each_row = Prepend_scalar_constant_to_each_row(1.0)


def h_softmax(
    x: Any,
    batch_size: Any,
    n_outputs: Any,
    n_classes: Any,
    n_outputs_per_class: Any,
    W1: Any,
    b1: Any,
    W2: Any,
    b2: Any,
    target: Any = None,
) -> Any:
    """A softmax over classes, then one within each class. Goodman, 2001, arXiv:cs/0108006.

    x (batch, in); W1 (in, classes), b1 (classes,); W2 (classes, in, outputs per class), b2 (classes, outputs per
    class); classes * outputs per class >= outputs. Without ``target`` the probabilities (batch, outputs); with
    ``target`` (batch,) only those of the targets, (batch,).
    """
    class_probs = softmax(table["dot"](x, W1) + b1)
    if target is None:
        activations = table["tensordot"](x, W2, (1, 1)) + b2
        inner = softmax(activations.reshape((-1, n_outputs_per_class))).reshape((batch_size, n_classes, -1))
        return (class_probs.dimshuffle(0, 1, "x") * inner).reshape((batch_size, -1))[:, :n_outputs]
    target = target.flatten()
    classes, places = target // n_outputs_per_class, target % n_outputs_per_class
    activations = sparse_block_dot(
        W2.dimshuffle("x", 0, 1, 2),
        x.dimshuffle(0, "x", 1),
        zeros((batch_size, 1), dtype="int32"),
        b2,
        classes.dimshuffle(0, "x"),
    )
    inner = softmax(activations.dimshuffle(0, 2))
    rows = arange(batch_size)
    return class_probs[rows, classes] * inner[rows, places]


__all__ = [
    "Prepend_scalar_constant_to_each_row",
    "Prepend_scalar_to_each_row",
    "h_softmax",
    "prepend_0_to_each_row",
    "prepend_1_to_each_row",
    "prepend_scalar_to_each_row",
]
