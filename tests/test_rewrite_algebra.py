"""Sympy proves the formulas of the stable rules and the gradients of the table, and factors on demand."""

import subprocess
import sys

import numpy as np
import pytest
import sympy

import tgraph.tensor as T
from tgraph.explain import show
from tgraph.grad import grad
from tgraph.graph import toposort
from tgraph.lowering import python_engine
from tgraph.lowering.to_fx import lower
from tgraph.ops.elemwise import elemwise
from tgraph.ops.rows import rows
from tgraph.rewrite import rewrite
from tgraph.rewrite.algebra import _WRITTEN, cheapest, expression
from tgraph.rewrite.stable import FORMULAS
from tgraph.rewrite.views import fill_in, wildcards
from tgraph.types import TensorType
from tgraph.values import to_numpy, to_value

scalar = TensorType("float64", ())
vector = TensorType("float64", (False,))


def agree(left, right, symbols, points, digits=25):
    """The difference vanishes to so many digits at every point."""
    for point in points:
        at = dict(zip(symbols, map(sympy.Rational, point), strict=True))
        difference = sympy.N((left - right).subs(at), 40, maxn=400)
        size = abs(sympy.N(left.subs(at), 20)) + 1
        assert abs(difference) < size * sympy.Float(10) ** -digits, (left, right, point, difference)


@pytest.mark.parametrize(("name", "match", "become"), FORMULAS, ids=[f[0] for f in FORMULAS])
def test_formulas_are_identities(name, match, become):
    env = {n: scalar(n) for n in wildcards(match)}
    symbols = {v: sympy.Symbol(n, real=True) for n, v in env.items()}
    model = scalar("model")
    left = expression(fill_in(match, env, model), dict(symbols))
    right = expression(fill_in(become, env, model), dict(symbols))
    points = [(p,) * len(env) for p in ("-3/2", "1/7", "5/3")]
    agree(left, right, list(symbols.values()), points)


#: rows whose derivative sympy writes with functions that it does not evaluate, or that are not smooth
NOT_SMOOTH = {
    "erfcinv",
    "maximum",
    "minimum",
    "sgn",
    "ceil",
    "floor",
    "second",
    "switch",
    "gt",
    "ge",
    "lt",
    "le",
    "eq",
    "neq",
}
NAMES = [
    n
    for n, row in rows.items()
    if (row.sympy or n in _WRITTEN)
    and n not in NOT_SMOOTH
    and row.gradient is not None
    and row.nin in (1, 2, -1)
]


@pytest.mark.parametrize("name", NAMES)
def test_gradients_of_the_table(name):
    row = rows[name]
    xs = [scalar(f"x{i}") for i in range(row.nin if row.nin > 0 else 3)]
    symbols = {x: sympy.Symbol(x.name, real=True) for x in xs}
    value = elemwise(row)(*xs)
    e = expression(value, dict(symbols))
    low, high = row.domain
    points = [
        [sympy.Rational(low) + sympy.Rational(high - low) * f / 11 for f in (3 + i, 5 + i, 7)][: len(xs)]
        for i in range(2)
    ]
    seen = dict(symbols)
    for x, g in zip(xs, grad(value, xs, disconnected_inputs="ignore"), strict=True):
        written = expression(g, seen)
        if len(seen) > len(symbols):
            pytest.fail(f"the gradient of {name} holds an op that is not written for sympy: {show(g)}")
        # constants such as log(2) are float64 in the table
        agree(sympy.diff(e, symbols[x]), written, list(symbols.values()), points, digits=15)


def value_of(output, given, values):
    return to_numpy(python_engine.build(lower(given, [output]))(*[to_value(v) for v in values])[0])


x, y, z = vector("x"), vector("y"), vector("z")
POLYNOMIALS = {
    "common_factor": (x * y + x * z + 2 * x, 3),
    "horner": (1 + x + x * x + x * x * x + x * x * x * x, 8),
    "square": (x * x + 2 * x * y + y * y, 2),
    "atoms": (T.exp(x) * y + T.exp(x) * z + T.exp(x) * x, 4),
}


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials_get_cheaper_and_keep_their_values(name):
    before, most = POLYNOMIALS[name]
    (after,) = rewrite([before], "sympy")
    (plain,) = rewrite([before])
    assert len(toposort([after])) <= most
    values = list(np.random.default_rng(3).uniform(-1, 1, (3, 5)))
    np.testing.assert_allclose(
        value_of(after, [x, y, z], values), value_of(plain, [x, y, z], values), rtol=1e-12
    )


@pytest.mark.parametrize(
    "kept", [T.exp(T.log(x)), T.log(T.exp(x)), T.sqr(T.sqrt(x)), T.sqrt(T.sqr(x)), T.sqr(x) / x]
)
def test_what_legacy_code_does_not_cancel_is_kept(kept):
    group = kept * y + kept * z + kept + y * z
    (after,) = rewrite([group], "sympy")
    atoms = {str(node.op) for node in toposort([kept])}
    assert atoms <= {str(node.op) for node in toposort([after])}


def test_cheapest_is_remembered():
    a, b, c = sympy.symbols("a b c", real=True)
    assert cheapest(a * b + a * c) == a * (b + c)
    assert cheapest(a * b + a * c) is cheapest(a * b + a * c)


def test_sympy_is_not_imported_otherwise():
    code = (
        "import sys, tgraph.tensor as T\n"
        "from tgraph.types import TensorType\n"
        "from tgraph.rewrite import rewrite\n"
        "x = TensorType('float64', (False, False))('x')\n"
        "y = T.log(1 + T.exp(T.dot(x, x) + x * 2))\n"
        "rewrite([y, T.grad(y.sum(), x)]); assert 'sympy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
