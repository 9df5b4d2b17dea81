# a small layer library in the style of Lasagne, with its update rules
from collections import OrderedDict
import numpy as np, theano, theano.tensor as T
from theano.tensor.nnet import conv2d, batch_normalization
from theano.tensor.signal.pool import pool_2d
from theano.sandbox.rng_mrg import MRG_RandomStreams

fx = theano.config.floatX
rng = np.random.RandomState(42)
floatX = lambda a: np.asarray(a, dtype=fx)


class Init(object):
    def __call__(self, shape):
        return floatX(self.sample(shape))


class GlorotUniform(Init):
    def __init__(self, gain=1.0):
        self.gain = np.sqrt(2) if gain == "relu" else gain

    def sample(self, shape):
        n1, n2 = shape[:2]
        rf = np.prod(shape[2:])
        std = self.gain * np.sqrt(2.0 / ((n1 + n2) * rf))
        return rng.uniform(-np.sqrt(3) * std, np.sqrt(3) * std, size=shape)


class Const(Init):
    def __init__(self, v=0.0):
        self.v = v

    def sample(self, shape):
        return np.ones(shape) * self.v


def create_param(spec, shape, name=None):
    shape = tuple(shape)
    if any(d <= 0 for d in shape):
        raise ValueError("bad shape %r" % (shape,))
    if isinstance(spec, theano.Variable):
        return spec
    bcast = tuple(s == 1 for s in shape)
    return theano.shared(spec(shape), broadcastable=bcast, name=name)


class Layer(object):
    def __init__(self, incoming, name=None):
        if isinstance(incoming, tuple):
            self.input_shape, self.input_layer = incoming, None
        else:
            self.input_shape, self.input_layer = incoming.output_shape, incoming
        self.params = OrderedDict()
        self.name = name

    @property
    def output_shape(self):
        return self.get_output_shape_for(self.input_shape)

    def get_output_shape_for(self, s):
        return s

    def add_param(self, spec, shape, name, **tags):
        p = create_param(spec, shape, name)
        tags["trainable"] = tags.get("trainable", True)
        tags["regularizable"] = tags.get("regularizable", True)
        self.params[p] = set(t for t, v in tags.items() if v)
        return p


class InputLayer(Layer):
    def __init__(self, shape, input_var=None):
        Layer.__init__(self, tuple(shape))
        self.shape = shape
        self.input_var = input_var if input_var is not None else T.TensorType(fx, (False,) * len(shape))("input")


class DenseLayer(Layer):
    def __init__(self, incoming, num_units, W=GlorotUniform(), b=Const(0.0), nonlinearity=T.nnet.relu, **k):
        Layer.__init__(self, incoming, **k)
        self.num_units = num_units
        self.nl = nonlinearity
        self.W = self.add_param(W, (int(np.prod(self.input_shape[1:])), num_units), "W")
        self.b = self.add_param(b, (num_units,), "b", regularizable=False) if b is not None else None

    def get_output_shape_for(self, s):
        return (s[0], self.num_units)

    def get_output_for(self, input, **k):
        if input.ndim > 2:
            input = input.flatten(2)
        a = T.dot(input, self.W)
        if self.b is not None:
            a = a + self.b.dimshuffle("x", 0)
        return self.nl(a)


class Conv2D(Layer):
    def __init__(self, incoming, nf, fs, stride=(1, 1), pad=0, **k):
        Layer.__init__(self, incoming, **k)
        self.nf, self.fs, self.stride, self.pad = nf, fs, stride, pad
        self.W = self.add_param(GlorotUniform(), (nf, self.input_shape[1]) + fs, "W")
        self.b = self.add_param(Const(), (nf,), "b", regularizable=False)

    def get_output_shape_for(self, s):
        p = self.fs[0] // 2 if self.pad == "same" else self.pad
        return (s[0], self.nf) + tuple(
            None if d is None else (d + 2 * p - f) // st + 1 for d, f, st in zip(s[2:], self.fs, self.stride)
        )

    def get_output_for(self, input, **k):
        o = conv2d(
            input,
            self.W,
            self.input_shape,
            (self.nf, self.input_shape[1]) + self.fs,
            subsample=self.stride,
            border_mode="full",
            filter_flip=True,
        )[:, :, 1:-1, 1:-1]
        return T.nnet.elu(o + self.b.dimshuffle("x", 0, "x", "x"))


class Pool(Layer):
    def get_output_shape_for(self, s):
        return s[:2] + tuple(d // 2 for d in s[2:])

    def get_output_for(self, input, **k):
        return pool_2d(input, ws=(2, 2), stride=(2, 2), ignore_border=True, pad=(0, 0), mode="max")


class BatchNorm(Layer):
    def __init__(self, incoming, axes="auto", epsilon=1e-4, alpha=0.1):
        Layer.__init__(self, incoming)
        self.axes = (0,) + tuple(range(2, len(self.input_shape))) if axes == "auto" else axes
        shape = [s for i, s in enumerate(self.input_shape) if i not in self.axes]
        self.epsilon, self.alpha = epsilon, alpha
        self.beta = self.add_param(Const(0), shape, "beta", regularizable=False)
        self.gamma = self.add_param(Const(1), shape, "gamma")
        self.mean = self.add_param(Const(0), shape, "mean", trainable=False, regularizable=False)
        self.inv_std = self.add_param(Const(1), shape, "inv_std", trainable=False, regularizable=False)

    def get_output_for(self, input, deterministic=False, **k):
        im = input.mean(self.axes)
        iis = T.inv(T.sqrt(input.var(self.axes) + self.epsilon))
        if deterministic:
            mean, inv_std = self.mean, self.inv_std
        else:
            mean, inv_std = im, iis
            rm = theano.clone(self.mean, share_inputs=False)
            ri = theano.clone(self.inv_std, share_inputs=False)
            rm.default_update = (1 - self.alpha) * rm + self.alpha * im
            ri.default_update = (1 - self.alpha) * ri + self.alpha * iis
            mean += 0 * rm
            inv_std += 0 * ri
        pa = iter(range(input.ndim - len(self.axes)))
        pattern = ["x" if a in self.axes else next(pa) for a in range(input.ndim)]
        return (input - mean.dimshuffle(pattern)) * (
            self.gamma.dimshuffle(pattern) * inv_std.dimshuffle(pattern)
        ) + self.beta.dimshuffle(pattern)


class Dropout(Layer):
    def __init__(self, incoming, p=0.5):
        Layer.__init__(self, incoming)
        self.p = p
        self._srng = MRG_RandomStreams(rng.randint(1, 2147462579))

    def get_output_for(self, input, deterministic=False, **k):
        if deterministic:
            return input
        one = T.constant(1)
        retain = one - self.p
        input /= retain
        mask = self._srng.binomial(input.shape, p=retain, dtype=input.dtype)
        return input * mask


def all_layers(l):
    r = []
    while l is not None:
        r.append(l)
        l = l.input_layer
    return r[::-1]


def get_output(l, **k):
    ls = all_layers(l)
    e = ls[0].input_var
    for q in ls[1:]:
        e = q.get_output_for(e, **k)
    return e


def get_params(l, **tags):
    return [p for q in all_layers(l) for p, t in q.params.items() if all((n in t) == v for n, v in tags.items())]


def get_or_compute_grads(l, params):
    if any(not isinstance(p, theano.compile.SharedVariable) for p in params):
        raise ValueError("params must contain shared variables only")
    return l if isinstance(l, list) else theano.grad(l, params)


def z(p):
    v = p.get_value(borrow=True)
    return theano.shared(np.zeros(v.shape, dtype=v.dtype), broadcastable=p.broadcastable)


def sgd(l, ps, learning_rate=0.1):
    return OrderedDict((p, p - learning_rate * g) for p, g in zip(ps, get_or_compute_grads(l, ps)))


def apply_momentum(u, params=None, momentum=0.9, nesterov=False):
    params = u.keys() if params is None else params
    u = OrderedDict(u)
    for p in params:
        v = z(p)
        x = momentum * v + u[p]
        if nesterov:
            x = momentum * v + u[p] - p
            u[v] = x
            u[p] = momentum * x + u[p]
        else:
            u[v] = x - p
            u[p] = x
    return u


def momentum(l, ps):
    return apply_momentum(sgd(l, ps, 0.05))


def nesterov(l, ps):
    return apply_momentum(sgd(l, ps, 0.05), nesterov=True)


def adagrad(l, ps, lr=0.1, eps=1e-6):
    u = OrderedDict()
    for p, g in zip(ps, get_or_compute_grads(l, ps)):
        a = z(p)
        an = a + g**2
        u[a] = an
        u[p] = p - lr * g / T.sqrt(an + eps)
    return u


def rmsprop(l, ps, lr=0.01, rho=0.9, eps=1e-6):
    u = OrderedDict()
    one = T.constant(1)
    for p, g in zip(ps, get_or_compute_grads(l, ps)):
        a = z(p)
        an = rho * a + (one - rho) * g**2
        u[a] = an
        u[p] = p - lr * g / T.sqrt(an + eps)
    return u


def adadelta(l, ps, lr=1.0, rho=0.95, eps=1e-6):
    u = OrderedDict()
    one = T.constant(1)
    for p, g in zip(ps, get_or_compute_grads(l, ps)):
        a, d = z(p), z(p)
        an = rho * a + (one - rho) * g**2
        u[a] = an
        up = g * T.sqrt(d + eps) / T.sqrt(an + eps)
        u[p] = p - lr * up
        u[d] = rho * d + (one - rho) * up**2
    return u


def adam(l, ps, lr=0.01, b1=0.9, b2=0.999, eps=1e-8):
    tp = theano.shared(floatX(0.0))
    u = OrderedDict()
    one = T.constant(1)
    t = tp + 1
    a_t = lr * T.sqrt(one - b2**t) / (one - b1**t)
    for p, g in zip(ps, get_or_compute_grads(l, ps)):
        m, v = z(p), z(p)
        mt = b1 * m + (one - b1) * g
        vt = b2 * v + (one - b2) * g**2
        u[m] = mt
        u[v] = vt
        u[p] = p - a_t * mt / (T.sqrt(vt) + eps)
    u[tp] = t
    return u


def adamax(l, ps, lr=0.01, b1=0.9, b2=0.999, eps=1e-8):
    tp = theano.shared(floatX(0.0))
    u = OrderedDict()
    one = T.constant(1)
    t = tp + 1
    a_t = lr / (one - b1**t)
    for p, g in zip(ps, get_or_compute_grads(l, ps)):
        m, v = z(p), z(p)
        mt = b1 * m + (one - b1) * g
        ut = T.maximum(b2 * v, abs(g))
        u[m] = mt
        u[v] = ut
        u[p] = p - a_t * mt / (ut + eps)
    u[tp] = t
    return u


def norm_constraint(t, max_norm, epsilon=1e-7):
    sum_over = tuple(range(1, t.ndim)) if t.ndim != 2 else (0,)
    dt = np.dtype(fx).type
    norms = T.sqrt(T.sum(T.sqr(t), axis=sum_over, keepdims=True))
    target = T.clip(norms, 0, dt(max_norm))
    return t * (target / (dt(epsilon) + norms))


def total_norm_constraint(ts, max_norm, epsilon=1e-7):
    norm = T.sqrt(sum(T.sum(t**2) for t in ts))
    dtype = np.dtype(fx).type
    tn = T.clip(norm, 0, dtype(max_norm))
    m = tn / (dtype(epsilon) + norm)
    return [t * m for t in ts], norm


X = floatX(rng.randn(24, 2, 8, 8))
Y = rng.randint(0, 3, 24).astype("int32")
for rule in (momentum, nesterov, adadelta, adamax):
    x = T.tensor4("x")
    y = T.ivector("y")
    l = InputLayer((None, 2, 8, 8), x)
    l = Conv2D(l, 3, (3, 3), pad="same")
    l = BatchNorm(l)
    l = Pool(l)
    l = Dropout(l, 0.2)
    l = DenseLayer(l, 6)
    l = DenseLayer(l, 3, nonlinearity=T.nnet.softmax)
    pred = get_output(l)
    ps = get_params(l, trainable=True)
    loss = T.nnet.categorical_crossentropy(pred, y).mean() + 1e-3 * sum(
        T.sum(p**2) for p in get_params(l, regularizable=True)
    )
    gs, norm = total_norm_constraint(T.grad(loss, ps), 2.0)
    ups = rule(gs, ps)
    for p in get_params(l, regularizable=True):
        if p.ndim > 1:
            ups[p] = norm_constraint(ups[p], 1.5)
    f = theano.function([x, y], [loss, norm], updates=ups)
    test = get_output(l, deterministic=True)
    g = theano.function([x, y], T.mean(T.eq(T.argmax(test, axis=1), y), dtype=fx))
    for i in range(3):
        r = f(X, Y)
    print(
        rule.__name__, [float(v) for v in r], float(g(X, Y)), [float(abs(p.get_value()).sum()) for p in get_params(l)]
    )
print([str(p) for p in ps], l.output_shape)
try:
    sgd(loss, [loss])
except ValueError as e:
    print(e)
