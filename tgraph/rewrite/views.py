"""How rules look at elementwise graphs: products as numerator and denominator, sums as signed terms, the rest
as patterns over wildcards that share the operators of variables.

``T.grad`` builds gradients before anything is rewritten, so what a rule is about arrives buried in products;
the views flatten them without changing the graph.
"""

from __future__ import annotations

import functools
import operator
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tgraph.graph import Constant
from tgraph.operators import TensorOperators
from tgraph.ops.assertion import Assert
from tgraph.ops.elemwise import Elemwise, elemwise, scalar_constant
from tgraph.ops.rows import rows
from tgraph.rewrite.engine import cast_to, like, number_of, row_of

#: a product or sum is looked into up to so many parts; the rest stays whole, which keeps rewriting linear
LIMIT = 24

_PRODUCT = frozenset(("mul", "true_div", "neg", "inv"))
_SUM = frozenset(("add", "sub", "neg"))


@dataclass
class Product:
    """coefficient * prod(nums) / prod(dens), all of one dtype; ``numbers`` counts the constants that were
    merged."""

    dtype: str
    nums: list[Any] = field(default_factory=list)
    dens: list[Any] = field(default_factory=list)
    coefficient: Any = 1.0
    numbers: int = 0
    #: a constant is 1, of no use where it stands
    changed: bool = False

    def build(self, model: Any) -> Any:
        """The product as a graph, in the shape and dtype of ``model``."""
        nums, dens = list(self.nums), list(self.dens)
        c = self.coefficient
        if not nums and not dens:
            return spread_number(c, model)
        if nums:
            if c != 1 and c != -1:
                nums.insert(0, like(c, model))
            z = times(wide(nums, self.dtype))
        else:
            z = like(c, model)
        if dens:
            z = elemwise(rows["true_div"])(z, times(wide(dens, self.dtype)))
        if nums and c == -1:
            z = elemwise(rows["neg"])(z)
        z = cast_to(z, model.type.dtype)
        return fill_like(z, model)


def wide(parts: list[Any], dtype: str) -> list[Any]:
    """The parts so that their product is computed in ``dtype``: what made it so may have cancelled."""
    if not parts or any(p.type.dtype == dtype for p in parts):
        return parts
    return [cast_to(parts[0], dtype), *parts[1:]]


def times(factors: Sequence[Any]) -> Any:
    """The product of one or more variables as one node."""
    return factors[0] if len(factors) == 1 else elemwise(rows["mul"])(*factors)


def plus(terms: Sequence[Any]) -> Any:
    """The sum of one or more variables as one node."""
    return terms[0] if len(terms) == 1 else elemwise(rows["add"])(*terms)


def fill_like(z: Any, model: Any) -> Any:
    """``z`` where its type broadcasts as the model's does, else filled into the shape of the model."""
    if z.type.ndim == model.type.ndim and z.type.broadcastable == model.type.broadcastable:
        return z
    if z.type.ndim == 0 and model.type.ndim == 0:
        return z
    return elemwise(rows["second"])(shape_source(model), z)


def spread_number(value: Any, model: Any) -> Any:
    """A constant in the shape of ``model``."""
    return fill_like(like(value, model), model)


def shape_source(x: Any) -> Any:
    """Something cheap with the shape of ``x``: an operand of the elementwise ops that make it, as far down as
    one has all its dimensions."""
    for _ in range(10_000):
        owner = x.owner
        if owner is not None and type(owner.op) is Assert:
            x = owner.inputs[0]
            continue
        if owner is None or type(owner.op) is not Elemwise or len(owner.outputs) > 1:
            return x
        pattern = x.type.broadcastable
        for candidate in owner.inputs:
            if candidate.type.broadcastable == pattern and not isinstance(candidate, Constant):
                x = candidate
                break
        else:
            return x
    return x


def is_product(x: Any) -> bool:
    """True if a variable is made by mul, true_div, neg or inv."""
    return row_of(x) in _PRODUCT


#: what variables are as products and sums: what makes a variable never changes, and rules ask again and again
_products: weakref.WeakKeyDictionary[Any, Product] = weakref.WeakKeyDictionary()
_sums: weakref.WeakKeyDictionary[Any, Sum] = weakref.WeakKeyDictionary()


def product(x: Any) -> Product:
    """``x`` as a product of factors; itself alone where it is none. Parts of another dtype stay whole."""
    view = _products.get(x)
    if view is None:
        view = _product(x)
        if len(view.nums) != 1 or view.nums[0] is not x:  # a value that holds its key would live for ever
            _products[x] = view
        else:
            return view
    return Product(view.dtype, list(view.nums), list(view.dens), view.coefficient, view.numbers, view.changed)


def _product(x: Any) -> Product:
    dtype = x.type.dtype
    view = Product(dtype)
    exact = np.dtype(dtype).kind in "iu"
    c: Any = np.ones((), np.dtype(dtype))[()] if exact else 1.0
    stack: list[tuple[Any, bool]] = [(x, False)]
    atoms = 0
    while stack:
        v, under = stack.pop()
        name = row_of(v)
        number = None if name in _PRODUCT else _scalar(v)
        if number is not None and not (under and number == 0):
            with np.errstate(all="ignore"):
                factor = number.astype(dtype) if exact else float(number)
                c = c / factor if under else c * factor
            view.numbers += 1
            if number == 1:
                view.changed = True
            continue
        if (
            name in _PRODUCT
            and v.type.dtype == dtype
            and atoms + len(stack) < LIMIT
            and (not exact or name in ("mul", "neg"))
        ):
            ins = v.owner.inputs
            if name == "mul":
                stack.extend([(i, under) for i in reversed(ins)])
                continue
            if name == "neg":
                c = -c
                view.numbers += 1
                stack.append((ins[0], under))
                continue
            if name == "true_div":
                stack.append((ins[1], not under))
                stack.append((ins[0], under))
                continue
            view.numbers += 1
            stack.append((ins[0], not under))
            continue
        (view.dens if under else view.nums).append(v)
        atoms += 1
    view.coefficient = c
    return view


def _scalar(v: Any) -> Any:
    """The number of a constant of one element (0-d numpy array), also behind a fill of the constant; real
    ones only."""
    value = scalar_constant(v)
    if value is None or value.dtype.kind == "c":
        return None
    return value[()]


@dataclass
class Sum:
    """sum(plus) - sum(minus) + constant, all of one dtype."""

    dtype: str
    plus: list[Any] = field(default_factory=list)
    minus: list[Any] = field(default_factory=list)
    constant: Any = 0.0
    numbers: int = 0

    def build(self, model: Any) -> Any:
        """The sum as a graph, in the shape and dtype of ``model``."""
        if not self.plus and not self.minus:
            return spread_number(self.constant, model)
        positive, negative = wide(list(self.plus), self.dtype), wide(list(self.minus), self.dtype)
        if self.constant != 0:
            if positive or not self.constant < 0:
                positive.append(like(self.constant, model))
            else:
                negative.append(like(-self.constant, model))
        if not positive:
            z = elemwise(rows["neg"])(plus(negative))
        elif negative:
            z = elemwise(rows["sub"])(plus(positive), plus(negative))
        else:
            z = plus(positive)
        return fill_like(cast_to(z, model.type.dtype), model)


def terms(x: Any) -> Sum:
    """``x`` as a sum of signed terms; itself alone where it is none. Parts of another dtype stay whole."""
    view = _sums.get(x)
    if view is None:
        view = _sum(x)
        if len(view.plus) != 1 or view.plus[0] is not x:
            _sums[x] = view
        else:
            return view
    return Sum(view.dtype, list(view.plus), list(view.minus), view.constant, view.numbers)


def _sum(x: Any) -> Sum:
    dtype = x.type.dtype
    view = Sum(dtype)
    exact = np.dtype(dtype).kind in "iu"
    c: Any = np.zeros((), np.dtype(dtype))[()] if exact else 0.0
    stack: list[tuple[Any, bool]] = [(x, False)]
    atoms = 0
    while stack:
        v, under = stack.pop()
        name = row_of(v)
        number = None if name in _SUM else _scalar(v)
        if number is not None:
            with np.errstate(all="ignore"):
                number = number.astype(dtype) if exact else float(number)
                c = c - number if under else c + number
            view.numbers += 1
            continue
        if name in _SUM and v.type.dtype == dtype and atoms + len(stack) < LIMIT:
            ins = v.owner.inputs
            if name == "add":
                stack.extend([(i, under) for i in reversed(ins)])
            elif name == "sub":
                stack.append((ins[1], not under))
                stack.append((ins[0], under))
            else:
                stack.append((ins[0], not under))
            continue
        (view.minus if under else view.plus).append(v)
        atoms += 1
    view.constant = c
    return view


def cancel(first: list[Any], second: list[Any]) -> list[Any]:
    """Take out of both lists what is in both (identical variables); returns what was taken."""
    taken = []
    for v in list(first):
        for i, w in enumerate(second):
            if v is w:
                first.pop(next(j for j, u in enumerate(first) if u is v))
                second.pop(i)
                taken.append(v)
                break
    return taken


def negated(x: Any) -> Any:
    """-x, or what x is the negative of."""
    if row_of(x) == "neg":
        return x.owner.inputs[0]
    return elemwise(rows["neg"])(x)


def is_negative_of(a: Any, b: Any) -> bool:
    """True if the graph shows that a is -b."""
    if row_of(a) == "neg" and a.owner.inputs[0] is b:
        return True
    if row_of(b) == "neg" and b.owner.inputs[0] is a:
        return True
    if a.type.dtype != b.type.dtype:
        return False
    t, u = terms(a), terms(b)
    if len(t.plus) + len(t.minus) > 1 or t.constant:
        return t.constant == -u.constant and _same(t.plus, u.minus) and _same(t.minus, u.plus)
    v, w = product(a), product(b)
    return v.coefficient == -w.coefficient and _same(v.nums, w.nums) and _same(v.dens, w.dens)


def _same(first: Sequence[Any], second: Sequence[Any]) -> bool:
    """True for the same variables in any order."""
    return len(first) == len(second) and sorted(map(id, first)) == sorted(map(id, second))


# -- patterns ------------------------------------------------------------------------------------------------


class Wild(TensorOperators):
    """A formula over wildcards: ``Wild.named('x')``, or what an operator makes of other formulas.

    The same operators as on variables; each notes the name of the table row instead of building a node.
    """

    __slots__ = ("args", "name", "row")

    def __init__(self, row: str | None, args: tuple[Any, ...] = (), name: str | None = None):
        self.row, self.args, self.name = row, args, name

    def _build(self, name: str, *args: Any, **kwargs: Any) -> Wild:
        if kwargs:
            raise TypeError(f"a pattern is made of elementwise ops; {name} takes keywords")
        return Wild(name, args)

    def __repr__(self) -> str:
        return self.name or f"{self.row}({', '.join(map(repr, self.args))})"


def wild(names: str) -> list[Wild]:
    """Wildcards: ``x, y = wild('x y')``."""
    return [Wild(None, name=name) for name in names.split()]


def apply(name: str, *args: Any) -> Wild:
    """A formula made by the row of that name: ``apply('softplus', x)``."""
    return Wild(name, args)


def match(pattern: Any, v: Any, env: dict[str, Any]) -> bool:
    """True if ``v`` has the form of ``pattern``; wildcards are then bound in ``env``.

    Operands of add and mul are tried in every order; numbers match constants of any dtype, behind dimshuffles
    and fills; fills around a part that carries its own shape are looked through.
    """
    if not isinstance(pattern, Wild):
        number = number_of(v)
        return number is not None and bool(number == pattern)
    if pattern.row is None:
        known = env.get(pattern.name)
        if known is None:
            env[pattern.name] = v
            return True
        return known is v
    name = row_of(v)
    if name == "second" and pattern.row != "second":
        return match(pattern, v.owner.inputs[1], env)
    if name != pattern.row:
        return False
    ins = v.owner.inputs
    if len(ins) != len(pattern.args):
        return False
    if name in ("add", "mul") and len(ins) == 2:
        for order in (ins, ins[::-1]):
            trial = dict(env)
            if all(match(p, i, trial) for p, i in zip(pattern.args, order, strict=True)):
                env.update(trial)
                return True
        return False
    trial = dict(env)
    if all(match(p, i, trial) for p, i in zip(pattern.args, ins, strict=True)):
        env.update(trial)
        return True
    return False


def fill_in(pattern: Any, env: dict[str, Any], model: Any) -> Any:
    """The graph of a formula with its wildcards replaced; numbers take the dtype of ``model``."""
    if not isinstance(pattern, Wild):
        return like(pattern, model)
    if pattern.row is None:
        return env[pattern.name]
    return elemwise(rows[pattern.row])(*[fill_in(a, env, model) for a in pattern.args])


def wildcards(pattern: Any) -> list[str]:
    """The names of the wildcards of a formula, in order of first appearance."""
    if not isinstance(pattern, Wild):
        return []
    if pattern.row is None:
        return [pattern.name or ""]
    return list(dict.fromkeys(functools.reduce(operator.iadd, [wildcards(a) for a in pattern.args], [])))


__all__ = [
    "LIMIT",
    "Product",
    "Sum",
    "Wild",
    "apply",
    "cancel",
    "fill_in",
    "fill_like",
    "is_negative_of",
    "is_product",
    "match",
    "negated",
    "plus",
    "product",
    "shape_source",
    "spread_number",
    "terms",
    "times",
    "wide",
    "wild",
    "wildcards",
]
