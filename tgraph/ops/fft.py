"""Discrete Fourier transforms: real ones of batches with real and imaginary parts side by side, and complex ones.

They are computed in 64 bits and rounded, as numpy did it in old times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.errors import DtypeError
from tgraph.graph import Apply, Constant, Op
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable
from tgraph.ops.create import arange
from tgraph.ops.elemwise import elemwise
from tgraph.ops.index import set_subtensor
from tgraph.ops.linalg import outer, tensordot
from tgraph.ops.rows import rows
from tgraph.ops.shape import make_vector, shape_i
from tgraph.types import TensorType, disconnected_type, integer_dtypes

_sqrt = elemwise(rows["sqrt"])
_REAL = ("float32", "float64")


@kernel
def empty_transform(x: torch.Tensor, sizes: list[int], ndim: int, packed: int) -> torch.Tensor:
    """The transform of an array without elements, which FFT libraries refuse: zeros, as many as sizes say.

    ``ndim``: its axes without the one for real and imaginary part; ``packed`` is 1 for a result with that one.
    """
    shape: list[int] = []
    for i in range(ndim):
        shape.append(x.size(i))
    for i in range(len(sizes)):
        if sizes[i] < 1:
            raise ValueError("Invalid number of FFT data points (" + str(sizes[i]) + ") specified.")
        shape[ndim - len(sizes) + i] = sizes[i]
    if packed == 1:
        shape[ndim - 1] = shape[ndim - 1] // 2 + 1
        shape.append(2)
    return torch.zeros(shape, dtype=x.dtype, device=x.device)


@kernel
def real_transform(x: torch.Tensor, sizes: list[int]) -> torch.Tensor:
    """The transform over the last axes, cut or padded to sizes; a last axis for real and imaginary part."""
    if x.numel() == 0:
        return empty_transform(x, sizes, x.dim(), 1)
    axes = list(range(x.dim() - len(sizes), x.dim()))
    z = torch.fft.rfftn(x.to(torch.float64), s=sizes, dim=axes)
    return torch.view_as_real(z.contiguous()).to(x.dtype)


@kernel
def inverse_transform(x: torch.Tensor, sizes: list[int]) -> torch.Tensor:
    """The real result, not divided by the number of its elements, of real and imaginary parts in the last axis."""
    if x.size(-1) < 2:
        raise IndexError("the last axis holds real and imaginary parts, its size is " + str(x.size(-1)))
    if x.numel() == 0:
        return empty_transform(x, sizes, x.dim() - 1, 0)
    axes = list(range(x.dim() - 1 - len(sizes), x.dim() - 1))
    wide = x.to(torch.float64)
    z = torch.complex(wide.select(-1, 0), wide.select(-1, 1))
    return torch.fft.irfftn(z, s=sizes, dim=axes, norm="forward").to(x.dtype)


def _sizes(op: Op, s: Any) -> Any:
    s = as_tensor_variable(s)
    if s.type.dtype not in integer_dtypes:
        raise DtypeError(
            f"{type(op).__name__}: length of the transformed axis must be of type integer",
            fix=f"cast it: it is {s.type}",
        )
    return s


def _doubled(g: Any, last: Any, factor: float) -> Any:
    """g with the frequencies that stand for two (all but the first, and the last of an even transform) scaled."""
    place = [slice(None)] * (g.type.ndim - 2) + [slice(1, last // 2 + last % 2), slice(None)]
    part = g[tuple(place)]
    return set_subtensor(part, part * np.asarray(factor, g.type.dtype))


class RFFTOp(Op):
    """The transform of real batches: (b, .., n) -> (b, .., n // 2 + 1, 2), unscaled.

    ``s``: the sizes of the transformed axes, all but the first by default. TypeError for fewer than 2 dimensions and
    for sizes that are not integers; ValueError at run time for sizes below 1.
    """

    __props__ = ()

    def output_type(self, inp: Any) -> TensorType:
        """The type of the transform of a variable."""
        return TensorType(inp.type.dtype, (False,) * (inp.type.ndim + 1))

    def make_node(self, a: Any, s: Any = None) -> Apply:
        a = as_tensor_variable(a)
        if a.type.ndim < 2:
            raise TypeError(f"{type(self).__name__}: input must have dimension >= 2, with first dimension batches")
        return Apply(self, [a, _sizes(self, a.shape[1:] if s is None else s)], [self.output_type(a)()])

    def compute(self, node: Apply, a: np.ndarray, s: np.ndarray) -> Any:
        wide = a if a.dtype.kind == "c" else a.astype("float64")
        sizes = tuple(int(n) for n in s)
        z = np.fft.rfftn(np.real(wide), s=sizes, axes=range(a.ndim - len(sizes), a.ndim))
        return np.stack([z.real, z.imag], -1).astype(a.dtype)

    def lower(self, node: Apply, ctx: Any, a: Any, s: Any) -> Any:
        if node.inputs[0].type.dtype not in _REAL:
            return ctx.host(node, a, s)
        return ctx.call(real_transform, a, ctx.integers(node.inputs[1], s))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (_, s), (g,) = inputs, output_grads
        # the inverse counts the frequencies between twice
        return [irfft_op(_doubled(g, s[-1], 0.5), s), disconnected_type()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The sizes do not influence the value."""
        return [[True], [False]]


def _require_pairs(a: Any) -> None:
    if a.type.ndim < 3:
        raise TypeError(
            "IRFFTOp: input must have dimension >= 3, with first dimension batches and last real/imag parts"
        )


def _full_sizes(a: Any, is_odd: bool = False) -> Any:
    """The sizes of what was transformed into ``a``."""
    _require_pairs(a)
    sizes = [shape_i(a, i) for i in range(1, a.type.ndim - 1)]
    return make_vector(*sizes[:-1], (sizes[-1] - 1) * 2 + int(is_odd))


class IRFFTOp(Op):
    """The inverse of ``RFFTOp`` without the division by the number of elements: (b, .., n // 2 + 1, 2) -> (b, .., n).

    ``s``: the sizes of the result's axes, by default even in the last. TypeError for fewer than 3 dimensions and for
    sizes that are not integers; ValueError at run time for sizes below 1.
    """

    __props__ = ()

    def output_type(self, inp: Any) -> TensorType:
        """The type of the transform of a variable."""
        return TensorType(inp.type.dtype, (False,) * (inp.type.ndim - 1))

    def make_node(self, a: Any, s: Any = None) -> Apply:
        a = as_tensor_variable(a)
        _require_pairs(a)
        return Apply(self, [a, _sizes(self, _full_sizes(a) if s is None else s)], [self.output_type(a)()])

    def compute(self, node: Apply, a: np.ndarray, s: np.ndarray) -> Any:
        wide = a if a.dtype.kind == "c" else a.astype("float64")
        sizes = tuple(int(n) for n in s)
        z = wide[..., 0] + 1j * wide[..., 1]
        found = np.fft.irfftn(z, s=sizes, axes=range(z.ndim - len(sizes), z.ndim)) * math.prod(sizes)
        return found.astype(a.dtype)

    def lower(self, node: Apply, ctx: Any, a: Any, s: Any) -> Any:
        if node.inputs[0].type.dtype not in _REAL:
            return ctx.host(node, a, s)
        return ctx.call(inverse_transform, a, ctx.integers(node.inputs[1], s))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (_, s), (g,) = inputs, output_grads
        return [_doubled(rfft_op(g, s), s[-1], 2.0), disconnected_type()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The sizes do not influence the value."""
        return [[True], [False]]


rfft_op = RFFTOp()
irfft_op = IRFFTOp()


def _unitary(norm: Any) -> Any:
    if norm not in (None, "ortho", "no_norm"):
        raise ValueError(f"Invalid value {norm} for norm, must be None, 'ortho' or 'no_norm'")
    return norm


def _count(s: Any, dtype: str) -> Any:
    return s.prod().astype(dtype)


def rfft(inp: Any, norm: str | None = None) -> Any:
    """The Fourier transform of real batches: (b, .., n) -> (b, .., n // 2 + 1, 2).

    ``norm`` 'ortho' divides by the root of the number of elements of a transform; None and 'no_norm' do not scale.
    ValueError for others.
    """
    s = inp.shape[1:]
    scaling = _sqrt(_count(s, inp.dtype)) if _unitary(norm) == "ortho" else 1
    return rfft_op(inp, s) / scaling


def irfft(inp: Any, norm: str | None = None, is_odd: bool = False) -> Any:
    """The inverse: (b, .., n // 2 + 1, 2) -> (b, .., n), n odd with ``is_odd``.

    ``norm`` None divides by the number of elements of a transform, 'ortho' by its root, 'no_norm' not at all.
    ValueError for others, and for an ``is_odd`` that is neither True nor False.
    """
    if is_odd not in (True, False):
        raise ValueError(f"Invalid value {is_odd} for is_odd, must be True or False")
    s = _full_sizes(inp, is_odd)
    scaling: Any = 1
    if _unitary(norm) is None:
        scaling = _count(s, inp.dtype)
    elif norm == "ortho":
        scaling = _sqrt(_count(s, inp.dtype))
    return irfft_op(inp, s) / scaling


@kernel
def complex_transform(x: torch.Tensor, n: int, axis: int) -> torch.Tensor:
    """The transform along one axis, cut or padded to n."""
    wide = x.to(torch.complex128)
    if x.numel() > 0:
        return torch.fft.fft(wide, n, axis)
    if n < 1:
        raise ValueError("Invalid number of FFT data points (" + str(n) + ") specified.")
    # FFT libraries refuse arrays without elements
    shape: list[int] = []
    for i in range(x.dim()):
        shape.append(n if i == axis else x.size(i))
    return torch.zeros(shape, dtype=wide.dtype, device=x.device)


class Fourier(Op):
    """The transform of ``a`` (may be complex) along ``axis``, cut or padded to ``n``: complex128, unscaled.

    ``n`` and ``axis`` are integers, may be symbolic, and default to the size and the last axis (None). TypeError for a
    scalar ``a`` and for what ``n`` and ``axis`` may not be.
    """

    __props__ = ()

    def make_node(self, a: Any, n: Any, axis: Any) -> Apply:
        a = as_tensor_variable(a)
        name = type(self).__name__
        if a.type.ndim < 1:
            raise TypeError(f"{name}: input must be an array, not a scalar")
        axis = as_tensor_variable(a.type.ndim - 1 if axis is None else axis)
        if axis.type.dtype not in integer_dtypes:
            raise TypeError(f"{name}: index of the transformed axis must be of type integer")
        known = isinstance(axis, Constant) and axis.type.ndim == 0
        if axis.type.ndim != 0 or (known and not 0 <= axis.data < a.type.ndim):
            raise TypeError(
                f"{name}: index of the transformed axis must be a scalar not smaller than 0 and smaller than "
                "dimension of array"
            )
        n = as_tensor_variable(a.shape[axis] if n is None else n)
        if n.type.dtype not in integer_dtypes:
            raise TypeError(f"{name}: length of the transformed axis must be of type integer")
        if n.type.ndim != 0 or (isinstance(n, Constant) and n.data < 1):
            raise TypeError(f"{name}: length of the transformed axis must be a strictly positive scalar")
        return Apply(self, [a, n, axis], [TensorType("complex128", a.type.broadcastable)()])

    def compute(self, node: Apply, a: np.ndarray, n: np.ndarray, axis: np.ndarray) -> Any:
        wide = a.astype("complex128" if a.dtype.kind == "c" else "float64")
        return np.fft.fft(wide, n=int(n), axis=int(axis))

    def lower(self, node: Apply, ctx: Any, a: Any, n: Any, axis: Any) -> Any:
        _, length, along = node.inputs
        return ctx.call(complex_transform, a, ctx.integer(length, n), ctx.integer(along, axis))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (a, n, along), (g,) = inputs, output_grads
        if not isinstance(along, Constant):
            raise NotImplementedError(f"{type(self).__name__}: the gradient is there for constant axes only")
        axis, ndim = int(along.data), a.type.ndim
        # dz[k] / da[j] = exp(-2 pi i j k / n), and nothing for the elements that are cut off
        phases = outer(arange(0, n, 1), arange(0, a.shape[axis], 1))
        waves = elemwise(rows["exp"])(phases * np.asarray(-2j * math.pi) / (1.0 * n))
        found = tensordot(g, waves, (axis, 0))
        kept = elemwise(rows["lt"])(arange(0, a.shape[axis], 1), n)
        found = elemwise(rows["switch"])(kept, found, np.asarray(0, "complex128"))
        order = [*range(axis), ndim - 1, *range(axis, ndim - 1)]
        return [found.dimshuffle(*order), disconnected_type(), disconnected_type()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the array influences the value smoothly."""
        return [[True], [False], [False]]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        _, n, along = node.inputs
        equal, switch = elemwise(rows["eq"]), elemwise(rows["switch"])
        if isinstance(along, Constant):
            return [tuple(n if i == int(along.data) else size for i, size in enumerate(shapes[0]))]
        return [tuple(switch(equal(along, i), n, size) for i, size in enumerate(shapes[0]))]


fft = Fourier()

__all__ = ["Fourier", "IRFFTOp", "RFFTOp", "fft", "irfft", "irfft_op", "rfft", "rfft_op"]
