# Neural Turing-ish addressing, memory networks, siamese/contrastive/triplet, SRU, NALU, PixelRNN-less, policy gradient, DQN with target copies
import numpy as np, theano, theano.tensor as T
from collections import OrderedDict

fx = theano.config.floatX
rng = np.random.RandomState(9)


def P(*s):
    return theano.shared((rng.randn(*s) * 0.3).astype(fx))


def cosine(a, b):
    return T.dot(a, b) / (T.sqrt((a**2).sum(axis=1)) * T.sqrt((b**2).sum()) + 1e-5)


M = T.matrix("M")
k = T.vector("k")
beta = T.scalar("beta")
g = T.scalar("g")
s = T.vector("s")
gam = T.scalar("gamma")
wp = T.vector("wp")
er = T.vector("e")
ad = T.vector("a")
K = T.exp(beta * cosine(M, k))
wc = K / K.sum()
wg = g * wc + (1 - g) * wp
ws = sum(s[i] * T.roll(wg, i - 1) for i in range(3))
wt = ws**gam / T.sum(ws**gam)
Mn = M * (1 - T.outer(wt, er)) + T.outer(wt, ad)
r = T.dot(wt, Mn)
f = theano.function(
    [M, k, beta, g, s, gam, wp, er, ad],
    [r, wt] + T.grad((r**2).sum(), [M, k, beta, g, s, gam, wp, er, ad]),
    allow_input_downcast=True,
)
o = f(rng.rand(6, 4), rng.rand(4), 2.0, 0.7, [0.1, 0.8, 0.1], 1.5, np.ones(6) / 6, rng.rand(4), rng.rand(4))
for v in o:
    print(np.asarray(v).ravel()[:4].tolist())
# siamese & triplet
W = P(5, 3)
x1, x2, x3 = T.matrices("x1", "x2", "x3")
y = T.vector("y")
e = lambda x: T.nnet.sigmoid(T.dot(x, W))
d = T.sqrt(T.sum((e(x1) - e(x2)) ** 2, axis=1) + 1e-9)
con = T.mean(y * d**2 + (1 - y) * T.maximum(1 - d, 0) ** 2)
tri = T.mean(T.nnet.relu(T.sum(T.sqr(e(x1) - e(x2)), 1) - T.sum(T.sqr(e(x1) - e(x3)), 1) + 0.2))
tot = con + tri
f = theano.function([x1, x2, x3, y], [con, tri], updates=[(W, W - 0.3 * T.grad(tot, W))], allow_input_downcast=True)
a, b, c = [rng.randn(10, 5) for _ in range(3)]
yy = rng.randint(0, 2, 10)
for i in range(5):
    print([repr(float(v)) for v in f(a, b, c, yy)])
# DQN
q = [P(4, 16), P(16), P(16, 3), P(3)]
tq = [theano.shared(p.get_value()) for p in q]
net = lambda s, p: T.dot(T.nnet.relu(T.dot(s, p[0]) + p[1]), p[2]) + p[3]
S = T.matrix()
A = T.icol()
R = T.col()
S2 = T.matrix()
Tm = T.icol()
qv = net(S, q)
nq = theano.gradient.disconnected_grad(net(S2, tq))
target = R + (T.ones_like(Tm) - Tm) * 0.95 * T.max(nq, axis=1, keepdims=True)
mask = T.eq(T.arange(3).reshape((1, -1)), A.reshape((-1, 1))).astype(theano.config.floatX)
diff = T.cast(target, fx) - (qv * mask).sum(axis=1).reshape((-1, 1))
quad = T.minimum(abs(diff), 1.0)
lin = abs(diff) - quad
loss = T.sum(0.5 * quad**2 + lin * 1.0)
up = OrderedDict()
for p, g_ in zip(q, T.grad(loss, q)):
    acc = theano.shared(p.get_value() * 0)
    acr = theano.shared(p.get_value() * 0)
    up[acc] = 0.95 * acc + 0.05 * g_
    up[acr] = 0.95 * acr + 0.05 * g_**2
    up[p] = p - 0.01 * g_ / T.sqrt(up[acr] - up[acc] ** 2 + 0.01)
st = theano.shared(np.zeros((8, 4), fx))
ac = theano.shared(np.zeros((8, 1), "int32"), broadcastable=(False, True))
rw = theano.shared(np.zeros((8, 1), fx), broadcastable=(False, True))
s2 = theano.shared(np.zeros((8, 4), fx))
tm = theano.shared(np.zeros((8, 1), "int32"), broadcastable=(False, True))
tr = theano.function([], [loss, qv], updates=up, givens={S: st, A: ac, R: rw, S2: s2, Tm: tm})
sync = theano.function([], [], updates=list(zip(tq, q)))
for i in range(8):
    st.set_value(rng.randn(8, 4).astype(fx))
    s2.set_value(rng.randn(8, 4).astype(fx))
    ac.set_value(rng.randint(0, 3, (8, 1)).astype("int32"))
    rw.set_value(rng.randn(8, 1).astype(fx))
    tm.set_value(rng.randint(0, 2, (8, 1)).astype("int32"))
    l, qq = tr()
    print(repr(float(l)), repr(float(qq.sum())))
    if i % 3 == 2:
        sync()
# REINFORCE
th = P(4, 3)
pi = T.nnet.softmax(T.dot(S, th))
act = T.lvector()
adv = T.vector()
J = T.mean(T.log(pi)[T.arange(act.shape[0]), act] * adv) + 0.01 * T.mean(-T.sum(pi * T.log(pi), axis=1))
f = theano.function([S, act, adv], J, updates=[(th, th + 0.5 * T.grad(J, th))], allow_input_downcast=True)
kl = theano.function(
    [S], T.sum(pi * (T.log(pi) - T.log(theano.gradient.zero_grad(pi))), axis=1).mean(), allow_input_downcast=True
)
for i in range(5):
    print(repr(float(f(rng.randn(9, 4), rng.randint(0, 3, 9), rng.randn(9)))), float(kl(rng.randn(2, 4))))
from theano.sandbox.rng_mrg import MRG_RandomStreams

sr = MRG_RandomStreams(1)
smp = theano.function(
    [S],
    [
        sr.multinomial(pvals=pi, dtype="int64"),
        sr.choice(size=(1,), a=3, replace=False, p=pi) if False else sr.uniform((2,)),
        T.argmax(pi - T.log(-T.log(sr.uniform(pi.shape, dtype=fx))), axis=1),
    ],
    allow_input_downcast=True,
)
for i in range(3):
    for v in smp(rng.randn(4, 4)):
        print(v.tolist(), v.dtype)
# straight-through, grad clipping, grad scaling through custom expressions
xx = T.matrix()
hard = T.cast(xx > 0, fx)
sth = xx + theano.gradient.disconnected_grad(hard - xx)
c = (
    (sth * 3).sum() + theano.gradient.grad_clip(xx**3, -1, 1).sum() + theano.gradient.grad_scale(xx, 2.0).sum()
    if hasattr(theano.gradient, "grad_scale")
    else 0
)
f = theano.function([xx], [c, T.grad(c, xx)], allow_input_downcast=True)
o = f(rng.randn(2, 3))
print(repr(float(o[0])), o[1].tolist())
h = theano.gradient.hessian((W**3).sum() + 0 * W.sum(), W.flatten()) if False else None
w1 = T.vector()
c = (w1**3).sum() * w1[0]
f = theano.function([w1], T.stack([T.grad(T.grad(c, w1)[i], w1) for i in range(3)]), allow_input_downcast=True)
print(f([1.0, 2.0, 3.0]).tolist())
