# k-means, PCA, ICA, t-SNE, NMF, matrix factorization with sparse rows, collapsed topic counts: numpy programs with Theano inside
import numpy as np
import theano
import theano.tensor as T
from theano.tensor.nlinalg import eigh, matrix_inverse, svd

fx = theano.config.floatX
rng = np.random.RandomState(0)
D = (rng.randn(30, 4) + np.repeat([[0], [3], [6]], 10, axis=0)).astype(fx)
X = T.matrix("X")
C = theano.shared(D[[0, 10, 20]].copy(), "centres")
dist = (X**2).sum(1)[:, None] + (C**2).sum(1)[None, :] - 2 * T.dot(X, C.T)
lab = T.argmin(dist, axis=1)
hot = T.eq(lab[:, None], T.arange(3)[None, :])
new = T.dot(T.cast(hot.T, fx), X) / T.maximum(hot.sum(axis=0), 1).dimshuffle(0, "x").astype(fx)
kmeans = theano.function(
    [X],
    [T.min(dist, axis=1).sum(), T.bincount(lab) if hasattr(T, "bincount") else T.extra_ops.bincount(lab)],
    updates=[(C, new)],
)
for i in range(3):
    inertia, counts = kmeans(D)
    print("kmeans", float(inertia), counts.tolist())
mean = X.mean(axis=0)
cov = T.dot((X - mean).T, X - mean) / (X.shape[0] - 1).astype(fx)
vals, vecs = eigh(cov)
order = T.argsort(-vals)
comp = vecs[:, order[:2]]
pca = theano.function([X], [vals[order], abs(T.dot(X - mean, comp)).sum(), (vals[order] / vals.sum()).cumsum()])
print("pca", [np.asarray(v, "float64").round(4).tolist() for v in pca(D)])
u, s, v = svd(X - mean, full_matrices=False)
print("svd", s.eval({X: D}).round(4).tolist())
# t-SNE
P = np.exp(-((D[:, None] - D[None]) ** 2).sum(2) / 4)
np.fill_diagonal(P, 0)
P = ((P / P.sum(1, keepdims=True) + (P / P.sum(1, keepdims=True)).T) / 60).astype(fx)
Y = theano.shared((rng.randn(30, 2) * 1e-2).astype(fx), "Y")
vel = theano.shared(np.zeros((30, 2), fx))
Pv = T.matrix("P")
d2 = T.sqr(Y.dimshuffle(0, "x", 1) - Y.dimshuffle("x", 0, 1)).sum(axis=2)
q = 1 / (1 + d2) * (1 - T.eye(Y.shape[0], dtype=fx))
Q = T.maximum(q / q.sum(), 1e-8)
kl = T.sum(Pv * T.log(T.maximum(Pv, 1e-8) / Q))
gY = T.grad(kl, Y)
tsne = theano.function([Pv], kl, updates=[(vel, 0.5 * vel - 10 * gY), (Y, Y + 0.5 * vel - 10 * gY)])
print("tsne", [float(tsne(P)) for i in range(6)])
# NMF by multiplicative updates
V = theano.shared(abs(D))
W, H = theano.shared(rng.rand(30, 2).astype(fx)), theano.shared(rng.rand(2, 4).astype(fx))
H1 = H * T.dot(W.T, V) / (T.dot(T.dot(W.T, W), H) + 1e-9)
W1 = W * T.dot(V, H1.T) / (T.dot(W, T.dot(H1, H1.T)) + 1e-9)
nmf = theano.function([], T.sqrt(((V - T.dot(W, H)) ** 2).sum()), updates=[(H, H1), (W, W1)])
print("nmf", [float(nmf()) for i in range(5)])
# factorization of ratings: rows of the factors that occur, some of them twice
users, items, ratings = T.ivectors("users", "items", "none")[:2] + [T.vector("ratings")]
A, B = theano.shared(rng.rand(6, 3).astype(fx), "A"), theano.shared(rng.rand(5, 3).astype(fx), "B")
ab, bb, mu = theano.shared(np.zeros(6, fx)), theano.shared(np.zeros(5, fx)), theano.shared(np.asarray(2.5, fx))
Au, Bi, abu, bbi = A[users], B[items], ab[users], bb[items]
pred = mu + abu + bbi + (Au * Bi).sum(axis=1)
loss = T.sqr(pred - ratings).sum() + 0.02 * ((Au**2).sum() + (Bi**2).sum())
subs = [Au, Bi, abu, bbi]
grads = T.grad(loss, subs)
cache = [theano.shared(np.zeros_like(p.get_value())) for p in (A, B, ab, bb)]
ups = []
for p, sub, g, c, i in zip((A, B, ab, bb), subs, grads, cache, (users, items, users, items)):
    seen = c[i]
    ups.append((c, T.set_subtensor(seen, seen + g**2)))
    ups.append((p, T.inc_subtensor(sub, -0.1 * g / T.sqrt(seen + g**2 + 1e-6))))
ups.append((mu, mu - 0.01 * T.grad(loss, mu)))
fit = theano.function(
    [users, items, ratings], [loss, T.sqrt(T.mean(T.sqr(pred - ratings)))], updates=ups, allow_input_downcast=True
)
U, I = [0, 1, 1, 2, 5, 5, 5], [0, 0, 4, 3, 1, 2, 1]
for i in range(5):
    print("ratings", [float(q) for q in fit(U, I, [1, 2, 3, 4, 5, 4, 3])])
print("ratings", float(A.get_value().sum()), B.get_value().sum(axis=1).tolist(), cache[2].get_value().tolist())
# topic counts
words, topics = T.ivector("words"), T.ivector("topics")
n_wk = T.inc_subtensor(T.zeros((7, 2))[words, topics], 1)
phi = (n_wk + 0.1) / (n_wk + 0.1).sum(axis=0, keepdims=True)
post = phi[words] * (T.extra_ops.bincount(topics, minlength=2) + 0.5)
post = post / post.sum(axis=1, keepdims=True)
counts = theano.function([words, topics], [n_wk, post.cumsum(axis=1)])
w, z = np.array([0, 1, 1, 6, 6, 6, 2], "int32"), np.array([0, 1, 0, 1, 1, 0, 0], "int32")
for i in range(2):
    n, c = counts(w, z)
    z = (rng.rand(7, 1) > c).sum(axis=1).clip(0, 1).astype("int32")
    print("topics", n.sum(axis=0).tolist(), n[6].tolist(), z.tolist())
# FastICA by fixed point
white = T.dot((X - mean), T.dot(vecs, T.diag(1 / T.sqrt(vals))))
B0 = T.eye(4, dtype=fx)[:, :2]


def ica(B_, Z):
    S = T.dot(Z, B_)
    B1 = T.dot(Z.T, S**3) / T.cast(Z.shape[0], fx) - 3 * B_
    a, e = eigh(T.dot(B1.T, B1))
    return T.dot(B1, T.dot(e * (1 / T.sqrt(a)), e.T))


Bs, _ = theano.scan(ica, outputs_info=B0, non_sequences=white, n_steps=5)
S = T.dot(white, Bs[-1])
print(
    "ica",
    [
        np.asarray(o, "float64").round(3).tolist()
        for o in theano.function([X], [abs((S**4).mean(axis=0)), T.dot(Bs[-1].T, Bs[-1])])(D)
    ],
)
