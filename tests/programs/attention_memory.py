# neural-Turing-style addressing and a mixture density network, as research code of 2015 wrote them
from collections import OrderedDict

import numpy as np
import theano
import theano.tensor as T

fx = theano.config.floatX
rng = np.random.RandomState(11)


def weights(*shape):
    return theano.shared((rng.randn(*shape) * 0.3).astype(fx))


def similarity(k, M):
    k_unit = k / (T.sqrt(T.sum(k**2, axis=1, keepdims=True)) + 1e-5)
    k_unit = k_unit.dimshuffle(0, "x", 1)
    M_lengths = T.sqrt(T.sum(M**2, axis=2)).dimshuffle((0, 1, "x"))
    return T.sum(k_unit * (M / (M_lengths + 1e-5)), axis=2)


def addressing(M, w_prev, k, beta, g, s, gamma, n_slots=6):
    w_c = T.nnet.softmax(beta * similarity(k, M))
    w_g = g * w_c + (1 - g) * w_prev
    shift = np.array([[(i + j) % n_slots for j in (-1, 0, 1)] for i in range(n_slots)])
    w_s = (w_g[:, shift] * s.dimshuffle(0, "x", 1)).sum(axis=2)
    w_p = T.pow(w_s + 1e-6, T.addbroadcast(gamma, 1))
    return w_p / w_p.sum(axis=1, keepdims=True)


n_in, n_hid, n_mem = 4, 7, 5
Wx, Wh, Wr, bh = weights(n_in, n_hid), weights(n_hid, n_hid), weights(n_mem, n_hid), weights(n_hid)
Wk, Wb, Wg, Ws, Wgam = weights(n_hid, n_mem), weights(n_hid, 1), weights(n_hid, 1), weights(n_hid, 3), weights(n_hid, 1)
We, Wa, Wo = weights(n_hid, n_mem), weights(n_hid, n_mem), weights(n_hid + n_mem, n_in)
M0, w0 = weights(6, n_mem), weights(1, 6)
params = [Wx, Wh, Wr, bh, Wk, Wb, Wg, Ws, Wgam, We, Wa, Wo, M0, w0]


def step(x, h, w, M):
    read = T.batched_dot(w, M)
    h = T.tanh(T.dot(x, Wx) + T.dot(h, Wh) + T.dot(read, Wr) + bh)
    w = addressing(
        M,
        w,
        T.dot(h, Wk),
        T.nnet.softplus(T.dot(h, Wb)).repeat(6, axis=1),
        T.nnet.sigmoid(T.dot(h, Wg)).repeat(6, 1),
        T.nnet.softmax(T.dot(h, Ws)),
        1 + T.nnet.softplus(T.dot(h, Wgam)),
    )
    erase, add = T.nnet.sigmoid(T.dot(h, We)), T.dot(h, Wa)
    M = M * (1 - w[:, :, None] * erase[:, None, :]) + w[:, :, None] * add[:, None, :]
    out = T.nnet.sigmoid(T.dot(T.concatenate([h, read], axis=1), Wo))
    return out, h, w, M


x, t = T.tensor3("x"), T.tensor3("t")
n = x.shape[1]
initial = [None, T.zeros((n, n_hid)), T.nnet.softmax(w0).repeat(n, axis=0), T.tile(M0, (n, 1, 1))]
(outs, hs, ws, Ms), _ = theano.scan(step, sequences=[x], outputs_info=initial)
cost = T.nnet.binary_crossentropy(T.clip(outs, 1e-6, 1 - 1e-6), t).mean()
grads = [T.clip(g, -1, 1) for g in T.grad(cost, params)]
updates = OrderedDict()
for p, g in zip(params, grads):
    acc = theano.shared(np.zeros_like(p.get_value()))
    v = theano.shared(np.zeros_like(p.get_value()))
    updates[acc] = 0.95 * acc + 0.05 * g**2
    updates[v] = 0.9 * v - 0.05 * g / T.sqrt(updates[acc] + 1e-3)
    updates[p] = p + updates[v]
train = theano.function([x, t], [cost, ws[-1].max(axis=1), Ms[-1].sum()], updates=updates)
X = (rng.rand(5, 3, n_in) > 0.5).astype(fx)
for i in range(4):
    c, w, m = train(X, X[::-1])
    print("ntm", float(c), w.tolist(), float(m))

# mixture density network
K = 3
V1, V2, c1, c2 = weights(1, 8), weights(8, 3 * K), weights(8), weights(3 * K)
u, y = T.matrix("u"), T.col("y", dtype=fx)
z = T.dot(T.tanh(T.dot(u, V1) + c1), V2) + c2
mu, logsig, logit = z[:, :K], z[:, K : 2 * K], z[:, 2 * K :]
logmix = logit - logit.max(axis=1, keepdims=True)
logmix = logmix - T.log(T.exp(logmix).sum(axis=1, keepdims=True))
exponent = -0.5 * T.inv(T.exp(2 * logsig)) * (y - mu) ** 2 - logsig - 0.5 * np.log(2 * np.pi) + logmix
top = exponent.max(axis=1, keepdims=True)
nll = -(T.log(T.exp(exponent - top).sum(axis=1)) + top[:, 0]).mean()
ps = [V1, V2, c1, c2]
fit = theano.function([u, y], nll, updates=[(p, p - 0.1 * g) for p, g in zip(ps, T.grad(nll, ps))])
U = rng.uniform(-1, 1, (30, 1)).astype(fx)
for i in range(5):
    print("mdn", float(fit(U, np.sin(3 * U) + 0.1)))
best = theano.function([u], mu[T.arange(u.shape[0]), T.argmax(logmix, axis=1)])
print("mdn", best(U[:4]).tolist())
