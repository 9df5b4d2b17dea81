"""Batch normalization. Ioffe and Szegedy, 2015, arXiv:1502.03167.

``scale``, ``bias`` and the statistics have the dimensions of the activations, with size 1 along the normalized axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.config import config
from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import fresh_kernel
from tgraph.operators import as_tensor_variable, table
from tgraph.ops.reduce import mean as mean_over
from tgraph.ops.reduce import sum as sum_over
from tgraph.ops.shape import addbroadcast, patternbroadcast
from tgraph.types import DisconnectedType, as_common_dtype, disconnected_type, float_dtypes


@fresh_kernel
def normalized(
    x: torch.Tensor, scale: torch.Tensor, bias: torch.Tensor, epsilon: torch.Tensor, axes: list[int]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """(y, mean, 1 / sqrt(variance + epsilon), variance) of a batch, y = (x - mean) * scale / std + bias."""
    mean = torch.mean(x, axes, True)
    difference = x - mean
    # the mean of squares: torch.var is slower
    variance = torch.mean(difference * difference, axes, True)
    inverse = torch.rsqrt(variance + epsilon.to(x.dtype))
    return torch.addcmul(bias, difference, scale * inverse), mean, inverse, variance


@fresh_kernel
def normalized_grad(
    x: torch.Tensor, dy: torch.Tensor, scale: torch.Tensor, mean: torch.Tensor, inverse: torch.Tensor, axes: list[int]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients with respect to x, scale and bias."""
    difference = x - mean
    product = dy * difference
    c = torch.addcmul(dy * inverse, difference, torch.mean(product, axes, True) * inverse**3, value=-1.0)
    return (
        scale * (c - torch.mean(c, axes, True)),
        torch.sum(product, axes, True) * inverse,
        torch.sum(dy, axes, True),
    )


class _Normalization(Sized, Op):
    """What the ops of batch normalization share: the normalized axes."""

    __props__ = ("axes",)

    def __init__(self, axes: Sequence[int] = (0,)):
        assert isinstance(axes, (tuple, list))
        assert len(axes) > 0
        self.axes = tuple(int(a) for a in axes)

    def mean(self, x: np.ndarray) -> np.ndarray:
        """The mean over the axes; NaN, without numpy's warning, where there is nothing."""
        total = np.sum(x, axis=self.axes, keepdims=True)
        return total / x.dtype.type(np.prod([x.shape[i] for i in self.axes]))

    def check(self, ndim: int) -> None:
        """ValueError unless all axes are there."""
        if min(self.axes) < 0 or max(self.axes) >= ndim:
            raise ValueError(f"axes should be less than ndim (<{ndim}), but {self.axes} given")


class AbstractBatchNormTrain(_Normalization):
    """y = (x - mean) * scale / sqrt(variance + epsilon) + bias, with the mean and the variance of the batch.

    Outputs: y, mean, 1 / sqrt(variance + epsilon), and where running averages are given their new values: r * (1 - f)
    + f * (mean or unbiased variance), f the ``running_average_factor``. AssertionError for other dimensions than x's.

    The gradient is that of y alone: costs made of the other outputs do not reach the inputs (so it was in Theano).
    """

    def make_node(
        self,
        x: Any,
        scale: Any,
        bias: Any,
        epsilon: Any = 1e-4,
        running_average_factor: Any = 0.1,
        running_mean: Any = None,
        running_var: Any = None,
    ) -> Apply:
        x, scale, bias = (as_tensor_variable(v) for v in (x, scale, bias))
        assert x.type.ndim == scale.type.ndim == bias.type.ndim
        assert (running_mean is None) == (running_var is None)
        running = [as_tensor_variable(v) for v in (running_mean, running_var) if v is not None]
        assert all(v.type.ndim == x.type.ndim for v in running)
        x, scale, bias, *running = as_common_dtype(x, scale, bias, *running)
        settings = [as_tensor_variable(epsilon), as_tensor_variable(running_average_factor)]
        return Apply(
            self, [x, scale, bias, *settings, *running], [x.type(), *(scale.type() for _ in range(2 + len(running)))]
        )

    def compute(
        self,
        node: Apply,
        x: np.ndarray,
        scale: np.ndarray,
        bias: np.ndarray,
        epsilon: np.ndarray,
        factor: np.ndarray,
        *running: np.ndarray,
    ) -> Any:
        self.check(x.ndim)
        with np.errstate(all="ignore"):
            mean = self.mean(x)
            variance = self.mean((x - mean) ** 2)
            inverse = 1 / np.sqrt(variance + epsilon)
            outputs = [(x - mean) * (scale * inverse) + bias, mean, inverse]
            if running:
                count = np.float64(x.size) / max(1, scale.size)
                for old, new in zip(running, (mean, count / (count - 1) * variance), strict=True):
                    outputs.append(old * (1 - factor) + new * factor)
        return tuple(z.astype(x.dtype) for z in outputs)

    def lower(
        self, node: Apply, ctx: Any, x: Any, scale: Any, bias: Any, epsilon: Any, factor: Any, *running: Any
    ) -> Any:
        self.check(node.inputs[0].type.ndim)
        dtype = node.inputs[0].type.dtype
        if dtype not in float_dtypes:
            return ctx.host(node, x, scale, bias, epsilon, factor, *running)
        result = ctx.call(normalized, x, scale, bias, epsilon, list(self.axes))
        y, mean, inverse = result[0], result[1], result[2]
        if not running:
            return y, mean, inverse
        averages = ctx.call(running_averages, x, mean, result[3], ctx.cast(factor, dtype), list(running))
        return y, mean, inverse, averages[0], averages[1]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, scale, epsilon = inputs[0], inputs[1], inputs[3]
        dy = output_grads[0]
        if isinstance(dy.type, DisconnectedType):
            dy = x.zeros_like()
        found = AbstractBatchNormTrainGrad(self.axes)(x, dy, scale, outputs[1], outputs[2], epsilon)
        return [*found, *(disconnected_type() for _ in inputs[3:])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        extra = len(node.inputs) - 5
        pattern = [
            [True] * 3 + [True] * extra,
            *([True] * 3 + [False] * extra for _ in range(2)),
            *([False] * (3 + extra) for _ in range(2)),
        ]
        return pattern + [[False] * (3 + i) + [True] + [False] * (extra - i - 1) for i in range(extra)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0], *[inputs[1]] * (len(node.outputs) - 1)]


@fresh_kernel
def running_averages(
    x: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor, factor: torch.Tensor, running: list[torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """The next running mean and variance; the variance without bias."""
    count = float(x.numel()) / max(1, mean.numel())
    unbiased = variance * (count / (count - 1.0) if count != 1.0 else float("inf"))
    keep = 1.0 - factor
    return running[0] * keep + mean * factor, running[1] * keep + unbiased * factor


class AbstractBatchNormInference(_Normalization):
    """y = (x - mean) * scale / sqrt(variance + epsilon) + bias, with given estimates of mean and variance."""

    def make_node(
        self, x: Any, scale: Any, bias: Any, estimated_mean: Any, estimated_variance: Any, epsilon: Any = 1e-4
    ) -> Apply:
        parts = [as_tensor_variable(v) for v in (x, scale, bias, estimated_mean, estimated_variance)]
        assert len({v.type.ndim for v in parts}) == 1
        parts = list(as_common_dtype(*parts))
        return Apply(self, [*parts, as_tensor_variable(epsilon)], [parts[0].type()])

    def compute(
        self,
        node: Apply,
        x: np.ndarray,
        scale: np.ndarray,
        bias: np.ndarray,
        mean: np.ndarray,
        variance: np.ndarray,
        epsilon: np.ndarray,
    ) -> Any:
        with np.errstate(all="ignore"):
            return ((x - mean) * (scale / np.sqrt(variance + epsilon)) + bias).astype(x.dtype)

    def lower(
        self, node: Apply, ctx: Any, x: Any, scale: Any, bias: Any, mean: Any, variance: Any, epsilon: Any
    ) -> Any:
        dtype = node.inputs[0].type.dtype
        if dtype not in float_dtypes:
            return ctx.host(node, x, scale, bias, mean, variance, epsilon)
        inverse = torch.rsqrt(variance + ctx.cast(epsilon, dtype))
        return torch.addcmul(bias, x - mean, scale * inverse)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, scale, _, mean, variance, epsilon = inputs
        (dy,) = output_grads
        self.check(x.type.ndim)
        scale, mean, variance = (addbroadcast(v, *self.axes) for v in (scale, mean, variance))
        # epsilon must not widen the gradients
        shifted = variance + epsilon.astype(variance.type.dtype)
        std = table["sqrt"](shifted)
        total = sum_over(dy, axis=self.axes, keepdims=True)
        weighted = sum_over(dy * (x - mean), axis=self.axes, keepdims=True)
        return [
            dy * (scale / std),
            weighted / std,
            total,
            -total * (scale / std),
            -weighted * (scale / (2 * shifted * std)),
            disconnected_type(),
        ]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True]] * 5 + [[False]]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


class AbstractBatchNormTrainGrad(_Normalization):
    """The gradients of the first output of ``AbstractBatchNormTrain`` with respect to x, scale and bias."""

    def make_node(self, x: Any, dy: Any, scale: Any, x_mean: Any, x_invstd: Any, epsilon: Any = 1e-4) -> Apply:
        parts = [as_tensor_variable(v) for v in (x, dy, scale, x_mean, x_invstd)]
        assert len({v.type.ndim for v in parts}) == 1
        parts = list(as_common_dtype(*parts))
        x, scale = parts[0], parts[2]
        return Apply(self, [*parts, as_tensor_variable(epsilon)], [x.type(), scale.type(), scale.type()])

    def compute(
        self,
        node: Apply,
        x: np.ndarray,
        dy: np.ndarray,
        scale: np.ndarray,
        mean: np.ndarray,
        inverse: np.ndarray,
        epsilon: np.ndarray,
    ) -> Any:
        self.check(x.ndim)
        with np.errstate(all="ignore"):
            difference = x - mean
            inner = self.mean(dy * difference)
            c = dy * inverse - difference * (inner * inverse**3)
            parts = (
                scale * (c - self.mean(c)),
                np.sum(dy * inverse * difference, axis=self.axes, keepdims=True),
                np.sum(dy, axis=self.axes, keepdims=True),
            )
        return tuple(z.astype(x.dtype) for z in parts)

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        self.check(node.inputs[0].type.ndim)
        if node.inputs[0].type.dtype not in float_dtypes:
            return ctx.host(node, *xs)
        found = ctx.call(normalized_grad, *xs[:5], list(self.axes))
        return found[0], found[1], found[2]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, dy, scale, mean, inverse, _ = inputs
        g_x, g_scale, g_bias = (None if isinstance(g.type, DisconnectedType) else g for g in output_grads)

        def averaged(v: Any) -> Any:
            return mean_over(v, axis=self.axes, keepdims=True)

        def total(v: Any) -> Any:
            return sum_over(v, axis=self.axes, keepdims=True)

        difference = x - mean
        inner = averaged(dy * difference)
        results: list[list[Any]] = [[] for _ in range(5)]
        if g_x is not None:
            # with h = scale * (g_x - its mean): d<g_x, dx> = <h, dy * inverse - difference * inverse^3 * inner>
            h = scale * (g_x - averaged(g_x))
            other = averaged(h * difference)
            cubed = inverse**3
            back = cubed * (h * inner + dy * other)
            c = dy * inverse - cubed * difference * inner
            results[0].append(-back)
            results[1].append(h * inverse - cubed * difference * other)
            results[2].append(total(g_x * (c - averaged(c))))
            results[3].append(total(back))
            results[4].append(total(h * (dy - 3 * inverse**2 * difference * inner)))
        if g_scale is not None:
            spread = inverse * g_scale
            results[0].append(spread * dy)
            results[1].append(spread * difference)
            results[3].append(-spread * total(dy))
            results[4].append(g_scale * total(dy * difference))
        if g_bias is not None:
            results[1].append(table["fill"](dy, g_bias))
        gradients = [sum(terms[1:], terms[0]) if terms else disconnected_type() for terms in results]
        return [*gradients, disconnected_type()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [
            [True, True, False],
            [True, True, True],
            [True, False, False],
            [True, True, False],
            [True, True, False],
            [False, False, False],
        ]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0], inputs[2], inputs[2]]


def batch_normalization(inputs: Any, gamma: Any, beta: Any, mean: Any, std: Any, mode: str = "low_mem") -> Any:
    """(inputs - mean) * gamma / std + beta, all of one number of dimensions, or broadcastable against ``inputs``.

    ``mode`` is "low_mem" or "high_mem" (ValueError for others): they round differently.
    """
    if mode == "low_mem":
        return (inputs - mean) / std * gamma + beta
    if mode == "high_mem":
        return (inputs - mean) * (gamma / std) + beta
    raise ValueError('mode must be either "low_mem", "high_mem"')


def _normalized_axes(axes: Any, ndim: int) -> tuple[tuple[int, ...], list[int]]:
    """(the axes to normalize, the others)."""
    if isinstance(axes, str) and axes == "per-activation":
        axes = (0,)
    elif isinstance(axes, str) and axes == "spatial":
        axes = (0, *range(2, ndim))
    elif isinstance(axes, (tuple, list, np.ndarray)):
        axes = tuple(sorted(int(a) for a in axes))
    else:
        raise ValueError(f"invalid axes: {axes}")
    if not axes:
        raise ValueError("there should be at least one normalization axis")
    if min(axes) < 0 or max(axes) >= ndim:
        raise ValueError(f"axes should be less than ndim (<{ndim}), but {axes} given")
    return axes, [i for i in range(ndim) if i not in axes]


class _Parameters:
    """How the parameters of a layer get the dimensions of its activations, and back."""

    def __init__(self, inputs: Any, gamma: Any, beta: Any, axes: Any):
        self.ndim = inputs.ndim
        self.axes, self.kept = _normalized_axes(axes, self.ndim)
        self.full = gamma.ndim == self.ndim
        self.wanted = self.ndim if self.full else len(self.kept)
        if gamma.ndim != self.wanted or beta.ndim != self.wanted:
            raise ValueError(
                "gamma and beta dimensionality must match the number of non-normalized axes, or have the same number "
                f"of dimensions as the inputs; got {gamma.ndim} and {beta.ndim} instead of {self.wanted}"
            )

    def spread(self, parameter: Any) -> Any:
        parameter = as_tensor_variable(parameter)
        if self.full:
            return addbroadcast(parameter, *self.axes)
        return parameter.dimshuffle([self.kept.index(i) if i in self.kept else "x" for i in range(self.ndim)])

    def gather(self, statistic: Any) -> Any:
        return statistic if self.full else statistic.dimshuffle(self.kept)


def _epsilon(epsilon: Any) -> Any:
    epsilon = np.asarray(epsilon, dtype=config.floatX)[()]
    if epsilon < 1e-5:
        raise ValueError(f"epsilon must be at least 1e-5, got {epsilon}")
    return epsilon


def batch_normalization_train(
    inputs: Any,
    gamma: Any,
    beta: Any,
    axes: Any = "per-activation",
    epsilon: Any = 1e-4,
    running_average_factor: Any = 0.1,
    running_mean: Any = None,
    running_var: Any = None,
) -> tuple[Any, ...]:
    """(y, mean, 1 / std) of a batch, and the new running mean and variance where the old ones are given.

    ``axes`` are those that are averaged over: "per-activation" (the first), "spatial" (all but the second) or a tuple.
    The parameters have the other axes, or all of them. The running variance is the unbiased one. ValueError for
    dimensions that do not fit, one running average alone, or epsilon below 1e-5.
    """
    layer = _Parameters(inputs, gamma, beta, axes)
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be given or both be None")
    for name, average in (("running_mean", running_mean), ("running_var", running_var)):
        if average is not None and average.ndim != layer.wanted:
            raise ValueError(
                f"{name} must be of the same dimensionality as gamma and beta; got {average.ndim} "
                f"instead of {layer.wanted}"
            )
    epsilon = _epsilon(epsilon)
    running = [layer.spread(v) for v in (running_mean, running_var) if v is not None]
    y, *statistics = AbstractBatchNormTrain(axes=layer.axes)(
        as_tensor_variable(inputs), layer.spread(gamma), layer.spread(beta), epsilon, running_average_factor, *running
    )
    # a shared average keeps the pattern of its type
    for i, average in enumerate(running, start=2):
        if statistics[i].type.broadcastable != average.type.broadcastable:
            statistics[i] = patternbroadcast(statistics[i], average.type.broadcastable)
    return (y, *(layer.gather(s) for s in statistics))


def batch_normalization_test(
    inputs: Any, gamma: Any, beta: Any, mean: Any, var: Any, axes: Any = "per-activation", epsilon: Any = 1e-4
) -> Any:
    """(inputs - mean) / sqrt(var + epsilon) * gamma + beta, for estimates of mean and variance.

    ``axes`` and the parameters are as in ``batch_normalization_train``.
    """
    layer = _Parameters(inputs, gamma, beta, axes)
    if mean.ndim != layer.wanted or var.ndim != layer.wanted:
        raise ValueError(
            f"mean and var must be of the same dimensionality as gamma and beta; got {mean.ndim} and "
            f"{var.ndim} instead of {layer.wanted}"
        )
    epsilon = _epsilon(epsilon)
    return AbstractBatchNormInference(axes=layer.axes)(
        inputs, *(layer.spread(v) for v in (gamma, beta, mean, var)), epsilon=epsilon
    )


__all__ = [
    "AbstractBatchNormInference",
    "AbstractBatchNormTrain",
    "AbstractBatchNormTrainGrad",
    "batch_normalization",
    "batch_normalization_test",
    "batch_normalization_train",
]
