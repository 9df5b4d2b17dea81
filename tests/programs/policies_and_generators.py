# double Q learning, policy gradients, adversarial nets, a variational bound through a planar flow
import numpy as np, theano, theano.tensor as T, theano.tensor.nnet as nn, copy, random
from theano.tensor.shared_randomstreams import RandomStreams
from collections import OrderedDict, deque

fx = theano.config.floatX
r = np.random.RandomState(8)
srng = RandomStreams(4)


def dense(i, o, nm):
    return theano.shared((r.randn(i, o) * np.sqrt(2.0 / i)).astype(fx), nm + ".W"), theano.shared(
        np.zeros(o, fx), nm + ".b"
    )


def mlp(sizes, nm):
    return [dense(a, b, nm + str(k)) for k, (a, b) in enumerate(zip(sizes, sizes[1:]))]


def fwd(ps, x, act=nn.relu, last=lambda v: v):
    for W, b in ps[:-1]:
        x = act(T.dot(x, W) + b)
    return last(T.dot(x, ps[-1][0]) + ps[-1][1])


flat = lambda ps: [q for p in ps for q in p]
# double dueling DQN with target copy through updates & huber & gamma mask
S, S2 = T.matrices("S", "S2")
A = T.icol("A")
R = T.col("R")
D = T.icol("D")
q1, q2 = mlp([4, 8, 3], "q"), mlp([4, 8, 3], "t")
v1 = mlp([4, 1], "v")


def qf(ps, s):
    a = fwd(ps, s)
    return T.addbroadcast(fwd(v1, s), 1) + a - a.mean(axis=1, keepdims=True)


qs = qf(q1, S)
qn = theano.gradient.disconnected_grad(qf(q2, S2))
an = T.argmax(qf(q1, S2), axis=1)
target = R + (T.ones_like(D) - D) * 0.9 * qn[T.arange(an.shape[0]), an].dimshuffle(0, "x")
mask = T.eq(T.arange(3).reshape((1, -1)), A.reshape((-1, 1)).astype(fx))
diff = target - (qs * mask).sum(axis=1).reshape((-1, 1))
quad = T.minimum(abs(diff), 1.0)
lin = abs(diff) - quad
loss = T.sum(0.5 * quad**2 + lin)
ps = flat(q1) + flat(v1)
gr = T.grad(loss, ps)


def deepmind_rmsprop(gs, ps, lr, rho, eps):
    u = OrderedDict()
    for p, g in zip(ps, gs):
        v = p.get_value(borrow=True)
        ag = theano.shared(np.zeros(v.shape, v.dtype), broadcastable=p.broadcastable)
        ar = theano.shared(np.zeros(v.shape, v.dtype), broadcastable=p.broadcastable)
        agn = rho * ag + (1 - rho) * g
        arn = rho * ar + (1 - rho) * g**2
        u[ag] = agn
        u[ar] = arn
        u[p] = p - lr * (g / T.sqrt(arn - agn**2 + eps))
    return u


S_, S2_ = (theano.shared(np.zeros((5, 4), fx)) for _ in range(2))
A_ = theano.shared(np.zeros((5, 1), "int32"), broadcastable=(False, True))
R_ = theano.shared(np.zeros((5, 1), fx), broadcastable=(False, True))
D_ = theano.shared(np.zeros((5, 1), "int32"), broadcastable=(False, True))
tr = theano.function(
    [], [loss, qs], updates=deepmind_rmsprop(gr, ps, 0.01, 0.95, 0.01), givens={S: S_, S2: S2_, A: A_, R: R_, D: D_}
)
sync = theano.function([], updates=list(zip(flat(q2), flat(q1))))
act = theano.function([S], T.argmax(qs, 1))
mem = deque(maxlen=30)
random.seed(3)
for i in range(20):
    mem.append((r.randn(4).astype(fx), r.randint(3), r.rand(), r.randn(4).astype(fx), r.randint(2)))
for i in range(6):
    b = random.sample(list(mem), 5)
    for sh, v in zip((S_, A_, R_, S2_, D_), zip(*b)):
        sh.set_value(np.asarray(v, sh.dtype).reshape(sh.get_value(borrow=True).shape))
    o = tr()
    print(float(o[0]), o[1][0].tolist())
    if i % 2:
        sync()
print(act(r.randn(6, 4).astype(fx)).tolist())
# reinforce with baseline, entropy, discounted returns in scan, categorical sampling through choice/multinomial
obs = T.matrix("obs")
acts = T.ivector("acts")
rew = T.vector("rew")
pi = mlp([4, 6, 3], "pi")
pr = fwd(pi, obs, T.tanh, nn.softmax)
ret, _ = theano.scan(lambda rw, acc: rw + 0.95 * acc, sequences=rew, outputs_info=T.zeros((), fx), go_backwards=True)
ret = ret[::-1]
adv = (ret - ret.mean()) / (ret.std() + 1e-6)
lp = T.log(pr)[T.arange(acts.shape[0]), acts]
ent = -(pr * T.log(pr)).sum(1)
obj = -(lp * adv).mean() - 0.01 * ent.mean()
pf = flat(pi)
pg = theano.function(
    [obs, acts, rew], [obj, ret, ent.mean()], updates=[(p, p - 0.1 * g) for p, g in zip(pf, T.grad(obj, pf))]
)
samp = theano.function([obs], [srng.multinomial(pvals=pr).argmax(1), srng.choice(size=(4,), a=3, p=[0.2, 0.3, 0.5])])
O = r.randn(6, 4).astype(fx)
for i in range(3):
    a, c = samp(O)
    o = pg(O, a.astype("int32"), r.rand(6).astype(fx))
    print(a.tolist(), c.tolist(), float(o[0]), o[1].round(4).tolist(), float(o[2]))
# natural gradient by fisher vector product + cg as scan
th = theano.shared(r.randn(5).astype(fx))
Xn = T.matrix()
lg = T.dot(Xn, th)
pp = nn.sigmoid(lg)
v = T.vector()
kl = (
    theano.gradient.consider_constant(pp) * T.log(theano.gradient.consider_constant(pp) / pp)
    + (1 - theano.gradient.consider_constant(pp)) * T.log((1 - theano.gradient.consider_constant(pp)) / (1 - pp))
).mean()
gk = T.grad(kl, th)
fvp = T.grad((gk * v).sum(), th) + 0.01 * v
print(theano.function([Xn, v], [gk, fvp])(r.randn(7, 5).astype(fx), np.ones(5, fx))[1].tolist())
# DDPG soft updates, OU noise
tau = 0.1
f = theano.function([], updates=[(t, tau * p + (1 - tau) * t) for t, p in zip(flat(q2), flat(q1))])
f()
print(float(sum(abs(p.get_value()).sum() for p in flat(q2))))
# GAN: alternating, label smoothing, feature matching, WGAN clip, gradient penalty
g_, d_ = mlp([2, 8, 3], "g"), mlp([3, 8, 1], "d")
x = T.matrix("x")
z = srng.uniform((x.shape[0], 2), -1, 1)
G = fwd(g_, z, nn.relu, T.tanh)
lrelu = lambda a: nn.relu(a, 0.2)
dr, df = fwd(d_, x, lrelu, nn.sigmoid), fwd(d_, G, lrelu, nn.sigmoid)
dl = nn.binary_crossentropy(dr, 0.9).mean() + nn.binary_crossentropy(df, T.zeros(df.shape)).mean()
gl = nn.binary_crossentropy(df, T.ones(df.shape)).mean()


def adam(c, ps, lr=0.01, b1=0.5):
    u = []
    t = theano.shared(np.asarray(0, fx))
    u.append((t, t + 1))
    for p, g in zip(ps, T.grad(c, ps)):
        m, v = theano.shared(np.zeros_like(p.get_value())), theano.shared(np.zeros_like(p.get_value()))
        m1 = b1 * m + (1 - b1) * g
        v1 = 0.999 * v + 0.001 * T.sqr(g)
        u += [(m, m1), (v, v1), (p, p - lr * (m1 / (1 - b1 ** (t + 1))) / (T.sqrt(v1 / (1 - 0.999 ** (t + 1))) + 1e-8))]
    return u


td = theano.function([x], dl, updates=adam(dl, flat(d_)))
tg = theano.function([x], gl, updates=adam(gl, flat(g_)))
gen = theano.function([x], G.mean(0))
Xg = r.randn(8, 3).astype(fx)
for i in range(3):
    print(float(td(Xg)), float(tg(Xg)), gen(Xg).tolist())
ep = srng.uniform((x.shape[0], 1))
xi = ep * x + (1 - ep) * G
cr = fwd(d_, xi, T.tanh)
gp = ((T.grad(cr.sum(), xi).norm(2, axis=1) - 1) ** 2).mean()
w = fwd(d_, G, T.tanh).mean() - fwd(d_, x, T.tanh).mean() + 10 * gp
wf = theano.function([x], [w, gp], updates=adam(w, flat(d_)) + [(g_[0][0], T.clip(g_[0][0], -0.5, 0.5))])
print([[float(q) for q in wf(Xg)] for _ in range(3)])
# VAE with reparam, IWAE bound, KL annealing shared, free bits, planar flow & IAF masks, conditional
enc, dec = mlp([3, 8, 4], "e"), mlp([2, 8, 3], "dd")
h = fwd(enc, x, nn.softplus)
mu, ls = h[:, :2], h[:, 2:]
K = 3
eps = srng.normal((K, x.shape[0], 2))
zz = mu + T.exp(0.5 * ls) * eps
uu, ww, bb = [theano.shared(np.asarray(r.randn(*s), fx)) for s in ((2,), (2,), ())]
uh = uu + (-1 + nn.softplus(T.dot(ww, uu)) - T.dot(ww, uu)) * ww / (ww**2).sum()
pre = T.dot(zz, ww) + bb
zk = zz + uh * T.tanh(pre).dimshuffle(0, 1, "x")
ldj = T.log(T.abs_(1 + (1 - T.tanh(pre) ** 2) * T.dot(ww, uh)))
xr = fwd(dec, zk.reshape((-1, 2)), T.tanh).reshape((K, x.shape[0], 3))
lpx = -0.5 * ((x - xr) ** 2).sum(2)
lpz = -0.5 * (zk**2).sum(2)
lqz = -0.5 * (eps**2 + ls).sum(2) - ldj
lw = lpx + lpz - lqz
mxx = lw.max(0, keepdims=True)
iw = (T.log(T.exp(lw - mxx).mean(0)) + mxx[0]).mean()
beta = theano.shared(np.asarray(0.1, fx))
kl = 0.5 * T.maximum(T.exp(ls) + mu**2 - 1 - ls, 0.1).sum(1).mean()
tot = -iw + beta * kl
allp = flat(enc) + flat(dec) + [uu, ww, bb]
vf = theano.function([x], [iw, kl, ldj.mean()], updates=adam(tot, allp, b1=0.9) + [(beta, T.minimum(beta * 1.5, 1.0))])
print([[float(q) for q in vf(Xg)] for _ in range(4)], beta.get_value())
