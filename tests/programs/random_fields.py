# CRF: forward by scan logsumexp, viterbi backtrack by go_backwards, log-normaliser gradient = marginals
import numpy as np, theano, theano.tensor as T

fx = theano.config.floatX


def log_sum_exp(x, axis=None):
    m = T.max(x, axis=axis, keepdims=True)
    y = T.log(T.sum(T.exp(x - m), axis=axis, keepdims=True)) + m
    return y.dimshuffle([i for i in range(x.ndim) if i != axis % x.ndim]) if axis is not None else y


def forward(obs, trans, viterbi=False, back=False):
    def rec(o, prev, trans):
        prev = prev.dimshuffle(0, "x")
        o = o.dimshuffle("x", 0)
        if viterbi:
            sc = prev + o + trans
            out = sc.max(axis=0)
            if back:
                return out, sc.argmax(axis=0)
            return out
        return log_sum_exp(prev + o + trans, axis=0)

    a, _ = theano.scan(
        fn=rec, outputs_info=(obs[0], None) if back else obs[0], sequences=[obs[1:]], non_sequences=trans
    )
    if back:
        seq, _ = theano.scan(
            fn=lambda b, p: b[p],
            outputs_info=T.cast(T.argmax(a[0][-1]), "int32") if False else T.argmax(a[0][-1]),
            sequences=T.cast(a[1][::-1], "int64"),
        )
        return T.concatenate([seq[::-1], [T.argmax(a[0][-1])]])
    if viterbi:
        return a[-1].max(axis=0)
    return log_sum_exp(a[-1], axis=0)


nt = 4
rs = np.random.RandomState(5)
E = T.matrix("E")
tags = T.ivector("tags")
tr = theano.shared((rs.randn(nt + 2, nt + 2) * 0.1).astype(fx), "transitions")
small = -1000
b_s = np.array([[small] * nt + [0, small]]).astype(np.float32)
e_s = np.array([[small] * nt + [small, 0]]).astype(np.float32)
obs = T.concatenate([E, small * T.ones((E.shape[0], 2))], axis=1)
obs = T.concatenate([b_s, obs, e_s], axis=0)
print(obs.type, obs.dtype)
s_len = tags.shape[0]
real = E[T.arange(s_len), tags].sum()
b_id = theano.shared(value=np.array([nt], dtype=np.int32))
e_id = theano.shared(value=np.array([nt + 1], dtype=np.int32))
pad = T.concatenate([b_id, tags, e_id], axis=0)
real += tr[pad[T.arange(s_len + 1)], pad[T.arange(s_len + 1) + 1]].sum()
allp = forward(T.cast(obs, fx), tr)
cost = -(real - allp)
print(cost.type)
dE, dT = T.grad(cost, [E, tr])
pred = forward(T.cast(obs, fx), tr, viterbi=True, back=True)
best = forward(T.cast(obs, fx), tr, viterbi=True)
f = theano.function([E, tags], [cost, dE, best, pred[1:-1]], updates=[(tr, T.cast(tr - 0.2 * dT, fx))])
Ev = rs.randn(7, nt).astype(fx)
tv = rs.randint(0, nt, 7).astype("int32")
for i in range(4):
    c, d, b, p = f(Ev, tv)
    print(float(c), float(b), p.tolist(), d.sum(1).round(5).tolist()[:2], d[0].tolist())
print(tr.get_value()[:2, :4].tolist())
# batched version with masks and 3-D transitions
lg = T.tensor3("lg")
mask = T.matrix("mask")


def stepb(o, m, a, tr):
    n = log_sum_exp(a.dimshuffle(0, 1, "x") + tr.dimshuffle("x", 0, 1) + o.dimshuffle(0, "x", 1), axis=1)
    return T.switch(m.dimshuffle(0, "x"), n, a)


A, _ = theano.scan(stepb, sequences=[lg[1:], mask[1:]], outputs_info=[lg[0]], non_sequences=[tr[:nt, :nt]])
Zs = log_sum_exp(A[-1], axis=1)
marg = T.grad(Zs.sum(), lg)
h = theano.function([lg, mask], [Zs, marg.sum(2), marg[-1]])
mk = np.ones((5, 3), fx)
mk[3:, 1] = 0
mk[2:, 2] = 0
for o in h(rs.randn(5, 3, nt).astype(fx), mk):
    print(o.tolist())
