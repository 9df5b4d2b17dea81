"""Images as rows of small patches, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.grad import grad_not_implemented, grad_undefined
from tgraph.graph import Apply, Op
from tgraph.kernels import fresh_kernel, kernel
from tgraph.operators import as_tensor_variable, table
from tgraph.ops.create import zeros
from tgraph.ops.index import set_subtensor
from tgraph.ops.shape import patternbroadcast
from tgraph.types import TensorType, float_dtypes

_MODES = ("valid", "half", "full", "wrap_centered", "ignore_borders")


@kernel
def patch_grid(size: int, patch: int, step: int, mode: str) -> list[int]:
    """[how many patches there are along an axis, how far before the image they begin]."""
    if step <= 0:
        raise ValueError("neib_step wrong step ; values <= 0. Got " + str(step))
    if patch <= 0:
        raise ValueError("neib_shape values <=0. Got " + str(patch))
    if mode == "wrap_centered":
        if patch % 2 != 1:
            raise TypeError("Images2Neibs: in mode wrap_centered need patch with odd shapes")
        if size < patch:
            raise TypeError(
                "Images2Neibs: in wrap_centered mode, don't support image shapes smaller then the patch "
                "shapes: neib_shape=" + str(patch) + ", image " + str(size)
            )
        return [(size + step - 1) // step, patch // 2]
    room, before = size - patch, 0
    if mode == "half":
        room, before = size - patch % 2, patch // 2
    if mode == "full":
        room, before = size + patch - 2, patch - 1
    if mode != "ignore_borders" and (size < patch or room % step != 0):
        raise TypeError(
            "neib_shape="
            + str(patch)
            + ", neib_step="
            + str(step)
            + " and an image of "
            + str(size)
            + " are not consistent"
        )
    return [max(0, 1 + room // step), before]


@fresh_kernel
def patches(x: torch.Tensor, shape: list[int], step: list[int], mode: str) -> torch.Tensor:
    """Rows of patches, in the order (image, channel, patch row, patch column)."""
    grid: list[int] = []
    for k in range(2):
        axis = k + 2
        count, before = patch_grid(x.size(axis), shape[k], step[k], mode)
        if count == 0:
            return torch.zeros([0, shape[0] * shape[1]], dtype=x.dtype, device=x.device)
        after = max(0, (count - 1) * step[k] + shape[k] - before - x.size(axis))
        if mode == "wrap_centered":
            places = torch.arange(-before, x.size(axis) + after, device=x.device) % x.size(axis)
            x = x.index_select(axis, places)
        elif before + after > 0:
            x = torch.constant_pad_nd(x, [before, after] if k == 1 else [0, 0, before, after], 0)
        grid.append(count)
    x = x.unfold(2, shape[0], step[0]).unfold(3, shape[1], step[1])
    x = x[:, :, : grid[0], : grid[1]]
    return torch.reshape(x, [x.size(0) * x.size(1) * grid[0] * grid[1], shape[0] * shape[1]]).clone()


@fresh_kernel
def patch_sums(z: torch.Tensor, sizes: list[int], shape: list[int], step: list[int]) -> torch.Tensor:
    """Images of the given sizes in which each element is the sum of what stands for it in the patches."""
    count = sizes[0] * sizes[1]
    if z.numel() == 0:
        return torch.zeros(sizes, dtype=z.dtype, device=z.device)
    columns = torch.reshape(z, [count, -1, shape[0] * shape[1]]).transpose(1, 2)
    # patches that do not reach the border leave it out
    rows = ((sizes[2] - shape[0]) // step[0]) * step[0] + shape[0]
    width = ((sizes[3] - shape[1]) // step[1]) * step[1] + shape[1]
    image = torch.ops.aten.col2im(columns, [rows, width], shape, [1, 1], [0, 0], step)
    image = torch.constant_pad_nd(image, [0, sizes[3] - width, 0, sizes[2] - rows], 0)
    return torch.reshape(image, sizes)


class _Patches(Op):
    """What the ops of patches share: the mode, and inputs (x, neib_shape, neib_step, ...)."""

    __props__ = ("mode",)

    def __init__(self, mode: str = "valid"):
        if mode not in _MODES:
            raise NotImplementedError(f"Only modes {', '.join(_MODES)} have been implemented for {type(self).__name__}")
        self.mode = mode

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.mode}}}"


class Images2Neibs(_Patches):
    """z[n] = the elements of one patch of ``neib_shape``; patches begin every ``neib_step`` (default: their shape).

    (batch, channels, rows, columns) -> (batch * channels * patches, rows * columns of a patch). Modes: "valid" (the
    patches must fill the image), "ignore_borders" (what is over is left out), "half" and "full" (zeros around the
    image), "wrap_centered" (around each element, over the edges). TypeError at run time for sizes that do not fit.
    """

    def make_node(self, ten4: Any, neib_shape: Any, neib_step: Any = None) -> Apply:
        ten4, neib_shape = as_tensor_variable(ten4), as_tensor_variable(neib_shape)
        neib_step = neib_shape if neib_step is None else as_tensor_variable(neib_step)
        assert ten4.type.ndim == 4
        assert neib_shape.type.ndim == 1
        assert neib_step.type.ndim == 1
        return Apply(self, [ten4, neib_shape, neib_step], [TensorType(ten4.type.dtype, (False, False))()])

    def compute(self, node: Apply, x: np.ndarray, shape: np.ndarray, step: np.ndarray) -> Any:
        assert len(shape) == len(step) == 2
        places = []
        for size, patch, skip in zip(x.shape[2:], shape.tolist(), step.tolist(), strict=True):
            count, before = patch_grid(size, patch, skip, self.mode)
            at = np.arange(count)[:, None] * skip - before + np.arange(patch)
            inside = (at >= 0) & (at < size)
            places.append((at % size if self.mode == "wrap_centered" else np.where(inside, at, size), size))
        # one row and column of zeros for what lies outside
        padded = np.pad(x, ((0, 0), (0, 0), (0, 1), (0, 1)))
        (rows, _), (columns, _) = places
        z = padded[:, :, rows[:, None, :, None], columns[None, :, None, :]]
        return z.reshape(x.shape[0] * x.shape[1] * len(rows) * len(columns), shape[0] * shape[1])

    def lower(self, node: Apply, ctx: Any, x: Any, shape: Any, step: Any) -> Any:
        sizes = [ctx.integers(node.inputs[i], v) for i, v in ((1, shape), (2, step))]
        return ctx.call(patches, x, *([v[0], v[1]] for v in sizes), self.mode)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        (batch, channels, *sizes), shape, step = shapes[0], node.inputs[1], node.inputs[2]
        patches_of_all = batch * channels
        for i, size in enumerate(sizes):
            room = {"half": size - shape[i] % 2, "full": size + shape[i] - 2}.get(self.mode, size - shape[i])
            count = 1 + room // step[i] if self.mode != "wrap_centered" else (size + step[i] - 1) // step[i]
            patches_of_all = patches_of_all * count
        return [(patches_of_all, shape[0] * shape[1])]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, shape, step), (g,) = inputs, output_grads
        if self.mode in ("valid", "ignore_borders"):
            gx = PatchSums(self.mode)(g, shape, step, *(x.shape[i] for i in range(4)))
            gx = patternbroadcast(gx, x.type.broadcastable)
        else:
            gx = grad_not_implemented(self, 0, x, "Only the modes 'valid' and 'ignore_borders' have one.")
        return [gx, grad_undefined(self, 1, shape), grad_undefined(self, 2, step)]


class PatchSums(_Patches):
    """The gradient of ``Images2Neibs``: images of the four sizes, into which patches are added."""

    def make_node(self, z: Any, neib_shape: Any, neib_step: Any, *sizes: Any) -> Apply:
        parts = [as_tensor_variable(v) for v in (z, neib_shape, neib_step, *sizes)]
        return Apply(self, parts, [TensorType(parts[0].type.dtype, (False,) * 4)()])

    def compute(self, node: Apply, z: np.ndarray, shape: np.ndarray, step: np.ndarray, *sizes: np.ndarray) -> Any:
        (c, d), (down, right) = shape.tolist(), step.tolist()
        x = np.zeros([int(s) for s in sizes], z.dtype)
        if not z.size:
            return x
        rows, columns = (1 + (n - p) // s for n, p, s in zip(x.shape[2:], (c, d), (down, right), strict=True))
        blocks = z.reshape(*x.shape[:2], rows, columns, c, d)
        for i, j in np.ndindex(c, d):
            x[:, :, i : i + rows * down : down, j : j + columns * right : right][:, :, :rows, :columns] += blocks[
                ..., i, j
            ]
        return x

    def lower(self, node: Apply, ctx: Any, z: Any, shape: Any, step: Any, *sizes: Any) -> Any:
        if node.inputs[0].type.dtype not in float_dtypes:
            return ctx.host(node, z, shape, step, *sizes)
        known = [ctx.integers(node.inputs[i], v) for i, v in ((1, shape), (2, step))]
        wanted = [ctx.integer(x, v) for x, v in zip(node.inputs[3:], sizes, strict=True)]
        return ctx.call(patch_sums, z, wanted, *([v[0], v[1]] for v in known))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (_, shape, step, *sizes), (g,) = inputs, output_grads
        return [
            Images2Neibs(self.mode)(g, shape, step),
            *(grad_undefined(self, i, v) for i, v in enumerate((shape, step, *sizes), start=1)),
        ]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [tuple(node.inputs[3:])]


def images2neibs(ten4: Any, neib_shape: Any, neib_step: Any = None, mode: str = "valid") -> Any:
    """(batch, channels, rows, columns) -> (batch * channels * patches, rows * columns of a patch): ``Images2Neibs``.

    ``neib_shape`` and ``neib_step`` are pairs (rows, columns), symbolic or not. NotImplementedError for other modes
    than 'valid', 'ignore_borders', 'wrap_centered', 'half' and 'full'.
    """
    return Images2Neibs(mode)(ten4, neib_shape, neib_step)


def neibs2images(neibs: Any, neib_shape: Any, original_shape: Any, mode: str = "valid") -> Any:
    """The images whose patches, side by side, are the rows of ``neibs``; the inverse of ``images2neibs``.

    With mode "ignore_borders" zeros stand where there were no patches. NotImplementedError for other modes than that
    and "valid".
    """
    neibs, neib_shape, original_shape = (as_tensor_variable(v) for v in (neibs, neib_shape, original_shape))
    rows = table["stack"]([original_shape[-1] // neib_shape[1], neib_shape[1]])
    # a row of patches, cut into their own rows, gives the rows of the image
    flat = images2neibs(neibs.dimshuffle("x", "x", 0, 1), rows, mode=mode)
    if mode == "valid":
        return flat.reshape(original_shape, ndim=4)
    if mode != "ignore_borders":
        raise NotImplementedError(f"neibs2images do not support mode={mode}")
    sizes = [
        original_shape[0],
        original_shape[1],
        *(original_shape[i + 2] // neib_shape[i] * neib_shape[i] for i in range(2)),
    ]
    image = flat.reshape(sizes, ndim=4)
    empty = zeros([original_shape[i] for i in range(4)], dtype=image.type.dtype)
    return set_subtensor(empty[:, :, : sizes[2], : sizes[3]], image)


__all__ = ["Images2Neibs", "PatchSums", "images2neibs", "neibs2images"]
