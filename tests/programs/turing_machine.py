# a neural Turing machine: addressing by content and shift, erase and add; rmsprop of Graves
import numpy as np, theano, theano.tensor as T

fx = theano.config.floatX
rs = np.random.RandomState(0)
N, M, I, H, O = 8, 5, 4, 10, 3


def sh(*s):
    return theano.shared((rs.uniform(-1, 1, s) * 0.3).astype(fx))


P = dict(
    Wxh=sh(I, H),
    Wrh=sh(M, H),
    Whh=sh(H, H),
    bh=sh(H),
    Wk=sh(H, M),
    bk=sh(M),
    Wb=sh(H),
    bb=theano.shared(np.array(0.1, fx)),
    Wg=sh(H),
    bg=theano.shared(np.array(0.0, fx)),
    Ws=sh(H, 3),
    bs=sh(3),
    Wgam=sh(H),
    bgam=theano.shared(np.array(0.3, fx)),
    We=sh(H, M),
    be=sh(M),
    Wa=sh(H, M),
    ba=sh(M),
    Why=sh(H, O),
    by=sh(O),
    M0=sh(N, M),
    w0=sh(N),
    h0=sh(H),
)
for k, v in P.items():
    v.name = k
names = sorted(P)
params = [P[k] for k in names]
shift_idx = (np.arange(N)[:, None] - np.arange(-1, 2)[None, :]) % N


def simil(k, Mem):
    kn = k / T.sqrt(T.sum(k**2) + 1e-6)
    mn = Mem / T.sqrt(T.sum(Mem**2, axis=1) + 1e-6).dimshuffle(0, "x")
    return T.dot(mn, kn)


def step(x, Mtm1, wtm1, htm1, *ps):
    r = T.dot(wtm1, Mtm1)
    h = T.tanh(T.dot(x, P["Wxh"]) + T.dot(r, P["Wrh"]) + T.dot(htm1, P["Whh"]) + P["bh"])
    k = T.tanh(T.dot(h, P["Wk"]) + P["bk"])
    beta = T.nnet.softplus(T.dot(h, P["Wb"]) + P["bb"])
    g = T.nnet.sigmoid(T.dot(h, P["Wg"]) + P["bg"])
    s = T.nnet.softmax(T.dot(h, P["Ws"]) + P["bs"])[0]
    gam = 1.0 + T.nnet.softplus(T.dot(h, P["Wgam"]) + P["bgam"])
    wc = T.nnet.softmax(beta * simil(k, Mtm1)).flatten()
    wg = g * wc + (1 - g) * wtm1
    ws = T.dot(wg[shift_idx], s)
    ws = T.clip(ws, 1e-8, 1.0)
    wt = T.pow(ws, gam)
    wt = wt / T.sum(wt)
    e = T.nnet.sigmoid(T.dot(h, P["We"]) + P["be"]).dimshuffle("x", 0)
    a = T.tanh(T.dot(h, P["Wa"]) + P["ba"]).dimshuffle(("x", 0))
    Mt = Mtm1 * (1 - wt.dimshuffle(0, "x") * e) + wt.dimshuffle(0, "x") * a
    y = T.nnet.sigmoid(T.dot(h, P["Why"]) + P["by"])
    return [Mt, wt, h, y]


x = T.matrix("x")
t = T.matrix("t")
w0 = T.nnet.softmax(P["w0"])[0]
[Ms, ws, hs, ys], ups = theano.scan(
    step, sequences=[x], outputs_info=[P["M0"], w0, T.tanh(P["h0"]), None], non_sequences=params, strict=False
)
cost = T.nnet.binary_crossentropy(T.clip(ys, 1e-6, 1 - 1e-6), t).sum(axis=1).mean()
grads = T.grad(cost, params, disconnected_inputs="warn")


def graves(params, grads, lr=1e-2, chi=0.95, alpha=0.9, eps=1e-4):
    u = []
    for p, g in zip(params, grads):
        n, gg, d = [theano.shared(p.get_value() * np.array(0, fx)) for _ in range(3)]
        n2 = chi * n + (1 - chi) * g**2
        g2 = chi * gg + (1 - chi) * g
        d2 = alpha * d - lr * g / T.sqrt(n2 - g2**2 + eps)
        u += [(n, n2), (gg, g2), (d, d2), (p, p + d2)]
    return u


gc = [T.clip(g, -10, 10) for g in grads]
train = theano.function([x, t], [cost, T.sqrt(sum(T.sqr(g).sum() for g in gc))], updates=graves(params, gc))
ev = theano.function([x], [ys[-2:], ws[-1], Ms.shape, ws.argmax(1)])
for it in range(12):
    L = rs.randint(2, 5)
    seq = rs.randint(0, 2, (L, O)).astype(fx)
    X = np.zeros((2 * L + 1, I), fx)
    Y = np.zeros((2 * L + 1, O), fx)
    X[:L, :O] = seq
    X[L, -1] = 1
    Y[L + 1 :] = seq
    c, gn = train(X, Y)
    print(it, L, "%.5f %.4f" % (c, gn))
for v in ev(X):
    print(v.tolist())
print([(k, round(float(abs(P[k].get_value()).sum()), 4)) for k in names])
