"""
A character model that learns the names of places and makes up new ones.

A recurrent network is trained to predict the next letter. Then it samples from
itself, letter by letter: each letter that it draws is what it reads next, until
it draws the end of the line.

    python character_model.py [epochs]
"""
from __future__ import print_function

import io
import os
import sys

import numpy

import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams

HERE = os.path.dirname(os.path.abspath(__file__))
LETTERS = '\n abcdefghijklmnopqrstuvwxyz'


def load_data(path=os.path.join(HERE, 'data', 'places.tsv')):
    """The names, each between two ends of lines, as arrays of numbers."""
    with io.open(path, encoding='ascii') as f:
        names = [line.rstrip('\n').split('\t')[1].lower() for line in f]
    return [numpy.array([LETTERS.index(c) for c in '\n' + name + '\n'],
                        dtype='int32') for name in names]


class CharacterModel(object):
    def __init__(self, rng, n_hidden=64):
        n = len(LETTERS)
        self.n_hidden = n_hidden

        def weights(name, *shape):
            values = rng.randn(*shape) * 0.1
            return theano.shared(values.astype(theano.config.floatX), name=name)

        self.W_in = weights('W_in', n, n_hidden)
        self.W_rec = theano.shared(
            (0.8 * numpy.eye(n_hidden)).astype(theano.config.floatX), name='W_rec')
        self.W_out = weights('W_out', n_hidden, n)
        self.b_h = theano.shared(
            numpy.zeros(n_hidden, dtype=theano.config.floatX), name='b_h')
        self.b_out = theano.shared(
            numpy.zeros(n, dtype=theano.config.floatX), name='b_out')
        self.params = [self.W_in, self.W_rec, self.W_out, self.b_h, self.b_out]
        self.h0 = T.zeros((n_hidden,), dtype=theano.config.floatX)

    def step(self, letter, h_tm1):
        """(state, scores of the next letter) after a letter."""
        h = T.tanh(self.W_in[letter] + T.dot(h_tm1, self.W_rec) + self.b_h)
        return h, T.dot(h, self.W_out) + self.b_out

    def cost(self, name):
        [_, scores], _ = theano.scan(self.step, sequences=name[:-1],
                                     outputs_info=[self.h0, None])
        p = T.nnet.softmax(scores)
        return T.nnet.categorical_crossentropy(p, name[1:]).mean()

    def sampler(self, seed, longest=40):
        """A function temperature -> the letters of a new name."""
        srng = MRG_RandomStreams(seed)
        temperature = T.scalar('temperature')

        def draw(letter, h_tm1, temperature):
            h, scores = self.step(letter, h_tm1)
            p = T.nnet.softmax((scores / temperature).dimshuffle('x', 0))
            letter = srng.choice(size=1, replace=False, p=p)[0, 0]
            return [letter, h], theano.scan_module.until(T.eq(letter, 0))

        start = T.constant(0, dtype='int64')
        [letters, _], updates = theano.scan(
            draw, outputs_info=[start, self.h0], non_sequences=[temperature],
            n_steps=longest)
        return theano.function([temperature], letters, updates=updates,
                               name='sample')


def adagrad(cost, params, rate=0.05, clip=1., start=0.01):
    """The sums start a little above zero, or the first steps would jump."""
    updates = []
    for p, g in zip(params, T.grad(cost, params)):
        g = T.clip(g, -clip, clip)
        total = theano.shared(numpy.full_like(p.get_value(), start))
        total_t = total + g ** 2
        updates += [(total, total_t), (p, p - rate * g / T.sqrt(total_t))]
    return updates


def train(n_epochs=20, n_samples=10, sampler=False):
    """The cost of every step, and the names made up; with `sampler`, also the
    function that makes them up."""
    names = load_data()
    rng = numpy.random.RandomState(3)
    model = CharacterModel(rng)
    name = T.ivector('name')
    cost = model.cost(name)
    step = theano.function([name], cost, updates=adagrad(cost, model.params))
    sample = model.sampler(seed=42)

    costs, made = [], []
    for epoch in range(1, n_epochs + 1):
        for i in rng.permutation(len(names)):
            costs.append(float(step(names[i])))
        print('epoch %i, cost %.9f' % (epoch, numpy.mean(costs[-len(names):])))
    for i in range(n_samples):
        made.append(''.join(LETTERS[c] for c in sample(0.7)).strip())
        print('sample: %s' % made[-1])
    return (costs, made, sample) if sampler else (costs, made)


if __name__ == '__main__':
    train(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
