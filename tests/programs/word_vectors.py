import numpy as np
import theano
import theano.tensor as T

np.random.seed(11)
V, D, K, B = 40, 8, 5, 16
Win = theano.shared(((np.random.rand(V, D) - 0.5) / D).astype(theano.config.floatX), "Win")
Wout = theano.shared(np.zeros((V, D), dtype=theano.config.floatX), "Wout")
center = T.ivector("center")
ctx = T.ivector("ctx")
neg = T.imatrix("neg")
lr = T.scalar("lr")
vc = Win[center]
uo = Wout[ctx]
un = Wout[neg]
pos_score = T.sum(vc * uo, axis=1)
neg_score = T.batched_dot(un, vc)
neg_score2 = T.sum(vc.dimshuffle(0, "x", 1) * un, axis=2)
loss = -T.sum(T.log(T.nnet.sigmoid(pos_score))) - T.sum(T.log(T.nnet.sigmoid(-neg_score2)))
g_vc, g_uo, g_un = T.grad(loss, [vc, uo, un])
updates = [
    (Win, T.inc_subtensor(vc, -lr * g_vc)),
    (Wout, T.inc_subtensor(T.inc_subtensor(uo, -lr * g_uo)[neg], -lr * g_un)),
]
train = theano.function(
    [center, ctx, neg, lr], [loss, abs(neg_score - neg_score2).max() < 1e-5], updates=updates, allow_input_downcast=True
)
rng = np.random.RandomState(0)
for it in range(20):
    c = rng.randint(0, V, B)
    o = (c + rng.randint(1, 3, B)) % V
    n = rng.randint(0, V, (B, K))
    l, ok = train(c, o, n, 0.1)
    print(it, repr(float(l)), ok)
print(repr(float((Win.get_value() ** 2).sum())), repr(float((Wout.get_value() ** 2).sum())))
# dense-gradient version
Win2 = theano.shared(Win.get_value() + 0.01, "Win2")
Wout2 = theano.shared(Wout.get_value(), "Wout2")
e = Win2[center].mean(axis=0)
cost = -T.log(T.nnet.softmax(T.dot(Wout2, e)))[0, ctx[0]]
gs = T.grad(cost, [Win2, Wout2])
f = theano.function([center, ctx], [cost] + gs, updates=[(p, p - 0.5 * g) for p, g in zip([Win2, Wout2], gs)])
for it in range(5):
    r = f(np.array([1, 2, 2, 3], "int32"), np.array([it], "int32"))
    print(repr(float(r[0])), repr(float(abs(r[1]).sum())), repr(float(abs(r[2]).sum())))
normed = Win2 / T.sqrt((Win2**2).sum(axis=1, keepdims=True))
sim = T.dot(normed, normed.T)
k = T.argsort(-sim, axis=1)[:, 1:4]
near = theano.function([], [k, sim[T.arange(V), k[:, 0]].sum()])
a, b = near()
print(a[:5].tolist(), repr(float(b)), a.dtype)
