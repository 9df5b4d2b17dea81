# CTC written with scan, edit costs, beam of one, as speech code did before there was an op for it
import numpy as np
import theano
import theano.tensor as T

fx = theano.config.floatX
eps = 1e-20
rng = np.random.RandomState(4)


def interleave_blanks(Y, blank):
    Y_ = T.alloc(T.cast(blank, "int32"), Y.shape[0] * 2 + 1)
    return T.set_subtensor(Y_[T.arange(Y.shape[0]) * 2 + 1], Y)


def recurrence_relation(size):
    big_I = T.eye(size + 2)
    return T.eye(size) + big_I[2:, 1:-1] + big_I[2:, :-2] * (T.arange(size) % 2)


def cost_of(y_hat, y, blank):
    y_ = interleave_blanks(y, blank)
    pred = y_hat[:, y_]
    R = T.cast(recurrence_relation(y_.shape[0]), fx)

    def forward(p_t, p_prev, R):
        p = p_t * T.dot(p_prev, R)
        c = T.maximum(p.sum(), eps)
        return p / c, T.log(c)

    start = T.cast(T.eye(y_.shape[0])[0], fx)
    (alphas, logs), _ = theano.scan(forward, sequences=[pred], outputs_info=[start, None], non_sequences=[R])
    return -(logs.sum() + T.log(alphas[-1, -2:].sum() + eps)), alphas


x, y = T.matrix("x"), T.ivector("y")
W = theano.shared((rng.randn(5, 4) * 0.5).astype(fx), "W")
b = theano.shared(np.zeros(4, fx), "b")
probs = T.nnet.softmax(T.dot(x, W) + b)
cost, alphas = cost_of(probs, y, 3)
gW, gb = T.grad(cost, [W, b])
train = theano.function([x, y], [cost, alphas.sum(), gW.norm(2)], updates=[(W, W - 0.1 * gW), (b, b - 0.1 * gb)])
X = rng.randn(9, 5).astype(fx)
Y = np.array([0, 2, 1], "int32")
for i in range(6):
    print("ctc", [float(v) for v in train(X, Y)])


def collapse(k, last, count):
    new = T.and_(T.neq(k, last), T.neq(k, 3))
    return k, count + T.cast(new, "int64"), new


best = T.cast(probs.argmax(axis=1), "int64")
first = T.constant(-1, dtype="int64")
(lasts, counts, news), _ = theano.scan(
    collapse, sequences=best, outputs_info=[first, T.constant(0, dtype="int64"), None]
)
decode = theano.function([x], [best, counts[-1], best[news.nonzero()]])
print("decoded", [v.tolist() for v in decode(X)])

# edit distance by two nested scans
s, t = T.ivector("s"), T.ivector("t")


def row(s_i, previous):
    def cell(t_j, up_left, up, left, s_i):
        return T.cast(T.minimum(T.minimum(up + 1, left + 1), up_left + T.neq(s_i, t_j)), "int64")

    cells, _ = theano.scan(
        cell, sequences=[t, previous[:-1], previous[1:]], outputs_info=[previous[0] + 1], non_sequences=[s_i]
    )
    return T.concatenate([[previous[0] + 1], cells])


rows, _ = theano.scan(row, sequences=[s], outputs_info=[T.arange(t.shape[0] + 1)])
distance = theano.function([s, t], rows[-1, -1])
print(
    "edits",
    [
        int(distance(np.array(a, "int32"), np.array(c, "int32")))
        for a, c in (([1, 2, 3], [1, 2, 3]), ([1, 2, 3], [2, 3]), ([1, 5, 3, 4], [2, 5, 4, 4, 4]))
    ],
)
# the largest run of ones, with an early end
n, _ = theano.scan(
    lambda v, run: (T.switch(T.eq(v, 1), run + 1, 0), theano.scan_module.until(T.eq(v, 9))),
    sequences=[s],
    outputs_info=[T.constant(0, dtype="int64")],
)
print("runs", theano.function([s], [n.max(), n.shape[0]])(np.array([1, 1, 0, 1, 1, 1, 9, 1, 1, 1, 1, 1], "int32")))
