# every argument of scan: taps, states of all kinds, updates, until, strict, loops in loops, their derivatives
import numpy as np, theano, theano.tensor as T
from collections import OrderedDict

fx = theano.config.floatX
r = np.random.RandomState(0)
# scan option zoo
x = T.vector("x")
M = T.matrix("M")
n = T.iscalar("n")
X = r.randn(6).astype(fx)
MM = r.randn(6, 3).astype(fx)


def show(*o, **k):
    print(
        [
            np.asarray(v).round(5).tolist()
            for v in theano.function([x, M, n], list(o), on_unused_input="ignore", **k)(X, MM, 4)
        ]
    )


a, _ = theano.scan(
    lambda xm, x0, xp, p: xm + x0 * xp - p,
    sequences=dict(input=x, taps=[-1, 0, 1]),
    outputs_info=T.constant(0.0, dtype=fx),
)
show(a)
a, _ = theano.scan(lambda r_, c: T.sum(r_) * c, sequences=[M, T.arange(3)])
show(a)
a, _ = theano.scan(lambda r_, p: r_ + p, sequences=M, outputs_info=T.zeros((3,), fx), go_backwards=True)
show(a)
a, _ = theano.scan(lambda p: p * 2, outputs_info=x, n_steps=n)
show(a[-1], a.shape)
a, _ = theano.scan(
    lambda i, x: x[i] ** 2,
    sequences=T.arange(n),
    non_sequences=[x],
    name="sq",
    mode="FAST_RUN",
    profile=False,
    allow_gc=True,
    strict=True,
)
show(a)
(a, b, c), _ = theano.scan(
    lambda v, p1, p3: (v + p1, v * p3, v - p1),
    sequences=x,
    outputs_info=[dict(initial=T.zeros((1,), fx), taps=[-1]), dict(initial=T.ones((3,), fx), taps=[-3]), None],
)
show(a, b, c)
a, _ = theano.reduce(lambda v, acc: acc + v, M, T.zeros((3,), fx))
b, _ = theano.foldl(lambda v, acc: acc * 0.5 + v, x, T.constant(0.0, dtype=fx))
c, _ = theano.foldr(lambda v, acc: acc * 0.5 + v, x, T.constant(0.0, dtype=fx))
d, _ = theano.map(lambda v, k: v**k, x, non_sequences=T.constant(3))
show(a, b, c, d)
a, _ = theano.scan(lambda v: [v, v + 1], x)
show(*a)
a, _ = theano.scan(lambda v: [v * 2], x, return_list=True)
show(a[0])
a, _ = theano.scan(lambda v: OrderedDict([("k", v)]) if 0 else v, x)
show(a)
a, _ = theano.scan(lambda v, p: T.switch(v > 0, p + v, p), x, T.zeros((), fx), truncate_gradient=3)
show(a, T.grad(a[-1], x))


def nested(row, acc):
    inner, _ = theano.scan(lambda e, p: e * p + 1, row, T.ones((), fx))
    return acc + inner


a, _ = theano.scan(nested, M, T.zeros((3,), fx))
show(a[-1], T.grad(a[-1].sum(), M))
a, _ = theano.scan(lambda i, s: T.set_subtensor(s[i], s[i - 1] + s[i]), T.arange(1, 6), x)
show(a[-1], T.grad(a[-1][-1], x))
a, _ = theano.scan(lambda v, p: (p + v, theano.scan_module.until(p + v > 0.5)), x, T.zeros((), fx))
show(a)
a, up = theano.scan(lambda: T.shared_randomstreams.RandomStreams(5).uniform((2,)), n_steps=3)
show(a, updates=up)
srng = T.shared_randomstreams.RandomStreams(5)
a, up = theano.scan(lambda p: p + srng.uniform((2,)), outputs_info=T.zeros((2,)), n_steps=3)
f = theano.function([], a[-1], updates=up)
print(f(), f())
w = theano.shared(np.ones(3, fx), "w")
a, up = theano.scan(lambda r_: (T.dot(r_, w), OrderedDict([(w, w * 0.9 + 0.1 * r_)])), M)
show(a, updates=up)
print(w.get_value())
o1 = T.jacobian((x**2).sum() * x, x)
o2 = T.hessian((x**3).sum(), x)
o3 = T.jacobian(T.tanh(M), M) if 0 else T.grad(T.jacobian(x**2, x).sum(), x)
show(o1, o2, o3)
J, _ = theano.scan(lambda i, y, x: T.grad(y[i], x), sequences=T.arange(x.shape[0]), non_sequences=[x**2 * x.sum(), x])
show(J)
pw, _ = theano.scan(fn=lambda prior, A: prior * A, outputs_info=T.ones_like(x), non_sequences=x, n_steps=n)
show(pw[-1], T.grad(pw[-1].sum(), x), T.Rop(pw[-1], x, x), T.Lop(pw[-1], x, x))
co = T.vector("co")
poly, _ = theano.scan(
    lambda c, p, v: c * v**p, sequences=[x, T.arange(10000)], outputs_info=None, non_sequences=T.constant(1.5, dtype=fx)
)
show(poly.sum())
tri, _ = theano.scan(lambda i: T.concatenate([T.ones((i,)), T.zeros((n - i,))]), T.arange(n))
show(tri)
lens = T.ivector("lens")
pad, _ = theano.scan(lambda l, v: T.sum(v[:l]), sequences=lens, non_sequences=x)
print(theano.function([lens, x], [pad, T.grad(pad.sum(), x)])(np.int32([1, 3, 6]), X)[1].tolist())
a, _ = theano.scan(lambda s, v: s + v, sequences=None, outputs_info=x[0], non_sequences=x[1], n_steps=2)
show(a)
a, _ = theano.scan(lambda: w.sum() * 2, n_steps=2)
show(a)
a, _ = theano.scan(lambda v: T.argmax(v), M)
show(a)
a, _ = theano.scan(lambda v, q: v + q, sequences=[M.T, x[:3]])
show(a)
a, _ = theano.scan(lambda s: T.cast(s + 1, "int8"), outputs_info=T.constant(np.int8(120)), n_steps=10)
show(a)
a, _ = theano.scan(lambda v: v, sequences=T.as_tensor_variable(np.arange(4))[::2])
show(a)
a, _ = theano.scan(lambda t, p: p + t, sequences=x[:n], outputs_info=[T.unbroadcast(T.zeros((1, 3), fx), 0)])
show(a[-1])
a, _ = theano.scan(lambda p, q: (q, p + q), outputs_info=[T.constant(0), T.constant(1)], n_steps=10)
show(a[1])
m = theano.scan(lambda v, p: T.maximum(v, p), x, outputs_info=x[0])[0]
show(m, T.grad(m.sum(), x))
lse = theano.scan(lambda v, p: T.log(T.exp(p) + T.exp(v)), x[1:], outputs_info=x[0])[0]
show(lse[-1], T.grad(lse[-1], x))
try:
    theano.scan(lambda a: a + w, sequences=x, strict=True)
except Exception as e:
    print(type(e).__name__)
z = w * 2
a, _ = theano.scan(lambda v, q, w: (v * z).sum() + (q * w).sum(), sequences=x, non_sequences=[z, w], strict=True)
show(a, T.grad(a.sum(), w))
