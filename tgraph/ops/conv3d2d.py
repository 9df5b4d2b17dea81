"""Convolutions over time, rows and columns in the layouts of old, which end on columns or on channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.errors import NotScalarConstantError
from tgraph.graph import Apply, Op
from tgraph.operators import as_tensor_variable
from tgraph.ops.constants import get_scalar_constant_value
from tgraph.ops.conv import AbstractConv3d
from tgraph.ops.create import zeros
from tgraph.ops.index import set_subtensor
from tgraph.types import disconnected_type


def conv3d(
    signals: Any, filters: Any, signals_shape: Any = None, filters_shape: Any = None, border_mode: Any = "valid"
) -> Any:
    """(batch, time, channels, rows, columns), (filters, time, channels, rows, columns) -> (batch, time, filters, ...).

    A true convolution. ``border_mode`` is 'valid', 'full' or 'half', or a tuple of these for time, rows and columns.
    The shapes may tell what is known. NotImplementedError where rows and columns have different modes.
    """
    signals, filters = as_tensor_variable(signals), as_tensor_variable(filters)
    modes = (border_mode,) * 3 if isinstance(border_mode, str) else tuple(border_mode)
    if modes[1] != modes[2]:
        raise NotImplementedError("height and width bordermodes must match")
    for mode in modes:
        if mode == "same":
            raise NotImplementedError("border mode 'same': use 'half'")
        if mode not in ("valid", "full", "half"):
            raise ValueError("invalid border mode", mode)
    images = signals.dimshuffle(0, 2, 1, 3, 4)
    kernels = filters.dimshuffle(0, 2, 1, 3, 4)
    if modes[0] != modes[1]:
        images, modes = _with_zeros(images, kernels, modes), ("valid",) * 3
        signals_shape = None
    told = [None if shape is None else [shape[i] for i in (0, 2, 1, 3, 4)] for shape in (signals_shape, filters_shape)]
    z = AbstractConv3d(*map(_constants, told), border_mode=modes[0])(images, kernels)
    return z.dimshuffle(0, 2, 1, 3, 4)


def _constants(shape: Any) -> Any:
    """A shape with None for what is not known before the function runs."""
    if shape is None:
        return None
    found = []
    for size in shape:
        try:
            found.append(None if size is None else int(get_scalar_constant_value(size, only_process_constants=True)))
        except NotScalarConstantError:
            found.append(None)
    return found


def _with_zeros(images: Any, kernels: Any, modes: Sequence[str]) -> Any:
    """Images with zeros around each of their last three axes, as many as its mode says."""
    sizes, inside = [images.shape[0], images.shape[1]], [slice(None), slice(None)]
    for i, mode in enumerate(modes, start=2):
        size = kernels.shape[i]
        pad = {"valid": 0, "full": size - 1, "half": size // 2}[mode]
        sizes.append(images.shape[i] + 2 * pad)
        inside.append(slice(None) if mode == "valid" else slice(pad, pad + images.shape[i]))
    empty = zeros(sizes, dtype=images.type.dtype)
    return set_subtensor(empty[tuple(inside)], images)


def conv3D(V: Any, W: Any, b: Any, d: Any) -> Any:
    """(batch, rows, columns, time, channels) and (filters, rows, columns, time, channels) -> (batch, ..., filters).

    A correlation with stride ``d`` (three constant ints), plus a bias for each filter.
    """
    stride = tuple(
        int(get_scalar_constant_value(as_tensor_variable(n)))
        for n in (d if isinstance(d, (list, tuple, np.ndarray)) else [as_tensor_variable(d)[i] for i in range(3)])
    )
    V, W, b = (as_tensor_variable(v) for v in (V, W, b))
    op = AbstractConv3d(subsample=stride, filter_flip=False)
    z = op(V.dimshuffle(0, 4, 1, 2, 3), W.dimshuffle(0, 4, 1, 2, 3))
    return z.dimshuffle(0, 2, 3, 4, 1) + b.dimshuffle("x", "x", "x", "x", 0)


def get_diagonal_subtensor_view(x: np.ndarray, i0: int, i1: int) -> np.ndarray:
    """A view of an array: element (.., t, .., j, ..) is x[.., t + n - 1 - j, .., j, ..], n the size of axis i1.

    Axis i0 loses n - 1 elements. NotImplementedError where it is shorter than axis i1.
    """
    i0, i1 = int(i0), int(i1)
    if x.shape[i0] < x.shape[i1]:
        raise NotImplementedError("is this allowed?")
    view = x[(slice(None),) * i0 + (slice(x.shape[i1] - 1, None),)]
    strides = list(view.strides)
    if x.shape[i1] != 1:
        strides[i1] -= strides[i0]
    return np.lib.stride_tricks.as_strided(view, view.shape, strides)


class DiagonalSubtensor(Op):
    """The diagonals of x over axes i0 and i1: see ``get_diagonal_subtensor_view``. It runs on the host."""

    __props__ = ("inplace",)

    def __init__(self, inplace: bool = False):
        self.inplace = inplace

    def make_node(self, x: Any, i0: Any, i1: Any) -> Apply:
        parts = [as_tensor_variable(v) for v in (x, i0, i1)]
        return Apply(self, parts, [parts[0].type()])

    def compute(self, node: Apply, x: np.ndarray, i0: np.ndarray, i1: np.ndarray) -> Any:
        return get_diagonal_subtensor_view(x, int(i0), int(i1)).copy()

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, i0, i1 = inputs
        return [
            inc_diagonal_subtensor(x.zeros_like(), i0, i1, output_grads[0]),
            disconnected_type(),
            disconnected_type(),
        ]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False], [False]]


class IncDiagonalSubtensor(Op):
    """x with ``amt`` added to its diagonals over axes i0 and i1. It runs on the host."""

    __props__ = ("inplace",)

    def __init__(self, inplace: bool = False):
        self.inplace = inplace

    def make_node(self, x: Any, i0: Any, i1: Any, amt: Any) -> Apply:
        parts = [as_tensor_variable(v) for v in (x, i0, i1, amt)]
        return Apply(self, parts, [parts[0].type()])

    def compute(self, node: Apply, x: np.ndarray, i0: np.ndarray, i1: np.ndarray, amt: np.ndarray) -> Any:
        z = x.copy()
        get_diagonal_subtensor_view(z, int(i0), int(i1))[...] += amt
        return z

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (_, i0, i1, _), (g,) = inputs, output_grads
        return [g, disconnected_type(), disconnected_type(), diagonal_subtensor(g, i0, i1)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False], [False], [True]]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


diagonal_subtensor = DiagonalSubtensor(False)
inc_diagonal_subtensor = IncDiagonalSubtensor(False)

__all__ = [
    "DiagonalSubtensor",
    "IncDiagonalSubtensor",
    "conv3D",
    "conv3d",
    "diagonal_subtensor",
    "get_diagonal_subtensor_view",
    "inc_diagonal_subtensor",
]
