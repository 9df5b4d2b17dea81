import numpy as np, theano, theano.tensor as T
from theano.tensor.shared_randomstreams import RandomStreams
from theano.sandbox.rng_mrg import MRG_RandomStreams
import collections, sys

fx = theano.config.floatX


class VAE:
    def __init__(self, srng, cont, n=10, h=12, z=3, L=2):
        self.prng = np.random.RandomState(10)
        i = lambda a, b: theano.shared(self.prng.normal(0, 0.1, (a, b)).astype(fx))
        o = lambda a: theano.shared(np.zeros((a,), fx))
        self.p = collections.OrderedDict(
            [
                ("W_xh", i(n, h)),
                ("b_xh", o(h)),
                ("W_hmu", i(h, z)),
                ("b_hmu", o(z)),
                ("W_hs", i(h, z)),
                ("b_hs", o(z)),
                ("W_zh", i(z, h)),
                ("b_zh", o(h)),
                ("W_hx", i(h, n)),
                ("b_hx", o(n)),
                ("W_hxs", i(h, n)),
                ("b_hxs", o(n)),
            ]
        )
        p = self.p
        x = T.matrix("x")
        epoch = T.scalar("epoch")
        hid = (
            T.nnet.softplus(T.dot(x, p["W_xh"]) + p["b_xh"].dimshuffle("x", 0))
            if cont
            else T.tanh(T.dot(x, p["W_xh"]) + p["b_xh"])
        )
        mu = T.dot(hid, p["W_hmu"]) + p["b_hmu"].dimshuffle("x", 0)
        ls = T.dot(hid, p["W_hs"]) + p["b_hs"]
        logpx = 0
        for l in range(L):
            if isinstance(srng, MRG_RandomStreams):
                eps = srng.normal(mu.shape, dtype=fx)
            else:
                eps = srng.normal(size=mu.shape, dtype=fx)
            zz = mu + T.exp(0.5 * ls) * eps
            hd = T.tanh(T.dot(zz, p["W_zh"]) + p["b_zh"].dimshuffle("x", 0))
            if cont:
                rm = T.nnet.sigmoid(T.dot(hd, p["W_hx"]) + p["b_hx"])
                lsd = T.dot(hd, p["W_hxs"]) + p["b_hxs"]
                logpx += (-(0.5 * np.log(2 * np.pi) + 0.5 * lsd) - 0.5 * ((x - rm) ** 2 / T.exp(lsd))).sum(
                    axis=1, keepdims=True
                )
            else:
                rx = T.nnet.sigmoid(T.dot(hd, p["W_hx"]) + p["b_hx"].dimshuffle("x", 0))
                logpx += -T.nnet.binary_crossentropy(rx, x).sum(axis=1, keepdims=True)
        logpx /= L
        D = 0.5 * T.sum(1 + ls - mu**2 - T.exp(ls), axis=1, keepdims=True)
        lb = T.mean(logpx + D)
        ps = list(p.values())[: 10 if not cont else 12]
        g = T.grad(lb, ps)
        b1, b2, lr = 0.9, 0.999, 3e-3
        gamma = T.sqrt(1 - (1 - b2) ** epoch) / (1 - (1 - b1) ** epoch)
        m = [theano.shared(q.get_value() * 0) for q in ps]
        v = [theano.shared(q.get_value() * 0) for q in ps]
        ups = collections.OrderedDict()
        for q, gg, mm, vv in zip(ps, g, m, v):
            gg = T.clip(gg, -10, 10)
            nm = 0.1 * gg + (1 - 0.1) * mm
            nv = 0.001 * gg**2 + (1 - 0.001) * vv
            ups[q] = q + lr * gamma * nm / (T.sqrt(nv) + 1e-8)
            if "W" in [k for k in p if p[k] is q][0]:
                ups[q] -= lr * 0.0001 * (q * np.float32(1))
            ups[mm] = nm
            ups[vv] = nv
        data = theano.shared((self.prng.rand(60, n) ** 2).astype(fx))
        index = T.iscalar("index")
        self.update = theano.function(
            [index, epoch], lb, updates=ups, givens={x: data[index * 20 : index * 20 + 20, :]}
        )
        self.lik = theano.function([], lb, givens={x: data}, no_default_updates=True)
        self.enc = theano.function([x], [mu, T.exp(ls)])


for srng in (RandomStreams(5), MRG_RandomStreams(5)):
    for cont in (False, True):
        v = VAE(srng, cont)
        for e in range(6):
            print(
                type(srng).__name__,
                cont,
                [repr(float(v.update(i, e + 1))) for i in range(3)],
                repr(float(v.lik())),
                repr(float(v.lik())),
            )
        print([repr(float(abs(q).sum())) for q in v.enc(np.ones((3, 10), fx))])
