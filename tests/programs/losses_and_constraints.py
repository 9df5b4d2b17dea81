import theano, theano.tensor as T, numpy as np
from theano.sandbox.rng_mrg import MRG_RandomStreams as RandomStreams

_EPSILON = 1e-7


def floatX(X):
    return np.asarray(X, dtype=theano.config.floatX)


def sharedX(X, dtype=theano.config.floatX, name=None):
    return theano.shared(np.asarray(X, dtype=dtype), name=name)


def shared_zeros(shape, dtype=theano.config.floatX, name=None):
    return sharedX(np.zeros(shape), dtype=dtype, name=name)


def shared_scalar(val=0.0, dtype=theano.config.floatX, name=None):
    return theano.shared(np.asarray(val, dtype=dtype))


def alloc_zeros_matrix(*dims):
    return T.alloc(np.asarray(0.0, dtype=theano.config.floatX), *dims)


srng = RandomStreams(seed=10)


class Optimizer(object):
    def __init__(self, **kw):
        self.__dict__.update(kw)
        self.updates = []

    def get_gradients(self, cost, params):
        grads = T.grad(cost, params)
        if hasattr(self, "clipnorm") and self.clipnorm > 0:
            norm = T.sqrt(sum([T.sum(g**2) for g in grads]))
            grads = [clip_norm(g, self.clipnorm, norm) for g in grads]
        if hasattr(self, "clipvalue") and self.clipvalue > 0:
            grads = [T.clip(g, -self.clipvalue, self.clipvalue) for g in grads]
        return grads


def clip_norm(g, c, n):
    if c > 0:
        g = T.switch(T.ge(n, c), g * c / n, g)
    return g


class SGD(Optimizer):
    def __init__(self, lr=0.01, momentum=0.0, decay=0.0, nesterov=False, **kw):
        super(SGD, self).__init__(**kw)
        self.iterations = shared_scalar(0)
        self.lr = shared_scalar(lr)
        self.momentum = shared_scalar(momentum)
        self.decay = shared_scalar(decay)
        self.nesterov = nesterov

    def get_updates(self, params, constraints, loss):
        grads = self.get_gradients(loss, params)
        lr = self.lr * (1.0 / (1.0 + self.decay * self.iterations))
        self.updates = [(self.iterations, self.iterations + 1.0)]
        for p, g, c in zip(params, grads, constraints):
            m = shared_zeros(p.get_value().shape)
            v = self.momentum * m - lr * g
            self.updates.append((m, v))
            new_p = p + self.momentum * v - lr * g if self.nesterov else p + v
            self.updates.append((p, c(new_p)))
        return self.updates


class RMSprop(Optimizer):
    def __init__(self, lr=0.001, rho=0.9, epsilon=1e-6, **kw):
        super(RMSprop, self).__init__(**kw)
        self.lr = shared_scalar(lr)
        self.rho = shared_scalar(rho)
        self.epsilon = epsilon

    def get_updates(self, params, constraints, loss):
        grads = self.get_gradients(loss, params)
        acc = [shared_zeros(p.get_value().shape) for p in params]
        for p, g, a, c in zip(params, grads, acc, constraints):
            new_a = self.rho * a + (1 - self.rho) * g**2
            self.updates.append((a, new_a))
            self.updates.append((p, c(p - self.lr * g / T.sqrt(new_a + self.epsilon))))
        return self.updates


class Adadelta(Optimizer):
    def __init__(self, lr=1.0, rho=0.95, epsilon=1e-6, **kw):
        super(Adadelta, self).__init__(**kw)
        self.lr = shared_scalar(lr)
        self.rho, self.epsilon = rho, epsilon

    def get_updates(self, params, constraints, cost):
        grads = self.get_gradients(cost, params)
        acc = [shared_zeros(p.get_value().shape) for p in params]
        dacc = [shared_zeros(p.get_value().shape) for p in params]
        for p, g, a, d_a, c in zip(params, grads, acc, dacc, constraints):
            new_a = self.rho * a + (1 - self.rho) * g**2
            self.updates.append((a, new_a))
            update = g * T.sqrt(d_a + self.epsilon) / T.sqrt(new_a + self.epsilon)
            self.updates.append((p, c(p - self.lr * update)))
            self.updates.append((d_a, self.rho * d_a + (1 - self.rho) * update**2))
        return self.updates


class Adam(Optimizer):
    def __init__(self, lr=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-8, **kw):
        super(Adam, self).__init__(**kw)
        self.iterations = shared_scalar(0)
        self.lr = shared_scalar(lr)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def get_updates(self, params, constraints, cost):
        grads = self.get_gradients(cost, params)
        self.updates = [(self.iterations, self.iterations + 1.0)]
        t = self.iterations + 1
        lr_t = self.lr * T.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        for p, g, c in zip(params, grads, constraints):
            m = theano.shared(p.get_value() * 0.0)
            v = theano.shared(p.get_value() * 0.0)
            m_t = (self.beta_1 * m) + (1 - self.beta_1) * g
            v_t = (self.beta_2 * v) + (1 - self.beta_2) * (g**2)
            p_t = p - lr_t * m_t / (T.sqrt(v_t) + self.epsilon)
            self.updates += [(m, m_t), (v, v_t), (p, c(p_t))]
        return self.updates


def maxnorm(m=2, axis=0):
    def c(p):
        norms = T.sqrt(T.sum(T.sqr(p), axis=axis, keepdims=True))
        desired = T.clip(norms, 0, m)
        return p * (desired / (1e-7 + norms))

    return c


def nonneg(p):
    p *= T.ge(p, 0.0)
    return p


def unitnorm(p):
    return p / (1e-7 + T.sqrt(T.sum(p**2, axis=-1, keepdims=True)))


identity = lambda p: p


# objectives
def mse(t, p):
    return T.sqr(p - t).mean(axis=-1)


def mae(t, p):
    return T.abs_(p - t).mean(axis=-1)


def mape(t, p):
    return 100.0 * T.abs_((t - p) / T.clip(T.abs_(t), _EPSILON, np.inf)).mean(axis=-1)


def msle(t, p):
    return T.sqr(T.log(T.clip(p, _EPSILON, np.inf) + 1.0) - T.log(T.clip(t, _EPSILON, np.inf) + 1.0)).mean(axis=-1)


def squared_hinge(t, p):
    return T.sqr(T.maximum(1.0 - t * p, 0.0)).mean(axis=-1)


def hinge(t, p):
    return T.maximum(1.0 - t * p, 0.0).mean(axis=-1)


def cce(t, p):
    p = T.clip(p, _EPSILON, 1.0 - _EPSILON)
    p /= p.sum(axis=-1, keepdims=True)
    return T.nnet.categorical_crossentropy(p, t)


def bce(t, p):
    p = T.clip(p, _EPSILON, 1.0 - _EPSILON)
    return T.nnet.binary_crossentropy(p, t).mean(axis=-1)


def poisson(t, p):
    return T.mean(p - t * T.log(p + _EPSILON), axis=-1)


def kld(t, p):
    t = T.clip(t, _EPSILON, 1)
    p = T.clip(p, _EPSILON, 1)
    return T.sum(t * T.log(t / p), axis=-1)


def cosine(t, p):
    l2 = lambda x: x / T.maximum(T.sqrt(T.sum(T.sqr(x), axis=-1, keepdims=True)), _EPSILON)
    return -T.mean(l2(t) * l2(p), axis=-1)


def weighted(fn):
    def w(y_true, y_pred, weights, mask=None):
        score = fn(y_true, y_pred)
        score *= weights
        score /= T.mean(T.neq(weights, 0), dtype=theano.config.floatX)
        return T.mean(score)

    return w


rng = np.random.RandomState(1337)


def glorot(shape):
    s = np.sqrt(6.0 / (shape[0] + shape[1]))
    return sharedX(rng.uniform(-s, s, shape))


def hard_sigmoid(x):
    return T.nnet.hard_sigmoid(x)


def model(X, act, train):
    global Ps
    h = X
    for i, (W, b) in enumerate(Ps[:-1]):
        h = act(T.dot(h, W) + b)
        if train:
            rp = 0.75
            h *= srng.binomial(h.shape, p=rp, dtype=theano.config.floatX)
            h /= rp
    o = T.dot(h, Ps[-1][0]) + Ps[-1][1]
    e = T.exp(o - o.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True), o


Xv = floatX(rng.randn(32, 7))
yl = rng.randint(0, 4, 32)
Yv = floatX(np.eye(4)[yl])
Wv = floatX(rng.choice([0, 1, 2.0], 32))
acts = [
    T.tanh,
    lambda x: (x + abs(x)) / 2.0,
    T.nnet.softplus,
    hard_sigmoid,
    lambda x: x * (x > 1),
    lambda x: x / (1.0 + T.abs_(x)),
    lambda x: T.switch(x > 0, x, 1.0 * (T.exp(x) - 1)),
    lambda x: T.clip(x, 0, 6.0),
    lambda x: T.nnet.relu(x, alpha=0.3),
    lambda x: T.log(1 + T.exp(x)),
]
losses = [mse, mae, mape, msle, squared_hinge, hinge, cce, bce, poisson, kld, cosine]
opts = [
    lambda: SGD(0.1, 0.9, 1e-3, True, clipnorm=1.0),
    lambda: SGD(0.05, 0.5),
    lambda: RMSprop(0.01, clipvalue=0.1),
    lambda: Adadelta(),
    lambda: Adam(0.01),
]
cons = [maxnorm(1.0), nonneg, unitnorm, identity]
for i, l in enumerate(losses):
    act = acts[i % len(acts)]
    Ps = [(glorot((7, 10)), shared_zeros((10,))), (glorot((10, 6)), shared_zeros(6)), (glorot((6, 4)), shared_zeros(4))]
    params = [p for q in Ps for p in q]
    X = T.matrix()
    Y = T.matrix()
    w = T.vector()
    ptr, otr = model(X, act, True)
    pte, ote = model(X, act, False)
    if l in (squared_hinge, hinge, cosine):
        ptr, pte = otr, ote
    loss = weighted(l)(Y, ptr, w)
    for j, (W, b) in enumerate(Ps):
        loss += 0.001 * T.sum(abs(W)) * float(j == 0) + 1e-3 * T.sum(T.sqr(W)) + T.mean(b**2) * 1e-4
    tl = weighted(l)(Y, pte, w)
    c = [cons[(i + k) % 4] if p.ndim == 2 else identity for k, p in enumerate(params)]
    ups = opts[i % 5]().get_updates(params, c, loss)
    _train = theano.function(
        [X, Y, w],
        [loss, T.mean(T.eq(T.argmax(Y, axis=-1), T.argmax(ptr, axis=-1)))],
        updates=ups,
        allow_input_downcast=True,
        mode=None,
    )
    _test = theano.function([X, Y, w], tl, allow_input_downcast=True)
    for e in range(4):
        a, b = _train(Xv, Yv, Wv)
        print(l.__name__, e, repr(float(a)), repr(float(b)), repr(float(_test(Xv, Yv, Wv))))
    print([repr(float((p.get_value() ** 2).sum())) for p in params], set(p.get_value().dtype.name for p in params))
