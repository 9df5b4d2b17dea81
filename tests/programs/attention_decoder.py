"""A decoder that attends to what an encoder read; the scores come out of a loop in the loop. Trained by Adam, and
decoded greedily."""

import numpy as np
import theano
import theano.tensor as T

floatX = theano.config.floatX
rng = np.random.RandomState(11)
V, E, H, B = 8, 4, 5, 3


def W(*shape):
    return theano.shared(rng.uniform(-0.4, 0.4, size=shape).astype(floatX))


emb, We, Ue = W(V, E), W(E, H), W(H, H)
Wd, Ud, Cd = W(E, H), W(H, H), W(H, H)
Wa, Ua, va = W(H, H), W(H, H), W(H)
Wo, bo = W(H, V), theano.shared(np.zeros(V, floatX))
params = [emb, We, Ue, Wd, Ud, Cd, Wa, Ua, va, Wo, bo]

source, target = T.imatrix("source"), T.imatrix("target")
mask = T.matrix("mask")


def encode(source):
    def step(i, m, h):
        new = T.tanh(T.dot(emb[i], We) + T.dot(h, Ue))
        return m.dimshuffle(0, "x") * new + (1 - m.dimshuffle(0, "x")) * h

    states, _ = theano.scan(step, [source, mask], [T.zeros((source.shape[1], H), floatX)])
    return states


def attend(h, states):
    query = T.dot(h, Wa)

    def score(s, m):
        return T.dot(T.tanh(T.dot(s, Ua) + query), va) + T.log(m + 1e-6)

    scores, _ = theano.scan(score, sequences=[states, mask])
    weights = T.nnet.softmax(scores.T).T
    return (weights.dimshuffle(0, 1, "x") * states).sum(axis=0), weights


def decode_step(word, h, states):
    context, weights = attend(h, states)
    h = T.tanh(T.dot(emb[word], Wd) + T.dot(h, Ud) + T.dot(context, Cd))
    return h, T.dot(h, Wo) + bo, weights


states = encode(source)
(hs, logits, weights), _ = theano.scan(
    decode_step, sequences=[target[:-1]], outputs_info=[states[-1], None, None], non_sequences=[states]
)
flat = T.nnet.softmax(logits.reshape((logits.shape[0] * logits.shape[1], V)))
cost = T.nnet.categorical_crossentropy(flat, target[1:].flatten()).mean()
lr, b1, b2 = 0.05, 0.9, 0.999
grads = T.grad(cost, params)
i = theano.shared(np.asarray(0.0, floatX))
updates = [(i, i + 1)]
rate = lr * T.sqrt(1 - b2 ** (i + 1)) / (1 - b1 ** (i + 1))
for p, g in zip(params, grads):
    m, v = theano.shared(p.get_value() * 0), theano.shared(p.get_value() * 0)
    m_t, v_t = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * T.sqr(g)
    updates += [(m, m_t), (v, v_t), (p, p - rate * m_t / (T.sqrt(v_t) + 1e-8))]
train = theano.function([source, mask, target], [cost, weights], updates=updates)

words = T.ivector("words")


def greedy(word, h, states):
    h, scores, _ = decode_step(word, h, states)
    return T.cast(scores.argmax(axis=1), "int32"), h


(decoded, _), _ = theano.scan(greedy, outputs_info=[words, states[-1]], non_sequences=[states], n_steps=5)
decode = theano.function([source, mask, words], decoded)

lengths = [6, 4, 5]
data = np.zeros((6, B), "int32")
filled = np.zeros((6, B), floatX)
for b, n in enumerate(lengths):
    data[:n, b] = rng.randint(2, V, size=n)
    filled[:n, b] = 1
wanted = np.zeros((6, B), "int32")
wanted[0] = 1
for b, n in enumerate(lengths):
    wanted[1:n, b] = data[: n - 1, b][::-1]
for epoch in range(12):
    now, attention = train(data, filled, wanted)
    print("%d %.8f %.8f %s" % (epoch, now, attention[0, :, 0].max(), attention.shape))
print("decoded %s" % decode(data, filled, np.ones(B, "int32")).tolist())
