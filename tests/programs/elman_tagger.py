"""Slot filling with an Elman network over context windows, and a bidirectional one; truncated gradients."""

from collections import OrderedDict

import numpy
import theano
import theano.tensor as T

floatX = theano.config.floatX
rng = numpy.random.RandomState(7)


def uniform(*size):
    return (0.2 * rng.uniform(-1.0, 1.0, size)).astype(floatX)


class Elman(object):
    def __init__(self, nh, nc, ne, de, cs):
        self.emb = theano.shared(name="embeddings", value=uniform(ne + 1, de))
        self.wx = theano.shared(name="wx", value=uniform(de * cs, nh))
        self.wh = theano.shared(name="wh", value=uniform(nh, nh))
        self.w = theano.shared(name="w", value=uniform(nh, nc))
        self.bh = theano.shared(name="bh", value=numpy.zeros(nh, dtype=floatX))
        self.b = theano.shared(name="b", value=numpy.zeros(nc, dtype=floatX))
        self.h0 = theano.shared(name="h0", value=numpy.zeros(nh, dtype=floatX))
        self.params = [self.emb, self.wx, self.wh, self.w, self.bh, self.b, self.h0]

        idxs = T.imatrix()
        x = self.emb[idxs].reshape((idxs.shape[0], de * cs))
        y_sentence = T.ivector("y_sentence")

        def recurrence(x_t, h_tm1):
            h_t = T.nnet.sigmoid(T.dot(x_t, self.wx) + T.dot(h_tm1, self.wh) + self.bh)
            s_t = T.nnet.softmax(T.dot(h_t, self.w) + self.b)
            return [h_t, s_t]

        [h, s], _ = theano.scan(
            fn=recurrence, sequences=x, outputs_info=[self.h0, None], n_steps=x.shape[0], truncate_gradient=4
        )
        p_y_given_x_sentence = s[:, 0, :]
        y_pred = T.argmax(p_y_given_x_sentence, axis=1)
        lr = T.scalar("lr")
        nll = -T.mean(T.log(p_y_given_x_sentence)[T.arange(x.shape[0]), y_sentence])
        gradients = T.grad(nll, self.params)
        updates = OrderedDict((p, p - lr * g) for p, g in zip(self.params, gradients))
        self.classify = theano.function(inputs=[idxs], outputs=y_pred)
        self.sentence_train = theano.function(inputs=[idxs, y_sentence, lr], outputs=nll, updates=updates)
        self.normalize = theano.function(
            inputs=[], updates={self.emb: self.emb / T.sqrt((self.emb**2).sum(axis=1)).dimshuffle(0, "x")}
        )


def contextwin(words, win):
    padded = win // 2 * [-1] + list(words) + win // 2 * [-1]
    return numpy.asarray([padded[i : i + win] for i in range(len(words))], dtype="int32")


sentences = [rng.randint(0, 20, size=n) for n in (5, 9, 3, 12)]
labels = [((w + numpy.roll(w, 1)) % 4).astype("int32") for w in sentences]
model = Elman(nh=8, nc=4, ne=20, de=5, cs=3)
for epoch in range(4):
    for words, tags in zip(sentences, labels):
        cost = model.sentence_train(contextwin(words, 3), tags, 0.4)
        model.normalize()
        print("epoch %d, %d words: %.8f" % (epoch, len(words), cost))
print("tags %s" % model.classify(contextwin(sentences[0], 3)).tolist())
print("wh %.8f h0 %.8f" % (abs(model.wh.get_value()).sum(), abs(model.h0.get_value()).sum()))

# both ways through a batch of sequences, the last state of each; momentum
nin, nh = 3, 6
Wf, Wb, Uf, Ub = [theano.shared(uniform(*s)) for s in ((nin, nh), (nin, nh), (nh, nh), (nh, nh))]
Wy = theano.shared(uniform(2 * nh, 1), broadcastable=(False, True))
params = [Wf, Wb, Uf, Ub, Wy]
X = T.tensor3("X")
y = T.col("y")


def step(x_t, h_tm1, W, U):
    return T.tanh(T.dot(x_t, W) + T.dot(h_tm1, U))


start = T.alloc(numpy.asarray(0.0, dtype=floatX), X.shape[1], nh)
forward, _ = theano.scan(step, sequences=[X], outputs_info=[start], non_sequences=[Wf, Uf], name="forward")
backward, _ = theano.scan(
    step, sequences=[X], outputs_info=[start], non_sequences=[Wb, Ub], go_backwards=True, name="backward"
)
both = T.concatenate([forward, backward[::-1]], axis=2)
out = T.dot(both.mean(axis=0), Wy)
cost = T.sqr(out - y).mean()
updates = []
for p, g in zip(params, T.grad(cost, params)):
    v = theano.shared(p.get_value() * 0.0, broadcastable=p.broadcastable)
    updates += [(v, 0.9 * v - 0.1 * g), (p, p + 0.9 * v - 0.1 * g)]
train = theano.function([X, y], [cost, both.shape], updates=updates)
data = rng.normal(size=(7, 4, nin)).astype(floatX)
target = data.sum(axis=(0, 2)).reshape(4, 1).astype(floatX) / 5
for i in range(6):
    cost_now, shape = train(data, target)
    print("bidirectional %d %s: %.8f" % (i, shape.tolist(), cost_now))
