import numpy as np, theano, theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams as RandomStreams

fx = theano.config.floatX
rng = np.random.RandomState(0)
srng = RandomStreams(42)


def W(*s):
    return theano.shared((rng.normal(size=s) * 0.3).astype(fx))


def b(n):
    return theano.shared(np.zeros((n,), dtype=fx))


g = [W(4, 16), b(16), W(16, 2), b(2)]
d = [W(2, 16), b(16), W(16, 1), b(1)]


def G(z):
    return T.dot(T.nnet.relu(T.dot(z, g[0]) + g[1]), g[2]) + g[3]


def D(x):
    h = T.dot(x, d[0]) + d[1]
    h = T.switch(T.gt(h, 0), h, 0.2 * h)
    return T.nnet.sigmoid(T.dot(h, d[2]) + d[3])


x = T.matrix()
n = T.iscalar()
z = srng.uniform((n, 4), low=-1, high=1, dtype=fx)
dx = D(x)
dgz = D(G(z))
d_cost = (
    T.nnet.binary_crossentropy(dx, T.ones_like(dx)).mean() + T.nnet.binary_crossentropy(dgz, T.zeros_like(dgz)).mean()
)
g_cost = T.nnet.binary_crossentropy(dgz, T.ones(dgz.shape)).mean()
lrt = theano.shared(np.array(0.05, dtype=fx))


def up(c, ps):
    return [(p, p - lrt * q) for p, q in zip(ps, T.grad(c, ps))]


td = theano.function([x, n], [d_cost, g_cost, dx.mean(), T.mean(dgz < 0.5, dtype=fx)], updates=up(d_cost, d))
tg = theano.function([n], g_cost, updates=up(g_cost, g))
# wgan with gradient penalty needs grad of grad
eps = srng.uniform((x.shape[0], 1))
eps = T.addbroadcast(eps, 1)
xh = T.cast(eps * x + (1 - eps) * G(srng.uniform((x.shape[0], 4), low=-1.0, high=1.0)), fx)
crit = lambda v: T.dot(T.tanh(T.dot(v, d[0]) + d[1]), d[2]).sum()
gx = T.grad(crit(xh), xh)
gp = T.mean((T.sqrt(T.sum(T.sqr(gx), axis=1) + 1e-12) - 1) ** 2)
wl = crit(G(z)) / T.cast(n, fx) - crit(x) / x.shape[0] + 10 * gp
tw = theano.function(
    [x, n],
    [T.cast(wl, fx), gp],
    updates=[(p, T.cast(T.clip(p - 0.001 * q, -1, 1), fx)) for p, q in zip(d[:3], T.grad(wl, d[:3]))],
)
data = (rng.randn(200, 2) * 0.3 + 1).astype(fx)
for i in range(12):
    xb = data[(i * 16) % 200 : (i * 16) % 200 + 16]
    print(i, [repr(float(v)) for v in td(xb, len(xb))], repr(float(tg(16))), [repr(float(v)) for v in tw(xb, len(xb))])
lrt.set_value(np.float32(0.01) if fx == "float32" else 0.01)
print([repr(float((p.get_value() ** 2).sum())) for p in g + d])
