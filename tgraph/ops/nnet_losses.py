"""Cross-entropies: of probabilities, of logits with labels, of sigmoids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.errors import DtypeError, ShapeError
from tgraph.grad import grad_not_implemented
from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import fresh_kernel
from tgraph.operators import as_tensor_variable
from tgraph.ops.create import zeros
from tgraph.ops.elemwise import elemwise
from tgraph.ops.reduce import max_and_argmax
from tgraph.ops.reduce import sum as sum_over
from tgraph.ops.rows import row, rows, rule, upgrade_to_float
from tgraph.ops.softmax import (
    biased,
    log_softmax_last,
    log_softmax_rows,
    softmax_grad,
    softmax_last,
    softmax_rows,
    softmax_with_bias,
)
from tgraph.types import (
    DisconnectedType,
    TensorType,
    disconnected_type,
    discrete_dtypes,
    float_dtypes,
    upcast,
)


@fresh_kernel
def label_entries(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """x[i, y[i]] for each row i; negative labels count from the end."""
    if x.size(0) != y.size(0):
        raise ValueError(
            "labels must have same number of rows as x: " + str(y.size(0)) + " and " + str(x.size(0))
        )
    # a device would only say so later, and never recover
    if x.is_cuda and y.numel() > 0 and (int(y.min()) < -x.size(1) or int(y.max()) >= x.size(1)):
        raise IndexError("label out of bounds for " + str(x.size(1)) + " classes")
    return x[torch.arange(x.size(0), device=x.device), y.to(torch.int64)]


@fresh_kernel
def softmax_nll(z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """-log(softmax(z)[i, y[i]]); labels must be in [0, columns)."""
    if z.size(0) != y.size(0):
        raise ValueError(
            "y_idx must have same number of rows as x: " + str(y.size(0)) + " and " + str(z.size(0))
        )
    # on the host, gather itself refuses other labels; a device would only say so later, and never recover
    if z.is_cuda and y.numel() > 0 and (int(y.min()) < 0 or int(y.max()) >= z.size(1)):
        raise ValueError("y_i value out of bounds: labels must be in [0, " + str(z.size(1)) + ")")
    labels = y.to(device=z.device, dtype=torch.int64).unsqueeze(1)
    return torch.neg(log_softmax_last(z).gather(1, labels).squeeze(1))


@fresh_kernel
def softmax_nll_gradient(dy: torch.Tensor, sm: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """dy[i] * (sm[i, j] - (j == y[i])); dy has one entry for each row, or one at all."""
    if sm.size(0) != y.size(0):
        raise ValueError(
            "y_idx must have same number of rows as sm: " + str(y.size(0)) + " and " + str(sm.size(0))
        )
    if sm.is_cuda and y.numel() > 0 and (int(y.min()) < 0 or int(y.max()) >= sm.size(1)):
        raise ValueError("y_i value out of bounds: labels must be in [0, " + str(sm.size(1)) + ")")
    if dy.dim() == 1 and dy.size(0) != 1 and dy.size(0) != sm.size(0):
        raise ValueError(
            "dy must have same number of rows as sm: " + str(dy.size(0)) + " and " + str(sm.size(0))
        )
    labels = y.to(device=sm.device, dtype=torch.int64).unsqueeze(1)
    column = dy.expand([sm.size(0)]).unsqueeze(1)
    dx = sm * column
    return dx.scatter_add_(1, labels, torch.neg(column))


def _labels_in_range(y: np.ndarray, x: np.ndarray, name: str) -> np.ndarray:
    if len(y) != len(x):
        raise ValueError(f"y_idx must have same number of rows as {name}: {len(y)} and {len(x)}")
    if y.size and (y.min() < 0 or y.max() >= x.shape[1]):
        raise ValueError(f"y_i value out of bounds: labels must be in [0, {x.shape[1]})")
    return y.astype("int64")


class CrossentropyCategorical1Hot(Sized, Op):
    """z[i] = -log(p[i, y[i]]), rows of p distributions and y labels.

    TypeError where p is no matrix or y no vector of int32 or int64. A label out of range is an IndexError at
    run time; negative ones count from the end.
    """

    __props__ = ()

    def make_node(self, coding_dist: Any, true_one_of_n: Any) -> Apply:
        p, y = as_tensor_variable(coding_dist), as_tensor_variable(true_one_of_n)
        if p.type.ndim != 2:
            raise DtypeError("matrix required for argument: coding_dist", fix="one row for each example")
        if y.type.ndim != 1 or y.type.dtype not in ("int32", "int64"):
            raise DtypeError(
                f"integer vector required for argument: true_one_of_n (got type: {y.type} instead of: "
                "TensorType(int64, vector))",
                fix="cast labels: T.cast(y, 'int32')",
            )
        return Apply(self, [p, y], [TensorType(p.type.dtype, (False,))()])

    def compute(self, node: Apply, p: np.ndarray, y: np.ndarray) -> Any:
        if len(y) != len(p):
            raise ValueError(f"labels must have same number of rows as x: {len(y)} and {len(p)}")
        with np.errstate(all="ignore"):
            return (-np.log(p[np.arange(len(y)), y])).astype(p.dtype)

    def lower(self, node: Apply, ctx: Any, p: Any, y: Any) -> Any:
        if node.inputs[0].type.dtype not in float_dtypes:
            return ctx.host(node, p, y)
        return torch.neg(torch.log(ctx.call(label_entries, p, y)))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (p, y), (g,) = inputs, output_grads
        return [crossentropy_categorical_1hot_grad(g, p, y), grad_not_implemented(self, 1, y)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True]]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[1]]


class CrossentropyCategorical1HotGrad(Sized, Op):
    """z[i, j] = -g[i] / p[i, j] where j is y[i], 0 elsewhere."""

    __props__ = ()

    def make_node(self, g_y: Any, coding_dist: Any, true_one_of_n: Any) -> Apply:
        g, p, y = (as_tensor_variable(x) for x in (g_y, coding_dist, true_one_of_n))
        return Apply(self, [g, p, y], [p.type()])

    def compute(self, node: Apply, g: np.ndarray, p: np.ndarray, y: np.ndarray) -> Any:
        if not len(y) == len(p) == len(g):
            raise ValueError(f"labels must have same number of rows as x: {len(y)} and {len(p)}")
        z, rows = np.zeros_like(p), np.arange(len(y))
        with np.errstate(all="ignore"):
            z[rows, y] = -g / p[rows, y]
        return z

    def lower(self, node: Apply, ctx: Any, g: Any, p: Any, y: Any) -> Any:
        dtype = node.inputs[1].type.dtype
        if dtype not in float_dtypes:
            return ctx.host(node, g, p, y)
        if node.inputs[0].type.dtype != dtype:
            g = ctx.cast(g, dtype)
        return ctx.call(label_quotients, g, p, y)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (g, p, y), (gz,) = inputs, output_grads
        # z = -g / p at the labels, so dz/dg = -1 / p and dz/dp = g / p^2 there
        back = crossentropy_categorical_1hot_grad(g.ones_like(), p, y)
        return [sum_over(gz * back, axis=1), gz * g.dimshuffle(0, "x") * back * back, disconnected_type()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True], [False]]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[1]]


@fresh_kernel
def label_quotients(g: torch.Tensor, p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """-g[i] / p[i, y[i]] at [i, y[i]], 0 elsewhere."""
    entries = torch.neg(g) / label_entries(p, y)
    z = torch.zeros_like(p)
    z[torch.arange(p.size(0), device=p.device), y.to(torch.int64)] = entries
    return z


crossentropy_categorical_1hot = CrossentropyCategorical1Hot()
crossentropy_categorical_1hot_grad = CrossentropyCategorical1HotGrad()


class CrossentropySoftmaxArgmax1HotWithBias(Sized, Op):
    """Of logits z = x + b and labels y: nll[i] = -log(softmax(z)[i, y[i]]), softmax(z), argmax(z, axis=1).

    ValueError for other dimensions or dtypes, and at run time for labels out of range. Stable: nll is
    computed from the logits.
    """

    __props__ = ()
    nin, nout = 3, 3

    def make_node(self, x: Any, b: Any, y_idx: Any) -> Apply:
        x, b, y = as_tensor_variable(x), as_tensor_variable(b), as_tensor_variable(y_idx)
        if x.type.ndim != 2 or x.type.dtype not in float_dtypes:
            raise ShapeError(
                f"x must be 2-d tensor of floats, not {x.type}", fix="one row of logits for each example"
            )
        if b.type.ndim != 1 or b.type.dtype not in float_dtypes:
            raise ShapeError(f"b must be 1-d tensor of floats, not {b.type}", fix="one number for each class")
        if y.type.ndim != 1 or y.type.dtype not in discrete_dtypes:
            raise ShapeError(f"y_idx must be 1-d tensor of [u]ints, not {y.type}", fix="cast labels to int32")
        nll = TensorType(x.type.dtype, y.type.broadcastable)()
        return Apply(self, [x, b, y], [nll, x.type(), y.type()])

    def compute(self, node: Apply, x: np.ndarray, b: np.ndarray, y: np.ndarray) -> Any:
        if b.shape[0] != x.shape[1]:
            raise ValueError(f"b must have same number of columns as x: {b.shape[0]} and {x.shape[1]}")
        labels = _labels_in_range(y, x, "x")
        z = (x + b).astype(x.dtype)
        nll = -log_softmax_rows(z)[np.arange(len(y)), labels]
        return (
            nll,
            softmax_rows(z),
            np.argmax(z, axis=1).astype(y.dtype) if z.size else np.zeros(len(y), y.dtype),
        )

    def lower(self, node: Apply, ctx: Any, x: Any, b: Any, y: Any) -> Any:
        z = biased(node, ctx, x, b)
        nll = ctx.call(softmax_nll, z, y)
        return nll, ctx.call(softmax_last, z), ctx.cast(torch.argmax(z, 1), node.inputs[2].type.dtype)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, b, y = inputs
        g_nll, g_sm, _ = output_grads
        terms = []
        if not isinstance(g_nll.type, DisconnectedType):
            terms.append(crossentropy_softmax_1hot_with_bias_dx(g_nll, outputs[1], y))
        if not isinstance(g_sm.type, DisconnectedType):
            terms.append(softmax_grad(g_sm, softmax_with_bias(x, b)))
        if not terms:
            zero = x.zeros_like()
            return [zero, b.zeros_like(), disconnected_type()]
        dx = terms[0] if len(terms) == 1 else terms[0] + terms[1]
        return [dx, sum_over(dx, axis=0), disconnected_type()]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return self.L_op(inputs, self(*inputs), output_grads)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True, True, True], [True, True, True], [False, False, True]]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0][:1], inputs[0], inputs[2]]


class CrossentropySoftmax1HotWithBiasDx(Sized, Op):
    """z[i, j] = dy[i] * (sm[i, j] - (j == y[i])), the gradient of the nll above with respect to its logits.

    ``dy`` is a float vector or scalar. ValueError for other types, and at run time for labels out of range.
    """

    __props__ = ()
    nin, nout = 3, 1

    def make_node(self, dy: Any, sm: Any, y_idx: Any) -> Apply:
        dy, sm, y = as_tensor_variable(dy), as_tensor_variable(sm), as_tensor_variable(y_idx)
        if dy.type.ndim > 1 or dy.type.dtype not in float_dtypes:
            raise ShapeError(
                f"dy must be {{0,1}}-d tensor of floats, not {dy.type}", fix="one number for each row"
            )
        if sm.type.ndim != 2 or sm.type.dtype not in float_dtypes:
            raise ShapeError(
                f"sm must be 2-d tensor of floats, not {sm.type}", fix="give the output of softmax"
            )
        if y.type.ndim != 1 or y.type.dtype not in discrete_dtypes:
            raise ShapeError(f"y_idx must be 1-d tensor of [u]ints, not {y.type}", fix="cast labels to int32")
        return Apply(self, [dy, sm, y], [sm.type()])

    def compute(self, node: Apply, dy: np.ndarray, sm: np.ndarray, y: np.ndarray) -> Any:
        labels = _labels_in_range(y, sm, "sm")
        if dy.ndim == 1 and len(dy) not in (1, len(sm)):
            raise ValueError(f"dy must have same number of rows as sm: {len(dy)} and {len(sm)}")
        column = np.broadcast_to(dy, (len(sm),))[:, None]
        dx = (sm * column).astype(sm.dtype)
        dx[np.arange(len(y)), labels] -= column[:, 0]
        return dx

    def lower(self, node: Apply, ctx: Any, dy: Any, sm: Any, y: Any) -> Any:
        dtype = node.inputs[1].type.dtype
        if node.inputs[0].type.dtype != dtype:
            dy = ctx.cast(dy, dtype)
        return ctx.call(softmax_nll_gradient, dy, sm, y)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (dy, sm, y), (g,) = inputs, output_grads
        column = dy.dimshuffle(0, "x") if dy.type.ndim else dy.dimshuffle("x", "x")
        # with dy = 1 the op gives sm - onehot(y)
        g_dy = g * crossentropy_softmax_1hot_with_bias_dx(dy.ones_like(), sm, y)
        g_dy = sum_over(g_dy, axis=1) if dy.type.ndim else sum_over(g_dy)
        return [g_dy, g * column, disconnected_type()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True], [False]]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[1]]


crossentropy_softmax_argmax_1hot_with_bias = CrossentropySoftmaxArgmax1HotWithBias()
crossentropy_softmax_1hot_with_bias_dx = CrossentropySoftmax1HotWithBiasDx()


def _no_bias(x: Any) -> Any:
    x = as_tensor_variable(x)
    return zeros((x.shape[1],), dtype=x.type.dtype)


def crossentropy_softmax_1hot_with_bias(x: Any, b: Any, y_idx: Any, **kwargs: Any) -> list[Any]:
    """[nll, softmax(x + b)] of logits and labels."""
    return crossentropy_softmax_argmax_1hot_with_bias(x, b, y_idx, **kwargs)[:2]


def crossentropy_softmax_1hot(x: Any, y_idx: Any, **kwargs: Any) -> list[Any]:
    """[nll, softmax(x)] of logits and labels."""
    return crossentropy_softmax_1hot_with_bias(x, _no_bias(x), y_idx, **kwargs)


def crossentropy_softmax_max_and_argmax_1hot_with_bias(x: Any, b: Any, y_idx: Any, **kwargs: Any) -> tuple:
    """(nll, softmax(x + b), its largest entry in each row, and where that is)."""
    nll, sm = crossentropy_softmax_1hot_with_bias(x, b, y_idx, **kwargs)
    return (nll, sm, *max_and_argmax(sm, axis=-1))


def crossentropy_softmax_max_and_argmax_1hot(x: Any, y_idx: Any, **kwargs: Any) -> tuple:
    """(nll, softmax(x), its largest entry in each row, and where that is)."""
    return crossentropy_softmax_max_and_argmax_1hot_with_bias(x, _no_bias(x), y_idx, **kwargs)


def categorical_crossentropy(coding_dist: Any, true_dist: Any) -> Any:
    """-sum_j t[.., j] * log(p[.., j]) for distributions t, or -log(p[i, t[i]]) for integer labels.

    ``true_dist`` has the dimensions of ``coding_dist``, or one less with labels; else TypeError.
    """
    if true_dist.ndim == coding_dist.ndim:
        return -sum_over(true_dist * coding_dist.log(), axis=coding_dist.ndim - 1)
    if true_dist.ndim == coding_dist.ndim - 1:
        return crossentropy_categorical_1hot(coding_dist, true_dist)
    raise TypeError("rank mismatch between coding and true distributions")


def binary_crossentropy(output: Any, target: Any) -> Any:
    """-(t * log(p) + (1 - t) * log(1 - p)), elementwise. p = 0 or 1 is not clamped."""
    return -(target * as_tensor_variable(output).log() + (1.0 - target) * (1.0 - output).log())


@rule
def _crossentropy_dtype(output: str, target: str) -> tuple[str, ...]:
    if target == "bool":
        raise TypeError("bool output not supported")
    return (upcast(upgrade_to_float(output)[0], target),)


def _sigmoid_loss_torch(x: Any, t: Any) -> Any:
    softplus = torch.log1p(torch.exp(torch.neg(torch.abs(x))))
    slope = torch.where(torch.gt(x, 0), torch.rsub(t, 1), torch.neg(t))
    return torch.add(softplus, torch.mul(x, slope))


def _sigmoid_loss_numpy(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    return np.log1p(np.exp(-np.abs(x))) + x * ((x > 0) - t)


_sigmoid_loss = row(
    "sigmoid_binary_crossentropy",
    2,
    dtype=_crossentropy_dtype,
    cls="SigmoidBinaryCrossentropy",
    numpy=_sigmoid_loss_numpy,
    torch=_sigmoid_loss_torch,
    grad=lambda xs, z, g: (g * (_sigmoid(xs[0]) - xs[1]), -g * xs[0]),
    doc="log(1 + exp(-|x|)) + x * ((x > 0) - t): the cross-entropy of t under sigmoid(x)",
)


def _sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)) by the row of that name."""
    return elemwise(rows["sigmoid"])(x)


def sigmoid_binary_crossentropy(output: Any, target: Any) -> Any:
    """binary_crossentropy(sigmoid(output), target), stable for large logits; elementwise.

    The gradient with respect to the logits is sigmoid(output) - target. TypeError for bool targets.
    """
    return elemwise(_sigmoid_loss)(output, target)


__all__ = [
    "CrossentropyCategorical1Hot",
    "CrossentropyCategorical1HotGrad",
    "CrossentropySoftmax1HotWithBiasDx",
    "CrossentropySoftmaxArgmax1HotWithBias",
    "binary_crossentropy",
    "categorical_crossentropy",
    "crossentropy_categorical_1hot",
    "crossentropy_categorical_1hot_grad",
    "crossentropy_softmax_1hot",
    "crossentropy_softmax_1hot_with_bias",
    "crossentropy_softmax_1hot_with_bias_dx",
    "crossentropy_softmax_argmax_1hot_with_bias",
    "crossentropy_softmax_max_and_argmax_1hot",
    "crossentropy_softmax_max_and_argmax_1hot_with_bias",
    "sigmoid_binary_crossentropy",
]
