# forward, backward and Viterbi in scan, a Kalman filter, power iteration with an early end
import numpy as np, theano, theano.tensor as T
from theano.tensor.slinalg import cholesky, solve, Solve, kron, expm, eigvalsh
import theano.tensor.nlinalg as nl

sA = theano.tensor.slinalg.Solve(A_structure="lower_triangular", lower=True) if True else None
fx = theano.config.floatX
rng = np.random.RandomState(5)
fxc = lambda v: np.asarray(v, fx)
# HMM
S, O = 4, 6
A = rng.dirichlet(np.ones(S), S).astype(fx)
B = rng.dirichlet(np.ones(O), S).astype(fx)
pi = (np.ones(S) / S).astype(fx)
lA, lB, lpi = [theano.shared(np.log(a)) for a in (A, B, pi)]
obs = T.ivector("obs")


def lse(v, axis=None, keepdims=False):
    m = T.max(v, axis=axis, keepdims=True)
    r = T.log(T.sum(T.exp(v - m), axis=axis, keepdims=True)) + m
    return r if keepdims else r.reshape(T.sum(v, axis=axis).shape, ndim=v.ndim - 1)


a0 = lpi + lB[:, obs[0]]
alphas, _ = theano.scan(
    lambda o, a, lA, lB: lse(a.dimshuffle(0, "x") + lA, 0) + lB[:, o],
    sequences=obs[1:],
    outputs_info=a0,
    non_sequences=[lA, lB],
    strict=True,
)
logZ = lse(alphas[-1], 0)
betas, _ = theano.scan(
    lambda o, b: lse(lA + lB[:, o] + b, 1), sequences=obs, outputs_info=T.zeros_like(lpi), go_backwards=True
)


def vit(o, d):
    s = d.dimshuffle(0, "x") + lA
    return T.max(s, axis=0) + lB[:, o], T.argmax(s, axis=0)


(dl, psi), _ = theano.scan(vit, sequences=[obs[1:]], outputs_info=[a0, None])
last = T.argmax(dl[-1])
path, _ = theano.scan(lambda p, s: p[s], sequences=psi, outputs_info=last, go_backwards=True)
fb = theano.function([obs], [logZ, T.exp(alphas - logZ).sum(1), betas[-1], dl[-1], T.concatenate([path[::-1], [last]])])
o = rng.randint(0, O, 12).astype("int32")
for v in fb(o):
    print(np.asarray(v).round(6).tolist())
gA = T.grad(logZ, [lA, lB])
gf = theano.function(
    [obs],
    gA,
    updates=[
        (p, lse(T.zeros((1, 1)) + p + 0.1 * q, 1, True) * 0 + p + 0.1 * q - lse(p + 0.1 * q, 1, True))
        for p, q in zip([lA, lB], gA)
    ],
)
for i in range(4):
    gs = gf(o)
    print([float(v.sum()) for v in gs], float(fb(o)[0]))
# Kalman filter in scan
F = np.array([[1, 0.1], [0, 1]], fx)
H = np.array([[1.0, 0]], fx)
Q = (np.eye(2) * 0.01).astype(fx)
R = np.eye(1).astype(fx) * 0.1


def kf(z, m, P):
    m1 = T.dot(F, m)
    P1 = F.dot(T.eye(2)) if False else T.dot(T.dot(F, P), F.T) + Q
    Sg = T.dot(T.dot(H, P1), H.T) + R
    Kg = T.dot(T.dot(P1, H.T), nl.matrix_inverse(Sg))
    r = z - T.dot(H, m1)
    return m1 + T.dot(Kg, r), P1 - T.dot(T.dot(Kg, H), P1), -0.5 * (T.log(nl.det(Sg)) + (r**2).sum() / Sg[0, 0])


zs = T.matrix()
(ms, Ps, lls), _ = theano.scan(kf, sequences=zs, outputs_info=[T.zeros((2,)), T.eye(2), None])
print(
    [
        np.asarray(v, "float64").sum()
        for v in theano.function([zs], [ms, Ps, lls.sum()])(np.sin(np.arange(10) / 3.0)[:, None].astype(fx))
    ]
)
D = rng.randn(30, 3).astype(fx)
d = T.constant(D)
cv = T.dot((d - d.mean(0)).T, d - d.mean(0)) / fxc(29)


def pw(v, cv):
    n = T.dot(cv, v)
    n = n / T.sqrt((n**2).sum())
    return n, theano.scan_module.until(T.abs_(n - v).max() < 1e-3)


v, u = theano.scan(pw, outputs_info=T.ones((3,), dtype=fx) / np.asarray(np.sqrt(3), fx), non_sequences=cv, n_steps=200)
o = theano.function([], [v[-1], v.shape[0], nl.svd(d - d.mean(0), 0, 0) if False else T.sort(nl.eigh(cv)[0])])()
print(abs(o[0]).tolist(), o[2].tolist())
print(
    kron(T.eye(2), d[:2, :2]).eval().sum(),
    expm(cv).eval().sum(),
    nl.pinv(d).eval().shape,
    nl.matrix_dot(d.T, d, cv).eval().sum(),
    nl.qr(d)[1].eval().shape,
)
