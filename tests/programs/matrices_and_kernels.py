import numpy as np, theano, theano.tensor as T, scipy.linalg, scipy.sparse as sp
from theano.tensor import slinalg, nlinalg
from theano import sparse as S

fx = theano.config.floatX
r = np.random.RandomState(4)
X = T.matrix("X")
y = T.vector("y")
Xs = T.matrix("Xs")
ls, sf, sn = [theano.shared(np.asarray(v, fx), n) for v, n in ((0.5, "ls"), (1.0, "sf"), (0.2, "sn"))]


def sq(a, b):
    return T.clip((a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2 * T.dot(a, b.T), 0.0, np.inf)


rbf = lambda a, b: T.exp(2 * sf) * T.exp(-0.5 * sq(a, b) / T.exp(2 * ls))
per = lambda a, b: T.exp(-2 * T.sin(np.pi * T.sqrt(sq(a, b) + 1e-4)) ** 2)
lin = lambda a, b: T.dot(a, b.T)
Xv = r.rand(7, 2).astype(fx)
yv = np.sin(3 * Xv[:, 0]).astype(fx)
Xsv = r.rand(3, 2).astype(fx)
for kn, k in (
    ("rbf", rbf),
    ("per", lambda a, b: T.exp(sf) * per(a * T.exp(-ls), b * T.exp(-ls))),
    ("sum", lambda a, b: rbf(a, b) + 0.3 * lin(a, b)),
):
    K = k(X, X) + T.exp(2 * sn) * T.eye(X.shape[0]) + 1e-6 * T.identity_like(K if 0 else T.dot(X, X.T))
    L = slinalg.cholesky(K)
    a = slinalg.solve_upper_triangular(L.T, slinalg.solve_lower_triangular(L, y))
    nll = 0.5 * T.dot(y, a) + T.sum(T.log(T.diag(L))) + 0.5 * X.shape[0] * np.log(2 * np.pi)
    Ks = k(Xs, X)
    V = slinalg.solve_lower_triangular(L, Ks.T)
    mean, cov = T.dot(Ks, a), k(Xs, Xs) - T.dot(V.T, V)
    f = theano.function(
        [X, y, Xs],
        [nll, mean, nlinalg.extract_diag(cov)] + T.grad(nll, [ls, sf, sn]) + [T.grad(nll, X)],
        on_unused_input="ignore",
    )
    print(kn, [np.round(o, 6).tolist() for o in f(Xv, yv, Xsv)])
n2 = 0.5 * T.dot(y, T.dot(nlinalg.matrix_inverse(K), y)) + 0.5 * T.log(nlinalg.det(K))
opt = theano.function([X, y], n2, updates=[(p, p - 0.02 * T.grad(n2, p)) for p in (ls, sf, sn)])
print([float(opt(Xv, yv)) for _ in range(4)])
A = T.dmatrix("A")
b = T.dvector("b")
Av = r.randn(4, 4)
P = Av.dot(Av.T) + np.eye(4)
bv = r.randn(4)


def sh(n, *o):
    print(
        n,
        [
            np.round(np.asarray(q, "complex128" if np.iscomplexobj(q) else "float64"), 5).tolist()
            for q in theano.function([A, b], list(o), on_unused_input="ignore")(P, bv)
        ],
    )


sh("inv", nlinalg.matrix_inverse(A), T.grad(nlinalg.matrix_inverse(A).sum(), A))
sh("det", nlinalg.det(A), T.grad(nlinalg.det(A), A), T.grad(T.log(nlinalg.det(A)), A))
sh("eig", nlinalg.eigh(A)[0], T.grad(nlinalg.eigh(A)[0].sum(), A))
sh("svd", nlinalg.svd(A, compute_uv=0) if 0 else nlinalg.svd(A)[1])
sh("chol", slinalg.cholesky(A), T.grad(slinalg.cholesky(A).sum(), A))
sh("solve", slinalg.solve(A, b), T.grad((slinalg.solve(A, b) ** 2).sum(), [A, b])[0])
sh("expm", slinalg.expm(A * 0.1), T.grad(slinalg.expm(A * 0.1).sum(), A))
sh(
    "tr",
    nlinalg.trace(A),
    nlinalg.diag(b),
    nlinalg.diag(A),
    nlinalg.alloc_diag(b),
    T.grad(nlinalg.trace(T.dot(A, A)), A),
)
sh("pinv", nlinalg.pinv(A[:, :2]), T.grad(nlinalg.pinv(A[:, :2]).sum(), A))
sh("kron", slinalg.kron(A[:2, :2], A[:1, :2]))
sh("pow", nlinalg.matrix_power(A, 3), nlinalg.matrix_dot(A, A, A))
sh(
    "norm",
    nlinalg.norm(A, "fro"),
    nlinalg.norm(b, 1),
    nlinalg.norm(b, np.inf),
    nlinalg.norm(A, 1) if 0 else b.norm(2),
    A.norm(1),
    T.grad(A.norm(2), A),
)
sh("qr", abs(nlinalg.qr(A)[1]), nlinalg.qr(A, "r") ** 2)
sh("lstsq", nlinalg.lstsq()(A, b, T.constant(-1.0))[0])
sh("eigv", slinalg.eigvalsh(A, T.eye(4)))
sh("tsolve", nlinalg.tensorinv(A.reshape((4, 2, 2)), 1))
sh(
    "outer",
    T.outer(b, b),
    T.grad(T.outer(b, b).sum(), b),
    T.dot(b, T.dot(A, b)),
    T.grad(T.dot(b, T.dot(A, b)), b),
    T.tensordot(A, A, 2),
    T.tensordot(A, b, [[1], [0]]),
    T.batched_dot(A.dimshuffle(0, "x", 1), A.dimshuffle(0, 1, "x"))[:, 0, 0],
    T.triu(A, 1),
    T.tril(A, -1),
    T.tri(2, 3),
)
sh(
    "logdet",
    T.sum(T.log(T.abs_(T.diag(slinalg.cholesky(A))))) * 2,
    T.hessian(T.sum(T.log(T.diag(slinalg.cholesky(A + T.diag(b**2))))), b),
)
# sparse matrix factorisation, structured ops, tf-idf logistic with csr input
for fmt in ("csr", "csc"):
    Sx = S.matrix(fmt, "Sx", dtype=fx)
    W = theano.shared(r.randn(6, 2).astype(fx))
    t = T.vector("t")
    o = S.dot(Sx, W)
    p = T.nnet.sigmoid(o.sum(1))
    c = T.nnet.binary_crossentropy(p, t).mean() + 0.01 * S.sp_sum(S.sqr(Sx) if hasattr(S, "sqr") else Sx)
    gg = T.grad(c, W)
    m = sp.random(5, 6, 0.4, fmt, dtype=fx, random_state=np.random.RandomState(2))
    f = theano.function(
        [Sx, t],
        [c, gg, S.dense_from_sparse(S.mul(Sx, Sx)), S.sp_sum(Sx, axis=0), S.sp_sum(Sx, 1), S.transpose(Sx), Sx.shape],
        updates=[(W, W - 0.1 * gg)],
    )
    q = f(m, np.array([0, 1, 1, 0, 1], fx))
    print([np.round(z.toarray() if hasattr(z, "toarray") else z, 4).tolist() for z in q], q[5].format)
    print(
        Sx,
        Sx.type,
        S.csm_properties(Sx)[0],
        S.structured_sigmoid(Sx).type,
        (Sx * 2).type,
        S.add(Sx, Sx).type,
        S.dot(Sx, Sx.T).type,
        (Sx + T.ones((5, 6))).type,
        S.as_sparse_variable(m).type,
        S.basic.clean(Sx).type,
        S.square_diagonal(t).type,
        S.row_scale(Sx, t).type,
    )
U, Vv = theano.shared(r.rand(6, 2).astype(fx)), theano.shared(r.rand(5, 2).astype(fx))
ui, vi = T.ivectors("ui", "vi")
rt = T.vector("rt")
e = rt - (U[ui] * Vv[vi]).sum(1)
cost = (e**2).sum() + 0.1 * ((U**2).sum() + (Vv**2).sum())
mf = theano.function([ui, vi, rt], cost, updates=[(p, p - 0.05 * g) for p, g in zip((U, Vv), T.grad(cost, [U, Vv]))])
ii, jj, rr = r.randint(0, 6, 10).astype("int32"), r.randint(0, 5, 10).astype("int32"), r.randint(1, 6, 10).astype(fx)
print([float(mf(ii, jj, rr)) for _ in range(5)], theano.function([], T.dot(U, Vv.T).argmax(1))().tolist())
