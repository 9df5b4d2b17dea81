"""Pickle graphs and functions with loops, branches and ops made of graphs, with the real Theano.

Run with the oracle's Python 3.8 or 2.7 (Theano 1.0.5), once for each dtype; names as arguments: only those. With
Theano 0.8.2 (Python 2.7, names as arguments) it writes NAME_v08_FLOATX_py2.
    THEANO_FLAGS=cxx=,optimizer_excluding=scipy_blas,traceback.limit=0,floatX=float64 python .../record_loop_pickles.py
Writes tests/data/pickles/loops/NAME_FLOATX_pyN.pkl.gz, and into tests/data/loop_pickles.json what
`tests/loop_pickle_uses.py` finds in each.
"""

import collections
import gzip
import io
import json
import os
import pickle
import sys
import warnings

import numpy as np
import theano
import theano.tensor as T
from theano.compile.builders import OpFromGraph
from theano.ifelse import ifelse
from theano.misc import pkl_utils
from theano.sandbox.rng_mrg import MRG_RandomStreams
from theano.tensor.shared_randomstreams import RandomStreams

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from loop_pickle_uses import USES, Layer, Model, double_gradient  # noqa: E402

FOLDER = os.path.join(HERE, "..", "data", "pickles", "loops")
DATA = os.path.join(HERE, "..", "data", "loop_pickles.json")
fx = theano.config.floatX
scan, shared = theano.scan, theano.shared


def leaves():
    """Inputs of their own for each pickle."""
    return T.matrix("x"), T.vector("h"), T.matrix("W"), T.lscalar("n")


def start(*shape):
    return np.zeros(shape, fx)


GRAPHS = collections.OrderedDict()


def of_graph(function):
    GRAPHS[function.__name__.strip("_")] = ("graph", function)
    return function


# -- loops of every form -------------------------------------------------------------------------------------


@of_graph
def sums(x, h, W, n):
    out, _ = scan(lambda r, acc: acc + r, sequences=x, outputs_info=h)
    return [x, h], [out, out[-1]], [x, h]


@of_graph
def rows(x, h, W, n):
    out, _ = scan(lambda r: (r ** 2).sum(), sequences=x)
    return [x], [out], [x]


@of_graph
def rnn(x, h, W, n):
    out, _ = scan(lambda r, s, w: T.tanh(T.dot(s, w) + r), sequences=x, outputs_info=h, non_sequences=W)
    return [x, h, W], [out], [x, h, W]


@of_graph
def sequence_taps(x, h, W, n):
    out, _ = scan(lambda a, b, c: a * b + c, sequences={"input": x, "taps": [-1, 0, 1]})
    return [x], [out], [x]


@of_graph
def state_taps(x, h, W, n):
    out, _ = scan(lambda r, a, b: T.tanh(r + a - 0.5 * b), sequences=x[2:],
                  outputs_info={"initial": x[:3], "taps": [-3, -1]})
    return [x], [out, out[-2:]], [x]


@of_graph
def deep_taps(x, h, W, n):
    out, _ = scan(lambda a, b: a * 0.5 + b, outputs_info={"initial": x[:4], "taps": [-4, -2]}, n_steps=n)
    return [x, n], [out, out[-1]], [x]


@of_graph
def power(x, h, W, n):
    out, _ = scan(lambda acc, a: acc * a, outputs_info=T.ones_like(h), non_sequences=h, n_steps=n)
    return [h, n], [out[-1], out], [h]


@of_graph
def until(x, h, W, n):
    out, _ = scan(lambda acc: (acc * 2, theano.scan_module.until(acc > 20)), outputs_info=T.constant(np.array(1, fx)),
                  n_steps=1024)
    return [], [out, out[-1]], []


@of_graph
def until_rows(x, h, W, n):
    def step(r, s):
        new = s + r
        return [new, new * 2, r.sum()], theano.scan_module.until(T.gt(new.sum(), 3))

    # Theano gives the gradient of the rows of x one row too late where not all are used
    out, _ = scan(step, sequences=x, outputs_info=[h, None, None])
    return [x, h], out, [h]


@of_graph
def no_stop(x, h, W, n):
    out, _ = scan(lambda r: (r + 1, theano.scan_module.until(T.gt(r.sum(), 1e6))), sequences=x)
    return [x], [out], [x]


@of_graph
def several(x, h, W, n):
    def step(r, p, a, b, c, k):
        return a + r * k, b.sum() + c * 0.5, a * b, r.sum() + p

    out, _ = scan(step, sequences=[x, x[:, 0]],
                  outputs_info=[h, {"initial": h[:2], "taps": [-1, -2]}, None, None], non_sequences=[h[0]])
    return [x, h], out, [x, h]


@of_graph
def backwards(x, h, W, n):
    out, _ = scan(lambda r, s: s * 0.5 + r, sequences=x, outputs_info=h, go_backwards=True)
    return [x, h], [out, out[::-1]], [x, h]


@of_graph
def truncated(x, h, W, n):
    out, _ = scan(lambda r, s: T.tanh(s * 0.5 + r), sequences=x, outputs_info=h, truncate_gradient=2)
    return [x, h], [out], [x, h]


@of_graph
def folds(x, h, W, n):
    a, _ = theano.foldl(lambda r, s: s * 0.5 + r, x, h)
    b, _ = theano.foldr(lambda r, s: s * 0.5 + r, x, h)
    c, _ = theano.map(lambda r: r * 2, x)
    d, _ = theano.reduce(lambda r, s: T.maximum(r, s), x, h)
    return [x, h], [a, b, c, d], [x, h]


@of_graph
def integers(x, h, W, n):
    y = T.ivector("y")
    out, _ = scan(lambda k, s: (s * 2 + k).astype("int32"), sequences=y, outputs_info=T.constant(np.int32(1)))
    picks, _ = scan(lambda k, m: m[k], sequences=y, non_sequences=x)
    return [x, y], [out, picks], []


@of_graph
def steps_only(x, h, W, n):
    out, _ = scan(lambda i, m: m[i] * i.astype(fx), sequences=T.arange(n), non_sequences=x)
    return [x, n], [out], [x]


@of_graph
def nested(x, h, W, n):
    def outer(r, s, w):
        inner, _ = scan(lambda e, acc, v: T.tanh(acc * e + v), sequences=r, outputs_info=s, non_sequences=w[0])
        return inner[-1]

    out, _ = scan(outer, sequences=x, outputs_info=h, non_sequences=W)
    return [x, h, W], [out], [x, h, W]


@of_graph
def matrices(x, h, W, n):
    t = T.tensor3("t")
    out, _ = scan(lambda m, s: T.dot(m, m.T) + s, sequences=t, outputs_info=W)
    return [t, W], [out.sum(0), out[-1]], [t, W]


@of_graph
def one_step(x, h, W, n):
    out, _ = scan(lambda r, s: s + r, sequences=x[:1], outputs_info=h)
    more, _ = scan(lambda s: s * 2, outputs_info=h, n_steps=1)
    return [x, h], [out, more], [x, h]


@of_graph
def broadcast(x, h, W, n):
    out, _ = scan(lambda r, s: s + r.sum(), sequences=x, outputs_info=T.unbroadcast(T.zeros((1, 3)), 0))
    keep, _ = scan(lambda r, s: s + r.dimshuffle("x", 0), sequences=x, outputs_info=h.dimshuffle("x", 0))
    return [x, h], [out, keep], [x, h]


# -- state ---------------------------------------------------------------------------------------------------


@of_graph
def counters(x, h, W, n):
    count, weight = shared(0, "count"), shared(np.ones(3, fx), "weight")
    out, updates = scan(lambda r: (r * weight, [(count, count + 1), (weight, weight * 0.9)]), sequences=x)
    return [x], [out, count + 0], [], updates


@of_graph
def shared_weights(x, h, W, n):
    w = shared(np.arange(9).reshape(3, 3).astype(fx) / 10, "w")
    out, _ = scan(lambda r, s: T.tanh(T.dot(s, w) + r), sequences=x, outputs_info=h)
    return [x, h], [out], [x, h, w]


@of_graph
def streams(x, h, W, n):
    draws = RandomStreams(7)
    out, updates = scan(lambda r: r + draws.uniform((3,)) + draws.normal((3,)), sequences=x)
    return [x], [out], [], updates


@of_graph
def mrg(x, h, W, n):
    draws = MRG_RandomStreams(7)
    out, updates = scan(lambda r: r * draws.binomial((3,), p=0.5, nstreams=3, dtype=fx), sequences=x)
    return [x], [out], [], updates


@of_graph
def dropout(x, h, W, n):
    draws = MRG_RandomStreams(3)

    def step(r, s, w):
        mask = draws.binomial((3,), 1, 0.5, dtype=fx, nstreams=3)
        return T.tanh(T.dot(s * mask, w) + r)

    out, updates = scan(step, sequences=x, outputs_info=h, non_sequences=W)
    grads = T.grad((out ** 2).sum(), [x, W])
    return [x, h, W], [out] + grads, [], updates


# -- derivatives in the pickle -------------------------------------------------------------------------------


@of_graph
def gradient(x, h, W, n):
    out, _ = scan(lambda r, s, w: T.tanh(T.dot(s, w) + r), sequences=x, outputs_info=h, non_sequences=W)
    return [x, h, W], T.grad((out ** 2).sum(), [x, h, W]), []


@of_graph
def gradient_taps(x, h, W, n):
    out, _ = scan(lambda r, p, a, b: T.tanh(r * p + a - 0.5 * b), sequences={"input": x, "taps": [-1, 0]},
                  outputs_info={"initial": x[:3], "taps": [-3, -1]})
    return [x], T.grad(out[-1].sum() + (out ** 2).mean(), [x]), []


@of_graph
def gradient_until(x, h, W, n):
    out, _ = scan(lambda r, s: ([T.tanh(s + r)], theano.scan_module.until(T.gt(r.sum(), 2))), sequences=x,
                  outputs_info=h)
    return [x, h], T.grad((out ** 2).sum(), [x, h]), []


@of_graph
def gradient_truncated(x, h, W, n):
    out, _ = scan(lambda r, s, w: T.tanh(T.dot(s, w) + r), sequences=x, outputs_info=h, non_sequences=W,
                  truncate_gradient=3)
    return [x, h, W], T.grad(out[-1].sum(), [x, h, W]), []


@of_graph
def gradient_nested(x, h, W, n):
    def outer(r, s, w):
        inner, _ = scan(lambda e, acc, v: T.tanh(acc * e + v), sequences=r, outputs_info=s, non_sequences=w[0])
        return inner[-1]

    out, _ = scan(outer, sequences=x, outputs_info=h, non_sequences=W)
    return [x, h, W], T.grad((out ** 2).sum(), [x, h, W]), []


@of_graph
def second_order(x, h, W, n):
    out, _ = scan(lambda r, s: T.tanh(s * s + r), sequences=x, outputs_info=h)
    first = T.grad((out ** 2).sum(), h)
    return [x, h], [T.grad((first ** 2).sum(), h)] + T.grad(first.sum(), [x, h]), []


@of_graph
def jacobian(x, h, W, n):
    y = T.tanh(T.dot(W, h))
    return [h, W], [theano.gradient.jacobian(y, h), theano.gradient.hessian((y ** 3).sum(), h)], []


@of_graph
def pushed(x, h, W, n):
    out, _ = scan(lambda r, s: T.tanh(s * 0.7 + r), sequences=x, outputs_info=h)
    return [x, h], [T.Rop(out, [x, h], [x * 2, h + 1])], []


@of_graph
def gradient_several(x, h, W, n):
    def step(r, a, b, c, w):
        return T.tanh(T.dot(a, w) + r), b.sum() + c * 0.5, a * r

    out, _ = scan(step, sequences=x, outputs_info=[h, {"initial": h[:2], "taps": [-1, -2]}, None], non_sequences=W)
    return [x, h, W], T.grad(sum((o ** 2).sum() for o in out), [x, h, W]), []


# -- branches and ops made of graphs -------------------------------------------------------------------------


@of_graph
def branches(x, h, W, n):
    a, b = ifelse(T.gt(x.sum(), 0), [x * 2, h], [x - 1, h * 3], name="pick")
    return [x, h], [a, b, ifelse(T.lt(h[0], 0), T.constant(np.array(1, fx)), x.sum())], [x, h]


@of_graph
def branch_of_loops(x, h, W, n):
    one, _ = scan(lambda r, s: s + r, sequences=x, outputs_info=h)
    two, _ = scan(lambda r, s: s * r, sequences=x, outputs_info=h)
    return [x, h, n], [ifelse(T.gt(n, 2), one[-1], two[-1])], [x, h]


@of_graph
def branch_in_loop(x, h, W, n):
    out, _ = scan(lambda r, s: ifelse(T.gt(r.sum(), 0), s + r, s * 2), sequences=x, outputs_info=h)
    return [x, h], [out] + T.grad(out.sum(), [x, h]), []


@of_graph
def op_of_graph(x, h, W, n):
    a, b = T.matrices("ab")
    op = OpFromGraph([a, b], [T.dot(a, b) + 1, a * 2])
    u, v = op(x, W)
    return [x, W], [u, v], [x, W]


@of_graph
def op_with_shared(x, h, W, n):
    w = shared(np.eye(3).astype(fx) * 2, "w")
    a = T.matrix()
    op = OpFromGraph([a], [T.tanh(T.dot(a, w))], inline=True, name="layer")
    return [x], [op(op(x))], [x, w]


@of_graph
def op_with_gradient(x, h, W, n):
    a = T.matrix()
    op = OpFromGraph([a], [a ** 2], grad_overrides=double_gradient)
    return [x], [op(x)] + [T.grad(op(x).sum(), x)], []


@of_graph
def op_of_loop(x, h, W, n):
    a, b = T.matrix(), T.vector()
    out, _ = scan(lambda r, s: T.tanh(s + r), sequences=a, outputs_info=b)
    op = OpFromGraph([a, b], [out[-1]])
    return [x, h], [op(x, h)] + T.grad(op(x, h).sum(), [x, h]), []


@of_graph
def op_in_loop(x, h, W, n):
    a, b = T.vectors("ab")
    op = OpFromGraph([a, b], [T.tanh(a + b)])
    out, _ = scan(lambda r, s: op(r, s), sequences=x, outputs_info=h)
    return [x, h], [out] + T.grad(out.sum(), [x, h]), []


def op_alone():
    a, b = T.matrices("ab")
    return {"op": OpFromGraph([a, b], [T.tanh(a * b) + a])}


# -- compiled functions --------------------------------------------------------------------------------------


def rng():
    return np.random.RandomState(2)


def weights(name, *shape):
    return shared((rng().randn(*shape) * 0.3).astype(fx), name)


def train_rnn(cell="rnn", mode=None, taken=False):
    """A training step of a recurrent net over (time, features)."""
    x, y = T.matrix("x"), T.matrix("y")
    k = {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    w, u, b, v = weights("w", 3, 2 * k), weights("u", 2, 2 * k), weights("b", 2 * k), weights("v", 2, 3)
    part = lambda z, i: z[2 * i : 2 * i + 2]

    def rnn(z, h, u):
        return T.tanh(z + T.dot(h, u))

    def gru(z, h, u):
        g = T.dot(h, u)
        r, i = T.nnet.sigmoid(part(z, 0) + part(g, 0)), T.nnet.sigmoid(part(z, 1) + part(g, 1))
        return i * h + (1 - i) * T.tanh(part(z, 2) + r * part(g, 2))

    def lstm(z, h, c, u):
        g = z + T.dot(h, u)
        new = T.nnet.sigmoid(part(g, 0)) * c + T.nnet.sigmoid(part(g, 1)) * T.tanh(part(g, 2))
        return T.nnet.sigmoid(part(g, 3)) * T.tanh(new), new

    step = {"rnn": rnn, "gru": gru, "lstm": lstm}[cell]
    out, _ = scan(step, sequences=T.dot(x, w) + b, outputs_info=[T.zeros((2,), fx)] * (2 if cell == "lstm" else 1),
                  non_sequences=u)
    hidden = out[0] if cell == "lstm" else out
    cost = T.sqr(T.dot(hidden, v) - y).mean()
    params = [w, u, b, v]
    updates, state = [], []
    for p, g in zip(params, T.grad(cost, params)):
        m = shared(np.zeros_like(p.get_value()), "m")
        state.append(m)
        updates += [(m, 0.9 * m - 0.2 * g), (p, p + 0.9 * m - 0.2 * g)]
    f = theano.function([x, y], cost, updates=updates, mode=mode)
    if taken:
        f(np.ones((4, 3), fx), np.ones((4, 3), fx))
    return f, [x, y], params + state


def function_of(f, inputs, variables=()):
    return {"f": f, "inputs": list(inputs), "shared": list(variables)}


def batch_lstm():
    """(time, batch, features), a mask, the last state, softmax and a cost per example."""
    x, m, y = T.tensor3("x"), T.matrix("m"), T.ivector("y")
    w, u, v = weights("w", 2, 8), weights("u", 2, 8), weights("v", 2, 3)

    def step(z, m, h, c, u):
        g = z + T.dot(h, u)
        i, f, o = [T.nnet.sigmoid(g[:, 2 * k : 2 * k + 2]) for k in range(3)]
        new = f * c + i * T.tanh(g[:, 6:])
        new = m.dimshuffle(0, "x") * new + (1 - m).dimshuffle(0, "x") * c
        return o * T.tanh(new), new

    zero = T.alloc(np.asarray(0, fx), x.shape[1], 2)
    (h, _), _ = scan(step, sequences=[T.dot(x, w), m], outputs_info=[zero, zero], non_sequences=[u], strict=True)
    p = T.nnet.softmax(T.dot(h[-1], v))
    cost = T.nnet.categorical_crossentropy(p, y[:3]).mean()
    params = [w, u, v]
    updates = [(q, q - 0.5 * g) for q, g in zip(params, T.grad(cost, params))]
    return function_of(theano.function([x, m, y], [cost, p], updates=updates, mode="FAST_COMPILE"), [x, m, y], params)


def generator():
    """Draws in every step, feeds them back."""
    h = T.vector("h")
    draws = MRG_RandomStreams(11)
    out, updates = scan(lambda s: s * 0.5 + draws.uniform((3,), nstreams=3, dtype=fx), outputs_info=h, n_steps=4)
    return function_of(theano.function([h], out, updates=updates), [h])


def gibbs():
    """Gibbs chains of an RBM: updates of random streams, the last of several outputs."""
    x = T.matrix("x")
    w = weights("w", 3, 2)
    draws = RandomStreams(5)

    def step(v):
        h = draws.binomial((5, 2), 1, T.nnet.sigmoid(T.dot(v, w)), dtype=fx)
        mean = T.nnet.sigmoid(T.dot(h, w.T))
        return draws.binomial((5, 3), 1, mean, dtype=fx), mean

    (v, mean), updates = scan(step, outputs_info=[x, None], n_steps=3)
    end = v[-1]
    energy = lambda z: -T.sum(T.nnet.softplus(T.dot(z, w)))
    cost = energy(x) - energy(end)
    updates[w] = w - 0.1 * T.grad(cost, w, consider_constant=[end])
    return function_of(theano.function([x], [cost, mean[-1]], updates=updates), [x], [w])


def last_only():
    x, h = T.matrix("x"), T.vector("h")
    out, _ = scan(lambda r, s: T.tanh(s + r), sequences=x, outputs_info=h)
    two, _ = scan(lambda r, a, b: a + b * r, sequences=x, outputs_info={"initial": x[:2], "taps": [-2, -1]})
    return function_of(theano.function([x, h], [out[-1], two[-1], two[-2:]]), [x, h])


def stopping():
    x, h = T.matrix("x"), T.vector("h")
    out, _ = scan(lambda r, s: (s + r, theano.scan_module.until(T.gt(s.sum(), 2))), sequences=x, outputs_info=h)
    return function_of(theano.function([x, h], {"all": out, "last": out[-1], "n": out.shape[0]}), [x, h])


def nested_function():
    x, h, W, n = leaves()
    inputs, outputs = nested(x, h, W, n)[:2]
    return function_of(theano.function(inputs, outputs), inputs)


def branching():
    x, h = T.matrix("x"), T.vector("h")
    one, _ = scan(lambda r, s: s + r, sequences=x, outputs_info=h)
    out = ifelse(T.gt(x.sum(), 0), one[-1], h * 2)
    return function_of(theano.function([x, h], [out] + T.grad(out.sum(), [x, h])), [x, h])


def made_of_graphs():
    x, h = T.matrix("x"), T.matrix("h")
    a, b = T.matrices("ab")
    op = OpFromGraph([a, b], [T.tanh(a * b) + a])
    out = op(x, h)
    return function_of(theano.function([x, h], [out] + T.grad((out ** 2).sum(), [x, h])), [x, h])


def picks():
    """Indices that are arrays, in a compiled graph: a classifier's training step, masks, sorting."""
    x, y = T.matrix("x"), T.ivector("y")
    w = weights("w", 3, 3)
    p = T.nnet.softmax(T.dot(x, w))
    cost = -T.log(p[T.arange(y.shape[0]), y]).mean() + x[x > 0].sum() + (T.sort(x * w[0], 1)[:, :2] ** 2).sum()
    cost += T.set_subtensor(x[y, 1:], 2.0).sum() + x[:, None, y].sum()
    return function_of(theano.function([x, y], [cost, p], updates=[(w, w - 0.1 * T.grad(cost, w))]), [x, y], [w])


def convolutions():
    """Record with a C compiler and openblas: THEANO_FLAGS=blas.ldflags=-lopenblas,..."""
    x, y = T.matrix("x"), T.matrix("y")
    k, v = weights("k", 2, 1, 2, 2), weights("v", 3)
    h = T.nnet.conv2d(x.dimshuffle("x", "x", 0, 1), k, border_mode="half", subsample=(2, 1))
    z = T.nnet.conv2d(y.dimshuffle("x", "x", 0, 1), k, filter_dilation=(2, 1))
    cost = (h ** 2).sum() + T.tanh(z).sum() + (T.dot(x, v) ** 2).sum()
    updates = [(q, q - 0.01 * T.grad(cost, q)) for q in (k, v)]
    return function_of(theano.function([x, y], [cost, h], updates=updates), [x, y], [k, v])


def rewritten(f):
    """The graph inside of a compiled function, as Theano had rewritten it."""
    graph = f.maker.fgraph
    held = [i.variable for i in f.maker.inputs]
    return {"inputs": graph.inputs, "outputs": graph.outputs, "leaves": held}


def zipped_values():
    r = rng()
    return {"list": [r.randn(2, 2).astype(fx), np.arange(3), np.array(2.5, fx)],
            "dict": {"w": r.randn(3).astype(fx), "b": np.zeros(2, fx), "n": 3}, "text": "done"}


def zipped():
    """What trainers put into zips: models with loops, shared variables of one name, arrays, texts that are no ASCII."""
    same = [shared(np.full(2, i, fx), "w") for i in range(3)] + [shared(np.float32(4)), shared(np.arange(3))]
    text = b"r\xc3\xa9sum\xc3\xa9".decode("utf-8")
    text = text if sys.version_info[0] == 3 else text.encode("latin-1")
    return {"same": same, "arrays": {"a": np.eye(2, dtype=fx), "n": np.float64(2.5)}, "again": same[0], "text": text,
            "graph": graph_thing(rnn), "layer": Layer(3, rng())}


MADE = collections.OrderedDict([
    ("op_alone", ("from_graph", op_alone)),
    ("values", ("values", zipped_values)),
    ("model", ("model", lambda: Model(rng()))),
    ("zip", ("zipped", zipped)),
    ("stripped", ("stripped", lambda: graph_thing(gradient))),
    ("train_rnn", ("calls", lambda: function_of(*train_rnn()))),
    ("train_gru", ("calls", lambda: function_of(*train_rnn("gru", "FAST_COMPILE")))),
    ("train_lstm", ("calls", lambda: function_of(*train_rnn("lstm", taken=True)))),
    ("batch_lstm", ("calls", batch_lstm)),
    ("generator", ("calls", generator)),
    ("gibbs", ("calls", gibbs)),
    ("last_only", ("calls", last_only)),
    ("stopping", ("calls", stopping)),
    ("nested_function", ("calls", nested_function)),
    ("branching", ("calls", branching)),
    ("made_of_graphs", ("calls", made_of_graphs)),
    ("picks", ("calls", picks)),
    ("convolutions", ("calls", convolutions)),
    ("rewritten_convolutions", ("rewritten", lambda: rewritten(convolutions()["f"]))),
    ("rewritten_picks", ("rewritten", lambda: rewritten(picks()["f"]))),
    ("rewritten_rnn", ("rewritten", lambda: rewritten(train_rnn()[0]))),
    ("rewritten_last", ("rewritten", lambda: rewritten(last_only()["f"]))),
    ("rewritten_stopping", ("rewritten", lambda: rewritten(stopping()["f"]))),
    ("rewritten_branching", ("rewritten", lambda: rewritten(branching()["f"]))),
    ("rewritten_graphs", ("rewritten", lambda: rewritten(made_of_graphs()["f"]))),
])


def graph_thing(function):
    parts = function(*leaves())
    inputs, outputs, wrt = parts[:3]
    return {"inputs": inputs, "outputs": list(outputs), "wrt": wrt, "updates": parts[3] if len(parts) > 3 else None}


def record(name, use, thing, recorded, protocol):
    version = theano.__version__.split(".")
    if version[0] == "0":
        name, protocol = "_".join([name, "v" + "".join(version[:2])]), 2
    key = "%s_%s_py%d" % (name, fx, sys.version_info[0])
    path = os.path.join(FOLDER, key + ".pkl.gz")
    data = pickle.dumps(thing, protocol)
    if use == "zipped":
        file = io.BytesIO()
        pkl_utils.dump(thing, file)
        data = file.getvalue()
    elif use == "stripped":
        file = io.BytesIO()
        pkl_utils.StripPickler(file, 2).dump(thing)
        data = file.getvalue()
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as file:
        file.write(data)
    found = pkl_utils.load(io.BytesIO(data)) if use == "zipped" else pickle.loads(data)
    recorded[key] = {"use": use, "found": USES[use](found, fx)}
    with open(DATA, "w") as file:
        about = "Theano 1.0.5 and (v08) 0.8.2, Python 2.7 and 3.8"
        json.dump({"about": about, "opened": recorded}, file, sort_keys=True)
        file.write("\n")


def main():
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    wanted = sys.argv[1:]
    recorded = {}
    if os.path.exists(DATA):
        with open(DATA) as old:
            recorded = json.load(old)["opened"]
    if not os.path.isdir(FOLDER):
        os.makedirs(FOLDER)
    for i, (name, (use, function)) in enumerate(GRAPHS.items()):
        if not wanted or name in wanted:
            record(name, use, graph_thing(function), recorded, i % 3)
    for name, (use, make) in MADE.items():
        if not wanted or name in wanted:
            record(name, use, make(), recorded, 2)


if __name__ == "__main__":
    main()
