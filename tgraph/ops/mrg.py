"""``MRG_RandomStreams``: the combined multiple recursive generator MRG31k3p, many streams at once, exact to the bit.

A stream's state is six integers (mrg_jumps.py); streams start 2^72 draws apart, uses of the generator 2^134 apart.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.config import config
from tgraph.errors import NotPortedError
from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Constant, Op, Variable
from tgraph.kernels import fresh_kernel, kernel
from tgraph.operators import as_tensor_variable, constant, table
from tgraph.ops.barriers import undefined_grad
from tgraph.ops.constants import extract_constant
from tgraph.ops.mrg_jumps import M1, M2, advance, ff_2p134, matmul_mod, step_matrices
from tgraph.shared import shared
from tgraph.types import TensorType, discrete_dtypes, upcast

#: streams where the size is not known when the graph is built
MAX_STREAMS = 60 * 256


def guess_n_streams(size: Any, warn: bool = False) -> int:
    """How many streams to draw a sample of ``size`` from: a sixth of its elements where all are known ints."""
    if isinstance(size, (tuple, list)) and all(isinstance(s, int) for s in size):
        elements = functools.reduce(lambda a, b: a * b, size, 1)
        return min(elements // 6 if elements > 6 else elements, MAX_STREAMS)
    if warn:
        warnings.warn(f"MRG_RandomStreams Can't determine #streams from size ({size}), guessing 60*256", stacklevel=3)
    return MAX_STREAMS


#: rounds that ``mrg_draw`` makes at once
ROUNDS = 8


@functools.lru_cache(maxsize=1)
def rounds_table() -> np.ndarray:
    """(2 ROUNDS, 14): what ``mrg_draw`` multiplies states by. Rows 2 j and 2 j + 1 make draw j + 1 of the two
    components: weights of the low 16 bits of the six integers, of their high bits, 1 / M (rounded up) and -M."""
    rows = []
    steps = step_matrices()
    powers = list(steps)
    for _ in range(ROUNDS):
        for half, m in enumerate((M1, M2)):
            low, high = [0] * 6, [0] * 6
            low[3 * half:3 * half + 3] = powers[half][0]
            high[3 * half:3 * half + 3] = [65536 * w % m for w in powers[half][0]]
            rows.append([*low, *high, np.nextafter(1 / m, 1), -m])
            powers[half] = matmul_mod(steps[half], powers[half], m)
    return np.array(rows, dtype="float64")


@fresh_kernel
def mrg_draw(state: torch.Tensor, count: int, table: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """``count`` draws (float64, 2^-31 to 1 - 2^-31) in turn from the streams whose states are the rows of ``state``.

    Returns (new state, draws). Draw i comes from stream i mod n; all streams step together. ``table`` is that of
    ``rounds_table``: draws are linear in the state, so one matrix product makes those of several rounds. A number of
    31 bits times half of one has 47 bits, and so all of it is exact in float64, whose torch ops are as fast as those
    of integers, and fewer.
    """
    # streams that no draw comes from keep their state: they are not even read
    n = min(state.size(0), count)
    limit = table.size(0) // 2
    new = state.contiguous()
    draws: list[torch.Tensor] = []
    left = count
    while left > 0:
        rounds = min((left + n - 1) // n, limit)
        if rounds == 1:
            # a few passes over what one step reads; (2^22 a) mod M1 = 2^22 a - M1 floor(2^-9 a), less at most M1
            a, b = new[:n, 1].to(torch.float64), new[:n, 3].to(torch.float64)
            q = torch.mul(a, 0.001953125).floor_()
            a.mul_(4194304.0).sub_(q, alpha=2147483647.0).add_(new[:n, 2].to(torch.float64), alpha=129.0)
            b.mul_(32768.0).add_(new[:n, 5].to(torch.float64), alpha=32769.0)
            a.sub_(torch.mul(a, 4.656612875245798e-10).floor_(), alpha=2147483647.0)
            b.sub_(torch.mul(b, 4.656658559636769e-10).floor_(), alpha=2147462579.0)
            y, v = a.unsqueeze(0), b.unsqueeze(0)
        else:
            rows = table[: 2 * rounds]
            low = new[:n].t().to(torch.float64, memory_format=torch.contiguous_format)
            high = torch.mul(low, 1.52587890625e-05).floor_()
            low.sub_(high, alpha=65536.0)
            x = torch.mm(rows[:, :6], low).addmm_(rows[:, 6:12], high)
            # x mod M: x / M is below 2^19, so that the product, rounded, still lies between the right two integers
            x.addcmul_(torch.mul(x, rows[:, 12:13]).floor_(), rows[:, 13:])
            y, v = x.view([rounds, 2, n]).unbind(1)
        # d + (M1 if d <= 0 else 0), all of it times 2^-31
        d = torch.sub(y, v).mul_(4.656612873077392578125e-10)
        d = torch.sub(d, torch.ceil(d), alpha=0.9999999995343387).add_(0.9999999995343387)
        draws.append(d.view([-1]))
        old, new = new, new.clone()
        # in the last round only the first streams step: the others make one round less
        whole = min(n, left - (rounds - 1) * n)
        spans = [(0, whole, rounds)]
        if whole < n:
            spans.append((whole, n, rounds - 1))
        for start, stop, steps in spans:
            if steps > 0 and steps < 3:
                # a step moves each integer of a row to the next place
                new[start:stop].view([-1])[steps:].copy_(old[start:stop].view([-1])[:-steps])
            for k in range(min(steps, 3)):
                new[start:stop, k].copy_(y[steps - 1 - k, start:stop])
                new[start:stop, 3 + k].copy_(v[steps - 1 - k, start:stop])
        left -= rounds * n
    if len(draws) == 0:
        return new.clone(), torch.empty([0], dtype=torch.float64, device=state.device)
    flat = draws[0] if len(draws) == 1 else torch.cat(draws)
    return new, flat if left == 0 else flat[:count]


@kernel
def mrg_float64(draws: torch.Tensor, size: list[int]) -> torch.Tensor:
    """Draws as a sample of a shape, float64 in (0, 1)."""
    return draws.view(size)


@fresh_kernel
def mrg_float32(draws: torch.Tensor, size: list[int]) -> torch.Tensor:
    """Draws as a sample of a shape, float32 in (0, 1).

    2^31 times a draw is rounded to float32 and multiplied by 4.6566126e-10, a little less than 2^-31, so that 1 is
    never reached: here all of that is divided by powers of two, which changes no digit.
    """
    return (draws.to(torch.float32) * 0.9999999403953552).view(size)


@kernel
def mrg_float16(draws: torch.Tensor, size: list[int]) -> torch.Tensor:
    """Draws as a sample of a shape, float16 in (0, 1): the low 15 bits of 2^31 times a draw, plus 1, times 3.0458e-05
    (as float16), which is a little less than 2^-15."""
    low = torch.remainder(draws * 2147483648.0, 32768.0) + 1.0
    return (low * 3.045797348022461e-05).to(torch.float16).view(size)


@kernel
def count_of(size: list[int], ndim: int) -> int:
    """The number of elements of a shape; negative sizes, and more or fewer than ``ndim``, are a ValueError."""
    if len(size) != ndim:
        raise ValueError("size must have length " + str(ndim) + " (not " + str(len(size)) + ")")
    count = 1
    for s in size:
        if s < 0:
            raise ValueError("Negative dimensions are not allowed: " + str(size))
        count *= s
    if count > 2147483647:
        raise ValueError("rng_mrg does not support more than 2**31 - 1 samples, not a size " + str(size))
    return count


#: how draws become numbers; other dtypes are cast from float32
_FINISH = {"float64": mrg_float64, "float16": mrg_float16}


class mrg_uniform_base(Op):
    """The class of what draws uniform numbers by MRG31k3p."""


@dataclass(frozen=True)
class mrg_uniform(mrg_uniform_base):
    """(new state, sample) = uniform draws in (0, 1) of a given size, from the streams in a state matrix (n, 6)."""

    output_type: Any
    inplace: bool = False
    effects = True

    @classmethod
    def new(cls, rstate: Any, ndim: int | None, dtype: str, size: Any) -> list[Any]:
        """[new state, sample] of a size given as a tuple of ints and scalars, or as a vector."""
        vector = as_tensor_variable(size) if not isinstance(size, tuple) or size else constant([], dtype="int64")
        if ndim is None:
            ndim = table["get_vector_length"](vector)
        return cls(TensorType(dtype, (False,) * ndim))(rstate, vector)

    def make_node(self, rstate: Any, size: Any) -> Apply:
        rstate, size = as_tensor_variable(rstate), as_tensor_variable(size)
        if size.type.ndim != 1 or not size.type.dtype.startswith(("int", "uint")):
            raise TypeError(f"size must be a vector of integers, not {size.type}")
        # the type of the op may be shared by many sizes: which are 1 is asked of this one
        ones = [bool(extract_constant(size[i]) == 1) for i in range(self.output_type.ndim)]
        return Apply(self, [rstate, size], [rstate.type(), TensorType(self.output_type.dtype, ones)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [grad_undefined(self, k, x, "No gradient defined through random sampling op")
                for k, x in enumerate(inputs)]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None, None]

    def compute(self, node: Apply, state: np.ndarray, size: np.ndarray) -> Any:
        shape = [int(s) for s in size]
        count = count_of(shape, self.output_type.ndim)
        new, draws = mrg_draw(torch.from_numpy(np.array(state)), count, torch.from_numpy(rounds_table()))
        finish = _FINISH.get(self.output_type.dtype, mrg_float32)
        return new.numpy(), finish(draws, shape).numpy().astype(self.output_type.dtype)

    def lower(self, node: Apply, ctx: Any, state: Any, size: Any) -> Any:
        shape, ndim = ctx.integers(node.inputs[1], size), self.output_type.ndim
        known = isinstance(node.inputs[1], Constant) and len(shape) == ndim and min(shape, default=0) >= 0
        count = ctx.call(count_of, shape, ndim) if not known or math.prod(shape) > M1 else math.prod(shape)
        drawn = ctx.call(mrg_draw, state, count, ctx.tensor(rounds_table()))
        dtype = self.output_type.dtype
        sample = ctx.call(_FINISH.get(dtype, mrg_float32), drawn[1], shape)
        return drawn[0], sample if dtype in ("float32", "float64", "float16") else ctx.cast(sample, dtype)

    def __str__(self) -> str:
        return f"mrg_uniform{{{self.output_type},{'inplace' if self.inplace else 'no_inplace'}}}"


@fresh_kernel
def pick_rows(pvals: torch.Tensor, unis: torch.Tensor, n: int) -> torch.Tensor:
    """counts[i, m]: how many of the draws unis[c * rows + i], c < n, fall into outcome m of row i of ``pvals``."""
    rows, outcomes = pvals.size(0), pvals.size(1)
    if unis.size(0) != rows * n:
        raise ValueError("unis.shape[0] != pvals.shape[0] * n_samples")
    edges = torch.cumsum(pvals.to(torch.float64), 1)
    counts = torch.zeros([rows, outcomes], dtype=torch.int64, device=pvals.device)
    for c in range(n):
        u = unis[c * rows:(c + 1) * rows].to(torch.float64).unsqueeze(1)
        above = edges > u
        first = above & (torch.cumsum(above.to(torch.int64), 1) == 1)
        counts = counts + first.to(torch.int64)
    return counts


@fresh_kernel
def choose_rows(pvals: torch.Tensor, unis: torch.Tensor, n: int, replace: bool) -> torch.Tensor:
    """picked[i, c]: the outcome of draw c for row i (-1: none); without ``replace`` an outcome is drawn once."""
    rows, outcomes = pvals.size(0), pvals.size(1)
    if n > outcomes:
        raise ValueError("Cannot sample without replacement n samples bigger than the size of the distribution.")
    if unis.size(0) != rows * n:
        raise ValueError("unis.shape[0] != pvals.shape[0] * n_samples")
    left = pvals.clone()
    picked: list[torch.Tensor] = []
    for c in range(n):
        edges = torch.cumsum(left.to(torch.float64), 1)
        above = edges > unis[c * rows:(c + 1) * rows].to(torch.float64).unsqueeze(1)
        first = above & (torch.cumsum(above.to(torch.int64), 1) == 1)
        found = above.any(1)
        index = torch.argmax(first.to(torch.int64), 1) if outcomes > 0 else torch.zeros([rows], dtype=torch.int64)
        picked.append(torch.where(found, index, torch.full_like(index, -1)))
        if not replace:
            without = torch.where(first, torch.zeros_like(left), left)
            scaled = without / without.sum(1, keepdim=True)
            left = torch.where(found.unsqueeze(1), scaled, left)
    if len(picked) == 0:
        return torch.empty([rows, 0], dtype=torch.int64, device=pvals.device)
    return torch.stack(picked, 1)


class _FromUniform(Op):
    """Draws from the rows of a matrix of probabilities, given uniform numbers."""

    default_dtype = "int64"

    def make_node(self, pvals: Any, unis: Any, n: Any = 1) -> Apply:
        pvals, unis, n = as_tensor_variable(pvals), as_tensor_variable(unis), as_tensor_variable(n)
        if pvals.type.ndim != 2:
            raise NotImplementedError("pvals ndim should be 2", pvals.type.ndim)
        if unis.type.ndim != 1:
            raise NotImplementedError("unis ndim should be 1", unis.type.ndim)
        dtype = (self.default_dtype or pvals.type.dtype) if self.odtype == "auto" else self.odtype
        return Apply(self, [pvals, unis, n], [TensorType(dtype, pvals.type.broadcastable)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [table["zeros_like"](x, dtype=config.floatX if x.type.dtype in discrete_dtypes else None)
                for x in inputs]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None]


@dataclass(frozen=True)
class MultinomialFromUniform(_FromUniform):
    """z[i, m] = how often outcome m of row i is drawn."""

    odtype: str
    default_dtype = None

    def adopt(self, node: Apply) -> None:
        """Give a node of an old pickle, from before there was a number of draws, its one draw."""
        if len(node.inputs) == 2:
            node.inputs = [*node.inputs, constant(1)]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.odtype}}}"

    def compute(self, node: Apply, pvals: np.ndarray, unis: np.ndarray, n: np.ndarray) -> Any:
        counts = pick_rows(torch.from_numpy(np.array(pvals)), torch.from_numpy(np.array(unis)), int(n))
        return counts.numpy().astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Any, pvals: Any, unis: Any, n: Any) -> Any:
        counts = ctx.call(pick_rows, pvals, unis, ctx.integer(node.inputs[2], n))
        return ctx.cast(counts, node.outputs[0].type.dtype)


@dataclass(frozen=True)
class ChoiceFromUniform(MultinomialFromUniform):
    """z[i, c] = the outcome of row i in draw c."""

    default_dtype = "int64"
    replace: bool = False

    def __str__(self) -> str:
        return f"{type(self).__name__}{{odtype={self.odtype!r}, replace={self.replace}}}"

    def compute(self, node: Apply, pvals: np.ndarray, unis: np.ndarray, n: np.ndarray) -> Any:
        picked = choose_rows(torch.from_numpy(np.array(pvals)), torch.from_numpy(np.array(unis)), int(n), self.replace)
        return picked.numpy().astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Any, pvals: Any, unis: Any, n: Any) -> Any:
        picked = ctx.call(choose_rows, pvals, unis, ctx.integer(node.inputs[2], n), self.replace)
        return ctx.cast(picked, node.outputs[0].type.dtype)


class MultinomialWOReplacementFromUniform(ChoiceFromUniform):
    """The older name of ``ChoiceFromUniform``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn("MultinomialWOReplacementFromUniform is deprecated, use ChoiceFromUniform instead.",
                      DeprecationWarning, stacklevel=2)
        super().__init__(*args, **kwargs)


def _check_size(size: Any) -> Any:
    """A size (int, tuple, list or variable) as a vector; ValueError for anything else."""
    if isinstance(size, Variable):
        if size.type.ndim == 1:
            return size
        if size.type.ndim == 0:
            return table["stack"]([size])
        raise ValueError("a size that is a variable must have 1 dimension", size)
    if isinstance(size, (np.integer, int)):
        return constant([size], ndim=1)
    if not isinstance(size, (tuple, list)):
        raise ValueError("Size must be a int, tuple, list or variable.", size)
    for s in size:
        if isinstance(s, Variable):
            if s.type.ndim != 0:
                raise ValueError("Non-scalar variable in size", size, s)
        elif isinstance(s, (np.integer, int)):
            if s <= 0:
                raise ValueError("Non-positive dimensions not allowed in size.", size, s)
        else:
            raise ValueError("Only variables and integers are allowed in a size-tuple.", size, s)
    return as_tensor_variable(size, ndim=1) if size else constant(np.array([], dtype="int64"))


class MRG_RandomStreams:
    """A source of symbolic random numbers whose every number is determined by the seed.

    ``seed``: an int, or six ints (the first three below M1, the last three below M2, neither three all zero).
    Each call makes its own shared state, updated by default whenever a function uses it.
    """

    def __init__(self, seed: Any = 12345):
        self.state_updates: list[tuple[Any, Any, Any, Any]] = []
        super().__init__()
        self.default_instance_seed = seed
        self.set_rstate(seed)

    def updates(self) -> list[Any]:
        """Pairs (state, new state) of all numbers made so far."""
        return list(self.state_updates)

    def set_rstate(self, seed: Any) -> None:
        """Set the state from which the next streams start."""
        if isinstance(seed, (int, np.integer)):
            if seed == 0:
                raise ValueError("seed should not be 0", seed)
            if seed >= M2:
                raise ValueError(f"seed should be less than {M2}", seed)
            self.rstate = np.asarray([seed] * 6, dtype="int32")
            return
        if not hasattr(seed, "__len__"):
            raise TypeError("seed should be 1 integer or 6 integers")
        if len(seed) != 6:
            raise TypeError("seed should be 1 integer or 6 integers")
        for half, m, which in ((seed[:3], M1, "first"), (seed[3:], M2, "last")):
            if all(s == 0 for s in half):
                raise ValueError(f"The {which} 3 values of seed should not be all 0", seed)
            if not all(s < m for s in half):
                raise ValueError(f"The {which} 3 values of seed should be less than {m}", seed)
        self.rstate = np.asarray(seed, dtype="int32")

    def seed(self, seed: Any = None) -> None:
        """Start again: every state made so far gets what it would have got from a new object with this seed."""
        self.set_rstate(self.default_instance_seed if seed is None else seed)
        for old, _, size, nstreams in self.state_updates:
            n = self.n_streams(size) if nstreams is None else nstreams
            old.set_value(self.get_substream_rstates(n, "float32"), borrow=True)

    def inc_rstate(self) -> None:
        """Move on to the start of the next use (2^134 draws on)."""
        self.rstate = ff_2p134(self.rstate)

    def get_substream_rstates(self, n_streams: int, dtype: str, inc_rstate: bool = True) -> np.ndarray:
        """States (n_streams, 6), int32, each 2^72 draws after the one before."""
        n_streams = int(n_streams)
        if not 0 < n_streams < 2**72:
            raise AssertionError(f"n_streams must be positive, got {n_streams}")
        states = self.rstate[None].astype("int32")
        log2 = 72
        while len(states) < n_streams:
            # k streams and the jump over k streams give 2k
            states = np.concatenate([states, advance(states, log2)])
            log2 += 1
        if inc_rstate:
            self.inc_rstate()
        return np.ascontiguousarray(states[:n_streams])

    def n_streams(self, size: Any) -> int:
        """As ``guess_n_streams``."""
        return guess_n_streams(size)

    def pretty_return(self, node_rstate: Any, new_rstate: Any, sample: Any, size: Any, nstreams: Any) -> Any:
        """Note the state and its update on the sample."""
        sample.rstate = node_rstate
        sample.update = (node_rstate, new_rstate)
        self.state_updates.append((node_rstate, new_rstate, size, nstreams))
        node_rstate.default_update = new_rstate
        return sample

    def uniform(self, size: Any, low: Any = 0.0, high: Any = 1.0, ndim: int | None = None, dtype: Any = None,
                nstreams: int | None = None, **kwargs: Any) -> Any:
        """Uniform numbers between ``low`` and ``high`` (both excluded) of a size: a tuple of ints and scalars, or a
        vector (then ``ndim`` may be needed). Their dtype is that of the bounds, at least floatX.
        """
        low, high = as_tensor_variable(low), as_tensor_variable(high)
        if dtype is None:
            dtype = upcast(config.floatX, low.type.dtype, high.type.dtype)
        elif dtype == "floatX":
            dtype = config.floatX
        low, high = (undefined_grad(table["cast"](bound, dtype)) for bound in (low, high))
        if isinstance(size, tuple):
            if not all(isinstance(s, (np.integer, int, Variable)) for s in size):
                raise AssertionError("size must be a tuple of int or a symbolic variable")
            if any(isinstance(s, (np.integer, int)) and s <= 0 for s in size):
                raise ValueError("The specified size contains a dimension with value <= 0", size)
        elif not (isinstance(size, Variable) and size.type.ndim == 1):
            raise TypeError(
                f"size must be a tuple of int or a symbolic variable with 1 dimension, got {size} of type {type(size)}"
            )
        kwargs.pop("target", None)
        if kwargs:
            raise TypeError(f"uniform() got unexpected keyword arguments {list(kwargs)}")
        n = self.n_streams(size) if nstreams is None else nstreams
        state = shared(self.get_substream_rstates(n, dtype))
        new, raw = mrg_uniform.new(state, ndim, dtype, size)
        u = self.pretty_return(state, new, raw, size=size, nstreams=nstreams)
        state.tag.is_rng = True
        result = u * (high - low) + low
        if u.type.broadcastable != result.type.broadcastable:
            raise NotImplementedError(
                "Increase the size to match the broadcasting pattern of `low` and `high` arguments"
            )
        return result

    def binomial(self, size: Any = None, n: int = 1, p: Any = 0.5, ndim: int | None = None, dtype: Any = "int64",
                 nstreams: int | None = None, **kwargs: Any) -> Any:
        """1 with probability ``p``, else 0, of a size (see ``uniform``); only n = 1."""
        if n != 1:
            raise NotImplementedError("MRG_RandomStreams.binomial with n > 1")
        p = undefined_grad(as_tensor_variable(p))
        return table["cast"](self.uniform(size=size, nstreams=nstreams, **kwargs) < p, dtype)

    def multinomial(self, size: Any = None, n: Any = 1, pvals: Any = None, ndim: int | None = None,
                    dtype: Any = "int64", nstreams: int | None = None, **kwargs: Any) -> Any:
        """(rows, outcomes): how often each outcome is drawn in ``n`` draws, for each row of probabilities."""
        if pvals is None:
            raise TypeError("You have to specify pvals")
        pvals = undefined_grad(as_tensor_variable(pvals))
        if size is not None:
            if any(isinstance(s, int) and s <= 0 for s in size):
                raise ValueError("The specified size contains a dimension with value <= 0", size)
            raise ValueError(
                "Provided a size argument to MRG_RandomStreams.multinomial, which does not use the size argument."
            )
        if ndim is not None:
            raise ValueError(
                "Provided an ndim argument to MRG_RandomStreams.multinomial, which does not use the ndim argument."
            )
        if pvals.type.ndim != 2:
            raise NotImplementedError("MRG_RandomStreams.multinomial only implemented for pvals.ndim = 2")
        unis = self.uniform(size=pvals[:, 0].shape * n, ndim=1, nstreams=nstreams, **kwargs)
        return MultinomialFromUniform(dtype)(pvals, unis, as_tensor_variable(n))

    def choice(self, size: Any = 1, a: Any = None, replace: bool = True, p: Any = None, ndim: int | None = None,
               dtype: Any = "int64", nstreams: int | None = None, **kwargs: Any) -> Any:
        """(rows, size): outcomes drawn without replacement, for each row of probabilities ``p``."""
        if replace:
            raise NotImplementedError("MRG_RandomStreams.choice only works without replacement for now.")
        if a is not None:
            raise TypeError("For now, a has to be None in MRG_RandomStreams.choice. Sampled values are between 0 and "
                            "p.shape[1]-1")
        if p is None:
            raise TypeError("For now, p has to be specified in MRG_RandomStreams.choice.")
        p = undefined_grad(as_tensor_variable(p))
        if ndim is not None:
            raise ValueError("ndim argument to MRG_RandomStreams.choice is not used.")
        if p.type.ndim != 2:
            raise NotImplementedError("MRG_RandomStreams.choice is only implemented for p.ndim = 2")
        unis = self.uniform(size=p[:, 0].shape * size, ndim=1, nstreams=nstreams, **kwargs)
        return ChoiceFromUniform(dtype)(p, unis, as_tensor_variable(size))

    def multinomial_wo_replacement(self, size: Any = None, n: Any = 1, pvals: Any = None, ndim: int | None = None,
                                   dtype: Any = "int64", nstreams: int | None = None, **kwargs: Any) -> Any:
        """The older name of ``choice`` without replacement."""
        warnings.warn("MRG_RandomStreams.multinomial_wo_replacement() is deprecated. Please use "
                      "MRG_RandomStreams.choice() instead.", stacklevel=2)
        if size is not None:
            raise AssertionError("size is not used")
        return self.choice(size=n, a=None, replace=False, p=pvals, dtype=dtype, nstreams=nstreams, ndim=ndim, **kwargs)

    def normal(self, size: Any, avg: Any = 0.0, std: Any = 1.0, ndim: int | None = None, dtype: Any = None,
               nstreams: int | None = None, truncate: bool = False, **kwargs: Any) -> Any:
        """Normal numbers of mean ``avg`` and deviation ``std`` (before truncation at 2 deviations), of a size.

        Box and Muller, "A note on the generation of random normal deviates", Ann. Math. Stat. 29 (1958), on an even
        number of uniform numbers: the first half gives the radii, the second the angles.
        """
        size = _check_size(size)
        avg, std = (undefined_grad(as_tensor_variable(v)) for v in (avg, std))
        if dtype is None:
            dtype = upcast(config.floatX, avg.type.dtype, std.type.dtype)
        elif dtype == "floatX":
            dtype = config.floatX
        avg, std = table["cast"](avg, dtype), table["cast"](std, dtype)
        wanted = table["prod"](size, dtype="int64")
        even = wanted + wanted % 2
        uniform = self.uniform((even,), low=0.0, high=1.0, ndim=1, dtype=dtype, nstreams=nstreams, **kwargs)
        radius = table["sqrt"](-2.0 * table["log"](uniform[: even // 2]))
        angle = np.array(2.0 * np.pi, dtype=dtype) * uniform[even // 2:]
        cos, sin = table["cos"](angle), table["sin"](angle)
        z0, z1 = radius * cos, radius * sin
        if truncate:
            z0, z1 = self._redraw(z0, z1, cos, sin, dtype, nstreams, kwargs)
        samples = table["join"](0, z0, z1)[:wanted]
        samples = table["reshape"](samples, size, ndim=ndim)
        return samples * std + avg

    def _redraw(self, z0: Any, z1: Any, cos: Any, sin: Any, dtype: str, nstreams: Any, kwargs: dict) -> Any:
        """Both halves with what lies outside of [-2, 2] drawn again; in each half the good ones come first."""
        bad0, bad1 = (z0 < -2.0) | (z0 > 2.0), (z1 < -2.0) | (z1 > 2.0)
        good0, good1 = z0[(~bad0).nonzero()], z1[(~bad1).nonzero()]
        fix0, fix1 = bad0.nonzero()[0], bad1.nonzero()[0]
        lower = constant(1.0 / np.e**2, dtype=dtype)
        u = self.uniform((fix0.size + fix1.size,), low=lower, high=1.0, ndim=1, dtype=dtype, nstreams=nstreams,
                         **kwargs)
        radius = table["sqrt"](-2.0 * table["log"](u))
        again0, again1 = radius[: fix0.size] * cos[fix0], radius[fix0.size:] * sin[fix1]
        return table["join"](0, good0, again0), table["join"](0, good1, again1)

    def truncated_normal(self, size: Any, avg: Any = 0.0, std: Any = 1.0, ndim: int | None = None, dtype: Any = None,
                         nstreams: int | None = None, **kwargs: Any) -> Any:
        """Normal numbers truncated at two deviations, scaled so that the result has deviation ``std``."""
        # the deviation of a standard normal truncated at -2 and 2: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1))
        std = std / constant(0.87962566103423978)
        return self.normal(size=size, avg=avg, std=std, truncate=True, ndim=ndim, dtype=dtype, nstreams=nstreams,
                           **kwargs)


def GPU_mrg_uniform(*args: Any, **kwargs: Any) -> Any:
    """Where a sample is drawn is decided when a function is compiled; there is no op for one device."""
    raise NotPortedError("GPU_mrg_uniform", fix="use MRG_RandomStreams().uniform")


__all__ = ["ChoiceFromUniform", "MRG_RandomStreams", "MultinomialFromUniform", "guess_n_streams", "mrg_uniform"]
