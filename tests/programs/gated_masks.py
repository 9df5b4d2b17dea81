"""GRU and LSTM over sequences of different lengths, padded and masked, as in the DL4MT and LSTM tutorials."""

from collections import OrderedDict

import numpy
import theano
import theano.tensor as tensor
from theano import config

rng = numpy.random.RandomState(123)


def numpy_floatX(data):
    return numpy.asarray(data, dtype=config.floatX)


def square_weight(ndim):
    return (0.4 * rng.randn(ndim, ndim)).astype(config.floatX)


def norm_weight(nin, nout):
    return (0.1 * rng.randn(nin, nout)).astype(config.floatX)


def _slice(_x, n, dim):
    if _x.ndim == 3:
        return _x[:, :, n * dim : (n + 1) * dim]
    return _x[:, n * dim : (n + 1) * dim]


def gru_layer(tparams, state_below, mask, dim):
    nsteps = state_below.shape[0]
    n_samples = state_below.shape[1]
    state_below_ = tensor.dot(state_below, tparams["W"]) + tparams["b"]
    state_belowx = tensor.dot(state_below, tparams["Wx"]) + tparams["bx"]

    def _step_slice(m_, x_, xx_, h_, U, Ux):
        preact = tensor.dot(h_, U)
        preact += x_
        r = tensor.nnet.sigmoid(_slice(preact, 0, dim))
        u = tensor.nnet.sigmoid(_slice(preact, 1, dim))
        preactx = tensor.dot(h_, Ux)
        preactx = preactx * r
        preactx = preactx + xx_
        h = tensor.tanh(preactx)
        h = u * h_ + (1.0 - u) * h
        h = m_[:, None] * h + (1.0 - m_)[:, None] * h_
        return h

    init_states = [tensor.alloc(numpy_floatX(0.0), n_samples, dim)]
    rval, updates = theano.scan(
        _step_slice,
        sequences=[mask, state_below_, state_belowx],
        outputs_info=init_states,
        non_sequences=[tparams["U"], tparams["Ux"]],
        name="gru_layer",
        n_steps=nsteps,
        profile=False,
        strict=True,
    )
    return rval


def lstm_layer(tparams, state_below, mask, dim):
    nsteps = state_below.shape[0]
    n_samples = state_below.shape[1]

    def _step(m_, x_, h_, c_):
        preact = tensor.dot(h_, tparams["U"])
        preact += x_
        i = tensor.nnet.sigmoid(_slice(preact, 0, dim))
        f = tensor.nnet.sigmoid(_slice(preact, 1, dim))
        o = tensor.nnet.sigmoid(_slice(preact, 2, dim))
        c = tensor.tanh(_slice(preact, 3, dim))
        c = f * c_ + i * c
        c = m_[:, None] * c + (1.0 - m_)[:, None] * c_
        h = o * tensor.tanh(c)
        h = m_[:, None] * h + (1.0 - m_)[:, None] * h_
        return h, c

    state_below = tensor.dot(state_below, tparams["W"]) + tparams["b"]
    rval, updates = theano.scan(
        _step,
        sequences=[mask, state_below],
        outputs_info=[
            tensor.alloc(numpy_floatX(0.0), n_samples, dim),
            tensor.alloc(numpy_floatX(0.0), n_samples, dim),
        ],
        name="lstm_layers",
        n_steps=nsteps,
    )
    return rval[0]


def init(kind, dim_in, dim):
    params = OrderedDict()
    params["Wemb"] = norm_weight(15, dim_in)
    if kind == "gru":
        params["W"] = numpy.concatenate([norm_weight(dim_in, dim), norm_weight(dim_in, dim)], axis=1)
        params["b"] = numpy.zeros((2 * dim,)).astype(config.floatX)
        params["U"] = numpy.concatenate([square_weight(dim), square_weight(dim)], axis=1)
        params["Wx"] = norm_weight(dim_in, dim)
        params["Ux"] = square_weight(dim)
        params["bx"] = numpy.zeros((dim,)).astype(config.floatX)
    else:
        params["W"] = numpy.concatenate([norm_weight(dim_in, dim) for _ in range(4)], axis=1)
        params["U"] = numpy.concatenate([square_weight(dim) for _ in range(4)], axis=1)
        params["b"] = numpy.zeros((4 * dim,)).astype(config.floatX)
    params["Wout"] = norm_weight(dim, 3)
    return OrderedDict((k, theano.shared(v, name=k)) for k, v in params.items())


def itemlist(tparams):
    return [vv for kk, vv in tparams.items()]


def build_model(kind, dim_in, dim):
    tparams = init(kind, dim_in, dim)
    x = tensor.matrix("x", dtype="int64")
    mask = tensor.matrix("mask", dtype=config.floatX)
    y = tensor.vector("y", dtype="int64")
    n_timesteps = x.shape[0]
    n_samples = x.shape[1]
    emb = tparams["Wemb"][x.flatten()].reshape([n_timesteps, n_samples, dim_in])
    layer = gru_layer if kind == "gru" else lstm_layer
    proj = layer(tparams, emb, mask, dim)
    proj = (proj * mask[:, :, None]).sum(axis=0)
    proj = proj / mask.sum(axis=0)[:, None]
    pred = tensor.nnet.softmax(tensor.dot(proj, tparams["Wout"]))
    cost = -tensor.log(pred[tensor.arange(n_samples), y] + 1e-8).mean()
    grads = tensor.grad(cost, wrt=itemlist(tparams))
    g2 = sum((g**2).sum() for g in grads)
    grads = [tensor.switch(g2 > 0.25, g / tensor.sqrt(g2) * 0.5, g) for g in grads]
    updates = []
    for p, g in zip(itemlist(tparams), grads):
        rg2 = theano.shared(p.get_value() * numpy_floatX(0.0))
        ru2 = theano.shared(p.get_value() * numpy_floatX(0.0))
        rg2_new = 0.95 * rg2 + 0.05 * g**2
        ud = -tensor.sqrt(ru2 + 1e-6) / tensor.sqrt(rg2_new + 1e-6) * g
        updates += [(rg2, rg2_new), (ru2, 0.95 * ru2 + 0.05 * ud**2), (p, p + 10 * ud)]
    train = theano.function([x, mask, y], [cost, g2], updates=updates)
    predict = theano.function([x, mask], pred)
    return tparams, train, predict


def prepare_data(seqs):
    lengths = [len(s) for s in seqs]
    x = numpy.zeros((max(lengths), len(seqs))).astype("int64")
    x_mask = numpy.zeros((max(lengths), len(seqs))).astype(config.floatX)
    for idx, s in enumerate(seqs):
        x[: lengths[idx], idx] = s
        x_mask[: lengths[idx], idx] = 1.0
    return x, x_mask


for kind in ("gru", "lstm"):
    tparams, train, predict = build_model(kind, 4, 5)
    for epoch in range(6):
        seqs = [rng.randint(1, 15, size=n) for n in rng.randint(2, 9, size=5)]
        x, mask = prepare_data(seqs)
        y = numpy.array([s.sum() % 3 for s in seqs])
        cost, norm = train(x, mask, y)
        print("%s %d: %.8f %.8f" % (kind, epoch, cost, norm))
    print("%s %s" % (kind, " ".join("%.8f" % p for p in predict(x, mask)[:, 0])))
    print("%s U %.8f" % (kind, abs(tparams["U"].get_value()).sum()))
