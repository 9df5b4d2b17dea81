import numpy as np, theano, theano.tensor as T

fx = theano.config.floatX
# game of life by conv-free neighbour sums with roll; until
board = T.bmatrix("board")
n = T.iscalar("n")


def life(b):
    s = sum(T.roll(T.roll(b, i, 0), j, 1) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0))
    nb = T.cast(T.or_(T.eq(s, 3), T.and_(T.eq(s, 2), T.eq(b, 1))), "int8")
    return nb, {}, theano.scan_module.until(T.all(T.eq(nb, b)))


out, _ = theano.scan(life, outputs_info=board, n_steps=n)
f = theano.function([board, n], [out[-1], out.shape[0], out.sum(axis=(1, 2))])
B = np.zeros((8, 8), "int8")
B[1, 2] = B[2, 3] = B[3, 1:4] = 1
for v in f(B, 12):
    print(v.tolist(), v.dtype)
C = np.zeros((6, 6), "int8")
C[2:4, 2] = 1
C[2, 3] = 1
print([v.tolist() for v in f(C, 10)][1:])
# mandelbrot with complex numbers emulated, counts
cr, ci = T.vectors("cr", "ci")


def m(zr, zi, k, cr, ci):
    r2 = zr**2 - zi**2 + cr
    i2 = 2 * zr * zi + ci
    inside = r2**2 + i2**2 < 4.0
    return [T.clip(r2, -10, 10), T.clip(i2, -10, 10), k + inside]


[zr, zi, k], _ = theano.scan(
    m,
    outputs_info=[T.zeros_like(cr), T.zeros_like(ci), T.zeros_like(cr, dtype="int32")],
    non_sequences=[cr, ci],
    n_steps=20,
)
print(theano.function([cr, ci], k[-1])(np.linspace(-2, 1, 12).astype(fx), np.linspace(-1, 1, 12).astype(fx)).tolist())
z = T.zvector("z")
c = T.zvector("c")
zz, _ = theano.scan(lambda z, c: z**2 + c, outputs_info=z, non_sequences=c, n_steps=4)
print(
    theano.function([z, c], [zz[-1], abs(zz[-1]), T.real(zz[-1]), T.imag(zz[-1]), T.angle(zz[-1]), T.conj(zz[0])])(
        np.zeros(2, "complex128"), np.array([0.1 + 0.2j, -0.5 + 0.1j])
    )[0]
    .round(6)
    .tolist()
)
# newton sqrt with until by tolerance, shared params updates inside scan
eps = T.scalar("eps")
a = T.scalar("a")


def nwt(x, a, eps):
    nx = 0.5 * (x + a / x)
    return [nx], theano.scan_module.until(abs(nx - x) < eps)


r, _ = theano.scan(nwt, outputs_info=[T.constant(1.0, dtype=fx)], non_sequences=[a, eps], n_steps=100)
g = theano.function([a, eps], [r, r.shape[0]], allow_input_downcast=True)
print([np.asarray(o).tolist() for o in g(2, 1e-6)])
cnt = theano.shared(np.int64(0), "cnt")
h, up = theano.scan(lambda x: (x * 2, {cnt: cnt + 1}), sequences=T.arange(5))
print(theano.function([], h, updates=up)(), cnt.get_value())
# wave equation, heat equation with inc_subtensor in scan and gradient wrt coefficient
u0 = T.vector("u0")
al = T.scalar("al")


def heat(u, al):
    lap = u[2:] - 2 * u[1:-1] + u[:-2]
    return T.inc_subtensor(u[1:-1], al * lap)


us, _ = theano.scan(heat, outputs_info=u0, non_sequences=al, n_steps=15)
F = theano.function(
    [u0, al], [us[-1], T.grad((us[-1] ** 2).sum(), al), T.grad(us[-1][4], u0)], allow_input_downcast=True
)
for o in F(np.eye(9)[4], 0.2):
    print(np.round(o, 6).tolist())


def wave(um2, um1):
    l = T.concatenate([um1[1:], um1[:1]]) + T.concatenate([um1[-1:], um1[:-1]]) - 2 * um1
    return 2 * um1 - um2 + 0.3 * l


w, _ = theano.scan(wave, outputs_info=[dict(initial=T.stack([u0, u0]), taps=[-2, -1])], n_steps=10)
print(theano.function([u0], w[-3:], allow_input_downcast=True)(np.sin(np.arange(6))).round(5).tolist())
# kalman filter with matrix_inverse, nll gradient
A = theano.shared(np.array([[1, 1], [0, 1]], fx))
H = theano.shared(np.array([[1, 0]], fx))
q, rr = T.scalars("q", "r")
Y = T.matrix("Y")


def kf(y, x, P, q, rr):
    xp = T.dot(A, x)
    Pp = T.dot(A, T.dot(P, A.T)) + q * T.eye(2)
    S = T.dot(H, T.dot(Pp, H.T)) + rr * T.eye(1)
    K = T.dot(T.dot(Pp, H.T), T.nlinalg.matrix_inverse(S))
    e = y - T.dot(H, xp)
    return (
        xp + T.dot(K, e),
        T.dot(T.eye(2) - T.dot(K, H), Pp),
        0.5 * (T.log(T.nlinalg.det(S)) + T.dot(e, T.dot(T.nlinalg.matrix_inverse(S), e))),
    )


[xs, Ps, nl], _ = theano.scan(kf, sequences=Y, outputs_info=[T.zeros(2), T.eye(2), None], non_sequences=[q, rr])
L = nl.sum()
Yv = np.cumsum(np.random.RandomState(0).randn(8, 1), 0).astype(fx)
for o in theano.function([Y, q, rr], [L, xs[-1], Ps[-1]] + T.grad(L, [q, rr]), allow_input_downcast=True)(Yv, 0.1, 0.5):
    print(np.round(o, 4).tolist())
# GARCH(1,1) and ARMA mle by scipy with theano gradients
from scipy.optimize import fmin_l_bfgs_b, minimize

ret = T.dvector("ret")
th = T.dvector("th")
om, a1, b1 = T.exp(th[0]), T.nnet.sigmoid(th[1]), T.nnet.sigmoid(th[2])
s2, _ = theano.scan(
    lambda r, s, om, a1, b1: om + a1 * r**2 + b1 * s,
    sequences=ret[:-1],
    outputs_info=T.var(ret),
    non_sequences=[om, a1, b1],
)
s2 = T.concatenate([[T.var(ret)], s2])
nll = 0.5 * (T.log(s2) + ret**2 / s2).sum()
fg = theano.function([th, ret], [nll, T.grad(nll, th)])
rv = np.random.RandomState(1).randn(60) * (1 + 0.5 * np.sin(np.arange(60) / 5.0))
print(
    np.round(
        fmin_l_bfgs_b(lambda p: [np.asarray(o, "float64") for o in fg(p, rv)], np.array([-1.0, -1.0, 0.0]), maxiter=15)[
            1
        ],
        4,
    )
)
# lotka volterra, pendulum leapfrog with tuple outputs, euler-maruyama with random
srng = T.shared_randomstreams.RandomStreams(9)


def lv(x, y, dt):
    return x + dt * (1.1 * x - 0.4 * x * y), y + dt * (0.1 * x * y - 0.4 * y)


[px, py], _ = theano.scan(
    lv,
    outputs_info=[T.constant(10.0, dtype=fx), T.constant(5.0, dtype=fx)],
    non_sequences=[T.cast(0.02, fx)],
    n_steps=100,
)
print([float(v) for v in theano.function([], [px[-1], py[-1], px.max()])()])
em, u = theano.scan(lambda s: s + 0.1 * (1 - s) + 0.2 * srng.normal(s.shape), outputs_info=T.zeros((3,)), n_steps=4)
print(theano.function([], em, updates=u)().round(5).tolist(), list(u.keys())[0].type)
