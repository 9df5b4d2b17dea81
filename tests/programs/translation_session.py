# translation with attention, written as of 2015: dictionaries of parameters, prefixes, masks, adadelta, beam search
import numpy, numpy as np, theano
import theano.tensor as tensor
from theano import config
from theano.sandbox.rng_mrg import MRG_RandomStreams as RandomStreams
from collections import OrderedDict
import warnings, time, sys, copy, io


def _p(pp, name):
    return "%s_%s" % (pp, name)


numpy.random.seed(1234)
trng = RandomStreams(1234)


def ortho_weight(ndim):
    return (0.5 * numpy.random.randn(ndim, ndim)).astype(config.floatX)


def norm_weight(nin, nout=None, scale=0.1, ortho=True):
    if nout is None:
        nout = nin
    W = ortho_weight(nin) if nout == nin and ortho else scale * numpy.random.randn(nin, nout)
    return W.astype(config.floatX)


def init_tparams(params):
    tparams = OrderedDict()
    for kk, pp in params.items():
        tparams[kk] = theano.shared(params[kk], name=kk)
    return tparams


def zipp(params, tparams):
    for kk, vv in params.items():
        tparams[kk].set_value(vv)


def unzip(zipped):
    n = OrderedDict()
    for kk, vv in zipped.items():
        n[kk] = vv.get_value()
    return n


def itemlist(tparams):
    return [vv for kk, vv in tparams.items()]


def dropout_layer(state_before, use_noise, trng):
    return tensor.switch(
        use_noise,
        state_before * trng.binomial(state_before.shape, p=0.5, n=1, dtype=state_before.dtype),
        state_before * 0.5,
    )


def param_init_fflayer(options, params, prefix="ff", nin=None, nout=None, ortho=True):
    params[_p(prefix, "W")] = norm_weight(nin, nout, scale=0.01, ortho=ortho)
    params[_p(prefix, "b")] = numpy.zeros((nout,)).astype(config.floatX)
    return params


def fflayer(tparams, state_below, options, prefix="rconv", activ="lambda x: tensor.tanh(x)", **kwargs):
    return eval(activ)(tensor.dot(state_below, tparams[_p(prefix, "W")]) + tparams[_p(prefix, "b")])


def param_init_gru(options, params, prefix="gru", nin=None, dim=None):
    params[_p(prefix, "W")] = numpy.concatenate([norm_weight(nin, dim), norm_weight(nin, dim)], axis=1)
    params[_p(prefix, "b")] = numpy.zeros((2 * dim,)).astype(config.floatX)
    params[_p(prefix, "U")] = numpy.concatenate([ortho_weight(dim), ortho_weight(dim)], axis=1)
    params[_p(prefix, "Wx")] = norm_weight(nin, dim)
    params[_p(prefix, "bx")] = numpy.zeros((dim,)).astype(config.floatX)
    params[_p(prefix, "Ux")] = ortho_weight(dim)
    return params


def gru_layer(tparams, state_below, options, prefix="gru", mask=None, **kwargs):
    nsteps = state_below.shape[0]
    n_samples = state_below.shape[1] if state_below.ndim == 3 else 1
    dim = tparams[_p(prefix, "Ux")].shape[1]
    if mask is None:
        mask = tensor.ones((state_below.shape[0], 1), config.floatX)

    def _slice(_x, n, dim):
        return _x[:, :, n * dim : (n + 1) * dim] if _x.ndim == 3 else _x[:, n * dim : (n + 1) * dim]

    sb_, sbx = (
        tensor.dot(state_below, tparams[_p(prefix, "W")]) + tparams[_p(prefix, "b")],
        tensor.dot(state_below, tparams[_p(prefix, "Wx")]) + tparams[_p(prefix, "bx")],
    )

    def _step(m_, x_, xx_, h_, U, Ux):
        preact = tensor.dot(h_, U)
        preact += x_
        r = tensor.nnet.sigmoid(_slice(preact, 0, dim))
        u = tensor.nnet.sigmoid(_slice(preact, 1, dim))
        preactx = tensor.dot(h_, Ux) * r + xx_
        h = tensor.tanh(preactx)
        h = u * h_ + (1.0 - u) * h
        return m_[:, None] * h + (1.0 - m_)[:, None] * h_

    rval, updates = theano.scan(
        _step,
        sequences=[mask, sb_, sbx],
        outputs_info=[tensor.zeros((n_samples, dim), dtype=config.floatX)],
        non_sequences=[tparams[_p(prefix, "U")], tparams[_p(prefix, "Ux")]],
        name=_p(prefix, "_layers"),
        n_steps=nsteps,
        profile=False,
        strict=True,
    )
    return [rval]


def param_init_att(options, params, prefix="dec", nin=None, dim=None, dimctx=None):
    params = param_init_gru(options, params, prefix, nin, dim)
    params[_p(prefix, "Wc")] = norm_weight(dimctx, dim * 2)
    params[_p(prefix, "Wcx")] = norm_weight(dimctx, dim)
    params[_p(prefix, "Wd")] = norm_weight(dim, dimctx, ortho=False)
    params[_p(prefix, "Uatt")] = norm_weight(dimctx, 1)
    params[_p(prefix, "catt")] = numpy.zeros((1,), dtype=config.floatX)
    params[_p(prefix, "Watt")] = norm_weight(dimctx)
    return params


def gru_cond(tparams, below, options, prefix, mask, context, ctx_mask, init_state, one_step=False):
    dim = tparams[_p(prefix, "Ux")].shape[1]
    pctx = tensor.dot(context, tparams[_p(prefix, "Watt")])

    def _slice(_x, n, dim):
        return _x[:, n * dim : (n + 1) * dim]

    x, xx = (
        tensor.dot(below, tparams[_p(prefix, "W")]) + tparams[_p(prefix, "b")],
        tensor.dot(below, tparams[_p(prefix, "Wx")]) + tparams[_p(prefix, "bx")],
    )

    def _step(m_, x_, xx_, h_, c_, a_, pctx_, cc_, U, Ux, Wd, Uatt, catt, Wc, Wcx):
        p = tensor.tanh(pctx_ + tensor.dot(h_, Wd)[None, :, :])
        alpha = tensor.dot(p, Uatt) + catt
        alpha = alpha.reshape([alpha.shape[0], alpha.shape[1]])
        alpha = tensor.exp(alpha - alpha.max(0, keepdims=True))
        if ctx_mask:
            alpha = alpha * ctx_mask
        alpha = alpha / alpha.sum(0, keepdims=True)
        ctx_ = (cc_ * alpha[:, :, None]).sum(0)
        pre = tensor.nnet.sigmoid(tensor.dot(h_, U) + x_ + tensor.dot(ctx_, Wc))
        r, u = _slice(pre, 0, dim), _slice(pre, 1, dim)
        h = tensor.tanh(tensor.dot(h_, Ux) * r + xx_ + tensor.dot(ctx_, Wcx))
        h = u * h_ + (1.0 - u) * h
        h = m_[:, None] * h + (1.0 - m_)[:, None] * h_
        return h, ctx_, alpha.T

    sv = [tparams[_p(prefix, k)] for k in ("U", "Ux", "Wd", "Uatt", "catt", "Wc", "Wcx")]
    if one_step:
        return _step(*([mask, x, xx, init_state, None, None, pctx, context] + sv))
    return theano.scan(
        _step,
        sequences=[mask, x, xx],
        outputs_info=[
            init_state,
            tensor.zeros((below.shape[1], context.shape[2]), config.floatX),
            tensor.zeros((below.shape[1], context.shape[0]), config.floatX),
        ],
        non_sequences=[pctx, context] + sv,
        name=_p(prefix, "_layers"),
        n_steps=below.shape[0],
        strict=False,
    )[0]


opt = dict(dim_word=6, dim=5, n_words=9)
P = OrderedDict()
P["Wemb"] = norm_weight(9, 6)
P["Wemb_dec"] = norm_weight(9, 6)
P = param_init_gru(opt, P, "encoder", 6, 5)
P = param_init_gru(opt, P, "encoder_r", 6, 5)
P = param_init_fflayer(opt, P, "ff_state", 10, 5)
P = param_init_att(opt, P, "decoder", 6, 5, 10)
for nm, i in (("lstm", 5), ("prev", 6), ("ctx", 10)):
    P = param_init_fflayer(opt, P, "ff_logit_" + nm, i, 6, ortho=False)
P = param_init_fflayer(opt, P, "ff_logit", 6, 9)
tp = init_tparams(P)
use_noise = theano.shared(numpy.float32(0.0))
x = tensor.matrix("x", dtype="int64")
xm = tensor.matrix("x_mask", dtype=config.floatX)
y = tensor.matrix("y", dtype="int64")
ym = tensor.matrix("y_mask", dtype=config.floatX)
emb = tp["Wemb"][x.flatten()].reshape([x.shape[0], x.shape[1], 6])
embr = tp["Wemb"][x[::-1].flatten()].reshape([x.shape[0], x.shape[1], 6])
ctx = tensor.concatenate(
    [gru_layer(tp, emb, opt, "encoder", xm)[0], gru_layer(tp, embr, opt, "encoder_r", xm[::-1])[0][::-1]], axis=2
)
cm = (ctx * xm[:, :, None]).sum(0) / xm.sum(0)[:, None]
init = fflayer(tp, cm, opt, "ff_state")
ye = tp["Wemb_dec"][y.flatten()].reshape([y.shape[0], y.shape[1], 6])
sh = tensor.zeros_like(ye)
sh = tensor.set_subtensor(sh[1:], ye[:-1])
h, cs, al = gru_cond(tp, sh, opt, "decoder", ym, ctx, xm, init)
lg = tensor.tanh(
    fflayer(tp, h, opt, "ff_logit_lstm", "lambda x: x")
    + fflayer(tp, sh, opt, "ff_logit_prev", "lambda x: x")
    + fflayer(tp, cs, opt, "ff_logit_ctx", "lambda x: x")
)
lg = dropout_layer(lg, use_noise, trng)
lg = fflayer(tp, lg, opt, "ff_logit", "lambda x: x")
pr = tensor.nnet.softmax(lg.reshape([lg.shape[0] * lg.shape[1], lg.shape[2]]))
yf = y.flatten()
cost = -tensor.log(pr.flatten()[tensor.arange(yf.shape[0]) * 9 + yf])
cost = (cost.reshape([y.shape[0], y.shape[1]]) * ym).sum(0)
f_log = theano.function([x, xm, y, ym], cost, profile=False)
c = (
    cost.mean()
    + 1e-3 * ((tp["ff_logit_W"] ** 2).sum() + (tp["Wemb"] ** 2).sum())
    + 0.1 * ((tensor.cast(ym.sum(0) // xm.sum(0), config.floatX)[:, None] - al.sum(0)) ** 2).sum(1).mean()
)
grads = tensor.grad(c, wrt=itemlist(tp))
g2 = tensor.stack([(g**2).sum() for g in grads]).sum()
clip = 1.0
grads = [tensor.switch(g2 > clip**2, g / tensor.sqrt(g2) * clip, g) for g in grads]


def adadelta(lr, tparams, grads, inp, cost):
    zg = [theano.shared(p.get_value() * numpy.float32(0.0), name="%s_grad" % k) for k, p in tparams.items()]
    ru2 = [theano.shared(p.get_value() * numpy.float32(0.0), name="%s_rup2" % k) for k, p in tparams.items()]
    rg2 = [theano.shared(p.get_value() * numpy.float32(0.0), name="%s_rgrad2" % k) for k, p in tparams.items()]
    f1 = theano.function(
        inp,
        cost,
        updates=[(a, g) for a, g in zip(zg, grads)] + [(a, 0.95 * a + 0.05 * g**2) for a, g in zip(rg2, grads)],
        profile=False,
    )
    ud = [-tensor.sqrt(a + 1e-6) / tensor.sqrt(b + 1e-6) * z for z, a, b in zip(zg, ru2, rg2)]
    f2 = theano.function(
        [lr],
        [],
        updates=[(a, 0.95 * a + 0.05 * u**2) for a, u in zip(ru2, ud)]
        + [(p, p + u) for p, u in zip(itemlist(tparams), ud)],
        on_unused_input="ignore",
        profile=False,
    )
    return f1, f2


lr = tensor.scalar(name="lr")
f1, f2 = adadelta(lr, tp, grads, [x, xm, y, ym], c)
r = numpy.random.RandomState(2)
for it in range(5):
    X, Y = r.randint(0, 9, (4, 3)), r.randint(0, 9, (5, 3))
    xk, yk = numpy.ones((4, 3), config.floatX), numpy.ones((5, 3), config.floatX)
    xk[3:, 1] = 0
    yk[2:, 2] = 0
    if it == 3:
        use_noise.set_value(1.0)
    print(it, float(f1(X, xk, Y, yk)), end=" ")
    f2(0.01)
    print(f_log(X, xk, Y, yk).tolist())
best = unzip(tp)
saved = io.BytesIO()
numpy.savez(saved, zipped_params=1, **best)
saved.seek(0)
pp = numpy.load(saved)
zipp({k: pp[k] for k in best}, tp)
print(sorted(best)[:3], float(sum(abs(v).sum() for v in best.values())))
st, yin, cc = tensor.matrix("st"), tensor.vector("ys", dtype="int64"), tensor.tensor3("cc")
e1 = tensor.switch(yin[:, None] < 0, tensor.zeros((1, 6), config.floatX), tp["Wemb_dec"][yin])
h1, c1, a1 = gru_cond(tp, e1, opt, "decoder", tensor.ones((e1.shape[0],), config.floatX), cc, None, st, True)
l1 = fflayer(
    tp,
    tensor.tanh(
        fflayer(tp, h1, opt, "ff_logit_lstm", "lambda x: x")
        + fflayer(tp, e1, opt, "ff_logit_prev", "lambda x: x")
        + fflayer(tp, c1, opt, "ff_logit_ctx", "lambda x: x")
    ),
    opt,
    "ff_logit",
    "lambda x: x",
)
np1 = tensor.nnet.softmax(l1)
ns = trng.multinomial(pvals=np1).argmax(1)
f_init = theano.function(
    [x], [init, ctx], givens={xm: tensor.ones_like(x, dtype=config.floatX)}, name="f_init", profile=False
)
f_next = theano.function([yin, cc, st], [np1, ns, h1], name="f_next", profile=False)


def beam(xv, k=3, L=4):
    s0, c0 = f_init(xv)
    hs, sc, sts, w = [[]], numpy.zeros(1), [s0[0]], -1 * numpy.ones((1,)).astype("int64")
    for ii in range(L):
        p, n, s1 = f_next(w, numpy.tile(c0, [len(hs), 1]), numpy.array(sts))
        cand = (sc[:, None] - numpy.log(p)).flatten()
        rk = cand.argsort()[:k]
        ti, wi = rk // p.shape[1], rk % p.shape[1]
        hs = [hs[a] + [int(b)] for a, b in zip(ti, wi)]
        sc = cand[rk]
        sts = [s1[a] for a in ti]
        w = numpy.array([q[-1] for q in hs])
    return hs, sc


o = beam(X[:, :1])
print(o[0], o[1].tolist())
