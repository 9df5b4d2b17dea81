# model, trainer and monitor classes in the manner of theanets, downhill and nolearn: callables, checkpoints, early stop
import copy
import itertools
import os
import pickle
import tempfile

import numpy as np
import theano
import theano.tensor as T
from theano.tensor.shared_randomstreams import RandomStreams

fx = theano.config.floatX


def logit(name, shape, rng):
    return theano.shared((rng.randn(*shape) / np.sqrt(shape[0])).astype(fx), name=name, borrow=True)


class Layer(object):
    _count = 0

    def __init__(self, **kwargs):
        Layer._count += 1
        self.name = kwargs.get("name", "l%d" % (Layer._count % 100))
        self.kwargs = kwargs
        self.params = []

    def __getstate__(self):
        return {k: v for k, v in self.__dict__.items() if not k.startswith("_")}


class Dense(Layer):
    activations = {
        "tanh": T.tanh,
        "logistic": T.nnet.sigmoid,
        "relu": lambda x: (x + abs(x)) / 2,
        "linear": lambda x: x,
    }

    def __init__(self, nin, nout, activation, rng, **kwargs):
        super(Dense, self).__init__(**kwargs)
        self.activation = activation
        self.w, self.b = (
            logit("w_" + self.name, (nin, nout), rng),
            theano.shared(np.zeros(nout, fx), name="b_" + self.name),
        )
        self.params = [self.w, self.b]

    def __call__(self, x):
        return self.activations[self.activation](T.dot(x, self.w) + self.b)


class Network(object):
    def __init__(self, sizes, noise=0.0, seed=3):
        rng = np.random.RandomState(seed)
        self.x = T.matrix("x")
        self.layers, z = [], self.x
        self.rng = RandomStreams(seed)
        if noise:
            z = z + self.rng.normal(size=z.shape, std=noise, dtype=fx)
        self.hiddens = []
        for i, (nin, nout) in enumerate(zip(sizes, sizes[1:])):
            layer = Dense(nin, nout, "tanh" if i < len(sizes) - 2 else "linear", rng, name="layer%d" % i)
            z = layer(z)
            self.hiddens.append(z)
            self.layers.append(layer)
        self.y = z

    @property
    def params(self):
        return list(itertools.chain.from_iterable(l.params for l in self.layers))

    @property
    def cost(self):
        if not hasattr(self, "target"):
            self.target = T.matrix("target")
        err = self.y - self.target
        return T.mean((err * err).sum(axis=1)[:, None])

    @property
    def monitors(self):
        yield "err", self.cost
        for i, h in enumerate(self.hiddens):
            yield "h%d<0.1" % i, (100 * (abs(h) < 0.1)).mean(dtype=fx)

    def save(self, path):
        with open(path, "wb") as handle:
            pickle.dump([p.get_value() for p in self.params], handle, protocol=2)

    def load(self, path):
        with open(path, "rb") as handle:
            for p, v in zip(self.params, pickle.load(handle)):
                p.set_value(v)


class Trainer(object):
    def __init__(self, network, method, **kwargs):
        c = network.cost
        names, exprs = zip(*network.monitors)
        self.names, self.network = names, network
        ins = [network.x, network.target]
        self.f_eval = theano.function(ins, exprs)
        self.params, self.best = network.params, None
        grads = [T.grad(c, p) for p in self.params]
        norm = T.sqrt(sum(T.sum(g * g) for g in grads))
        grads = [g * T.minimum(1, kwargs.get("max_norm", 5.0) / norm) for g in grads]
        self.f_learn = theano.function(ins, exprs[0], updates=list(getattr(self, method)(grads, **kwargs)))

    def sgd(self, grads, lr=0.05, momentum=0.5, **kwargs):
        for p, g in zip(self.params, grads):
            v = theano.shared(p.get_value() * 0, name="%s_vel" % p.name)
            v1 = momentum * v - lr * g
            yield p, p + v1
            yield v, v1

    def rprop(self, grads, lr=0.01, **kwargs):
        for p, g in zip(self.params, grads):
            g0, s0 = theano.shared(p.get_value() * 0), theano.shared(np.ones_like(p.get_value()) * np.asarray(lr, fx))
            gg = g0 * g
            s = T.clip(T.switch(T.gt(gg, 0), s0 * 1.05, T.switch(T.lt(gg, 0), s0 * 0.7, s0)), 1e-5, 1)
            g1 = T.switch(T.lt(gg, 0), np.asarray(0, fx), g)
            yield p, p - T.sgn(g1) * s
            yield g0, g1
            yield s0, T.cast(s, fx)

    def train(self, train, valid, patience=2):
        best_cost, since = 1e9, 0
        for i in itertools.count():
            costs = [float(self.f_learn(*b)) for b in train]
            values = dict(zip(self.names, np.mean([[float(q) for q in self.f_eval(*b)] for b in valid], axis=0)))
            if values["err"] < best_cost * 0.99:
                best_cost, since, self.best = (
                    values["err"],
                    0,
                    [copy.deepcopy(p.get_value(borrow=True)) for p in self.params],
                )
            else:
                since += 1
            yield np.mean(costs), values
            if since >= patience or i > 6:
                break
        for p, v in zip(self.params, self.best):
            p.set_value(v, borrow=True)


rng = np.random.RandomState(5)
D = rng.randn(60, 3).astype(fx)
L = np.concatenate([np.sin(D[:, :1]), D[:, 1:2] * D[:, 2:]], axis=1).astype(fx)
batches = [(D[i : i + 15], L[i : i + 15]) for i in range(0, 45, 15)]
for method, noise in (("sgd", 0.1), ("rprop", 0.0)):
    net = Network([3, 8, 5, 2], noise)
    trainer = Trainer(net, method)
    for cost, values in trainer.train(batches, [(D[45:], L[45:])]):
        print(method, float(cost), ["%s %.6f" % (k, values[k]) for k in sorted(values)])
    path = os.path.join(tempfile.mkdtemp(), "net.pkl")
    net.save(path)
    twin = Network([3, 8, 5, 2])
    twin.load(path)
    predict = theano.function([twin.x], twin.y)
    print(method, float(predict(D[:5]).sum()), [p.name for p in twin.params])
    again = pickle.loads(pickle.dumps(net, -1))
    f = theano.function([again.x], again.y, givens={}, on_unused_input="ignore")
    print(method, f(D[:4]).shape, sorted(again.__dict__), again.layers[0].w.get_value().shape)
    other = copy.deepcopy(net)
    other.layers[0].w.set_value(net.layers[0].w.get_value() * 0)
    print(method, float(abs(net.layers[0].w.get_value()).sum()) > 0, other.layers[0].w is net.layers[0].w)
