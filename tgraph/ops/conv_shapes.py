"""Shapes of convolutions: of the output, and back from it to the filters and to the input.

Sizes are ints, None (not known) or integer variables. A ``border_mode`` is 'valid', 'full', 'half', a number of zeros
on both sides, or a tuple with a number, or a pair (before, after), for each axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.errors import NotScalarConstantError
from tgraph.operators import table
from tgraph.ops.assertion import Assert
from tgraph.ops.constants import get_scalar_constant_value


def is_int(value: Any) -> bool:
    """True for Python's and numpy's integers."""
    return isinstance(value, (int, np.integer))


def _spread(border_mode: Any, i: int) -> Any:
    return border_mode[i] if isinstance(border_mode, tuple) else border_mode


def _ends(border_mode: Any, dilated: Any) -> tuple[Any, Any]:
    """Zeros before and after, for a filter that spans ``dilated`` elements."""
    if border_mode == "half":
        return dilated // 2, dilated // 2
    if border_mode == "full":
        return dilated - 1, dilated - 1
    if border_mode == "valid":
        return 0, 0
    before, after = border_mode if isinstance(border_mode, tuple) else (border_mode, border_mode)
    if before < 0 or after < 0:
        raise ValueError("border_mode must be >= 0")
    return before, after


def _unknown(*values: Any) -> bool:
    return any(v is None for v in values)


def get_conv_shape_1axis(
    image_shape: Any, kernel_shape: Any, border_mode: Any, subsample: Any, dilation: Any = 1
) -> Any:
    """(image + zeros - ((kernel - 1) * dilation + 1)) // subsample + 1; None if any part is not known."""
    if _unknown(image_shape, kernel_shape, border_mode, subsample, dilation):
        return None
    dilated = (kernel_shape - 1) * dilation + 1
    size = image_shape - dilated
    for end in _ends(border_mode, dilated):
        # an addition of nothing would stay in the graph
        size = size if is_int(end) and end == 0 else size + end
    return (size if is_int(subsample) and subsample == 1 else size // subsample) + 1


def get_conv_output_shape(
    image_shape: Sequence[Any],
    kernel_shape: Sequence[Any],
    border_mode: Any,
    subsample: Sequence[Any],
    filter_dilation: Any = None,
) -> tuple[Any, ...]:
    """(batch, filters, ...) of the convolution of (batch, channels, ...) with (filters, channels, ...)."""
    dilation = [1] * len(subsample) if filter_dilation is None else filter_dilation
    sizes, kernel = image_shape[2:], kernel_shape[-(len(image_shape) - 2) :]
    return (
        image_shape[0],
        kernel_shape[0],
        *(
            get_conv_shape_1axis(sizes[i], kernel[i], _spread(border_mode, i), subsample[i], dilation[i])
            for i in range(len(subsample))
        ),
    )


def get_conv_gradweights_shape_1axis(
    image_shape: Any, top_shape: Any, border_mode: Any, subsample: Any, dilation: Any
) -> Any:
    """The size of a filter, from those of the image and of the output; None where they do not tell."""
    if _unknown(image_shape, top_shape, border_mode, subsample, dilation) or subsample != 1 or border_mode == "half":
        return None
    if border_mode == "full":
        size = top_shape - image_shape
    elif border_mode == "valid":
        size = image_shape - top_shape
    else:
        size = image_shape + sum(_ends(border_mode, 1)) - top_shape
    return (size / dilation if dilation > 1 else size) + 1


def get_conv_gradweights_shape(
    image_shape: Sequence[Any],
    top_shape: Sequence[Any],
    border_mode: Any,
    subsample: Sequence[Any],
    filter_dilation: Any = None,
    num_groups: int = 1,
    unshared: bool = False,
) -> tuple[Any, ...]:
    """The shape of the filters, from those of the image and of the output; None where they do not tell."""
    dilation = [1] * len(subsample) if filter_dilation is None else filter_dilation
    filters = top_shape[1] // num_groups if num_groups > 1 else top_shape[1]
    sizes = tuple(
        get_conv_gradweights_shape_1axis(
            image_shape[i + 2], top_shape[i + 2], _spread(border_mode, i), subsample[i], dilation[i]
        )
        for i in range(len(subsample))
    )
    return (filters, *(top_shape[2:] if unshared else ()), image_shape[1], *sizes)


def get_conv_gradinputs_shape_1axis(
    kernel_shape: Any, top_shape: Any, border_mode: Any, subsample: Any, dilation: Any
) -> Any:
    """The size of the image, from those of the filter and of the output; None where they do not tell."""
    if _unknown(kernel_shape, top_shape, border_mode, subsample, dilation) or subsample != 1:
        return None
    dilated = (kernel_shape - 1) * dilation + 1
    before, after = _ends(border_mode, dilated)
    return top_shape + dilated - 1 - before - after


def get_conv_gradinputs_shape(
    kernel_shape: Sequence[Any],
    top_shape: Sequence[Any],
    border_mode: Any,
    subsample: Sequence[Any],
    filter_dilation: Any = None,
    num_groups: int = 1,
) -> tuple[Any, ...]:
    """The shape of the image, from those of the filters and of the output; None where they do not tell."""
    dilation = [1] * len(subsample) if filter_dilation is None else filter_dilation
    kernel = kernel_shape[-(len(top_shape) - 2) :]
    channels = kernel_shape[1] * num_groups if num_groups > 1 else kernel_shape[1]
    return (
        top_shape[0],
        channels,
        *(
            get_conv_gradinputs_shape_1axis(
                kernel[i], top_shape[i + 2], _spread(border_mode, i), subsample[i], dilation[i]
            )
            for i in range(len(subsample))
        ),
    )


def check_conv_gradinputs_shape(
    image_shape: Sequence[Any],
    kernel_shape: Sequence[Any],
    output_shape: Sequence[Any],
    border_mode: Any,
    subsample: Sequence[Any],
    filter_dilation: Any = None,
) -> bool:
    """False if an image and filters of these shapes cannot give an output of that one, as far as they are known."""
    if len(image_shape) != len(kernel_shape) or len(image_shape) != len(output_shape):
        return False
    if len(image_shape) - 2 != len(subsample):
        return False
    if filter_dilation is not None and len(image_shape) - 2 != len(filter_dilation):
        return False
    computed = get_conv_output_shape(image_shape, kernel_shape, border_mode, subsample, filter_dilation)
    for given, size in zip(output_shape, computed, strict=True):
        if given is None or size is None:
            continue
        try:
            if int(get_scalar_constant_value(given)) != int(get_scalar_constant_value(size)):
                return False
        except NotScalarConstantError:
            continue
    return True


def assert_conv_shape(shape: Sequence[Any]) -> tuple[Any, ...]:
    """The shape, checked: no negative batch or channels, and sizes above 0.

    ValueError for numbers that are wrong; variables are checked when the function runs (AssertionError).
    """
    checked = []
    for i, n in enumerate(shape):
        low, sign = (0, "<") if i < 2 else (1, "<=")
        try:
            known = get_scalar_constant_value(n)
        except NotScalarConstantError:
            checked.append(
                Assert(f"The convolution would produce an invalid shape (dim[{i}] {sign} 0).")(n, table["ge"](n, low))
            )
            continue
        if known < low:
            raise ValueError(f"The convolution would produce an invalid shape (dim[{i}]: {int(known)} {sign} 0).")
        checked.append(n)
    return tuple(checked)


def assert_shape(x: Any, expected_shape: Any, msg: str = "Unexpected shape.") -> Any:
    """x, whose shape is checked when the function runs, if ``config.conv.assert_shape`` is set; None fits any size."""
    if expected_shape is None or not config.conv.assert_shape:
        return x
    tests = [table["eq"](x.shape[i], size) for i, size in enumerate(expected_shape) if size is not None]
    return Assert(msg)(x, *tests) if tests else x


def border_mode_to_pad(mode: Any, convdim: int, kshp: Sequence[Any]) -> tuple[Any, ...]:
    """A pair (before, after) for each axis, for filters that span ``kshp``. ValueError for what is no border mode."""
    if isinstance(mode, tuple):
        if len(mode) != convdim:
            raise ValueError(f"invalid border_mode {mode} which must be a tuple of length {convdim}")
        border = []
        for m in mode:
            if is_int(m) and m >= 0:
                border.append((m, m))
            elif isinstance(m, tuple) and min(m) >= 0 and all(is_int(b) for b in m):
                if len(m) != 2:
                    raise NotImplementedError(f"Asymmetric padding not implemented for {len(m)}d")
                border.append(m)
            else:
                raise ValueError(
                    f"invalid border mode {mode}. The tuple can only contain integers or tuples of length 2"
                )
        return tuple(border)
    if mode not in ("valid", "full", "half"):
        raise ValueError(
            f'invalid border_mode {mode}, which must be either "valid", "full", "half", an integer or a '
            f"tuple of length {convdim}"
        )
    return tuple(_ends(mode, kshp[i]) for i in range(convdim))


__all__ = [
    "assert_conv_shape",
    "assert_shape",
    "border_mode_to_pad",
    "check_conv_gradinputs_shape",
    "get_conv_gradinputs_shape",
    "get_conv_gradinputs_shape_1axis",
    "get_conv_gradweights_shape",
    "get_conv_gradweights_shape_1axis",
    "get_conv_output_shape",
    "get_conv_shape_1axis",
]
