"""Connectionist temporal classification: the cost of a labelling without alignment.

Graves et al., 2006, *Connectionist Temporal Classification*, ICML. Class 0 is the blank; the softmax is part of the op.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.errors import DtypeError, ShapeError
from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Op
from tgraph.kernels import fresh_kernel, kernel
from tgraph.operators import as_tensor_variable
from tgraph.types import TensorType
from tgraph.values import to_numpy, to_tensor


@kernel
def labels_in_front(labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of labels with the padding (negative numbers) moved to their ends and set to 0, and how many are left."""
    kept = labels >= 0
    order = torch.argsort(kept.to(torch.int64), stable=True, dim=1, descending=True)
    packed = torch.where(kept, labels, torch.zeros_like(labels)).to(torch.int64)
    return packed.gather(1, order), kept.to(torch.int64).sum(1)


@fresh_kernel
def ctc_costs(x: torch.Tensor, labels: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The cost of each sequence, 0 where its labels do not fit into its length."""
    if x.numel() == 0:
        return torch.zeros([x.size(1)], dtype=x.dtype, device=x.device)
    targets, counts = labels_in_front(labels)
    costs = torch._ctc_loss(torch.log_softmax(x, 2), targets, lengths.to(torch.int64), counts, 0, True)[0]
    return torch.where(torch.isinf(costs), torch.zeros_like(costs), costs)


@fresh_kernel
def ctc_gradients(x: torch.Tensor, labels: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The gradients of the costs with respect to the activations."""
    if x.numel() == 0:
        return torch.zeros_like(x)
    targets, counts = labels_in_front(labels)
    times = lengths.to(torch.int64)
    logs = torch.log_softmax(x, 2)
    costs, alpha = torch._ctc_loss(logs, targets, times, counts, 0, True)
    # torch gives softmax minus posterior, whose sum over the classes is 0: that is the gradient before log_softmax
    return torch.ops.aten._ctc_loss_backward(
        torch.ones_like(costs), logs, targets, times, counts, costs, alpha, 0, True
    )


class ConnectionistTemporalClassification(Op):
    """Costs (batch,) of activations (time, batch, classes) before the softmax; with ``compute_grad`` also gradients.

    ``labels`` (batch, length) are int32, padded with negative numbers; ``input_lengths`` (batch,) are int32. TypeError
    for other dtypes (activations are float32), ValueError for other dimensions.
    """

    __props__ = ("compute_grad",)
    default_output = 0

    def __init__(self, compute_grad: bool = True, openmp: bool | None = None):
        self.compute_grad = compute_grad

    def make_node(self, activations: Any, labels: Any, input_lengths: Any) -> Apply:
        parts = [as_tensor_variable(v) for v in (activations, labels, input_lengths)]
        for name, v, dtype, ndim in zip(
            ("activations", "labels", "input_lengths"), parts, ("float32", "int32", "int32"), (3, 2, 1), strict=True
        ):
            if v.type.dtype != dtype:
                raise DtypeError(f"{name} must use the {dtype} type!", fix=f"cast: T.cast({name}, '{dtype}')")
            if v.type.ndim != ndim:
                raise ShapeError(
                    f"{name} must have {ndim} dimension{'s' if ndim > 1 else ''}.",
                    fix="activations (time, batch, classes), labels (batch, length), lengths (batch,)",
                )
        outputs = [TensorType("float32", (False,))("ctc_cost")]
        if self.compute_grad:
            outputs.append(TensorType("float32", (False,) * 3)("ctc_grad"))
        return Apply(self, parts, outputs)

    def compute(self, node: Apply, x: np.ndarray, labels: np.ndarray, lengths: np.ndarray) -> Any:
        args = [to_tensor(np.array(v)) for v in (x, labels, lengths)]
        return tuple(to_numpy(k(*args)) for k in (ctc_costs, ctc_gradients)[: len(node.outputs)])

    def lower(self, node: Apply, ctx: Any, x: Any, labels: Any, lengths: Any) -> Any:
        return tuple(ctx.call(k, x, labels, lengths) for k in (ctc_costs, ctc_gradients)[: len(node.outputs)])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        assert self.compute_grad
        return [
            output_grads[0].dimshuffle("x", 0, "x") * outputs[1],
            grad_undefined(self, 1, inputs[1]),
            grad_undefined(self, 2, inputs[2]),
        ]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [(inputs[0][1],), inputs[0]][: len(node.outputs)]


def ctc(activations: Any, labels: Any, input_lengths: Any) -> Any:
    """Costs (batch,), float32: -log p(labels | softmax(activations)), summed over all alignments. Class 0 is the blank.

    ``activations`` (time, batch, classes), float32; ``labels`` (batch, length), int32, padded with -1;
    ``input_lengths`` (batch,), int32. TypeError or ValueError for other types.
    """
    return ConnectionistTemporalClassification()(activations, labels, input_lengths)


def ctc_available() -> bool:
    """True: torch brings the algorithm."""
    return True


ctc_available.msg = ctc_available.path = None  # type: ignore[attr-defined]
ctc_present = ctc_available

__all__ = ["ConnectionistTemporalClassification", "ctc", "ctc_available", "ctc_present"]
