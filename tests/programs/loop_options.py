"""What scan, folds, Jacobians and clones take, one beside the other: taps of every sign, steps of every kind, lengths
that end early, updates in every form, outputs of many types, and copies of the graphs."""

from collections import OrderedDict

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams
from theano.scan_module import until
from theano.tensor.shared_randomstreams import RandomStreams

theano.config.floatX = "float64"


def show(v):
    if isinstance(v, (list, tuple)):
        return "[" + "; ".join(show(x) for x in v) + "]"
    v = np.asarray(v)
    return "%s %s %s" % (v.dtype, v.shape, " ".join("%.8g" % (e + 0.0) for e in v.ravel()))


cases = []


def case(f):
    cases.append(f)
    return f


def fn(ins, outs, updates=None, **k):
    return theano.function(ins, outs, updates=updates, on_unused_input="ignore", **k)


x, y = T.vector("x"), T.vector("y")
s = T.scalar("s")
M = T.matrix("M")
n = T.lscalar("n")
xv = np.array([1.0, 2.0, 3.0, -1.0, 0.5, 2.5])
yv = np.array([0.5, -1.0, 2.0, 1.5, 1.0, -2.0])
Mv = np.arange(12.0).reshape(6, 2) / 7


# -- taps ------------------------------------------------------------------------------------------------------


@case
def both_taps():
    for taps in ([0], [-1], [1], [-2, 0], [0, 2], [-1, 0, 1], [2, -1], [-3], [3]):
        for states in ([-1], [-2], [-1, -3], [-2, -1]):
            k = len(taps)

            def step(*args):
                rows, before = args[:k], args[k:]
                return sum((i + 1) * r for i, r in enumerate(rows)) + sum(b / (i + 2.0) for i, b in enumerate(before))

            initial = y[0] if states == [-1] else y[: -min(states)]
            info = initial if states == [-1] else dict(initial=initial, taps=states)
            o, u = theano.scan(step, [dict(input=x, taps=taps)], [info])
            yield fn([x, y], [o] + T.grad((o**2).sum(), [x, y]))(xv, yv)


@case
def taps_backwards_and_steps():
    for back, steps in ((False, None), (False, 1), (False, 2), (False, n), (True, None), (True, 2), (True, n)):
        o, u = theano.scan(
            lambda a, b, h2, h1: a * b + 0.5 * h2 - h1,
            [dict(input=x, taps=[-1, 1])],
            [dict(initial=y[:2], taps=[-2, -1])],
            go_backwards=back,
            n_steps=steps,
        )
        yield fn([x, y, n], [o] + T.grad((o**2).sum(), [x, y]))(xv, yv, 3)


@case
def taps_of_matrices():
    o, u = theano.scan(
        lambda a, b, h3, h1, w: T.tanh(a - b + T.dot(h1, w) + h3),
        [dict(input=M, taps=[0, 1])],
        [dict(initial=M[:3], taps=[-3, -1])],
        [T.eye(2) * s],
    )
    yield fn([M, s], [o] + T.grad(o.sum(), [M, s]))(Mv, 0.5)
    yield fn([M, s], [o.shape, o[-1], o[-2:], o[::2]])(Mv, 0.5)


@case
def taps_and_truncated():
    for k in (1, 2, 3):
        o, u = theano.scan(
            lambda a, b, h: a * h + b,
            [dict(input=x, taps=[0, 1])],
            [s],
            truncate_gradient=k,
        )
        yield fn([x, s], T.grad(o.sum(), [x, s]))(xv, 0.5)
        yield fn([x, s], T.grad(o[-1], [x, s]))(xv, 0.5)


@case
def two_sequences_of_taps():
    o, u = theano.scan(
        lambda a, b, c, d: a * b - c * d,
        [dict(input=x, taps=[-1, 0]), dict(input=y, taps=[2]), T.arange(9)],
    )
    yield fn([x, y], [o] + T.grad(o.sum(), [x, y]))(xv, yv)


# -- steps -----------------------------------------------------------------------------------------------------


@case
def steps_of_every_kind():
    for steps in (2, np.int64(3), n, n + 1, T.constant(2), theano.shared(4), x.shape[0], T.cast(n, "int8")):
        o, u = theano.scan(lambda h: h * s, outputs_info=[T.constant(1.0, dtype="float64")], n_steps=steps)
        yield fn([s, n, x], [o, T.grad(o.sum(), s)])(1.5, 3, xv)


@case
def fewer_steps_than_rows():
    o, u = theano.scan(lambda a, b, h: a * b + h, [x, y], [s], n_steps=n)
    f = fn([x, y, n], [o] + T.grad(o.sum(), [x, y]), givens={s: np.float64(0.5)})
    for k in (1, 4, 6):
        yield f(xv, yv, k)
    f(xv, yv, 7)


@case
def no_step():
    o, u = theano.scan(lambda a: a * 2, [x], n_steps=n)
    f = fn([x, n], [o.shape, o.sum()])
    yield f(xv, 0)


@case
def no_step_of_a_state():
    o, u = theano.scan(lambda a, h: a * 2 + h, [x], [s], n_steps=n)
    fn([x, s, n], o)(xv, 1.0, 0)


# -- until -----------------------------------------------------------------------------------------------------


@case
def until_everything():
    k = theano.shared(0)
    o, u = theano.scan(
        lambda a, h, m: ([a + h, h * m], OrderedDict([(k, k + 1)]), until(a + h > m)),
        [x],
        [s, None],
        [n],
    )
    f = fn([x, s, n], o + [o[0].shape, o[0][-1]], u)
    for limit in (0, 4, 100):
        yield f(xv, 0.5, limit)
        yield k.get_value()


@case
def until_with_taps():
    o, u = theano.scan(
        lambda a, h2, h1: (a + h2 * h1, until(T.abs_(h1) > 2)),
        [dict(input=x, taps=[1])],
        [dict(initial=y[:2], taps=[-2, -1])],
    )
    yield fn([x, y], o)(xv, yv)


@case
def until_in_loops():
    def search(limit):
        o, _ = theano.scan(
            lambda h: (h * 2, until(h * 2 > limit)), outputs_info=[T.constant(1.0, dtype="float64")], n_steps=50
        )
        return o[-1], o.shape[0]

    o, u = theano.scan(search, [x**2 * 10])
    yield fn([x], o)(xv)


@case
def until_and_gradients():
    """Of loops that do not feed back: those of others are wrong, or an error, in Theano."""
    o, u = theano.scan(lambda a, b: (a * T.sin(b), until(a * b > 2.9)), [x, y])
    for k in (6, 4):
        yield fn([x, y], [o] + T.grad(o.sum(), [x, y]) + T.grad(o[-1], [x, y]))(xv[:k], yv[:k])


# -- updates and what is drawn -----------------------------------------------------------------------------------


@case
def updates_in_every_form():
    for form in (dict, OrderedDict, list, tuple):
        k = theano.shared(np.float64(1))
        o, u = theano.scan(lambda a: (a * k, form([(k, k * 2)])), [x])
        f = fn([x], o, u)
        yield f(xv), k.get_value(), f(xv), k.get_value()
    k, m = theano.shared(0), theano.shared(np.zeros(2))
    o, u = theano.scan(lambda i: [(k, k + i), (m, T.set_subtensor(m[i % 2], k))], [T.arange(5)])
    yield o is None, sorted(type(v).__name__ for v in u)
    fn([], [], u)()
    yield k.get_value(), m.get_value()


@case
def updates_of_a_loop_in_a_loop():
    k = theano.shared(np.float64(1))

    def outer(a):
        o, u = theano.scan(lambda b: (a * b * k, [(k, k + 1)]), [y])
        return o.sum(), u

    o, u = theano.scan(outer, [x])
    f = fn([x, y], o, u)
    yield f(xv, yv), k.get_value(), f(xv, yv), k.get_value()


@case
def draws_of_a_loop_in_a_loop():
    for streams in (MRG_RandomStreams(7), RandomStreams(7)):

        def outer(a):
            o, u = theano.scan(lambda b: b + streams.uniform(()), [x])
            return o.sum() * a + streams.normal((2,)).sum(), u

        o, u = theano.scan(outer, [y])
        f = fn([x, y], [o] + (T.grad(o.sum(), [x, y]) if isinstance(streams, MRG_RandomStreams) else []), u)
        yield f(xv, yv), f(xv, yv)


@case
def draws_and_shared_states():
    streams = MRG_RandomStreams(11)
    state = theano.shared(np.zeros(3), name="state")

    def gibbs(h):
        p = T.nnet.sigmoid(h * s + 0.1)
        return p, streams.binomial(size=p.shape, p=p, dtype="float64")

    (p, h), u = theano.scan(gibbs, outputs_info=[None, state], n_steps=4)
    u[state] = h[-1]
    f = fn([s], [p, h], u)
    yield f(0.7), state.get_value(), f(-0.4), state.get_value()


@case
def drawn_letters():
    streams = MRG_RandomStreams(3)

    def draw(i, p):
        i = T.cast(T.argmax(streams.multinomial(pvals=T.dot(T.eye(3)[i], p).dimshuffle("x", 0))[0]), "int64")
        return i, until(T.eq(i, 2))

    P = T.constant(np.array([[0.5, 0.4, 0.1], [0.6, 0.3, 0.1], [0.0, 0.0, 1.0]]))
    o, u = theano.scan(draw, outputs_info=[T.constant(0, dtype="int64")], non_sequences=[P], n_steps=30)
    f = fn([], o, u)
    for i in range(4):
        yield f()
    o, u = theano.scan(lambda i: streams.choice(size=2, replace=False, p=P[i : i + 1] + 0.1)[0], [T.arange(3)])
    f = fn([], o, u)
    yield f(), f()


# -- types -----------------------------------------------------------------------------------------------------


@case
def outputs_of_many_types():
    def step(a, count, flag, h):
        return (
            T.cast(count + 1, "int8"),
            T.eq(count % 2, 0),
            h * a,
            T.cast(a, "int32"),
            T.cast(a, "float32"),
            T.gt(a, h),
            T.stack([a, h]),
            T.cast(a, "complex64"),
        )

    o, u = theano.scan(
        step,
        [x],
        [T.constant(0, dtype="int8"), T.constant(False, dtype="bool"), s, None, None, None, None, None],
    )
    yield [v.dtype for v in o]
    yield fn([x, s], o)(xv, 0.5)
    yield fn([x, s], T.grad(o[2].sum() + o[6].sum() + T.cast(o[4], "float64").sum(), [x, s]))(xv, 0.5)


@case
def integers_that_feed_back():
    o, u = theano.scan(
        lambda a, b: [b, a + b], outputs_info=[T.constant(0, dtype="int64"), T.constant(1, dtype="int64")], n_steps=n
    )
    yield fn([n], o)(10)
    yield fn([n], o[1][-1])(50)
    iv = T.ivector("iv")
    o, u = theano.scan(lambda i, A: T.set_subtensor(A[i], i * 10), [iv], [T.zeros((5,), dtype="int32")])
    yield fn([iv], o[-1])(np.array([3, 1, 4], "int32"))
    o, u = theano.scan(lambda i, h: h * x[i], [iv], [s])
    yield fn([iv, x, s], [o] + T.grad(o.sum(), [x, s]))(np.array([3, 1, 1, 4], "int32"), xv, 2.0)


@case
def a_list_is_asked_for():
    o, u = theano.scan(lambda a: a * 2, [x], return_list=True)
    yield type(o).__name__, len(o)
    o, u = theano.scan(lambda a: [a * 2], [x])
    yield type(o).__name__
    o, u = theano.scan(lambda a: (a, a + 1), [x])
    yield type(o).__name__, len(o)
    o, u = theano.scan(lambda a: a * 2, [x], n_steps=1, return_list=True)
    yield type(o).__name__, len(o)
    yield fn([x], o)(xv)


@case
def every_argument():
    o, u = theano.scan(
        fn=lambda a, h, c: [h + a * c, a - c],
        sequences=[x],
        outputs_info=[s, None],
        non_sequences=[y[0]],
        n_steps=5,
        truncate_gradient=-1,
        go_backwards=True,
        mode=theano.compile.mode.Mode(linker="py", optimizer="fast_run"),
        name="everything",
        profile=True,
        allow_gc=True,
        strict=True,
        return_list=True,
    )
    yield fn([x, s, y], o + T.grad(o[0].sum(), [x, s, y]))(xv, 0.5, yv)


# -- folds -----------------------------------------------------------------------------------------------------


@case
def folds_of_several():
    (a, b), u = theano.reduce(
        lambda r, t, h, g: (h + r * t, g * 0.5 + r), [x, y], [s, T.constant(0.0, dtype="float64")]
    )
    yield fn([x, y, s], [a, b] + T.grad(a * b, [x, y, s]))(xv, yv, 1.0)
    for fold in (theano.foldl, theano.foldr):
        o, u = fold(lambda r, i, h, w: h * w + r * i, [x, T.arange(6)], s, [y[0]])
        yield fn([x, y, s], [o] + T.grad(o, [x, y, s]))(xv, yv, 1.0)
    o, u = theano.reduce(lambda r, h: h * 2 + r, x, s, go_backwards=True)
    yield fn([x, s], [o] + T.grad(o, [x, s]))(xv, 1.0)
    o, u = theano.map(lambda r, t, w: [r * w, r + t], [x, y], [s], go_backwards=True)
    yield fn([x, y, s], o + T.grad((o[0] * o[1]).sum(), [x, y, s]))(xv, yv, 2.0)
    k = theano.shared(np.float64(0))
    o, u = theano.map(lambda r: (r + k, [(k, k + 1)]), x)
    yield fn([x], o, u)(xv), k.get_value()


@case
def checkpoints():
    """Of steps alone: with sequences Theano's own fail under Python 3."""
    for every in (2, 5, 10):
        o, u = theano.scan_checkpoints(
            lambda h, w: h * w + T.sin(h), outputs_info=[s], non_sequences=[y[2]], n_steps=10, save_every_N=every
        )
        yield fn([y, s], [o] + T.grad(o[-1], [y, s]))(yv / 4, 0.5)
    o, u = theano.scan_checkpoints(
        lambda h, g, w: [T.tanh(T.dot(h, w)), g + h.sum()],
        outputs_info=[x[:2], s],
        non_sequences=[M[:2]],
        n_steps=7,
        save_every_N=3,
    )
    yield fn([x, s, M], o + T.grad(o[0].sum() + o[1][-1], [x, s, M]))(xv, 0.5, Mv)


# -- gradients ---------------------------------------------------------------------------------------------------


@case
def a_loop_of_gradients_of_loops():
    def cost(w):
        o, _ = theano.scan(lambda a, h: T.tanh(h * w + a), [x], [s])
        return (o**2).sum()

    o, u = theano.scan(
        lambda w: w - 0.1 * T.grad(cost(w), w), outputs_info=[T.constant(0.5, dtype="float64")], n_steps=4
    )
    yield fn([x, s], [o, o[-1]])(xv, 0.3)


@case
def parts_that_are_not_reached():
    (a, b), u = theano.scan(lambda r, t, h, g: [h + r, g + t], [x, y], [s, s * 2])
    for target in (a.sum(), b[-1], (a * b).sum()):
        yield fn([x, y, s], T.grad(target, [x, y, s], disconnected_inputs="ignore"))(xv, yv, 1.0)
    g = T.grad(a.sum(), [x, y], disconnected_inputs="ignore", return_disconnected="None")
    yield [v is None for v in g]
    T.grad(b.sum(), x)


@case
def operators_R_and_L():
    v, V = T.vector("v"), T.matrix("V")
    o, u = theano.scan(lambda a, h: T.tanh(a * h + T.dot(h, M[:2])), [M], [x[:2]])
    yield fn([M, x, v], T.Rop(o[-1], x, v))(Mv, xv, yv)
    yield fn([M, x, V], T.Rop(o.sum(axis=1), M, V))(Mv, xv, Mv - 1)
    yield fn([M, x, V], T.Lop(o, [M, x], V))(Mv, xv, Mv - 1)
    o, u = theano.scan(lambda a, b: a * T.sin(b), [dict(input=x, taps=[0, 1])])
    yield fn([x, v], [T.Rop(o, x, v), T.Lop(o, x, v[:-1])])(xv, yv)


@case
def jacobians():
    yield fn([x], [T.jacobian(x**3, x), T.jacobian((x**3).sum(), x)])(xv)
    yield fn([x, y], T.jacobian(x * y.sum(), [x, y]))(xv, yv)
    yield fn([M], [T.jacobian(M[0] ** 2, M), T.jacobian(M.sum(axis=1), M)])(Mv)
    yield fn([x, M], list(T.jacobian(T.dot(x[:2], M.T) ** 2, (x, M))))(xv, Mv)
    yield type(T.jacobian(x * 2, [x])).__name__, type(T.jacobian(x * 2, (x,))).__name__
    yield fn([x, y], T.jacobian(x * y, x, consider_constant=[y]))(xv, yv)
    yield fn([x, y], T.jacobian(x**2, y, disconnected_inputs="ignore"))(xv, yv)
    o, u = theano.scan(lambda a, h: T.tanh(a + h), [x], [s])
    yield fn([x, s], T.jacobian(o, [x, s]))(xv, 0.5)
    T.jacobian(M, M)


@case
def hessians():
    cost = (x**3).sum() * T.exp(y[0]) + (x * y).sum() ** 2
    yield fn([x, y], T.hessian(cost, x))(xv, yv)
    yield fn([x, y], T.hessian(cost, [x, y]))(xv, yv)
    yield type(T.hessian(cost, [x])).__name__, type(T.hessian(cost, (x, y))).__name__
    T.hessian((M**2).sum(), M)


@case
def products_with_a_hessian():
    v = T.vector("v")
    cost = T.sum(x**3 * T.sin(y)) + T.prod(x[:2])
    gx = T.grad(cost, x)
    yield fn([x, y, v], [T.grad(T.sum(gx * v), x), T.Rop(gx, x, v), T.dot(T.hessian(cost, x), v)])(xv, yv, xv - 2)
    V = T.matrix("V")
    cost = T.sum(T.tanh(T.dot(M, V)))
    gM, gV = T.grad(cost, [M, V])
    W = T.matrix("W")
    yield fn([M, V, W], T.grad(T.sum(gM * W), [M, V]) + [T.Rop(gM, M, W)])(Mv, Mv[:2] - 1, Mv + 1)


# -- copies --------------------------------------------------------------------------------------------------------


@case
def clones():
    k = theano.shared(np.float64(2), name="k")
    o, u = theano.scan(lambda a, h: a * h * k + s, [x], [y[0]])
    out = o.sum() + s
    f = lambda v: fn([x, y, s], v)(xv, yv, 0.5)
    yield f(out)
    yield f(theano.clone(out, replace={s: s * 2})), f(theano.clone(out, replace=[(x, x + 1), (y, y * 2)]))
    yield f(theano.clone(out, {k: T.constant(3.0, dtype="float64")})), f(theano.clone([out, o], {x: y}))
    yield f(theano.clone(out, replace={o: o * 2})), f(T.grad(theano.clone(out, {x: x**2}), x))
    yield f(theano.clone(out, replace={s: T.constant(1.0, dtype="float64")}, strict=False))
    copy = theano.clone(out, share_inputs=False)
    leaves = [v for v in theano.gof.graph.inputs([copy]) if not isinstance(v, theano.Constant)]
    yield sorted(str(v) for v in leaves), any(v in (x, y, s, k) for v in leaves)
    for replacement, strict in ((T.fscalar("f"), True), (T.fscalar("f"), False), (M, True)):
        try:
            yield str(theano.clone(out, replace={s: replacement}, strict=strict).type)
        except Exception as error:
            yield type(error).__name__


@case
def clones_of_graphs():
    from theano.gof import graph

    a = x * 2
    b = a + y
    ins, outs = graph.clone([x, y], [b])
    yield [v.type == w.type for v, w in zip(ins, (x, y))], ins[0] is x, outs[0] is b
    ins, outs = graph.clone([x, y], [b], copy_inputs=False)
    yield ins[0] is x, outs[0] is b
    made = graph.clone_get_equiv([x, y], [b])
    yield made[x] is x, made[b] is b, made[a].owner.op == a.owner.op
    made = graph.clone_get_equiv([x, y], [b], copy_inputs=False)
    yield made[x] is x, made[b] is b
    made = graph.clone_get_equiv([a, y], [b], copy_inputs=True, copy_orphans=True)
    yield made[a] is a, made[a].owner is None
    yield [str(v) for v in graph.inputs([b]) if v.name], [str(v) for v in graph.ancestors([b]) if v.name]
    yield len(graph.ancestors([b], blockers=[a])), len(graph.inputs([b], [a]))
    yield (
        graph.is_same_graph(b, x * 2 + y),
        graph.is_same_graph(b, x * 2 + x),
        graph.is_same_graph(b, y * 2 + x, givens={x: y}),
    )
    o, u = theano.scan(lambda r, h: r + h, [x], [s])
    p, u = theano.scan(lambda r, h: r + h, [x], [s])
    q, u = theano.scan(lambda r, h: r - h, [x], [s])
    yield graph.is_same_graph(o, p), graph.is_same_graph(o, q)
    made = theano.gof.graph.clone_replace([b], {x: s}) if hasattr(theano.gof.graph, "clone_replace") else "not there"
    yield made


# -- what is refused -------------------------------------------------------------------------------------------------

k1 = theano.shared(np.float64(1), name="k1")
REFUSED = [
    ("no steps", lambda: theano.scan(lambda h: h, outputs_info=[s])),
    ("taps of now", lambda: theano.scan(lambda h: h, outputs_info=[dict(initial=x, taps=[0])], n_steps=2)),
    ("taps of nothing", lambda: theano.scan(lambda h: h, outputs_info=[dict(taps=[-1])], n_steps=2)),
    ("a step of words", lambda: theano.scan(lambda a: "no", [x])),
    ("a step of numbers", lambda: theano.scan(lambda a: 1.5, [x])),
    ("another dtype", lambda: theano.scan(lambda a, h: T.cast(h, "float32"), [x], [s])),
    ("more dimensions", lambda: theano.scan(lambda a, h: T.stack([h, a]), [x], [s])),
    ("fewer dimensions", lambda: theano.scan(lambda a, h: h.sum(), [x], [y])),
    ("an integer that became a float", lambda: theano.scan(lambda h: h / 2, outputs_info=[n], n_steps=3)),
    ("too few infos", lambda: theano.scan(lambda a, h: [a, h, a], [x], [s, None])),
    ("too many infos", lambda: theano.scan(lambda a, h: h, [x], [s, None])),
    ("a shared variable", lambda: theano.scan(lambda a: a * k1, [x], strict=True)),
    ("a scalar to go through", lambda: theano.scan(lambda a: a, [s])),
    ("steps of floats", lambda: theano.scan(lambda a: a, [x], n_steps=T.dscalar())),
    ("a condition that is a vector", lambda: fn([x], theano.scan(lambda a: (a, until(x > a)), [x])[0])(xv)),
    ("updates of no shared variable", lambda: theano.scan(lambda a: (a, {x: x + 1}), [x])),
    ("steps that return", lambda: theano.scan(lambda a: a, [x], [dict(return_steps=2)])),
    (
        "checkpoints of taps",
        lambda: theano.scan_checkpoints(lambda h: h, outputs_info=[dict(initial=x, taps=[-2])], n_steps=4),
    ),
]

for c in cases:
    k = 0
    try:
        for v in c():
            plain = isinstance(v, (str, bool)) or (
                isinstance(v, (tuple, list))
                and v
                and isinstance(v[0], (str, bool, list))
                and not isinstance(v[0], np.ndarray)
                and not (isinstance(v[0], list) and v[0] and isinstance(v[0][0], np.ndarray))
            )
            print("%s.%d %s" % (c.__name__, k, repr(v) if plain else show(v)))
            k += 1
    except Exception as e:
        print("%s.%d refused: %s" % (c.__name__, k, type(e).__name__))
for name, make in REFUSED:
    try:
        print("%s: fine %s" % (name, type(make()).__name__))
    except Exception as e:
        print("%s: %s" % (name, type(e).__name__))
