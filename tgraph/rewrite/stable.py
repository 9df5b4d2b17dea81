"""Stable forms: formulas that overflow, cancel or divide 0 by 0 in floating point, and what legacy code gets
for them.

These rules are part of the semantics. Rows are formulas over wildcards, ``match`` -> ``become``; what is
about products of any length, softmax or indexing is a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tgraph.graph import Apply, Constant
from tgraph.ops.advanced import AdvancedIncSubtensor, AdvancedSubtensor
from tgraph.ops.create import ARange
from tgraph.ops.elemwise import DimShuffle, elemwise
from tgraph.ops.fused import LogOfSoftmax, LogSumExp, log_of_softmax, softmax_nll_op
from tgraph.ops.nnet_losses import (
    CrossentropyCategorical1Hot,
    CrossentropyCategorical1HotGrad,
    crossentropy_softmax_1hot_with_bias_dx,
)
from tgraph.ops.reduce import Sum
from tgraph.ops.rows import rows
from tgraph.ops.softmax import Softmax, SoftmaxGrad, SoftmaxWithBias, softmax_grad, softmax_op
from tgraph.rewrite.engine import Rewriter, Rule, cast_to, is_number, made_by, row_of, rule
from tgraph.rewrite.shapes import rows_of
from tgraph.rewrite.views import (
    Wild,
    apply,
    fill_in,
    fill_like,
    is_negative_of,
    is_product,
    match,
    negated,
    product,
    terms,
    times,
    wild,
)
from tgraph.types import discrete_dtypes, float_dtypes

_FLOATS = frozenset(float_dtypes)


def formula(
    name: str,
    pattern: Wild,
    become: Any,
    when: Callable[[dict], bool] | None = None,
    tags: tuple[str, ...] = ("stabilize",),
) -> Rule:
    """A rule from a formula to a formula; ``when`` sees the wildcards."""

    def apply_formula(node: Apply, rw: Rewriter) -> Any:
        out = node.outputs[0]
        if out.type.dtype not in _FLOATS:
            return None
        env: dict[str, Any] = {}
        if not match(pattern, out, env) or (when is not None and not when(env)):
            return None
        # a formula is about reals: -x of an unsigned x is something else
        for k, v in env.items():
            env[k] = cast_to(v, out.type.dtype) if v.type.dtype in discrete_dtypes else v
        return fill_like(cast_to(fill_in(become, env, out), out.type.dtype), out)

    made = Rule(name, (pattern.row,), apply_formula, tags)
    FORMULAS.append((name, pattern, become))
    return made


#: (name, match, become) of every row, for the tests
FORMULAS: list[tuple[str, Wild, Any]] = []

(x,) = wild("x")
sigmoid, softplus, log, log1p, exp, expm1 = (
    lambda *a, name=name: apply(name, *a) for name in ("sigmoid", "softplus", "log", "log1p", "exp", "expm1")
)

# fmt: off
ROWS = [
    formula("log_sigmoid",            log(sigmoid(x)),           -softplus(-x)),
    formula("log_one_minus_sigmoid",  log(1 - sigmoid(x)),       -softplus(x)),
    formula("log1p_minus_sigmoid",    log1p(-sigmoid(x)),        -softplus(x)),
    formula("softplus",               log1p(exp(x)),             softplus(x)),
    formula("expm1",                  exp(x) - 1,                expm1(x)),
]
# fmt: on


@rule("log", tags=("stabilize",))
def log1p_of_sum(node: Apply, rw: Rewriter) -> Any:
    """log(1 + a + b ..) = log1p(a + b ..)."""
    (u,) = node.inputs
    if row_of(u) not in ("add", "sub") or u.type.dtype not in _FLOATS:
        return None
    view = terms(u)
    if view.constant != 1 or not (view.plus or view.minus):
        return None
    view.constant = 0.0
    return elemwise(rows["log1p"])(view.build(u))


def _one_plus_exp(d: Any) -> Any:
    """u where d is 1 + exp(u), else None."""
    if row_of(d) != "add" or len(d.owner.inputs) != 2:
        return None
    for one, other in (d.owner.inputs, d.owner.inputs[::-1]):
        if row_of(other) == "exp" and is_number(one, 1):
            return other.owner.inputs[0]
    return None


_QUOTIENTS = frozenset(("true_div", "inv"))
_LOGISTIC = frozenset(("exp", "sigmoid"))


@rule("mul", "true_div", "inv", tags=("stabilize",))
def logistic(node: Apply, rw: Rewriter) -> Any:
    """exp(u) / (1 + exp(u)) = sigmoid(u); 1 / (1 + exp(u)) = sigmoid(-u); exp(-u) * sigmoid(u) = sigmoid(-u);
    within products of any length."""
    out = node.outputs[0]
    if out.type.dtype not in _FLOATS:
        return None
    name = row_of(out)
    if name not in _QUOTIENTS and not any(row_of(i) in _LOGISTIC or is_product(i) for i in node.inputs):
        return None
    view = product(out)
    changed = False
    for d in list(view.dens):
        power = 1
        if row_of(d) == "sqr":
            d_in, power = d.owner.inputs[0], 2
        else:
            d_in = d
        u = _one_plus_exp(d_in)
        if u is None or u.type.dtype != out.type.dtype:
            continue
        view.dens.remove(d)
        for _ in range(power):
            e = next((n for n in view.nums if row_of(n) == "exp" and n.owner.inputs[0] is u), None)
            if e is None:
                view.nums.append(elemwise(rows["sigmoid"])(negated(u)))
            else:
                view.nums[next(i for i, n in enumerate(view.nums) if n is e)] = elemwise(rows["sigmoid"])(u)
        changed = True
    if not changed:
        changed = _meet(view) or _complements(view.nums, view.dens) or _complements(view.dens, view.nums)
    return view.build(out) if changed else None


def _meet(view: Any) -> bool:
    """exp(-u) * sigmoid(u) -> sigmoid(-u), once."""
    for s in view.nums:
        if row_of(s) != "sigmoid":
            continue
        u = s.owner.inputs[0]
        for e in view.nums:
            if row_of(e) == "exp" and is_negative_of(e.owner.inputs[0], u):
                v = e.owner.inputs[0]
                view.nums = [n for n in view.nums if n is not e]
                view.nums[next(i for i, n in enumerate(view.nums) if n is s)] = elemwise(rows["sigmoid"])(v)
                return True
    return False


def _complements(first: list[Any], second: list[Any]) -> bool:
    """Cancel 1 - sigmoid(u) in one list against sigmoid(-u) in the other, once."""
    for i, c in enumerate(first):
        if (
            row_of(c) != "sub"
            or not is_number(c.owner.inputs[0], 1)
            or row_of(c.owner.inputs[1]) != "sigmoid"
        ):
            continue
        u = c.owner.inputs[1].owner.inputs[0]
        for j, s in enumerate(second):
            if row_of(s) == "sigmoid" and is_negative_of(s.owner.inputs[0], u):
                del first[i], second[j]
                return True
    return False


# -- softmax -------------------------------------------------------------------------------------------------


def _row_sum(d: Any) -> Any:
    """w where d is sum(w, axis=1) of a matrix, spread over its rows again, else None."""
    node = made_by(d, DimShuffle)
    if node is None or node.op.new_order != (0, "x"):
        return None
    total = made_by(node.inputs[0], Sum)
    if total is None or total.inputs[0].type.ndim != 2 or total.op.axis not in ((1,), (-1,), 1):
        return None
    return total.inputs[0]


@rule("true_div", "mul", tags=("stabilize",))
def softmax_by_hand(node: Apply, rw: Rewriter) -> Any:
    """exp(x) / sum(exp(x), axis=1, keepdims=True) = softmax(x), within products."""
    out = node.outputs[0]
    if out.type.ndim != 2 or out.type.dtype not in _FLOATS:
        return None
    if row_of(out) == "mul" and not any(is_product(i) for i in node.inputs):
        return None
    view = product(out)
    for d in view.dens:
        w = _row_sum(d)
        if w is None or row_of(w) != "exp" or w.type.dtype != out.type.dtype:
            continue
        for position, n in enumerate(view.nums):
            if n is w and w.owner.inputs[0].type.dtype == out.type.dtype:
                view.nums[position] = softmax_op(w.owner.inputs[0])
                # one of them only: in the gradient of a softmax the sum stands there squared
                view.dens.remove(d)
                return view.build(out)
    return None


def _logits(sm: Any) -> Any:
    """z where sm is softmax(z) (or softmax(x + b), z then being that sum), else None."""
    node = made_by(sm, Softmax, SoftmaxWithBias)
    if node is None:
        return None
    if isinstance(node.op, Softmax):
        return node.inputs[0]
    z, b = node.inputs
    total = elemwise(rows["add"])(z, DimShuffle(b.type.broadcastable, ("x", 0))(b))
    return total if total.type == z.type else None


@rule("log", tags=("stabilize", "fast_compile"))
def log_softmax(node: Apply, rw: Rewriter) -> Any:
    """log(softmax(x)) = logsoftmax(x), also where entries are picked before the logarithm is taken."""
    (sm,) = node.inputs
    picked = made_by(sm, AdvancedSubtensor)
    if picked is not None:
        z = _logits(picked.inputs[0])
        if z is None:
            return None
        return picked.op(log_of_softmax(z), *picked.inputs[1:]) if _plain(picked) else None
    z = _logits(sm)
    return None if z is None else log_of_softmax(z)


def _plain(node: Apply) -> bool:
    """True for x[i, j] with index vectors i, j and nothing else."""
    offset = 2 if isinstance(node.op, AdvancedIncSubtensor) else 1
    indices = node.inputs[offset:]
    entries = node.op.idx_list
    return (
        len(indices) == 2
        and all(i.type.ndim == 1 for i in indices)
        and (entries is None or (len(entries) == 2 and not any(isinstance(e, slice) for e in entries)))
    )


def _labels(node: Apply, sm: Any) -> Any:
    """y where the index of a node is [arange(rows), y], else None; ``sm`` is what is indexed."""
    if not _plain(node):
        return None
    i, y = node.inputs[-2:]
    if y.type.dtype not in discrete_dtypes or y.type.dtype == "bool":
        return None
    if isinstance(i, Constant):
        return None
    while row_of(i) is not None and row_of(i).startswith("convert_to_int"):
        i = i.owner.inputs[0]
    made = made_by(i, ARange)
    if made is None:
        return None
    start, stop, step = made.inputs
    if not is_number(start, 0) or not is_number(step, 1):
        return None
    return y if rows_of(stop, [y, sm]) else None


@rule(AdvancedSubtensor, tags=("stabilize", "fast_compile"))
def picked_log_softmax(node: Apply, rw: Rewriter) -> Any:
    """log(softmax(x))[arange(n), y] = -nll(x, y), which checks the labels."""
    made = made_by(node.inputs[0], LogOfSoftmax)
    if made is None:
        return None
    y = _labels(node, node.inputs[0])
    if y is None:
        return None
    return elemwise(rows["neg"])(softmax_nll_op(made.inputs[0], y))


@rule(CrossentropyCategorical1Hot, tags=("stabilize", "fast_compile"))
def crossentropy_of_softmax(node: Apply, rw: Rewriter) -> Any:
    """categorical_crossentropy(softmax(x), y) = nll(x, y), which checks the labels."""
    p, y = node.inputs
    z = _logits(p)
    return None if z is None else softmax_nll_op(z, y)


@rule(SoftmaxGrad, tags=("stabilize", "fast_compile"))
def softmax_gradient(node: Apply, rw: Rewriter) -> Any:
    """The gradient of softmax applied to something divided by that softmax: the two cancel.

    sm * (r / sm - sum(r / sm * sm)) = r - sm * sum(r).
    """
    dy, sm = node.inputs
    hot = made_by(dy, CrossentropyCategorical1HotGrad)
    if hot is not None and hot.inputs[1] is sm:
        return crossentropy_softmax_1hot_with_bias_dx(hot.inputs[0], sm, hot.inputs[2])
    put = made_by(dy, AdvancedIncSubtensor)
    if put is not None and not put.op.set_instead_of_inc and is_number(put.inputs[0], 0):
        return _picked_gradient(put, sm)
    if row_of(dy) in ("add", "sub"):
        return _split(dy, sm)
    if not is_product(dy):
        return None
    view = product(dy)
    position = next((i for i, d in enumerate(view.dens) if d is sm), None)
    if position is None:
        return None
    del view.dens[position]
    put = next((n for n in view.nums if made_by(n, AdvancedIncSubtensor)), None)
    if put is not None and not view.dens:
        hot = put.owner
        others = [n for n in view.nums if n is not put]
        y = _labels(hot, sm) if is_number(hot.inputs[0], 0) and not hot.op.set_instead_of_inc else None
        if y is not None and not any(not all(n.type.broadcastable) for n in others):
            view.nums = [hot.inputs[1], *[_scalar(n) for n in others]]
            view.coefficient = -view.coefficient
            g = view.build(hot.inputs[1])
            return crossentropy_softmax_1hot_with_bias_dx(g, sm, y)
    rest = view.build(dy)
    total = Sum((1,))(rest)
    return elemwise(rows["sub"])(rest, times([sm, cast_to(total.dimshuffle(0, "x"), sm.type.dtype)]))


def _scalar(n: Any) -> Any:
    return DimShuffle(n.type.broadcastable, ())(n) if n.type.ndim else n


def _picked_gradient(put: Apply, sm: Any) -> Any:
    """Of log(sm[arange, y]): what is put at the labels was divided by what stood there."""
    g = put.inputs[1]
    y = _labels(put, sm)
    if y is None or not is_product(g):
        return None
    view = product(g)
    for position, d in enumerate(view.dens):
        got = made_by(d, AdvancedSubtensor)
        if got is not None and got.inputs[0] is sm and got.inputs[1:] == put.inputs[2:]:
            del view.dens[position]
            view.coefficient = -view.coefficient
            return crossentropy_softmax_1hot_with_bias_dx(view.build(g), sm, y)
    return None


def _split(dy: Any, sm: Any) -> Any:
    """The op is linear in dy: terms that are divided by sm go their own way."""
    view = terms(dy)
    if view.constant or len(view.plus) + len(view.minus) > 8:
        return None
    parts = [*view.plus, *view.minus]
    if not any(_divided(t, sm) for t in parts):
        return None
    view.plus = [softmax_grad(fill_like(t, dy), sm) for t in view.plus]
    view.minus = [softmax_grad(fill_like(t, dy), sm) for t in view.minus]
    return view.build(dy)


def _divided(t: Any, sm: Any) -> bool:
    return is_product(t) and any(d is sm for d in product(t).dens)


# -- log of a sum of exponentials ----------------------------------------------------------------------------


@rule("log", tags=("stabilize",))
def log_sum_exp(node: Apply, rw: Rewriter) -> Any:
    """log(sum(exp(x), axis)), with or without its axes kept."""
    (u,) = node.inputs
    shuffle = made_by(u, DimShuffle)
    inner = u if shuffle is None else shuffle.inputs[0]
    total = made_by(inner, Sum)
    if total is None or row_of(total.inputs[0]) != "exp":
        return None
    e = total.inputs[0]
    z = e.owner.inputs[0]
    if z.type.dtype != u.type.dtype or z.type.dtype not in _FLOATS or z.type.ndim == 0:
        return None
    axes = total.op.axis
    axes = tuple(range(z.type.ndim)) if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    if not axes:
        return None
    lse = LogSumExp(tuple(a % z.type.ndim for a in axes))(z)
    return lse if shuffle is None else DimShuffle(lse.type.broadcastable, shuffle.op.new_order)(lse)


FAST_COMPILE = [log_softmax, picked_log_softmax, crossentropy_of_softmax, softmax_gradient]
RULES = [*ROWS, log_sum_exp, log1p_of_sum, softmax_by_hand, logistic]

__all__ = ["FAST_COMPILE", "FORMULAS", "ROWS", "RULES", "formula"]
