"""Loops made at random: with all rewrites they give the values and gradients that they give without any.

Sequences and states with taps, loops in loops (of lengths that change from step to step too), `until`, truncated
gradients, parts that only some outputs use. `python tests/test_loop_trials.py FIRST COUNT` tries more.
"""

import sys

import numpy as np
import pytest

import tgraph as tg
import tgraph.tensor as T
from tgraph.loops import scan, until
from tgraph.ops.branch import ifelse

W, M, v, s = T.dmatrix("W"), T.dmatrix("M"), T.dvector("v"), T.dscalar("s")
LEAVES = [W, M, v, s]
TAPS = ([-1, 0], [0, 1], [1], [-1, 1])


class Trial:
    """The graph of one seed: vectors of three elements, made of such, of scalars, and of the leaves."""

    def __init__(self, seed):
        self.r = np.random.default_rng(seed)

    def happens(self, probability):
        return self.r.random() < probability

    def one_of(self, things):
        return things[self.r.integers(len(things))]

    def mixed(self, parts, depth):
        """A vector that depends on some of the parts."""
        vectors = [x for x in parts if x.ndim == 1]
        scalars = [x for x in parts if x.ndim == 0 and x.dtype == "float64"]
        matrices = [x for x in parts if x.ndim == 2] + [W]
        counts = [x for x in parts if x.dtype == "int64"]
        e = self.one_of(vectors)
        for _ in range(self.r.integers(1, 4)):
            o, m = self.one_of(vectors), self.one_of(matrices)
            forms = [
                lambda e, o, m: T.tanh(e + o),
                lambda e, o, m: e * T.nnet.sigmoid(o),
                lambda e, o, m: T.dot(e, m) * 0.5,
                lambda e, o, m: e + T.sin(self.one_of(scalars)) * o if scalars else e - o,
                lambda e, o, m: T.switch(T.gt(o, 0), e, o * 0.5),
                lambda e, o, m: T.nnet.softmax(e.dimshuffle("x", 0))[0] * 2 - o * 0.3,
                lambda e, o, m: T.set_subtensor(e[1], (o * e).sum() * 0.1),
                lambda e, o, m: e + T.dot(W, o) * 0.3,
                lambda e, o, m: T.concatenate([e[:1], o[1:]]),
                lambda e, o, m: T.outer(e, o).dot(v) * 0.2,
                lambda e, o, m: ifelse(T.gt(o[0], 0), e + o, e * 0.5),
            ]
            e = self.one_of(forms)(e, o, m)
        if counts and self.happens(0.6):
            count, o = counts[0], self.one_of(vectors)
            if self.happens(0.5):
                e = e + T.tanh(T.dot(M[:count] * o, W)).mean(axis=0)
            else:
                rows, _ = scan(lambda h, W: T.tanh(T.dot(h, W) + o * 0.5), None, e, W, count)
                e = rows[-1] + rows.mean(axis=0) * 0.1
        if depth and self.happens(0.35):
            e = e + self.looped([x for x in parts if x.dtype == "float64"], depth - 1) * 0.3
        return e

    def sequences(self, vectors):
        found = []
        for _ in range(self.r.integers(0, 3)):
            rows = self.one_of([M, T.dot(M, W), M * self.one_of(vectors), M[::-1]])
            found.append({"input": rows, "taps": self.one_of(TAPS)} if self.happens(0.3) else rows)
        return [*found, T.arange(1, 6)] if self.happens(0.25) else found

    def states(self, vectors, least):
        found = []
        for _ in range(self.r.integers(least, 3)):
            first = self.one_of(vectors)
            two = self.happens(0.3)
            found.append({"initial": T.stack([first, first * 0.5]), "taps": [-2, -1]} if two else first)
        return found

    def looped(self, parts, depth):
        """A vector made of what a loop gives."""
        vectors = [x for x in parts if x.ndim == 1]
        sequences = self.sequences(vectors)
        states = self.states(vectors, 0 if sequences else 1)
        beside = self.r.integers(0 if states else 1, 3)
        constants = [self.one_of(vectors)] if self.happens(0.5) else []
        constants += [W] if self.happens(0.3) else []
        stops, limit = self.happens(0.2), float(self.r.uniform(0.5, 6))
        steps = int(self.r.integers(2, 4)) if not sequences or self.happens(0.3) else None

        def step(*given):
            known = [*given, v, *([s] if self.happens(0.5) else [])]
            outputs = [self.mixed(known, depth) for _ in range(len(states) + beside)]
            outputs[len(states) :] = [x.sum() if self.happens(0.3) else x for x in outputs[len(states) :]]
            return (outputs, until(T.gt(abs(outputs[-1]).sum(), limit))) if stops else outputs

        rows, _ = scan(step, sequences, [*states, *[None] * beside], constants, n_steps=steps, return_list=True,
                       truncate_gradient=int(self.r.integers(1, 4)) if self.happens(0.15) else -1,
                       go_backwards=self.happens(0.3))
        total = v * 0
        for x in rows:
            total = total + self.one_of([
                lambda x: x[-1],
                lambda x: x.sum(axis=0) * 0.2,
                lambda x: x[0] * x[-1],
                lambda x: (x[1:] * x[:-1]).sum(axis=0) * 0.1,
                lambda x: T.zeros_like(v),
            ])(x)
        return total


def try_one(seed):
    """Without and with rewrites: [the vector, the gradients of its square, now and then one of these' gradient]."""
    trial = Trial(seed)
    y = trial.looped([v, M[0], s], 1 + trial.happens(0.5))
    outputs = [y, *T.grad((y**2).sum(), LEAVES, disconnected_inputs="ignore")]
    if trial.happens(0.3):
        outputs.append(T.grad((outputs[3] * v).sum(), v, disconnected_inputs="ignore"))
    r = np.random.default_rng(seed + 10**6)
    values = [r.normal(size=(3, 3)) * 0.5, r.normal(size=(5, 3)), r.normal(size=3), float(r.normal())]
    modes = tg.Mode("py", optimizer=None), tg.Mode("cvm")
    plain, rewritten = (tg.function(LEAVES, outputs, mode=mode, on_unused_input="ignore")(*values) for mode in modes)
    for a, b in zip(plain, rewritten, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-7, atol=1e-9)


# the last ones had wrong gradients, once
@pytest.mark.parametrize("seed", [*range(20), 34, 51, 62, 65])
def test_rewrites_change_no_value(seed):
    try_one(seed)


if __name__ == "__main__":
    first, count = map(int, sys.argv[1:])
    for seed in range(first, first + count):
        try:
            try_one(seed)
        except Exception as error:
            print(seed, type(error).__name__, str(error)[:300])
