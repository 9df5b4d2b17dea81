"""Convolutional layers, as ``nnet`` offers them."""

from __future__ import annotations

from typing import Any

from tgraph.config import warn
from tgraph.ops import conv


def conv2d(
    input: Any,
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    image_shape: Any = None,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
    **kwargs: Any,
) -> Any:
    """(batch, channels, rows, columns) and (filters, channels / groups, rows, columns) -> (batch, filters, ...).

    ``border_mode``: 'valid' (filters lie inside), 'full' (they touch), 'half' (half of them over the edge), a number of
    zeros around the image, or a tuple of numbers or pairs. ``subsample`` is the stride. ``filter_flip``: a true
    convolution, else a correlation. ``unshared``: filters (filters, output rows, output columns, channels / groups,
    rows, columns), one for each place. ``input_shape`` and ``filter_shape`` tell what is known. ``image_shape`` is
    the older name of ``input_shape`` (a warning); other old arguments are ignored with a warning. ValueError for
    parameters that do not fit, TypeError for other dimensions.
    """
    if "imshp_logical" in kwargs or "kshp_logical" in kwargs:
        raise ValueError(
            "Keyword arguments 'imshp_logical' and 'kshp_logical' for conv2d are not supported anymore "
            "(and have not been a reliable way to perform upsampling)"
        )
    if kwargs:
        warn(f"{kwargs.keys()} are now deprecated in `tensor.nnet.abstract_conv.conv2d` interface and will be ignored.")
    if image_shape is not None:
        warn(
            "The `image_shape` keyword argument to `tensor.nnet.conv2d` is deprecated, it has been renamed to "
            "`input_shape`."
        )
        if input_shape is not None:
            raise ValueError("input_shape and image_shape should not be provided at the same time.")
        input_shape = image_shape
    return conv.conv2d(
        input,
        filters,
        input_shape,
        filter_shape,
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    input_dilation: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """The transposed ("de-") convolution: the gradient of ``conv2d`` with respect to its input.

    (batch, in, rows, columns) and (in, out / groups, rows, columns) -> ``output_shape``, whose last two sizes are
    needed. ``border_mode`` crops what it padded there; ``input_dilation`` is its stride.
    """
    return conv.conv2d_grad_wrt_inputs(
        input,
        filters,
        output_shape,
        filter_shape,
        border_mode,
        input_dilation,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )


__all__ = ["conv2d", "conv2d_transpose"]
