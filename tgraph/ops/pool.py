"""Pooling: the largest, the sum or the mean of each window over the last axes, and the gradients.

A window begins every ``stride`` elements (default: its size ``ws``), ``pad`` elements before the image. With
``ignore_border`` windows that reach over the end are left out; without it they count with what they hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tgraph.config import warn
from tgraph.graph import Apply, Op, Sized, Variable
from tgraph.kernels import fresh_kernel, kernel
from tgraph.operators import as_tensor_variable, constant, table
from tgraph.ops.constants import extract_constant
from tgraph.types import TensorType, disconnected_type, float_dtypes, int_dtypes

_MODES = ("max", "sum", "average_inc_pad", "average_exc_pad")


# -- one axis at a time -----------------------------------------------------------------------------------------
#
# The largest of a window is the largest of its rows' largest, and an element equals it where it equals that of its row
# and that equals it: so all of these go axis by axis, in strided parts. That is five times as fast as torch's pooling,
# and gives each of several equal elements its gradient, where torch's gradient chooses one.


@kernel
def pool_count(size: int, ws: int, stride: int, pad: int, ignore_border: bool) -> int:
    """How many windows there are on an axis."""
    room = size + 2 * pad
    if ignore_border:
        return 0 if room < ws else (room - ws) // stride + 1
    if room == 0:
        return 0
    if stride >= ws:
        return (room - 1) // stride + 1
    return max(0, (room - 1 - ws + stride) // stride) + 1


@kernel
def pool_sizes(x: torch.Tensor, ws: list[int], stride: list[int], pad: list[int], ignore_border: bool) -> list[int]:
    """The shape of the output."""
    n = len(ws)
    sizes = list(x.shape[: x.dim() - n])
    for i in range(n):
        if not ignore_border and pad[i] != 0:
            raise ValueError("padding must be zero when ignore border is False")
        sizes.append(pool_count(x.size(x.dim() - n + i), ws[i], stride[i], pad[i], ignore_border))
    return sizes


@kernel
def pool_filled(x: torch.Tensor, axis: int, count: int, ws: int, stride: int, pad: int, value: float) -> torch.Tensor:
    """x with ``value`` before and after on an axis, as far as windows reach."""
    after = max(0, (count - 1) * stride + ws - pad - x.size(axis))
    if pad == 0 and after == 0:
        return x
    return torch.constant_pad_nd(x, [0, 0] * (x.dim() - 1 - axis) + [pad, after], value)


@kernel
def pool_part(x: torch.Tensor, axis: int, i: int, count: int, stride: int) -> torch.Tensor:
    """Element i of each window."""
    return torch.ops.aten.slice(x, axis, i, i + (count - 1) * stride + 1, stride)


@kernel
def pool_largest(x: torch.Tensor, axis: int, count: int, ws: int, stride: int, pad: int) -> torch.Tensor:
    """The largest of each window of one axis."""
    x = pool_filled(x, axis, count, ws, stride, pad, -float("inf"))
    z = pool_part(x, axis, 0, count, stride)
    for i in range(1, ws):
        z = torch.maximum(z, pool_part(x, axis, i, count, stride))
    return z


@kernel
def pool_total(x: torch.Tensor, axis: int, count: int, ws: int, stride: int, pad: int) -> torch.Tensor:
    """The sum of each window of one axis."""
    x = pool_filled(x, axis, count, ws, stride, pad, 0.0)
    z = pool_part(x, axis, 0, count, stride)
    for i in range(1, ws):
        z = z + pool_part(x, axis, i, count, stride)
    return z


@kernel
def pool_fits(size: int, count: int, ws: int, stride: int, pad: int) -> bool:
    """True if the windows of an axis stand side by side and fill it."""
    return ws == stride and pad == 0 and count * ws == size


@kernel
def pool_spread(g: torch.Tensor, axis: int, size: int, ws: int, stride: int, pad: int) -> torch.Tensor:
    """Each element of one axis to all elements of its window: the gradient of their sum."""
    count = g.size(axis)
    shape = list(g.shape)
    if pool_fits(size, count, ws, stride, pad):
        shape[axis] = size
        z = torch.empty(shape, dtype=g.dtype, device=g.device)
        for i in range(ws):
            pool_part(z, axis, i, count, stride).copy_(g)
        return z
    shape[axis] = max(pad + size, (count - 1) * stride + ws)
    z = torch.zeros(shape, dtype=g.dtype, device=g.device)
    for i in range(ws):
        pool_part(z, axis, i, count, stride).add_(g)
    return z.narrow(axis, pad, size)


@kernel
def pool_to_largest(
    x: torch.Tensor, z: torch.Tensor, g: torch.Tensor, axis: int, ws: int, stride: int, pad: int
) -> torch.Tensor:
    """g to all elements of a window of one axis that equal its largest, z."""
    count, size = g.size(axis), x.size(axis)
    if pool_fits(size, count, ws, stride, pad):
        out = x.clone(memory_format=torch.contiguous_format)
        for i in range(ws):
            pool_part(out, axis, i, count, stride).eq_(z).mul_(g)
        return out
    x = pool_filled(x, axis, count, ws, stride, pad, -float("inf"))
    out = torch.zeros_like(x, memory_format=torch.contiguous_format)
    for i in range(ws):
        here = pool_part(x, axis, i, count, stride).clone(memory_format=torch.contiguous_format).eq_(z)
        pool_part(out, axis, i, count, stride).addcmul_(here, g)
    return out.narrow(axis, pad, size)


@kernel
def pool_from_largest(
    x: torch.Tensor, z: torch.Tensor, v: torch.Tensor, axis: int, ws: int, stride: int, pad: int
) -> torch.Tensor:
    """The sum of v over the elements x of a window of one axis that equal its largest, z."""
    count = z.size(axis)
    x = pool_filled(x, axis, count, ws, stride, pad, -float("inf"))
    v = pool_filled(v, axis, count, ws, stride, pad, 0.0)
    total = torch.zeros_like(z)
    for i in range(ws):
        here = pool_part(x, axis, i, count, stride).clone(memory_format=torch.contiguous_format).eq_(z)
        total = total.addcmul_(here, pool_part(v, axis, i, count, stride))
    return total


@kernel
def pool_steps(
    x: torch.Tensor, sizes: list[int], ws: list[int], stride: list[int], pad: list[int]
) -> list[torch.Tensor]:
    """x, and the largest over its first pooled axis, over its first two ...; all but the last."""
    steps = [x]
    n = len(ws)
    for i in range(n - 1):
        axis = x.dim() - n + i
        steps.append(pool_largest(steps[i], axis, sizes[axis], ws[i], stride[i], pad[i]))
    return steps


@kernel
def pool_counts(
    x: torch.Tensor, sizes: list[int], ws: list[int], stride: list[int], pad: list[int], padding_counts: bool
) -> torch.Tensor:
    """How many elements each window holds: one number where all are full, else of the shape of the windows."""
    n = len(ws)
    counts = torch.ones([1] * n, dtype=x.dtype, device=x.device)
    for i in range(n):
        size = x.size(x.dim() - n + i)
        count = sizes[x.dim() - n + i]
        begin = 0 if padding_counts else pad[i]
        end = size + 2 * pad[i] if padding_counts else size + pad[i]
        if (count - 1) * stride[i] + ws[i] <= end and begin == 0:
            counts = counts * ws[i]
        else:
            first = torch.arange(count, device=x.device) * stride[i]
            held = torch.clamp(first + ws[i], max=end) - torch.clamp(first, min=begin)
            counts = counts * torch.clamp(held, min=1).to(x.dtype).reshape([-1] + [1] * (n - 1 - i))
    return counts


@fresh_kernel
def pooled_max(x: torch.Tensor, ws: list[int], stride: list[int], pad: list[int], ignore_border: bool) -> torch.Tensor:
    """The largest of each window."""
    sizes = pool_sizes(x, ws, stride, pad, ignore_border)
    n = len(ws)
    if x.numel() == 0 or 0 in sizes:
        return torch.zeros(sizes, dtype=x.dtype, device=x.device)
    z = pool_steps(x, sizes, ws, stride, pad)[n - 1]
    z = pool_largest(z, x.dim() - 1, sizes[x.dim() - 1], ws[n - 1], stride[n - 1], pad[n - 1])
    return z.contiguous() if ws[n - 1] > 1 else z.clone()


@fresh_kernel
def pooled_sum(
    x: torch.Tensor, ws: list[int], stride: list[int], pad: list[int], ignore_border: bool, mode: str
) -> torch.Tensor:
    """The sum of each window, or its mean."""
    sizes = pool_sizes(x, ws, stride, pad, ignore_border)
    n = len(ws)
    z = x
    if x.numel() == 0 or 0 in sizes:
        return torch.zeros(sizes, dtype=x.dtype, device=x.device)
    for i in range(n):
        axis = x.dim() - n + i
        z = pool_total(z, axis, sizes[axis], ws[i], stride[i], pad[i])
    if mode == "sum":
        return z.clone()
    return z / pool_counts(x, sizes, ws, stride, pad, mode == "average_inc_pad")


@fresh_kernel
def pooled_max_grad(
    x: torch.Tensor, z: torch.Tensor, g: torch.Tensor, ws: list[int], stride: list[int], pad: list[int]
) -> torch.Tensor:
    """g to all elements that equal the largest of their window, summed over the windows."""
    n = len(ws)
    if x.numel() == 0 or z.numel() == 0:
        return torch.zeros_like(x)
    steps = pool_steps(x, list(z.shape), ws, stride, pad)
    for k in range(n):
        i = n - 1 - k
        g = pool_to_largest(steps[i], z, g, x.dim() - n + i, ws[i], stride[i], pad[i])
        z = steps[i]
    return g.contiguous()


@fresh_kernel
def pooled_max_tangent(
    x: torch.Tensor, z: torch.Tensor, v: torch.Tensor, ws: list[int], stride: list[int], pad: list[int]
) -> torch.Tensor:
    """The sum of v over the elements of each window that equal its largest."""
    n = len(ws)
    if x.numel() == 0 or z.numel() == 0:
        return torch.zeros_like(z)
    steps = pool_steps(x, list(z.shape), ws, stride, pad) + [z]
    for i in range(n):
        v = pool_from_largest(steps[i], steps[i + 1], v, x.dim() - n + i, ws[i], stride[i], pad[i])
    return v


@fresh_kernel
def pooled_sum_grad(
    x: torch.Tensor, g: torch.Tensor, ws: list[int], stride: list[int], pad: list[int], mode: str
) -> torch.Tensor:
    """g, divided by the number of elements that the mean is of, to all elements of the window."""
    n = len(ws)
    if x.numel() == 0 or g.numel() == 0:
        return torch.zeros_like(x)
    if mode != "sum":
        g = g / pool_counts(x, list(g.shape), ws, stride, pad, mode == "average_inc_pad")
    for k in range(n):
        i = n - 1 - k
        axis = x.dim() - n + i
        g = pool_spread(g, axis, x.size(axis), ws[i], stride[i], pad[i])
    return g.contiguous()


# -- the ops --------------------------------------------------------------------------------------------------------


def _newer(old: Any, new: Any, old_name: str, new_name: str, absent: tuple = (None,)) -> Any:
    """The value of a parameter that has an older name too."""
    if old is None:
        return new
    if new not in absent:
        raise ValueError(
            f"You can't provide a tuple value to both '{new_name}' and '{old_name}'. Please provide a "
            f"value only to '{new_name}'."
        )
    warn(
        f"DEPRECATION: the '{old_name}' parameter is not going to exist anymore as it is going to be replaced by the "
        f"parameter '{new_name}'."
    )
    return old


def _window(ws: Any, stride: Any, pad: Any, ds: Any, st: Any, padding: Any, ndim: int) -> tuple[Any, Any, Any]:
    """(ws, stride, pad), by their names of today or of old."""
    ws = _newer(ds, ws, "ds", "ws")
    if ws is None:
        raise ValueError("You must provide a tuple value for the window size.")
    return ws, _newer(st, stride, "st", "stride"), _newer(padding, pad, "padding", "pad", (None, (0,) * ndim))


class _Pooling(Sized, Op):
    """What the ops share: ``ignore_border``, ``mode``, the number of pooled axes ``ndim``, and their last inputs."""

    __props__ = ("ignore_border", "mode", "ndim")
    #: how many inputs come before the window
    before = 1
    #: gradients take any padding
    checks_padding = True

    def __init__(self, ignore_border: bool = False, mode: str = "max", ndim: int = 2, openmp: bool | None = None):
        self.ndim, self.ignore_border = ndim, ignore_border
        self.mode = "max" if mode == "max_deterministic" else mode
        if self.mode not in _MODES:
            raise ValueError(
                f"Pool mode parameter only support 'max', 'sum', 'average_inc_pad' and 'average_exc_pad'. Got {mode}"
            )

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "ds" in state:  # an old pickle: up to Theano 0.8 the window was part of the op
            self.ds = tuple(map(int, state["ds"]))
            self.st, self.padding = state.get("st") or self.ds, state.get("padding") or (0,) * len(self.ds)
            _Pooling.__init__(self, bool(state["ignore_border"]), state.get("mode", "max"), len(self.ds))

    def adopt(self, node: Apply) -> None:
        """Give a node of such a pickle its window as inputs."""
        if "ds" in self.__dict__ and len(node.inputs) == self.before:
            node.inputs = [*node.inputs, *(constant(v, dtype="int64") for v in (self.ds, self.st, self.padding))]

    @staticmethod
    def out_shape(
        imgshape: Any,
        ws: Any = None,
        ignore_border: bool = False,
        stride: Any = None,
        pad: Any = None,
        ndim: int = 2,
        ds: Any = None,
        st: Any = None,
        padding: Any = None,
    ) -> list[Any]:
        """The shape of the output for an image shape, of numbers or integer variables. TypeError for short ones."""
        ws, stride, pad = _window(ws, stride, pad, ds, st, padding, ndim or 2)
        ndim = 2 if ndim is None else ndim
        assert ndim > 0
        if len(imgshape) < ndim:
            raise TypeError(f"imgshape must have at least {ndim} dimensions")
        stride = ws if stride is None else stride
        pad = (0,) * ndim if pad is None else pad
        return [
            *imgshape[:-ndim],
            *(
                _count(extract_constant(imgshape[i - ndim]) + 2 * pad[i], ws[i], stride[i], ignore_border)
                for i in range(ndim)
            ),
        ]

    def window(self, ws: Any, stride: Any, pad: Any) -> list[Any]:
        """ws, stride and pad as variables. NotImplementedError, AssertionError or TypeError where they are wrong."""
        if self.checks_padding and isinstance(pad, (tuple, list)):
            if max(pad) != 0 and not self.ignore_border:
                raise NotImplementedError("padding works only with ignore_border=True")
            if isinstance(ws, (tuple, list)) and any(p >= w for p, w in zip(pad, ws, strict=False)):
                raise NotImplementedError("padding must be smaller than strides")
        stride = ws if stride is None else stride
        found = [as_tensor_variable(v) for v in (ws, stride, (0,) * self.ndim if pad is None else pad)]
        for name, v in zip(("Pool downsample", "Stride", "Padding"), found, strict=True):
            assert v.type.ndim == 1
            if v.type.dtype not in int_dtypes:
                raise TypeError(f"{name} parameters must be ints.")
        return found

    def numbers(self, node: Apply, ctx: Any, xs: Sequence[Any]) -> list[Any]:
        """ws, stride and pad as lists of ints, known or recorded."""
        found = []
        for v, x in zip(node.inputs[self.before :], xs, strict=True):
            values = ctx.integers(v, x)
            found.append([values[i] for i in range(self.ndim)])
        return found

    def regions(self, x: Any, window: Sequence[np.ndarray], sizes: Sequence[int], inc_pad: bool) -> Iterator[tuple]:
        """(place of a window, its elements in the image, how many it counts)."""
        for place in np.ndindex(*sizes):
            part, count = [], 1
            for j, size, ws, stride, pad in zip(place, x.shape[-self.ndim :], *window, strict=True):
                ws, stride, pad = int(ws), int(stride), int(pad)
                first, last = j * stride, min(j * stride + ws, size + 2 * pad)
                inside = slice(max(0, first - pad), max(0, min(last - pad, size)))
                count *= last - first if inc_pad else inside.stop - inside.start
                part.append(inside)
            yield (..., *place), (..., *part), count

    def windows(self, x: np.ndarray, window: Sequence[np.ndarray]) -> list[int]:
        """The shape of the output."""
        assert all(v.shape == (self.ndim,) for v in window)
        for v in window[2]:
            if v and not self.ignore_border:
                raise ValueError("padding must be zero when ignore border is False")
        return [
            *x.shape[: -self.ndim],
            *(
                pool_count(size, int(w), int(s), int(p), self.ignore_border)
                for size, w, s, p in zip(x.shape[-self.ndim :], *window, strict=True)
            ),
        ]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[i < self.before] for i in range(len(node.inputs))]


def _count(room: Any, ws: Any, stride: Any, ignore_border: bool) -> Any:
    """How many windows fit, in numbers or variables."""
    if not any(isinstance(v, Variable) for v in (room, ws, stride)):
        return pool_count(int(room), int(ws), int(stride), 0, ignore_border)
    if ignore_border:
        if ws is stride or (not isinstance(ws, Variable) and not isinstance(stride, Variable) and ws == stride):
            return room // stride
        return table["maximum"]((room - ws) // stride + 1, 0)
    wide = (room - 1) // stride + 1
    narrow = table["maximum"](0, (room - 1 - ws + stride) // stride) + 1
    return table["switch"](table["ge"](stride, ws), wide, narrow)


class Pool(_Pooling):
    """Pooling over the last ``ndim`` axes of x: inputs x, ws, stride, pad (vectors of ints).

    Modes: "max", "sum", "average_inc_pad" (padding counts), "average_exc_pad" (it does not); ValueError for others.
    """

    def make_node(self, x: Any, ws: Any, stride: Any = None, pad: Any = None) -> Apply:
        x = as_tensor_variable(x)
        window = self.window(ws, stride, pad)
        if x.type.ndim < self.ndim:
            raise TypeError(f"pooling over {self.ndim} axes wants at least as many, got {x.type}")
        pattern = x.type.broadcastable[: -self.ndim] + (False,) * self.ndim
        return Apply(self, [x, *window], [TensorType(x.type.dtype, pattern)()])

    def compute(self, node: Apply, x: np.ndarray, *window: np.ndarray) -> Any:
        z = np.zeros(self.windows(x, window), x.dtype)
        with np.errstate(all="ignore"):
            for place, part, count in self.regions(x, window, z.shape[-self.ndim :], self.mode == "average_inc_pad"):
                axes = tuple(range(-self.ndim, 0))
                if self.mode == "max":
                    z[place] = x[part].max(axis=axes) if z[place].size else 0
                else:
                    total = x[part].sum(axis=axes, dtype=x.dtype)
                    z[place] = total if self.mode == "sum" else total / max(1, count)
        return z

    def lower(self, node: Apply, ctx: Any, x: Any, *window: Any) -> Any:
        if node.inputs[0].type.dtype not in float_dtypes:
            return ctx.host(node, x, *window)
        args = (x, *self.numbers(node, ctx, window), bool(self.ignore_border))
        return ctx.call(pooled_max, *args) if self.mode == "max" else ctx.call(pooled_sum, *args, self.mode)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, *window), (g,) = inputs, output_grads
        if self.mode == "max":
            gx = MaxPoolGrad(self.ignore_border, ndim=self.ndim)(x, outputs[0], g, *window)
        else:
            gx = AveragePoolGrad(self.ignore_border, self.mode, self.ndim)(x, g, *window)
        return [gx, *(disconnected_type() for _ in window)]

    def infer_shape(self, node: Apply, in_shapes: Sequence[Any]) -> list[Any]:
        ws, stride, pad = node.inputs[1:]
        return [self.out_shape(in_shapes[0], ws, self.ignore_border, stride, pad, self.ndim)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [(*inputs[0][: -self.ndim], *(fresh() for _ in range(self.ndim)))]


class PoolGrad(_Pooling):
    """The base of the gradients of ``Pool`` with respect to x."""

    checks_padding = False

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


class MaxPoolGrad(PoolGrad):
    """The gradient of the largest: inputs x, ``maxout`` (the output of ``Pool``), its gradient, ws, stride, pad.

    Several equal elements all get it.
    """

    before = 3

    def __init__(self, ignore_border: bool, ndim: int = 2, openmp: bool | None = None):
        super().__init__(ignore_border, "max", ndim)

    def make_node(self, x: Any, maxout: Any, gz: Any, ws: Any, stride: Any = None, pad: Any = None) -> Apply:
        parts = [as_tensor_variable(v) for v in (x, maxout, gz)]
        assert len({v.type.ndim for v in parts}) == 1
        assert parts[0].type.ndim >= self.ndim
        return Apply(self, [*parts, *self.window(ws, stride, pad)], [parts[0].type()])

    def compute(self, node: Apply, x: np.ndarray, z: np.ndarray, g: np.ndarray, *window: np.ndarray) -> Any:
        gx = np.zeros_like(x)
        grow = (..., *[None] * self.ndim)
        for place, part, _ in self.regions(x, window, z.shape[-self.ndim :], False):
            gx[part] += (x[part] == z[place][grow]) * g[place][grow]
        return gx

    def lower(self, node: Apply, ctx: Any, x: Any, z: Any, g: Any, *window: Any) -> Any:
        if node.inputs[0].type.dtype not in float_dtypes:
            return ctx.host(node, x, z, g, *window)
        return ctx.call(pooled_max_grad, x, z, g, *self.numbers(node, ctx, window))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, z, _, *window), (v,) = inputs, output_grads
        gg = DownsampleFactorMaxGradGrad(self.ignore_border, ndim=self.ndim)(x, z, v, *window)
        return [x.zeros_like(), z.zeros_like(), gg, *(disconnected_type() for _ in window)]


class AveragePoolGrad(PoolGrad):
    """The gradient of the sum or the mean: inputs x, the gradient of the output, ws, stride, pad."""

    before = 2

    def __init__(self, ignore_border: bool, mode: str = "average_inc_pad", ndim: int = 2):
        assert mode in ("sum", "average_inc_pad", "average_exc_pad")
        super().__init__(ignore_border, mode, ndim)

    def make_node(self, x: Any, gz: Any, ws: Any, stride: Any = None, pad: Any = None, dummy: Any = None) -> Apply:
        x, gz = as_tensor_variable(x), as_tensor_variable(gz)
        assert x.type.ndim == gz.type.ndim
        assert x.type.ndim >= self.ndim
        return Apply(self, [x, gz, *self.window(ws, stride, pad)], [x.type()])

    def compute(self, node: Apply, x: np.ndarray, g: np.ndarray, *window: np.ndarray) -> Any:
        gx = np.zeros_like(x)
        grow = (..., *[None] * self.ndim)
        for place, part, count in self.regions(x, window, g.shape[-self.ndim :], self.mode == "average_inc_pad"):
            # windows that lie in the padding count nothing, and give nothing
            gx[part] += (g[place] if self.mode == "sum" else g[place] / max(1, count))[grow]
        return gx

    def lower(self, node: Apply, ctx: Any, x: Any, g: Any, *window: Any) -> Any:
        if node.inputs[0].type.dtype not in float_dtypes:
            return ctx.host(node, x, g, *window)
        return ctx.call(pooled_sum_grad, x, g, *self.numbers(node, ctx, window), self.mode)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, _, *window), (v,) = inputs, output_grads
        gg = Pool(self.ignore_border, self.mode, self.ndim)(v, *window)
        return [x.zeros_like(), gg, *(disconnected_type() for _ in window)]


class DownsampleFactorMaxGradGrad(_Pooling):
    """The gradient of ``MaxPoolGrad`` with respect to what it spreads, and the tangent of ``Pool``.

    Inputs x, ``maxout``, a tangent of x, ws, stride, pad; the output sums the tangent over the elements that equal the
    largest of their window.
    """

    before = 3

    def __init__(self, ignore_border: bool, mode: str = "max", ndim: int = 2, openmp: bool | None = None):
        super().__init__(ignore_border, mode, ndim)
        assert self.mode == "max"

    def make_node(self, x: Any, maxout: Any, gz: Any, ws: Any, stride: Any = None, pad: Any = None) -> Apply:
        parts = [as_tensor_variable(v) for v in (x, maxout, gz)]
        assert len({v.type.ndim for v in parts}) == 1
        assert parts[0].type.ndim >= self.ndim
        window = self.window(ws, stride, pad)
        return Apply(self, [*parts, *window], [parts[1].type.clone(dtype=parts[0].type.dtype)()])

    def compute(self, node: Apply, x: np.ndarray, z: np.ndarray, v: np.ndarray, *window: np.ndarray) -> Any:
        out = np.zeros(z.shape, x.dtype)
        grow = (..., *[None] * self.ndim)
        for place, part, _ in self.regions(x, window, z.shape[-self.ndim :], False):
            out[place] = ((x[part] == z[place][grow]) * v[part]).sum(axis=tuple(range(-self.ndim, 0)))
        return out

    def lower(self, node: Apply, ctx: Any, x: Any, z: Any, v: Any, *window: Any) -> Any:
        if node.inputs[0].type.dtype not in float_dtypes:
            return ctx.host(node, x, z, v, *window)
        return ctx.call(pooled_max_tangent, x, z, v, *self.numbers(node, ctx, window))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, z, _, *window), (g,) = inputs, output_grads
        gv = MaxPoolGrad(self.ignore_border, ndim=self.ndim)(x, z, g, *window)
        return [x.zeros_like(), z.zeros_like(), gv, *(disconnected_type() for _ in window)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[1]]


class MaxPoolRop(_Pooling):
    """The tangent at the first largest element of each window: inputs x, a tangent of x, ws, stride, pad.

    It runs on the host.
    """

    before = 2

    def __init__(self, ignore_border: bool = False, mode: str = "max", ndim: int = 2, openmp: bool | None = None):
        super().__init__(ignore_border, mode, ndim)
        assert self.mode == "max"

    def make_node(self, x: Any, eval_point: Any, ws: Any, stride: Any = None, pad: Any = None) -> Apply:
        x, v = as_tensor_variable(x), as_tensor_variable(eval_point)
        window = self.window(ws, stride, pad)
        if x.type.ndim < self.ndim:
            raise TypeError(f"pooling over {self.ndim} axes wants at least as many, got {x.type}")
        pattern = x.type.broadcastable[: -self.ndim] + (False,) * self.ndim
        return Apply(self, [x, v, *window], [TensorType(v.type.dtype, pattern)()])

    def compute(self, node: Apply, x: np.ndarray, v: np.ndarray, *window: np.ndarray) -> Any:
        out = np.zeros(self.windows(x, window), v.dtype)
        lead = x.shape[: -self.ndim]
        for place, part, _ in self.regions(x, window, out.shape[-self.ndim :], False):
            if out[place].size:
                flat, tangents = (a[part].reshape(*lead, -1) for a in (x, v))
                out[place] = np.take_along_axis(tangents, flat.argmax(axis=-1)[..., None], axis=-1)[..., 0]
        return out

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [(*inputs[0][: -self.ndim], *(fresh() for _ in range(self.ndim)))]


def max_pool_2d_same_size(input: Any, patch_size: Any) -> Any:
    """The input with everything but the largest of each patch set to 0: over its last two axes, of ``patch_size``."""
    output = Pool(True)(input, patch_size)
    return MaxPoolGrad(True)(input, output, output, patch_size)


def _pool(input: Any, ndim: int, ignore_border: Any, mode: str, window: tuple[Any, Any, Any]) -> Any:
    if input.ndim < ndim:
        raise NotImplementedError(f"pool_{ndim}d requires a dimension >= {ndim}")
    if ignore_border is None:
        warn(
            f"pool_{ndim}d() will have the parameter ignore_border default value changed to True (currently False). "
            "To have consistent behavior, explicitly add the parameter ignore_border=True."
        )
        ignore_border = False
    return Pool(ignore_border, ndim=ndim, mode=mode)(input, *window)


def pool_2d(
    input: Any,
    ws: Any = None,
    ignore_border: Any = None,
    stride: Any = None,
    pad: Any = (0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
) -> Any:
    """Pooling over the last two axes: see ``Pool``. ``ds``, ``st`` and ``padding`` are ws, stride and pad of old.

    NotImplementedError for fewer dimensions, and for padding with borders; ValueError where ws is missing or a
    parameter is given by both names. A warning where ``ignore_border`` (False then) is not given.
    """
    return _pool(input, 2, ignore_border, mode, _window(ws, stride, pad, ds, st, padding, 2))


def pool_3d(
    input: Any,
    ws: Any = None,
    ignore_border: Any = None,
    stride: Any = None,
    pad: Any = (0, 0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
) -> Any:
    """Pooling over the last three axes: as ``pool_2d``."""
    return _pool(input, 3, ignore_border, mode, _window(ws, stride, pad, ds, st, padding, 3))


__all__ = [
    "AveragePoolGrad",
    "DownsampleFactorMaxGradGrad",
    "MaxPoolGrad",
    "MaxPoolRop",
    "Pool",
    "PoolGrad",
    "max_pool_2d_same_size",
    "pool_2d",
    "pool_3d",
]
