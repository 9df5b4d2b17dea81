"""
An LSTM that counts the syllables of English words by their spelling.

Words are of different lengths: a batch of them is padded, and a mask keeps what
comes after the end of a word out. The states are averaged over the letters;
dropout, then a softmax layer. Trained with RMSprop.

    python lstm_syllables.py [epochs]
"""
from __future__ import print_function

import io
import os
import sys
from collections import OrderedDict

import numpy

import theano
from theano import tensor
from theano.sandbox.rng_mrg import MRG_RandomStreams as RandomStreams

HERE = os.path.dirname(os.path.abspath(__file__))
MOST = 5


def numpy_floatX(data):
    return numpy.asarray(data, dtype=theano.config.floatX)


def load_data(path=os.path.join(HERE, 'data', 'pronunciations.tsv')):
    """Two lists of (word, class), training and test. The class is the number of
    syllables less one, of vowels with their stress in the pronunciation."""
    words = []
    with io.open(path, encoding='ascii') as f:
        for line in f:
            word, sounds = line.rstrip('\n').split('\t')
            count = sum(sound[-1].isdigit() for sound in sounds.split())
            words.append((word, min(count, MOST) - 1))
    numpy.random.RandomState(12).shuffle(words)
    return words[:-200], words[-200:]


def prepare_data(words):
    """Letters and mask, (longest word, batch), and classes, (batch,)."""
    longest = max(len(word) for word, _ in words)
    x = numpy.zeros((longest, len(words)), dtype='int64')
    mask = numpy.zeros((longest, len(words)), dtype=theano.config.floatX)
    for i, (word, _) in enumerate(words):
        x[:len(word), i] = [ord(c) - ord('a') for c in word]
        mask[:len(word), i] = 1.
    return x, mask, numpy.array([c for _, c in words], dtype='int64')


def ortho_weight(rng, n):
    """An orthogonal matrix; the signs are chosen so that every LAPACK gives it."""
    q, r = numpy.linalg.qr(rng.randn(n, n))
    return q * numpy.sign(numpy.diag(r))


def init_params(rng, dim=24, n_letters=26):
    params = OrderedDict()
    params['Wemb'] = 0.1 * rng.rand(n_letters, dim)
    for name in ('lstm_W', 'lstm_U'):
        params[name] = numpy.concatenate(
            [ortho_weight(rng, dim) for _ in range(4)], axis=1)
    params['lstm_b'] = numpy.zeros(4 * dim)
    params['U'] = 0.1 * rng.randn(dim, MOST)
    params['b'] = numpy.zeros(MOST)
    return OrderedDict((name, theano.shared(numpy_floatX(value), name=name))
                       for name, value in params.items())


def lstm_layer(tparams, state_below, mask, dim):
    """(letters, batch, dim): the hidden states."""
    def _slice(_x, n):
        return _x[:, n * dim:(n + 1) * dim]

    def _step(m_, x_, h_, c_):
        preact = tensor.dot(h_, tparams['lstm_U']) + x_
        i = tensor.nnet.sigmoid(_slice(preact, 0))
        f = tensor.nnet.sigmoid(_slice(preact, 1))
        o = tensor.nnet.sigmoid(_slice(preact, 2))
        c = tensor.tanh(_slice(preact, 3))
        c = f * c_ + i * c
        c = m_[:, None] * c + (1. - m_)[:, None] * c_
        h = o * tensor.tanh(c)
        h = m_[:, None] * h + (1. - m_)[:, None] * h_
        return h, c

    n_samples = state_below.shape[1]
    state_below = tensor.dot(state_below, tparams['lstm_W']) + tparams['lstm_b']
    rval, updates = theano.scan(
        _step, sequences=[mask, state_below],
        outputs_info=[tensor.alloc(numpy_floatX(0.), n_samples, dim),
                      tensor.alloc(numpy_floatX(0.), n_samples, dim)],
        name='lstm_layers', n_steps=mask.shape[0])
    return rval[0]


def dropout_layer(state_before, use_noise, trng):
    return tensor.switch(
        use_noise,
        state_before * trng.binomial(state_before.shape, p=0.5, n=1,
                                     dtype=state_before.dtype),
        state_before * 0.5)


def build_model(tparams, seed=123):
    """(use_noise, x, mask, y, probabilities, cost)"""
    trng = RandomStreams(seed)
    use_noise = theano.shared(numpy_floatX(0.))
    x = tensor.matrix('x', dtype='int64')
    mask = tensor.matrix('mask', dtype=theano.config.floatX)
    y = tensor.vector('y', dtype='int64')
    dim = tparams['Wemb'].get_value().shape[1]

    emb = tparams['Wemb'][x.flatten()].reshape([x.shape[0], x.shape[1], dim])
    proj = lstm_layer(tparams, emb, mask, dim)
    proj = (proj * mask[:, :, None]).sum(axis=0) / mask.sum(axis=0)[:, None]
    proj = dropout_layer(proj, use_noise, trng)
    pred = tensor.nnet.softmax(tensor.dot(proj, tparams['U']) + tparams['b'])
    off = 1e-8 if pred.dtype != 'float16' else 1e-6
    cost = -tensor.log(pred[tensor.arange(x.shape[1]), y] + off).mean()
    cost += 1e-4 * (tparams['U'] ** 2).sum()
    return use_noise, x, mask, y, pred, cost


def rmsprop(lr, tparams, grads, x, mask, y, cost):
    def zeros(suffix):
        return [theano.shared(p.get_value() * numpy_floatX(0.), name=k + suffix)
                for k, p in tparams.items()]

    zipped_grads, running_grads = zeros('_grad'), zeros('_rgrad')
    running_grads2, updir = zeros('_rgrad2'), zeros('_updir')
    zgup = [(zg, g) for zg, g in zip(zipped_grads, grads)]
    rgup = [(rg, 0.95 * rg + 0.05 * g) for rg, g in zip(running_grads, grads)]
    rg2up = [(rg2, 0.95 * rg2 + 0.05 * (g ** 2))
             for rg2, g in zip(running_grads2, grads)]
    f_grad_shared = theano.function([x, mask, y], cost,
                                    updates=zgup + rgup + rg2up,
                                    name='rmsprop_f_grad_shared')
    updir_new = [(ud, 0.9 * ud - lr * zg / tensor.sqrt(rg2 - rg ** 2 + 1e-4))
                 for ud, zg, rg, rg2 in zip(updir, zipped_grads, running_grads,
                                            running_grads2)]
    param_up = [(p, p + udn[1]) for p, udn in zip(tparams.values(), updir_new)]
    f_update = theano.function([lr], [], updates=updir_new + param_up,
                               on_unused_input='ignore', name='rmsprop_f_update')
    return f_grad_shared, f_update


def train(n_epochs=10, batch_size=16, lrate=0.002, predictor=False):
    """The cost of every step; with `predictor`, also the function that gives
    the probabilities for words of any length, (letters, mask)."""
    training, test = load_data()
    rng = numpy.random.RandomState(123)
    tparams = init_params(rng)
    use_noise, x, mask, y, pred, cost = build_model(tparams)
    f_pred_prob = theano.function([x, mask], pred, name='f_pred_prob',
                                  givens={use_noise: tensor.constant(numpy_floatX(0.))})
    grads = tensor.grad(cost, wrt=list(tparams.values()))
    lr = tensor.scalar(name='lr')
    f_grad_shared, f_update = rmsprop(lr, tparams, grads, x, mask, y, cost)

    test_x, test_mask, test_y = prepare_data(test)
    costs = []
    for epoch in range(1, n_epochs + 1):
        order = rng.permutation(len(training))
        steps = range(0, len(training), batch_size)
        use_noise.set_value(1.)
        for start in steps:
            batch = [training[i] for i in order[start:start + batch_size]]
            costs.append(float(f_grad_shared(*prepare_data(batch))))
            f_update(lrate)
        use_noise.set_value(0.)
        wrong = f_pred_prob(test_x, test_mask).argmax(axis=1) != test_y
        print('epoch %i, cost %.9f, errors on the rest %.2f %%' %
              (epoch, numpy.mean(costs[-len(steps):]), 100. * wrong.mean()))
    return (costs, f_pred_prob) if predictor else costs


if __name__ == '__main__':
    train(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
