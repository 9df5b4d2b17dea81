"""``RandomStreams``: numpy's ``RandomState`` as symbolic random numbers, draw for draw numpy's own, on the host."""

from __future__ import annotations

import collections
import copy
import functools
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.errors import ShapeError
from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Constant, Op, Type, Variable
from tgraph.operators import as_tensor_variable, constant, table
from tgraph.ops.permute import permute_row_elements
from tgraph.shared import SharedVariable, shared, shared_constructor
from tgraph.types import TensorType, integer_dtypes, upcast


class RandomStateType(Type):
    """Values are ``numpy.random.RandomState`` objects."""

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        if not isinstance(value, np.random.RandomState):
            raise TypeError(f"expected a numpy.random.RandomState, got {type(value)}")
        return value

    def values_eq(self, a: Any, b: Any) -> bool:
        left, right = a.get_state(), b.get_state()
        return all(np.array_equal(x, y) for x, y in zip(left, right, strict=True))

    def get_shape_info(self, obj: Any) -> None:
        """None: all states are equally large."""
        return None

    def get_size(self, shape_info: None) -> int:
        """Bytes of a state."""
        return sum(part.nbytes if isinstance(part, np.ndarray) else 8 for part in np.random.RandomState(0).get_state())

    @staticmethod
    def may_share_memory(a: Any, b: Any) -> bool:
        """Whether they are one object."""
        return a is b

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __str__(self) -> str:
        return "RandomStateType"


random_state_type = RandomStateType()


#: copies that were made. A call puts the copy into the box in place of the generator, and the next call another one:
#: then nobody holds the first, and it can take the next copy. Making a generator costs more than copying one
_made: collections.deque[np.random.RandomState] = collections.deque([np.random.RandomState(0)])


def _forgotten() -> tuple[Any, int]:
    """A generator of those that were made (None: there is none left to look at), and what ``getrefcount`` says of
    it."""
    try:
        held = _made.popleft()
    except IndexError:
        return None, 0
    return held, sys.getrefcount(held)


#: of a generator that nobody else holds
_ALONE = _forgotten()[1]


def copy_state(state: np.random.RandomState) -> np.random.RandomState:
    """A generator that will draw what the given one would."""
    for _ in range(len(_made)):
        twin, references = _forgotten()
        if twin is None or references <= _ALONE:
            break
        _made.append(twin)
    else:
        twin = None
    if twin is None:
        twin = np.random.RandomState()
    twin.set_state(state.get_state())
    if len(_made) < 16:
        _made.append(twin)
    return twin


def flips(state: np.random.RandomState, n: Any, p: Any, size: tuple[int, ...]) -> np.ndarray | None:
    """``state.binomial(n, p, size)`` where n is 1, in a third of the time; None (and nothing drawn) where it is not
    that simple.

    What numpy does for each element (inversion: Kachitvichyanukul and Schmeiser 1988, by one uniform number) is done
    for all at once: with p <= 1/2 the outcome is 1 where the number is above 1 - p, else 0 where it is above p.
    """
    n, p = np.asarray(n), np.asarray(p, dtype="float64")
    if n.ndim or n != 1 or p.size == 0 or not (p > 0).all() or not (p <= 1).all():
        return None
    if p.ndim and (p.ndim > len(size) or np.broadcast_shapes(p.shape, size) != size):
        return None
    small = p <= 0.5
    rare = np.where(small, p, 1 - p)
    zero = np.exp(np.log(1 - rare))
    before = state.get_state()
    drawn = state.random_sample(size)
    hit = drawn > zero
    # by a rounding error numpy may find no outcome, and draws again
    drawn -= zero
    if drawn.size and (drawn > rare * zero / (1 - rare)).any():
        state.set_state(before)
        return None
    return hit == small


class RandomFunction(Op):
    """(new state, draw) = ``fn`` (a RandomState method's name, or a function of state, arguments and size).

    ``ndim_added``: trailing dimensions of the draw that are not part of the size.
    """

    __props__ = ("fn", "outtype", "inplace", "ndim_added")
    effects = True

    def __init__(self, fn: Any, outtype: TensorType, inplace: bool = False, ndim_added: int = 0):
        self.fn, self.outtype, self.inplace, self.ndim_added = fn, outtype, inplace, ndim_added
        if inplace:
            self.destroy_map = {0: [0]}

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, dict):
            self.__dict__.update(state)
        else:  # a pickle of Theano 0.8
            RandomFunction.__init__(self, *state)

    @property
    def exec_fn(self) -> Callable[..., Any]:
        """The function that draws."""
        return getattr(np.random.RandomState, self.fn) if isinstance(self.fn, str) else self.fn

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("return_list", True)
        return super().__call__(*args, **kwargs)

    def make_node(self, state: Any, shape: Any, *args: Any) -> Apply:
        if isinstance(shape, (tuple, list)) and not shape:
            vector = constant(np.array([], dtype="int64"))
        else:
            vector = as_tensor_variable(shape, ndim=1)
        if vector.type.dtype not in ("int64", "int32"):
            raise AssertionError(f"a size is a vector of int64 or int32, not {vector.type}")
        return Apply(self, [state, vector, *map(as_tensor_variable, args)], [state.type(), self.outtype()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: list[list[Any]], *params: Any) -> None:
        state, size, *args = inputs
        shape = tuple(int(s) for s in size) if len(size) else None
        ndim = self.outtype.ndim
        if shape is not None and ndim != len(shape) + self.ndim_added:
            raise ValueError(
                f"Shape mismatch: self.outtype.ndim ({ndim}) != len(shape) ({len(shape)}) + self.ndim_added "
                f"({self.ndim_added})"
            )
        state = copy_state(state)
        draw = flips(state, *args, shape) if self.fn == "binomial" and shape is not None and len(args) == 2 else None
        if draw is None:
            draw = np.asarray(self.exec_fn(state, *args, shape))
        draw = draw.astype(self.outtype.dtype, copy=False)
        if shape is None and draw.ndim == 0:
            draw = draw.reshape((1,) * ndim)
        if draw.ndim != ndim:
            raise ValueError(f'Shape mismatch: "out" should have dimension {ndim}, but the value produced by "perform" '
                             f"has dimension {draw.ndim}")
        kept = draw.shape[: draw.ndim - self.ndim_added]
        if shape is not None and shape != kept:
            raise ValueError(f'Shape mismatch: "out" should have shape {shape}, but the value produced by "perform" '
                             f"has shape {kept}")
        output_storage[0][0], output_storage[1][0] = state, draw

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """The size, where the draw has no dimensions of its own and is not left to the arguments; else ShapeError."""
        size, ndim = node.inputs[1], self.outtype.ndim
        if self.ndim_added or (isinstance(size, Constant) and len(size.data) == 0):
            raise ShapeError("the size of a draw depends on values", fix="none is needed: the draw tells its shape")
        return [None, [size[i] for i in range(ndim)]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True, True] for _ in node.inputs]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [grad_undefined(self, k, x, "No gradient defined through raw random numbers op")
                for k, x in enumerate(inputs)]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None, None]

    def __str__(self) -> str:
        name = self.fn if isinstance(self.fn, str) else self.fn.__name__
        return f"RandomFunction{{{name}}}"


def _infer(ndim: int | None, shape: Any, *args: Any) -> tuple[int, Any, tuple[bool, ...]]:
    """(ndim, size vector (int64), broadcast pattern) from a size and the arguments that it must cover.

    An entry -1 stands for the size of the (broadcast) arguments in that dimension; a size None for their shape.
    """
    if isinstance(shape, (tuple, list)):
        if ndim is not None and len(shape) != ndim:
            raise ValueError(
                "ndim should be equal to len(shape), but\n",
                f"ndim = {ndim}, len(shape) = {len(shape)}, shape = {shape}",
            )
        ndim = len(shape)
        entries, pattern = [], []
        for i, s in enumerate(shape):
            if isinstance(s, Variable):
                entries.append(s)
                pattern.append(False)
            elif s >= 0:
                entries.append(as_tensor_variable(s))
                pattern.append(bool(s == 1))
            elif s == -1:
                entry, one = _covering(i, ndim, args)
                entries.append(entry)
                pattern.append(one)
            else:
                raise ValueError("negative shape", s)
        vector = table["stack"](entries) if entries else constant(np.array([], dtype="int64"))
    elif shape is None:
        if not args:
            raise TypeError("_infer_ndim_bcast cannot infer shape without either shape or args")
        template = functools.reduce(operator.add, args)
        ndim, vector, pattern = template.type.ndim, template.shape, list(template.type.broadcastable)
    else:
        vector = as_tensor_variable(shape)
        if vector.type.ndim != 1:
            raise TypeError(f"shape must be a vector or list of scalar, got '{vector}'")
        if ndim is None:
            ndim = table["get_vector_length"](vector)
        pattern = [False] * ndim
    if vector.type.dtype not in integer_dtypes:
        raise TypeError("shape must be an integer vector or list", vector.type.dtype)
    needed = max((a.type.ndim for a in args), default=0)
    if needed > ndim:
        raise ValueError("ndim should be at least as big as required by args value", (ndim, needed), args)
    return ndim, table["cast"](vector, "int64"), tuple(pattern)


def _covering(i: int, ndim: int, args: Sequence[Any]) -> tuple[Any, bool]:
    overlaps = False
    for a in args:
        axis = i + a.type.ndim - ndim
        if axis < 0:
            continue
        overlaps = True
        if not a.type.broadcastable[axis]:
            return a.shape[axis], False
    if not overlaps:
        raise ValueError("Auto-shape of -1 must overlap with the shape of one of the broadcastable inputs")
    return as_tensor_variable(1), True


def _float_dtype(dtype: Any, *args: Any) -> str:
    if dtype is None:
        return upcast(config.floatX, *[a.type.dtype for a in args])
    return config.floatX if dtype == "floatX" else str(dtype)


def uniform(random_state: Any, size: Any = None, low: Any = 0.0, high: Any = 1.0, ndim: int | None = None,
            dtype: Any = None) -> Any:
    """[new state, numbers in [low, high)]."""
    low, high = as_tensor_variable(low), as_tensor_variable(high)
    dtype = _float_dtype(dtype, low, high)
    ndim, size, pattern = _infer(ndim, size, low, high)
    return RandomFunction("uniform", TensorType(dtype, pattern))(random_state, size, low, high)


def normal(random_state: Any, size: Any = None, avg: Any = 0.0, std: Any = 1.0, ndim: int | None = None,
           dtype: Any = None) -> Any:
    """[new state, normal numbers of mean ``avg`` and deviation ``std``]."""
    avg, std = as_tensor_variable(avg), as_tensor_variable(std)
    dtype = _float_dtype(dtype, avg, std)
    ndim, size, pattern = _infer(ndim, size, avg, std)
    return RandomFunction("normal", TensorType(dtype, pattern))(random_state, size, avg, std)


def binomial(random_state: Any, size: Any = None, n: Any = 1, p: Any = 0.5, ndim: int | None = None,
             dtype: Any = "int64", prob: Any = None) -> Any:
    """[new state, numbers of successes in ``n`` trials of probability ``p``]."""
    n, p = as_tensor_variable(n), as_tensor_variable(p if prob is None else prob)
    ndim, size, _ = _infer(ndim, size, n, p)
    dtype = config.floatX if dtype == "floatX" else dtype
    return RandomFunction("binomial", TensorType(dtype, (False,) * ndim))(random_state, size, n, p)


def random_integers_helper(state: np.random.RandomState, low: np.ndarray, high: np.ndarray, size: Any) -> np.ndarray:
    """One ``randint`` for each element, in C order."""
    shape = np.broadcast_shapes(low.shape, high.shape) if size is None else tuple(size)
    low, high = _spread(low, shape), _spread(high, shape)
    draw = np.empty(shape, dtype="float64")
    for i in np.ndindex(*shape):
        draw[i] = state.randint(low=low[i], high=high[i] + 1)
    return draw


def random_integers(random_state: Any, size: Any = None, low: Any = 0, high: Any = 1, ndim: int | None = None,
                    dtype: Any = "int64") -> Any:
    """[new state, integers from ``low`` to ``high``, both included]."""
    low, high = as_tensor_variable(low), as_tensor_variable(high)
    ndim, size, pattern = _infer(ndim, size, low, high)
    return RandomFunction(random_integers_helper, TensorType(dtype, pattern))(random_state, size, low, high)


def choice_helper(state: np.random.RandomState, a: np.ndarray, replace: np.ndarray, p: np.ndarray, size: Any) -> Any:
    """numpy's choice; an empty ``p`` means equal probabilities."""
    if a.ndim > 1:
        raise ValueError(f"a.ndim ({a.ndim}) must be 0 or 1")
    if p.ndim != 1:
        raise ValueError(f"p.ndim ({p.ndim}) must be 1")
    return state.choice(a if a.ndim else int(a), size, bool(replace), p if p.size else None)


def choice(random_state: Any, size: Any = None, a: Any = 2, replace: Any = True, p: Any = None,
           ndim: int | None = None, dtype: Any = "int64") -> Any:
    """[new state, picks from ``a`` (or from 0 .. a - 1)]."""
    a = as_tensor_variable(a)
    replace = constant(replace, dtype="int8") if isinstance(replace, bool) else as_tensor_variable(replace)
    # old calls gave 0 or an empty list for equal probabilities
    p = as_tensor_variable([] if p is None or (isinstance(p, (bool, int, float)) and not p) else p)
    ndim, size, pattern = _infer(ndim, size)
    return RandomFunction(choice_helper, TensorType(dtype, pattern))(random_state, size, a, replace, p)


def poisson(random_state: Any, size: Any = None, lam: Any = 1.0, ndim: int | None = None, dtype: Any = "int64") -> Any:
    """[new state, Poisson counts of expectation ``lam``]."""
    lam = as_tensor_variable(lam)
    ndim, size, pattern = _infer(ndim, size)
    return RandomFunction("poisson", TensorType(dtype, pattern))(random_state, size, lam)


def permutation_helper(state: np.random.RandomState, n: np.ndarray, size: Any) -> np.ndarray:
    """One permutation of 0 .. n - 1 for each index of ``size``."""
    shape, length = tuple(size or ()), int(n.item())
    draw = np.empty((*shape, length), dtype="int64")
    for i in np.ndindex(*shape):
        draw[i] = state.permutation(length)
    return draw


def permutation(random_state: Any, size: Any = None, n: Any = 1, ndim: int | None = None, dtype: Any = "int64") -> Any:
    """[new state, permutations of 0 .. n - 1, one in each row]."""
    pattern: tuple[bool, ...]
    if size is None or (isinstance(size, (tuple, list)) and not size):
        if ndim not in (None, 1):
            raise TypeError("You asked for just one permutation but asked for more then 1 dimensions.")
        size, pattern = (), ()
    else:
        ndim, size, pattern = _infer(ndim, size)
    made = RandomFunction(permutation_helper, TensorType(dtype, (*pattern, False)), ndim_added=1)
    return made(random_state, size, n)


def multinomial_helper(state: np.random.RandomState, n: np.ndarray, pvals: np.ndarray, size: Any) -> np.ndarray:
    """numpy's multinomial with ``n`` and the rows of ``pvals`` broadcast over ``size``.

    numpy refuses probabilities that add up to more than 1, as rounded ones may. Those that exceed 1 by less than 1e-5,
    and those whose last one is below 5e-5, are therefore scaled by 1 - 5e-5. AssertionError for others above 1, and
    for negative ones.
    """
    lead = np.broadcast_shapes(n.shape, pvals.shape[:-1]) if size is None else tuple(size)
    if pvals.min() < 0:
        raise AssertionError(f"probabilities may not be negative, got {pvals.min()}")
    n, pvals = _spread(n, lead), _spread(pvals, (*lead, pvals.shape[-1]))
    draw = np.empty(pvals.shape)  # counts, as the floats that they were
    for i in np.ndindex(*lead):
        p = pvals[i]
        if 1.0 < np.sum(p) < 1.0 + 1e-5 or p[-1] < 5e-5:
            p = p * (1.0 - 5e-5)
        if np.sum(p) > 1.0:
            raise AssertionError(f"probabilities add up to {np.sum(p)}, more than 1")
        draw[i] = state.multinomial(int(n[i]), p.astype("float64"))
    return draw


def _spread(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if array.ndim > len(shape):
        raise ValueError(f"an argument of {array.ndim} dimensions does not fit a size of {len(shape)}")
    return np.broadcast_to(array, shape)


def multinomial(random_state: Any, size: Any = None, n: Any = 1, pvals: Any = (0.5, 0.5), ndim: int | None = None,
                dtype: Any = "int64") -> Any:
    """[new state, how often each outcome comes in ``n`` draws of probabilities ``pvals`` (last dimension)]."""
    n = as_tensor_variable(n)
    pvals = as_tensor_variable(list(pvals) if isinstance(pvals, tuple) else pvals)
    lead = table["sum"](pvals, axis=pvals.type.ndim - 1)
    ndim, size, pattern = _infer(ndim, size, n, lead)
    outtype = TensorType(dtype, (*pattern, pvals.type.broadcastable[-1]))
    return RandomFunction(multinomial_helper, outtype, ndim_added=1)(random_state, size, n, pvals)


@shared_constructor
def randomstate_constructor(value: Any, name: str | None = None, strict: bool = False,
                            allow_downcast: bool | None = None, borrow: bool = False) -> Any:
    """A shared numpy generator (copied unless ``borrow``)."""
    if not isinstance(value, np.random.RandomState):
        raise TypeError("not a RandomState")
    return RandomStateSharedVariable(type=random_state_type, value=value if borrow else copy.deepcopy(value), name=name,
                                     strict=strict, allow_downcast=allow_downcast)


class RandomStateSharedVariable(SharedVariable):
    """A shared numpy generator."""


class RandomStreamsBase:
    """The distributions, each made by ``gen(function, ...)``, which gives the draw."""

    def gen(self, op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The draw of a function that takes a state and returns [new state, draw]."""
        raise NotImplementedError

    def binomial(self, size: Any = None, n: Any = 1, p: Any = 0.5, ndim: int | None = None, dtype: Any = "int64",
                 prob: Any = None) -> Any:
        """Successes in ``n`` trials of probability ``p``."""
        return self.gen(binomial, size, n, p if prob is None else prob, ndim=ndim, dtype=dtype)

    def uniform(self, size: Any = None, low: Any = 0.0, high: Any = 1.0, ndim: int | None = None,
                dtype: Any = None) -> Any:
        """Numbers in [low, high)."""
        return self.gen(uniform, size, low, high, ndim=ndim, dtype=dtype)

    def normal(self, size: Any = None, avg: Any = 0.0, std: Any = 1.0, ndim: int | None = None,
               dtype: Any = None) -> Any:
        """Normal numbers."""
        return self.gen(normal, size, avg, std, ndim=ndim, dtype=dtype)

    def random_integers(self, size: Any = None, low: Any = 0, high: Any = 1, ndim: int | None = None,
                        dtype: Any = "int64") -> Any:
        """Integers from low to high, both included."""
        return self.gen(random_integers, size, low, high, ndim=ndim, dtype=dtype)

    def choice(self, size: Any = None, a: Any = 2, replace: Any = True, p: Any = None, ndim: int | None = None,
               dtype: Any = "int64") -> Any:
        """Picks from ``a``."""
        return self.gen(choice, size, a, replace, p, ndim=ndim, dtype=dtype)

    def poisson(self, size: Any = None, lam: Any = None, ndim: int | None = None, dtype: Any = "int64") -> Any:
        """Poisson counts."""
        return self.gen(poisson, size, lam, ndim=ndim, dtype=dtype)

    def permutation(self, size: Any = None, n: Any = 1, ndim: int | None = None, dtype: Any = "int64") -> Any:
        """Permutations of 0 .. n - 1."""
        return self.gen(permutation, size, n, ndim=ndim, dtype=dtype)

    def multinomial(self, size: Any = None, n: Any = 1, pvals: Any = (0.5, 0.5), ndim: int | None = None,
                    dtype: Any = "int64") -> Any:
        """How often each outcome comes in ``n`` draws."""
        return self.gen(multinomial, size, n, pvals, ndim=ndim, dtype=dtype)

    def shuffle_row_elements(self, input: Any) -> Any:
        """The elements of a vector, or of each row of a matrix or more, in random order; what was drawn for it is
        ``.permutation`` of the result."""
        input = as_tensor_variable(input)
        rows = input.shape[:-1] if input.type.ndim > 1 else None
        order = self.permutation(size=rows, n=input.shape[-1], ndim=input.type.ndim - 1 if rows is not None else None)
        shuffled = permute_row_elements(input, order)
        shuffled.permutation = order
        return shuffled


class RandomStreams(RandomStreamsBase):
    """Symbolic random numbers with numpy's exact numbers.

    The n-th draw's generator is ``RandomState(s)`` with s the n-th ``RandomState(seed).randint(2 ** 30)``; it is a
    shared value, updated by default whenever a function uses the draw.
    """

    def __init__(self, seed: int | None = None):
        self.state_updates: list[tuple[Any, Any]] = []
        self.default_instance_seed = seed
        self.gen_seedgen = np.random.RandomState(seed)

    def updates(self) -> list[Any]:
        """Pairs (state, new state) of all draws made so far."""
        return list(self.state_updates)

    def seed(self, seed: int | None = None) -> None:
        """Start again: every state made so far gets what it would have got from a new object with this seed."""
        seeds = np.random.RandomState(self.default_instance_seed if seed is None else seed)
        for old, _ in self.state_updates:
            old.set_value(np.random.RandomState(int(seeds.randint(2**30))), borrow=True)

    def __getitem__(self, item: Any) -> Any:
        return item.get_value(borrow=True)

    def __setitem__(self, item: Any, value: Any) -> None:
        item.set_value(value, borrow=True)

    def gen(self, op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        state = shared(np.random.RandomState(int(self.gen_seedgen.randint(2**30))))
        state.tag.is_rng = True
        new, out = op(state, *args, **kwargs)
        out.rng = state
        out.update = (state, new)
        self.state_updates.append(out.update)
        state.default_update = new
        return out


__all__ = ["RandomFunction", "RandomStateType", "RandomStreams", "RandomStreamsBase", "random_state_type"]
