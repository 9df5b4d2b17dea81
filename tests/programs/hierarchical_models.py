# pymc3 style
import numpy as np, theano, theano.tensor as tt
from theano import theano, tensor as tt
from theano.tensor.var import TensorVariable
from theano.tensor import TensorType
from theano.gof import Op
from theano.gof.graph import inputs
from theano.configparser import change_flags
from theano.tensor.slinalg import cholesky, solve_lower_triangular, Solve, Cholesky
from theano.tensor.nlinalg import matrix_inverse, det, eigh, extract_diag
from theano.tensor.extra_ops import bincount
from functools import reduce
import collections, operator

fx = theano.config.floatX
c = tt.constant


def cast(x):
    return np.asarray(x, dtype=fx)


def makeiter(a):
    return a if isinstance(a, (tuple, list)) else [a]


def bound(logp, *conditions, **kwargs):
    alltrue = reduce(
        operator.mul, [1 * tt.all(1 * cc) if not kwargs.get("elementwise", True) else 1 * cc for cc in conditions], 1
    )
    return tt.switch(alltrue, logp, -np.inf)


def normal_logp(v, mu, tau):
    return bound((-tau * (v - mu) ** 2 + tt.log(tau / np.pi / 2.0)) / 2.0, tau > 0)


def factln(n):
    return tt.gammaln(n + 1)


def betaln(x, y):
    return tt.gammaln(x) + tt.gammaln(y) - tt.gammaln(x + y)


def binomln(n, k):
    return factln(n) - factln(k) - factln(n - k)


def logpow(x, m):
    return tt.switch(tt.eq(x, 0), -np.inf, m * tt.log(x))


def halfcauchy(v, b):
    return bound(tt.log(2) - tt.log(np.pi) - tt.log(b) - tt.log1p((v / b) ** 2), v >= 0, b > 0)


def gamma_logp(v, a, b):
    return bound(-tt.gammaln(a) + logpow(b, a) - b * v + logpow(v, a - 1), v >= 0, a > 0, b > 0)


def studentt(v, nu, mu, lam):
    return bound(
        tt.gammaln((nu + 1.0) / 2.0)
        + 0.5 * tt.log(lam / (nu * np.pi))
        - tt.gammaln(nu / 2.0)
        - (nu + 1.0) / 2.0 * tt.log1p(lam * (v - mu) ** 2 / nu),
        lam > 0,
        nu > 0,
    )


def beta_logp(v, a, b):
    return bound(logpow(v, a - 1) + logpow(1 - v, b - 1) - betaln(a, b), v >= 0, v <= 1, a > 0, b > 0)


def poisson_logp(v, mu):
    return tt.switch(1 * tt.eq(mu, 0) * tt.eq(v, 0), 0, bound(logpow(mu, v) - factln(v) - mu, mu >= 0, v >= 0))


def dirichlet(v, a):
    return bound(
        tt.sum(logpow(v, a - 1) - tt.gammaln(a), axis=-1) + tt.gammaln(tt.sum(a, axis=-1)),
        tt.all(v >= 0),
        tt.all(v <= 1),
        tt.all(a > 0),
        elementwise=False,
    )


class FreeRV(TensorVariable):
    def __init__(self, type=None, owner=None, index=None, name=None, logp=None, model=None, shape=()):
        if type is None:
            type = TensorType(fx, (False,) * len(shape))
        super(FreeRV, self).__init__(type, owner, index, name)
        if logp is not None:
            self.logp_elemwiset = logp(self)
            self.dshape = tuple(shape)
            self.dsize = int(np.prod(shape))
            self.model = model
            self.tag.test_value = np.ones(shape, fx) * 0.3

    @property
    def logpt(self):
        return tt.sum(self.logp_elemwiset)


class Model(object):
    def __init__(self):
        self.free, self.pot = [], []

    def Var(self, name, logp, shape=()):
        v = FreeRV(name=name, logp=logp, model=self, shape=shape)
        self.free.append(v)
        return v

    @property
    def logpt(self):
        return tt.add(*[v.logpt for v in self.free] + self.pot)


rng = np.random.RandomState(1)
county = rng.randint(0, 5, 40)
X = rng.randn(40).astype(fx)
obs = (1.5 * X + county * 0.3 + rng.randn(40) * 0.3).astype(fx)
m = Model()
mu_a = m.Var("mu_a", lambda v: normal_logp(v, 0.0, 1e-2))
sigma_a_log = m.Var("sigma_a_log__", lambda v: halfcauchy(tt.exp(v), 5.0) + v)
a = m.Var("a", lambda v: normal_logp(v, mu_a, tt.exp(sigma_a_log) ** -2), shape=(5,))
b = m.Var("b", lambda v: studentt(v, 3.0, 0.0, 1.0))
eps_log = m.Var("eps_log__", lambda v: gamma_logp(tt.exp(v), cast(2.0), cast(1.0)) + v)
rate_log = m.Var("rate_log__", lambda v: beta_logp(tt.nnet.sigmoid(v), 2.0, 3.0).sum() + v * 0, shape=(2, 2))
est = a[county] + b * X
m.pot.append(normal_logp(theano.shared(obs), est, tt.exp(eps_log) ** -2).sum())
m.pot.append(poisson_logp(tt.as_tensor_variable(np.array([[1, 2], [0, 4]])), tt.exp(rate_log)).sum())
print(
    sorted(
        v.name for v in inputs([m.logpt]) if v.name and not isinstance(v, (tt.Constant, theano.compile.SharedVariable))
    ),
    type(a).__name__,
    a[0].__class__.__name__,
    (a + 1).__class__.__name__,
)
VarMap = collections.namedtuple("VarMap", "var slc shp dtyp")


class ArrayOrdering(object):
    def __init__(self, vs):
        self.vmap, dim = [], 0
        for v in vs:
            self.vmap.append(VarMap(str(v), slice(dim, dim + v.dsize), v.dshape, v.dtype))
            dim += v.dsize
        self.dimensions = dim


order = ArrayOrdering(m.free)


def inputvar_reshape(joined, order):
    return [
        joined[slc].reshape(shp).astype(dt) if shp else joined[slc].reshape(shp, ndim=0).astype(dt)
        for _, slc, shp, dt in order.vmap
    ]


def gradient1(f, v):
    return tt.flatten(tt.grad(f, v, disconnected_inputs="warn"))


def gradient(f, vs):
    return tt.concatenate([gradient1(f, v) for v in vs], axis=0)


def hessian_diag(f, vs):
    def h1(f, v):
        g = gradient1(f, v)
        idx = tt.arange(g.shape[0], dtype="int32")
        return theano.map(lambda i: gradient1(g[i], v)[i], idx)[0]

    return -tt.concatenate([h1(f, v) for v in vs], axis=0)


f = theano.function(m.free, [m.logpt, gradient(m.logpt, m.free)], on_unused_input="ignore", allow_input_downcast=True)
f.trust_input = True
pt = [np.asarray(v.tag.test_value, fx) for v in m.free]
r = f(*pt)
print(float(r[0]), np.asarray(r[1], "float64").round(4).tolist())
joined = tt.vector("inarray")
joined.tag.test_value = np.ones(order.dimensions, fx)
repl = dict(zip(m.free, inputvar_reshape(joined, order)))
logp = theano.clone(m.logpt, repl, strict=False)
dlogp = gradient(logp, [joined])
F = theano.function([joined], [logp, dlogp])
F.trust_input = True
q = (rng.randn(order.dimensions) * 0.2).astype(fx)
print([np.asarray(v, "float64").sum() for v in F(q)])
mom = tt.vector("p")
e = tt.scalar("eps")
p2 = mom + 0.5 * e * dlogp
q2 = joined + e * p2
g2 = theano.clone(dlogp, {joined: q2})
p3 = p2 + 0.5 * e * g2
leap = theano.function([joined, mom, e], [q2, p3, -theano.clone(logp, {joined: q2}) + 0.5 * tt.dot(p3, p3)])
qq, pp = q, rng.randn(len(q)).astype(fx)
for i in range(6):
    qq, pp, H = leap(qq, pp, cast(0.01))
    print(float(H), end=" ")
print()
hd = theano.function(m.free, hessian_diag(m.logpt, [mu_a, a, eps_log]), on_unused_input="ignore")
print(hd(*pt).tolist())
H = theano.function([joined], theano.gradient.hessian(logp, joined))
print(H(q).shape, float(np.trace(H(q))))
Sig = tt.matrix("S")
xv = tt.matrix("xv")
L = cholesky(Sig)
delta = xv - 0.1
tr = solve_lower_triangular(L, delta.T)
mv = -0.5 * (xv.shape[1] * np.log(2 * np.pi) + (tr**2).sum(axis=0)) - tt.log(tt.diag(L)).sum()
A = rng.randn(3, 3)
A = (A.dot(A.T) + np.eye(3)).astype(fx)
V = rng.randn(4, 3).astype(fx)
print(
    [
        np.asarray(o, "float64").sum()
        for o in theano.function(
            [Sig, xv],
            [
                mv,
                tt.grad(mv.sum(), Sig),
                tt.grad(mv.sum(), xv),
                tt.nlinalg.trace(matrix_inverse(Sig)),
                tt.log(det(Sig)),
            ],
        )(A, V)
    ]
)
alpha, beta, u, tt_v = tt.dscalar(), tt.dvector(), tt.dmatrix(), None
rho = tt.vector("rho")
y0 = tt.vector("series")


def arstep(*a):
    xs, r = a[:-1], a[-1]
    return sum(x * r[i] for i, x in enumerate(xs))


pred, _ = theano.scan(arstep, sequences=dict(input=y0, taps=[-1, -2]), non_sequences=[rho])
ll = normal_logp(y0[2:], pred, 2.0).sum()
print(
    [
        np.asarray(o, "float64").tolist()
        for o in theano.function([rho, y0], [ll, tt.grad(ll, rho)])(cast([0.5, 0.2]), obs[:12])
    ]
)
vol, _ = theano.scan(
    lambda x, v, w, a1, b1: w + a1 * tt.square(x) + b1 * tt.square(v),
    sequences=[y0],
    outputs_info=[cast(0.5)],
    non_sequences=[cast(0.1), cast(0.2), cast(0.05)],
)
print(float(theano.function([y0], tt.sqrt(vol[:-1]).sum())(obs[:9])))
sb = tt.vector("sb")


def stick_breaking(y_):
    y = y_.T
    Km1 = y.shape[0]
    k = tt.arange(Km1)[(slice(None),) + (None,) * (y.ndim - 1)]
    eq_share = -tt.log(Km1 + 1 - k - 1 + 1.0)
    z = tt.nnet.sigmoid(y + eq_share)
    yl = tt.concatenate([z, tt.ones(y[:1].shape)])
    yu = tt.concatenate([tt.ones(y[:1].shape), 1 - z])
    S = tt.extra_ops.cumprod(yu, 0)
    return (S * yl).T


x = stick_breaking(sb)
d = dirichlet(x, tt.ones_like(x) * 2.0)
print(
    [np.asarray(o, "float64").tolist() for o in theano.function([sb], [x, d, tt.grad(d, sb)])(cast([0.1, -0.4, 0.7]))]
)
w = tt.vector("w")
comp = tt.stack([normal_logp(obs[:, None], np.array([0.0, 1.0, 2.0], fx), 1.0)], axis=0)[0] + tt.log(
    tt.nnet.softmax(w.dimshuffle("x", 0))
)
mm = tt.max(comp, axis=1, keepdims=True)
lse = (tt.log(tt.sum(tt.exp(comp - mm), axis=1, keepdims=True)) + mm).sum()
print([np.asarray(o, "float64").tolist() for o in theano.function([w], [lse, tt.grad(lse, w)])(cast([0.1, 0.2, 0.3]))])
with change_flags(compute_test_value="off"):
    k = tt.iscalar("k")
    st = tt.inc_subtensor(tt.zeros((5,))[county[:6]], 1.0)
    print(st.eval(), tt.extra_ops.bincount(county).eval())
n = tt.lvector()
print(
    theano.function([n], binomln(10, n))([1, 2, 3]),
    tt.psi(tt.constant(2.5)).eval(),
    tt.erfcinv(tt.constant(0.4)).eval(),
)
