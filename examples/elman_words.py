"""
An Elman network that finds the words in a text without spaces.

The network reads the Declaration of Independence letter by letter, seven
letters at a time (the letter and three on each side), and says for each letter
whether a word begins there. The sentences are of different lengths; each is one
step of stochastic gradient descent, and the gradient follows the last eight
letters only.

    python elman_words.py [epochs]
"""
from __future__ import print_function

import io
import os
import re
import sys

import numpy

import theano
import theano.tensor as T

HERE = os.path.dirname(os.path.abspath(__file__))


def load_data(path=os.path.join(HERE, 'data', 'declaration.txt')):
    """A list of (letters, begins): for each sentence the codes of its letters,
    0 to 25, and for each letter 1 if a word begins there, else 0."""
    with io.open(path, encoding='ascii') as f:
        text = f.read().lower()
    sentences = []
    for sentence in re.split('[.;:,]', text):
        words = re.findall('[a-z]+', sentence)
        if len(words) > 1:
            letters = [ord(c) - ord('a') for c in ''.join(words)]
            begins = [int(i == 0) for word in words for i in range(len(word))]
            sentences.append((numpy.array(letters, dtype='int32'),
                              numpy.array(begins, dtype='int32')))
    return sentences


def context_windows(letters, size):
    """A matrix with, for each letter, the letters around it; 26 pads."""
    pad = [26] * (size // 2)
    padded = pad + list(letters) + pad
    return numpy.array([padded[i:i + size] for i in range(len(letters))],
                       dtype='int32')


class ElmanNet(object):
    def __init__(self, rng, n_hidden=50, n_classes=2, n_letters=26,
                 n_embedding=10, window=7):
        def shared(name, *shape):
            values = 0.2 * rng.uniform(-1., 1., shape)
            return theano.shared(values.astype(theano.config.floatX), name=name)

        self.window = window
        self.embeddings = shared('embeddings', n_letters + 1, n_embedding)
        self.W_x = shared('W_x', n_embedding * window, n_hidden)
        self.W_h = shared('W_h', n_hidden, n_hidden)
        self.W = shared('W', n_hidden, n_classes)
        self.b_h = shared('b_h', n_hidden)
        self.b = shared('b', n_classes)
        self.h0 = shared('h0', n_hidden)
        self.params = [self.embeddings, self.W_x, self.W_h, self.W, self.b_h,
                       self.b, self.h0]

        windows = T.imatrix('windows')
        begins = T.ivector('begins')
        rate = T.scalar('rate')
        x = self.embeddings[windows].reshape(
            (windows.shape[0], n_embedding * window))

        def recurrence(x_t, h_tm1):
            h_t = T.nnet.sigmoid(
                T.dot(x_t, self.W_x) + T.dot(h_tm1, self.W_h) + self.b_h)
            s_t = T.nnet.softmax(T.dot(h_t, self.W) + self.b)
            return [h_t, s_t]

        [h, s], _ = theano.scan(fn=recurrence, sequences=x,
                                outputs_info=[self.h0, None],
                                n_steps=x.shape[0], truncate_gradient=8)
        p = s[:, 0, :]
        cost = -T.mean(T.log(p)[T.arange(x.shape[0]), begins])
        updates = [(param, param - rate * gparam) for param, gparam in
                   zip(self.params, T.grad(cost, self.params))]
        self.train = theano.function([windows, begins, rate], cost,
                                     updates=updates, name='train')
        self.classify = theano.function([windows], T.argmax(p, axis=1),
                                        name='classify')
        self.normalize = theano.function(
            [], updates=[(self.embeddings, self.embeddings / T.sqrt(
                (self.embeddings ** 2).sum(axis=1)).dimshuffle(0, 'x'))])


def f_score(net, sentences):
    """Harmonic mean of precision and recall of the beginnings of words."""
    found = right = wanted = 0
    for letters, begins in sentences:
        guess = net.classify(context_windows(letters, net.window))
        found += guess.sum()
        wanted += begins.sum()
        right += (guess * begins).sum()
    return 2. * right / max(1, found + wanted)


def show(net, letters):
    guess = net.classify(context_windows(letters, net.window))
    return ''.join((' ' if g else '') + chr(c + ord('a'))
                   for c, g in zip(letters, guess)).strip()


def train(n_epochs=20, rate=0.5, rate_decay=0.95):
    """The cost of every step."""
    sentences = load_data()
    training, test = sentences[:-20], sentences[-20:]
    rng = numpy.random.RandomState(345)
    net = ElmanNet(rng)
    costs = []
    for epoch in range(1, n_epochs + 1):
        rng.shuffle(training)
        for letters, begins in training:
            costs.append(float(net.train(
                context_windows(letters, net.window), begins, rate)))
            net.normalize()
        rate *= rate_decay
        print('epoch %i, cost %.9f, F score on the rest %.4f' %
              (epoch, numpy.mean(costs[-len(training):]), f_score(net, test)))
    print(show(net, test[3][0]))
    return costs


if __name__ == '__main__':
    train(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
