"""Canonical form: dimshuffles merged, fills moved out to where they die, products and sums with their
constants merged and equal parts cancelled.

Cancelling is part of the semantics of legacy code (x / x is 1 and x - x is 0 whatever x holds, x * 0 is 0),
so it happens where and only where the mode of that code had it. Nothing that changes values otherwise: never
exp(log(x)), log(exp(x)), sqrt(x) ** 2, sqrt(x ** 2), and sqr(x) / x stays too.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.graph import Apply, Constant
from tgraph.ops.elemwise import DimShuffle, elemwise
from tgraph.ops.reduce import Sum
from tgraph.ops.rows import rows
from tgraph.rewrite.engine import Rewriter, cast_to, like, number_of, row_of, rule
from tgraph.rewrite.views import (
    Product,
    cancel,
    fill_like,
    is_negative_of,
    is_product,
    product,
    shape_source,
    spread_number,
    terms,
    times,
    wide,
)
from tgraph.types import float_dtypes

# -- cheap: nothing changes but the number of nodes ----------------------------------------------------------


@rule(DimShuffle)
def dimshuffles(node: Apply, rw: Rewriter) -> Any:
    """A dimshuffle of a dimshuffle is one; one that does nothing is none."""
    (x,) = node.inputs
    order = node.op.new_order
    inner = x.owner
    if inner is not None and type(inner.op) is DimShuffle:
        theirs = inner.op.new_order
        merged = tuple("x" if i == "x" else theirs[i] for i in order)
        base = inner.inputs[0]
        return DimShuffle(base.type.broadcastable, merged)(base)
    if order == tuple(range(x.type.ndim)):
        return x
    return None


@rule("identity")
def identities(node: Apply, rw: Rewriter) -> Any:
    """A copy is what it copies: values are never changed in place under anyone's eyes."""
    return node.inputs[0]


@rule(
    *[
        f"convert_to_{d}"
        for d in (
            "bool",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
            "float16",
            "float32",
            "float64",
            "complex64",
            "complex128",
        )
    ]
)
def casts(node: Apply, rw: Rewriter) -> Any:
    """A cast to the dtype that is there already is none; a cast of an exact widening goes straight."""
    (x,) = node.inputs
    out = node.outputs[0].type.dtype
    if x.type.dtype == out:
        return x
    name = row_of(x)
    if name is not None and name.startswith("convert_to_"):
        base = x.owner.inputs[0]
        if np.can_cast(base.type.dtype, x.type.dtype, "safe"):
            return cast_to(base, out)
    return None


@rule("second")
def fills(node: Apply, rw: Rewriter) -> Any:
    """fill(x, y): y where it has the shape of x by type; from fills of fills the outer model; from computed
    models something cheaper of the same shape."""
    x, y = node.inputs
    if y.type.broadcastable == node.outputs[0].type.broadcastable:
        return y
    if row_of(y) == "second" and x.type.broadcastable == node.outputs[0].type.broadcastable:
        return elemwise(rows["second"])(x, y.owner.inputs[1])
    if x.type.broadcastable == node.outputs[0].type.broadcastable:
        source = shape_source(x)
        if source is not x:
            return elemwise(rows["second"])(source, y)
    return None


_SINKS = tuple(name for name, row in rows.items() if name not in ("second", "switch") and row.nout == 1)


@rule(*_SINKS, "switch")
def fill_sink(node: Apply, rw: Rewriter) -> Any:
    """op(fill(a, x), y) = op(x, y), filled afterwards only if no operand has the full shape any more."""
    for x in node.inputs:
        if row_of(x) == "second":
            break
    else:
        return None
    out = node.outputs[0]
    models = []
    ins = []
    for x in node.inputs:
        if row_of(x) == "second":
            models.append(x.owner.inputs[0])
            x = x.owner.inputs[1]
        ins.append(x)
    z = node.op(*ins)
    pattern = out.type.broadcastable
    for model in models:
        if z.type.broadcastable == pattern:
            break
        z = elemwise(rows["second"])(model, z)
    return z if z.type.broadcastable == pattern else None


@rule(DimShuffle)
def fill_under_dimshuffle(node: Apply, rw: Rewriter) -> Any:
    """dimshuffle(fill(a, x)) = fill(dimshuffle(a), dimshuffle(x))."""
    (x,) = node.inputs
    if row_of(x) != "second":
        return None
    a, y = x.owner.inputs
    order = node.op.new_order
    return elemwise(rows["second"])(
        DimShuffle(a.type.broadcastable, order)(a), DimShuffle(y.type.broadcastable, order)(y)
    )


@rule("switch")
def constant_switch(node: Apply, rw: Rewriter) -> Any:
    """A condition that is known, or two equal branches."""
    condition, a, b = node.inputs
    out = node.outputs[0]
    known = number_of(condition)
    if known is None and a is not b:
        return None
    chosen = cast_to(a if known is None or known != 0 else b, out.type.dtype)
    return fill_like(chosen, out)


_FLOATS = frozenset(float_dtypes)
_LIFTED = frozenset(("mul", "true_div", "neg", "inv"))


@rule(DimShuffle, tags=("canonicalize",))
def dimshuffled_product(node: Apply, rw: Rewriter) -> Any:
    """New axes go to the factors of a product, so that products of different dimensions meet as one."""
    (x,) = node.inputs
    if row_of(x) not in _LIFTED or x.type.dtype not in _FLOATS:
        return None
    order = node.op.new_order
    kept = [i for i in order if i != "x"]
    if kept != sorted(kept):
        return None
    return x.owner.op(*[DimShuffle(i.type.broadcastable, order)(i) for i in x.owner.inputs])


@rule(Sum, tags=("canonicalize",))
def sum_of_product(node: Apply, rw: Rewriter) -> Any:
    """sum(a * b, axis) = a * sum(b, axis) for factors a that are the same along the axes."""
    (x,) = node.inputs
    out = node.outputs[0]
    dtype = x.type.dtype
    if dtype not in _FLOATS or out.type.dtype != dtype or row_of(x) not in _LIFTED:
        return None
    axes = node.op.axes(node)
    if not axes:
        return None
    view = product(x)
    constant = [all(f.type.broadcastable[a] for a in axes) for f in (*view.nums, *view.dens)]
    moving = [f for f, c in zip(view.nums, constant, strict=False) if not c]
    under = [f for f, c in zip(view.dens, constant[len(view.nums) :], strict=True) if not c]
    if not (any(constant) or view.coefficient != 1) or not (moving or under):
        return None
    order = tuple(i for i in range(x.type.ndim) if i not in axes)
    inner = Product(dtype, moving, under)
    model = plus_shapes(inner, x)
    if model is None:
        return None
    total = node.op(model)
    if total.type != out.type:
        return None
    outer = Product(dtype, [total], [], view.coefficient)
    for parts, into, flags in (
        (view.nums, outer.nums, constant),
        (view.dens, outer.dens, constant[len(view.nums) :]),
    ):
        into.extend(
            DimShuffle(f.type.broadcastable, order)(f) for f, c in zip(parts, flags, strict=False) if c
        )
    return outer.build(out)


def plus_shapes(view: Product, x: Any) -> Any:
    """The product as a graph if it has the shape of ``x`` by itself, else None."""
    z = times(wide(view.nums, view.dtype)) if view.nums else like(1, x)
    if view.dens:
        z = elemwise(rows["true_div"])(z, times(wide(view.dens, view.dtype)))
    return z if z.type == x.type else None


# -- products and sums ---------------------------------------------------------------------------------------

_INNER = frozenset(("mul", "true_div", "neg", "inv", "switch"))


def _interesting(node: Apply) -> bool:
    """True if a product may hold something to merge: cheap to ask, asked of every product."""
    numbers = node.op.scalar_op.key in ("neg", "inv")
    name = node.op.scalar_op.key
    for i, x in enumerate(node.inputs):
        inner = row_of(x)
        if inner in _INNER or inner == "second":
            return True
        if isinstance(x, Constant) and x.data.size == 1:
            if numbers:
                return True
            if x.data.reshape(())[()] in (0, 1, -1) and not (name == "true_div" and i == 0 and x.data != 0):
                return True
            numbers = True
    ins = node.inputs
    return len(ins) > 1 and len(set(map(id, ins))) < len(ins)


@rule("mul", "true_div", "neg", "inv", tags=("canonicalize",))
def products(node: Apply, rw: Rewriter) -> Any:
    """One coefficient, and no factor both above and below the line."""
    out = node.outputs[0]
    dtype = out.type.dtype
    if dtype not in _FLOATS:
        return _integer_product(node) if dtype not in ("bool", "complex64", "complex128") else None
    if not _interesting(node):
        return _turned(node)
    view = product(out)
    if view.coefficient == 0:
        return spread_number(0.0, out)
    taken = cancel(view.nums, view.dens)
    if taken or view.numbers > 1 or (view.changed and (view.nums or view.numbers > 1)):
        return view.build(out)
    if view.coefficient == -1 and view.nums and node.op.scalar_op.key != "neg":
        return view.build(out)  # the sign goes out, where a sum may take it
    found = _sink(view, out)
    return _distribute(view, out) if found is None else found


def _turned(node: Apply) -> Any:
    """-(a - b) = b - a."""
    (x, *_) = node.inputs
    if node.op.scalar_op.key != "neg" or row_of(x) != "sub":
        return None
    z = elemwise(rows["sub"])(*reversed(x.owner.inputs))
    return z if z.type == node.outputs[0].type else None


def _integer_product(node: Apply) -> Any:
    out = node.outputs[0]
    if node.op.scalar_op.key not in ("mul", "neg") or not _interesting(node):
        return None
    view = product(out)
    if view.numbers and view.coefficient == 0:
        return spread_number(0, out)
    if out.type.dtype.startswith("u") and view.coefficient != 1 and node.op.scalar_op.key == "neg":
        return None
    if view.numbers > 1 or (view.changed and view.nums):
        return view.build(out)
    return None


def _sink(view: Any, out: Any) -> Any:
    """a * switch(c, x, 0) = switch(c, a * x, 0): what is infinite in the branch not taken must not meet the
    0."""
    if len(view.nums) + len(view.dens) < 2:
        return None
    for position, factor in enumerate(view.nums):
        if row_of(factor) != "switch":
            continue
        condition, a, b = factor.owner.inputs
        zero_a, zero_b = _is_zero(a), _is_zero(b)
        if not zero_a and not zero_b:
            continue
        rest = [f for i, f in enumerate(view.nums) if i != position]
        kept = b if zero_a else a
        inner = Product(view.dtype, [kept, *rest], list(view.dens), view.coefficient)
        whole = _plain(inner, out)
        nothing = like(0, out)
        z = elemwise(rows["switch"])(condition, *((nothing, whole) if zero_a else (whole, nothing)))
        return fill_like(cast_to(z, out.type.dtype), out)
    return None


def _distribute(view: Any, out: Any) -> Any:
    """(a / x + b / y) * x * y = a * y + b * x: factors that cancel in a term of a sum go in."""
    if len(view.nums) < 2:
        return None
    for position, factor in enumerate(view.nums):
        if row_of(factor) not in ("add", "sub") or factor.type.dtype != view.dtype:
            continue
        inside = terms(factor)
        parts = [*inside.plus, *inside.minus]
        if not any(is_product(t) or row_of(t) == "sigmoid" for t in parts):
            continue  # nothing below a line, and nothing that an exp could meet
        views = [product(t) for t in parts]
        others = [f for i, f in enumerate(view.nums) if i != position]
        under = {id(d) for v in views for d in v.dens}
        sigmoids = [n for v in views for n in v.nums if row_of(n) == "sigmoid"]
        if not under and not sigmoids:
            continue
        moving = [f for f in others if id(f) in under or _meets_sigmoid(f, sigmoids)]
        if not moving or any(t.type.dtype != view.dtype for t in parts):
            continue
        model = _plain(Product(view.dtype, [factor, *moving]), out)
        rest = list(others)
        cancel(rest, list(moving))
        built = []
        for v in views:
            v.nums.extend(moving)
            cancel(v.nums, v.dens)
            built.append(v.build(model))
        n = len(inside.plus)
        inside.plus, inside.minus = built[:n], built[n:]
        if inside.constant != 0:
            whole = _plain(Product(view.dtype, list(moving), [], abs(inside.constant)), out)
            (inside.plus if inside.constant > 0 else inside.minus).append(whole)
            inside.constant = 0.0
        total = inside.build(model)
        return Product(view.dtype, [total, *rest], list(view.dens), view.coefficient).build(out)
    return None


def _meets_sigmoid(f: Any, sigmoids: Sequence[Any]) -> bool:
    """True for exp(-u) if a term holds sigmoid(u): together they are sigmoid(-u), apart maybe inf * 0."""
    if row_of(f) != "exp":
        return False
    u = f.owner.inputs[0]
    return any(is_negative_of(n.owner.inputs[0], u) for n in sigmoids)


def _plain(view: Any, out: Any) -> Any:
    """A product built without filling: its shape may be smaller than that of ``out``."""
    nums = list(view.nums)
    if view.coefficient not in (1, -1):
        nums.insert(0, like(view.coefficient, out))
    z = times(wide(nums, view.dtype))
    if view.dens:
        z = elemwise(rows["true_div"])(z, times(wide(view.dens, view.dtype)))
    return elemwise(rows["neg"])(z) if view.coefficient == -1 else z


def _is_zero(x: Any) -> bool:
    number = number_of(x)
    return number is not None and number == 0


_ADDITIVE = frozenset(("add", "sub", "neg"))


@rule("add", "sub", tags=("canonicalize",))
def sums(node: Apply, rw: Rewriter) -> Any:
    """One constant, and no term both added and subtracted."""
    out = node.outputs[0]
    if np.dtype(out.type.dtype).kind not in "fiu":
        return None
    numbers = 0
    inner = False
    for x in node.inputs:
        if row_of(x) in _ADDITIVE or row_of(x) == "second":
            inner = True
        elif isinstance(x, Constant) and x.data.size == 1:
            numbers += 1
            if x.data.reshape(())[()] == 0:
                inner = True
    ins = node.inputs
    if not inner and sum(row_of(x) == "mul" for x in node.inputs) > 1:
        inner = True
    if not inner and numbers < 2 and not (node.op.scalar_op.key == "sub" and ins[0] is ins[1]):
        return None
    view = terms(out)
    taken = cancel(view.plus, view.minus) or _cancel_scaled(view)
    if taken or view.numbers > 1 or (view.numbers and view.constant == 0):
        return view.build(out)
    return _signs(node, out)


def _signs(node: Apply, out: Any) -> Any:
    """a + (-b) = a - b, (-a) + b = b - a, a - (-b) = a + b, (-a) - b = -(a + b)."""
    if len(node.inputs) != 2:
        return None
    a, b = node.inputs
    subtract = node.op.scalar_op.key == "sub"
    if row_of(b) == "neg" and b.type.dtype == out.type.dtype:
        z = elemwise(rows["add" if subtract else "sub"])(a, b.owner.inputs[0])
    elif row_of(a) == "neg" and not subtract and a.type.dtype == out.type.dtype:
        z = elemwise(rows["sub"])(b, a.owner.inputs[0])
    elif row_of(a) == "neg" and a.type.dtype == out.type.dtype and b.type.dtype == out.type.dtype:
        z = elemwise(rows["neg"])(elemwise(rows["add"])(a.owner.inputs[0], b))
    else:
        return None
    return z if z.type == out.type else None


#: the ids in a key are those of what makes its variable, so they live as long as it
_keys: weakref.WeakKeyDictionary[Any, tuple[Any, Any]] = weakref.WeakKeyDictionary()


def _scaled(t: Any) -> tuple[Any, Any]:
    """(coefficient, key of the rest) of a term."""
    if row_of(t) not in ("mul", "neg"):
        return 1, (id(t),)
    known = _keys.get(t)
    if known is None:
        view = product(t)
        key = (*sorted(map(id, view.nums)), None, *sorted(map(id, view.dens)))
        known = _keys[t] = (view.coefficient, key)
    return known


def _cancel_scaled(view: Any) -> bool:
    """Take out 3 * t and -3 * t; True if there were such."""
    if not any(row_of(t) in ("mul", "neg") for t in (*view.plus, *view.minus)):
        return False
    signed = [(t, True, *_scaled(t)) for t in view.plus] + [(t, False, *_scaled(t)) for t in view.minus]
    if len({key for *_, key in signed}) == len(signed):
        return False
    gone: set[int] = set()
    for i, (_, up, c, key) in enumerate(signed):
        for j in range(i + 1, len(signed)):
            _, other_up, d, other = signed[j]
            if (
                i not in gone
                and j not in gone
                and key == other
                and (c if up else -c) == (-d if other_up else d)
            ):
                gone.update((i, j))
    if not gone:
        return False
    n = len(view.plus)
    view.plus = [t for i, t in enumerate(view.plus) if i not in gone]
    view.minus = [t for i, t in enumerate(view.minus) if i + n not in gone]
    return True


@rule("pow", tags=("canonicalize", "specialize"))
def powers(node: Apply, rw: Rewriter) -> Any:
    """x ** 0, 1, 2, 0.5, -0.5, -1, -2 by cheaper ops with the same values."""
    x, y = node.inputs
    out = node.outputs[0]
    dtype = out.type.dtype
    e = number_of(y)
    if e is None or np.iscomplexobj(e):
        return None
    if e == 0:
        return spread_number(1, out)
    if e == 1:
        return fill_like(cast_to(x, dtype), out)
    if dtype not in _FLOATS:
        return elemwise(rows["sqr"])(x) if e == 2 and x.type.dtype == dtype else None
    x = cast_to(x, dtype)
    apply = {2: ("sqr",), 0.5: ("sqrt",), -0.5: ("sqrt", "inv"), -1: ("inv",), -2: ("sqr", "inv")}.get(
        float(e)
    )
    if apply is None:
        return None
    for name in apply:
        x = elemwise(rows[name])(x)
    return fill_like(x, out)


CHEAP = [dimshuffles, identities, casts, fills, fill_sink, fill_under_dimshuffle, constant_switch]
RULES = [products, sums, powers, dimshuffled_product, sum_of_product]

__all__ = ["CHEAP", "RULES"]
