# Gauss-Newton products, conjugate gradients inside scan, L-BFGS from scipy on a flat vector, Fisher vector products
import numpy as np
import scipy.optimize
import theano
import theano.tensor as T

fx = theano.config.floatX
rng = np.random.RandomState(2)
X = rng.randn(25, 4).astype(fx)
Y = np.sin(X.sum(axis=1, keepdims=True)).astype(fx)
shapes = [(4, 6), (6,), (6, 1), (1,)]
sizes = [int(np.prod(s)) for s in shapes]
theta = theano.shared((rng.randn(sum(sizes)) * 0.3).astype(fx), name="theta")


def unpack(flat):
    start, parts = 0, []
    for shape, size in zip(shapes, sizes):
        parts.append(flat[start : start + size].reshape(shape))
        start += size
    return parts


x, y, v = T.matrix("x"), T.matrix("y"), T.vector("v")
W1, b1, W2, b2 = unpack(theta)
out = T.dot(T.tanh(T.dot(x, W1) + b1), W2) + b2
cost = T.sqr(out - y).mean()
g = T.grad(cost, theta)
Hv = T.grad(T.sum(g * v), theta)
Hv_R = T.Rop(g, theta, v)
Jv = T.Rop(out, theta, v)
HJv = T.grad(T.sum(T.grad(cost, out) * Jv), out, consider_constant=[Jv])
Gv = T.Lop(out, theta, HJv)
f = theano.function([x, y, v], [cost, g.norm(2), Hv, Hv_R, Jv.sum(), Gv])
vec = rng.randn(sum(sizes)).astype(fx)
r = f(X, Y, vec)
print([float(a.sum()) for a in r], bool(np.allclose(r[2], r[3], atol=1e-5)))


def cg_step(xk, rk, pk, rr):
    Ap = T.Lop(out, theta, T.Rop(out, theta, pk) * np.asarray(2.0 / 25, fx)) + np.asarray(0.05, fx) * pk
    alpha = rr / T.dot(pk, Ap)
    xn, rn = xk + alpha * pk, rk - alpha * Ap
    rrn = T.dot(rn, rn)
    return [xn, rn, rn + rrn / rr * pk, rrn]


zero = T.zeros_like(theta)
(xs, rs, ps, rrs), _ = theano.scan(cg_step, outputs_info=[zero, -g, -g, T.dot(g, g)], n_steps=5, non_sequences=[])
newton = theano.function([x, y], [cost, rrs[-1]], updates=[(theta, theta + xs[-1])])
for i in range(4):
    print("newton", [float(a) for a in newton(X, Y)])

both = theano.function([x, y], [cost, g])


def objective(flat):
    theta.set_value(flat.astype(fx))
    c, d = both(X, Y)
    return float(c), d.astype("float64")


start = (np.arange(sum(sizes)) % 5 - 2) * 0.1
found = scipy.optimize.fmin_l_bfgs_b(objective, start, maxiter=8)
print("lbfgs %.3f" % found[1])
J = theano.gradient.jacobian(out[:3, 0], theta)
H = theano.gradient.hessian(cost, theta)
theta.set_value(start.astype(fx))
Jx, Hx = theano.function([x, y], [J, H], mode="FAST_RUN")(X, Y)
print(
    "jacobian", Jx.shape, float(Jx.sum()), "hessian", Hx.shape, float(np.trace(Hx)), float(abs(Hx - Hx.T).max()) < 1e-6
)
# natural gradient of a categorical policy
logits = T.dot(x, W1[:, :3])
logp = T.log(T.nnet.softmax(logits))
act, adv = T.ivector("act"), T.vector("adv")
pg = -(logp[T.arange(act.shape[0]), act] * adv).mean()
old = theano.gradient.disconnected_grad(logp)
kl = T.sum(T.exp(old) * (old - logp), axis=1).mean()
gkl = T.grad(kl, theta)
fvp = T.grad(T.dot(gkl, v), theta) + 0.1 * v
step = theano.function([x, act, adv, v], [pg, kl, T.grad(pg, theta).norm(2), fvp], on_unused_input="ignore")
a = step(X, (np.arange(25) % 3).astype("int32"), np.cos(np.arange(25)).astype(fx), vec)
print("policy", [float(abs(q).sum()) for q in a])
print(
    "zero grads",
    theano.gradient.zero_grad(cost).eval({x: X, y: Y}) > 0,
    T.grad(theano.gradient.grad_clip(cost, -1, 1), theta).eval({x: X, y: Y}).shape,
)
