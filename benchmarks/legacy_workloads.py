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


def _elemwise(d):
    x = T.vector("x")
    a = T.exp(-x * x)
    b = T.tanh(a * x + 0.5)
    f = theano.function([x], T.exp(b * 0.5) * T.tanh(a - b) + x)
    return lambda: f(d["x"]), lambda: [f(d["x"])], [f]


elemwise_1e6 = elemwise_1e7 = _elemwise


def _of_matrix(d, outputs):
    x = T.matrix("x")
    f = theano.function([x], outputs(x))
    return lambda: f(d["x"]), lambda: f(d["x"]), [f]


def softmax(d):
    return _of_matrix(d, lambda x: [T.nnet.softmax(x)])


def logsumexp(d):
    def outputs(x):
        top = T.max(x, axis=1, keepdims=True)
        return [top + T.log(T.sum(T.exp(x - top), axis=1, keepdims=True))]
    return _of_matrix(d, outputs)


def reductions(d):
    return _of_matrix(d, lambda x: [T.sum(x, axis=0), T.max(x, axis=1), T.var(x, axis=1), T.argmax(x, axis=1)])


def _embedding(d, dense):
    E, V = _shared(d["E"]), _shared(d["V"])
    rows = T.lvector("rows")
    looked_up = E[rows]
    cost = T.mean((T.tanh(T.dot(looked_up, V)) - 0.5) ** 2)
    gE, gV = T.grad(cost, [E if dense else looked_up, V])
    new = E - d["lr"] * gE if dense else T.inc_subtensor(looked_up, -d["lr"] * gE)
    f = theano.function([rows], cost, updates=[(E, new), (V, V - d["lr"] * gV)])
    state = {"i": 0}

    def step():
        state["last"] = f(d["rows"][state["i"]])
        state["i"] = (state["i"] + 1) % len(d["rows"])
    return step, lambda: [E.get_value()[d["rows"][:3].ravel()], V.get_value(), state["last"]], [f]


def embedding_sgd(d):
    return _embedding(d, False)


def dense_embedding_sgd(d):
    return _embedding(d, True)


def _dropout(d, binomial):
    params = [_shared(d[k]) for k in ("W1", "W2", "W3")]
    x, y, index = T.matrix("x"), T.ivector("y"), T.lscalar("index")
    h = x
    for W in params[:2]:
        mask = T.cast(binomial(size=(d["batch"], 500), n=1, p=d["keep"]), F)
        h = T.maximum(T.dot(h, W), 0) * mask / d["keep"]
    p = T.nnet.softmax(T.dot(h, params[2]))
    return _train(d, params, p, x, y, index,
                  lambda cost: [(q, q - d["lr"] * g) for q, g in zip(params, T.grad(cost, params))])


def dropout_mrg(d):
    from theano.sandbox.rng_mrg import MRG_RandomStreams
    return _dropout(d, MRG_RandomStreams(123).binomial)


def dropout_srs(d):
    from theano.tensor.shared_randomstreams import RandomStreams
    return _dropout(d, RandomStreams(123).binomial)


def attention(d):
    q, k, v = T.tensor3("q"), T.tensor3("k"), T.tensor3("v")
    s = T.batched_dot(q, k.dimshuffle(0, 2, 1)) / np.float32(8)
    p = T.nnet.softmax(s.reshape((-1, s.shape[2]))).reshape(s.shape)
    f = theano.function([q, k, v], T.batched_dot(p, v))
    return lambda: f(d["q"], d["k"], d["v"]), lambda: [f(d["q"], d["k"], d["v"])], [f]


def lstm_step(d):
    W, U, b, V = params = [_shared(d[k]) for k in "WUbV"]
    H = d["U"].shape[0]
    x, y = T.tensor3("x"), T.lvector("y")

    def part(z, n):
        return z[:, n * H:(n + 1) * H]

    def recurrence(x_t, h, c, U):
        z = x_t + T.dot(h, U)
        c = T.nnet.sigmoid(part(z, 1)) * c + T.nnet.sigmoid(part(z, 0)) * T.tanh(part(z, 2))
        return T.nnet.sigmoid(part(z, 3)) * T.tanh(c), c

    zeros = T.zeros((x.shape[1], H), F)
    (hs, _), _ = theano.scan(recurrence, [T.dot(x, W) + b], [zeros, zeros], [U])
    p = T.nnet.softmax(T.dot(hs[-1], V))
    cost = -T.mean(T.log(p)[T.arange(y.shape[0]), y])
    updates = [(q, q - d["lr"] * g) for q, g in zip(params, T.grad(cost, params))]
    f = theano.function([x, y], cost, updates=updates)
    return lambda: f(d["x"], d["y"]), lambda: [q.get_value() for q in params], [f]


def _rnn(d, gradient):
    W, U, x = _shared(d["W"]), _shared(d["U"]), T.matrix("x")
    hs, _ = theano.scan(lambda x_t, h: T.tanh(T.dot(x_t, W) + T.dot(h, U)), [x], [T.zeros((16,), F)])
    f = theano.function([x], T.grad(T.mean(hs ** 2), [W, U]) if gradient else [hs])
    return lambda: f(d["x"]), lambda: f(d["x"]), [f]


def rnn_forward(d):
    return _rnn(d, False)


def rnn_gradient(d):
    return _rnn(d, True)


def words_gradient(d):
    E, W, i = _shared(d["E"]), _shared(d["W"]), T.ivector("i")
    hs, _ = theano.scan(lambda k, h: T.tanh(E[k] + T.dot(h, W)), [i], [T.zeros((16,), F)])
    f = theano.function([i], T.grad(T.sum(hs ** 2), [E, W]))
    return lambda: f(d["i"]), lambda: f(d["i"]), [f]


def jacobian(d):
    A, x = _shared(d["A"]), T.vector("x")
    f = theano.function([x], theano.gradient.jacobian(T.tanh(T.dot(A, x)) ** 2, x))
    return lambda: f(d["x"]), lambda: [f(d["x"])], [f]


def hessian(d):
    A, x = _shared(d["A"]), T.vector("x")
    f = theano.function([x], theano.gradient.hessian(T.sum(T.tanh(T.dot(A, x)) ** 2), x))
    return lambda: f(d["x"]), lambda: [f(d["x"])], [f]


def adam_small(d):
    x, y, params = T.matrix("x"), T.ivector("y"), []
    h = x
    for k, w in enumerate(d["layers"]):
        W, b = _shared(w), _shared(np.zeros(w.shape[1]))
        params += [W, b]
        h = T.dot(h, W) + b
        h = T.tanh(h) if k < 2 else T.nnet.softmax(h)
    cost = T.nnet.categorical_crossentropy(h, y).mean()
    t = _shared(0.0)
    rate = 0.001 * T.sqrt(1 - 0.999 ** (t + 1)) / (1 - 0.9 ** (t + 1))
    updates = [(t, t + 1)]
    for p, g in zip(params, T.grad(cost, params)):
        m, v = _shared(p.get_value() * 0), _shared(p.get_value() * 0)
        m_t, v_t = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g ** 2
        updates += [(m, m_t), (v, v_t), (p, p - rate * m_t / (T.sqrt(v_t) + 1e-8))]
    f = theano.function([x, y], cost, updates=updates, allow_input_downcast=True)
    return lambda: f(d["x"], d["y"]), lambda: [p.get_value() for p in params], [f]


def _chain(d):
    x = T.vector("x")
    y = x
    for i in range(d["n"]):
        y = T.tanh(y) if i % 2 == 0 else y * x
    f = theano.function([x], y)
    return lambda: f(d["x"]), lambda: [f(d["x"])], [f]


chain_100 = chain_1000 = chain_5000 = _chain
