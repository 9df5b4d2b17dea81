"""Loops as models use them: embeddings, Viterbi, dropout, draws in loops in loops, counters."""

import numpy as np
import theano, theano.tensor as T
from collections import OrderedDict
from theano.scan_module import until
from theano.tensor.shared_randomstreams import RandomStreams
from theano.sandbox.rng_mrg import MRG_RandomStreams

theano.config.floatX = "float64"


def show(v):
    if isinstance(v, (list, tuple)):
        return "[" + "; ".join(show(x) for x in v) + "]"
    v = np.asarray(v)
    return "%s %s %s" % (v.dtype, v.shape, " ".join("%.8g" % e for e in v.ravel()))


cases = []


def case(f):
    cases.append(f)
    return f


def fn(ins, outs, updates=None, **k):
    return theano.function(ins, outs, updates=updates, on_unused_input="ignore", **k)


x = T.vector("x")
s = T.scalar("s")
M = T.matrix("M")
n = T.iscalar("n")
iv = T.ivector("iv")
xv = np.array([1.0, 2.0, 3.0])
Mv = np.arange(6.0).reshape(3, 2) / 7


@case
def lens():
    L = T.ivector()
    o, u = theano.scan(lambda i, a: a + i, [T.arange(100)], [T.constant(np.int64(0))], n_steps=T.max(L))
    yield fn([L], o)([2, 4, 3])


@case
def both():
    o, u = theano.scan(lambda r, h, q: h * r + q.sum(), [x], [s], [x])
    yield fn([x, s], [o] + T.grad(o.sum(), [x, s]))(xv, 1.0)


@case
def bothtaps():
    o, u = theano.scan(
        lambda a, b, h1, h2, k1: [h1 * a + h2 * b, k1 + h2],
        [dict(input=x, taps=[0, 1])],
        [dict(initial=M[:, 0], taps=[-3, -1]), s],
    )
    yield fn([x, s, M], o + T.grad(o[0].sum() + (o[1] ** 2).sum(), [x, s, M]))(xv, 1.0, Mv)


@case
def i8():
    o, u = theano.scan(lambda i, a: a + i, [T.arange(5, dtype="int8")], [T.constant(np.int8(1))])
    yield fn([], o)()


@case
def i8b():
    o, u = theano.scan(lambda i, a: a + i, [T.arange(5)], [T.constant(np.int8(1))])
    yield 1


@case
def cplx():
    c = T.zvector()
    o, u = theano.scan(lambda r, a: a * r, [c], [T.constant(np.complex128(1j))])
    yield fn([c], abs(o))(np.array([1 + 1j, 2.0]))


@case
def argsrt():
    o, u = theano.scan(lambda r: r[T.argsort(r)], [M])
    yield fn([M], [o, T.grad((o * T.arange(2)).sum(), M)])(-Mv)


@case
def maxpool():
    o, u = theano.scan(lambda r: [r.max(), T.argmax(r)], [M])
    yield fn([M], o + [T.grad(o[0].sum(), M)])(Mv)


@case
def embed():
    E = theano.shared(np.arange(12.0).reshape(6, 2))
    o, u = theano.scan(lambda i, h: T.tanh(E[i] * 0.1 + h), [iv], [T.zeros((2,))])
    yield fn([iv], [o, T.grad(o.sum(), E)])([1, 3, 1])


@case
def embed2():
    E = theano.shared(np.arange(12.0).reshape(6, 2))
    o, u = theano.scan(lambda i, h: T.tanh(T.dot(E.T, E[i]) * 0.01 + h), [iv], [T.zeros((2,))])
    yield fn([iv], [o, T.grad((o**2).sum(), E)])([1, 3, 1])


@case
def condwrite():
    o, u = theano.scan(lambda i, a: T.set_subtensor(a[i], a.sum()), [iv], [x])
    yield fn([iv, x], [o, T.grad((o**2).sum(), x)])([0, 2, 0], xv)


@case
def viterbi():
    A = T.matrix()
    o, u = theano.scan(lambda e, p: (p.dimshuffle(0, "x") + A + e.dimshuffle("x", 0)).max(axis=0), [M[1:]], [M[0]])
    yield fn([M, A], [o, T.grad(o[-1].max(), [M, A])[1]])(Mv, np.array([[0.1, 0.5], [0.3, 0.2]]))


@case
def ctcforward():
    o, u = theano.scan(
        lambda e, p: T.log(T.sum(T.exp(p.dimshuffle(0, "x") + T.eye(2)), axis=0)) + e, [M], [T.zeros((2,))]
    )
    yield fn([M], [o, T.grad(o[-1].sum(), M)])(Mv)


@case
def sort():
    o, u = theano.scan(lambda r, k: T.switch(T.eq(k, 0), 0.0, r), [x], non_sequences=[n])
    yield fn([x, n], o)(xv, 0)


@case
def dropout():
    r = MRG_RandomStreams(7)
    o, u = theano.scan(lambda a, h: T.tanh(a + h) * r.binomial((2,), p=0.5, dtype="float64"), [M], [T.zeros((2,))])
    f = fn([M], [o, T.grad(o.sum(), M)], u)
    yield f(Mv)
    yield f(Mv)


@case
def choice():
    r = RandomStreams(7)
    o, u = theano.scan(lambda i: r.random_integers(size=(2,), low=0, high=4), [T.arange(3)])
    f = fn([], o, u)
    yield f()
    yield f()


@case
def perm():
    r = RandomStreams(7)
    o, u = theano.scan(lambda i: x[r.permutation(n=3)], [T.arange(3)])
    f = fn([x], o, u)
    yield f(xv)
    yield f(xv)


@case
def twoscan():
    r = MRG_RandomStreams(7)
    o, u = theano.scan(lambda a: a + r.uniform(()), [x])
    o2, u2 = theano.scan(lambda a: a + r.uniform(()), [x])
    f = fn([x], [o, o2], u + u2)
    yield f(xv)
    yield f(xv)


@case
def updsum():
    k = theano.shared(0.0)
    o, u = theano.scan(lambda a: (a * 2, {k: k + a}), [x])
    u[k] = u[k] * 10
    f = fn([x], o, u)
    f(xv)
    yield k.get_value()


@case
def nestedrng():
    r = MRG_RandomStreams(7)

    def outer(a):
        q, uu = theano.scan(lambda b: b + r.uniform(()), [M[0]])
        return a + q.sum(), uu

    o, u = theano.scan(outer, [x])
    f = fn([x, M], [o, T.grad(o.sum(), M)], u)
    yield f(xv, Mv)
    yield f(xv, Mv)


@case
def nested3():
    def l3(a):
        return theano.scan(lambda c, h: h * T.sin(c) + a, [x], [T.constant(1.0)])[0][-1]

    def l2(a):
        return theano.scan(lambda b, h: h + l3(b * a), [x], [T.constant(0.0)])[0][-1]

    o, u = theano.scan(l2, [x])
    yield fn([x], [o, T.grad(o.sum(), x)])(xv)


@case
def gradscanloop():
    w = theano.shared(1.0)

    def st(xx, ww):
        c = (ww * xx - 1) ** 2
        g = T.grad(c, ww)
        return ww - 0.1 * g

    o, u = theano.scan(st, [x], [w])
    f = fn([x], [o, T.grad(o[-1], [w, x])[0]], [(w, o[-1])])
    yield f(xv)
    yield w.get_value()


@case
def infodictname():
    o, u = theano.scan(
        fn=lambda a, b: a + b, sequences={"input": x, "taps": None}, outputs_info={"initial": s, "taps": [-1]}
    )
    yield fn([x, s], o)(xv, 1.0)


@case
def returnsteps():
    o, u = theano.scan(lambda a: a + 1, outputs_info=[dict(initial=s, return_steps=1)], n_steps=3)
    yield 1


@case
def nonlist():
    o, u = theano.scan(lambda a, b: a + b, x, s, n_steps=2)
    yield fn([x, s], o)(xv, 1.0)


@case
def untilarr():
    o, u = theano.scan(lambda a: (a * 2, until(T.any(a > 4))), outputs_info=[x], n_steps=9)
    yield fn([x], [o, T.grad(o.sum(), x)])(xv)


@case
def untilnone():
    o, u = theano.scan(lambda a: until(a > 1.5), [x])
    yield 1


@case
def untilupd():
    k = theano.shared(0)
    o, u = theano.scan(lambda: ({k: k + 1}, until(k > 3)), n_steps=10)
    f = fn([], [], u)
    f()
    yield k.get_value()


for c in cases:
    k = 0
    try:
        for v in c():
            print(
                "%s.%d %s"
                % (
                    c.__name__,
                    k,
                    repr(v)
                    if isinstance(v, (str, bool)) or isinstance(v, tuple) and not isinstance(v[0], np.ndarray)
                    else show(v),
                )
            )
            k += 1
    except Exception as e:
        print("%s.%d refused: %s" % (c.__name__, k, type(e).__name__))
