"""What theano.gradient offers beside grad: Lop, Rop, barriers, subgraph_grad, numeric_grad, verify_grad, errors."""

import numpy as np
import theano
import theano.gradient as G
import theano.tensor as T

floatX = theano.config.floatX
x, y, v = T.vector("x"), T.vector("y"), T.vector("v")
m = T.matrix("m")
A = np.asarray([0.5, 1.0, 2.0], floatX)
B = np.asarray([1.0, -1.0, 3.0], floatX)
M = np.arange(6).reshape(2, 3).astype(floatX)


def run(inputs, outputs, *values):
    results = theano.function(inputs, outputs, on_unused_input="ignore")(*values)
    return [
        np.round(np.asarray(r, "float64"), 4).tolist() for r in (results if isinstance(results, list) else [results])
    ]


def refused(name, make):
    try:
        print(name, "gave", make())
    except Exception as error:
        kinds = [
            k.__name__ for k in (ValueError, TypeError, NotImplementedError, AssertionError) if isinstance(error, k)
        ]
        print(name, kinds or type(error).__name__)


# Lop and Rop
print(run([x, v], T.Lop(x**2, x, v), A, B), run([x, v], T.Rop(x**2, x, v), A, B))
print(run([m, x, v], T.Lop(T.dot(m, x), [m, x], v), M, A, B[:2]), run([m, x, v], T.Rop(T.dot(m, x), x, v), M, A, B))
print(run([x, y, v], T.Rop([x * y, x.sum()], [x, y], [v, v]), A, B, A))
print(type(T.Rop([x * y], [x], [v])).__name__, type(T.Rop((x * y,), x, v)).__name__, type(T.Lop(x, (x,), v)).__name__)
refused("Rop of other size", lambda: T.Rop(x, [x, y], [v]))
refused("Rop of other ndim", lambda: T.Rop(x, x, m))
refused("Rop disconnected", lambda: T.Rop(T.argmax(x), x, v))
refused("Lop disconnected", lambda: T.Lop(y * 2, x, v))
print(T.Lop(y * 2, x, v, disconnected_inputs="ignore").type == x.type)

# jacobian, hessian
print(run([x], G.jacobian(x**3, x), A), run([x], G.hessian((x**3).sum(), x), A))
print(run([x, y], G.jacobian(x * y, [x, y]), A, B))
refused("jacobian of a matrix", lambda: G.jacobian(m, m))
refused("hessian of a vector", lambda: G.hessian(x, x))

# barriers
cost = (x**3).sum()
for name, barrier in (
    ("consider_constant", G.consider_constant), ("zero_grad", G.zero_grad), ("disconnected_grad", G.disconnected_grad),
):  # fmt: skip
    print(name, run([x], T.grad((barrier(x**2) * x).sum(), x), A))
print(
    run([x], T.grad(G.grad_clip(x, -1, 1).sum() * 5, x), A), run([x], T.grad((G.grad_clip(x, -1, 1) ** 3).sum(), x), A)
)
print(run([x], T.grad((G.grad_scale(x, -2) ** 3).sum(), x), A), G.GradClip(-1, 1), G.GradScale(2), G.consider_constant_)
print(G.disconnected_grad_, G.zero_grad_, G.undefined_grad_, G.grad_clip(x, -1, 1), G.undefined_grad(x))
refused("undefined_grad", lambda: T.grad(G.undefined_grad(x).sum(), x))
refused("all disconnected", lambda: T.grad(G.disconnected_grad(x).sum(), x))
refused("clip bounds", lambda: G.grad_clip(x, 1, -1))
print(
    G.UndefinedGrad()(x).type,
    G.DisconnectedType(),
)

# grad's arguments
refused("no scalar", lambda: T.grad(x, x))
refused("no variable", lambda: T.grad(cost, 3))
refused("disconnected", lambda: T.grad(cost, y))
refused("unknown choice", lambda: T.grad(cost, y, disconnected_inputs="what"))
print(run([x, y], T.grad(cost, [x, y], disconnected_inputs="ignore"), A, B))
print(T.grad(cost, y, disconnected_inputs="ignore", return_disconnected="None"))
print(T.grad(cost, y, disconnected_inputs="ignore", return_disconnected="Disconnected").type)
print(run([x], T.grad(None, x, known_grads={x**2: T.ones_like(x)}), A) if False else "known")
z = x**2
print(run([x, v], T.grad(None, x, known_grads={z: v}), A, B))
print(run([x], T.grad((z * x).sum(), x, consider_constant=[z]), A))
i = T.ivector("i")
print(T.grad((i * x).sum(), x).type == x.type, T.grad((i * x).sum(), i).type.dtype == floatX)
refused("null gradient", lambda: T.grad(T.argmax(m) * 1.0, m))
print(G.format_as(True, False, [1, 2]), G.format_as(False, True, 1), G.format_as(False, False, [3]))
refused("format_as", lambda: G.format_as(True, True, [1]))


# no gradient
class Half(theano.Op):
    __props__ = ()

    def make_node(self, a):
        return theano.Apply(self, [a], [a.type()])

    def perform(self, node, inputs, storage):
        storage[0][0] = inputs[0] / 2


class Not(Half):
    def grad(self, inputs, gradients):
        return [G.grad_not_implemented(self, 0, inputs[0], "later")]


class Undefined(Half):
    def grad(self, inputs, gradients):
        return [G.grad_undefined(self, 0, inputs[0])]


class Nothing(Half):
    def grad(self, inputs, gradients):
        return [None]


class Short(Half):
    def grad(self, inputs, gradients):
        return []


for op in (Not(), Undefined(), Nothing(), Short()):
    refused(type(op).__name__, lambda: T.grad(op(x).sum(), x))
print(T.grad(Not()(x).sum(), x, null_gradients="return").type)

# subgraph_grad
w1, w2 = theano.shared(M, "w1"), theano.shared(M.T.copy(), "w2")
a1 = T.tanh(T.dot(w2, T.dot(w1, x)))
cost2 = T.sqr(a1 - 1).sum()
first, end = G.subgraph_grad(wrt=[w2], end=[T.dot(w1, x)] if False else [a1], cost=cost2)
print(run([x], first + end, A))
(second, _) = G.subgraph_grad(wrt=[w2], end=[x], start={a1: end[0]})
print(run([x], second, A))

# numeric_grad, verify_grad
n = G.numeric_grad(lambda a: (a**2).sum(), np.asarray([1.0, 2.0]))
print(np.round(n.gf, 3).tolist(), [float(e) for e in G.numeric_grad.abs_rel_err(1.0, 1.1)])
n = G.numeric_grad(lambda a, b: (a * b).sum(), [np.ones(2), np.arange(2.0)])
print([np.round(g, 3).tolist() for g in n.gf], n.max_err([np.zeros(2), np.ones(2)], 1e-3, 1e-3)[:2])
rng = np.random.RandomState(3)
G.verify_grad(lambda a, b: T.dot(a, b), [rng.rand(2, 3), rng.rand(3, 2)], rng=rng)
G.verify_grad(T.tanh, [rng.rand(2, 3).astype("float32")], n_tests=1, rng=rng, eps=1e-3, abs_tol=1e-2, rel_tol=1e-2,
              cast_to_output_type=True, mode="FAST_COMPILE")  # fmt: skip


class Wrong(Half):
    def grad(self, inputs, gradients):
        return [gradients[0]]


refused("wrong gradient", lambda: G.verify_grad(Wrong(), [rng.rand(3)], rng=rng))
refused("integer point", lambda: G.verify_grad(T.sqr, [np.arange(3)], rng=rng))
refused("no list", lambda: G.verify_grad(T.sqr, rng.rand(3), rng=rng))
refused("no rng", lambda: G.verify_grad(T.sqr, [rng.rand(3)]))
