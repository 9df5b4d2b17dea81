"""Larger images by bilinear interpolation: transposed convolutions with filters shaped like tents."""

from __future__ import annotations

from math import gcd
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.operators import as_tensor_variable
from tgraph.ops.conv import conv2d, conv2d_grad_wrt_inputs
from tgraph.ops.create import arange, zeros
from tgraph.ops.index import set_subtensor
from tgraph.ops.join import concatenate


def bilinear_kernel_1D(ratio: Any, normalize: bool = True) -> Any:
    """1, 2, .., ratio, .., 2, 1, over ratio where ``normalize``: (2 * ratio - 1,), floatX; also for a variable."""
    half = arange(1, ratio + 1, dtype=config.floatX)
    kernel = concatenate([half, half[-2::-1]])
    return kernel / as_tensor_variable(ratio).astype(config.floatX) if normalize else kernel


def bilinear_kernel_2D(ratio: Any, normalize: bool = True) -> Any:
    """The outer product of two 1D kernels, for a ratio or a tuple of two: rows, columns."""
    rows, columns = ratio if isinstance(ratio, tuple) else (ratio, ratio)
    return bilinear_kernel_1D(columns, normalize).dimshuffle("x", 0) * bilinear_kernel_1D(rows, normalize).dimshuffle(
        0, "x"
    )


def _with_edges(x: Any) -> Any:
    """Images with their first and last rows and columns doubled."""
    x = concatenate([x[:, :, :1, :], x, x[:, :, -1:, :]], axis=2)
    return concatenate([x[:, :, :, :1], x, x[:, :, :, -1:]], axis=3)


def frac_bilinear_upsampling(input: Any, frac_ratio: Any) -> Any:
    """Images (batch, channels, rows, columns) larger by a fraction (p, q), or by one for rows and one for columns.

    ValueError for what is no tuple.
    """
    if not isinstance(frac_ratio, tuple):
        raise ValueError("frac_ratio must be a tuple")
    fractions = frac_ratio if isinstance(frac_ratio[0], tuple) else (frac_ratio, frac_ratio)
    ratio, subsample = zip(*((int(p) // gcd(p, q), int(q) // gcd(p, q)) for p, q in fractions), strict=True)
    rows, columns = input.shape[2], input.shape[3]
    images = _with_edges(input.reshape((-1, 1, rows, columns)))
    # the images become the filters, dilated, of a "signal" that is the kernel in a field of zeros
    kernel = bilinear_kernel_2D(ratio)
    before, total = [], []
    for size, r in zip((rows, columns), ratio, strict=True):
        around = (2 * size - 1) * r + 1
        before.append(around // 2)
        total.append(around + 2 * r - 1)
    field = zeros((1, 1, *total), dtype=config.floatX)
    inside = tuple(slice(b, b + 2 * r - 1) for b, r in zip(before, ratio, strict=True))
    field = set_subtensor(field[(slice(None), slice(None), *inside)], kernel.dimshuffle("x", "x", 0, 1))
    large = conv2d(field, images, border_mode="valid", filter_dilation=ratio, subsample=subsample)
    return large.reshape((input.shape[0], input.shape[1], large.shape[2], large.shape[3]))


def bilinear_upsampling(
    input: Any,
    ratio: Any = None,
    frac_ratio: Any = None,
    batch_size: Any = None,
    num_input_channels: Any = None,
    use_1D_kernel: bool = True,
) -> Any:
    """Images (batch, channels, rows, columns) ``ratio`` times as large, or by a fraction: see the other function.

    ValueError unless there is one of ``ratio`` and ``frac_ratio``, and for a fraction with ``use_1D_kernel``.
    """
    if ratio and frac_ratio:
        raise ValueError("can't use ratio and frac_ratio together")
    if not (ratio or frac_ratio):
        raise ValueError("No ratio (or frac_ratio) provided")
    if frac_ratio:
        if use_1D_kernel:
            raise ValueError(
                "For fractional ratios 1D kernel method not implemented. You may want to pass use_1D_kernel as False"
            )
        return frac_bilinear_upsampling(input, frac_ratio)
    known = all(isinstance(n, (int, np.integer)) for n in (batch_size, num_input_channels))
    batch = batch_size * num_input_channels if known else None
    rows, columns = input.shape[2], input.shape[3]
    images = _with_edges(input.reshape((-1, 1, rows, columns)))
    pad = 2 * ratio - (ratio - 1) // 2 - 1
    if use_1D_kernel:
        kernel = bilinear_kernel_1D(ratio)
        images = conv2d_grad_wrt_inputs(
            images,
            kernel.dimshuffle("x", "x", 0, "x"),
            (batch, 1, rows * ratio, columns + 2),
            (1, 1, None, 1),
            (pad, 0),
            (ratio, 1),
        )
        large = conv2d_grad_wrt_inputs(
            images,
            kernel.dimshuffle("x", "x", "x", 0),
            (batch, 1, rows * ratio, columns * ratio),
            (1, 1, 1, None),
            (0, pad),
            (1, ratio),
        )
    else:
        large = conv2d_grad_wrt_inputs(
            images,
            bilinear_kernel_2D(ratio).dimshuffle("x", "x", 0, 1),
            (batch, 1, rows * ratio, columns * ratio),
            (1, 1, None, None),
            (pad, pad),
            (ratio, ratio),
        )
    return large.reshape((input.shape[0], input.shape[1], rows * ratio, columns * ratio))


__all__ = ["bilinear_kernel_1D", "bilinear_kernel_2D", "bilinear_upsampling", "frac_bilinear_upsampling"]
