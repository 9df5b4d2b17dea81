"""``ConvOp``, the convolution of two axes before ``AbstractConv2d``, and its function ``conv2d``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.config import warn
from tgraph.errors import NoGradientError, NotScalarConstantError
from tgraph.graph import Apply, Op
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable
from tgraph.ops.constants import get_scalar_constant_value
from tgraph.ops.conv import AbstractConv2d
from tgraph.ops.conv_shapes import get_conv_output_shape, get_conv_shape_1axis
from tgraph.types import TensorType, discrete_dtypes


@kernel
def told_shape(shape: list[int], told: list[int], name: str) -> None:
    """A shape must be the one that was told; -1 stands for what was not."""
    for i in range(len(told)):
        if told[i] >= 0 and told[i] != shape[i]:
            raise ValueError(
                "The "
                + name
                + " provided at build time is different from the one passed at run time: "
                + str(told)
                + " and "
                + str(shape)
            )


class ConvOp(Op):
    """The convolution of images (batch, channels, rows, columns) with filters (filters, channels, rows, columns).

    ``output_mode`` is 'valid' or 'full', the stride (dx, dy). Shapes that are told must be met at run time
    (ValueError). What chose C code (``unroll_*``, ``version``, ``verbose``, ``direction_hint``) is accepted.
    NotImplementedError for images and filters of different dtypes and for "logical" shapes.
    """

    __props__ = ("imshp", "kshp", "nkern", "bsize", "dx", "dy", "out_mode")

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        nkern: Any = None,
        bsize: Any = None,
        dx: Any = 1,
        dy: Any = 1,
        output_mode: str = "valid",
        unroll_batch: Any = None,
        unroll_kern: Any = None,
        unroll_patch: Any = None,
        imshp_logical: Any = None,
        kshp_logical: Any = None,
        kshp_logical_top_aligned: bool = True,
        verbose: int = 0,
        version: Any = -1,
        direction_hint: str = "forward",
        openmp: Any = None,
    ):
        imshp = (None,) * 3 if imshp is None else tuple(imshp)
        kshp = (None,) * 2 if kshp is None else tuple(kshp)
        imshp = (1, *imshp) if len(imshp) == 2 else imshp
        if len(imshp) != 3:
            raise ValueError(f"len(imshp) must be 2 or 3, got {len(imshp)}")
        if len(kshp) != 2:
            raise ValueError(f"len(kshp) must be 2, got {len(kshp)}")
        for name, step in (("dx", dx), ("dy", dy)):
            if step is not None and int(step) != step:
                raise TypeError(f"ConvOp.__init__ param {name} must be an int", step)
        if (imshp_logical is not None and tuple(imshp_logical) != imshp) or (
            kshp_logical is not None and tuple(kshp_logical) != kshp
        ):
            raise NotImplementedError("logical shapes are not offered: put zeros between elements with set_subtensor")
        self.imshp, self.kshp, self.nkern, self.bsize = imshp, kshp, nkern, bsize
        self.dx, self.dy = int(dx or 1), int(dy or 1)
        if (unroll_batch or unroll_kern) and not self.has_all_shape(imshp, kshp, nkern, bsize):
            raise Exception("In ConvOp, when using unroll_batch and unroll_nkern, all shape are needed")
        self.out_mode = output_mode
        if output_mode not in ("valid", "full"):
            raise Exception(f"Mode {output_mode} not implemented")
        self.outshp = get_conv_output_shape((None, *imshp), (None, None, *kshp), output_mode, (self.dx, self.dy))[2:]
        if any(size is not None and size <= 0 for size in self.outshp):
            raise Exception(
                f"Bad size for the output shape. Verify that [post-supersampling] input shape ({imshp}) "
                f"and kern shape({kshp}) are ok. (Hint: kerns must fit inside image in valid mode)"
            )

    @staticmethod
    def has_all_shape(imshp: Any, kshp: Any, nkern: Any = 1, bsize: Any = 1) -> bool:
        """True if all sizes are told."""
        return all(size is not None for size in (nkern, bsize, *imshp, *kshp))

    @staticmethod
    def getOutputShape(inshp: Any, kshp: Any, stride: Any = (1, 1), mode: Any = "valid") -> tuple[Any, ...]:
        """(rows, columns) of the output."""
        warn("The method `getOutputShape` is deprecated use`get_conv_output_shape` instead.")
        return tuple(get_conv_shape_1axis(i, k, mode, d) for i, k, d in zip(inshp, kshp, stride, strict=False))

    @property
    def convolution(self) -> AbstractConv2d:
        """The op that does the work."""
        return AbstractConv2d(border_mode=self.out_mode, subsample=(self.dx, self.dy))

    def make_node(self, inputs: Any, kerns: Any) -> Apply:
        x, w = as_tensor_variable(inputs), as_tensor_variable(kerns)
        if x.type.ndim != 4:
            raise TypeError(
                f'ConvOp (make_node) requires input be a 4D tensor; received "{inputs}" ({x.type.ndim} dims)'
            )
        if w.type.ndim != 4:
            raise TypeError("make_node requires 4D tensor of kernels")
        if x.type.dtype != w.type.dtype:
            raise NotImplementedError(
                f"The image and the kernel must have the same type.inputs({x.type.dtype}), kerns({w.type.dtype})"
            )
        pattern = [x.type.broadcastable[0], w.type.broadcastable[0], *(size == 1 for size in self.outshp)]
        return Apply(self, [x, w], [TensorType(x.type.dtype, pattern)()])

    def _told(self) -> list[tuple[list[int], str]]:
        told = (((self.bsize, *self.imshp), "image shape"), ((self.nkern, None, *self.kshp), "filter shape"))
        return [
            ([-1 if n is None else int(n) for n in shape], name)
            for shape, name in told
            if any(n is not None for n in shape)
        ]

    def compute(self, node: Apply, x: np.ndarray, w: np.ndarray) -> Any:
        for told, name in self._told():
            told_shape(list(x.shape if name == "image shape" else w.shape), told, name)
        return self.convolution.compute(node, x, w)

    def lower(self, node: Apply, ctx: Any, x: Any, w: Any) -> Any:
        for told, name in self._told():
            ctx.call(told_shape, (x if name == "image shape" else w).shape, told, name)
        return self.convolution.lower(node, ctx, x, w)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        strided = (self.dx, self.dy) != (1, 1)
        if (self.out_mode == "valid" and strided) or self.dx not in (1, 2) or self.dy not in (1, 2):
            raise NoGradientError(
                f"ConvOp has no gradient for mode {self.out_mode} with stride {(self.dx, self.dy)}",
                fix="call tensor.nnet.conv2d, which has it",
            )
        if strided and not self.has_all_shape(self.imshp, self.kshp, self.nkern, self.bsize):
            raise Exception("ConvOp.grad when dx!=1 or dy!=1 we must have all the optional shape information")
        return self.convolution.grad(inputs, output_grads)

    def infer_shape(self, node: Any, input_shapes: Sequence[Any]) -> list[Any]:
        return self.convolution.infer_shape(node, input_shapes)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        sizes = [1 if b else fresh() for b in node.outputs[0].type.broadcastable[2:]]
        return [(inputs[0][0], inputs[1][0], *sizes)]


def _numbers(shape: Any, name: str) -> list[Any] | None:
    """A shape as ints and None."""
    if shape is None:
        return None
    found = []
    for size in shape:
        if size is not None:
            try:
                size = get_scalar_constant_value(as_tensor_variable(size))
            except NotScalarConstantError:
                raise NotScalarConstantError(
                    "The convolution need that the shape information are constant values. We "
                    f"got {size} for the {name} parameter"
                ) from None
            assert str(size.dtype) in discrete_dtypes
            size = int(size)
        found.append(size)
    return found


def conv2d(
    input: Any,
    filters: Any,
    image_shape: Any = None,
    filter_shape: Any = None,
    border_mode: str = "valid",
    subsample: Any = (1, 1),
    **kargs: Any,
) -> Any:
    """The convolution of (batch, channels, rows, columns) with (filters, channels, rows, columns), by ``ConvOp``.

    ``image_shape`` and ``filter_shape`` hold ints, constants (NotScalarConstantError for variables) or None, and must
    be met at run time. ``border_mode`` is 'valid' or 'full'. AssertionError for channels that do not fit. Deprecated,
    with a warning: use ``nnet.conv2d``.
    """
    warn("nnet.conv.conv2d is deprecated. Use nnet.conv2d instead.")
    images, kernels = _numbers(image_shape, "image_shape"), _numbers(filter_shape, "filter_shape")
    if images and kernels and images[1] is not None and kernels[1] is not None:
        assert images[1] == kernels[1]
    op = ConvOp(
        imshp=images[1:] if images is not None else None,
        kshp=kernels[2:] if kernels is not None else None,
        nkern=kernels[0] if kernels is not None else None,
        bsize=images[0] if images is not None else None,
        dx=subsample[0],
        dy=subsample[1],
        output_mode=border_mode,
        **kargs,
    )
    return op(input, filters)


__all__ = ["ConvOp", "conv2d"]
