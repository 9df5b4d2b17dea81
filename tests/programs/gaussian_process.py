import numpy as np
import theano
import theano.tensor as T
from theano.tensor import nlinalg, slinalg
from theano.tensor.fft import irfft, rfft
from theano.tensor.nlinalg import det, matrix_inverse, trace
from theano.tensor.slinalg import Cholesky, cholesky, kron, solve, solve_lower_triangular, solve_upper_triangular

floatX = theano.config.floatX
rng = np.random.RandomState(3)

# --- a Gaussian process whose marginal likelihood is climbed by gradients -------------------------------------
X = np.sort(rng.uniform(-3, 3, (20, 1)), axis=0).astype(floatX)
Y = (np.sin(2 * X[:, 0]) + 0.1 * rng.randn(20)).astype(floatX)
Xs = np.linspace(-3, 3, 7)[:, None].astype(floatX)

log_ls = theano.shared(np.asarray(0.0, dtype=floatX), name="log_ls")
log_sf = theano.shared(np.asarray(0.1, dtype=floatX), name="log_sf")
log_sn = theano.shared(np.asarray(-1.0, dtype=floatX), name="log_sn")
params = [log_ls, log_sf, log_sn]

x, xs = T.matrix("x"), T.matrix("xs")
y = T.vector("y")


def rbf(a, b):
    d = (a**2).sum(1).dimshuffle(0, "x") + (b**2).sum(1).dimshuffle("x", 0) - 2 * T.dot(a, b.T)
    return T.exp(2 * log_sf) * T.exp(-0.5 * T.maximum(d, 0) / T.exp(2 * log_ls))


K = rbf(x, x) + T.exp(2 * log_sn) * T.eye(x.shape[0])
L = cholesky(K)
alpha = solve_upper_triangular(L.T, solve_lower_triangular(L, y))
nll = 0.5 * T.dot(y, alpha) + T.log(T.diag(L)).sum() + 0.5 * x.shape[0] * np.log(2 * np.pi)
grads = T.grad(nll, params)
train = theano.function([x, y], nll, updates=[(p, p - T.cast(0.01, floatX) * g) for p, g in zip(params, grads)])
for epoch in range(15):
    cost = train(X, Y)
    if epoch % 5 == 4:
        print("nll %d %.4f" % (epoch, cost))
print("parameters", " ".join("%.4f" % p.get_value() for p in params))

v = solve_lower_triangular(L, rbf(x, xs))
mean = T.dot(rbf(xs, x), alpha)
var = T.diag(rbf(xs, xs)) - (v**2).sum(0)
predict = theano.function([x, y, xs], [mean, var])
m, s2 = predict(X, Y, Xs)
print("mean", " ".join("%.3f" % i for i in m))
print("var", " ".join("%.3f" % i for i in s2))

# --- the same likelihood by determinant and inverse -----------------------------------------------------------
nll2 = 0.5 * T.dot(y, T.dot(matrix_inverse(K), y)) + 0.5 * T.log(det(K)) + 0.5 * x.shape[0] * np.log(2 * np.pi)
f2 = theano.function([x, y], [nll2] + T.grad(nll2, params))
print("by det", " ".join("%.3f" % i for i in f2(X[::2], Y[::2])))
f3 = theano.function([x, y], [nll] + T.grad(nll, params))
print("by cholesky", " ".join("%.3f" % i for i in f3(X[::2], Y[::2])))
f4 = theano.function([x, y], T.dot(y, solve(K, y)) + trace(K) * det(K / 2.0))
print("by solve %.4f" % f4(X[:6], Y[:6]))

# --- a multivariate normal with a learned factor --------------------------------------------------------------
A = rng.randn(3, 3)
S = theano.shared((A.dot(A.T) + np.eye(3)).astype(floatX))
mu = theano.shared(np.array([0.5, -1.0, 0.0], dtype=floatX))
data = T.matrix()
chol = Cholesky(lower=True, on_error="nan")(S)
delta = solve_lower_triangular(chol, (data - mu).T)
logp = -0.5 * (delta**2).sum(0) - T.log(T.diagonal(chol)).sum() - 1.5 * np.log(2 * np.pi)
g_mu, g_S = T.grad(logp.sum(), [mu, S])
f = theano.function([data], [logp, g_mu, g_S])
points = rng.randn(4, 3).astype(floatX)
lp, gm, gS = f(points)
print("logp", " ".join("%.4f" % i for i in lp))
print("grad", " ".join("%.3f" % i for i in gm), "|", " ".join("%.3f" % i for i in gS.flatten()))
S.set_value(-np.eye(3).astype(floatX))
print("not positive", np.isnan(theano.function([], chol)()).all())
try:
    f(points)
except ValueError as e:
    print(str(e).splitlines()[0])

# --- principal components, whitening --------------------------------------------------------------------------
Z = rng.randn(30, 4).dot(np.diag([3.0, 2.0, 1.0, 0.5])).astype(floatX)
z = T.matrix()
zc = z - z.mean(axis=0)
cov = T.dot(zc.T, zc) / z.shape[0]
w, E = nlinalg.eigh(cov)
white = T.dot(zc, T.dot(E * (1.0 / T.sqrt(w + 1e-3)), E.T))
u, s, vt = nlinalg.svd(zc, full_matrices=False)
low_rank = T.dot(u[:, :2] * s[:2], vt[:2])
f = theano.function([z], [w, (white**2).mean(axis=0), s, ((zc - low_rank) ** 2).sum(), nlinalg.norm(low_rank, "fro")])
for name, r in zip(["eigenvalues", "whitened", "singular", "lost", "norm"], f(Z)):
    print(name, " ".join("%.4f" % i for i in np.atleast_1d(r)))

# --- least squares: normal equations and pseudo-inverse, ridge with a gradient --------------------------------
target = T.vector()
lam = T.scalar()
ridge = solve(T.dot(z.T, z) + lam * T.eye(z.shape[1]), T.dot(z.T, target))
err = ((T.dot(z, ridge) - target) ** 2).mean()
plain = T.dot(nlinalg.pinv(z), target)
f = theano.function([z, target, lam], [ridge, plain, err, T.grad(err, lam)])
t = Z.dot(np.array([1.0, -2.0, 0.5, 0.0])).astype(floatX) + 0.1 * rng.randn(30).astype(floatX)
for r in f(Z, t, 0.5):
    print("ridge", " ".join("%.4f" % i for i in np.atleast_1d(r)))

# --- a rotation by its exponential, Kronecker structure, circular convolution ---------------------------------
angle = theano.shared(np.asarray(0.3, dtype=floatX))
G = angle * np.array([[0, -1], [1, 0]], dtype=floatX)
R = slinalg.expm(G)
point = np.array([1.0, 2.0], dtype=floatX)
miss = ((T.dot(R, point) - np.array([-2.0, 1.0], dtype=floatX)) ** 2).sum()
turn = theano.function([], miss, updates=[(angle, angle - T.cast(0.05, floatX) * T.grad(miss, angle))])
for i in range(20):
    last = turn()
print("angle %.4f missed by %.4f" % (angle.get_value(), last))
a, b = T.matrix(), T.matrix()
f = theano.function([a, b], [det(kron(a, b)), trace(kron(a, b)), nlinalg.matrix_power(a, 3).sum()])
print(
    "kron", " ".join("%.4f" % i for i in f(np.array([[2, 1], [0.5, 3]], floatX), np.array([[1, 0.5], [0, 2]], floatX)))
)

kernel = theano.shared(np.array([[0.5, 0.25, 0, 0, 0, 0, 0, 0.25]], dtype=floatX))
signal = T.matrix()
ks, ss = rfft(kernel), rfft(signal)
re = ks[:, :, 0] * ss[:, :, 0] - ks[:, :, 1] * ss[:, :, 1]
im = ks[:, :, 0] * ss[:, :, 1] + ks[:, :, 1] * ss[:, :, 0]
smooth = irfft(T.stack([re, im], axis=2))
f = theano.function([signal], [smooth, T.grad((smooth**2).sum(), kernel)])
sm, gk = f(np.array([[0, 0, 1, 0, 0, 2, 0, 0]], dtype=floatX))
print("smooth", " ".join("%.4f" % abs(i) for i in sm[0]))
print("kernel", " ".join("%.3f" % abs(i) for i in gk[0]))
