"""Pooling by its names of before it was called that."""

from __future__ import annotations

from typing import Any

from tgraph.graph import Apply
from tgraph.ops.pool import (
    AveragePoolGrad,
    DownsampleFactorMaxGradGrad,
    MaxPoolGrad,
    Pool,
    max_pool_2d_same_size,
    pool_2d,
)


def max_pool_2d(
    input: Any, ds: Any, ignore_border: Any = None, st: Any = None, padding: Any = (0, 0), mode: str = "max"
) -> Any:
    """``pool_2d`` with its parameters in their old order."""
    return pool_2d(input, ds, ignore_border, st, padding, mode)


class DownsampleFactorMax(Pool):
    """``Pool`` with its window as parameters: ``DownsampleFactorMax((2, 2), ignore_border=True)(x)``."""

    __props__ = ("ds", "ignore_border", "st", "padding", "mode", "ndim")

    def __init__(
        self,
        ds: Any,
        ignore_border: bool = False,
        st: Any = None,
        padding: Any = (0, 0),
        mode: str = "max",
        openmp: bool | None = None,
    ):
        super().__init__(ignore_border, mode, 2)
        self.ds, self.padding = tuple(ds), tuple(padding)
        self.st = self.ds if st is None else tuple(st)

    def make_node(self, x: Any) -> Apply:
        return super().make_node(x, self.ds, self.st, self.padding)


#: the gradients take their windows as inputs, as those of ``Pool`` do
DownsampleFactorMaxGrad = MaxPoolGrad

__all__ = [
    "AveragePoolGrad",
    "DownsampleFactorMax",
    "DownsampleFactorMaxGrad",
    "DownsampleFactorMaxGradGrad",
    "MaxPoolGrad",
    "Pool",
    "max_pool_2d",
    "max_pool_2d_same_size",
    "pool_2d",
]
