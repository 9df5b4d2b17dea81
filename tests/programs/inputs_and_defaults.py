import numpy as np, theano, theano.tensor as T, copy, pickle
from theano import In, Out, Param, shared, function

fx = theano.config.floatX
x, y, z = T.scalars("xyz")
v = T.vector("v")
M = T.matrix("M")
f = function([x, In(y, value=2.0), In(z, value=1.0, name="zed")], (x + y) * z)
print(f(1), f(1, 3), f(1, zed=5), f(1, y=0, zed=2), f(x=4))
state = shared(0)
inc = T.iscalar("inc")
acc = function([inc], state, updates=[(state, state + inc)], name="acc")
print(acc(1), acc(10), state.get_value(), acc.name)
dec = function([inc], state, updates=[(state, state - inc)])
print(dec(3), state.get_value())
fn = state * 2 + inc
foo = T.scalar(dtype=state.dtype)
skip = function([inc, foo], fn, givens=[(state, foo)])
print(skip(1, 3), state.get_value())
ns = shared(7)
acc2 = acc.copy(swap={state: ns})
print(acc2(100), ns.get_value(), state.get_value())
na = acc.copy(delete_updates=True)
print(na(1000), state.get_value())
f = function(
    [In(x, update=x + 1, value=0.0)],
    x * 2,
)
print(f(), f(), f(), f.value[x] if hasattr(f, "value") else None, f[x])
f[x] = 10
print(f(), f["x"])
f = function([In(v, borrow=True), In(M, mutable=True)], [Out(v * 2, borrow=True), M.sum(0)])
print([a.tolist() for a in f(np.ones(2, fx), np.ones((2, 2), fx))])
f = function([x], {"a": x + 1, "b": x * 2})
r = f(3)
print(type(r).__name__, sorted(r.items(), key=lambda q: q[0]))
f = function([x], [x])
print(f(1.0))
f = function([x], [], on_unused_input="ignore")
print(f(1))
f = function([x], None, on_unused_input="ignore")
print(f(2))
f = function([], [], updates=[(state, state * 2)])
print(f(), state.get_value())
f = function([x, y], x, on_unused_input="ignore")
print(f(1, 2))
import warnings

with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter("always")
    f = function([x, y], x, on_unused_input="warn")
    print(f(1, 2), [str(q.message)[:60] for q in w if "unused" in str(q.message) or "not part" in str(q.message)])
iv = T.ivector("iv")
fv = T.fvector("fv")
for kw in (dict(), dict(allow_input_downcast=True), dict(allow_input_downcast=False)):
    f = function([iv, fv], [iv, fv], **kw)
    for a, b in (
        ([1, 2], [1.0, 2.0]),
        (np.array([1, 2]), np.array([1.1, 2])),
        (np.array([1.7, 2.2]), np.float32([1, 2])),
        ([1.5], [2]),
        (np.int8([1]), np.int64([2])),
        ([True], [2.5]),
    ):
        try:
            print(kw, [q.tolist() for q in f(a, b)], end=" ")
        except TypeError as e:
            print("TypeError", end=" ")
    print()
f = function([In(iv, strict=True)], iv)
for a in ([1], np.int32([1]), np.int64([1])):
    try:
        print(f(a))
    except TypeError as e:
        print("strict TypeError")
f = function([T.bscalar("b")], T.bscalar("b") * 0 if 0 else T.constant(1)) if 0 else None
u8 = T.bvector("u")
f = function([u8], u8 + u8)
print(f([100, 27]), f([100, 100]), f([1]).dtype)
f = function([x], x)
print(type(f(1)), f(1).dtype, f(1).shape, f(np.float32(2)), f(np.asarray(3, fx)))
for bad in (np.array([1.0]), [1.0]):
    try:
        print(f(bad))
    except Exception as e:
        print(type(e).__name__)
a = np.arange(3, dtype=fx)
s = shared(a)
a[0] = 9
print(s.get_value())
s2 = shared(a, borrow=True)
g = s2.get_value(borrow=True, return_internal_type=True)
print(g.tolist(), type(g).__name__)
s.set_value(a + 1)
w = s.get_value()
w[0] = -5
print(s.get_value())
s.set_value([1, 2, 3]) if 0 else None
c = copy.copy(s)
d = copy.deepcopy(s)
c.set_value(np.zeros(3, fx))
print(s.get_value(), d.get_value(), s.clone().get_value(), s.name, s.eval())
f = function([], s * 2)
p = pickle.loads(pickle.dumps(f))
s.set_value(np.ones(3, fx))
print(f(), p())
f = function([x], x**2, mode="FAST_COMPILE", profile=False, name="sq")
print(
    f.name,
    f.maker.mode.__class__.__name__,
    str(f.maker.fgraph.toposort()[-1].op) != "",
    len(f.maker.fgraph.inputs),
    f.maker.fgraph.outputs[0].type,
)
print(
    f.input_storage[0].data if hasattr(f, "input_storage") else 0,
    f.n_returned_outputs if hasattr(f, "n_returned_outputs") else "",
    f.unpack_single,
    f.return_none,
)
print(
    [i.variable.name for i in acc.maker.inputs],
    acc.get_shared(),
    [o.type for o in acc.outputs] if hasattr(acc, "outputs") and 0 else "",
)
rs = T.shared_randomstreams.RandomStreams(5)
u = rs.uniform((2,))
n = rs.normal((2,))
f = function([], u)
g = function([], n, no_default_updates=True)
print(f(), f(), g(), g())
st = u.rng.get_value(borrow=True)
st.seed(3)
u.rng.set_value(st, borrow=True)
print(f())
h = function([], u + u - 2 * u)
print(h())
rs.seed(11)
print(f())
rs.updates()
print(len(rs.updates()), [str(type(q[0]).__name__) for q in rs.updates()])
o = rs.state_updates
s1 = [q[0].get_value() for q in o]
f()
[q[0].set_value(w) for q, w in zip(o, s1)]
print(f())
f = function([x], updates=[(state, T.cast(x, "int64"))])
print(f(4.5), state.get_value())
state.set_value(5.0) if 0 else None
f = function([], [state, state + 1], updates={state: state + 5})
print(f(), f())
print(theano.function([], state)().dtype)
e = shared(3.0)
print(
    e.type,
    e.dtype,
    shared(np.float32(2)).dtype,
    shared(True).type,
    shared(5).type,
    shared(np.int8(5)).type,
    shared([1, 2]).type,
)
print(In(x).name, Out(x).borrow, In(x, value=3).value, repr(In(x)), str(Out(x)), In(x, mutable=True).mutable)
try:
    Param(x, default=1)
    print("param")
except Exception as e:
    print(type(e).__name__, e)
