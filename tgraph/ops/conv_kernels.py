"""Convolutions in torch calls and in numpy: forward, and the gradients with respect to input and filters.

All are correlations, of one image axis or more: filters that are to be flipped are flipped before. In "unshared"
convolutions each place of the output has filters of its own: (filters, rows, columns, channels, ...).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from tgraph.kernels import fresh_kernel, kernel


@kernel
def conv_zeros(sizes: list[int], dilation: list[int], mode: str, given: list[int]) -> list[int]:
    """Zeros before and after the image on each axis, in this order; ``given`` counts where the mode is ''."""
    zeros: list[int] = []
    for i in range(len(sizes)):
        dilated = (sizes[i] - 1) * dilation[i] + 1
        if mode == "full":
            zeros += [dilated - 1, dilated - 1]
        elif mode == "half":
            zeros += [dilated // 2, dilated // 2]
        elif mode == "valid":
            zeros += [0, 0]
        else:
            zeros += [given[2 * i], given[2 * i + 1]]
    return zeros


@kernel
def conv_sizes(
    image: list[int], filters: list[int], zeros: list[int], stride: list[int], dilation: list[int]
) -> list[int]:
    """The sizes of the output, which must be above 0."""
    sizes: list[int] = []
    for i in range(len(image)):
        size = image[i] + zeros[2 * i] + zeros[2 * i + 1] - ((filters[i] - 1) * dilation[i] + 1)
        if size < 0:
            raise ValueError(
                "convolution: impossible output shape, images of " + str(image) + " and filters of " + str(filters)
            )
        sizes.append(size // stride[i] + 1)
    return sizes


@kernel
def conv_channels(channels: int, of_filters: int, filters: int, groups: int) -> None:
    """The channels of the image must be those of the filters."""
    if channels != of_filters * groups:
        raise ValueError(
            "images and kernel must have the same stack size: " + str(channels) + " and " + str(of_filters * groups)
        )
    if filters % groups != 0:
        raise ValueError("the number of filters must be divisible by num_groups")


@kernel
def flipped_filters(w: torch.Tensor, n: int, flip: bool) -> torch.Tensor:
    """The last n axes reversed."""
    return torch.flip(w, [-1 - i for i in range(n)]) if flip else w


@kernel
def even_zeros(zeros: list[int]) -> bool:
    """True if there are as many zeros before as after, on every axis."""
    even = True
    for i in range(len(zeros) // 2):
        even = even and zeros[2 * i] == zeros[2 * i + 1]
    return even


@kernel
def with_zeros(x: torch.Tensor, zeros: list[int]) -> torch.Tensor:
    """x with zeros around its last axes."""
    if sum(zeros) == 0:
        return x
    pads: list[int] = []
    for i in range(len(zeros) // 2):
        # torch begins with the last axis
        pads = [zeros[2 * i], zeros[2 * i + 1]] + pads
    return torch.constant_pad_nd(x, pads, 0)


@kernel
def without_zeros(x: torch.Tensor, zeros: list[int]) -> torch.Tensor:
    """The last axes of x without so many elements before and after."""
    n = len(zeros) // 2
    for i in range(n):
        axis = x.dim() - n + i
        x = x.narrow(axis, zeros[2 * i], x.size(axis) - zeros[2 * i] - zeros[2 * i + 1])
    return x


@kernel
def in_float(x: torch.Tensor) -> torch.Tensor:
    """Half precision is computed in single."""
    return x.float() if x.dtype == torch.float16 else x


@fresh_kernel
def conv_forward(
    x: torch.Tensor,
    w: torch.Tensor,
    mode: str,
    given: list[int],
    stride: list[int],
    dilation: list[int],
    groups: int,
    flip: bool,
) -> torch.Tensor:
    """(batch, channels, ...) and (filters, channels / groups, ...) -> (batch, filters, ...)."""
    n = len(stride)
    zeros = conv_zeros(list(w.shape[2:]), dilation, mode, given)
    conv_channels(x.size(1), w.size(1), w.size(0), groups)
    sizes = conv_sizes(list(x.shape[2:]), list(w.shape[2:]), zeros, stride, dilation)
    if x.numel() == 0 or w.numel() == 0:
        return torch.zeros([x.size(0), w.size(0)] + sizes, dtype=x.dtype, device=x.device)
    even = [0] * n
    if even_zeros(zeros):
        even = [zeros[2 * i] for i in range(n)]
    else:
        x = with_zeros(x, zeros)
    z = torch.convolution(
        in_float(x), in_float(flipped_filters(w, n, flip)), None, stride, even, dilation, False, [0] * n, groups
    )
    return z.to(x.dtype)


@fresh_kernel
def conv_input_grad(
    w: torch.Tensor,
    g: torch.Tensor,
    image: list[int],
    mode: str,
    given: list[int],
    stride: list[int],
    dilation: list[int],
    groups: int,
    flip: bool,
) -> torch.Tensor:
    """The gradient with respect to an image of these sizes, given the gradient g of the output."""
    n = len(stride)
    zeros = conv_zeros(list(w.shape[2:]), dilation, mode, given)
    shape = [g.size(0), w.size(1) * groups]
    sizes = conv_sizes(image, list(w.shape[2:]), zeros, stride, dilation)
    if sizes != list(g.shape[2:]) or g.size(1) != w.size(0):
        raise ValueError(
            "invalid input_shape for gradInputs: the given input_shape would produce an output of "
            + str(sizes)
            + " with "
            + str(w.size(0))
            + " channels, but the given topgrad has shape "
            + str(g.shape)
        )
    if g.numel() == 0 or w.numel() == 0:
        return torch.zeros(shape + image, dtype=g.dtype, device=g.device)
    even = [0] * n
    padded = [image[i] for i in range(n)]
    if even_zeros(zeros):
        even = [zeros[2 * i] for i in range(n)]
    else:
        padded = [image[i] + zeros[2 * i] + zeros[2 * i + 1] for i in range(n)]
    like = in_float(g)
    found = torch.ops.aten.convolution_backward(
        like,
        like.new_empty([1]).expand(shape + padded),
        in_float(flipped_filters(w, n, flip)),
        None,
        stride,
        even,
        dilation,
        False,
        [0] * n,
        groups,
        [True, False, False],
    )[0]
    if not even_zeros(zeros):
        found = without_zeros(found, zeros).contiguous()
    return found.to(g.dtype)


@fresh_kernel
def conv_filter_grad(
    x: torch.Tensor,
    g: torch.Tensor,
    filters: list[int],
    mode: str,
    given: list[int],
    stride: list[int],
    dilation: list[int],
    groups: int,
    flip: bool,
) -> torch.Tensor:
    """The gradient with respect to filters of these sizes, given the gradient g of the output."""
    n = len(stride)
    zeros = conv_zeros(filters, dilation, mode, given)
    conv_channels(x.size(1), x.size(1) // groups, g.size(1), groups)
    sizes = conv_sizes(list(x.shape[2:]), filters, zeros, stride, dilation)
    if sizes != list(g.shape[2:]) or x.size(0) != g.size(0):
        raise ValueError(
            "invalid shape of filters for gradWeights: they would produce an output of "
            + str(sizes)
            + " for "
            + str(x.size(0))
            + " images, but the given topgrad has shape "
            + str(g.shape)
        )
    shape = [g.size(1), x.size(1) // groups] + filters
    if x.numel() == 0 or g.numel() == 0:
        return torch.zeros(shape, dtype=g.dtype, device=g.device)
    even = [0] * n
    if even_zeros(zeros):
        even = [zeros[2 * i] for i in range(n)]
    else:
        x = with_zeros(x, zeros)
    like = in_float(g)
    found = torch.ops.aten.convolution_backward(
        like,
        in_float(x),
        like.new_empty([1]).expand(shape),
        None,
        stride,
        even,
        dilation,
        False,
        [0] * n,
        groups,
        [False, True, False],
    )[1]
    return flipped_filters(found, n, flip).to(g.dtype)


# -- filters of their own for each place ------------------------------------------------------------------------


@kernel
def unshared_check(sizes: list[int], places: list[int]) -> None:
    """Filters of their own must be there for each place of the output."""
    if sizes != places:
        raise ValueError("Kernel shape " + str(places) + " does not match computed output size " + str(sizes))


@fresh_kernel
def unshared_forward(
    x: torch.Tensor,
    w: torch.Tensor,
    mode: str,
    given: list[int],
    stride: list[int],
    dilation: list[int],
    groups: int,
    flip: bool,
) -> torch.Tensor:
    """(batch, channels, ..), (filters, rows, columns, channels / groups, ..) -> (batch, filters, rows, columns)."""
    kernel_sizes = list(w.shape[4:])
    zeros = conv_zeros(kernel_sizes, dilation, mode, given)
    conv_channels(x.size(1), w.size(3), w.size(0), groups)
    sizes = conv_sizes(list(x.shape[2:]), kernel_sizes, zeros, stride, dilation)
    unshared_check(sizes, list(w.shape[1:3]))
    shape = [x.size(0), w.size(0)] + sizes
    if x.numel() == 0 or w.numel() == 0:
        return torch.zeros(shape, dtype=x.dtype, device=x.device)
    columns = torch.ops.aten.im2col(with_zeros(x, zeros), kernel_sizes, dilation, [0, 0], stride)
    places = sizes[0] * sizes[1]
    columns = torch.reshape(columns, [x.size(0), groups, -1, places])
    w = torch.reshape(flipped_filters(w, 2, flip), [groups, w.size(0) // groups, places, -1])
    return torch.reshape(torch.einsum("ngkl,golk->ngol", [columns, w]), shape)


@fresh_kernel
def unshared_input_grad(
    w: torch.Tensor,
    g: torch.Tensor,
    image: list[int],
    mode: str,
    given: list[int],
    stride: list[int],
    dilation: list[int],
    groups: int,
    flip: bool,
) -> torch.Tensor:
    """The gradient with respect to an image of these sizes."""
    kernel_sizes = list(w.shape[4:])
    zeros = conv_zeros(kernel_sizes, dilation, mode, given)
    sizes = conv_sizes(image, kernel_sizes, zeros, stride, dilation)
    unshared_check(sizes, list(w.shape[1:3]))
    shape = [g.size(0), w.size(3) * groups]
    if sizes != list(g.shape[2:]) or g.size(1) != w.size(0):
        raise ValueError(
            "invalid input_shape for gradInputs: the given input_shape would produce an output of "
            + str(sizes)
            + ", but the given topgrad has shape "
            + str(g.shape)
        )
    if g.numel() == 0 or w.numel() == 0:
        return torch.zeros(shape + image, dtype=g.dtype, device=g.device)
    places = sizes[0] * sizes[1]
    filters = torch.reshape(flipped_filters(w, 2, flip), [groups, w.size(0) // groups, places, -1])
    g = torch.reshape(g, [g.size(0), groups, w.size(0) // groups, places])
    columns = torch.reshape(torch.einsum("ngol,golk->ngkl", [g, filters]), [g.size(0), -1, places])
    padded = [image[i] + zeros[2 * i] + zeros[2 * i + 1] for i in range(2)]
    found = torch.ops.aten.col2im(columns, padded, kernel_sizes, dilation, [0, 0], stride)
    return without_zeros(found, zeros).contiguous()


@fresh_kernel
def unshared_filter_grad(
    x: torch.Tensor,
    g: torch.Tensor,
    filters: list[int],
    mode: str,
    given: list[int],
    stride: list[int],
    dilation: list[int],
    groups: int,
    flip: bool,
) -> torch.Tensor:
    """The gradient with respect to filters of these sizes."""
    zeros = conv_zeros(filters, dilation, mode, given)
    sizes = conv_sizes(list(x.shape[2:]), filters, zeros, stride, dilation)
    if sizes != list(g.shape[2:]) or x.size(0) != g.size(0):
        raise ValueError(
            "invalid shape of filters for gradWeights: they would produce an output of "
            + str(sizes)
            + ", but the given topgrad has shape "
            + str(g.shape)
        )
    shape = [g.size(1)] + sizes + [x.size(1) // groups] + filters
    if x.numel() == 0 or g.numel() == 0:
        return torch.zeros(shape, dtype=g.dtype, device=g.device)
    places = sizes[0] * sizes[1]
    columns = torch.ops.aten.im2col(with_zeros(x, zeros), filters, dilation, [0, 0], stride)
    columns = torch.reshape(columns, [x.size(0), groups, -1, places])
    g = torch.reshape(g, [g.size(0), groups, g.size(1) // groups, places])
    found = torch.reshape(torch.einsum("ngol,ngkl->golk", [g, columns]), shape)
    return flipped_filters(found, 2, flip).clone()


# -- the same in numpy, for any dtype -------------------------------------------------------------------------------


def _places(offset: Sequence[int], sizes: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> tuple:
    """Where the elements of a padded image lie that one element of the filters meets."""
    return tuple(
        slice(o * d, o * d + (n - 1) * s + 1, s) for o, n, s, d in zip(offset, sizes, stride, dilation, strict=True)
    )


class NumpyConvolution:
    """Sums over the elements of the filters, each met by a strided part of the padded image."""

    def __init__(
        self,
        image: Sequence[int],
        filters: Sequence[int],
        mode: str,
        given: Sequence[int],
        stride: Sequence[int],
        dilation: Sequence[int],
        groups: int,
        unshared: bool,
    ):
        self.image, self.filters = list(image), list(filters)
        self.stride, self.dilation, self.groups, self.unshared = stride, dilation, groups, unshared
        zeros = conv_zeros(self.filters, list(dilation), mode, list(given))
        self.zeros = list(zip(zeros[::2], zeros[1::2], strict=True))
        self.sizes = conv_sizes(self.image, self.filters, zeros, list(stride), list(dilation))

    def _grouped(self, x: np.ndarray, axis: int) -> np.ndarray:
        return x.reshape(*x.shape[:axis], self.groups, x.shape[axis] // self.groups, *x.shape[axis + 1 :])

    def _offsets(self) -> list[tuple]:
        return [(o, _places(o, self.sizes, self.stride, self.dilation)) for o in np.ndindex(*self.filters)]

    def _spelled(self) -> tuple[str, str, str]:
        """The axes of images, filters and outputs, for einsum."""
        rest = "xyz"[: len(self.sizes)]
        return f"ngc{rest}", f"go{rest}c" if self.unshared else "goc", f"ngo{rest}"

    def _check_filters(self, w: np.ndarray, channels: int) -> None:
        if self.unshared:
            unshared_check(self.sizes, list(w.shape[1:3]))
        conv_channels(channels, w.shape[-len(self.sizes) - 1], w.shape[0], self.groups)

    def forward(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        self._check_filters(w, x.shape[1])
        padded = self._grouped(np.pad(x, [(0, 0), (0, 0), *np.maximum(self.zeros, 0)]), 1)
        images, filters, outputs = self._spelled()
        w = self._grouped(w, 0)
        z = np.zeros((x.shape[0], self.groups, w.shape[1], *self.sizes), np.result_type(x, w))
        for offset, at in self._offsets():
            z += np.einsum(f"{images},{filters}->{outputs}", padded[(..., *at)], w[(..., *offset)])
        return (
            z.reshape(x.shape[0], -1, *self.sizes)
            if z.size
            else z.reshape(x.shape[0], w.shape[0] * w.shape[1], *self.sizes)
        )

    def _check_gradient(self, g: np.ndarray, batch: int, filters: int, name: str) -> None:
        if g.shape != (batch, filters, *self.sizes):
            raise ValueError(
                f"{name}: an output of shape {(batch, filters, *self.sizes)} is expected, but the given "
                f"topgrad has shape {g.shape}"
            )

    def input_grad(self, w: np.ndarray, g: np.ndarray) -> np.ndarray:
        self._check_gradient(g, g.shape[0], w.shape[0], "invalid input_shape for gradInputs")
        channels = w.shape[-len(self.sizes) - 1]
        self._check_filters(w, channels * self.groups)
        images, filters, outputs = self._spelled()
        padded = [n + a + b for n, (a, b) in zip(self.image, self.zeros, strict=True)]
        x = np.zeros((g.shape[0], self.groups, channels, *padded), np.result_type(w, g))
        w, g = self._grouped(w, 0), self._grouped(g, 1)
        for offset, at in self._offsets():
            x[(..., *at)] += np.einsum(f"{outputs},{filters}->{images}", g, w[(..., *offset)])
        x = x[(..., *(slice(a, a + n) for n, (a, _) in zip(self.image, self.zeros, strict=True)))]
        return x.reshape(x.shape[0], self.groups * channels, *self.image)

    def filter_grad(self, x: np.ndarray, g: np.ndarray) -> np.ndarray:
        self._check_gradient(g, x.shape[0], g.shape[1], "invalid shape of filters for gradWeights")
        conv_channels(x.shape[1], x.shape[1] // self.groups, g.shape[1], self.groups)
        images, filters, outputs = self._spelled()
        places = self.sizes if self.unshared else []
        shape = (g.shape[1], *places, x.shape[1] // self.groups, *self.filters)
        padded = self._grouped(np.pad(x, [(0, 0), (0, 0), *np.maximum(self.zeros, 0)]), 1)
        g = self._grouped(g, 1)
        w = np.zeros((self.groups, shape[0] // self.groups, *shape[1:]), np.result_type(x, g))
        for offset, at in self._offsets():
            w[(..., *offset)] = np.einsum(f"{images},{outputs}->{filters}", padded[(..., *at)], g)
        return w.reshape(shape)
