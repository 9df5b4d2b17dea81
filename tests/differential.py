"""Random trials for tests/test_differential.py: an expression, the same in numpy, and awkward arguments for it.

A trial draws an op, dtypes, shapes (also without elements, and 0-d), the layout of the arguments in memory, and
values with NaN, infinities and signed zeros among them. What numpy gives is written down here, op by op, and not
taken from the ops' own numpy forms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special
from hypothesis import strategies as st

import tgraph.tensor as T
from tgraph.types import TensorType

FLOATS = ("float16", "float32", "float64")
SIGNED = ("int8", "int16", "int32", "int64")
WHOLE = (*SIGNED, "uint8", "uint16", "uint32")
REAL = (*FLOATS, *WHOLE)
COMPLEX = ("complex64", "complex128")


@dataclass
class Trial:
    """``build(*variables)`` against ``numpy(*values)``; trials of equal ``key`` and types share what is compiled."""

    key: tuple
    values: list[np.ndarray]
    build: Callable[..., Any]
    numpy: Callable[..., Any]
    #: relative to the largest number that takes part in an element of the result
    tolerance: float | None = None
    #: what numpy declares as broadcastable
    patterns: Sequence[tuple[bool, ...] | None] = ()
    #: there is a class of errors that numpy may raise
    raises: tuple[type[Exception], ...] = ()

    def variables(self):
        patterns = [*self.patterns, *[None] * (len(self.values) - len(self.patterns))]
        return [TensorType(v.dtype.name, (False,) * v.ndim if p is None else p)(f"x{i}")
                for i, (v, p) in enumerate(zip(self.values, patterns, strict=True))]


# -- arguments -----------------------------------------------------------------------------------------------

_AWKWARD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, 1e-8]


def shapes(min_dims=0, max_dims=3, sizes=(0, 1, 2, 3, 5)):
    return st.lists(st.sampled_from(sizes), min_size=min_dims, max_size=max_dims).map(tuple)


def laid_out(draw, array):
    """The same numbers, in memory in one of six ways."""
    way = draw(st.sampled_from(["plain", "plain", "turned", "strided", "backwards", "offset", "fixed"]))
    if way == "turned":
        return array.T.copy().T
    if way == "strided":
        wide = np.zeros([2 * n + 1 for n in array.shape], array.dtype)
        every_other = (..., *(slice(0, 2 * n, 2) for n in array.shape))
        wide[every_other] = array
        return wide[every_other]
    if way == "backwards":
        back = (..., *(slice(None, None, -1) for _ in array.shape))
        return array[back].copy()[back]
    if way == "offset":
        return np.append(np.zeros(1, array.dtype), array.ravel())[1:].reshape(array.shape)
    if way == "fixed":
        array.flags.writeable = False
    return array


def array(draw, dtype, shape, low=-4.0, high=4.0, awkward=True):
    """Numbers between ``low`` and ``high``, awkward ones among those of a float."""
    state = np.random.RandomState(draw(st.integers(0, 2**31)))
    if dtype == "bool":
        return laid_out(draw, np.asarray(state.uniform(size=shape) < 0.5))
    if dtype.startswith("complex"):
        values = state.uniform(low, high, shape) + 1j * state.uniform(low, high, shape)
    elif dtype.startswith("float"):
        values = np.asarray(state.uniform(low, high, shape))
        if awkward and draw(st.booleans()):
            values = np.where(state.uniform(size=shape) < 0.3, state.choice(_AWKWARD, shape), values)
    else:
        floor = max(low, 0) if dtype.startswith("u") else low
        values = state.randint(int(np.ceil(floor)), int(high) + 1, shape)
    return laid_out(draw, np.asarray(values).astype(dtype))


def broadcast(draw, count):
    """(shapes that go together, what is declared broadcastable in each)."""
    full = draw(shapes())
    made, patterns = [], []
    for _ in range(count):
        kept = len(full) if draw(st.booleans()) else draw(st.integers(0, len(full)))
        ones = [draw(st.integers(0, 3)) == 0 for _ in range(kept)]
        tail = full[len(full) - kept:]
        made.append(tuple(1 if one else n for one, n in zip(ones, tail, strict=True)))
        patterns.append(tuple(ones))
    return made, patterns


# -- elementwise ---------------------------------------------------------------------------------------------


def _as_float(f):
    """A function of floats, computed with float64 and given as the float that an integer becomes."""
    def wide(*xs):
        dtype = np.result_type(*[_float_of(x.dtype) for x in xs])
        with np.errstate(all="ignore"):
            return f(*[x.astype("float64") for x in xs]).astype(dtype)
    return wide


def _float_of(dtype):
    if dtype.kind in "fc":
        return dtype
    return np.dtype("float32") if dtype.itemsize <= 2 else np.dtype("float64")


def _common(f):
    def cast(*xs):
        dtype = np.result_type(*xs)
        with np.errstate(all="ignore"):
            return np.asarray(f(*[x.astype(dtype) for x in xs])).astype(dtype)
    return cast


def _away(x):
    return np.trunc(x + np.copysign(0.5, x))


_FLOATING = {
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2, "log10": np.log10,
    "log1p": np.log1p, "sqrt": np.sqrt, "deg2rad": np.deg2rad, "rad2deg": np.rad2deg, "cos": np.cos,
    "sin": np.sin, "tan": np.tan, "arccos": np.arccos, "arcsin": np.arcsin, "arctan": np.arctan,
    "cosh": np.cosh, "sinh": np.sinh, "tanh": np.tanh, "arccosh": np.arccosh, "arcsinh": np.arcsinh,
    "arctanh": np.arctanh, "erf": scipy.special.erf, "erfc": scipy.special.erfc,
    "gammaln": lambda x: np.where(x == -np.inf, np.inf, scipy.special.gammaln(x)),  # as C has it
}
_SAME = {"neg": np.negative, "abs_": np.abs, "sqr": np.square}
_ROUNDED = {"ceil": np.ceil, "floor": np.floor, "trunc": np.trunc, "round_half_to_even": np.rint,
            "round_half_away_from_zero": _away}
_PAIRED = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "maximum": np.maximum, "minimum": np.minimum}
_COMPARED = {"lt": np.less, "gt": np.greater, "le": np.less_equal, "ge": np.greater_equal, "eq": np.equal,
             "neq": np.not_equal}
_BITS = {"and_": np.bitwise_and, "or_": np.bitwise_or, "xor": np.bitwise_xor}


def elementwise(draw):
    """One row of the elementwise table."""
    kind = draw(st.sampled_from(["floating", "floating", "same", "rounded", "paired", "paired", "compared", "bits",
                                 "divided", "power", "switch", "clip", "cast", "isnan"]))
    if kind == "floating":
        name = draw(st.sampled_from(sorted(_FLOATING)))
        return _elementwise(draw, name, [draw(st.sampled_from(REAL))], _as_float(_FLOATING[name]))
    if kind == "same":
        name = draw(st.sampled_from(sorted(_SAME)))
        return _elementwise(draw, name, [draw(st.sampled_from(REAL))], _SAME[name])
    if kind == "rounded":
        name = draw(st.sampled_from(sorted(_ROUNDED)))
        return _elementwise(draw, name, [draw(st.sampled_from(FLOATS))], _ROUNDED[name])
    if kind == "paired":
        name = draw(st.sampled_from(sorted(_PAIRED)))
        return _elementwise(draw, name, _two(draw, REAL), _common(_PAIRED[name]))
    if kind == "compared":
        name = draw(st.sampled_from(sorted(_COMPARED)))
        return _elementwise(draw, name, _two(draw, REAL), _COMPARED[name])
    if kind == "bits":
        name = draw(st.sampled_from(sorted(_BITS)))
        dtypes = _two(draw, WHOLE) if draw(st.booleans()) else ["bool", "bool"]
        return _elementwise(draw, name, dtypes, _common(_BITS[name]))
    if kind == "divided":
        name = draw(st.sampled_from(["true_div", "int_div", "mod"]))
        twin = {"true_div": np.true_divide, "int_div": np.floor_divide, "mod": np.mod}[name]
        dtypes = [draw(st.sampled_from(FLOATS))] * 2 if name == "true_div" else _two(draw, REAL)
        return _elementwise(draw, name, dtypes, _common(twin), awkward=name == "true_div", low=(-4.0, 1.0))
    if kind == "power":
        return _elementwise(draw, "pow", _two(draw, FLOATS), _common(np.power), awkward=False)
    if kind == "switch":
        dtypes = ["bool", *_two(draw, REAL)]
        return _elementwise(draw, "switch", dtypes, lambda c, a, b: np.where(c, a, b))
    if kind == "clip":
        dtype = draw(st.sampled_from(REAL))
        return _elementwise(draw, "clip", [dtype] * 3, lambda x, a, b: np.where(x < a, a, np.where(x > b, b, x)))
    if kind == "cast":
        dtype, to = draw(st.sampled_from(REAL)), draw(st.sampled_from((*REAL, "bool")))
        if dtype in FLOATS and to not in FLOATS:
            low = 0.0 if to.startswith("u") else -4.0
            return _elementwise(draw, "cast", [dtype], lambda x: x.astype(to), awkward=False, low=(low,), args=(to,))
        return _elementwise(draw, "cast", [dtype], lambda x: x.astype(to), args=(to,))
    name = draw(st.sampled_from(["isnan", "isinf"]))
    return _elementwise(draw, name, [draw(st.sampled_from(REAL))], getattr(np, name))


def _two(draw, dtypes):
    first = draw(st.sampled_from(dtypes))
    return [first, first if draw(st.booleans()) else draw(st.sampled_from(dtypes))]


def _elementwise(draw, name, dtypes, numpy, low=(), args=(), awkward=True):
    dims, patterns = broadcast(draw, len(dtypes))
    low = (*low, *[-4.0] * len(dims))
    values = [array(draw, d, s, lo, awkward=awkward) for d, s, lo in zip(dtypes, dims, low, strict=False)]
    op = getattr(T, name)
    return Trial(("elementwise", name, args), values, lambda *xs: op(*xs, *args), numpy, patterns=patterns)


# -- structure -----------------------------------------------------------------------------------------------


def _axes(draw, ndim):
    """None, one axis, or several, negative ones among them."""
    if ndim == 0 or draw(st.integers(0, 3)) == 0:
        return None
    chosen = draw(st.lists(st.integers(0, ndim - 1), min_size=1, max_size=ndim, unique=True))
    chosen = tuple(a - ndim if draw(st.booleans()) else a for a in chosen)
    return chosen[0] if len(chosen) == 1 else chosen


def _accumulated(x, kind):
    """The dtype of a sum: of integers the widest of their kind."""
    return {"i": "int64", "u": "uint64", "b": "int64"}.get(x.dtype.kind, x.dtype.name)


def reduction(draw):
    """A reduction over any axes."""
    name = draw(st.sampled_from(["sum", "prod", "mean", "max", "min", "all", "any", "argmax", "argmin", "var", "std"]))
    dtype = draw(st.sampled_from(REAL if name not in ("mean", "var", "std") else FLOATS[1:]))
    shape = draw(shapes(min_dims=1 if "arg" in name else 0))
    axis, keep = _axes(draw, len(shape)), draw(st.booleans())
    if "arg" in name and isinstance(axis, tuple):
        axis = axis[0]
    x = array(draw, dtype, shape, awkward=name not in ("all", "any"))

    def numpy(x):
        wide = x.astype("float64") if x.dtype.kind == "f" else x
        with np.errstate(all="ignore"):
            if name in ("sum", "prod"):
                return getattr(wide, name)(axis=axis, keepdims=keep, dtype=_accumulated(wide, name)).astype(
                    _accumulated(x, name))
            if name in ("all", "any"):
                return getattr(x.astype(bool), name)(axis=axis, keepdims=keep)
            if name in ("argmax", "argmin"):
                return getattr(x, name)(axis=axis, keepdims=keep)
            if name in ("max", "min"):
                return getattr(x, name)(axis=axis, keepdims=keep)
            return getattr(wide, name)(axis=axis, keepdims=keep).astype(x.dtype)

    return Trial(("reduction", name, axis, keep), [x], lambda v: getattr(T, name)(v, axis=axis, keepdims=keep), numpy,
                 tolerance=1e-5 if dtype != "float64" else 1e-10, raises=(ValueError,))


def turning(draw):
    """Reshape, dimshuffle, flatten, transposition, padding, tile, repeat, roll, squeeze."""
    dtype = draw(st.sampled_from((*REAL, "bool", *COMPLEX)))
    what = draw(st.sampled_from(["dimshuffle", "flatten", "reshape", "swapaxes", "tile", "repeat", "roll", "diagonal",
                                 "tril", "triu"]))
    if what in ("tril", "triu"):
        shape, k = draw(shapes(2, 2)), draw(st.integers(-2, 2))
        dtype = draw(st.sampled_from(FLOATS[1:]))
        return Trial((what, k), [array(draw, dtype, shape, awkward=False)], lambda x: getattr(T, what)(x, k),
                     lambda x: getattr(np, what)(x, k))
    if what == "diagonal":
        shape, k = draw(shapes(2, 2, (1, 2, 3, 5))), draw(st.integers(0, 0))
        return Trial((what, k), [array(draw, dtype, shape)], lambda x: T.diagonal(x, k), lambda x: np.diagonal(x, k))
    shape = draw(shapes(1, 3))
    x = array(draw, dtype, shape)
    if what == "dimshuffle":
        order = draw(st.permutations(range(len(shape))))
        at = draw(st.lists(st.integers(0, len(shape)), max_size=2))
        pattern = list(order)
        for i in sorted(at, reverse=True):
            pattern.insert(i, "x")
        def numpy(x):
            x = x.transpose(order)
            return x[tuple(None if p == "x" else slice(None) for p in pattern)]
        return Trial((what, *pattern), [x], lambda x: x.dimshuffle(pattern), numpy)
    if what == "flatten":
        ndim = draw(st.integers(1, len(shape)))
        return Trial((what, ndim), [x], lambda x: T.flatten(x, ndim),
                     lambda x: x.reshape((*x.shape[:ndim - 1], -1)), raises=(ValueError,))
    if what == "reshape":
        new = draw(st.permutations([*shape, *[1] * draw(st.integers(0, 1))]))
        if x.size and draw(st.booleans()):
            new = [-1, *new[1:]]
        return Trial((what, *new), [x], lambda x: x.reshape(new), lambda x: x.reshape(new))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    if what == "swapaxes":
        other = draw(st.integers(-len(shape), len(shape) - 1))
        return Trial((what, axis, other), [x], lambda x: T.swapaxes(x, axis, other), lambda x: x.swapaxes(axis, other))
    if what == "tile":
        reps = draw(st.lists(st.integers(1, 3), min_size=len(shape), max_size=len(shape)).map(tuple))
        return Trial((what, reps), [x], lambda x: T.tile(x, reps), lambda x: np.tile(x, reps))
    if what == "repeat":
        n = draw(st.integers(0, 3))
        return Trial((what, n, axis), [x], lambda x: T.repeat(x, n, axis=axis % len(shape)),
                     lambda x: np.repeat(x, n, axis))
    shift = draw(st.integers(-4, 4))
    # an empty axis has no place to roll to: Theano divides by its size there
    return Trial((what, shift, axis), [array(draw, dtype, tuple(n or 2 for n in shape))],
                 lambda x: T.roll(x, shift, axis % len(shape)), lambda x: np.roll(x, shift, axis))


def joining(draw):
    """concatenate, stack, split."""
    what = draw(st.sampled_from(["concatenate", "stack", "split"]))
    shape = draw(shapes(1, 3))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    count = draw(st.integers(1, 3))
    if what == "split":
        count = max(count, 2)  # a list of one size is broadcastable, which Theano refuses
        sizes = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
        shape = list(shape)
        shape[axis] = sum(sizes)
        x = array(draw, draw(st.sampled_from(REAL)), tuple(shape))
        return Trial((what, *sizes, axis), [x], lambda x: T.split(x, sizes, len(sizes), axis=axis % len(shape)),
                     lambda x: np.split(x, np.cumsum(sizes)[:-1], axis))
    dtypes = [draw(st.sampled_from(FLOATS[1:]))] * count if draw(st.booleans()) else [
        draw(st.sampled_from(REAL)) for _ in range(count)]
    if what == "stack":
        xs = [array(draw, d, shape) for d in dtypes]
        return Trial((what, axis, count), xs, lambda *xs: T.stack(list(xs), axis=axis % len(shape)),
                     lambda *xs: np.stack(xs, axis % len(shape)))
    xs = []
    for d in dtypes:
        own = list(shape)
        own[axis] = draw(st.integers(0, 3))
        xs.append(array(draw, d, tuple(own)))
    return Trial((what, axis, count), xs, lambda *xs: T.concatenate(list(xs), axis=axis),
                 lambda *xs: np.concatenate(xs, axis))


def _slice(draw, n):
    ends = st.none() | st.integers(-n - 2, n + 2)
    return slice(draw(ends), draw(ends), draw(st.sampled_from([None, 1, 2, -1, -2, 3])))


def _index(draw, shape):
    """A key of whole numbers, slices, None and ... for an array of this shape; a number may lie outside."""
    key = []
    for n in shape[:draw(st.integers(0, len(shape)))]:
        if draw(st.integers(0, 2)) == 0:
            inside = n and draw(st.integers(0, 9))
            key.append(draw(st.integers(-n, n - 1)) if inside else draw(st.sampled_from([-9, 9])))
        else:
            key.append(_slice(draw, n))
    if draw(st.integers(0, 4)) == 0:
        key.insert(draw(st.integers(0, len(key))), None)
    if len(key) < len(shape) and draw(st.integers(0, 4)) == 0:
        key.append(Ellipsis)
    return tuple(key)


def indexing(draw):
    """x[key], with numbers fixed or as arguments, rows, masks, several arrays."""
    dtype = draw(st.sampled_from((*REAL, "bool", *COMPLEX)))
    shape = draw(shapes(1, 3))
    x = array(draw, dtype, shape)
    what = draw(st.sampled_from(["basic", "basic", "arguments", "rows", "points", "mask", "take"]))
    if what == "basic":
        key = _index(draw, shape)
        return Trial((what, repr(key)), [x], lambda x: x[key], lambda x: np.array(x[key]), raises=(IndexError,))
    if what == "arguments":
        n = shape[0]
        start, stop = draw(st.integers(-n - 2, n + 2)), draw(st.integers(-n - 2, n + 2))
        step = draw(st.sampled_from([1, 2, -1, -3]))
        return Trial((what, step), [x, np.array(start), np.array(stop)], lambda x, a, b: x[a:b:step],
                     lambda x, a, b: x[int(a):int(b):step])
    if what == "mask":
        mask = array(draw, "bool", shape[:draw(st.integers(1, len(shape)))])
        return Trial((what,), [x, mask], lambda x, m: x[m.nonzero()], lambda x, m: x[m])
    many = draw(st.integers(0, 4))
    ends = [(-n, n - 1) if n and draw(st.integers(0, 9)) else (-n - 1, n) for n in shape]
    arrays = [np.array([draw(st.integers(*e)) for _ in range(many)], draw(st.sampled_from(["int64", "int32"])))
              for e in ends]
    if what == "points":
        return Trial((what, len(shape)), [x, *arrays], lambda x, *i: x[i], lambda x, *i: x[i], raises=(IndexError,))
    if what == "take":
        axis = draw(st.integers(0, len(shape) - 1))
        return Trial((what, axis), [x, arrays[axis]], lambda x, i: T.take(x, i, axis=axis),
                     lambda x, i: x.swapaxes(0, axis)[i].swapaxes(0, axis), raises=(IndexError,))
    return Trial((what,), [x, arrays[0]], lambda x, i: x[i], lambda x, i: x[i], raises=(IndexError,))


def writing(draw):
    """set_subtensor and inc_subtensor."""
    dtype = draw(st.sampled_from((*FLOATS[1:], "int64", "int32")))
    shape = draw(shapes(1, 3))
    x = array(draw, dtype, shape, awkward=False)
    add = draw(st.booleans())
    write = T.inc_subtensor if add else T.set_subtensor

    def written(x, key, y):
        x = x.copy()
        if add:
            np.add.at(x, key, y)
        else:
            x[key] = y
        return x

    if draw(st.booleans()):
        key = tuple(k for k in _index(draw, shape) if k is not None)
        try:
            part = x[key].shape
        except IndexError:
            part = ()
        y = array(draw, dtype, part if draw(st.booleans()) else (), awkward=False)
        return Trial(("write", add, repr(key)), [x, y], lambda x, y: write(x[key], y),
                     lambda x, y: written(x, key, y), raises=(IndexError,))
    n = shape[0]
    # rows that are set twice would depend on the order of writing
    numbers = st.integers(-n, n - 1) if add else st.integers(0, n - 1)
    rows = np.array(draw(st.lists(numbers, max_size=4, unique=not add)) if n else [], "int64")
    y = array(draw, dtype, (len(rows), *shape[1:]), awkward=False)
    return Trial(("write rows", add), [x, y, rows], lambda x, y, i: write(x[i], y),
                 lambda x, y, i: written(x, i, y))


def ordering(draw):
    """sort, argsort, cumulated sums and products, argmax along with max."""
    what = draw(st.sampled_from(["sort", "argsort", "cumsum", "cumprod"]))
    dtype = draw(st.sampled_from((*FLOATS[1:], "int64", "int32", "int8")))
    shape = draw(shapes(1, 3))
    axis = draw(st.integers(-len(shape), len(shape) - 1) | st.none())
    x = array(draw, dtype, shape, awkward=what == "sort")
    if what == "argsort":  # no ties: their order is nobody's promise
        x = np.random.RandomState(x.size).permutation(x.size).reshape(shape).astype(dtype)
    if what in ("cumsum", "cumprod"):
        return Trial((what, axis), [x], lambda x: getattr(T, what)(x, axis=axis),
                     lambda x: getattr(x, what)(axis, dtype=x.dtype), tolerance=1e-5 if dtype == "float32" else 1e-10)
    return Trial((what, axis), [x], lambda x: getattr(T, what)(x, axis=axis),
                 lambda x: getattr(np, what)(x, axis=axis))


def product(draw):
    """dot, tensordot, batched_dot, outer."""
    what = draw(st.sampled_from(["dot", "dot", "dot", "batched_dot", "outer", "tensordot"]))
    dtype = draw(st.sampled_from((*FLOATS[1:], *COMPLEX, "int64", "int32")))
    other = dtype if draw(st.integers(0, 3)) else draw(st.sampled_from(FLOATS[1:]))
    sizes = [draw(st.sampled_from([0, 1, 2, 3, 5])) for _ in range(4)]
    m, k, n, b = sizes
    close = 1e-5 if "float32" in (dtype, other) or dtype == "complex64" else 1e-10
    if what == "dot":
        left, right = draw(st.sampled_from([((k,), (k,)), ((m, k), (k,)), ((k,), (k, n)), ((m, k), (k, n)),
                                            ((b, m, k), (k, n)), ((m, k), (b, k, n))]))
        twin = np.dot
    elif what == "batched_dot":
        left, right, twin = (b, m, k), (b, k, n), np.matmul
    elif what == "outer":
        left, right, twin = (m,), (n,), np.outer
    else:
        left, right, twin = (b, m, k), (k, n), lambda x, y: np.tensordot(x, y, 1)
    x, y = array(draw, dtype, left, awkward=False), array(draw, other, right, awkward=False)
    extra = (1,) if what == "tensordot" else ()
    return Trial((what,), [x, y], lambda x, y: getattr(T, what)(x, y, *extra), twin, tolerance=close)


def network(draw):
    """softmax and its kin, the losses."""
    what = draw(st.sampled_from(["softmax", "logsoftmax", "sigmoid", "softplus", "relu", "binary", "categorical"]))
    dtype = draw(st.sampled_from(FLOATS[1:]))
    shape = draw(shapes(2, 2, (1, 2, 3, 5)))
    close = 1e-5 if dtype == "float32" else 1e-7  # Theano's own cut-offs in softplus are of 1e-7
    if what == "categorical":
        p = array(draw, dtype, shape, 0.1, 1.0, awkward=False)
        y = np.array([draw(st.integers(0, shape[1] - 1)) for _ in range(shape[0])], "int32")
        return Trial((what,), [p, y], T.nnet.categorical_crossentropy,
                     lambda p, y: -np.log(p[np.arange(len(y)), y]), tolerance=close)
    if what == "binary":
        p, t = array(draw, dtype, shape, 0.1, 0.9, awkward=False), array(draw, dtype, shape, 0.0, 1.0, awkward=False)
        return Trial((what,), [p, t], T.nnet.binary_crossentropy,
                     lambda p, t: -(t * np.log(p) + (1 - t) * np.log1p(-p)), tolerance=close)
    x = array(draw, dtype, shape, -30.0, 30.0, awkward=False)
    build, twin = {
        "softmax": (T.nnet.softmax, lambda x: scipy.special.softmax(x, 1)),
        "logsoftmax": (T.nnet.logsoftmax, lambda x: scipy.special.log_softmax(x, 1)),
        "sigmoid": (T.nnet.sigmoid, scipy.special.expit),
        "softplus": (T.nnet.softplus, lambda x: np.logaddexp(0, x).astype(x.dtype)),
        "relu": (T.nnet.relu, lambda x: np.maximum(x, 0)),
    }[what]
    return Trial((what,), [x], build, twin, tolerance=close)


# -- expressions ---------------------------------------------------------------------------------------------

#: name -> (of variables, of arrays): bounded, so that no rounding is blown up
_STEPS_1 = {
    "tanh": (T.tanh, np.tanh), "sigmoid": (T.nnet.sigmoid, scipy.special.expit), "neg": (lambda x: -x, np.negative),
    "sqr": (lambda x: T.tanh(x) ** 2, lambda x: np.tanh(x) ** 2), "half": (lambda x: x / 2, lambda x: x / 2),
    "exp": (lambda x: T.exp(-abs(x)), lambda x: np.exp(-np.abs(x))),
    "log": (lambda x: T.log(1 + x**2), lambda x: np.log(1 + x**2)),
    "logexp": (lambda x: T.log(T.exp(T.tanh(x))), np.tanh),
    "log1p": (lambda x: T.log(1 + T.exp(x)), lambda x: np.logaddexp(0, x)),
    "sum": (lambda x: x.sum(axis=0), lambda x: x.sum(axis=0)), "T": (lambda x: x.T, lambda x: x.T),
    "centre": (lambda x: x - x.mean(axis=-1, keepdims=True), lambda x: x - x.mean(axis=-1, keepdims=True)),
    "first": (lambda x: x[:1], lambda x: x[:1]), "backwards": (lambda x: x[::-1], lambda x: x[::-1]),
    "flat": (lambda x: x.flatten(), lambda x: x.ravel()), "max": (lambda x: x.max(axis=-1), lambda x: x.max(axis=-1)),
    "one": (lambda x: x * 1 + 0, lambda x: x), "norm": (lambda x: T.sqrt(1 + x**2), lambda x: np.sqrt(1 + x**2)),
}
_STEPS_2 = {
    "add": (lambda x, y: x + y, np.add), "sub": (lambda x, y: x - y, np.subtract),
    "mul": (lambda x, y: T.tanh(x) * y, lambda x, y: np.tanh(x) * y),
    "div": (lambda x, y: x / (1 + y**2), lambda x, y: x / (1 + y**2)),
    "maximum": (T.maximum, np.maximum), "switch": (lambda x, y: T.switch(x > y, x, y * 0.5),
                                                   lambda x, y: np.where(x > y, x, y * 0.5)),
    "outer": (lambda x, y: T.outer(x, T.tanh(y)), lambda x, y: np.outer(x, np.tanh(y))),
}


def expression(draw):
    """Several ops on top of each other, for the rewrites: what is built is the same arithmetic as numpy's."""
    dtype = draw(st.sampled_from(FLOATS[1:]))
    shape = draw(st.tuples(st.sampled_from([1, 2, 3]), st.sampled_from([1, 2, 4])))
    values = [array(draw, dtype, shape, -2.0, 2.0, awkward=False) for _ in range(2)]
    names, dims = [], [shape, shape]
    for _ in range(draw(st.integers(2, 6))):
        at = draw(st.integers(0, len(dims) - 1))
        alike = [i for i, d in enumerate(dims) if d == dims[at]]
        if draw(st.booleans()):
            name = draw(st.sampled_from(sorted(_STEPS_1)))
            if not dims[at] and name in ("sum", "centre", "first", "backwards", "max"):
                name = "tanh"
            step = (name, at)
            dims.append(_STEPS_1[name][1](np.zeros(dims[at])).shape)
        else:
            name, other = draw(st.sampled_from(sorted(_STEPS_2))), draw(st.sampled_from(alike))
            if name == "outer" and int(np.prod(dims[at])) > 8:
                name = "add"
            step = (name, at, other)
            dims.append(_STEPS_2[name][1](np.zeros(dims[at]), np.zeros(dims[at])).shape)
        names.append(step)

    def run(which, xs):
        made = list(xs)
        for name, *at in names:
            step = (_STEPS_1 if len(at) == 1 else _STEPS_2)[name][which]
            made.append(step(*[made[i] for i in at]))
        return made[-1]

    return Trial(("expression", *names), values, lambda *xs: run(0, xs), lambda *xs: run(1, xs),
                 tolerance=2e-4 if dtype == "float32" else 1e-9)


#: family -> its share of the trials
WEIGHTS = {elementwise: 4, reduction: 2, turning: 2, joining: 1, indexing: 3, writing: 2, ordering: 1, product: 1,
           network: 1, expression: 3}
