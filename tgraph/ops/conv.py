"""Convolutions as ops: ``AbstractConv``, and its gradients with respect to the filters and to the input.

Images are (batch, channels, ...), filters (filters, channels / groups, ...), outputs (batch, filters, ...), with two
or three axes "...". Unshared filters have the places of the output before their channels: (filters, rows, columns,
channels / groups, ...). With ``filter_flip`` (the default) it is a true convolution, which reverses the filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.errors import DtypeError, NotScalarConstantError, ShapeError
from tgraph.graph import Apply, Op, Variable
from tgraph.operators import as_tensor_variable
from tgraph.ops.constants import get_scalar_constant_value
from tgraph.ops.conv_kernels import (
    NumpyConvolution,
    conv_filter_grad,
    conv_forward,
    conv_input_grad,
    unshared_filter_grad,
    unshared_forward,
    unshared_input_grad,
)
from tgraph.ops.conv_shapes import assert_shape, get_conv_output_shape, is_int
from tgraph.ops.shape import patternbroadcast
from tgraph.types import disconnected_type, float_dtypes


def _checked_border(border_mode: Any, convdim: int) -> Any:
    """A border mode in its usual form: 'valid', 'full', 'half', or a tuple of numbers and pairs."""
    if is_int(border_mode):
        if border_mode < 0:
            raise ValueError(f"invalid border_mode {border_mode}, which must be a non-negative integer")
        border_mode = (int(border_mode),) * convdim
    elif isinstance(border_mode, tuple):
        if len(border_mode) != convdim:
            raise ValueError(f"invalid border_mode {border_mode}, which must be a tuple of length {convdim}")
        modes = []
        for mode in border_mode:
            if isinstance(mode, tuple) and len(mode) == 2 and all(is_int(m) and m >= 0 for m in mode):
                if convdim != 2:
                    raise NotImplementedError(f"Asymmetric padding not implemented for {convdim}D")
                modes.append(mode[0] if mode[0] == mode[1] else mode)
            elif is_int(mode) and mode >= 0:
                modes.append(mode)
            else:
                raise ValueError(
                    f"invalid border mode {border_mode}. The tuple can only contain integers  or pairs of integers"
                )
        border_mode = tuple(modes)
    elif border_mode not in ("valid", "full", "half"):
        raise ValueError(
            f'invalid border_mode {border_mode}, which must be either "valid", "full", "half", an integer '
            f"or a tuple of length {convdim}"
        )
    return "valid" if isinstance(border_mode, tuple) and not any(border_mode) else border_mode


def _checked_shape(shape: Any, length: int, name: str) -> tuple[Any, ...]:
    """A shape that is told: ints, constants or None."""
    for size in shape or ():
        if size is None:
            continue
        try:
            get_scalar_constant_value(size, only_process_constants=True)
        except NotScalarConstantError:
            raise ValueError(f"{name} should be None or a tuple of constant int values") from None
    return tuple(shape) if shape else (None,) * length


class BaseAbstractConv(Op):
    """What a convolution and its gradients share: their parameters.

    ``imshp`` and ``kshp``: the shapes of images and filters, as far as they are known (they are checked only where
    ``config.conv.assert_shape`` says so). ``subsample``: the stride. ``filter_dilation``: the distance of the elements
    of the filters. ``num_groups``: the channels are split, and each part has filters of its own. ValueError for
    parameters that do not fit.
    """

    __props__ = (
        "convdim",
        "border_mode",
        "subsample",
        "filter_flip",
        "imshp",
        "kshp",
        "filter_dilation",
        "num_groups",
        "unshared",
    )
    check_broadcast = False

    def __init__(
        self,
        convdim: int,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = None,
        filter_flip: bool = True,
        filter_dilation: Any = None,
        num_groups: int = 1,
        unshared: bool = False,
    ):
        if convdim not in (2, 3):
            raise ValueError(f"convolution dimension {convdim} is not supported")
        self.convdim = convdim
        self.border_mode = _checked_border(border_mode, convdim)
        self.imshp = _checked_shape(imshp, 2 + convdim, "imshp")
        self.kshp = _checked_shape(kshp, 2 + (2 if unshared else 1) * convdim, "kshp")
        self.filter_flip = filter_flip
        self.subsample = (1,) * convdim if subsample is None else tuple(subsample)
        self.filter_dilation = (1,) * convdim if filter_dilation is None else tuple(filter_dilation)
        for name, value in (("subsample", self.subsample), ("filter_dilation", self.filter_dilation)):
            if len(value) != convdim:
                raise ValueError(f"{name} must have {convdim} elements")
        if num_groups < 1:
            raise ValueError("num_groups must have value greater than zero")
        if unshared and convdim != 2:
            raise NotImplementedError(f"Unshared convolution not implemented for {convdim}D")
        self.num_groups, self.unshared = num_groups, unshared

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "convdim" in state:
            super().__setstate__(state)
            return
        # a pickle of Theano 0.8, which had two dimensions only
        names = ("imshp", "kshp", "border_mode", "subsample", "filter_flip", "filter_dilation")
        BaseAbstractConv.__init__(self, 2, **{name: state[name] for name in names if name in state})

    @property
    def filter_ndim(self) -> int:
        """Dimensions of the filters."""
        return 2 + (2 if self.unshared else 1) * self.convdim

    def sibling(self, name: str) -> Any:
        """The op of these parameters that is the ``forward`` convolution or one of its gradients."""
        cls = _FAMILIES[self._family()][name]
        parameters = [
            self.imshp,
            self.kshp,
            self.border_mode,
            self.subsample,
            self.filter_flip,
            self.filter_dilation,
            self.num_groups,
        ]
        return cls(*parameters, self.unshared) if self.convdim == 2 else cls(*parameters)

    def _family(self) -> str:
        return f"AbstractConv{self.convdim}d"

    def _arguments(self) -> tuple:
        """How the kernels take the parameters."""
        mode, given = self.border_mode, [0] * (2 * self.convdim)
        if isinstance(mode, tuple):
            given = [int(end) for m in mode for end in (m if isinstance(m, tuple) else (m, m))]
            mode = ""
        return (
            mode,
            given,
            [int(s) for s in self.subsample],
            [int(d) for d in self.filter_dilation],
            int(self.num_groups),
            bool(self.filter_flip),
        )

    def _in_numpy(self, image: Sequence[int], filters: Sequence[int]) -> NumpyConvolution:
        mode, given, stride, dilation, groups, _ = self._arguments()
        return NumpyConvolution(image, filters, mode, given, stride, dilation, groups, self.unshared)

    def _flipped(self, w: np.ndarray) -> np.ndarray:
        return w[(..., *[slice(None, None, -1)] * self.convdim)] if self.filter_flip else w

    def _lowered(self, node: Apply, ctx: Any, kernels: Sequence[Any], *xs: Any) -> Any:
        """The call of a kernel with all tensors in the dtype of the output; on the host where it is no float."""
        dtype = node.outputs[0].type.dtype
        if dtype not in float_dtypes:
            return ctx.host(node, *xs)
        args = [x if v.type.dtype == dtype else ctx.cast(x, dtype) for x, v in zip(xs[:2], node.inputs, strict=False)]
        if len(xs) == 3:
            sizes = ctx.integers(node.inputs[2], xs[2])
            args.append([sizes[i] for i in range(self.convdim)])
        return ctx.call(kernels[1] if self.unshared else kernels[0], *args, *self._arguments())

    def _check_ndim(self, x: Any, ndim: int, name: str) -> None:
        if x.type.ndim != ndim:
            unshared = " for unshared convolution" if ndim > 2 + self.convdim else ""
            raise DtypeError(f"{name} must be {ndim}D tensor{unshared}", fix=f"got {x.type}")

    def _open(self) -> list[bool]:
        return [False] * self.convdim

    def flops(self, inp: Any, outp: Any) -> Any:
        """The number of multiplications and additions for input shapes (images, filters) and one output shape."""
        if self.convdim != 2:
            raise NotImplementedError(f"flops not implemented for convdim={self.convdim}")
        (images, filters), (outputs,) = inp, outp
        assert images[1] == filters[1] * self.num_groups
        return (
            filters[2] * filters[3] * 2 * outputs[2] * outputs[3] * images[1] * filters[0] * images[0] / self.num_groups
        )


def _like(gradient: Any, x: Any) -> Any:
    """A gradient in the type of what it belongs to."""
    return x.type.filter_variable(patternbroadcast(gradient, x.type.broadcastable))


class AbstractConv(BaseAbstractConv):
    """z[b, f, i, ...] = sum of x[b, c, i * stride + m * dilation, ...] * w[f, c, m, ...] over c and m, flipped or not.

    Inputs: images, filters. The output has the dtype of the images. TypeError for other dimensions; ValueError at run
    time for channels that do not fit and for filters that reach over the padded image.
    """

    def make_node(self, img: Any, kern: Any) -> Apply:
        img, kern = as_tensor_variable(img), as_tensor_variable(kern)
        self._check_ndim(img, 2 + self.convdim, "img")
        self._check_ndim(kern, self.filter_ndim, "kern")
        told = "AbstractConv shape mismatch: shape of {} does not match given {}."
        img = assert_shape(img, self.imshp, told.format("image", "imshp"))
        kern = assert_shape(kern, self.kshp, told.format("filters", "kshp"))
        pattern = [img.type.broadcastable[0], kern.type.broadcastable[0], *self._open()]
        return Apply(self, [img, kern], [img.type.clone(broadcastable=pattern)()])

    def compute(self, node: Apply, x: np.ndarray, w: np.ndarray) -> Any:
        form = self._in_numpy(x.shape[2:], w.shape[-self.convdim :])
        return form.forward(x, self._flipped(w)).astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any, w: Any) -> Any:
        return self._lowered(node, ctx, (conv_forward, unshared_forward), x, w)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, w), (g,) = inputs, output_grads
        n = self.convdim
        gx = self.sibling("inputs")(w, g, x.shape[-n:], add_assert_shape=False)
        gw = self.sibling("weights")(x, g, w.shape[-n:], add_assert_shape=False)
        return [_like(gx, x), _like(gw, w)]

    def infer_shape(self, node: Any, input_shapes: Sequence[Any]) -> list[Any]:
        images, filters = (
            [size if told is None else told for size, told in zip(shape, shapes, strict=True)]
            for shape, shapes in zip(input_shapes, (self.imshp, self.kshp), strict=True)
        )
        return [get_conv_output_shape(images, filters, self.border_mode, self.subsample, self.filter_dilation)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        images, filters = inputs
        return [(images[0], filters[0], *(fresh() for _ in range(self.convdim)))]


class _Gradient(BaseAbstractConv):
    """Inputs: filters or images, the gradient of the output, and the sizes of what is asked for."""

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True], [False]]


class AbstractConv_gradWeights(_Gradient):
    """The gradient of ``AbstractConv`` with respect to the filters.

    Inputs: images, the gradient of the output, the sizes of the filters (which a stride leaves open).
    """

    def make_node(self, img: Any, topgrad: Any, shape: Any, add_assert_shape: bool = True) -> Apply:
        img, topgrad = as_tensor_variable(img), as_tensor_variable(topgrad)
        self._check_ndim(img, 2 + self.convdim, "img")
        self._check_ndim(topgrad, 2 + self.convdim, "topgrad")
        if add_assert_shape:
            img = assert_shape(
                img, self.imshp, "AbstractConv_gradWeights shape mismatch: shape of image does not match given imshp."
            )
        places = self._open() if self.unshared else []
        pattern = [
            topgrad.type.broadcastable[1],
            *places,
            img.type.broadcastable[1] and self.num_groups == 1,
            *self._open(),
        ]
        return Apply(self, [img, topgrad, as_tensor_variable(shape)], [img.type.clone(broadcastable=pattern)()])

    def compute(self, node: Apply, x: np.ndarray, g: np.ndarray, shape: np.ndarray) -> Any:
        form = self._in_numpy(x.shape[2:], [int(n) for n in shape])
        return self._flipped(form.filter_grad(x, g)).astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any, g: Any, shape: Any) -> Any:
        return self._lowered(node, ctx, (conv_filter_grad, unshared_filter_grad), x, g, shape)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, g), (w,) = inputs[:2], output_grads
        gx = self.sibling("inputs")(w, g, x.shape[-self.convdim :])
        return [_like(gx, x), _like(self.sibling("forward")(x, w), g), disconnected_type()]

    def infer_shape(self, node: Any, input_shapes: Sequence[Any]) -> list[Any]:
        images, tops = input_shapes[:2]
        found = [
            tops[1],
            *(tops[2:] if self.unshared else ()),
            images[1] // self.num_groups,
            *(node.inputs[2][i] for i in range(self.convdim)),
        ]
        return [tuple(size if told is None else told for size, told in zip(found, self.kshp, strict=True))]


class AbstractConv_gradInputs(_Gradient):
    """The gradient of ``AbstractConv`` with respect to the images: the transposed convolution.

    Inputs: filters, the gradient of the output, the sizes of the images (which a stride leaves open). ValueError at
    run time where images of these sizes would not give an output of that shape.
    """

    def make_node(self, kern: Any, topgrad: Any, shape: Any, add_assert_shape: bool = True) -> Apply:
        kern, topgrad = as_tensor_variable(kern), as_tensor_variable(topgrad)
        self._check_ndim(kern, self.filter_ndim, "kern")
        self._check_ndim(topgrad, 2 + self.convdim, "topgrad")
        if add_assert_shape:
            kern = assert_shape(
                kern, self.kshp, "AbstractConv_gradInputs shape mismatch: shape of filters does not match given kshp."
            )
        channels = kern.type.broadcastable[-self.convdim - 1] and self.num_groups == 1
        pattern = [topgrad.type.broadcastable[0], channels, *self._open()]
        return Apply(
            self,
            [kern, topgrad, as_tensor_variable(shape)],
            [topgrad.type.clone(kern.type.dtype, broadcastable=pattern)()],
        )

    def compute(self, node: Apply, w: np.ndarray, g: np.ndarray, shape: np.ndarray) -> Any:
        form = self._in_numpy([int(n) for n in shape], w.shape[-self.convdim :])
        return form.input_grad(self._flipped(w), g).astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Any, w: Any, g: Any, shape: Any) -> Any:
        return self._lowered(node, ctx, (conv_input_grad, unshared_input_grad), w, g, shape)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (w, g), (x,) = inputs[:2], output_grads
        gw = self.sibling("weights")(x, g, w.shape[-self.convdim :])
        return [_like(gw, w), _like(self.sibling("forward")(x, w), g), disconnected_type()]

    def infer_shape(self, node: Any, input_shapes: Sequence[Any]) -> list[Any]:
        filters, tops = input_shapes[:2]
        channels = filters[-self.convdim - 1]
        found = [
            tops[0],
            channels * self.num_groups if self.num_groups > 1 else channels,
            *(node.inputs[2][i] for i in range(self.convdim)),
        ]
        return [tuple(size if told is None else told for size, told in zip(found, self.imshp, strict=True))]


class _Flat(BaseAbstractConv):
    """The constructor of the ops of two axes."""

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = (1, 1),
        filter_flip: bool = True,
        filter_dilation: Any = (1, 1),
        num_groups: int = 1,
        unshared: bool = False,
    ):
        super().__init__(2, imshp, kshp, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared)


class _Deep(BaseAbstractConv):
    """The constructor of the ops of three axes."""

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = (1, 1, 1),
        filter_flip: bool = True,
        filter_dilation: Any = (1, 1, 1),
        num_groups: int = 1,
    ):
        super().__init__(3, imshp, kshp, border_mode, subsample, filter_flip, filter_dilation, num_groups)


class AbstractConv2d(_Flat, AbstractConv):
    """``AbstractConv`` of images of two axes."""


class AbstractConv2d_gradWeights(_Flat, AbstractConv_gradWeights):
    """``AbstractConv_gradWeights`` of images of two axes."""


class AbstractConv2d_gradInputs(_Flat, AbstractConv_gradInputs):
    """``AbstractConv_gradInputs`` of images of two axes."""


class AbstractConv3d(_Deep, AbstractConv):
    """``AbstractConv`` of images of three axes."""


class AbstractConv3d_gradWeights(_Deep, AbstractConv_gradWeights):
    """``AbstractConv_gradWeights`` of images of three axes."""


class AbstractConv3d_gradInputs(_Deep, AbstractConv_gradInputs):
    """``AbstractConv_gradInputs`` of images of three axes."""


_FAMILIES = {
    "AbstractConv2d": {
        "forward": AbstractConv2d,
        "weights": AbstractConv2d_gradWeights,
        "inputs": AbstractConv2d_gradInputs,
    },
    "AbstractConv3d": {
        "forward": AbstractConv3d,
        "weights": AbstractConv3d_gradWeights,
        "inputs": AbstractConv3d_gradInputs,
    },
}


def _constant_or_none(size: Any) -> bool:
    return size is None or is_int(size) or (isinstance(size, Variable) and hasattr(size, "data"))


def _numbers(shape: Sequence[Any]) -> list[Any]:
    """A shape with None for what is no constant."""
    return [size if _constant_or_none(size) else None for size in shape]


def _check_told(shape: Any, ndim: int, sizes: range, name: str, error: type[Exception]) -> None:
    """Constants or None for a shape that is told; the ``sizes`` may be variables but must be there."""
    if shape is None:
        return
    if len(shape) != ndim:
        raise ShapeError(f"The lenght of {name} was {len(shape)}, but we expected {ndim}.", fix="tell all dimensions")
    for i, size in enumerate(shape):
        if i in sizes:
            if size is None or not (is_int(size) or isinstance(size, Variable)):
                raise error(f"{name}[{i}] must be a symbolic variable, a constant or None.")
        elif not _constant_or_none(size):
            raise error(f"{name}[{i}] must be a constant or None.")


def conv2d(
    input: Any,
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """(batch, channels, rows, columns) and (filters, channels / groups, rows, columns) -> (batch, filters, ...).

    ``AbstractConv2d`` of these parameters; TypeError or ValueError as there.
    """
    op = AbstractConv2d(
        input_shape, filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
    )
    return op(as_tensor_variable(input), as_tensor_variable(filters))


def conv3d(
    input: Any,
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Any:
    """(batch, channels, depth, rows, columns) and (filters, channels / groups, ...) -> (batch, filters, ...)."""
    op = AbstractConv3d(input_shape, filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups)
    return op(as_tensor_variable(input), as_tensor_variable(filters))


def _separable(op: Any, convolve: Any, input: Any, depthwise: Any, pointwise: Any, shape: Any, flip: bool) -> Any:
    """Filters for each channel, then a mixture of the channels at each place."""
    between = None
    if any(op.imshp) and any(op.kshp):
        between = op.infer_shape(None, [op.imshp, op.kshp])[0]
    return convolve(
        op(as_tensor_variable(input), as_tensor_variable(depthwise)), pointwise, between, shape, filter_flip=flip
    )


def separable_conv2d(
    input: Any,
    depthwise_filters: Any,
    pointwise_filters: Any,
    num_channels: int,
    input_shape: Any = None,
    depthwise_filter_shape: Any = None,
    pointwise_filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
) -> Any:
    """A convolution of each channel by itself, then one of size 1 over all. Chollet, 2016, arXiv:1610.02357."""
    op = AbstractConv2d(
        input_shape, depthwise_filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_channels
    )
    return _separable(op, conv2d, input, depthwise_filters, pointwise_filters, pointwise_filter_shape, filter_flip)


def separable_conv3d(
    input: Any,
    depthwise_filters: Any,
    pointwise_filters: Any,
    num_channels: int,
    input_shape: Any = None,
    depthwise_filter_shape: Any = None,
    pointwise_filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
) -> Any:
    """As ``separable_conv2d``, with three axes."""
    op = AbstractConv3d(
        input_shape, depthwise_filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_channels
    )
    return _separable(op, conv3d, input, depthwise_filters, pointwise_filters, pointwise_filter_shape, filter_flip)


def conv2d_grad_wrt_inputs(
    output_grad: Any,
    filters: Any,
    input_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """The gradient of ``conv2d`` with respect to an input of shape ``input_shape``, whose last two sizes are needed.

    ValueError for shapes that are not told with constants, None, or (the last two) integer variables.
    """
    _check_told(input_shape, 4, range(2, 4), "input_shape", ValueError)
    _check_told(filter_shape, 6 if unshared else 4, range(0), "filter_shape", ValueError)
    op = AbstractConv2d_gradInputs(
        _numbers(input_shape), filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
    )
    return op(as_tensor_variable(filters), as_tensor_variable(output_grad), input_shape[-2:])


def conv3d_grad_wrt_inputs(
    output_grad: Any,
    filters: Any,
    input_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Any:
    """The gradient of ``conv3d`` with respect to an input of shape ``input_shape``, whose last three sizes are needed.

    AssertionError for shapes that are not told with constants, None, or (the last three) integer variables.
    """
    _check_told(input_shape, 5, range(2, 5), "input_shape", AssertionError)
    _check_told(filter_shape, 5, range(0), "filter_shape", AssertionError)
    op = AbstractConv3d_gradInputs(
        _numbers(input_shape), filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups
    )
    return op(as_tensor_variable(filters), as_tensor_variable(output_grad), input_shape[-3:])


def conv2d_grad_wrt_weights(
    input: Any,
    output_grad: Any,
    filter_shape: Any,
    input_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """The gradient of ``conv2d`` with respect to filters of shape ``filter_shape``, whose last two sizes are needed.

    AssertionError for shapes that are not told with constants, None, or (the last two) integer variables.
    """
    ndim = 6 if unshared else 4
    _check_told(filter_shape, ndim, range(ndim - 2, ndim), "filter_shape", AssertionError)
    _check_told(input_shape, 4, range(0), "input_shape", AssertionError)
    op = AbstractConv2d_gradWeights(
        input_shape, _numbers(filter_shape), border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
    )
    return op(as_tensor_variable(input), as_tensor_variable(output_grad), filter_shape[-2:])


def conv3d_grad_wrt_weights(
    input: Any,
    output_grad: Any,
    filter_shape: Any,
    input_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Any:
    """The gradient of ``conv3d`` with respect to filters of shape ``filter_shape``, whose last three sizes are needed.

    AssertionError for shapes that are not told with constants, None, or (the last three) integer variables.
    """
    _check_told(filter_shape, 5, range(2, 5), "filter_shape", AssertionError)
    _check_told(input_shape, 5, range(0), "input_shape", AssertionError)
    op = AbstractConv3d_gradWeights(
        input_shape, _numbers(filter_shape), border_mode, subsample, filter_flip, filter_dilation, num_groups
    )
    return op(as_tensor_variable(input), as_tensor_variable(output_grad), filter_shape[-3:])


def causal_conv1d(
    input: Any,
    filters: Any,
    filter_shape: Any,
    input_shape: Any = None,
    subsample: int = 1,
    filter_flip: bool = True,
    filter_dilation: int = 1,
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """(batch, channels, time) and (filters, channels, time) -> (batch, filters, time): nothing looks ahead.

    van den Oord et al., 2016, arXiv:1609.03499. ValueError for other dimensions.
    """
    input, filters = as_tensor_variable(input), as_tensor_variable(filters)
    if input.ndim != 3:
        raise ValueError("Input should be 3D for causal convolution.")
    if filters.ndim != 3:
        raise ValueError("Filters should be 3D for causal convolution")
    assert input_shape is None or len(input_shape) == 3
    assert len(filter_shape) == 3
    before = filter_dilation * (filter_shape[2] - 1)
    op = AbstractConv2d(
        None if input_shape is None else (*input_shape, 1),
        (*filter_shape, 1),
        ((before, 0), 0),
        (subsample, 1),
        filter_flip,
        (filter_dilation, 1),
        num_groups,
        unshared,
    )
    return op(input.dimshuffle(0, 1, 2, "x"), filters.dimshuffle(0, 1, 2, "x"))[:, :, :, 0]


__all__ = [
    "AbstractConv",
    "AbstractConv2d",
    "AbstractConv2d_gradInputs",
    "AbstractConv2d_gradWeights",
    "AbstractConv3d",
    "AbstractConv3d_gradInputs",
    "AbstractConv3d_gradWeights",
    "AbstractConv_gradInputs",
    "AbstractConv_gradWeights",
    "BaseAbstractConv",
    "causal_conv1d",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv3d",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
    "separable_conv2d",
    "separable_conv3d",
]
