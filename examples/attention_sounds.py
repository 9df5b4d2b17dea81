"""
A decoder with attention that reads English words aloud.

An encoder runs over the letters of a word, both ways. A decoder writes the
sounds, one after the other: at each step it looks at all letters again, and a
loop in the loop scores how well each fits what is to be said. Trained with
AdaDelta, tried by writing the likeliest sound at each step.

    python attention_sounds.py [epochs]
"""
from __future__ import print_function

import io
import os
import sys
from collections import OrderedDict

import numpy

import theano
import theano.tensor as T

HERE = os.path.dirname(os.path.abspath(__file__))
END = 0


def load_data(path=os.path.join(HERE, 'data', 'pronunciations.tsv')):
    """(training, test, sounds): words as lists of numbers (letters, sounds),
    and the names of the sounds; number 0 ends a word on both sides."""
    words = []
    with io.open(path, encoding='ascii') as f:
        for line in f:
            word, spoken = line.rstrip('\n').split('\t')
            words.append((word, [s.rstrip('012') for s in spoken.split()]))
    sounds = ['.'] + sorted(set(s for _, spoken in words for s in spoken))
    pairs = [([ord(c) - ord('a') + 1 for c in word] + [END],
              [sounds.index(s) for s in spoken] + [END])
             for word, spoken in words if len(word) <= 9]
    numpy.random.RandomState(5).shuffle(pairs)
    return pairs[:-100], pairs[-100:], sounds


def prepare_batch(pairs):
    """Numbers and masks of both sides, each (longest, batch)."""
    out = []
    for side in zip(*pairs):
        longest = max(len(s) for s in side)
        x = numpy.zeros((longest, len(side)), dtype='int32')
        mask = numpy.zeros((longest, len(side)), dtype=theano.config.floatX)
        for i, s in enumerate(side):
            x[:len(s), i] = s
            mask[:len(s), i] = 1.
        out += [x, mask]
    return out


class Speaker(object):
    def __init__(self, rng, n_sounds, n_letters=27, dim=32):
        self.dim = dim
        self.tparams = OrderedDict()

        def weights(name, *shape):
            values = rng.uniform(-1., 1., shape) / numpy.sqrt(shape[0])
            self.tparams[name] = theano.shared(
                values.astype(theano.config.floatX), name=name)

        weights('letters', n_letters, dim)
        for way in ('f', 'b'):
            weights('W_' + way, dim, dim)
            weights('U_' + way, dim, dim)
        weights('W_start', 2 * dim, dim)
        weights('sounds', n_sounds, dim)
        for gate in ('z', 'r', 'h'):
            weights('W_' + gate, dim, dim)
            weights('U_' + gate, dim, dim)
            weights('C_' + gate, 2 * dim, dim)
        weights('W_att', dim, dim)
        weights('U_att', 2 * dim, dim)
        weights('v_att', dim)
        weights('W_out', dim, n_sounds)
        weights('C_out', 2 * dim, n_sounds)
        self.params = list(self.tparams.values())

    def __getattr__(self, name):
        return self.tparams[name]

    def encode(self, x, mask):
        """(letters, batch, 2 dim): the states of both directions."""
        emb = self.letters[x]
        h0 = T.alloc(numpy.asarray(0., dtype=theano.config.floatX),
                     x.shape[1], self.dim)

        def step(e_, m_, h_, U):
            h = T.tanh(e_ + T.dot(h_, U))
            return m_[:, None] * h + (1. - m_[:, None]) * h_

        forth, _ = theano.scan(step, sequences=[T.dot(emb, self.W_f), mask],
                               outputs_info=[h0], non_sequences=[self.U_f])
        back, _ = theano.scan(step, sequences=[T.dot(emb, self.W_b), mask],
                              outputs_info=[h0], non_sequences=[self.U_b],
                              go_backwards=True)
        return T.concatenate([forth, back[::-1]], axis=2)

    def attend(self, h, context, mask):
        """(letters, batch): how much of each letter is read, sums to 1."""
        query = T.dot(h, self.W_att)

        def score(c_, query):
            return T.dot(T.tanh(T.dot(c_, self.U_att) + query), self.v_att)

        scores, _ = theano.scan(score, sequences=[context], non_sequences=[query])
        e = T.exp(scores - scores.max(axis=0)) * mask
        return e / e.sum(axis=0)

    def speak(self, sound, h_, context, mask):
        """(state, probabilities of the next sound, weights of the letters)"""
        emb = self.sounds[sound]
        alpha = self.attend(h_, context, mask)
        c = (alpha[:, :, None] * context).sum(axis=0)

        def pre(gate, h):
            t = self.tparams
            return (T.dot(emb, t['W_' + gate]) + T.dot(h, t['U_' + gate])
                    + T.dot(c, t['C_' + gate]))

        z, r = T.nnet.sigmoid(pre('z', h_)), T.nnet.sigmoid(pre('r', h_))
        h = (1. - z) * h_ + z * T.tanh(pre('h', r * h_))
        return h, T.nnet.softmax(T.dot(h, self.W_out) + T.dot(c, self.C_out)), alpha

    def start(self, context, mask):
        mean = (context * mask[:, :, None]).sum(axis=0) / mask.sum(axis=0)[:, None]
        return T.tanh(T.dot(mean, self.W_start))

    def cost(self, x, x_mask, y, y_mask):
        context = self.encode(x, x_mask)
        before = T.concatenate([T.zeros_like(y[:1]), y[:-1]])
        (_, p, _), _ = theano.scan(
            self.speak, sequences=[before],
            outputs_info=[self.start(context, x_mask), None, None],
            non_sequences=[context, x_mask])
        flat = p.reshape((p.shape[0] * p.shape[1], p.shape[2]))
        nll = -T.log(flat[T.arange(flat.shape[0]), y.flatten()])
        nll = nll.reshape(y.shape) * y_mask
        return (nll.sum(axis=0) / y_mask.sum(axis=0)).mean()

    def greedy(self, x, x_mask, longest):
        """(longest, batch): the likeliest sounds."""
        context = self.encode(x, x_mask)

        def step(sound, h_, context, mask):
            h, p, _ = self.speak(sound, h_, context, mask)
            return T.cast(p.argmax(axis=1), 'int32'), h

        (spoken, _), _ = theano.scan(
            step, outputs_info=[T.zeros_like(x[0]), self.start(context, x_mask)],
            non_sequences=[context, x_mask], n_steps=longest)
        return spoken


def adadelta(cost, params, rho=0.95, eps=1e-6):
    updates = []
    for p, g in zip(params, T.grad(cost, params)):
        g2 = theano.shared(p.get_value() * 0.)
        d2 = theano.shared(p.get_value() * 0.)
        g2_t = rho * g2 + (1. - rho) * g ** 2
        d = -T.sqrt(d2 + eps) / T.sqrt(g2_t + eps) * g
        updates += [(g2, g2_t), (d2, rho * d2 + (1. - rho) * d ** 2), (p, p + d)]
    return updates


def train(n_epochs=30, batch_size=20):
    """(the cost of every step, what is said of the test words)"""
    training, test, sounds = load_data()
    rng = numpy.random.RandomState(9)
    model = Speaker(rng, len(sounds))
    x, y = T.imatrix('x'), T.imatrix('y')
    x_mask, y_mask = T.matrix('x_mask'), T.matrix('y_mask')
    cost = model.cost(x, x_mask, y, y_mask)
    train_model = theano.function([x, x_mask, y, y_mask], cost,
                                  updates=adadelta(cost, model.params))
    length = T.iscalar('length')
    speak = theano.function([x, x_mask, length], model.greedy(x, x_mask, length))

    def said(pairs):
        letters, mask, wanted, _ = prepare_batch(pairs)
        columns = speak(letters, mask, len(wanted)).T.tolist()
        return [c[:c.index(END)] if END in c else c for c in columns]

    costs = []
    for epoch in range(1, n_epochs + 1):
        order = rng.permutation(len(training))
        steps = range(0, len(training), batch_size)
        for start in steps:
            batch = [training[i] for i in order[start:start + batch_size]]
            costs.append(float(train_model(*prepare_batch(batch))))
        right = numpy.mean([s == y[:-1] for s, (_, y) in zip(said(test), test)])
        print('epoch %i, cost %.9f, right on the rest %.2f %%' %
              (epoch, numpy.mean(costs[-len(steps):]), 100. * right))
    spoken = []
    for heard, (letters, _) in zip(said(test[:10]), test):
        word = ''.join(chr(c - 1 + ord('a')) for c in letters[:-1])
        spoken.append('%s: %s' % (word, ' '.join(sounds[s] for s in heard)))
    print('\n'.join(spoken))
    return costs, spoken


if __name__ == '__main__':
    train(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
