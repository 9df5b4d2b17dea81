"""Convolution and pooling of images in raster order, by the product with a sparse matrix that cuts out patches."""

from __future__ import annotations

from typing import Any

import numpy as np

from tgraph.graph import Op
from tgraph.operators import as_tensor_variable, table
from tgraph.ops.sparse_dot import structured_dot
from tgraph.ops.sparse_parts import CSM
from tgraph.optional import scipy_sparse

__all__ = ["ConvolutionIndices", "convolution_indices", "convolve", "max_pool"]


class ConvolutionIndices(Op):
    """Which pixels the patches of an image consist of, as a csc matrix; not an operation of graphs."""

    __props__: tuple[str, ...] = ()

    @staticmethod
    def conv_eval(inshp: Any, kshp: Any, strides: Any = (1, 1), mode: str = "valid") -> tuple:
        """As ``evaluate``."""
        return ConvolutionIndices.evaluate(inshp, kshp, strides, mode=mode)

    @staticmethod
    def evaluate(
        inshp: Any, kshp: Any, strides: Any = (1, 1), nkern: int = 1, mode: str = "valid", ws: bool = True
    ) -> tuple:
        """(indices, indptr, shape, 'csc', sizes of the result) of the matrix that cuts out patches.

        ``inshp``: (height, width), or with the number of images before them; ``kshp``: sizes of a patch; ``strides``:
        (dx, dy); ``mode``: 'valid', or 'full', where patches may reach out of the image. Row
        ``((y * width + x) * images + image) * (patch size) + n`` of the matrix has its one element in the column of
        the pixel at place n of the patch at (y, x). ValueError for patches that do not fit.
        """
        if not ws:
            raise ValueError("ws is obsolete and it must be always True")
        dx, dy = (int(s) for s in strides)
        images, height, width = (1, *inshp) if np.size(inshp) == 2 else (int(n) for n in inshp)
        kh, kw = (int(n) for n in kshp)
        sign = -1 if mode == "valid" else 1
        out = np.ceil((np.array([height, width]) + sign * (np.array([kh, kw]) - 1)) / np.array([dy, dx])).astype(
            "int64"
        )
        if (out <= 0).any():
            raise ValueError(f"Invalid kernel {kshp} and/or step size {strides} for given input shape {inshp}")
        reach = (0, 0) if mode == "valid" else (kh - 1, kw - 1)
        names = ("image", "oy", "ox", "ky", "kx")
        sizes = (images, int(out[0]), int(out[1]), kh, kw)
        grid = dict(zip(names, np.meshgrid(*(np.arange(n) for n in sizes), indexing="ij"), strict=True))
        y, x = grid["oy"] * dy + grid["ky"] - reach[0], grid["ox"] * dx + grid["kx"] - reach[1]
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        place = (grid["oy"] * out[1] + grid["ox"]) * images + grid["image"]
        rows = (place * kh * kw + grid["ky"] * kw + grid["kx"])[inside]
        columns = ((grid["image"] * height + y) * width + x)[inside]
        shape = (int(out.prod()) * kh * kw * images, images * height * width)
        matrix = scipy_sparse().csc_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
        matrix.sort_indices()
        return matrix.indices, matrix.indptr, shape, "csc", out


convolution_indices = ConvolutionIndices()


def _patches(images: Any, imgshp: Any, size: Any, step: Any, mode: str) -> tuple[Any, Any]:
    indices, indptr, shape, format, out = convolution_indices.conv_eval(imgshp, size, step, mode)
    cut = CSM(format)(np.ones(len(indices)), indices, indptr, np.asarray(shape))
    return structured_dot(cut, images.T).T, out


def convolve(kerns: Any, kshp: Any, nkern: Any, images: Any, imgshp: Any, step: Any = (1, 1), bias: Any = None,
             mode: str = "valid", flatten: bool = True) -> tuple[Any, Any]:  # fmt: skip
    """(result, its sizes) of correlating images, a matrix with one in each row, with ``kerns``, a matrix (nkern, number
    of images in a row * patch size). The result is (batch, nkern * places), or (batch, nkern, places)."""
    images, kerns = as_tensor_variable(images), as_tensor_variable(kerns)
    depth = 1 if np.size(imgshp) == 2 else int(imgshp[0])
    patches, out = _patches(images, imgshp, kshp, step, mode)
    places = int(np.prod(out))
    stack = patches.reshape((images.shape[0] * places, depth * int(np.prod(kshp))))
    output = table["dot"](stack, kerns.T)
    if bias is not None:
        output = output + bias
    output = output.reshape((images.shape[0], places, nkern), ndim=3).dimshuffle(0, 2, 1)
    return (output.flatten(2) if flatten else output), np.hstack((nkern, out))


def max_pool(images: Any, imgshp: Any, maxpoolshp: Any) -> tuple[Any, Any]:
    """(result, its sizes): the greatest pixel of every window of images, a matrix with one (or several, one after the
    other) in each row; square windows do not overlap (the steps between
    others are their sizes, exchanged, as with Theano)."""
    images = as_tensor_variable(images)
    depth = 1 if np.size(imgshp) == 2 else int(imgshp[0])
    patches, out = _patches(images, imgshp, maxpoolshp, maxpoolshp, "valid")
    shape = (images.shape[0] * int(np.prod(out)), depth, int(np.prod(maxpoolshp)))
    greatest = patches.reshape(shape, ndim=3).max(axis=2)
    by_image = greatest.reshape((images.shape[0], int(np.prod(out)), depth), ndim=3)
    return by_image.dimshuffle(0, 2, 1).flatten(2), out
