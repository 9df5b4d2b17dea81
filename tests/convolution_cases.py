"""Convolutions and pooling: their lines in the table of ops (cases.py)."""

import itertools

import numpy as np
import scipy.signal
from op_case import FLOATS, Case, ints, num

from tgraph.ops import conv, conv3d2d, conv_legacy, corr, downsample, pool


def convolved(x, w, pads=0, stride=1, dilation=1, groups=1, flip=True):
    """By scipy: each channel of each image with each filter."""
    n = x.ndim - 2
    if dilation > 1:
        wide = np.zeros((*w.shape[:2], *((k - 1) * dilation + 1 for k in w.shape[2:])))
        wide[(..., *[slice(None, None, dilation)] * n)] = w
        w = wide
    if not flip:
        w = w[(..., *[slice(None, None, -1)] * n)]
    x = np.pad(x, [(0, 0), (0, 0), *[(pads, pads) if isinstance(pads, int) else p for p in
                                     ([pads] * n if isinstance(pads, int) else pads)]])
    sizes = [a - b + 1 for a, b in zip(x.shape[2:], w.shape[2:], strict=True)]
    z = np.zeros((x.shape[0], w.shape[0], *sizes))
    of_group = w.shape[0] // groups
    for b, f, c in np.ndindex(x.shape[0], w.shape[0], w.shape[1]):
        image = x[b, f // of_group * w.shape[1] + c].astype("float64")
        z[b, f] += scipy.signal.convolve(image, w[f, c], "valid", "direct")
    return z[(..., *[slice(None, None, stride)] * n)]


def unshared(x, w):
    """Filters of their own at each place of the output."""
    z = np.zeros((x.shape[0], w.shape[0], *w.shape[1:3]))
    for i, j in np.ndindex(*w.shape[1:3]):
        part = x[:, :, i:i + w.shape[4], j:j + w.shape[5]]
        z[:, :, i, j] = np.tensordot(part, w[:, i, j, :, ::-1, ::-1], axes=([1, 2, 3], [1, 2, 3]))
    return z


def windows(x, ws, stride, reduce, pad=0):
    """Pooling of the last two axes, windows inside."""
    fill = -np.inf if reduce is np.max else 0
    x = np.pad(x.astype("float64"), [(0, 0)] * (x.ndim - 2) + [(pad, pad)] * 2, constant_values=fill)
    sizes = [(n - w) // s + 1 for n, w, s in zip(x.shape[-2:], ws, stride, strict=True)]
    z = np.zeros((*x.shape[:-2], *sizes))
    for i, j in itertools.product(*map(range, sizes)):
        z[..., i, j] = reduce(x[..., i * stride[0]:i * stride[0] + ws[0], j * stride[1]:j * stride[1] + ws[1]],
                              axis=(-2, -1))
    return z


def _transposed(w, g, size):
    """The gradient with respect to images: where each output came from."""
    x = np.zeros((g.shape[0], w.shape[1], *size))
    w = w[:, :, ::-1, ::-1]
    for i, j in np.ndindex(*w.shape[2:]):
        x[:, :, i:i + g.shape[2], j:j + g.shape[3]] += np.einsum("nfij,fc->ncij", g, w[:, :, i, j])
    return x


def _filter_gradient(x, g, size):
    w = np.zeros((g.shape[1], x.shape[1], *size))
    for i, j in np.ndindex(*size):
        w[:, :, i, j] = np.einsum("nfij,ncij->fc", g, x[:, :, i:i + g.shape[2], j:j + g.shape[3]])
    return w[:, :, ::-1, ::-1]



_X, _W, _G = num(2, 3, 6, 7), num(4, 3, 5, 1), num(2, 4, 2, 7)
_X3, _W3, _G3 = (num(*shape, low=-0.5, high=0.5) for shape in ((2, 3, 5, 6, 4), (7, 3, 2, 1, 2), (2, 7, 4, 6, 3)))
_SIZES, _FILTERS = ints(6, 7), ints(5, 1)
_ODD = {"border_mode": ((1, 2), 0), "subsample": (2, 1), "filter_dilation": (1, 2)}
#: numbers of which many are equal
_ties = num(2, 3, 6, 8).round()

# fmt: off
CONVOLUTIONS = [
    Case("conv2d", conv.AbstractConv2d, conv.conv2d, [_X, _W], convolved, host=("int64", "int8", "bool")),
    Case("conv2d_full", conv.AbstractConv2d, lambda x, w: conv.conv2d(x, w, border_mode="full"),
         [num(2, 3, 5, 7), num(4, 3, 1, 6)], lambda x, w: convolved(x, w, [(0, 0), (5, 5)]), dtypes=FLOATS),
    Case("conv2d_half", conv.AbstractConv2d, lambda x, w: conv.conv2d(x, w, border_mode="half", filter_flip=False),
         [num(2, 3, 6, 7), num(4, 3, 5, 1)], lambda x, w: convolved(x, w, [(2, 2), (0, 0)], flip=False), dtypes=FLOATS),
    Case("conv2d_grouped", conv.AbstractConv2d,
         lambda x, w: conv.conv2d(x, w, num_groups=2, subsample=(2, 2), border_mode=1, filter_dilation=(2, 2)),
         [num(5, 6, 8, 9), num(4, 3, 2, 1)], lambda x, w: convolved(x, w, 1, 2, 2, 2), dtypes=FLOATS),
    Case("conv2d_odd", conv.AbstractConv2d, lambda x, w: conv.conv2d(x, w, **_ODD), [_X, _W], dtypes=FLOATS),
    Case("conv2d_unshared", conv.AbstractConv2d, lambda x, w: conv.conv2d(x, w, unshared=True),
         [num(2, 3, 6, 7), num(4, 2, 7, 3, 5, 1)], unshared, dtypes=FLOATS),
    Case("conv2d_inputs", conv.AbstractConv2d_gradInputs, conv.AbstractConv2d_gradInputs(), [_W, _G, _SIZES],
         _transposed, dtypes=(*FLOATS, "int64"), host=("int64",), wrt=(0, 1)),
    Case("conv2d_inputs_odd", conv.AbstractConv2d_gradInputs, conv.AbstractConv2d_gradInputs(**_ODD),
         [_W, num(2, 4, 3, 7), _SIZES], dtypes=FLOATS, wrt=(0, 1)),
    Case("conv2d_inputs_unshared", conv.AbstractConv2d_gradInputs, conv.AbstractConv2d_gradInputs(unshared=True),
         [num(4, 2, 7, 3, 5, 1), _G, _SIZES], dtypes=FLOATS, wrt=(0, 1)),
    Case("conv2d_weights", conv.AbstractConv2d_gradWeights, conv.AbstractConv2d_gradWeights(), [_X, _G, _FILTERS],
         _filter_gradient, dtypes=(*FLOATS, "int64"), host=("int64",), wrt=(0, 1)),
    Case("conv2d_weights_odd", conv.AbstractConv2d_gradWeights, conv.AbstractConv2d_gradWeights(**_ODD),
         [_X, num(2, 4, 3, 7), _FILTERS], dtypes=FLOATS, wrt=(0, 1)),
    Case("conv2d_weights_unshared", conv.AbstractConv2d_gradWeights, conv.AbstractConv2d_gradWeights(unshared=True),
         [_X, _G, _FILTERS], dtypes=FLOATS, wrt=(0, 1)),
    Case("conv3d", conv.AbstractConv3d, conv.conv3d, [_X3, _W3], convolved, dtypes=FLOATS),
    Case("conv3d_inputs", conv.AbstractConv3d_gradInputs, conv.AbstractConv3d_gradInputs(), [_W3, _G3, ints(5, 6, 4)],
         dtypes=FLOATS, wrt=(0, 1)),
    Case("conv3d_weights", conv.AbstractConv3d_gradWeights, conv.AbstractConv3d_gradWeights(),
         [_X3, _G3, ints(2, 1, 2)], dtypes=FLOATS, wrt=(0, 1)),
    Case("conv_op", conv_legacy.ConvOp, conv_legacy.ConvOp(), [_X, _W], convolved, dtypes=FLOATS),
    Case("corr", corr.CorrMM, corr.CorrMM(), [_X, _W], lambda x, w: convolved(x, w, flip=False), dtypes=FLOATS),
    Case("corr_inputs", corr.CorrMM_gradInputs, corr.CorrMM_gradInputs(), [_W, _G], dtypes=FLOATS),
    Case("corr_weights", corr.CorrMM_gradWeights, corr.CorrMM_gradWeights(), [_X, _G], dtypes=FLOATS),
    Case("corr3d", corr.Corr3dMM, corr.Corr3dMM(), [_X3, _W3], lambda x, w: convolved(x, w, flip=False), dtypes=FLOATS),
    Case("corr3d_inputs", corr.Corr3dMM_gradInputs, corr.Corr3dMM_gradInputs(), [_W3, _G3], dtypes=FLOATS),
    Case("corr3d_weights", corr.Corr3dMM_gradWeights, corr.Corr3dMM_gradWeights(), [_X3, _G3], dtypes=FLOATS),
    Case("diagonals", conv3d2d.DiagonalSubtensor, lambda x: conv3d2d.diagonal_subtensor(x, 0, 1), [num(5, 3, 2)],
         lambda x: np.array([[x[i + 2 - j, j] for j in range(3)] for i in range(3)]), host=(*FLOATS, "int64"),
         dtypes=(*FLOATS, "int64")),
    Case("inc_diagonals", conv3d2d.IncDiagonalSubtensor, lambda x, y: conv3d2d.inc_diagonal_subtensor(x, 0, 1, y),
         [num(5, 3, 2), num(3, 3, 2)], host=FLOATS, dtypes=FLOATS),
    # -- pooling
    Case("pool_max", pool.Pool, lambda x: pool.pool_2d(x, (2, 4), True), [_ties],
         lambda x: windows(x, (2, 4), (2, 4), np.max), host=("int64", "int8", "bool"), wrt=None),
    Case("pool_max_padded", pool.Pool, lambda x: pool.pool_2d(x, (3, 3), True, (2, 2), (1, 1)), [num(2, 4, 5, 8)],
         lambda x: windows(x, (3, 3), (2, 2), np.max, 1), dtypes=FLOATS),
    Case("pool_max_border", pool.Pool, lambda x: pool.pool_2d(x, (2, 3), False, (1, 2)), [num(2, 4, 5, 8)],
         dtypes=FLOATS),
    Case("pool_max_vector", pool.Pool, pool.Pool(True, ndim=1), [num(3, 5), ints(2)], dtypes=FLOATS, wrt=(0,)),
    Case("pool_3d", pool.Pool, lambda x: pool.pool_3d(x, (2, 2, 3), True), [num(2, 4, 5, 8)], dtypes=FLOATS),
    Case("pool_sum", pool.Pool, lambda x: pool.pool_2d(x, (2, 3), True, (1, 3), mode="sum"), [num(2, 4, 5, 8)],
         lambda x: windows(x, (2, 3), (1, 3), np.sum), dtypes=FLOATS),
    Case("pool_mean", pool.Pool, lambda x: pool.pool_2d(x, (2, 3), True, mode="average_exc_pad"), [num(2, 4, 5, 8)],
         lambda x: windows(x, (2, 3), (2, 3), np.mean), dtypes=FLOATS),
    Case("pool_mean_padded", pool.Pool,
         lambda x: pool.pool_2d(x, (2, 3), True, (1, 1), (1, 1), mode="average_inc_pad"), [num(2, 4, 5, 8)],
         lambda x: windows(x, (2, 3), (1, 1), np.mean, 1), dtypes=FLOATS),
    Case("pool_mean_without_padding", pool.Pool,
         lambda x: pool.pool_2d(x, (2, 3), True, (1, 1), (1, 1), mode="average_exc_pad"), [num(2, 4, 5, 8)],
         lambda x: (windows(x, (2, 3), (1, 1), np.sum, 1)
                    / windows(np.ones_like(x), (2, 3), (1, 1), np.sum, 1)), dtypes=FLOATS),
    Case("pool_mean_border", pool.Pool, lambda x: pool.pool_2d(x, (2, 3), False, (1, 2), mode="average_inc_pad"),
         [num(2, 4, 5, 8)], dtypes=FLOATS),
    # the gradient of what is spread; nothing with respect to what it is compared with
    Case("pool_max_grad", pool.MaxPoolGrad, lambda x, z, g: pool.MaxPoolGrad(True)(x, z, g, (2, 4)),
         [_ties, windows(_ties, (2, 4), (2, 4), np.max), num(2, 3, 3, 2, seed=1)], dtypes=FLOATS, wrt=(2,)),
    Case("pool_max_tangent", pool.DownsampleFactorMaxGradGrad,
         lambda x, z, v: pool.DownsampleFactorMaxGradGrad(True)(x, z, v, (2, 4)),
         [_ties, windows(_ties, (2, 4), (2, 4), np.max), num(2, 3, 6, 8, seed=1)], dtypes=FLOATS, wrt=(2,)),
    Case("pool_mean_grad", pool.AveragePoolGrad, lambda x, g: pool.AveragePoolGrad(True)(x, g, (2, 3), (1, 3)),
         [num(2, 4, 5, 8), num(2, 4, 4, 2)], dtypes=FLOATS, wrt=(1,)),
    Case("pool_rop", pool.MaxPoolRop, lambda x, v: pool.MaxPoolRop(True)(x, v, (2, 4)),
         [_ties, num(2, 3, 6, 8, seed=1)], dtypes=FLOATS, host=FLOATS, wrt=None),
    Case("downsample", downsample.DownsampleFactorMax, downsample.DownsampleFactorMax((2, 4), True), [num(2, 3, 6, 8)],
         lambda x: windows(x, (2, 4), (2, 4), np.max), dtypes=FLOATS),
]
# fmt: on

#: base classes
UNAPPLIED = {
    conv.BaseAbstractConv, conv.AbstractConv, conv._Gradient, conv.AbstractConv_gradWeights,
    conv.AbstractConv_gradInputs, conv._Flat, conv._Deep, corr._Correlation, corr._DeepCorrelation,
    pool._Pooling, pool.PoolGrad,
}
