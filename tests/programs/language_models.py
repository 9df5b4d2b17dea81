# text/NLP: char-rnn n-gram language model (Bengio), NCE, hierarchical softmax, CBOW, doc2vec, CRF forward unrolled, Viterbi unrolled, LDA-like
import numpy as np, theano, theano.tensor as T

fx = theano.config.floatX
rng = np.random.RandomState(2)
V, D, C = 30, 6, 3


def P(*s):
    return theano.shared((rng.randn(*s) * 0.2).astype(fx))


E = P(V, D)
H = P(C * D, 12)
d = P(12)
U = P(12, V)
b = P(V)
Wd = P(C * D, V)
x = T.lmatrix("x")
y = T.lvector("y")
xe = E[x].flatten(2)
z = T.tanh(T.dot(xe, H) + d)
logits = b + T.dot(xe, Wd) + T.dot(z, U)
lp = logits - T.log(T.exp(logits).sum(axis=1, keepdims=True))
nll = -T.mean(lp[T.arange(y.shape[0]), y])
ppl = T.exp(nll)
ps = [E, H, d, U, b, Wd]
f = theano.function([x, y], [nll, ppl], updates=[(p, p - 0.3 * g) for p, g in zip(ps, T.grad(nll, ps))])
X = rng.randint(0, V, (50, C))
Y = (X.sum(1)) % V
for i in range(6):
    print("nnlm", [repr(float(v)) for v in f(X, Y)])
# only the used rows
sub = E[x[:, 0]]
c2 = T.sum(T.nnet.sigmoid(sub) ** 2)
g = theano.function([x], c2, updates=[(E, T.inc_subtensor(sub, -0.1 * T.grad(c2, sub)))])
g2 = theano.function([x], c2, updates=[(E, T.set_subtensor(sub, sub - 0.1 * T.grad(c2, sub)))])
for i in range(3):
    print("sub", repr(float(g(X))), repr(float(g2(X))), repr(float(E.get_value().sum())))
# hierarchical softmax
paths = rng.randint(0, V - 1, (V, 5))
codes = rng.randint(0, 2, (V, 5))
mask = (np.arange(5)[None] < rng.randint(2, 6, V)[:, None]).astype(fx)
paths, codes, mask = [theano.shared(a) for a in (paths, codes.astype(fx), mask)]
N = P(V - 1, D)
h = E[x].mean(axis=1)
sc = T.sum(N[paths[y]] * h[:, None, :], axis=2)
hs = -T.sum(T.log(T.nnet.sigmoid((1 - 2 * codes[y]) * sc)) * mask[y]) / y.shape[0]
f = theano.function([x, y], hs, updates=[(p, p - 0.5 * T.grad(hs, p)) for p in (E, N)])
for i in range(6):
    print("hs", repr(float(f(X, Y))))
# NCE
k = 5
q = theano.shared(np.full(V, 1.0 / V, fx))
neg = T.lmatrix()


def s(w):
    return T.sum(U.T[w] * z.dimshuffle(0, "x", 1) if w.ndim == 2 else U.T[w] * z, axis=-1) + b[w]


pos = T.nnet.sigmoid(s(y) - T.log(k * q[y]))
ng = T.nnet.sigmoid(-(s(neg) - T.log(k * q[neg])))
nce = -T.mean(T.log(pos) + T.log(ng).sum(1))
f = theano.function(
    [x, y, neg], nce, updates=[(p, p - 0.1 * g) for p, g in zip([E, H, d, U, b], T.grad(nce, [E, H, d, U, b]))]
)
for i in range(5):
    print("nce", repr(float(f(X, Y, rng.randint(0, V, (50, k))))))
# CRF with forward algorithm unrolled + Viterbi
K, TT = 4, 6
trans = P(K, K)
emW = P(D, K)
st = P(K)
sent = T.lvector("sent")
tags = T.lvector("tags")
em = T.dot(E[sent], emW)


def lse(x, axis=None):
    m = x.max(axis=axis, keepdims=True)
    ms = x.max(axis=axis)
    return ms + T.log(T.exp(x - m).sum(axis=axis))


a = st + em[0]
vit = st + em[0]
bps = []
for t in range(1, TT):
    a = lse(a.dimshuffle(0, "x") + trans + em[t].dimshuffle("x", 0), axis=0)
    sc2 = vit[:, None] + trans
    bps.append(T.argmax(sc2, axis=0))
    vit = T.max(sc2, axis=0) + em[t]
logZ = lse(a, axis=0)
score = st[tags[0]] + em[T.arange(sent.shape[0]), tags].sum() + trans[tags[:-1], tags[1:]].sum()
cost = logZ - score
ps = [trans, emW, st, E]
f = theano.function([sent, tags], [cost, logZ], updates=[(p, p - 0.1 * g) for p, g in zip(ps, T.grad(cost, ps))])
best = T.argmax(vit)
path = [best]
for bp in bps[::-1]:
    path.append(bp[path[-1]])
dec = theano.function([sent], T.stack(path[::-1]))
r = np.random.RandomState(5)
for i in range(12):
    sv = r.randint(0, V, TT)
    print("crf", [repr(float(v)) for v in f(sv, sv % K)], dec(sv).tolist())
# CTC-like / DTW unrolled min
A = T.matrix("A")
dmin = [[None] * 4 for _ in range(4)]
for i in range(4):
    for j in range(4):
        prev = [dmin[i - 1][j]] if i else []
        prev += [dmin[i][j - 1]] if j else []
        prev += [dmin[i - 1][j - 1]] if i and j else []
        dmin[i][j] = A[i, j] + (-T.log(sum(T.exp(-p) for p in prev)) if prev else 0)
f = theano.function([A], [dmin[3][3], T.grad(dmin[3][3], A)])
o = f(rng.rand(4, 4).astype(fx))
print(repr(float(o[0])), o[1].tolist())
# bag of words, one-hot
oh = T.eq(x.dimshuffle(0, 1, "x"), T.arange(V)).sum(axis=1)
oh2 = T.zeros((x.shape[0], V))
oh2 = T.set_subtensor(oh2[T.arange(x.shape[0]), x[:, 0]], 1)
cnt = T.inc_subtensor(T.zeros((V,), dtype="int64")[y], 1)
f = theano.function([x, y], [oh, oh2.sum(0), cnt, cnt, T.eye(V)[y].sum(0), T.max(oh, axis=1), T.neq(oh, 0).sum()])
for v in f(X, Y):
    print(v.sum(), v.dtype, v.shape)
dr = theano.function([x], T.switch(T.eq(x, 0), -1, x)[::2, ::-1].T.flatten())
print(dr(X).tolist()[:20])
mm = T.sum(E[x] * T.neq(x, 3)[:, :, None], axis=1) / T.maximum(T.neq(x, 3).sum(axis=1), 1)[:, None]
print(repr(float(theano.function([x], (mm**2).sum())(X))), mm.dtype)
