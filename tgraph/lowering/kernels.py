"""Small functions that emitted code calls: plain torch, in the subset of Python that TorchScript reads.

Their source text is compiled into TorchScript programs and exported files, so each stands alone: annotated, no
defaults, no closures, calls only torch and other functions of this file.
"""

from __future__ import annotations

import torch


def check_axis(x: torch.Tensor, y: torch.Tensor, axis: int, i: int, j: int) -> None:
    """Operands i and j of an elementwise op must agree in the size of an axis that is not broadcastable."""
    if x.size(axis) != y.size(axis):
        raise ValueError(
            "Input dimension mis-match. (input["
            + str(i) + "].shape[" + str(axis) + "] = " + str(x.size(axis)) + ", input["
            + str(j) + "].shape[" + str(axis) + "] = " + str(y.size(axis)) + ")"
        )


def check_shape(x: torch.Tensor, y: torch.Tensor, i: int, j: int) -> None:
    """Operands i and j of an elementwise op without broadcastable axes must have one shape."""
    if x.size() != y.size():
        raise ValueError("Input dimension mis-match. (input[" + str(i) + "].shape = " + str(x.size())
                         + ", input[" + str(j) + "].shape = " + str(y.size()) + ")")
