"""
A restricted Boltzmann machine on binary images of digits.

Trained first by contrastive divergence with k Gibbs steps (CD-k), which starts
its chains at the data, then anew by persistent contrastive divergence (PCD),
which goes on with chains of its own. At the end the machine draws digits.

    python rbm_digits.py [epochs]
"""
from __future__ import print_function

import os
import sys

import numpy

import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams as RandomStreams

HERE = os.path.dirname(os.path.abspath(__file__))


def load_data(path=os.path.join(HERE, 'data', 'digits.csv.gz')):
    """(1000, 64): a pixel is 1 where there is more ink than not."""
    table = numpy.loadtxt(path, delimiter=',')
    numpy.random.RandomState(89677).shuffle(table)
    return (table[:1000, :64] > 7).astype(theano.config.floatX)


class RBM(object):
    def __init__(self, input, n_visible, n_hidden, numpy_rng, theano_rng):
        bound = 4 * numpy.sqrt(6. / (n_hidden + n_visible))
        self.n_visible, self.n_hidden = n_visible, n_hidden
        self.W = theano.shared(
            numpy.asarray(numpy_rng.uniform(-bound, bound, (n_visible, n_hidden)),
                          dtype=theano.config.floatX), name='W', borrow=True)
        self.hbias = theano.shared(
            numpy.zeros(n_hidden, dtype=theano.config.floatX), name='hbias')
        self.vbias = theano.shared(
            numpy.zeros(n_visible, dtype=theano.config.floatX), name='vbias')
        self.input, self.theano_rng = input, theano_rng
        self.params = [self.W, self.hbias, self.vbias]

    def free_energy(self, v):
        wx_b = T.dot(v, self.W) + self.hbias
        return -T.dot(v, self.vbias) - T.sum(T.log(1 + T.exp(wx_b)), axis=1)

    def sample_h_given_v(self, v):
        mean = T.nnet.sigmoid(T.dot(v, self.W) + self.hbias)
        return [mean, self.theano_rng.binomial(size=mean.shape, n=1, p=mean,
                                               dtype=theano.config.floatX)]

    def sample_v_given_h(self, h):
        mean = T.nnet.sigmoid(T.dot(h, self.W.T) + self.vbias)
        return [mean, self.theano_rng.binomial(size=mean.shape, n=1, p=mean,
                                               dtype=theano.config.floatX)]

    def gibbs_hvh(self, h0):
        v_mean, v = self.sample_v_given_h(h0)
        h_mean, h = self.sample_h_given_v(v)
        return [v_mean, v, h_mean, h]

    def gibbs_vhv(self, v0):
        _, h = self.sample_h_given_v(v0)
        v_mean, v = self.sample_v_given_h(h)
        return [v_mean, v]

    def get_cost_updates(self, rate, persistent=None, k=1):
        """(a cost to watch, the updates of a step)"""
        if persistent is None:
            _, chain_start = self.sample_h_given_v(self.input)
        else:
            chain_start = persistent
        [v_means, vs, _, hs], updates = theano.scan(
            self.gibbs_hvh, outputs_info=[None, None, None, chain_start],
            n_steps=k, name='gibbs_hvh')
        chain_end = vs[-1]
        cost = T.mean(self.free_energy(self.input)) - T.mean(
            self.free_energy(chain_end))
        gparams = T.grad(cost, self.params, consider_constant=[chain_end])
        for gparam, param in zip(gparams, self.params):
            updates[param] = param - gparam * T.cast(rate, theano.config.floatX)
        if persistent is None:
            return self.reconstruction_cost(v_means[-1]), updates
        updates[persistent] = hs[-1]
        return self.pseudo_likelihood_cost(updates), updates

    def reconstruction_cost(self, v_mean):
        x = self.input
        return -T.mean(T.sum(x * T.log(v_mean) + (1 - x) * T.log(1 - v_mean),
                             axis=1))

    def pseudo_likelihood_cost(self, updates):
        """One bit of each image against the rest, another bit at every call."""
        bit = theano.shared(value=0, name='bit')
        x = T.round(self.input)
        flipped = T.set_subtensor(x[:, bit], 1 - x[:, bit])
        cost = T.mean(-self.n_visible * T.log(T.nnet.sigmoid(
            self.free_energy(flipped) - self.free_energy(x))))
        updates[bit] = (bit + 1) % self.n_visible
        return cost


def show(images):
    """Rows of text, the images side by side."""
    return [' '.join(''.join('#' if p else '.' for p in image[8 * r:8 * r + 8])
                     for image in images) for r in range(8)]


def train(n_epochs=10, batch_size=20, n_hidden=60, rate=0.05):
    """(the costs of every step, the images drawn)"""
    data = load_data()
    data_x = theano.shared(data, borrow=True)
    n_batches = len(data) // batch_size
    index, x = T.lscalar('index'), T.matrix('x')
    costs = []
    for method, k in (('CD-5', 5), ('PCD-3', 3)):
        rng = numpy.random.RandomState(123)
        rbm = RBM(x, 64, n_hidden, rng, RandomStreams(rng.randint(2 ** 30)))
        chain = None
        if method.startswith('PCD'):
            chain = theano.shared(numpy.zeros((batch_size, n_hidden),
                                              dtype=theano.config.floatX))
        cost, updates = rbm.get_cost_updates(rate, chain, k)
        train_rbm = theano.function(
            [index], cost, updates=updates, name='train_rbm',
            givens={x: data_x[index * batch_size:(index + 1) * batch_size]})
        for epoch in range(1, n_epochs + 1):
            costs += [float(train_rbm(i)) for i in range(n_batches)]
            print('%s, epoch %i, cost %.9f' %
                  (method, epoch, numpy.mean(costs[-n_batches:])))

    chains = theano.shared(data[:6])
    [means, vs], updates = theano.scan(rbm.gibbs_vhv, outputs_info=[None, chains],
                                       n_steps=100, name='gibbs_vhv')
    updates[chains] = vs[-1]
    draw = theano.function([], [means[-1], vs[-1]], updates=updates, name='draw')
    images = []
    for i in range(2):
        images += show(draw()[0] > 0.5) + ['']
    print('\n'.join(images))
    return costs, images


if __name__ == '__main__':
    train(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
