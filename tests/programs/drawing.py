# DRAW: attention by banks of gaussian filters, noise drawn outside the loop, adam on python floats
import numpy as np, theano, theano.tensor as T
from theano.tensor.shared_randomstreams import RandomStreams
from theano.tensor import batched_dot

fx = theano.config.floatX
rng = np.random.RandomState(3)
srng = RandomStreams(seed=123)
A = B = 6
N = 3
E = D = 8
Z = 3
Tn = 3
bs = 2


def g(*s):
    return theano.shared(rng.normal(0, 0.2, s).astype(fx))


We, be, Wd, bd, Wmu, Wsg, Wr, Ww, Wread, c0 = (
    g(2 * N * N + D + E, E),
    g(E),
    g(Z + D, D),
    g(D),
    g(E, Z),
    g(E, Z),
    g(D, 5),
    g(D, N * N),
    g(D, 5),
    g(A * B),
)
params = [We, be, Wd, bd, Wmu, Wsg, Wr, Ww, Wread, c0]


def filterbank(cx, cy, delta, sigma):
    tol = 1e-4
    rr = T.arange(N, dtype=fx) - (N + 1) / 2.0 + 0.5
    mux = cx.dimshuffle([0, "x"]) + delta.dimshuffle([0, "x"]) * rr
    muy = cy.dimshuffle([0, "x"]) + delta.dimshuffle([0, "x"]) * rr
    a = T.arange(A, dtype=fx)
    b = T.arange(B, dtype=fx)
    FX = T.exp(-((a - mux.dimshuffle([0, 1, "x"])) ** 2) / 2.0 / sigma.dimshuffle([0, "x", "x"]) ** 2)
    FY = T.exp(-((b - muy.dimshuffle([0, 1, "x"])) ** 2) / 2.0 / sigma.dimshuffle([0, "x", "x"]) ** 2)
    FX = FX / (FX.sum(axis=-1).dimshuffle(0, 1, "x") + tol)
    FY = FY / (FY.sum(axis=-1).dimshuffle(0, 1, "x") + tol)
    return FY, FX


def att(h, W):
    l = h.dot(W)
    return (
        (l[:, 0] + 1.0) * (A - 1.0) / 2,
        (l[:, 1] + 1.0) * (B - 1) / 2,
        (max(A, B) - 1) / (N - 1.0) * T.exp(l[:, 2]) / 2,
        T.exp(l[:, 3] / 2.0),
        T.exp(l[:, 4]),
    )


def read(im, W, h):
    cx, cy, d, s, gm = att(h, W)
    FY, FX = filterbank(cx, cy, d, s)
    I = im.reshape((bs, B, A))
    W_ = batched_dot(batched_dot(FY, I), FX.transpose([0, 2, 1]))
    return gm.dimshuffle([0, "x"]) * W_.reshape((bs, N * N))


def write(W, h, ww):
    cx, cy, d, s, gm = att(h, W)
    FY, FX = filterbank(cx, cy, d, s)
    w = ww.reshape((bs, N, N))
    I = batched_dot(batched_dot(FY.transpose([0, 2, 1]), w), FX)
    return I.reshape((bs, B * A)) / gm.dimshuffle([0, "x"])


def iterate(u, c, he, hd, kl, x):
    xh = x - T.nnet.sigmoid(c)
    r = T.concatenate([read(x, Wread, hd), read(xh, Wread, hd)], axis=1)
    he = T.tanh(T.concatenate([r, hd, he], axis=1).dot(We) + be)
    mu, ls = he.dot(Wmu), he.dot(Wsg)
    z = mu + T.exp(ls) * u
    kl = kl + 0.5 * T.sum(mu**2 + T.exp(2 * ls) - 2 * ls - 1, axis=1)
    hd = T.tanh(T.concatenate([z, hd], axis=-1).dot(Wd) + bd)
    c = c + write(Wr, hd, hd.dot(Ww))
    return c, he, hd, kl


x = T.matrix("x")
u = srng.normal(size=(Tn, bs, Z), avg=0.0, std=1.0, dtype=fx)
z2 = lambda n: T.alloc(np.cast[fx](0), bs, n) if False else T.zeros((bs, n), dtype=fx)
(cs, hes, hds, kls), upd = theano.scan(
    iterate, sequences=[u], outputs_info=[T.alloc(c0, bs, A * B), z2(E), z2(D), T.zeros((bs,), fx)], non_sequences=[x]
)
rec = T.nnet.binary_crossentropy(T.nnet.sigmoid(cs[-1]), x).sum(1).mean()
kl = kls[-1].mean()
cost = rec + kl
gs = T.grad(cost, params)
norm = T.sqrt(sum([T.sqr(q).sum() for q in gs]))
sc = T.switch(T.ge(norm, 5.0), 5.0 / norm, 1.0)
ups = []
i = theano.shared(np.float32(0))
it = i + 1.0
for p, q in zip(params, gs):
    q = q * sc
    m = theano.shared(p.get_value() * 0.0)
    v = theano.shared(p.get_value() * 0.0)
    mt = 0.9 * m + 0.1 * q
    vt = 0.999 * v + 0.001 * q**2
    ups += [
        (m, T.cast(mt, fx)),
        (v, T.cast(vt, fx)),
        (p, T.cast(p - 0.01 * T.sqrt(1 - 0.999**it) / (1 - 0.9**it) * mt / (T.sqrt(vt) + 1e-8), fx)),
    ]
ups.append((i, it))
f = theano.function([x], [cost, rec, kl, norm], updates=ups)
X = (rng.rand(bs, A * B) > 0.6).astype(fx)
for k in range(5):
    print([round(float(v), 4) for v in f(X)])
s = theano.function([x], T.nnet.sigmoid(cs[:, :, :3]))
print(s(X).shape, s(X)[-1].tolist())
print(it.dtype, i.get_value())
