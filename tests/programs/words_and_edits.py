# skip-gram with negative samples, GloVe, hierarchical softmax, noise contrast, beams of bigrams, edit distance
import numpy as np, theano, theano.tensor as T

fx = theano.config.floatX
r = np.random.RandomState(3)
V, D = 15, 6
W = theano.shared((r.rand(V, D) - 0.5).astype(fx) / D, "W")
C = theano.shared(np.zeros((V, D), fx), "C")
ctr, ctx = T.lvectors("ctr", "ctx")
neg = T.lmatrix("neg")
lr = T.scalar("lr")
vc = W[ctr]
vo = C[ctx]
vn = C[neg]
pos = T.log(T.nnet.sigmoid(T.sum(vc * vo, axis=1)))
ng = T.log(T.nnet.sigmoid(-T.batched_dot(vn, vc))).sum(axis=1)
cost = -T.mean(pos + ng)
gs = T.grad(cost, [vc, vo, vn])
f = theano.function(
    [ctr, ctx, neg, lr],
    cost,
    updates=[
        (W, T.inc_subtensor(vc, -lr * gs[0])),
        (C, T.inc_subtensor(T.inc_subtensor(vo, -lr * gs[1])[neg], -lr * gs[2])),
    ],
    allow_input_downcast=True,
)
for i in range(6):
    print(float(f(r.randint(0, V, 8), r.randint(0, V, 8), r.randint(0, V, (8, 3)), 0.5)))
print(W.get_value().sum(), C.get_value()[0].tolist())
# glove with adagrad on rows
I, J = T.ivectors("I", "J")
Xc = T.vector("Xc")
Wg = theano.shared(r.randn(V, D).astype(fx) * 0.1)
bg = theano.shared(np.zeros(V, fx))
hist = theano.shared(np.ones((V, D), fx))
wi, wj, bi, bj = Wg[I], Wg[J], bg[I], bg[J]
wt = T.minimum((Xc / 10.0) ** 0.75, 1.0)
e = (wi * wj).sum(1) + bi + bj - T.log(Xc)
c = 0.5 * (wt * e**2).sum()
gw, gb = T.grad(c, [Wg, bg])
h2 = hist + gw**2
g = theano.function([I, J, Xc], c, updates=[(hist, h2), (Wg, Wg - 0.05 * gw / T.sqrt(h2)), (bg, bg - 0.05 * gb)])
for i in range(4):
    print(
        float(
            g(
                r.randint(0, V, 5).astype("int32"),
                r.randint(0, V, 5).astype("int32"),
                (1 + r.randint(0, 20, 5)).astype(fx),
            )
        )
    )
# hierarchical softmax with tree paths, codes, mask
nodes, codes = T.imatrix("nodes"), T.matrix("codes")
msk = T.matrix("msk")
h = T.matrix("h")
Wt = theano.shared(r.randn(V - 1, D).astype(fx) * 0.3)
s = T.batched_dot(Wt[nodes], h)
lp = (msk * T.log(T.nnet.sigmoid(s * (2 * codes - 1)))).sum(1)
hs = theano.function([nodes, codes, msk, h], [lp, T.grad(-lp.sum(), h), T.grad(-lp.sum(), Wt).sum(1)])
for o in hs(
    r.randint(0, V - 1, (4, 3)).astype("int32"),
    r.randint(0, 2, (4, 3)).astype(fx),
    np.array([[1, 1, 0]] * 4, fx),
    r.randn(4, D).astype(fx),
):
    print(o.tolist())
# averaging documents with masks + doc vectors + dropout-free MLP + shared embedding normalised each step
docs = T.imatrix("docs")
dm = T.matrix("dm")
y = T.ivector("y")
E = theano.shared(r.randn(V, D).astype(fx))
U = theano.shared(r.randn(D, 3).astype(fx) * 0.2)
b = theano.shared(np.zeros(3, fx))
avg = (E[docs] * dm[:, :, None]).sum(1) / dm.sum(1)[:, None]
mx = T.max(T.switch(dm.dimshuffle(0, 1, "x"), E[docs], -1e9), axis=1)
lo = T.dot(T.tanh(avg + 0.1 * mx), U) + b
nll = T.nnet.categorical_crossentropy(T.nnet.softmax(lo), y).mean()
pz = T.set_subtensor(E[0, :], T.zeros(D))
tr = theano.function(
    [docs, dm, y],
    [nll, T.argmax(lo, 1)],
    updates=[(p, p - 0.3 * q) for p, q in zip([U, b], T.grad(nll, [U, b]))] + [(E, E - 0.3 * T.grad(nll, E))],
)
zero = theano.function([], updates=[(E, pz)])
Dm = (np.arange(5)[None] < r.randint(1, 6, 6)[:, None]).astype(fx)
Dd = r.randint(0, V, (6, 5)).astype("int32")
yy = r.randint(0, 3, 6).astype("int32")
for i in range(4):
    o = tr(Dd, Dm, yy)
    zero()
    print(float(o[0]), o[1].tolist())
print(E.get_value()[0].tolist(), E.get_value()[1].tolist())
# NCE with unigram noise from multinomial, negative log-likelihood with log-bilinear context matrices
from theano.sandbox.rng_mrg import MRG_RandomStreams

rng = MRG_RandomStreams(5)
pn = theano.shared((np.arange(1, V + 1) / float(V * (V + 1) / 2)).astype(fx))
ctxm = T.imatrix()
tgt = T.ivector()
Cm = theano.shared(r.randn(3, D).astype(fx))
q = (E[ctxm] * Cm).sum(1)
k = 4
smp = T.argmax(rng.multinomial(n=1, pvals=T.tile(pn.dimshuffle("x", 0), (24, 1))), axis=1).reshape((6, k))
s0 = (q * E[tgt]).sum(1) - T.log(k * pn[tgt])
sn = T.batched_dot(E[smp], q) - T.log(k * pn[smp])
nce = -(T.log(T.nnet.sigmoid(s0)) + T.log(1 - T.nnet.sigmoid(sn)).sum(1)).mean()
nf = theano.function([ctxm, tgt], [nce, smp[0]], updates=[(Cm, Cm - 0.1 * T.grad(nce, Cm))])
for i in range(3):
    o = nf(Dd[:, :3], Dd[:, 4])
    print(float(o[0]), o[1].tolist())
# bigram counts, one hot dot, tf-idf, cosine nearest neighbours, top-k via argsort, edit distance scan
ids = T.ivector("ids")
oh = T.extra_ops.to_one_hot(ids, V)
big = T.dot(oh[:-1].T, oh[1:])
df = T.gt(oh.sum(0), 0)
nrm = E / E.norm(2, axis=1, keepdims=True)
sim = T.dot(nrm[ids], nrm.T)
top = T.argsort(-sim, axis=1)[:, :3]
print(
    [
        np.asarray(v).tolist()
        for v in theano.function(
            [ids], [big.sum(), df.sum(), top, T.sort(sim, axis=1)[:, -1], T.bincount(ids, minlength=V)]
        )(Dd[0])
    ]
)
s1, s2 = T.ivectors("s1", "s2")


def row(c, prev, i, s2):
    sub = prev[:-1] + T.neq(s2, c)
    dele = prev[1:] + 1
    m0 = T.minimum(sub, dele)

    def cell(v, left):
        return T.minimum(v, left + 1)

    rest, _ = theano.scan(cell, sequences=m0, outputs_info=i)
    return T.concatenate([[i], rest]), i + 1


[rows, _i], _ = theano.scan(
    row, sequences=s1, outputs_info=[T.arange(s2.shape[0] + 1), T.constant(np.int64(1))], non_sequences=s2
)
ed = theano.function([s1, s2], rows[-1][-1])
print(int(ed(np.int32([1, 2, 3, 4]), np.int32([2, 3, 5, 4, 1]))), int(ed(np.int32([1, 2]), np.int32([1, 2]))))
