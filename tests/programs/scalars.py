"""Scalar variables, graphs of scalar ops, Composite, scalar ops of one's own."""

import numpy as np
import theano
import theano.scalar as s
import theano.tensor as T

x, y = s.floats("xy")
n = s.int8("n")
print(x, repr(x.type), x.ndim, x.dtype, x.type == s.float64, s.get_scalar_type("int8") is s.int8)
print(s.all_types)
print(s.discrete_types, s.continuous_types, s.integer_types)
z = x * y + 2
print(z, z.type, theano.pp(z))
theano.printing.debugprint(z)
f = theano.function([x, y], [x, z, s.exp(x), x < y, -x, x**y, abs(x - y), x // y, x % y, s.true_div(2, x)])
results = f(3, 2.5)
print([isinstance(r, np.generic) for r in results], [float(r) for r in results])
for bad in ("a", np.ones(3), 1 + 2j):
    try:
        f(bad, 1.0)
    except Exception as error:
        print(type(error).__name__)
print(float(f(np.ones(()), np.float32(3))[1]))

for made in (s.constant(3), s.constant(2.5), s.constant(1.1), s.as_scalar(300)):
    print(str(made), made.type)
print(T.constant(float("nan")).dtype, T.constant(float("inf")).dtype)
t, v = T.dscalar("t"), T.dvector("v")
print((t + x).type, (x + t).type, (v * x).type, s.as_scalar(t).type, (n / n).type, (n + 1).type, (n + x).type)
for bad in (v, "a", None):
    try:
        s.as_scalar(bad)
    except Exception as error:
        print(type(error).__name__)
for wrong in (lambda: s.exp(x, y), lambda: x + v, lambda: T.scalar_from_tensor(v), lambda: T.tensor_from_scalar(t)):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__)
for built in (
    s.second(x, y), s.switch(x < y, x, y), s.clip(x, 0, 1), s.identity(x), s.minimum(x, y), x.zeros_like(),
    x.astype("int8"), s.cast(x, "int32"), s.sqr(x), s.neg(x), s.eq(x, y), s.isnan(x), ~n, n & n, n | 1, n ^ n,
):  # fmt: skip
    print(built, built.type)
f = theano.function([x, t, v], [t + x, v * x, x + t, T.exp(x)])
print([np.asarray(r).tolist() for r in f(1.5, 2.0, [3.0, 4.0])])

# gradients
g = theano.grad(s.exp(x) * y + s.sqr(x), [x, y])
print([str(i.type) for i in g], [float(i) for i in theano.function([x, y], g)(0.5, 2.0)])
g = theano.grad((v * x).sum(), x)
print(g.type, float(theano.function([x, v], g)(1.0, [2.0, 3.0])))
for op in (s.sin, s.tanh, s.log, s.sqrt, s.log1p, s.expm1, s.inv, s.arctan, s.abs_, s.cosh):
    print(op, "%.6f" % theano.function([x], theano.grad(op(x), x))(0.7))

# composites
C = s.Composite([x, y], [x + y * 2])
print(C, C.nin, C.nout, C(x, y), C(x, y).type)
print(s.Composite([x, y], [x + y, x * y]), s.Composite([x], [s.exp(s.sqr(x))]))
print(s.Composite([x, y], [C(x * y, y)]))
print(C == s.Composite([x, y], [x + y * 2]), hash(C) == hash(s.Composite([x, y], [x + y * 2])))
print(C == s.Composite([x, y], [x + y * 3]), C(n, y).type)
a, b = T.dmatrices("ab")
E = T.Elemwise(C)
print(E, E(a, b), E(a, b).type)
theano.printing.debugprint(E(a, b))
print(theano.function([a, b], E(a, b))([[1, 2]], [[3, 4]]).tolist())
print([r.tolist() for r in theano.function([v, t], T.Elemwise(s.Composite([x, y], [x - y, x * y, x < y]))(v, t))(
    [1.0, 5.0], 3.0)])  # fmt: skip
c = theano.function([v], T.Elemwise(s.Composite([x], [s.log(1 + s.exp(x)) * 2]))(v))
print(c([-1.0, 0.0, 3.0]).tolist())
print(theano.function([x, y], C(x, y))(1, 2.5))
try:
    s.Composite([x], [x])
except AssertionError:
    print("an input as output is refused")
w = T.fvector("w")
print(E(w, w).type)


# own ops
class Half(s.UnaryScalarOp):
    def impl(self, x):
        return x / 2

    def grad(self, inputs, gradients):
        return [gradients[0] / 2]


half = Half(s.upgrade_to_float, name="half")
print(half(x), half(x).type, half(n).type, half, Half(s.same_out))
print([float(i) for i in theano.function([x], [half(x), theano.grad(half(x) * x, x)])(3.0)])
print(theano.function([v], [T.Elemwise(half)(v), theano.grad(T.Elemwise(half)(v).sum(), v)])([1.0, 2.0])[1].tolist())


class Both(s.ScalarOp):
    nin, nout = 2, 2

    def output_types(self, types):
        return [types[0], s.float32]

    def impl(self, x, y):
        return x + y, x - y


both = T.Elemwise(Both())(v, t)
print([o.type for o in both], [r.tolist() for r in theano.function([v, t], both)([1.0, 2.0], 3.0)])
print(s.upcast("int8", "float32"), s.upcast_out(s.int8, s.float32), s.transfer_type(0)(s.int8, s.float64))
print(s.unary_out_lookup({s.int8: s.float32})(s.int8), s.float_out(s.int8), s.upgrade_to_float(s.int8))

with s.autocast_float_as("float32"):
    print(s.autocast_float.dtypes, T.constant(1.1).dtype)
print(T.constant(1.1).dtype, s.convert(3, "float32").dtype, s.convert(300).dtype, s.convert([1, 2]).dtype)
shared = s.sharedvar.shared(3.0)
f = theano.function([], shared * 2, updates=[(shared, shared + 1)])
print(float(f()), float(f()), float(shared.get_value()), shared.type)
