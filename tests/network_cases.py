"""The ops of networks: their lines in the table of ops (cases.py)."""

import numpy as np
from convolution_cases import CONVOLUTIONS
from convolution_cases import UNAPPLIED as _unapplied
from op_case import FLOATS, Case, ints, num

import tgraph.tensor as T
from tgraph.ops import batch_norm, blocksparse, ctc, neighbours, nnet_layers


def _normalized(x, scale, bias, axes):
    mean, std = x.mean(axes, keepdims=True), np.sqrt(x.var(axes, keepdims=True) + 1e-4)
    return [(x - mean) / std * scale + bias, mean, 1 / std]


def _averaged(x, scale, bias, mean, variance):
    n = len(x)
    return [*_normalized(x, scale, bias, (0,)), 0.9 * mean + 0.1 * x.mean(0),
            0.9 * variance + 0.1 * x.var(0) * (n / (n - 1))]


def _patches(x, shape, step):
    n, m = ((size - p) // s + 1 for size, p, s in zip(x.shape[2:], shape, step, strict=True))
    return np.array([x[b, c, i * step[0]:i * step[0] + shape[0], j * step[1]:j * step[1] + shape[1]].ravel()
                     for b in range(x.shape[0]) for c in range(x.shape[1]) for i in range(n) for j in range(m)]
                    ).reshape(-1, shape[0] * shape[1])


def _gemv(o, w, h, rows, columns):
    z = o.copy()
    for b, j in np.ndindex(z.shape[:2]):
        for i in range(h.shape[1]):
            z[b, j] += h[b, i] @ w[rows[b, i], columns[b, j]]
    return z


def _outer(o, x, y, rows, columns):
    z = o.copy()
    for b, i, j in np.ndindex(x.shape[0], x.shape[1], y.shape[1]):
        z[rows[b, i], columns[b, j]] += np.outer(x[b, i], y[b, j])
    return z


_row = (True, False)
_rows, _columns = np.array([[0, 2], [1, 1]]), np.array([[1, 0, 0], [1, 0, 1]])
_activations = num(4, 2, 3).astype("float32")

# fmt: off
NETWORKS = [
    Case("batch_norm_train", batch_norm.AbstractBatchNormTrain,
         lambda x, s, b: batch_norm.AbstractBatchNormTrain((0,))(x, s, b)[0], [num(4, 3), num(1, 3), num(1, 3, seed=1)],
         lambda x, s, b: _normalized(x, s, b, (0,))[0], dtypes=FLOATS, patterns={1: _row, 2: _row}),
    Case("batch_norm_averages", batch_norm.AbstractBatchNormTrain,
         lambda x, s, b, m, v: batch_norm.AbstractBatchNormTrain((0,))(x, s, b, running_mean=m, running_var=v),
         [num(4, 3), num(1, 3), num(1, 3, seed=1), num(1, 3, seed=2), num(1, 3, low=0.1)], _averaged, dtypes=FLOATS,
         patterns=dict.fromkeys((1, 2, 3, 4), _row), wrt=None),
    Case("batch_norm_test", batch_norm.AbstractBatchNormInference,
         lambda x, s, b, m, v: batch_norm.AbstractBatchNormInference((0,))(x, s, b, m, v),
         [num(4, 3), num(1, 3), num(1, 3, seed=1), num(1, 3, seed=2), num(1, 3, low=0.1)],
         lambda x, s, b, m, v: (x - m) / np.sqrt(v + 1e-4) * s + b, dtypes=FLOATS,
         patterns=dict.fromkeys((1, 2, 3, 4), _row)),
    Case("batch_norm_grad", batch_norm.AbstractBatchNormTrainGrad,
         lambda x, g, s, m, i: batch_norm.AbstractBatchNormTrainGrad((0,))(x, g, s, m, i),
         [num(4, 3), num(4, 3, seed=1), num(1, 3), num(1, 3, seed=2), num(1, 3, low=0.1)], dtypes=FLOATS,
         patterns=dict.fromkeys((2, 3, 4), _row)),
    Case("prepend_scalar", nnet_layers.Prepend_scalar_to_each_row,
         lambda x: nnet_layers.prepend_scalar_to_each_row(T.constant(5), x), [num(2, 3)],
         lambda x: np.insert(x, 0, 5, axis=1)),
    Case("prepend_1", nnet_layers.Prepend_scalar_constant_to_each_row, nnet_layers.prepend_1_to_each_row,
         [num(2, 3)], lambda x: np.insert(x, 0, 1, axis=1)),
    Case("images2neibs", neighbours.Images2Neibs, lambda x: neighbours.images2neibs(x, (2, 3), (1, 2)),
         [num(2, 3, 4, 5)], lambda x: _patches(x, (2, 3), (1, 2))),
    Case("images2neibs_half", neighbours.Images2Neibs, lambda x: neighbours.images2neibs(x, (3, 2), (1, 1), "half"),
         [num(2, 3, 4, 5)], lambda x: _patches(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 2), (1, 1)), wrt=None),
    Case("images2neibs_full", neighbours.Images2Neibs, lambda x: neighbours.images2neibs(x, (3, 2), (1, 1), "full"),
         [num(2, 3, 4, 5)], lambda x: _patches(np.pad(x, ((0, 0), (0, 0), (2, 2), (1, 1))), (3, 2), (1, 1)), wrt=None),
    Case("images2neibs_wrap", neighbours.Images2Neibs,
         lambda x: neighbours.images2neibs(x, (3, 3), (1, 1), "wrap_centered"), [num(2, 3, 4, 5)],
         lambda x: _patches(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="wrap"), (3, 3), (1, 1)), wrt=None),
    Case("patch_sums", neighbours.PatchSums, lambda z: neighbours.PatchSums("valid")(z, (2, 2), (1, 2), 1, 2, 3, 4),
         [num(8, 4)], dtypes=FLOATS),
    Case("block_gemv", blocksparse.SparseBlockGemv, blocksparse.sparse_block_gemv,
         [num(2, 3, 5), num(3, 2, 4, 5), num(2, 2, 4), _rows, _columns], _gemv, dtypes=FLOATS, wrt=(0, 1, 2)),
    Case("block_outer", blocksparse.SparseBlockOuter,
         lambda o, x, y, i, j: blocksparse.sparse_block_outer(o, x, y, i, j),
         [num(3, 2, 4, 5), num(2, 2, 4), num(2, 3, 5), _rows, _columns], _outer, dtypes=FLOATS, wrt=(0, 1, 2)),
    # values and gradients are compared with a sum over all paths in test_networks.py
    Case("ctc", ctc.ConnectionistTemporalClassification, lambda x, y, n: ctc.ctc(x, y, n),
         [_activations, ints(1, 2, 2, -1).reshape(2, 2).astype("int32"), ints(4, 3).astype("int32")],
         dtypes=FLOATS[:1], wrt=None),
    *CONVOLUTIONS,
]
# fmt: on

#: base classes
UNAPPLIED = {batch_norm._Normalization, neighbours._Patches} | _unapplied
