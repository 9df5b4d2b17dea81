"""
A GRU that reads handwritten digits pixel by pixel.

Only the pixels with ink count, each as its row, its column and its grey, so the
images are sequences of different lengths. A batch of them is padded, and a mask
holds the state of an image where the image has ended. Trained with Adam.

    python gru_digits.py [epochs]
"""
from __future__ import print_function

import os
import sys
from collections import OrderedDict

import numpy

import theano
import theano.tensor as T

HERE = os.path.dirname(os.path.abspath(__file__))


def load_data(path=os.path.join(HERE, 'data', 'digits.csv.gz')):
    """Two lists of (pixels, digit), training and test; pixels: (inked, 17)."""
    table = numpy.loadtxt(path, delimiter=',')
    numpy.random.RandomState(89677).shuffle(table)
    digits = []
    for line in table[:1000]:
        image = line[:64].reshape(8, 8) / 16.
        rows, columns = image.nonzero()
        pixels = numpy.zeros((len(rows), 17))
        pixels[numpy.arange(len(rows)), rows] = 1
        pixels[numpy.arange(len(rows)), 8 + columns] = 1
        pixels[:, 16] = image[rows, columns]
        digits.append((pixels, int(line[64])))
    return digits[:800], digits[800:]


def prepare_batch(digits):
    """Pixels, (longest, batch, 17), mask, (longest, batch), and digits, (batch,)."""
    length = max(len(pixels) for pixels, _ in digits)
    x = numpy.zeros((length, len(digits), 17), dtype=theano.config.floatX)
    mask = numpy.zeros((length, len(digits)), dtype=theano.config.floatX)
    for i, (pixels, _) in enumerate(digits):
        x[:len(pixels), i] = pixels
        mask[:len(pixels), i] = 1
    return x, mask, numpy.array([d for _, d in digits], dtype='int32')


def ortho_weight(rng, n):
    """An orthogonal matrix; the signs are chosen so that every LAPACK gives it."""
    q, r = numpy.linalg.qr(rng.randn(n, n))
    return q * numpy.sign(numpy.diag(r))


class GRU(object):
    def __init__(self, rng, n_in=17, n_hidden=40, n_classes=10):
        floatX = theano.config.floatX
        self.n_hidden = n_hidden
        p = OrderedDict()
        # the reset and update gates side by side, then the candidate
        p['W'] = 0.1 * rng.randn(n_in, 2 * n_hidden)
        p['U'] = numpy.concatenate([ortho_weight(rng, n_hidden),
                                    ortho_weight(rng, n_hidden)], axis=1)
        p['b'] = numpy.zeros(2 * n_hidden)
        p['Wx'] = 0.1 * rng.randn(n_in, n_hidden)
        p['Ux'] = ortho_weight(rng, n_hidden)
        p['bx'] = numpy.zeros(n_hidden)
        p['Wy'] = 0.1 * rng.randn(n_hidden, n_classes)
        p['by'] = numpy.zeros(n_classes)
        self.tparams = OrderedDict(
            (name, theano.shared(value.astype(floatX), name=name))
            for name, value in p.items())

    def last_state(self, x, mask):
        """(batch, hidden): the state after the last pixel of each image."""
        t, n = self.tparams, self.n_hidden
        gates_in = T.dot(x, t['W']) + t['b']
        state_in = T.dot(x, t['Wx']) + t['bx']

        def step(m_, x_, xx_, h_, U, Ux):
            gates = T.nnet.sigmoid(T.dot(h_, U) + x_)
            r, u = gates[:, :n], gates[:, n:]
            candidate = T.tanh(T.dot(h_, Ux) * r + xx_)
            h = u * h_ + (1. - u) * candidate
            return m_[:, None] * h + (1. - m_)[:, None] * h_

        states, _ = theano.scan(
            step, sequences=[mask, gates_in, state_in],
            outputs_info=[T.alloc(numpy.asarray(0., theano.config.floatX),
                                  x.shape[1], n)],
            non_sequences=[t['U'], t['Ux']], name='gru', strict=True)
        return states[-1]

    def p_digit(self, x, mask):
        h = self.last_state(x, mask)
        return T.nnet.softmax(T.dot(h, self.tparams['Wy']) + self.tparams['by'])


def adam(cost, params, rate=0.005, b1=0.9, b2=0.999, eps=1e-8):
    updates = []
    i = theano.shared(numpy.asarray(0., dtype=theano.config.floatX))
    i_t = i + 1.
    rate_t = rate * T.sqrt(1. - b2 ** i_t) / (1. - b1 ** i_t)
    for p, g in zip(params, T.grad(cost, params)):
        m = theano.shared(p.get_value() * 0.)
        v = theano.shared(p.get_value() * 0.)
        m_t = b1 * m + (1. - b1) * g
        v_t = b2 * v + (1. - b2) * T.sqr(g)
        updates += [(m, m_t), (v, v_t), (p, p - rate_t * m_t / (T.sqrt(v_t) + eps))]
    updates.append((i, i_t))
    return updates


def train(n_epochs=15, batch_size=20):
    """The cost of every step."""
    training, test = load_data()
    rng = numpy.random.RandomState(1)
    model = GRU(rng)
    x, mask, digit = T.tensor3('x'), T.matrix('mask'), T.ivector('digit')
    p = model.p_digit(x, mask)
    cost = T.nnet.categorical_crossentropy(p, digit).mean()
    train_model = theano.function([x, mask, digit], cost,
                                  updates=adam(cost, list(model.tparams.values())))
    errors = theano.function([x, mask, digit],
                             T.mean(T.neq(T.argmax(p, axis=1), digit)))

    costs = []
    for epoch in range(1, n_epochs + 1):
        order = rng.permutation(len(training))
        steps = range(0, len(training), batch_size)
        for start in steps:
            batch = [training[i] for i in order[start:start + batch_size]]
            costs.append(float(train_model(*prepare_batch(batch))))
        print('epoch %i, cost %.9f, errors on the rest %.2f %%' %
              (epoch, numpy.mean(costs[-len(steps):]),
               100. * errors(*prepare_batch(test))))
    return costs


if __name__ == '__main__':
    train(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
