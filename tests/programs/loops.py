"""Loops of every kind: what they give, what they draw, what their gradients are and what they refuse."""

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
def cumsum():
    o, u = theano.scan(lambda a, b: a + b, [x], [s])
    yield fn([x, s], o)(xv, 10.0)
    g = T.grad(o.sum(), [x, s])
    yield fn([x, s], g)(xv, 10.0)
    yield fn([x, s], T.grad((o**2).sum(), x))(xv, 10.0)


@case
def back():
    o, u = theano.scan(lambda a, b: b * 10 + a, [x], [s], go_backwards=True)
    yield fn([x, s], [o] + T.grad(o[-1], [x, s]))(xv, 1.0)


@case
def taps():
    for t in ([-2, -1], [-1, -2], [-3, -1], [-2]):
        o, u = theano.scan(
            lambda *a: sum((i + 1) * v for i, v in enumerate(a)) * 1.0,
            outputs_info=[dict(initial=x, taps=t)],
            n_steps=4,
        )
        yield fn([x], [o] + [T.grad((o * o).sum(), x)])(xv)


@case
def tap5():
    y = T.vector()
    o, u = theano.scan(lambda a, b: a + 2 * b, [x], outputs_info=[dict(initial=y, taps=[-5])], n_steps=3)
    yield fn([x, y], [o] + T.grad((o * o).sum(), [x, y]))(xv, np.arange(5.0))
    yield fn([x, y], [o] + T.grad((o * o).sum(), [x, y]))(xv, np.arange(7.0))


@case
def seqtaps():
    y = T.vector()
    for t in ([-1, 0, 1], [2], [-2], [0, 3], [1, -1], -1):
        for gb in (False, True):
            o, u = theano.scan(
                lambda *a: sum((10**i) * v for i, v in enumerate(a)), [dict(input=y, taps=t)], go_backwards=gb
            )
            yield fn([y], [o, T.grad((o * o).sum(), y)])(np.arange(1.0, 7.0))


@case
def seqtaps2():
    y = T.vector()
    o, u = theano.scan(lambda a, b, c: a + 10 * b + 100 * c, [dict(input=y, taps=[-1, 1]), x])
    yield fn([x, y], [o])(np.arange(1.0, 7.0), np.arange(1.0, 7.0))


@case
def untilc():
    o, u = theano.scan(lambda a: (a * 2, until(a * 2 > s)), outputs_info=[T.constant(1.0)], n_steps=20)
    yield fn([s], o)(10.0)
    yield fn([s], o[-1])(10.0)
    yield fn([s], o.shape)(10.0)
    o, u = theano.scan(lambda r, a: (a * r, until(a * r > 5)), [x], outputs_info=[T.constant(1.0)])
    yield fn([x], [o, T.grad(o[-1], x), T.grad(o.sum(), x)])(np.array([2.0, 2, 2, 2, 2]))
    o, u = theano.scan(lambda r: (r * r, until(r > 2)), [x])
    yield fn([x], [o, T.grad(o.sum(), x)])(np.array([2.0, 1, 3, 2, 2]))


@case
def trunc():
    for k in (-1, 1, 2, 3, 5):
        o, u = theano.scan(lambda r, a: a * r, [x], [T.constant(1.0)], truncate_gradient=k)
        yield fn([x], [T.grad(o[-1], x), T.grad(o.sum(), x)])(xv)
    W = T.matrix("W")
    for k in (1, 2):
        o, u = theano.scan(lambda r, h: T.tanh(T.dot(h, W) + r), [M], [T.zeros((2,))], truncate_gradient=k)
        yield fn([M, W], T.grad(o.sum(), [M, W]))(Mv, np.eye(2) * 0.5 + 0.1)


@case
def nsteps0():
    o, u = theano.scan(lambda r: r * 2, [x])
    f = fn([x], [o, T.grad(o.sum(), x)])
    yield f(xv[:0])


@case
def nsteps0b():
    o, u = theano.scan(lambda a: a * 2, outputs_info=[s], n_steps=n)
    f = fn([s, n], o)
    yield f(1.0, 3)
    yield f(1.0, 0)


@case
def nstepsneg():
    o, u = theano.scan(lambda a: a * 2, outputs_info=[s], n_steps=n)
    f = fn([s, n], o)
    yield f(1.0, -2)


@case
def nsteps_1():
    for k in (1, -1):
        o, u = theano.scan(lambda r, a: a * r, [x], [s], n_steps=k)
        yield fn([x, s], [o] + T.grad(o.sum(), [x, s]))(xv, 5.0)


@case
def nstepsint():
    for k in (2, np.int32(2), T.constant(2), T.constant(np.int8(2)), np.array(2)):
        o, u = theano.scan(lambda r: r * 2, [x], n_steps=k)
        yield fn([x], o)(xv)


@case
def nstepsfloat():
    o, u = theano.scan(lambda r: r * 2, [x], n_steps=T.scalar())
    yield 1


@case
def noinfo():
    o, u = theano.scan(lambda r: r * 2, outputs_info=[s])
    yield 1


@case
def shortest():
    y = T.vector()
    o, u = theano.scan(lambda a, b: a + b, [x, y])
    yield fn([x, y], [o] + T.grad(o.sum(), [x, y]))(xv, xv[:2])


@case
def dtypegrow():
    o, u = theano.scan(lambda a: a * 1.5, outputs_info=[T.constant(1)], n_steps=3)
    yield 1


@case
def dtypegrow2():
    o, u = theano.scan(lambda a: a + s, outputs_info=[T.constant(np.float32(1))], n_steps=3)
    yield 1


@case
def dtypepy():
    o, u = theano.scan(lambda a: a + 1, outputs_info=[0], n_steps=3)
    yield fn([], o)()
    o, u = theano.scan(lambda a: a + 1, outputs_info=[0.0], n_steps=3)
    yield fn([], o)()


@case
def ndimgrow():
    o, u = theano.scan(lambda a: a + x, outputs_info=[s], n_steps=3)
    yield 1


@case
def bcast():
    o, u = theano.scan(lambda a: a + M, outputs_info=[T.zeros((1, 2))], n_steps=3)
    yield fn([M], o)(Mv)


@case
def bcast2():
    o, u = theano.scan(lambda a: a + 1, outputs_info=[T.zeros((1, 2))], n_steps=3)
    yield fn([], o)(), o.type.broadcastable[0]


@case
def bcast3():
    o, u = theano.scan(lambda a: a + x, outputs_info=[T.alloc(0.0, 1)], n_steps=3)
    yield str(o.type.broadcastable)
    yield fn([x], o)(xv[:1])


@case
def updates1():
    k = theano.shared(0)
    o, u = theano.scan(lambda: {k: k + 1}, n_steps=5)
    f = fn([], [], u)
    f()
    yield k.get_value()
    yield o is None, list(u) == [k]


@case
def updates2():
    k = theano.shared(1.0)
    o, u = theano.scan(lambda r: (r * k, [(k, k * 2)]), [x])
    f = fn([x], o, u)
    yield f(xv)
    yield k.get_value()
    yield f(xv)


@case
def updates3():
    k = theano.shared(1.0)
    o, u = theano.scan(lambda r, a: ([r * k, a + k], OrderedDict([(k, k * 2)]), until(k > 1)), [x], [None, s])
    f = fn([x, s], o, u)
    yield f(xv, 1.0)
    yield k.get_value()


@case
def updates4():
    k = theano.shared(1.0)
    k.default_update = k + 1
    o, u = theano.scan(lambda r: r * k, [x])
    f = fn([x], o, u)
    yield f(xv)
    yield k.get_value()


@case
def ordererr():
    k = theano.shared(1.0)
    o, u = theano.scan(lambda r: ([(k, k * 2)], [r]), [x])
    yield 1


@case
def reterr():
    o, u = theano.scan(lambda r: 2.0, [x])
    yield 1


@case
def reterr2():
    o, u = theano.scan(lambda r: [r, 3], [x])
    yield 1


@case
def strict():
    W = theano.shared(2.0)
    o, u = theano.scan(lambda r, w: r * w, [x], non_sequences=[W], strict=True)
    yield fn([x], o)(xv)
    o, u = theano.scan(lambda r: r * W, [x], strict=True)
    yield fn([x], o)(xv)


@case
def strict2():
    o, u = theano.scan(lambda r: r * s, [x], strict=True)
    yield fn([x, s], o)(xv, 2.0)


@case
def implicit():
    W = theano.shared(2.0)
    o, u = theano.scan(lambda r: r * W * s + M.sum(), [x])
    yield fn([x, s, M], [o] + T.grad(o.sum(), [W, s, M]))(xv, 2.0, Mv)


@case
def nonesq():
    o, u = theano.scan(lambda a: a + 1, sequences=None, outputs_info=s, n_steps=2)
    yield fn([s], o)(1.0)
    o, u = theano.scan(lambda a: a + 1, sequences=[], outputs_info=s, non_sequences=None, n_steps=2)
    yield fn([s], o)(1.0)


@case
def seqlist():
    o, u = theano.scan(lambda a: a + 1, sequences=np.arange(3.0))
    yield fn([], o)()
    o, u = theano.scan(lambda a: a + 1, sequences=[np.arange(3)])
    yield fn([], o)()


@case
def seqscalar():
    o, u = theano.scan(lambda a: a + 1, sequences=s)
    yield 1


@case
def retlist():
    o, u = theano.scan(lambda a: a + 1, sequences=x, return_list=True)
    yield type(o).__name__
    o, u = theano.scan(lambda a: [a + 1], sequences=x)
    yield type(o).__name__
    o, u = theano.scan(lambda a: [a + 1, a], sequences=x)
    yield type(o).__name__
    o, u = theano.scan(lambda a: (a + 1, a), sequences=x)
    yield type(o).__name__, type(u).__name__


@case
def infocount():
    o, u = theano.scan(lambda a: [a + 1, a], sequences=x, outputs_info=[None])
    yield 1


@case
def infocount2():
    o, u = theano.scan(lambda a: [a + 1], sequences=x, outputs_info=[None, None])
    yield 1


@case
def infonone():
    o, u = theano.scan(lambda a: [a + 1, a], sequences=x, outputs_info=None)
    yield fn([x], o)(xv)
    o, u = theano.scan(lambda a, b: [a + 1, a + b], sequences=x, outputs_info=[None, dict(initial=s)])
    yield fn([x, s], o)(xv, 1.0)
    o, u = theano.scan(lambda a: [a + 1, a], sequences=x, outputs_info=[{}, None])
    yield fn([x], o)(xv)


@case
def tapserr():
    o, u = theano.scan(lambda a: a, outputs_info=[dict(taps=[-1])], n_steps=2)
    yield 1


@case
def tapserr2():
    o, u = theano.scan(lambda a: a, outputs_info=[dict(initial=x, taps=[0])], n_steps=2)
    yield 1


@case
def tapserr3():
    o, u = theano.scan(lambda a, b: a, outputs_info=[dict(initial=x, taps=[-1, -1])], n_steps=2)
    yield 1


@case
def badkey():
    o, u = theano.scan(lambda a: a, outputs_info=[dict(initial=x, tap=[0])], n_steps=2)
    yield 1


@case
def tap1dict():
    o, u = theano.scan(lambda a: a * 2, outputs_info=[dict(initial=x, taps=[-1])], n_steps=2)
    yield fn([x], o)(xv), o.ndim


@case
def boolc():
    o, u = theano.scan(lambda a, b: T.xor(a, b), [T.cast(iv, "bool")], [T.constant(np.bool_(False))])
    yield fn([iv], o)([1, 0, 1])


@case
def intc():
    o, u = theano.scan(lambda i, a, c: [a + x[i], c + i], [T.arange(3)], [s, T.constant(0)])
    yield fn([x, s], o + T.grad(o[0].sum(), [x, s]))(xv, 0.0)


@case
def nested():
    def inner(r, h):
        o, _ = theano.scan(lambda a, b: T.tanh(a * b + h), [r], [T.constant(0.5)])
        return o[-1]

    o, u = theano.scan(inner, [M], [s])
    f = fn([M, s], [o] + T.grad(o.sum(), [M, s]))
    yield f(Mv, 0.3)
    g = T.grad(o.sum(), M)
    h = T.grad((g**2).sum(), [M, s])
    yield fn([M, s], h)(Mv, 0.3)


@case
def nested2():
    o, u = theano.scan(
        lambda i: theano.scan(lambda j: M[i, j] * (i + j), T.arange(M.shape[1]))[0], T.arange(M.shape[0])
    )
    yield fn([M], [o, T.grad(o.sum(), M)])(Mv)


@case
def hess():
    y = T.sum(x**3) * T.prod(x)
    yield fn([x], [T.hessian(y, x), T.jacobian(x**2 * x.sum(), x)])(xv)
    H = T.hessian((M**2).sum() * x.sum(), [x])
    yield fn([x, M], H)(xv, Mv)
    J = T.jacobian(T.dot(M, M.T).sum(0), M)
    yield fn([M], J)(Mv)
    J = T.jacobian(T.dot(M, x[:2]), [M, x])
    yield fn([M, x], J)(Mv, xv)
    J, u = (
        theano.scan(lambda i, y, x: T.grad(y[i], x), sequences=T.arange(x.shape[0]), non_sequences=[x**2, x])
        if 0
        else (T.jacobian((x**2)[0], x), None)
    )
    yield fn([x], J)(xv)


@case
def rop():
    v = T.vector("v")
    W = T.matrix("W")
    vW = T.matrix()
    o, u = theano.scan(lambda r, h: T.tanh(T.dot(h, W) + r), [M], [x])
    a = (Mv, np.array([0.1, 0.2]), np.eye(2) * 0.5 + 0.1)
    yield fn([M, x, W, v], T.Rop(o, x, v))(*a + (np.array([1.0, 2.0]),))
    yield fn([M, x, W, vW], T.Rop(o[-1], W, vW))(*a + (np.eye(2) + 1,))
    yield fn([M, x, W, vW], T.Rop(o, M, vW))(*a + (Mv + 1,))
    yield fn([M, x, W, vW], T.Lop(o, W, vW))(*a + (Mv + 1,))


@case
def rng():
    r = RandomStreams(3)
    o, u = theano.scan(lambda a: a + r.uniform((2,)), [x])
    f = fn([x], o, u)
    yield f(xv)
    yield f(xv)


@case
def mrg():
    r = MRG_RandomStreams(3)
    o, u = theano.scan(lambda a: a + r.uniform((2,)), [x])
    f = fn([x], o, u)
    yield f(xv)
    yield f(xv)
    r = MRG_RandomStreams(3)
    o, u = theano.scan(lambda a, b: a * r.normal((2,)) * b + s, [x], [T.ones((2,))])
    f = fn([x, s], [o] + T.grad(o.sum(), [x, s]), u)
    yield f(xv, 1.0)
    yield f(xv, 1.0)
    r = MRG_RandomStreams(3)
    o, u = theano.scan(lambda b: r.binomial((2,), p=b), outputs_info=[T.ones((2,)) * 0.5], n_steps=4)
    f = fn([], o, u)
    yield f()
    yield f()


@case
def mrgmulti():
    r = MRG_RandomStreams(3)
    o, u = theano.scan(
        lambda b: T.cast(r.multinomial(n=1, pvals=T.nnet.softmax(T.dot(b, M.T))), "float64"),
        outputs_info=[T.ones((2, 3)) * 0.5],
        n_steps=4,
    )
    f = fn([M], o, u)
    yield f(np.arange(9.0).reshape(3, 3) / 9)
    yield f(np.arange(9.0).reshape(3, 3) / 9)


@case
def noupd():
    r = MRG_RandomStreams(3)
    o, u = theano.scan(lambda a: a + r.uniform((2,)), [x])
    f = fn([x], o)
    yield f(xv)
    yield f(xv)
    r = RandomStreams(3)
    o, u = theano.scan(lambda a: a + r.uniform((2,)), [x])
    f = fn([x], o)
    yield f(xv)
    yield f(xv)


@case
def rngstatic():
    r = RandomStreams(3)
    nz = r.uniform((2,))
    o, u = theano.scan(lambda a: a + nz, [x])
    f = fn([x], o, u)
    yield f(xv)
    yield f(xv)
    r = RandomStreams(3)
    nz = r.uniform((2,))
    o, u = theano.scan(lambda a, z: a + z, [x], non_sequences=[nz])
    f = fn([x], o, u)
    yield f(xv)
    yield f(xv)
    yield str(len(u))


@case
def folds():
    for f in (theano.reduce, theano.foldl, theano.foldr):
        o, u = f(lambda r, a: a * 10 + r, x, s)
        yield fn([x, s], [o] + T.grad(o, [x, s]))(xv, 0.0)
    o, u = theano.map(lambda r: r * 2, x)
    yield fn([x], o)(xv)
    o, u = theano.map(lambda r, m: r * m, x, [s], go_backwards=True)
    yield fn([x, s], o)(xv, 2.0)
    o, u = theano.reduce(lambda r, a, b: [a * 10 + r, b + 1], x, [s, T.constant(0)])
    yield fn([x, s], o)(xv, 0.0)
    o, u = theano.reduce(lambda r, a: a * 10 + r, x, s, go_backwards=True)
    yield fn([x, s], o)(xv, 0.0)


@case
def power():
    k = T.iscalar()
    A = T.vector()
    r, u = theano.scan(lambda p, A: p * A, outputs_info=T.ones_like(A), non_sequences=A, n_steps=k)
    yield fn([A, k], r[-1], u)(range(10), 2)


@case
def poly():
    c = theano.tensor.vector("coefficients")
    xx = T.scalar("x")
    comp, u = theano.scan(
        fn=lambda co, po, fv: co * (fv**po),
        outputs_info=None,
        sequences=[c, theano.tensor.arange(10000)],
        non_sequences=xx,
    )
    yield fn([c, xx], comp.sum())(np.asarray([1, 0, 2.0]), 3)


@case
def accum():
    up = T.scalar(dtype="int64")
    seq = T.arange(up)
    o0 = T.as_tensor_variable(np.asarray(0, seq.dtype))
    r, u = theano.scan(lambda a, b: a + b, outputs_info=o0, sequences=seq)
    yield fn([up], r)(15)


@case
def setsub():
    location = T.imatrix()
    values = T.vector()
    om = T.matrix()

    def set_value(a_location, a_value, output_model):
        zeros = T.zeros_like(output_model)
        zs = zeros[a_location[0], a_location[1]]
        return T.set_subtensor(zs, a_value)

    r, u = theano.scan(set_value, None and 0 or [location, values], outputs_info=None, non_sequences=om)
    yield fn([location, values, om], r)(np.asarray([[1, 1], [2, 3]], "int32"), np.asarray([42.0, 50]), np.zeros((5, 5)))


@case
def gibbs():
    W = theano.shared(np.arange(6.0).reshape(2, 3) / 10)
    bh = theano.shared(np.zeros(3))
    bv = theano.shared(np.zeros(2))
    tr = RandomStreams(1234)

    def one(v):
        hm = T.nnet.sigmoid(theano.dot(v, W) + bh)
        h = tr.binomial(size=hm.shape, n=1, p=hm)
        vm = T.nnet.sigmoid(theano.dot(h, W.T) + bv)
        return tr.binomial(size=vm.shape, n=1, p=vm, dtype="float64")

    smp = T.vector()
    v, u = theano.scan(one, outputs_info=smp, n_steps=10)
    g = fn([smp], v[-1], u)
    yield g([1.0, 0.0])
    yield g([1.0, 0.0])
    v, u = theano.scan(one, outputs_info=smp, n_steps=3)
    g = fn([smp], v, u)
    yield g([1.0, 0.0])


@case
def ultimate():
    W = theano.shared(np.eye(2) * 0.3)
    Wi1 = theano.shared(np.ones((2, 2)) * 0.1)
    Wi2 = theano.shared(np.ones((2, 2)) * 0.2)
    Wf = theano.shared(np.ones((2, 2)) * 0.3)
    Wo = theano.shared(np.ones((2, 2)) * 0.4)

    def one(u_tm4, u_t, x_tm3, x_tm1, y_tm1):
        x_t = T.tanh(theano.dot(x_tm1, W) + theano.dot(u_t, Wi1) + theano.dot(u_tm4, Wi2) + theano.dot(y_tm1, Wf))
        return [x_t, theano.dot(x_tm3, Wo)]

    U = T.matrix()
    x0 = T.matrix()
    y0 = T.vector()
    ([xs, ys], u) = theano.scan(
        one, sequences=dict(input=U, taps=[-4, -0]), outputs_info=[dict(initial=x0, taps=[-3, -1]), y0], strict=False
    )
    f = fn([U, x0, y0], [xs, ys] + T.grad(ys.sum() + xs[-1].sum(), [U, x0, y0, W, Wo]))
    yield f(np.arange(16.0).reshape(8, 2) / 10, np.arange(6.0).reshape(3, 2) / 10, np.ones(2))


@case
def shapes():
    o, u = theano.scan(lambda r, h: h + r, [M], [x])
    yield fn([M, x], [o.shape, o[-1].shape, o.shape[0]])(Mv, xv[:2])


@case
def slices():
    o, u = theano.scan(lambda r, h: h + r, [x], [s])
    yield fn(
        [x, s],
        [o[-1], o[-2:], o[:-1], o[1:], o[::-1], o[::2], o[0]]
        + T.grad(o[1:].sum() + o[0] * 2, [x, s])
        + T.grad(o[-2], [x, s]),
    )(xv, 1.0)


@case
def testint():
    o, u = theano.scan(lambda r, h: h + T.cast(r, "float64"), [iv], [s])
    yield fn([iv, s], [o] + T.grad(o.sum(), [s]))(np.arange(3, dtype="int32"), 1.0)


@case
def gradint():
    o, u = theano.scan(lambda r, h: h + T.cast(r, "float64"), [iv], [s])
    yield fn([iv, s], T.grad(o.sum(), [iv]))(np.arange(3, dtype="int32"), 1.0)


@case
def disc():
    o, u = theano.scan(lambda r, h: h + r * 0, [x], [s])
    yield fn([x, s], T.grad(o.sum(), x))(xv, 1.0)
    y = T.vector()
    o, u = theano.scan(lambda r, q, h: h + r, [x, y], [s])
    yield fn([x, s, y], T.grad(o.sum(), y, disconnected_inputs="ignore"))(xv, 1.0, xv)
    T.grad(o.sum(), y)
    yield 1


@case
def discsteps():
    o, u = theano.scan(lambda h: h * 2, outputs_info=[s], n_steps=T.cast(x.sum(), "int64"))
    yield fn([x, s], T.grad(o.sum(), x))(xv, 1.0)


@case
def clip():
    from theano.gradient import grad_clip, disconnected_grad, zero_grad

    o, u = theano.scan(lambda r, h: grad_clip(h * r, -1, 1), [x], [s])
    yield fn([x, s], T.grad(o.sum(), [x, s]))(xv, 1.0)
    o, u = theano.scan(lambda r, h: disconnected_grad(h) * r, [x], [s])
    yield fn([x, s], T.grad(o.sum(), [x, s]))(xv, 1.0)


@case
def considerc():
    o, u = theano.scan(lambda r, h: h * r, [x], [s])
    yield fn([x, s], T.grad(o.sum(), [s], consider_constant=[x]))(xv, 1.0)


@case
def unusedinp():
    y = T.vector()
    o, u = theano.scan(lambda r, q: r, [x], non_sequences=[y])
    yield theano.function([x, y], o)(xv, xv)


@case
def missing():
    y = T.vector()
    o, u = theano.scan(lambda r: r * y.sum(), [x])
    yield theano.function([x], o)(xv)


@case
def errstep():
    o, u = theano.scan(lambda r, h: T.dot(h, M) + r, [x], [T.zeros(2)])
    yield fn([x, M], o)(xv, Mv)


@case
def errstep2():
    o, u = theano.scan(lambda i: x[i], T.arange(5))
    yield fn([x], o)(xv)


@case
def shapedrift2():
    o, u = theano.scan(lambda h: T.concatenate([h, h]), outputs_info=[x], n_steps=2)
    yield fn([x], o)(xv)


@case
def givens():
    o, u = theano.scan(lambda r: r * s, [x])
    yield fn([s], o, givens={x: np.arange(3.0)})(2.0)


@case
def clone():
    o, u = theano.scan(lambda r: r * s, [x])
    o2 = theano.clone(o, {s: s * 3})
    yield fn([x, s], o2)(xv, 2.0)


@case
def steprow():
    o, u = theano.scan(lambda r: [r.sum(), r[0], r * 2], [M])
    yield fn([M], o + T.grad(o[0].sum() + o[2].sum() + (o[1] ** 2).sum(), [M]))(Mv)


@case
def f32():
    y = T.fvector()
    o, u = theano.scan(lambda r, h: h + r, [y], [T.constant(np.float32(0))])
    yield fn([y], [o, T.grad(o.sum(), y)])(xv.astype("float32")), o.dtype


@case
def sharedseq():
    S = theano.shared(xv)
    o, u = theano.scan(lambda r, h: h + r, [S], [theano.shared(1.0)])
    yield fn([], [o, T.grad(o.sum(), S)], {S: S * 2})()
    yield S.get_value()


@case
def dupout():
    o, u = theano.scan(lambda r, h, k: [h + r, h + r], [x], [s, s])
    yield fn([x, s], o + T.grad(o[0].sum() + o[1].sum(), [x, s]))(xv, 1.0)
    o, u = theano.scan(lambda r, h: [h, h + r], [x], [None, s])
    yield fn([x, s], o + T.grad(o[0].sum() + o[1].sum(), [x, s]))(xv, 1.0)
    o, u = theano.scan(lambda r, h: [h], [x], [s])
    yield fn([x, s], o)(xv, 1.0)
    o, u = theano.scan(lambda r: [r, r, s], [x])
    yield fn([x, s], o)(xv, 1.0)


@case
def swaps():
    o, u = theano.scan(lambda a, b: [b, a + b], outputs_info=[s, s * 2], n_steps=5)
    yield fn([s], o + [T.grad(o[0][-1] * o[1][-1], s)])(1.0)


@case
def seqofseq():
    T3 = T.tensor3()
    o, u = theano.scan(lambda r, h: T.dot(h, r), [T3], [T.eye(2)])
    yield fn([T3], [o[-1], T.grad(o[-1].sum(), T3)])(np.arange(12.0).reshape(3, 2, 2) / 10)


@case
def allargs():
    o, u = theano.scan(
        lambda r: r * 2,
        [x],
        mode="FAST_RUN",
        name="q",
        profile=False,
        allow_gc=True,
        go_backwards=False,
        truncate_gradient=-1,
        strict=False,
    )
    yield fn([x], o)(xv)
    o, u = theano.scan(lambda r: r * 2, [x], mode=theano.Mode("py"), profile=True, allow_gc=False)
    yield fn([x], o)(xv)


@case
def kwseq():
    o, u = theano.scan(fn=lambda r, **k: r * 2, sequences=dict(input=x))
    yield fn([x], o)(xv)
    o, u = theano.scan(fn=lambda r: r * 2, sequences=(x,))
    yield fn([x], o)(xv)
    o, u = theano.scan(lambda *a: a[0] + a[1] + a[2], (x,), (s,), (s,))
    yield fn([x, s], o)(xv, 1.0)


@case
def nonseqconst():
    o, u = theano.scan(lambda r, c, d: r * c + d, x, non_sequences=[3.0, np.arange(2.0)])
    yield fn([x], o)(xv)


@case
def outsused():
    o, u = theano.scan(lambda r, h: [h + r, h * 2, h.sum()], [M], [x, None, None])
    yield fn([M, x], o[2])(Mv, xv[:2])
    yield fn([M, x], [o[0][-1], o[1]])(Mv, xv[:2])


@case
def gradinside():
    o, u = theano.scan(lambda h: h - 0.1 * T.grad((h**4).sum(), h), outputs_info=[x], n_steps=5)
    yield fn([x], [o[-1], T.grad(o[-1].sum(), x)])(xv)


@case
def gradinside2():
    o, u = theano.scan(lambda r, w: w - 0.1 * T.grad(((T.dot(r, w) - 1) ** 2), w), [M], outputs_info=[x])
    yield fn([M, x], [o, T.grad(o[-1].sum(), x)])(Mv, xv[:2])


@case
def switchmask():
    m = T.vector()
    o, u = theano.scan(lambda r, k, h: T.switch(k, h * r, h), [x, m], [s])
    yield fn([x, m, s], [o] + T.grad(o.sum(), [x, s]))(xv, np.array([1.0, 0, 1]), 2.0)


@case
def emptyrow():
    o, u = theano.scan(lambda r: r.sum(axis=0), [M])
    yield fn([M], o)(np.zeros((3, 0)))


@case
def disconnectstate():
    o, u = theano.scan(lambda r, c, h: [c + 1, h * r * T.cast(c, "float64")], [x], [T.constant(np.int64(0)), s])
    yield fn([x, s], o + T.grad(o[1].sum(), [x, s]))(xv, 2.0)


@case
def sample_until():
    r = MRG_RandomStreams(5)
    o, u = theano.scan(lambda h: (h + r.uniform(()), until(h > 2)), outputs_info=[s], n_steps=50)
    f = fn([s], [o, o.shape], u)
    yield f(0.0)
    yield f(0.0)


@case
def inc():
    o, u = theano.scan(lambda i, A: T.inc_subtensor(A[i], A[i - 1]), [T.arange(1, 3)], [M])
    yield fn([M], [o[-1], T.grad((o[-1] ** 2).sum(), M)])(Mv)


@case
def sizeone():
    o, u = theano.scan(lambda r, h: h + r, [x], [T.zeros((1,))])
    yield fn([x], o)(xv)


@case
def row():
    R = T.row()
    o, u = theano.scan(lambda r, h: h + r, [R], [T.zeros_like(x)])
    yield fn([R, x], o)(Mv[:1], xv[:2])
    C = T.col()
    o, u = theano.scan(lambda r: r, [C])
    yield fn([C], o)(Mv[:, :1]), o.type.broadcastable[0]


@case
def infoshared():
    h0 = theano.shared(np.zeros(2), name="h0")
    o, u = theano.scan(lambda r, h: h + r, [M], [h0])
    yield fn([M], [o[-1]], [(h0, o[-1])])(Mv)
    yield h0.get_value()


@case
def stateful():
    h0 = theano.shared(np.zeros((1, 2)), broadcastable=(True, False))
    o, u = theano.scan(lambda r, h: T.tanh(h + r), [M], [h0])
    yield fn([M], [o[-1]])(Mv)


@case
def stateful2():
    h0 = T.alloc(0.0, 1, 2)
    o, u = theano.scan(lambda r, h: T.tanh(h + r), [M], [h0])
    yield fn([M], [o[-1]])(Mv)


@case
def trunc2():
    W = T.matrix("W")
    for k in (1, 2, 3, 4):
        o, u = theano.scan(lambda r, h: T.tanh(T.dot(h, W) + r), [M], [x], truncate_gradient=k)
        yield fn([M, x, W], T.grad(o.sum(), [M, x, W]))(Mv, np.array([0.3, 0.4]), np.eye(2) * 0.5 + 0.1)
    for k in (1, 2, 3, 4):
        o, u = theano.scan(lambda r, h: T.tanh(T.dot(h, W) + r), [M], [x], truncate_gradient=k)
        yield fn([M, x, W], T.grad(o[-1].sum(), [M, x, W]))(Mv, np.array([0.3, 0.4]), np.eye(2) * 0.5 + 0.1)
    for k in (1, 2):
        (o, q), u = theano.scan(
            lambda r, h: [T.tanh(T.dot(h, W) + r), (h * r).sum()], [M], [x, None], truncate_gradient=k
        )
        yield fn([M, x, W], T.grad(q.sum(), [M, x, W]))(Mv, np.array([0.3, 0.4]), np.eye(2) * 0.5 + 0.1)
    for k in (1, 2, 3, 4):
        o, u = theano.scan(lambda a, b, r: a * b + r, [x], [dict(initial=M[:, 0], taps=[-2, -1])], truncate_gradient=k)
        yield fn([M, x], T.grad(o.sum(), [M, x]))(Mv + 1, np.array([0.3, 0.4, 0.5, 0.6]))


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
