"""Convolutions of single images or stacks of them, without channels."""

from __future__ import annotations

from typing import Any

from tgraph.config import config, warn
from tgraph.ops.conv_legacy import ConvOp


def conv2d(
    input: Any,
    filters: Any,
    image_shape: Any = None,
    filter_shape: Any = None,
    border_mode: str = "valid",
    subsample: Any = (1, 1),
    **kargs: Any,
) -> Any:
    """The convolution of each image with each filter: ([images,] rows, columns) and ([filters,] rows, columns).

    The result is ([images,] [filters,] rows, columns). Modes, shapes and further arguments as for ``ConvOp``.
    AssertionError for other dimensions.
    """
    assert input.ndim in (2, 3)
    assert filters.ndim in (2, 3)
    told: dict[str, Any] = {}
    if filter_shape and image_shape:
        told = {
            "imshp": (1, *image_shape[-2:]),
            "kshp": filter_shape[-2:],
            "bsize": image_shape[0] if input.ndim == 3 else 1,
            "nkern": filter_shape[0] if filters.ndim == 3 else 1,
        }
    images, kernels = (
        v.dimshuffle(*([0] if v.ndim == 3 else ["x"]), "x", v.ndim - 2, v.ndim - 1) for v in (input, filters)
    )
    op = ConvOp(output_mode=border_mode, dx=subsample[0], dy=subsample[1], **told, **kargs)
    output = op(images, kernels)
    if input.ndim == 2 and filters.ndim == 2 and config.warn.signal_conv2d_interface:
        warn(
            "signal.conv2d() now outputs a 2d tensor when both inputs are 2d. To disable this warning, set the flag "
            "warn.signal_conv2d_interface to False"
        )
    kept = [i for i, v in enumerate((input, filters)) if v.ndim == 3]
    return output.dimshuffle(*kept, 2, 3)


__all__ = ["conv2d"]
