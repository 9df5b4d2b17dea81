# rows chosen by drawn integers and by other outputs of ops; strict loops over expressions of shared variables
import numpy as np, theano, theano.tensor as T

fx = theano.config.floatX
streams = T.shared_randomstreams.RandomStreams(3)
x = T.matrix("x")
k = streams.random_integers(size=(), low=0, high=3)
j = streams.random_integers(size=(2,), low=0, high=3)
f = theano.function([x], [x[k], x[j], x[:, k], x[j[0] :], T.set_subtensor(x[k], 7.0), k])
X = np.arange(16).reshape(4, 4).astype(fx)
for _ in range(3):
    print([np.asarray(o).tolist() for o in f(X)])


def show(*outputs):
    print([np.asarray(o).tolist() for o in theano.function([x], list(outputs))(X)])


u, c = T.extra_ops.Unique(return_counts=True)(T.cast(x[0], "int64"))
show(x[u[0]], x[:, c[1]], x[: c[0]])
most, place = T.max_and_argmax(x[:, 0])
show(x[place], x[:place], x[place - 1 : place])
steps, _ = theano.scan(lambda a, i: (a + 1, i * 2), outputs_info=[T.constant(0), T.constant(1)], n_steps=2)
show(x[steps[0][-1]], x[: steps[1][-1]])

# a Gibbs step that flips one drawn visible unit of a drawn sample
w = theano.shared(np.linspace(-1, 1, 12).reshape(4, 3).astype(fx), "w")
sample = streams.random_integers(size=(), low=0, high=3)
unit = streams.random_integers(size=(), low=0, high=3)
v = T.cast(x > 7, fx)
free = lambda v: -T.log(1 + T.exp(T.dot(v, w))).sum(axis=-1)
flipped = T.set_subtensor(v[sample, unit], 1 - v[sample, unit])
pseudo = theano.function([x], [free(flipped)[sample] - free(v)[sample], sample, unit])
for _ in range(3):
    print([np.asarray(o).tolist() for o in pseudo(X)])

# the weights of four gates side by side are an expression; the step may use what it was given, under any name
gates = [theano.shared((np.arange(6).reshape(2, 3) * s).astype(fx), n) for s, n in ((0.1, "i"), (-0.2, "f"))]
stacked = T.concatenate(gates, axis=1)
seq = T.tensor3("seq")


def step(row, h, weights):
    g = T.tanh(T.dot(row, weights) + T.dot(T.concatenate([h, h], axis=1)[:, :2], stacked))
    return g[:, :3] * h + g[:, 3:]


hs, _ = theano.scan(
    step, sequences=seq, outputs_info=T.ones((2, 3), fx), non_sequences=[stacked], strict=True, n_steps=4
)
g = theano.function([seq], [hs[-1]] + T.grad(hs[-1].sum(), gates))
for o in g(np.linspace(0, 1, 16).reshape(4, 2, 2).astype(fx)):
    print(o.tolist())
for non_sequences in ([], [w]):
    try:
        hs, _ = theano.scan(
            lambda r: T.dot(r, w).sum() + 0 * w.sum(), x, non_sequences=non_sequences and [x * w.sum()], strict=True
        )
        print("built")
    except Exception as error:
        print(type(error).__name__)
