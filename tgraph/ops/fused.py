"""Ops that only rewrites make: several steps of a formula as one call, for stability or speed.

They stand in graphs after differentiation, so none defines a gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.graph import Apply, Op
from tgraph.ops.nnet_losses import _labels_in_range as labels_in_range
from tgraph.ops.nnet_losses import softmax_nll
from tgraph.ops.softmax import LogSoftmax, log_softmax_rows
from tgraph.types import TensorType


class LogOfSoftmax(LogSoftmax):
    """log(softmax(x)), written so by the user: as ``LogSoftmax``, told apart because labels that pick from it are
    checked."""

    __props__ = ()


class SoftmaxNll(Op):
    """z[i] = -log(softmax(x)[i, y[i]]), x logits of shape (rows, classes), y labels of shape (rows,).

    At run time: ValueError for labels outside of [0, classes) and for another number of labels than rows.
    """

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        return Apply(self, [x, y], [TensorType(x.type.dtype, y.type.broadcastable)()])

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray) -> Any:
        labels = labels_in_range(y, x, "x")
        return (-log_softmax_rows(x)[np.arange(len(y)), labels]).astype(x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any, y: Any) -> Any:
        return ctx.call(softmax_nll, x, y)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[1]]


@dataclass(frozen=True)
class LogSumExp(Op):
    """z[kept] = log(sum over ``axis`` of exp(x)), computed as max + log(sum(exp(x - max))): finite for all finite x,
    -inf for rows of -inf."""

    axis: tuple[int, ...]

    def make_node(self, x: Any) -> Apply:
        pattern = [b for i, b in enumerate(x.type.broadcastable) if i not in self.axis]
        return Apply(self, [x], [TensorType(x.type.dtype, pattern)()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        with np.errstate(all="ignore"):
            if not x.size:
                return np.log(np.exp(x).sum(axis=self.axis)).astype(x.dtype)
            top = x.max(axis=self.axis, keepdims=True)
            top = np.where(np.isinf(top), 0, top)
            total = np.log(np.exp(x - top).sum(axis=self.axis)) + top.squeeze(axis=self.axis)
            return np.asarray(total).astype(x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return torch.logsumexp(x, list(self.axis))

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [tuple(s for i, s in enumerate(inputs[0]) if i not in self.axis)]


log_of_softmax = LogOfSoftmax()
softmax_nll_op = SoftmaxNll()

__all__ = ["LogOfSoftmax", "LogSumExp", "SoftmaxNll", "log_of_softmax", "softmax_nll_op"]
