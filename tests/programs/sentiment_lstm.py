import numpy, theano
from theano import tensor

fx = theano.config.floatX


def numpy_floatX(data):
    return numpy.asarray(data, dtype=theano.config.floatX)


rng = numpy.random.RandomState(123)
dim, nin, steps = 5, 4, 5


def _slice(_x, n, dim):
    if _x.ndim == 3:
        return _x[:, :, n * dim : (n + 1) * dim]
    return _x[:, n * dim : (n + 1) * dim]


W = theano.shared(rng.randn(nin, 4 * dim).astype(fx) * numpy_floatX(0.3), "lstm_W")
U = theano.shared(numpy.concatenate([0.4 * rng.randn(dim, dim) for _ in range(4)], axis=1).astype(fx), "lstm_U")
b = theano.shared(numpy.zeros(4 * dim, fx), "lstm_b")
Wy = theano.shared(0.01 * rng.randn(dim, 2).astype(fx), "Wy")
by = theano.shared(numpy.zeros(2, fx), "by")
use_noise = theano.shared(numpy_floatX(0.0))
from theano.sandbox.rng_mrg import MRG_RandomStreams as RandomStreams

trng = RandomStreams(123)
x = tensor.tensor3("x", dtype=fx)
mask = tensor.matrix("mask", dtype=fx)
y = tensor.vector("y", dtype="int64")
n_samples = x.shape[1]
h = tensor.alloc(numpy_floatX(0.0), n_samples, dim)
c = tensor.alloc(numpy_floatX(0.0), n_samples, dim)
state = tensor.dot(x, W) + b
outs = []
for t in range(steps):
    preact = tensor.dot(h, U)
    preact += state[t]
    i = tensor.nnet.sigmoid(_slice(preact, 0, dim))
    f = tensor.nnet.sigmoid(_slice(preact, 1, dim))
    o = tensor.nnet.sigmoid(_slice(preact, 2, dim))
    g = tensor.tanh(_slice(preact, 3, dim))
    cn = f * c + i * g
    cn = mask[t][:, None] * cn + (1.0 - mask[t])[:, None] * c
    hn = o * tensor.tanh(cn)
    hn = mask[t][:, None] * hn + (1.0 - mask[t])[:, None] * h
    h, c = hn, cn
    outs.append(h)
proj = tensor.stack(outs, axis=0)
proj = (proj * mask[:, :, None]).sum(axis=0)
proj = proj / mask.sum(axis=0)[:, None]


def dropout_layer(state_before, use_noise, trng):
    return tensor.switch(
        use_noise,
        (state_before * trng.binomial(state_before.shape, p=0.5, n=1, dtype=state_before.dtype)),
        state_before * 0.5,
    )


proj = dropout_layer(proj, use_noise, trng)
pred = tensor.nnet.softmax(tensor.dot(proj, Wy) + by)
f_pred_prob = theano.function([x, mask], pred, name="f_pred_prob")
f_pred = theano.function([x, mask], pred.argmax(axis=1), name="f_pred")
off = 1e-8
if pred.dtype == "float16":
    off = 1e-6
cost = -tensor.log(pred[tensor.arange(n_samples), y] + off).mean()
decay_c = theano.shared(numpy_floatX(0.01), name="decay_c")
weight_decay = 0.0
weight_decay += (Wy**2).sum()
weight_decay *= decay_c
cost += weight_decay
tparams = [W, U, b, Wy, by]
grads = tensor.grad(cost, wrt=tparams)
lr = tensor.scalar(name="lr")
zipped_grads = [theano.shared(p.get_value() * numpy_floatX(0.0), name="%s_grad" % p.name) for p in tparams]
running_up2 = [theano.shared(p.get_value() * numpy_floatX(0.0), name="%s_rup2" % p.name) for p in tparams]
running_grads2 = [theano.shared(p.get_value() * numpy_floatX(0.0), name="%s_rgrad2" % p.name) for p in tparams]
zgup = [(zg, g) for zg, g in zip(zipped_grads, grads)]
rg2up = [(rg2, 0.95 * rg2 + 0.05 * (g**2)) for rg2, g in zip(running_grads2, grads)]
f_grad_shared = theano.function([x, mask, y], cost, updates=zgup + rg2up, name="adadelta_f_grad_shared")
updir = [
    -tensor.sqrt(ru2 + 1e-6) / tensor.sqrt(rg2 + 1e-6) * zg
    for zg, ru2, rg2 in zip(zipped_grads, running_up2, running_grads2)
]
ru2up = [(ru2, 0.95 * ru2 + 0.05 * (ud**2)) for ru2, ud in zip(running_up2, updir)]
param_up = [(p, p + ud) for p, ud in zip(tparams, updir)]
f_update = theano.function([lr], [], updates=ru2up + param_up, on_unused_input="ignore", name="adadelta_f_update")
d = numpy.random.RandomState(4)
for it in range(15):
    xv = d.randn(steps, 6, nin).astype(fx)
    yv = (xv[0, :, 0] > 0).astype("int64")
    mv = (numpy.arange(steps)[:, None] < d.randint(1, steps + 1, 6)[None]).astype(fx)
    use_noise.set_value(1.0)
    cst = f_grad_shared(xv, mv, yv)
    f_update(1e-3)
    use_noise.set_value(0.0)
    if numpy.isnan(cst) or numpy.isinf(cst):
        print("bad cost detected: ", cst)
    print(it, repr(float(cst)), f_pred(xv, mv), f_pred_prob(xv, mv)[0].tolist())
