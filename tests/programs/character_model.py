"""A character model: trained by teacher forcing, then it samples from itself until it draws the end of a line."""

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams
from theano.tensor.shared_randomstreams import RandomStreams

floatX = theano.config.floatX
text = "the cat sat on the mat\nthe dog ate the cat\na rat sat on a hat\n"
chars = sorted(set(text))
index = dict((c, i) for i, c in enumerate(chars))
V, H = len(chars), 12
rng = np.random.RandomState(3)


def weight(*shape):
    return theano.shared((rng.randn(*shape) * 0.3).astype(floatX))


Wxh, Whh, Why = weight(V, H), weight(H, H), weight(H, V)
bh, by = theano.shared(np.zeros(H, floatX)), theano.shared(np.zeros(V, floatX))
params = [Wxh, Whh, Why, bh, by]

x, t = T.ivector("x"), T.ivector("t")
h0 = T.vector("h0")


def step(i, h):
    h = T.tanh(Wxh[i] + T.dot(h, Whh) + bh)
    return h, T.dot(h, Why) + by


(hs, scores), _ = theano.scan(step, sequences=x, outputs_info=[h0, None])
p = T.nnet.softmax(scores)
cost = T.nnet.categorical_crossentropy(p, t).mean()
grads = [T.clip(g, -5, 5) for g in T.grad(cost, params)]
caches = [theano.shared(q.get_value() * 0) for q in params]
updates = [(c, c + g**2) for c, g in zip(caches, grads)]
updates += [(q, q - 0.1 * g / T.sqrt(c + g**2 + 1e-8)) for q, c, g in zip(params, caches, grads)]
train = theano.function([x, t, h0], [cost, hs[-1]], updates=updates)

codes = np.array([index[c] for c in text], dtype="int32")
for epoch in range(8):
    state = np.zeros(H, floatX)
    costs = []
    for start in range(0, len(codes) - 1, 10):
        piece = codes[start : start + 11]
        c, state = train(piece[:-1], piece[1:], state)
        costs.append(c)
    print("epoch %d %.8f" % (epoch, np.mean(costs)))


def sampler(streams, length):
    def draw(i, h):
        h, s = step(i, h)
        p = T.nnet.softmax(s)
        one_hot = streams.multinomial(n=1, pvals=p) if hasattr(streams, "multinomial") else None
        i = T.cast(T.argmax(one_hot, axis=1)[0], "int64")
        return [i, h], theano.scan_module.until(T.eq(i, index["\n"]))

    first = T.lscalar()
    (out, _), updates = theano.scan(draw, outputs_info=[first, T.zeros((H,), floatX)], n_steps=length)
    return theano.function([first], out, updates=updates)


for name, streams in (("mrg", MRG_RandomStreams(42)), ("numpy", RandomStreams(42))):
    sample = sampler(streams, 40)
    for i in range(4):
        drawn = sample(index["t"])
        print("%s %d: %s" % (name, len(drawn), "".join(chars[k] for k in drawn).strip()))

# the likeliest continuation, of a fixed length
first = T.lscalar()


def best(i, h):
    h, s = step(i, h)
    return T.argmax(s), h


(out, _), updates = theano.scan(best, outputs_info=[first, T.zeros((H,), floatX)], n_steps=12)
print("best: %r" % "".join(chars[k] for k in theano.function([first], out, updates=updates)(index["t"])))
