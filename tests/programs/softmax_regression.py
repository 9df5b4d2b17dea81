"""softmax regression, tutorial style with classes, shared data, patience, cPickle of the best model"""

from __future__ import print_function
try:
    import cPickle as pickle
except ImportError:
    import pickle
import os, sys, timeit, gzip, tempfile
import numpy
import theano
import theano.tensor as T


class LogisticRegression(object):
    def __init__(self, input, n_in, n_out):
        self.W = theano.shared(value=numpy.zeros((n_in, n_out), dtype=theano.config.floatX), name="W", borrow=True)
        self.b = theano.shared(value=numpy.zeros((n_out,), dtype=theano.config.floatX), name="b", borrow=True)
        self.p_y_given_x = T.nnet.softmax(T.dot(input, self.W) + self.b)
        self.y_pred = T.argmax(self.p_y_given_x, axis=1)
        self.params = [self.W, self.b]
        self.input = input

    def negative_log_likelihood(self, y):
        return -T.mean(T.log(self.p_y_given_x)[T.arange(y.shape[0]), y])

    def errors(self, y):
        if y.ndim != self.y_pred.ndim:
            raise TypeError("y should have the same shape as self.y_pred", ("y", y.type, "y_pred", self.y_pred.type))
        if y.dtype.startswith("int"):
            return T.mean(T.neq(self.y_pred, y))
        else:
            raise NotImplementedError()


def make(seed, n):
    r = numpy.random.RandomState(seed)
    c = numpy.random.RandomState(0).randn(4, 12)
    y = r.randint(0, 4, n)
    x = c[y] + 1.4 * r.randn(n, 12)
    return x, y


def shared_dataset(data_xy, borrow=True):
    data_x, data_y = data_xy
    shared_x = theano.shared(numpy.asarray(data_x, dtype=theano.config.floatX), borrow=borrow)
    shared_y = theano.shared(numpy.asarray(data_y, dtype=theano.config.floatX), borrow=borrow)
    return shared_x, T.cast(shared_y, "int32")


(tx, ty), (vx, vy), (sx, sy) = [shared_dataset(make(i, n)) for i, n in ((1, 240), (2, 80), (3, 80))]
print(type(ty).__name__, ty.type, ty.owner.op, ty.owner.inputs[0].type)
batch_size = 20
n_train_batches = tx.get_value(borrow=True).shape[0] // batch_size
index = T.lscalar()
x = T.matrix("x")
y = T.ivector("y")
clf = LogisticRegression(input=x, n_in=12, n_out=4)
cost = clf.negative_log_likelihood(y)
test_model = theano.function(
    [index],
    clf.errors(y),
    givens={x: sx[index * batch_size : (index + 1) * batch_size], y: sy[index * batch_size : (index + 1) * batch_size]},
)
validate_model = theano.function(
    [index],
    clf.errors(y),
    givens={x: vx[index * batch_size : (index + 1) * batch_size], y: vy[index * batch_size : (index + 1) * batch_size]},
)
g_W = T.grad(cost=cost, wrt=clf.W)
g_b = T.grad(cost=cost, wrt=clf.b)
updates = [(clf.W, clf.W - 0.13 * g_W), (clf.b, clf.b - 0.13 * g_b)]
train_model = theano.function(
    inputs=[index],
    outputs=cost,
    updates=updates,
    givens={x: tx[index * batch_size : (index + 1) * batch_size], y: ty[index * batch_size : (index + 1) * batch_size]},
)
best = numpy.inf
best_model = os.path.join(tempfile.mkdtemp(), "best_model.pkl")
patience, epoch, done = 60, 0, False
while epoch < 8 and not done:
    epoch += 1
    for mb in range(n_train_batches):
        c = train_model(mb)
        it = (epoch - 1) * n_train_batches + mb
        if (it + 1) % n_train_batches == 0:
            v = numpy.mean([validate_model(i) for i in range(4)])
            print("epoch %i, minibatch %i/%i, validation error %f %%" % (epoch, mb + 1, n_train_batches, v * 100.0))
            if v < best:
                if v < best * 0.995:
                    patience = max(patience, it * 2)
                best = v
                print(
                    ("     epoch %i, minibatch %i/%i, test error of best model %f %%")
                    % (epoch, mb + 1, n_train_batches, numpy.mean([test_model(i) for i in range(4)]) * 100.0)
                )
                with open(best_model, "wb") as f:
                    pickle.dump(clf, f)
        if patience <= it:
            done = True
            break
classifier = pickle.load(open(best_model, "rb"))
predict_model = theano.function(inputs=[classifier.input], outputs=classifier.y_pred)
print("Predicted values for the first 10 examples in test set:")
print(predict_model(sx.get_value()[:10]))
try:
    clf.errors(T.matrix("yy"))
except TypeError as e:
    print(e.args[0], e.args[1])
try:
    clf.errors(T.vector("yy"))
except NotImplementedError as e:
    print("nie", e)
print(
    train_model.maker.inputs[0].variable,
    [str(u.variable) for u in train_model.maker.inputs],
    train_model(0).dtype,
    type(train_model(0)),
)
os.remove(best_model)
os.rmdir(os.path.dirname(best_model))
