"""
Multilayer perceptron with dropout and momentum on handwritten digits.

One hidden layer of rectified units, a softmax layer on top, trained by
minibatch stochastic gradient descent. Training stops early, when the error on
the validation set has not improved for a while.

    python digits_mlp.py [folder for the results]
"""
from __future__ import print_function

import os
import sys
import timeit

import numpy

import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams

try:
    import cPickle as pickle
except ImportError:
    import pickle

HERE = os.path.dirname(os.path.abspath(__file__))


def load_data(path=os.path.join(HERE, 'data', 'digits.csv.gz')):
    """Three pairs (images, digits) as numpy arrays: training, validation, test."""
    table = numpy.loadtxt(path, delimiter=',')
    numpy.random.RandomState(89677).shuffle(table)
    images, digits = table[:, :64] / 16., table[:, 64]
    return [(images[:1200], digits[:1200]),
            (images[1200:1500], digits[1200:1500]),
            (images[1500:], digits[1500:])]


def shared_dataset(data_xy, borrow=True):
    """The data set in shared variables, so that minibatches are slices of it.

    The digits are kept as floats, as a GPU wants them, and cast when used.
    """
    data_x, data_y = data_xy
    shared_x = theano.shared(numpy.asarray(data_x, dtype=theano.config.floatX),
                             borrow=borrow)
    shared_y = theano.shared(numpy.asarray(data_y, dtype=theano.config.floatX),
                             borrow=borrow)
    return shared_x, T.cast(shared_y, 'int32')


class HiddenLayer(object):
    def __init__(self, rng, input, n_in, n_out):
        bound = numpy.sqrt(6. / (n_in + n_out))
        W_values = numpy.asarray(
            rng.uniform(low=-bound, high=bound, size=(n_in, n_out)),
            dtype=theano.config.floatX)
        self.W = theano.shared(value=W_values, name='W_hidden', borrow=True)
        b_values = numpy.zeros((n_out,), dtype=theano.config.floatX)
        self.b = theano.shared(value=b_values, name='b_hidden', borrow=True)
        self.output = T.nnet.relu(T.dot(input, self.W) + self.b)
        self.params = [self.W, self.b]


class LogisticRegression(object):
    def __init__(self, n_in, n_out):
        self.W = theano.shared(
            value=numpy.zeros((n_in, n_out), dtype=theano.config.floatX),
            name='W_softmax', borrow=True)
        self.b = theano.shared(
            value=numpy.zeros((n_out,), dtype=theano.config.floatX),
            name='b_softmax', borrow=True)
        self.params = [self.W, self.b]

    def p_y_given_x(self, input):
        return T.nnet.softmax(T.dot(input, self.W) + self.b)

    def negative_log_likelihood(self, input, y):
        p_y_given_x = self.p_y_given_x(input)
        return -T.mean(T.log(p_y_given_x)[T.arange(y.shape[0]), y])


class MLP(object):
    def __init__(self, rng, input, n_in=64, n_hidden=200, n_out=10):
        self.input = input
        self.hidden = HiddenLayer(rng, input, n_in, n_hidden)
        self.top = LogisticRegression(n_hidden, n_out)
        self.params = self.hidden.params + self.top.params
        self.p_y_given_x = self.top.p_y_given_x(self.hidden.output)
        self.y_pred = T.argmax(self.p_y_given_x, axis=1)
        self.L2_sqr = (self.hidden.W ** 2).sum() + (self.top.W ** 2).sum()

    def dropout_cost(self, srng, y, p=0.5):
        """The cost when hidden units are dropped with probability p."""
        h = self.hidden.output
        mask = srng.binomial(n=1, p=1. - p, size=h.shape,
                             dtype=theano.config.floatX)
        return self.top.negative_log_likelihood(h * mask / (1. - p), y)

    def errors(self, y):
        return T.mean(T.neq(self.y_pred, y))


def momentum_updates(cost, params, learning_rate, momentum):
    updates = []
    for param, gparam in zip(params, T.grad(cost, params)):
        velocity = theano.shared(param.get_value() * 0.,
                                 broadcastable=param.broadcastable)
        step = momentum * velocity - learning_rate * gparam
        updates.append((velocity, step))
        updates.append((param, param + step))
    return updates


def train(out_folder, n_epochs=60, batch_size=20, initial_rate=0.05,
          rate_decay=0.98, momentum=0.9, L2_reg=0.0001, dropout=0.5):
    datasets = load_data()
    (train_x, train_y), (valid_x, valid_y), (test_x, test_y) = [
        shared_dataset(d) for d in datasets]
    n_train_batches = len(datasets[0][0]) // batch_size
    n_valid_batches = len(datasets[1][0]) // batch_size

    print('... building the model')
    index = T.lscalar('index')
    x = T.matrix('x')
    y = T.ivector('y')
    rng = numpy.random.RandomState(1234)
    srng = MRG_RandomStreams(rng.randint(2 ** 30))
    classifier = MLP(rng, x)
    learning_rate = theano.shared(
        numpy.asarray(initial_rate, dtype=theano.config.floatX), name='rate')
    cost = classifier.dropout_cost(srng, y, dropout) + L2_reg * classifier.L2_sqr

    def batch_givens(data_x, data_y):
        return {x: data_x[index * batch_size:(index + 1) * batch_size],
                y: data_y[index * batch_size:(index + 1) * batch_size]}

    train_model = theano.function(
        [index], cost,
        updates=momentum_updates(cost, classifier.params, learning_rate, momentum),
        givens=batch_givens(train_x, train_y))
    validate_model = theano.function(
        [index], classifier.errors(y), givens=batch_givens(valid_x, valid_y))
    test_model = theano.function(
        [], classifier.errors(y), givens={x: test_x, y: test_y})

    print('... training')
    patience = 15
    best_error, best_epoch, best_params, test_error = numpy.inf, 0, None, None
    costs = []
    start_time = timeit.default_timer()
    for epoch in range(1, n_epochs + 1):
        minibatch_costs = [train_model(i) for i in range(n_train_batches)]
        costs.append(float(numpy.mean(minibatch_costs)))
        valid_error = numpy.mean([validate_model(i) for i in range(n_valid_batches)])
        print('epoch %2i, cost %.6f, validation error %.2f %%' %
              (epoch, costs[-1], valid_error * 100.))
        learning_rate.set_value(numpy.asarray(
            learning_rate.get_value() * rate_decay, dtype=theano.config.floatX))
        if valid_error < best_error:
            best_error, best_epoch = valid_error, epoch
            best_params = [param.get_value() for param in classifier.params]
            test_error = float(test_model())
            print('          test error of best model %.2f %%' % (test_error * 100.))
        if epoch - best_epoch >= patience:
            break
    end_time = timeit.default_timer()

    print('Best validation error %.2f %% in epoch %i, with test error %.2f %%' %
          (best_error * 100., best_epoch, test_error * 100.))
    print('The code ran for %i epochs, with %.1f epochs/sec' %
          (epoch, epoch / (end_time - start_time)))

    if not os.path.isdir(out_folder):
        os.makedirs(out_folder)
    with open(os.path.join(out_folder, 'digits_params.pkl'), 'wb') as f:
        pickle.dump(best_params, f, protocol=2)
    with open(os.path.join(out_folder, 'digits_costs.txt'), 'w') as f:
        for value in costs:
            f.write('%.17g\n' % value)
        f.write('test error %.17g\n' % test_error)
    print('Saved digits_params.pkl and digits_costs.txt in %s' % out_folder)
    return test_error


if __name__ == '__main__':
    train(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, 'out'))
