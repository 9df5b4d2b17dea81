"""Identity forward, something else backward: disconnected_grad, zero_grad, grad_clip and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Op, Sized
from tgraph.operators import as_tensor_variable, table
from tgraph.types import disconnected_type


class _Identity(Sized, Op):
    """z = x. What passes backward is for the subclass to say. Once gradients are built it is x itself."""

    __props__: tuple[str, ...] = ()
    view_map = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        if not hasattr(x, "type"):
            x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: Any) -> Any:
        return x

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return x

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


class _Same(_Identity):
    """z = x, and so is the gradient."""

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return list(output_grads)

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [eval_points[0]]

    def __str__(self) -> str:
        return type(self).__name__


class ViewOp(_Same):
    """z = x; a graph may name it where two names for one value are wanted."""


class Barrier(ViewOp):
    """z = x, with another gradient, which the subclass says."""

    grad = Op.grad
    R_op = Op.R_op
    __str__ = _Identity.__str__


class DisconnectedGrad(Barrier):
    """z = x, and the gradient does not know of x."""

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [disconnected_type()]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False]]


class ZeroGrad(Barrier):
    """z = x, with a gradient of zeros."""

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [output_grads[0].zeros_like()]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None if eval_points[0] is None else eval_points[0].zeros_like()]


class ConsiderConstant(Barrier):
    """z = x, with a gradient of zeros (the older form of ``zero_grad``)."""

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [output_grads[0].zeros_like()]


class UndefinedGrad(Barrier):
    """z = x, with a gradient that is an error to ask for."""

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [grad_undefined(self, 0, inputs[0])]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True]]


class GradClip(Barrier):
    """z = x, with the gradient limited to [``clip_lower_bound``, ``clip_upper_bound``]."""

    __props__ = ("clip_lower_bound", "clip_upper_bound")

    __str__ = Op.__str__

    def __init__(self, clip_lower_bound: float, clip_upper_bound: float):
        # an assertion as old code may expect
        assert clip_upper_bound >= clip_lower_bound
        self.clip_lower_bound, self.clip_upper_bound = clip_lower_bound, clip_upper_bound

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [table["clip"](g, self.clip_lower_bound, self.clip_upper_bound) for g in output_grads]


class GradScale(Barrier):
    """z = x, with the gradient times ``multiplier``."""

    __props__ = ("multiplier",)

    __str__ = Op.__str__

    def __init__(self, multiplier: float):
        self.multiplier = multiplier

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [self.multiplier * g for g in output_grads]


class OutputGuard(ViewOp):
    """z = x; legacy graphs have it before outputs that are overwritten."""


class DeepCopyOp(_Same):
    """z = x in memory of its own: results always are, so this is x too."""

    view_map = {}


view_op, deep_copy_op = ViewOp(), DeepCopyOp()
disconnected_grad_ = DisconnectedGrad()
zero_grad_ = ZeroGrad()
consider_constant_ = ConsiderConstant()
undefined_grad_ = UndefinedGrad()


def disconnected_grad(x: Any) -> Any:
    """``x`` itself, of which the gradient knows nothing (asking for it is a DisconnectedInputError)."""
    return disconnected_grad_(x)


def zero_grad(x: Any) -> Any:
    """``x`` itself, with a gradient of zeros."""
    return zero_grad_(x)


def consider_constant(x: Any) -> Any:
    """``x`` itself, with a gradient of zeros (older spelling of ``zero_grad``)."""
    return consider_constant_(x)


def undefined_grad(x: Any) -> Any:
    """``x`` itself, with a gradient that raises NullTypeGradError."""
    return undefined_grad_(x)


def grad_clip(x: Any, lower_bound: float, upper_bound: float) -> Any:
    """``x`` itself; the gradient that passes back through it is limited to [lower_bound, upper_bound]."""
    return GradClip(lower_bound, upper_bound)(x)


def grad_scale(x: Any, multiplier: float) -> Any:
    """``x`` itself; the gradient that passes back through it is multiplied."""
    return GradScale(multiplier)(x)


__all__ = [
    "Barrier",
    "ConsiderConstant",
    "DeepCopyOp",
    "DisconnectedGrad",
    "GradClip",
    "GradScale",
    "OutputGuard",
    "UndefinedGrad",
    "ViewOp",
    "ZeroGrad",
    "consider_constant",
    "consider_constant_",
    "deep_copy_op",
    "disconnected_grad",
    "disconnected_grad_",
    "grad_clip",
    "grad_scale",
    "undefined_grad",
    "undefined_grad_",
    "view_op",
    "zero_grad",
    "zero_grad_",
]
