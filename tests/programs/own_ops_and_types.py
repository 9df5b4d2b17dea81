import numpy as np, theano, theano.tensor as T
from theano import gof
from theano.gof import Op, Apply, Type, Variable, Constant, ParamsType
from theano.compile.ops import as_op
from theano.tests import unittest_tools as utt

fx = theano.config.floatX


class DoubleOp(theano.Op):
    __props__ = ()

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return theano.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * 2

    def infer_shape(self, node, i0_shapes):
        return i0_shapes

    def grad(self, inputs, output_grads):
        return [output_grads[0] * 2]

    def R_op(self, inputs, ev):
        return ev if ev[0] is None else self.grad(inputs, ev)


class AXPB(Op):
    __props__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b
        super(AXPB, self).__init__()

    itypes = [T.dvector]
    otypes = [T.dvector]

    def perform(self, node, inputs, outs):
        outs[0][0] = self.a * inputs[0] + self.b

    def grad(self, i, g):
        return [self.a * g[0]]


class SumProd(Op):
    __props__ = ()

    def make_node(self, x, y):
        x, y = T.as_tensor_variable(x), T.as_tensor_variable(y)
        assert x.ndim == y.ndim
        d = theano.scalar.upcast(x.dtype, y.dtype)
        return Apply(self, [x, y], [T.TensorType(d, x.broadcastable)() for _ in range(2)])

    def perform(self, node, inp, out):
        out[0][0] = inp[0] + inp[1]
        out[1][0] = inp[0] * inp[1]

    def infer_shape(self, node, s):
        return [s[0], s[0]]

    def grad(self, inp, g):
        (x, y), (ga, gb) = inp, g
        return [ga + gb * y, ga + gb * x]

    def c_code(self, node, name, inputs, outputs, sub):
        raise NotImplementedError()

    def c_code_cache_version(self):
        return (1,)


class Fibby(Op):
    __props__ = ()

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, outs):
        y = outs[0][0] = inputs[0].copy()
        for i in range(2, len(y)):
            y[i] = y[i - 1] * y[i - 2] + inputs[0][i]


class PrintShape(Op):
    view_map = {0: [0]}
    __props__ = ("m",)

    def __init__(self, m):
        self.m = m

    def make_node(self, x):
        return Apply(self, [x], [x.type.make_variable()])

    def perform(self, node, i, o):
        o[0][0] = i[0]
        print(self.m, i[0].shape)

    def grad(self, i, g):
        return g

    def __str__(self):
        return "PrintShape{%s}" % self.m


class InplaceAdd(Op):
    __props__ = ()
    destroy_map = {0: [0]}

    def make_node(self, x):
        return Apply(self, [x], [x.type()])

    def perform(self, node, i, o):
        i[0] += 1
        o[0][0] = i[0]


x, y = T.vectors("xy")
d = DoubleOp()
X = np.array([1.0, 2, 3], fx)
f = theano.function([x], [d(x), T.grad(d(x**2).sum(), x), d(x).shape, T.Rop(d(x), x, x)])
print([a.tolist() for a in f(X)])
print(
    d == DoubleOp(),
    hash(d) == hash(DoubleOp()),
    str(d),
    AXPB(1, 2) == AXPB(1, 2),
    AXPB(1, 2) == AXPB(1, 3),
    d(x).owner,
    str(d(x)),
)
u = T.dvector("u")
print(theano.function([u], AXPB(3, 4)(u))(np.ones(2)))
theano.gradient.verify_grad(
    DoubleOp(), [np.random.RandomState(0).rand(5, 7, 2).astype(fx)], rng=np.random.RandomState(1)
)
print("verified")
utt.seed_rng()
s, p = SumProd()(x, y)
print([a.tolist() for a in theano.function([x, y], [s, p] + T.grad((s * p).sum(), [x, y]))(X, X + 1)])
print(T.grad((s + p).sum(), x).eval({x: X, y: X}))
print(theano.function([x], Fibby()(x))(X))
try:
    T.grad(Fibby()(x).sum(), x)
except Exception as e:
    print(type(e).__name__)
q = PrintShape("hid")(x)
print(theano.function([x], T.grad((q * q).sum(), x))(X), q, q.owner.op)
print(theano.function([x], InplaceAdd()(x * 1), accept_inplace=True)(X), X)


@as_op(itypes=[T.dmatrix, T.dmatrix], otypes=[T.dmatrix], infer_shape=lambda n, s: [(s[0][0], s[1][1])])
def numpy_dot(a, b):
    return np.dot(a, b)


@as_op([T.ivector], [T.lscalar, T.dvector])
def two(v):
    return np.asarray(v.sum(), "int64"), v / 2.0


A, B = T.dmatrices("AB")
print(theano.function([A, B], [numpy_dot(A, B), numpy_dot(A, B).shape])(np.eye(2), np.ones((2, 3))))
iv = T.ivector()
print([np.asarray(o).tolist() for o in theano.function([iv], two(iv))([1, 2, 4])], numpy_dot, str(two(iv)[1].owner.op))


class MyType(gof.Type):
    def filter(self, v, strict=False, allow_downcast=None):
        if isinstance(v, dict):
            return v
        raise TypeError("dict wanted, got %r" % (v,))

    def __eq__(self, o):
        return type(self) == type(o)

    def __hash__(self):
        return hash(type(self))

    def __str__(self):
        return "dict!"

    def values_eq(self, a, b):
        return a == b


class GetItem(Op):
    __props__ = ("k",)

    def __init__(self, k):
        self.k = k

    def make_node(self, dct):
        return Apply(self, [dct], [T.dscalar()])

    def perform(self, node, i, o):
        o[0][0] = np.asarray(i[0][self.k], "float64")


mt = MyType()
v = mt("cfg")
g = theano.function([v], GetItem("lr")(v) * 2)
print(g({"lr": 0.5}), v, v.type, mt.make_variable("z"))
try:
    g([1])
except TypeError as e:
    print("TypeError", "dict wanted" in str(e))


class Multi(Op):
    __props__ = ("n",)

    def __init__(self, n):
        self.n = n

    def make_node(self, x):
        return Apply(self, [x], [x.type() for _ in range(self.n)])

    def perform(self, node, i, o):
        for k in range(self.n):
            o[k][0] = i[0] * k

    def grad(self, i, g):
        return [sum(k * q for k, q in enumerate(g) if not isinstance(q.type, theano.gradient.DisconnectedType))]

    def connection_pattern(self, node):
        return [[k > 0 for k in range(self.n)]]


outs = Multi(3)(x)
print(T.grad(outs[1].sum() + (outs[2] ** 2).sum(), x).eval({x: X}))
try:
    T.grad(outs[0].sum(), x)
except Exception as e:
    print(type(e).__name__)


class Lazy(Op):
    __props__ = ()
    _op_use_c_code = False

    def make_node(self, *a):
        return Apply(self, list(a), [a[1].type()])

    def make_thunk(self, node, storage_map, compute_map, no_recycling, impl=None):
        ins = [storage_map[i] for i in node.inputs]
        out = storage_map[node.outputs[0]]
        cm = compute_map[node.outputs[0]]

        def thunk():
            out[0] = ins[1][0] + ins[0][0]
            cm[0] = True

        thunk.inputs = ins
        thunk.outputs = [out]
        thunk.lazy = False
        return thunk


print(theano.function([x, y], Lazy()(x, y))(X, X))
sc, _ = theano.scan(lambda a: d(a) + 1, sequences=x)
print(theano.function([x], [sc, T.grad(sc.sum(), x)])(X))


class Bad(Op):
    __props__ = ()

    def make_node(self, x):
        return Apply(self, [x], [x.type()])

    def perform(self, node, i, o):
        raise RuntimeError("inside perform")


try:
    theano.function([x], Bad()(x))(X)
except RuntimeError as e:
    print(str(e).split("\n")[0], "Bad(x)" in str(e))
n = d(x).owner
print(
    n.inputs,
    n.outputs,
    n.nin,
    n.nout,
    n.out,
    n.clone_with_new_inputs([y]).inputs,
    n.op.__class__.__name__,
)
print(DoubleOp().make_node(3.0).outputs[0].type, theano.OpFromGraph([x, y], [x + 2 * y])(x, y).eval({x: X, y: X}))
