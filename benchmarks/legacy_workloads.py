"""The workloads as old scripts write them: one file for the real Theano and for tgraph behind its legacy door.

Each takes its data and returns (step, results, functions): ``step`` does the work once, ``results()`` gives the arrays
to compare, ``functions`` are the compiled ones.
"""

import numpy as np
import theano
import theano.tensor as T

F = "float32"


def _shared(a):
    return theano.shared(np.asarray(a, F))


def call_scalar(d):
    x = T.dscalar("x")
    f = theano.function([x], x + 1)
    return lambda: f(1.5), lambda: [f(1.5)], [f]


def call_vec10(d):
    x = T.dvector("x")
    f = theano.function([x], x + 1)
    return lambda: f(d["x"]), lambda: [f(d["x"])], [f]


def shared_acc(d):
    acc = theano.shared(np.float64(0.0), name="acc")
    inc = T.dscalar("inc")
    f = theano.function([inc], acc, updates=[(acc, acc + inc)])
    return lambda: f(0.5), lambda: [acc.get_value()], [f]


def _train(d, params, p, x, y, index, updates):
    sx, sy = _shared(d["x"]), T.cast(_shared(d["y"]), "int32")
    B = d["batch"]
    cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
    f = theano.function([index], cost, updates=updates(cost),
                        givens={x: sx[index * B:(index + 1) * B], y: sy[index * B:(index + 1) * B]})
    state = {"i": 0}

    def step():
        state["last"] = f(state["i"])
        state["i"] = (state["i"] + 1) % (len(d["x"]) // B)
    return step, lambda: [q.get_value() for q in params] + [state["last"]], [f]


def logreg_sgd(d):
    W, b = _shared(d["W"]), _shared(d["b"])
    x, y, index = T.matrix("x"), T.ivector("y"), T.lscalar("index")
    p = T.nnet.softmax(T.dot(x, W) + b)

    def updates(cost):
        gW, gb = T.grad(cost, [W, b])
        return [(W, W - d["lr"] * gW), (b, b - d["lr"] * gb)]
    return _train(d, [W, b], p, x, y, index, updates)


def mlp_momentum(d):
    params = [_shared(d[k]) for k in ("W1", "b1", "W2", "b2")]
    W1, b1, W2, b2 = params
    x, y, index = T.matrix("x"), T.ivector("y"), T.lscalar("index")
    p = T.nnet.softmax(T.dot(T.tanh(T.dot(x, W1) + b1), W2) + b2)

    def updates(cost):
        pairs = []
        for q, g in zip(params, T.grad(cost, params)):
            v = theano.shared(q.get_value() * 0, broadcastable=q.broadcastable)
            new = d["mom"] * v - d["lr"] * g
            pairs += [(v, new), (q, q + new)]
        return pairs
    return _train(d, params, p, x, y, index, updates)


def _chain(d):
    x = T.vector("x")
    y = x
    for i in range(d["n"]):
        y = T.tanh(y) if i % 2 == 0 else y * x
    f = theano.function([x], y)
    return lambda: f(d["x"]), lambda: [f(d["x"])], [f]


chain_100 = chain_1000 = chain_5000 = _chain
