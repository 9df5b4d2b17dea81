import numpy as np, theano, theano.tensor as T
from theano.compile.nanguardmode import NanGuardMode
from theano.compile.monitormode import MonitorMode
from theano.compile.debugmode import DebugMode
from theano.compile.mode import Mode, get_default_mode, get_mode

fx = theano.config.floatX
x = T.vector("x")
w = theano.shared(np.ones(3, fx), "w")
y = T.log(x * w).sum()
X = np.array([1.0, 2, 3], fx)
B = np.array([1.0, -2, 3], fx)
for m in (
    "FAST_RUN",
    "FAST_COMPILE",
    Mode(linker="py", optimizer="fast_compile"),
    Mode("vm", "fast_run").excluding("fusion"),
    get_default_mode().including("specialize"),
    Mode(linker="vm"),
    None,
    "DebugMode",
    theano.compile.FAST_RUN,
    Mode("py", None),
):
    f = theano.function([x], y, mode=m)
    print(float(f(X)))
f = theano.function([x], y, mode=NanGuardMode(nan_is_error=True, inf_is_error=True, big_is_error=True))
print(float(f(X)))
try:
    f(B)
    print("no error")
except AssertionError as e:
    print("AssertionError")
except Exception as e:
    print(type(e))
seen = []


def pre(i, node, fn):
    seen.append(("in", len(fn.inputs)))


def detect_nan(i, node, fn):
    for output in fn.outputs:
        if not isinstance(output[0], np.random.RandomState) and np.isnan(output[0]).any():
            print("*** NaN detected ***")
            break


f = theano.function([x], T.log(x), mode=MonitorMode(post_func=detect_nan))
print(f(B))
f = theano.function([x], T.log(x), mode=MonitorMode(pre_func=pre).excluding("local_elemwise_fusion", "inplace"))
f(X)
print(seen[:1])
theano.config.compute_test_value = "warn"
z = T.vector("z")
z.tag.test_value = X
q = (z**2).sum()
print(float(q.tag.test_value), theano.gof.op.get_test_value(q + 1) if 1 else 0)
theano.config.compute_test_value = "off"
with theano.configparser.change_flags(floatX="float32"):
    print(T.vector().dtype, theano.shared(1.0).dtype, T.scalar().type)
print(T.vector().dtype == fx)
f = theano.function([x], [y, T.grad(y, x)], profile=False)
r = f(X)
print([np.asarray(a, "float64").sum() for a in r])
g = theano.function([x, theano.In(T.scalar("k"), value=2.0, name="k")], x.sum() * w.sum(), on_unused_input="ignore")
print(float(g(X)), float(g(X, 3)), float(g(X, k=4)), g["k"])
g2 = f.copy(share_memory=True)
print(float(g2(X)[0]))
w2 = theano.shared(2 * np.ones(3, fx))
g3 = f.copy(swap={w: w2})
print(float(g3(X)[0]), float(f(X)[0]))
d = theano.function([x], {"a": x.sum(), "b": x * 2})
print(sorted(d(X)), d(X)["b"].tolist())
acc = theano.function([theano.In(x, borrow=True)], theano.Out(x * 2, borrow=True))
a = acc(X)
b_ = acc(X + 1)
print(b_.tolist())
st = T.scalar("st")
inc = T.scalar("inc")
fn = theano.function([inc, theano.In(st, value=10.0, update=st + inc)], st, mode="FAST_RUN")
print(fn(1), fn(2), fn[st])
fn[st] = 100
print(fn(1), fn.value[st], fn.container[st].value)
print(f.maker.fgraph is not None, len(f.get_shared()), f.trust_input)
p = theano.function([x, w2.type("u")], x + 1, on_unused_input="warn")(X, X)
print(p.tolist())
v = theano.shared(5)
theano.function([], v, updates={v: v + 1})()
print(v.get_value(), v.eval(), v.type, v.get_value(borrow=True, return_internal_type=True))
print(theano.function([], [], updates=[(v, T.cast(v * 2.7, "int64"))])(), v.get_value())
print(
    theano.function([], theano.tensor.constant(3))(),
    theano.function([x], [])(X) if 0 else [],
    theano.function([x], None, on_unused_input="ignore")(X),
)
