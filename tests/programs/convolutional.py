"""A LeNet in the manner of the tutorials, and what else convolutional networks of that time were made of."""

from __future__ import print_function

from collections import OrderedDict

import numpy
import theano
import theano.tensor as T
from theano.tensor.nnet import conv2d
from theano.tensor.nnet import bn
from theano.tensor.signal import pool

floatX = theano.config.floatX


class LogisticRegression(object):
    def __init__(self, input, n_in, n_out):
        self.W = theano.shared(numpy.zeros((n_in, n_out), dtype=floatX), name="W", borrow=True)
        self.b = theano.shared(numpy.zeros((n_out,), dtype=floatX), name="b", borrow=True)
        self.p_y_given_x = T.nnet.softmax(T.dot(input, self.W) + self.b)
        self.y_pred = T.argmax(self.p_y_given_x, axis=1)
        self.params = [self.W, self.b]

    def negative_log_likelihood(self, y):
        return -T.mean(T.log(self.p_y_given_x)[T.arange(y.shape[0]), y])

    def errors(self, y):
        return T.mean(T.neq(self.y_pred, y))


class HiddenLayer(object):
    def __init__(self, rng, input, n_in, n_out, activation=T.tanh):
        bound = numpy.sqrt(6.0 / (n_in + n_out))
        self.W = theano.shared(numpy.asarray(rng.uniform(-bound, bound, (n_in, n_out)), dtype=floatX), name="W")
        self.b = theano.shared(numpy.zeros((n_out,), dtype=floatX), name="b")
        self.output = activation(T.dot(input, self.W) + self.b)
        self.params = [self.W, self.b]


class LeNetConvPoolLayer(object):
    def __init__(self, rng, input, filter_shape, image_shape, poolsize=(2, 2)):
        assert image_shape[1] == filter_shape[1]
        fan_in = numpy.prod(filter_shape[1:])
        fan_out = filter_shape[0] * numpy.prod(filter_shape[2:]) // numpy.prod(poolsize)
        W_bound = numpy.sqrt(6.0 / (fan_in + fan_out))
        self.W = theano.shared(
            numpy.asarray(rng.uniform(low=-W_bound, high=W_bound, size=filter_shape), dtype=floatX), borrow=True
        )
        self.b = theano.shared(value=numpy.zeros((filter_shape[0],), dtype=floatX), borrow=True)
        conv_out = conv2d(input=input, filters=self.W, filter_shape=filter_shape, input_shape=image_shape)
        pooled_out = pool.pool_2d(input=conv_out, ws=poolsize, ignore_border=True)
        self.output = T.tanh(pooled_out + self.b.dimshuffle("x", 0, "x", "x"))
        self.params = [self.W, self.b]


def shared_dataset(data_x, data_y):
    shared_x = theano.shared(numpy.asarray(data_x, dtype=floatX), borrow=True)
    shared_y = theano.shared(numpy.asarray(data_y, dtype=floatX), borrow=True)
    return shared_x, T.cast(shared_y, "int32")


def make_data(rng, n, size=12):
    """Bars, upright or lying, in noise."""
    labels = rng.randint(0, 4, n)
    images = rng.uniform(0, 0.3, (n, size, size))
    for image, label in zip(images, labels):
        at = rng.randint(1, size - 2)
        if label % 2:
            image[at, :] += 1 - 0.4 * (label // 2)
        else:
            image[:, at] += 1 - 0.4 * (label // 2)
    return images.reshape(n, -1), labels


def lenet():
    rng = numpy.random.RandomState(23455)
    batch_size = 10
    train_x, train_y = shared_dataset(*make_data(rng, 60))
    test_x, test_y = shared_dataset(*make_data(rng, 20))
    index = T.lscalar()
    x = T.matrix("x")
    y = T.ivector("y")
    layer0_input = x.reshape((batch_size, 1, 12, 12))
    layer0 = LeNetConvPoolLayer(rng, layer0_input, (4, 1, 3, 3), (batch_size, 1, 12, 12))
    layer1 = LeNetConvPoolLayer(rng, layer0.output, (6, 4, 2, 2), (batch_size, 4, 5, 5))
    layer2_input = layer1.output.flatten(2)
    layer2 = HiddenLayer(rng, layer2_input, n_in=6 * 2 * 2, n_out=8)
    layer3 = LogisticRegression(layer2.output, n_in=8, n_out=4)
    cost = layer3.negative_log_likelihood(y)
    test_model = theano.function(
        [index],
        layer3.errors(y),
        givens={
            x: test_x[index * batch_size : (index + 1) * batch_size],
            y: test_y[index * batch_size : (index + 1) * batch_size],
        },
    )
    params = layer3.params + layer2.params + layer1.params + layer0.params
    grads = T.grad(cost, params)
    updates = [(p, p - 0.1 * g) for p, g in zip(params, grads)]
    train_model = theano.function(
        [index],
        cost,
        updates=updates,
        givens={
            x: train_x[index * batch_size : (index + 1) * batch_size],
            y: train_y[index * batch_size : (index + 1) * batch_size],
        },
    )
    for epoch in range(4):
        costs = [train_model(i) for i in range(6)]
        print(
            "lenet epoch %d: cost %.5f first %.5f error %.3f"
            % (epoch, numpy.mean(costs), costs[0], numpy.mean([test_model(i) for i in range(2)]))
        )


def normalized_network():
    """Padded and strided convolutions, batch normalization with running averages, relu, mean pooling, momentum."""
    rng = numpy.random.RandomState(1)
    x = T.tensor4("x")
    y = T.ivector("y")
    w1 = theano.shared(rng.normal(0, 0.2, (5, 2, 3, 3)).astype(floatX))
    gamma = theano.shared(numpy.ones(5, floatX))
    beta = theano.shared(numpy.zeros(5, floatX))
    mean = theano.shared(numpy.zeros(5, floatX))
    var = theano.shared(numpy.ones(5, floatX))
    w2 = theano.shared(rng.normal(0, 0.2, (3, 5, 2, 2)).astype(floatX))
    params = [w1, gamma, beta, w2]

    def top(h):
        h = T.nnet.conv2d(T.nnet.relu(h), w2, border_mode="half", filter_flip=False)
        h = pool.pool_2d(h, (3, 3), stride=(2, 2), pad=(1, 1), ignore_border=True, mode="average_inc_pad")
        return T.nnet.softmax(h.mean(axis=(2, 3)))

    h = T.nnet.conv2d(x, w1, border_mode=(1, 1), subsample=(2, 2))
    normal, _, _, new_mean, new_var = bn.batch_normalization_train(
        h, gamma, beta, axes="spatial", running_mean=mean, running_var=var
    )
    cost = T.nnet.categorical_crossentropy(top(normal), y).mean()
    updates = OrderedDict([(mean, new_mean), (var, new_var)])
    for p, g in zip(params, T.grad(cost, params)):
        speed = theano.shared(p.get_value() * 0)
        updates[speed] = 0.9 * speed - 0.1 * g
        updates[p] = p + updates[speed]
    train = theano.function([x, y], cost, updates=updates)
    test = theano.function(
        [x], T.argmax(top(bn.batch_normalization_test(h, gamma, beta, mean, var, axes="spatial")), 1)
    )
    images = rng.uniform(-1, 1, (8, 2, 9, 7)).astype(floatX)
    labels = rng.randint(0, 3, 8).astype("int32")
    images[:, 0] += labels[:, None, None] * 0.5
    for step in range(6):
        print("normalized step %d: %.5f" % (step, train(images, labels)))
    print("running mean", " ".join("%.5f" % v for v in mean.get_value()))
    print("running var", " ".join("%.5f" % v for v in var.get_value()))
    print("answers", test(images).tolist())


def autoencoder():
    """A convolutional autoencoder: transposed convolutions, and switches of the largest."""
    rng = numpy.random.RandomState(2)
    x = T.tensor4("x")
    w = theano.shared(rng.normal(0, 0.3, (4, 1, 3, 3)).astype(floatX))
    v = theano.shared(rng.normal(0, 0.3, (4, 1, 4, 4)).astype(floatX))
    code = T.tanh(conv2d(x, w, border_mode="full"))
    sparse = pool.max_pool_2d_same_size(code, (2, 2))
    small = pool.pool_2d(sparse, (2, 2), ignore_border=True, mode="sum")
    back = (
        T.nnet.conv2d_transpose(
            small, v, output_shape=(None, 1, 8, 8), filter_shape=(4, 1, 4, 4), border_mode=(2, 2), input_dilation=(2, 2)
        )
        if hasattr(T.nnet, "conv2d_transpose")
        else None
    )
    cost = T.sqr(back - x).mean()
    grads = T.grad(cost, [w, v])
    f = theano.function(
        [x], [cost] + [T.sqrt(T.sqr(g).sum()) for g in grads], updates=[(p, p - 0.3 * g) for p, g in zip([w, v], grads)]
    )
    images = rng.uniform(0, 1, (3, 1, 8, 8)).astype(floatX)
    for step in range(4):
        print("autoencoder step %d: %s" % (step, " ".join("%.5f" % float(r) for r in f(images))))


def video():
    """Three axes: conv3d, pool_3d, and the older conv3d of (batch, time, channels, rows, columns)."""
    from theano.tensor.nnet import conv3d
    from theano.tensor.nnet.conv3d2d import conv3d as conv3d_of_old

    rng = numpy.random.RandomState(3)
    five = T.TensorType(floatX, (False,) * 5)
    x, w = five("x"), five("w")
    z = pool.pool_3d(conv3d(x, w, border_mode="half", subsample=(1, 2, 1)), (2, 2, 2), ignore_border=True)
    f = theano.function([x, w], [z.sum(), abs(T.grad((z**2).sum(), w)).sum(), z.shape])
    a = rng.uniform(-1, 1, (2, 2, 5, 6, 7)).astype(floatX)
    b = rng.uniform(-1, 1, (3, 2, 3, 2, 2)).astype(floatX)
    total, slope, shape = f(a, b)
    print("video %.4f %.4f" % (total, slope), shape.tolist())
    z = conv3d_of_old(x.dimshuffle(0, 2, 1, 3, 4), w.dimshuffle(0, 2, 1, 3, 4), border_mode="valid")
    f = theano.function([x, w], [z.sum(), z.shape])
    total, shape = f(a, b)
    print("old video %.4f" % total, shape.tolist())


def curvature():
    """Gradients of gradients, and products with the Hessian, through convolution and pooling."""
    rng = numpy.random.RandomState(4)
    x, w, v = T.tensor4("x"), T.tensor4("w"), T.tensor4("v")
    cost = (T.tanh(pool.pool_2d(conv2d(x, w), (2, 2), ignore_border=True)) ** 2).sum()
    g = T.grad(cost, w)
    hv = T.grad((g * v).sum(), w)
    gv = T.Rop(pool.pool_2d(conv2d(x, w), (2, 2), ignore_border=True), w, v)
    f = theano.function([x, w, v], [hv, gv.sum()])
    arrays = [rng.uniform(-1, 1, s).astype(floatX) for s in ((2, 2, 7, 6), (3, 2, 2, 3), (3, 2, 2, 3))]
    hv, gv = f(*arrays)
    print("curvature %.5f %.5f %.5f" % (hv.sum(), abs(hv).sum(), gv))


if __name__ == "__main__":
    lenet()
    normalized_network()
    autoencoder()
    video()
    curvature()
