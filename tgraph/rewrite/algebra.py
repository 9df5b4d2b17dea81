"""Sympy as the algebra: groups of elementwise ops become expressions, are factored, and come back where that
is cheaper.

Only the ring is used: sums, products, squares and integer powers of atoms, and everything else (exp, log,
sqrt, quotients, indexing ...) is an atom. So none of the identities that legacy code does not have
(exp(log(x)) = x, sqrt(x) ** 2 = x ...) can come in. Factoring still moves overflow and rounding (x * y + x *
z against x * (y + z)), and sympy takes a second to import: the pass runs under ``optimizer='sympy'`` alone.
Measured: the rules of ``canonical`` leave nothing for it in an MLP or an LSTM; it pays for polynomials
written out by hand.

``expression`` knows all rows that have a ``sympy`` name; the tests prove the formulas of ``stable`` and the
gradients of the table with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tgraph.graph import Constant, Variable, toposort
from tgraph.ops.elemwise import DimShuffle, Elemwise, elemwise, scalar_constant
from tgraph.ops.rows import rows
from tgraph.optional import sympy as _sympy
from tgraph.rewrite.engine import like, row_of
from tgraph.rewrite.views import fill_like, plus, times
from tgraph.types import float_dtypes

_RING = frozenset(("add", "mul", "sub", "neg", "sqr"))
#: groups of fewer ops have nothing to gain, groups of more cost too much to factor
LEAST, MOST, SYMBOLS = 4, 60, 8

#: rows without a name in sympy: how they are written there
_WRITTEN: dict[str, Callable[..., Any]] = {
    "sub": lambda s, x, y: x - y,
    "true_div": lambda s, x, y: x / y,
    "neg": lambda s, x: -x,
    "inv": lambda s, x: 1 / x,
    "sqr": lambda s, x: x**2,
    "log1p": lambda s, x: s.log(1 + x),
    "expm1": lambda s, x: s.exp(x) - 1,
    "exp2": lambda s, x: 2**x,
    "log2": lambda s, x: s.log(x) / s.log(2),
    "log10": lambda s, x: s.log(x) / s.log(10),
    "deg2rad": lambda s, x: x * s.pi / 180,
    "rad2deg": lambda s, x: x * 180 / s.pi,
    "sigmoid": lambda s, x: 1 / (1 + s.exp(-x)),
    "tri_gamma": lambda s, x: s.polygamma(1, x),
    "softplus": lambda s, x: s.log(1 + s.exp(x)),
    "identity": lambda s, x: x,
    "second": lambda s, x, y: y,
    "switch": lambda s, c, x, y: s.Piecewise((x, c), (y, True)),
    "gt": lambda s, x, y: x > y,
    "ge": lambda s, x, y: x >= y,
    "lt": lambda s, x, y: x < y,
    "le": lambda s, x, y: x <= y,
    "eq": lambda s, x, y: s.Eq(x, y),
    "neq": lambda s, x, y: s.Ne(x, y),
}


def expression(output: Any, symbols: dict[Any, Any], ring: bool = False) -> Any:
    """A variable as a sympy expression. ``symbols`` maps variables to symbols and gains one for every atom.

    With ``ring`` only sums, products, negation and squares are looked into. Numbers are exact rationals.
    """
    s = _sympy()
    known: dict[Any, Any] = dict(symbols)
    stack = [output]
    while stack:
        v = stack[-1]
        if v in known:
            stack.pop()
            continue
        number = scalar_constant(v)
        if number is not None and number.dtype.kind in "iuf":
            value = number.item()
            known[v] = (
                s.Integer(value)
                if isinstance(value, int)
                else s.Rational(value)
                if value == value and abs(value) != float("inf")
                else s.Float(value)
            )
            continue
        name = row_of(v)
        write = None if name is None or (ring and name not in _RING) else _writer(s, name)
        if not ring and v.owner is not None and type(v.owner.op) is DimShuffle:
            write, name = _WRITTEN["identity"], "identity"
        elif name is not None and name.startswith("convert_to_float") and not ring:
            write = _WRITTEN["identity"]
        if write is None:
            known[v] = symbols[v] = s.Symbol(f"a{len(symbols)}", real=True)
            continue
        missing = [i for i in v.owner.inputs if i not in known]
        if missing:
            stack.extend(missing)
            continue
        known[v] = write(s, *[known[i] for i in v.owner.inputs])
    return known[output]


def _writer(s: Any, name: str) -> Callable[..., Any] | None:
    written = _WRITTEN.get(name)
    if written is not None:
        return written
    theirs = rows[name].sympy
    return (lambda s, *xs: getattr(s, theirs)(*xs)) if theirs else None


_best: dict[Any, Any] = {}


def cheapest(e: Any) -> Any:
    """The polynomial in the form with the fewest operations that factoring, collecting and Horner's scheme
    find."""
    known = _best.get(e)
    if known is not None:
        return known
    s = _sympy()
    found = [e, s.factor(e), s.factor_terms(e)]
    symbols = sorted(e.free_symbols, key=lambda a: (-e.count(a), a.name))
    found += [s.collect(s.expand(e), a) for a in symbols[:2]]
    if symbols:
        found.append(s.horner(e, *symbols[:1]))
    best = min(found, key=_cost)
    if len(_best) > 512:
        _best.clear()
    _best[e] = best
    return best


def _cost(e: Any) -> int:
    """How many elementwise operations an expression takes; powers by repeated squaring."""
    s = _sympy()
    total = 0
    for part in s.preorder_traversal(e):
        if part.is_Add or part.is_Mul:
            total += len(part.args) - 1
        elif part.is_Pow:
            total += int(part.exp).bit_length() + int(part.exp).bit_count() - 2 if part.exp.is_Integer else 99
    return total


def build(e: Any, back: dict[Any, Any], model: Any) -> Any:
    """A polynomial as a graph; ``back`` maps symbols to variables."""
    done: dict[Any, Any] = {}
    s = _sympy()
    for part in s.postorder_traversal(e):
        if part in done:
            continue
        if part.is_Symbol:
            done[part] = back[part]
        elif part.is_number:
            done[part] = like(float(part), model)
        elif part.is_Add:
            done[part] = plus([done[a] for a in part.args])
        elif part.is_Mul:
            ordered = [a for a in part.args if a != -1]
            z = times([done[a] for a in ordered])
            done[part] = elemwise(rows["neg"])(z) if len(ordered) < len(part.args) else z
        else:
            done[part] = _power(done[part.base], int(part.exp))
    return fill_like(done[e], model)


def _power(x: Any, n: int) -> Any:
    result = None
    while n:
        if n & 1:
            result = x if result is None else times([result, x])
        n >>= 1
        if n:
            x = elemwise(rows["sqr"])(x)
    return result


def simplify(outputs: Sequence[Any]) -> list[Any]:
    """The outputs with every polynomial of ``LEAST`` to ``MOST`` ops in its cheapest form."""
    order = toposort(outputs)
    users: dict[Variable, list[Any]] = {}
    for node in order:
        for v in node.inputs:
            users.setdefault(v, []).append(node)
    for o in outputs:
        users.setdefault(o, []).append(None)
    memo: dict[Variable, Variable] = {}
    inner: dict[Any, int] = {}
    for node in order:
        out = node.outputs[0]
        group = 0
        if _in_ring(node):
            group = 1 + sum(inner.get(v, 0) for v in dict.fromkeys(node.inputs))
        used = users.get(out, [])
        absorbed = group and all(
            u is not None and _in_ring(u) and u.outputs[0].type == out.type for u in used
        )
        inner[out] = group if absorbed and len(used) == 1 else 0
        mapped = [memo.get(v, v) for v in node.inputs]
        twin = (
            node
            if all(a is b for a, b in zip(mapped, node.inputs, strict=True))
            else node.clone_with_new_inputs(mapped)
        )
        memo.update(zip(node.outputs, twin.outputs, strict=True))
        if LEAST <= group <= MOST and not inner[out]:
            memo[out] = _simplified(twin.outputs[0])
    return [memo.get(o, o) for o in outputs]


def _in_ring(node: Any) -> bool:
    out = node.outputs[0]
    return (
        type(node.op) is Elemwise
        and row_of(out) in _RING
        and out.type.dtype in float_dtypes
        and all(i.type.dtype == out.type.dtype or isinstance(i, Constant) for i in node.inputs)
    )


def _simplified(out: Any) -> Any:
    symbols: dict[Any, Any] = {}
    e = expression(out, symbols, ring=True)
    if len(symbols) > SYMBOLS or any(v.type.dtype != out.type.dtype for v in symbols):
        return out
    best = cheapest(e)
    if _cost(best) >= _written_cost(out, symbols):
        return out
    z = build(best, {a: v for v, a in symbols.items()}, out)
    return z if z.type == out.type else out


def _written_cost(out: Any, atoms: dict[Any, Any]) -> int:
    total = 0
    for node in toposort([out], list(atoms)):
        name = row_of(node.outputs[0])
        total += len(node.inputs) - 1 if name in ("add", "mul", "sub") else 1 if name == "sqr" else 0
    return total


__all__ = ["build", "cheapest", "expression", "simplify"]
