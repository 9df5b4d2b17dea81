"""Special forms, last: what a library has one call for. They hide structure, so nothing else is looked for
after them."""

from __future__ import annotations

from typing import Any

from tgraph.graph import Apply
from tgraph.ops.elemwise import DimShuffle
from tgraph.ops.from_graph import OpFromGraph
from tgraph.ops.fused import Gemm, SumOfSquares, gemm_op
from tgraph.ops.linalg import Dot
from tgraph.ops.loop import Scan
from tgraph.ops.nnet_losses import CrossentropySoftmax1HotWithBiasDx
from tgraph.ops.reduce import Sum
from tgraph.rewrite.engine import Rewriter, is_number, like, made_by, row_of, rule
from tgraph.rewrite.views import Product, plus, product, terms


def _scalar(v: Any) -> Any:
    """A variable of one element, by type, without its dimensions."""
    return DimShuffle(v.type.broadcastable, ())(v) if v.type.ndim else v


def _is_scalar(v: Any) -> bool:
    return all(v.type.broadcastable)


def _factor(view: Product, model: Any) -> Any:
    """A product of scalars as a 0-d variable of the model's dtype; None where it has another one."""
    small = Product(
        view.dtype, [_scalar(n) for n in view.nums], [_scalar(d) for d in view.dens], view.coefficient
    )
    if not small.nums and not small.dens:
        return like(small.coefficient, model)
    z = small.build(_scalar_model(model))
    return z if z.type.dtype == model.type.dtype and z.type.ndim == 0 else None


def _scalar_model(model: Any) -> Any:
    return like(1, model)


@rule("add", "sub", tags=("BlasOpt", "specialize"))
def gemm_of_sum(node: Apply, rw: Rewriter) -> Any:
    """beta * z + alpha * dot(x, y) as one call, where the product is needed for nothing else."""
    out = node.outputs[0]
    if out.type.dtype not in ("float32", "float64") or out.type.ndim not in (1, 2):
        return None
    if not any(row_of(i) in ("mul", "neg", "add", "sub") or made_by(i, Dot, Gemm) for i in node.inputs):
        return None
    view = terms(out)
    signed = [(t, 1) for t in view.plus] + [(t, -1) for t in view.minus]
    absorbed = _absorb(signed, view, rw, out)
    if absorbed is not None:
        return absorbed
    for k in range(len(signed) - 1, -1, -1):
        t, sign = signed[k]
        found = _dot_term(t, rw, out)
        if found is None:
            continue
        dot, alpha_view = found
        alpha_view.coefficient *= sign
        alpha = _factor(alpha_view, out)
        rest = [s for i, s in enumerate(signed) if i != k]
        if alpha is None or not rest or view.constant != 0:
            return None
        z, beta = _addend(rest, out)
        if z is None or beta is None:
            return None
        x, y = dot.owner.inputs
        return gemm_op(z, alpha, x, y, beta)
    return None


def _absorb(signed: list[tuple[Any, int]], view: Any, rw: Rewriter, out: Any) -> Any:
    """(dot(u, v) + dot(x, y)) + b, of which the inner sum is a gemm by now: b goes to the first product."""
    if len(signed) != 2 or view.constant != 0:
        return None
    for (t, sign), (b, other) in (signed, signed[::-1]):
        node = made_by(t, Gemm)
        if node is None or sign < 0 or other < 0 or rw.uses(t) > 1 or made_by(b, Gemm, Dot) or _is_scalar(b):
            continue
        z, alpha, x, y, beta = node.inputs
        if (
            made_by(z, Dot)
            and rw.uses(z) <= 1
            and is_number(beta, 1)
            and b.type.dtype == z.type.dtype == out.type.dtype
        ):
            return gemm_op(plus([z, b]), alpha, x, y, beta)
    return None


def _dot_term(t: Any, rw: Rewriter, out: Any) -> tuple[Any, Product] | None:
    """(dot(x, y), the rest of the product) where a term is scalars times a product that only it uses."""
    if t.type.dtype != out.type.dtype or t.type.broadcastable != out.type.broadcastable:
        return None
    view = product(t)
    for i, n in enumerate(view.nums):
        if made_by(n, Dot) is None:
            continue
        if rw.uses(n) > 1 or n.type != out.type or any(v.type.dtype != n.type.dtype for v in n.owner.inputs):
            return None
        rest = [m for j, m in enumerate(view.nums) if j != i]
        if not all(map(_is_scalar, [*rest, *view.dens])):
            return None
        return n, Product(view.dtype, rest, list(view.dens), view.coefficient)
    return None


def _addend(rest: list[tuple[Any, int]], out: Any) -> tuple[Any, Any]:
    """(z, beta) for the other terms of the sum."""
    if len(rest) > 1:
        z = terms(out)  # only its fields are used
        z.plus, z.minus, z.constant = [t for t, s in rest if s > 0], [t for t, s in rest if s < 0], 0.0
        model = next((t for t, _ in rest if t.type.broadcastable == out.type.broadcastable), None)
        if model is None:
            return None, None
        return z.build(model), like(1, out)
    t, sign = rest[0]
    if t.type.dtype != out.type.dtype or _is_scalar(t):
        return None, None
    view = product(t)
    large = [n for n in view.nums if not _is_scalar(n)]
    if len(large) != 1 or any(not _is_scalar(d) for d in view.dens) or large[0].type.dtype != out.type.dtype:
        return t, like(sign, out)
    view.nums = [n for n in view.nums if n is not large[0]]
    view.coefficient *= sign
    return large[0], _factor(view, out)


@rule(CrossentropySoftmax1HotWithBiasDx, tags=("specialize",))
def one_weight(node: Apply, rw: Rewriter) -> Any:
    """A weight that is the same for all rows is one number."""
    dy, sm, y = node.inputs
    if row_of(dy) != "second" or not _is_scalar(dy.owner.inputs[1]):
        return None
    return node.op(_scalar(dy.owner.inputs[1]), sm, y)


@rule(Sum, tags=("specialize",))
def sum_of_squares(node: Apply, rw: Rewriter) -> Any:
    """sum((x - m) ** 2), as of a variance, without the tensor of the squares."""
    squares, out = node.inputs[0], node.outputs[0]
    axes = tuple(node.op.axes(node))
    if row_of(squares) != "sqr" or rw.uses(squares) > 1 or not axes or node.op.acc_dtype != "float64":
        return None
    x = squares.owner.inputs[0]
    if x.type != squares.type or out.type.dtype != x.type.dtype or x.type.dtype not in ("float32", "float64"):
        return None
    if row_of(x) == "sub" and rw.uses(x) <= 1:
        y, m = x.owner.inputs
        if y.type == x.type and m.type.dtype == x.type.dtype and all(m.type.broadcastable[a] for a in axes):
            return SumOfSquares(axes)(y, m)
    return SumOfSquares(axes)(x)


RULES = [gemm_of_sum, one_weight, sum_of_squares]


def concerns(node: Apply) -> bool:
    """True for a node that the rules may be about."""
    if isinstance(node.op, (Dot, CrossentropySoftmax1HotWithBiasDx, Scan, OpFromGraph)):
        return True
    return isinstance(node.op, Sum) and row_of(node.inputs[0]) == "sqr"


__all__ = ["RULES", "concerns"]
