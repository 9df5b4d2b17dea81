"""Neural network functions: activations; layers, convolution, pooling, softmax and losses under one name."""

from __future__ import annotations

from typing import Any

import numpy as np

from tgraph.operators import as_tensor_variable, constant, table
from tgraph.ops.batch_norm import *  # noqa: F403
from tgraph.ops.batch_norm import __all__ as _batch_norm
from tgraph.ops.blocksparse import sparse_block_dot
from tgraph.ops.conv import (
    causal_conv1d,
    conv2d_grad_wrt_inputs,
    conv2d_grad_wrt_weights,
    conv3d,
    conv3d_grad_wrt_inputs,
    conv3d_grad_wrt_weights,
    separable_conv2d,
    separable_conv3d,
)
from tgraph.ops.conv_layers import conv2d, conv2d_transpose
from tgraph.ops.create import arange, zeros
from tgraph.ops.ctc import ctc
from tgraph.ops.elemwise import elemwise
from tgraph.ops.index import set_subtensor
from tgraph.ops.neighbours import images2neibs, neibs2images
from tgraph.ops.nnet_layers import *  # noqa: F403
from tgraph.ops.nnet_layers import __all__ as _layers
from tgraph.ops.nnet_losses import *  # noqa: F403
from tgraph.ops.nnet_losses import __all__ as _losses
from tgraph.ops.pool import max_pool_2d_same_size, pool_2d, pool_3d
from tgraph.ops.rows import rows, upgrade_to_float
from tgraph.ops.softmax import *  # noqa: F403
from tgraph.ops.softmax import __all__ as _softmax
from tgraph.ops.upsampling import bilinear_upsampling


def _row(name: str) -> Any:
    return elemwise(rows[name])


def relu(x: Any, alpha: Any = 0) -> Any:
    """max(x, alpha * x): 0.5 * (x + |x|) where alpha is 0, so that the gradient at 0 is 0.5.

    ``alpha`` is a number or a tensor that broadcasts with x. Integers give floats.
    """
    x = as_tensor_variable(x)
    if isinstance(alpha, (int, float, np.number)) and alpha == 0:
        return 0.5 * (x + abs(x))
    alpha = as_tensor_variable(alpha)
    return 0.5 * (1 + alpha) * x + 0.5 * (1 - alpha) * abs(x)


def elu(x: Any, alpha: Any = 1) -> Any:
    """x where x > 0, else alpha * (exp(x) - 1). Clevert et al., 2015, arXiv:1511.07289."""
    x = as_tensor_variable(x)
    return table["switch"](x > 0, x, alpha * table["expm1"](x))


def selu(x: Any) -> Any:
    """The elu whose scale and alpha keep mean 0 and variance 1. Klambauer et al., 2017, arXiv:1706.02515."""
    return 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717)


def hard_sigmoid(x: Any) -> Any:
    """clip(0.2 * x + 0.5, 0, 1), elementwise, in the float dtype of x."""
    x = as_tensor_variable(x)
    dtype = upgrade_to_float(x.type.dtype)[0]
    return table["clip"](x * constant(0.2, dtype=dtype) + constant(0.5, dtype=dtype), 0, 1)


def confusion_matrix(actual: Any, pred: Any) -> list[Any]:
    """[m, labels]: m[i, j] counts the places where ``actual`` is labels[i] and ``pred`` is labels[j].

    Vectors of one length (ValueError for others); ``labels`` are the sorted distinct values of both.
    """
    actual, pred = as_tensor_variable(actual), as_tensor_variable(pred)
    if actual.type.ndim != 1:
        raise ValueError("actual must be 1-d tensor variable")
    if pred.type.ndim != 1:
        raise ValueError("pred must be 1-d tensor variable")
    labels = table["unique"](table["concatenate"]([actual, pred]))
    columns = labels.dimshuffle("x", 0)
    mine = table["eq"](actual.dimshuffle(0, "x"), columns).astype("int64")
    theirs = table["eq"](pred.dimshuffle(0, "x"), columns).astype("int64")
    return [mine.T.dot(theirs), labels]


def to_one_hot(y: Any, nb_class: Any, dtype: Any = None) -> Any:
    """z[i, j] = 1 where j is y[i], else 0: labels (n,) -> (n, nb_class), floatX unless ``dtype`` is given.

    IndexError at run time for labels out of range; negative ones count from the end.
    """
    y = as_tensor_variable(y)
    empty = zeros((y.shape[0], nb_class), dtype=dtype)
    return set_subtensor(empty[arange(y.shape[0]), y], 1)


def __getattr__(name: str) -> Any:
    # the elementwise activations are rows of the table, offered here under their own names
    if name in ("sigmoid", "ultra_fast_sigmoid", "softplus", "softsign") and name in rows:
        return _row(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    *_batch_norm,
    *_layers,
    *_losses,
    *_softmax,
    "bilinear_upsampling",
    "causal_conv1d",
    "confusion_matrix",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv2d_transpose",
    "conv3d",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
    "ctc",
    "elu",
    "hard_sigmoid",
    "images2neibs",
    "max_pool_2d_same_size",
    "neibs2images",
    "pool_2d",
    "pool_3d",
    "relu",
    "selu",
    "separable_conv2d",
    "separable_conv3d",
    "sparse_block_dot",
    "to_one_hot",
]
