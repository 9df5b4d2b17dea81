"""Loops and derivatives as Theano's tutorial writes them, and derivatives through loops."""

import numpy as np
import theano
import theano.tensor as T

floatX = theano.config.floatX


def show(name, *values):
    print(
        "%s: %s"
        % (
            name,
            "; ".join("%s %s" % (v.shape, " ".join("%.7g" % e for e in v.ravel())) for v in map(np.asarray, values)),
        )
    )


# tanh(x(t).dot(W) + b), elementwise
X = T.matrix("X")
W = T.matrix("W")
b_sym = T.vector("b_sym")
results, updates = theano.scan(lambda v: T.tanh(T.dot(v, W) + b_sym), sequences=X)
compute_elementwise = theano.function(inputs=[X, W, b_sym], outputs=results)
x = np.eye(2, dtype=floatX)
w = np.ones((2, 2), dtype=floatX)
b = np.ones((2), dtype=floatX)
b[1] = 2
show("elementwise", compute_elementwise(x, w, b))

# x(t) = tanh(x(t - 1).dot(W) + y(t).dot(U) + p(T - t).dot(V))
X = T.vector("X")
U, Y, V, P = T.matrix("U"), T.matrix("Y"), T.matrix("V"), T.matrix("P")
results, updates = theano.scan(
    lambda y, p, x_tm1: T.tanh(T.dot(x_tm1, W) + T.dot(y, U) + T.dot(p, V)),
    sequences=[Y, P[::-1]],
    outputs_info=[X],
)
compute_seq = theano.function(inputs=[X, W, Y, U, P, V], outputs=results)
x = np.zeros((2), dtype=floatX)
x[1] = 1
y = np.ones((5, 2), dtype=floatX)
y[0, :] = -3
u = np.ones((2, 2), dtype=floatX)
p = np.ones((5, 2), dtype=floatX)
p[0, :] = 3
show("sequence", compute_seq(x, w, y, u, p, u))

# norms of lines and columns, a trace
X = T.matrix("X")
results, updates = theano.scan(lambda x_i: T.sqrt((x_i**2).sum()), sequences=[X])
x = np.diag(np.arange(1, 6, dtype=floatX), 1)
show("lines", theano.function(inputs=[X], outputs=results)(x))
results, updates = theano.scan(lambda x_i: T.sqrt((x_i**2).sum()), sequences=[X.T])
show("columns", theano.function(inputs=[X], outputs=results)(x))
results, updates = theano.scan(
    lambda i, j, t_f: T.cast(X[i, j] + t_f, floatX),
    sequences=[T.arange(X.shape[0]), T.arange(X.shape[1])],
    outputs_info=np.asarray(0.0, dtype=floatX),
)
x = np.eye(5, dtype=floatX)
x[0] = np.arange(5, dtype=floatX)
show("trace", theano.function([X], results[-1])(x))

# x(t) = x(t - 2).dot(U) + x(t - 1).dot(V) + tanh(x(t - 1).dot(W) + b)
n_sym = T.iscalar("n_sym")
results, updates = theano.scan(
    lambda x_tm2, x_tm1: T.dot(x_tm2, U) + T.dot(x_tm1, V) + T.tanh(T.dot(x_tm1, W) + b_sym),
    n_steps=n_sym,
    outputs_info=[dict(initial=X, taps=[-2, -1])],
)
compute_seq2 = theano.function(inputs=[X, U, V, W, b_sym, n_sym], outputs=results)
x = np.zeros((2, 2), dtype=floatX)
x[1, 1] = 1
w = 0.5 * np.ones((2, 2), dtype=floatX)
u = 0.5 * (np.ones((2, 2), dtype=floatX) - np.eye(2, dtype=floatX))
v = 0.5 * np.ones((2, 2), dtype=floatX)
b = np.ones((2), dtype=floatX)
show("two back", compute_seq2(x, u, v, w, b, 10))

# the Jacobian of tanh(v.dot(A))
v = T.vector()
A = T.matrix()
y = T.tanh(T.dot(v, A))
results, updates = theano.scan(lambda i: T.grad(y[i], v), sequences=[T.arange(y.shape[0])])
x = np.eye(5, dtype=floatX)[0]
w = np.eye(5, 3, dtype=floatX)
w[2] = np.ones((3), dtype=floatX)
show("jacobian", theano.function([A, v], results, allow_input_downcast=True)(w, x))

# a shared variable that counts, and a Boltzmann layer that stops
k = theano.shared(0)
n_sym = T.iscalar("n_sym")
results, updates = theano.scan(lambda: {k: (k + 1)}, n_steps=n_sym)
accumulator = theano.function([n_sym], [], updates=updates, allow_input_downcast=True)
accumulator(5)
accumulator(3)
show("counted", k.get_value())
d = T.vector("d")
trng = T.shared_randomstreams.RandomStreams(1234)
srng = trng.binomial(size=(2,), n=1, p=0.5)
results, updates = theano.scan(
    lambda v: T.tanh(T.dot(v, W) + b_sym) * trng.binomial(size=b_sym.shape, n=1, p=0.5), sequences=X
)
with_noise = theano.function(inputs=[X, W, b_sym], outputs=results, updates=updates, allow_input_downcast=True)
x = np.eye(10, 2, dtype=floatX)
w, b = np.ones((2, 2), dtype=floatX), np.ones((2), dtype=floatX)
show("noise", with_noise(x, w, b))
show("noise", with_noise(x, w, b))


def power_of_2(previous_power, max_value):
    return previous_power * 2, theano.scan_module.until(previous_power * 2 > max_value)


max_value = T.scalar()
values, _ = theano.scan(power_of_2, outputs_info=T.constant(1.0), non_sequences=max_value, n_steps=1024)
show("powers", theano.function([max_value], values.astype(floatX))(45))

# reduce, fold, map
s = T.vector("s")
total, _ = theano.reduce(lambda x, acc: x + acc, s, np.asarray(0, floatX))
left, _ = theano.foldl(lambda x, acc: acc - x, s, np.asarray(0, floatX))
right, _ = theano.foldr(lambda x, acc: x * 2 - acc, s, np.asarray(1, floatX))
doubled, _ = theano.map(lambda x: x * 2, s)
f = theano.function([s], [total, left, right, doubled, T.grad(left, s), T.grad(right, s)])
show("folds", *f(np.array([1, 2, 4], floatX)))

# gradients: Hessian, R and L operators, times a vector
x = T.dvector("x")
cost = (T.exp(x) * x[::-1] ** 2).sum()
gy = T.grad(cost, x)
H, updates = theano.scan(lambda i, gy, x: T.grad(gy[i], x), sequences=T.arange(gy.shape[0]), non_sequences=[gy, x])
v = T.dvector("v")
f = theano.function(
    [x, v],
    [H, theano.gradient.hessian(cost, x), T.grad(T.sum(gy * v), x), T.Rop(gy, x, v), theano.gradient.jacobian(gy, x)],
    updates=updates,
)
show("hessian", *f([0.1, 0.5, -0.3], [1, 2, 3]))

# the same through a recurrent net
W, V = T.dmatrix("W"), T.dmatrix("V")
s, h0 = T.dmatrix("s"), T.dvector("h0")
h, _ = theano.scan(lambda s_t, h, W: T.tanh(T.dot(h, W) + s_t), s, h0, W)
f = theano.function(
    [s, h0, W, V],
    [
        T.Rop(h, W, V),
        T.Lop(h, W, h),
        theano.gradient.jacobian(h[-1], h0),
    ],
)
r = np.random.RandomState(2)
show("through a loop", *f(r.randn(4, 3), r.randn(3), r.randn(3, 3) * 0.4, r.randn(3, 3)))
