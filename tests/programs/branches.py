"""ifelse: values, several outputs, branches in branches, gradients, types of two sides, and what is not computed."""

import numpy as np
import theano
import theano.tensor as T
from theano.compile.ops import as_op
from theano.ifelse import ifelse

floatX = theano.config.floatX


def show(name, *values):
    print(
        "%s: %s"
        % (
            name,
            "; ".join(
                "%s %s %s" % (v.dtype, v.shape, " ".join("%.7g" % (e + 0.0) for e in v.ravel()))
                for v in map(np.asarray, values)
            ),
        )
    )


c, d = T.iscalar("c"), T.iscalar("d")
x, y = T.vector("x"), T.vector("y")
xv, yv = np.array([1.0, 2.0, -3.0], floatX), np.array([0.5, -1.5], floatX)
yw = np.array([0.5, -1.5, 2.0], floatX)

# values: of one side, of other lengths, with a condition of any kind; and what switch gives
f = theano.function([c, x, y], ifelse(c, x * 2, y + 1))
show("value", f(1, xv, yv), f(0, xv, yv), f(-2, xv, yv))
f = theano.function([c, x, y], [ifelse(c, x * 2, y + 1), T.switch(c, x * 2, y + 1)])
show("as switch", *(f(1, xv, yw) + f(0, xv, yw)))
s = T.scalar("s")
f = theano.function([s, x, y], [ifelse(T.lt(s, 0.5), x, y), ifelse(s, x, y), ifelse(T.all(x > y), x, y)])
show("conditions", *(f(0.25, xv, yw) + f(0, xv, yw) + f(0.75, xv, xv - 1)))

# several outputs, as lists, tuples and names
a, b = ifelse(c, [x.sum(), x**2], [y.sum(), y**3])
f = theano.function([c, x, y], [a, b])
show("two outputs", *(f(1, xv, yv) + f(0, xv, yv)))
a, b = ifelse(c, (x, T.arange(3)), (y, T.arange(2)), name="pair")
f = theano.function([c, x, y], [b, a])
show("of two dtypes", *(f(1, xv, yv) + f(0, xv, yv)))
one = ifelse(c, [x], [y])
print("a list of one: %s" % type(one).__name__)
same = ifelse(c, x, x)
show("both alike", theano.function([c, x], same)(0, xv))

# branches in branches, chains, and the same condition again
deep = ifelse(c, ifelse(d, x + 1, x + 2), ifelse(d, y + 3, y + 4))
f = theano.function([c, d, x, y], deep)
show("nested", *[f(i, j, xv, yv) for i in (0, 1) for j in (0, 1)])
chain = ifelse(T.lt(s, 1), x * 1, ifelse(T.lt(s, 2), x * 2, ifelse(T.lt(s, 3), x * 3, x * 4)))
f = theano.function([s, x], [chain, T.grad(chain.sum(), x)])
show("chain", *[v for k in (0.5, 1.5, 2.5, 3.5) for v in f(k, xv)])
f = theano.function([c, x, y], ifelse(c, x.sum(), y.sum()) * ifelse(c, x.max(), y.min()))
show("one condition twice", f(1, xv, yv), f(0, xv, yv))

# gradients through it, in the condition, of gradients, and against those of switch
cost = ifelse(c, (x**2).sum() * y.sum(), T.exp(y).sum())
gx, gy = T.grad(cost, [x, y])
f = theano.function([c, x, y], [cost, gx, gy])
show("gradients", *(f(1, xv, yv) + f(0, xv, yv)))
f = theano.function([c, x, y], T.grad((T.grad(cost, y) ** 2).sum(), y), on_unused_input="ignore")
show("of gradients", f(0, xv, yv), f(1, xv, yv))
g = T.grad(ifelse(T.gt(x.sum(), 0), (x**3).sum(), (x * y).sum()), [x, y])
h = T.grad(T.switch(T.gt(x.sum(), 0), (x**3).sum(), (x * y).sum()), [x, y])
f = theano.function([x, y], g + h)
show("of a condition on x", *(f(xv + 1, yw) + f(xv - 1, yw)))
u, v = ifelse(c, [x.sum() * 3, (x**2).sum()], [y.sum(), (y**3).sum()])
f = theano.function([c, x, y], T.grad(u * v, [x, y]))
show("of several outputs", *(f(1, xv, yv) + f(0, xv, yv)))
n = T.ivector("n")
f = theano.function([c, x, n], T.grad(ifelse(c, (x * n).sum(), (x + n).sum()), x), allow_input_downcast=True)
show("beside integers", f(1, xv, [1, 2, 3]), f(0, xv, [1, 2, 3]))

# the types of two sides
M, row = T.matrix("M"), T.row("row")
z = ifelse(c, np.float32(1.5), np.float32(2))
print("two numbers: %s" % z.type)
show("two numbers", theano.function([c], z)(1), theano.function([c], z)(0))
w = theano.shared(xv, name="w")
z = ifelse(c, w, x * 0)
show("a shared value", theano.function([c, x], z)(1, xv), theano.function([c, x], z)(0, xv))
for name, sides in (
    ("dimensions", (x, M)),
    ("broadcasting", (M, row)),
    ("dtypes", (x, T.constant(np.arange(3, dtype="int8")))),
    ("numbers of outputs", ([x, y], [x])),
    ("kinds", (x, theano.gof.generic())),
    ("empty", ([], [])),
):
    try:
        print("%s: %s" % (name, ifelse(c, *sides)))
    except Exception as error:
        print("%s: %s" % (name, type(error).__name__))
for name, condition in (("a vector", x), ("a list", [c])):
    try:
        print(
            "%s: %s"
            % (
                name,
                type(theano.function([c, x], ifelse(condition, x, x * 2), on_unused_input="ignore")(1, xv)).__name__,
            )
        )
    except Exception as error:
        print("%s: %s" % (name, type(error).__name__))

# what is computed
calls = []


@as_op(itypes=[T.TensorType(floatX, (False,)), T.lscalar], otypes=[T.TensorType(floatX, (False,))])
def noted(value, which):
    calls.append(int(which))
    return 2 * value


def counted(name, f, *args):
    del calls[:]
    f(*args)
    print("%s computes %s" % (name, sorted(calls)))


k = [T.constant(i, dtype="int64") for i in range(6)]
f = theano.function([c, x], ifelse(c, noted(x, k[1]), noted(x, k[2])))
counted("the first side", f, 1, xv)
counted("the second side", f, 0, xv)
f = theano.function([c, d, x], ifelse(c, ifelse(d, noted(x, k[1]), noted(x, k[2])), noted(x, k[3])))
for i in (0, 1):
    for j in (0, 1):
        counted("nested %d %d" % (i, j), f, i, j, xv)
shared_part = noted(x, k[4])
f = theano.function([c, x], [ifelse(c, shared_part + 1, noted(x, k[5])), shared_part])
counted("what is needed anyhow, first", f, 1, xv)
counted("what is needed anyhow, second", f, 0, xv)
f = theano.function([c, x], ifelse(c, shared_part + 1, shared_part - 1))
counted("what both need", f, 1, xv)
f = theano.function([c, x], T.switch(c, noted(x, k[1]), noted(x, k[2])))
counted("switch", f, 1, xv)
p, q = ifelse(c, [noted(x, k[1]), noted(x, k[2])], [x, x])
f = theano.function([c, x], [p, q])
counted("two outputs", f, 1, xv)
counted("no op of two outputs", f, 0, xv)

# in loops, as updates, in givens
r, _ = theano.scan(lambda e, t: ifelse(T.gt(e, 0), t + e, t * 2), [x], [T.constant(np.asarray(1, floatX))])
f = theano.function([x], [r, T.grad(r[-1], x)])
show("in a loop", *f(xv))
total = theano.shared(np.asarray(0, floatX), name="total")
f = theano.function(
    [s], ifelse(T.gt(total, 3), total * 10, total), updates=[(total, ifelse(T.gt(total, 3), s, total + s))]
)
show("updates", *[f(2) for _ in range(5)])
f = theano.function([x, y], z, givens={c: T.cast(T.gt(x.sum(), y.sum()), "int32")}, on_unused_input="ignore")
show("givens", f(xv, yw - 9), f(xv, yw + 9))
