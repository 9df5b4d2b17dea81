"""The classifiers of the deep learning tutorials: logistic_sgd and mlp, on a small set of made-up data."""


def dataset(theano, T, np, n=60, n_in=12, n_out=4):
    rng = np.random.RandomState(4711)
    x = np.asarray(rng.rand(n, n_in), dtype=theano.config.floatX)
    y = (x.dot(rng.randn(n_in, n_out))).argmax(axis=1)
    shared_x = theano.shared(x, borrow=True)
    shared_y = theano.shared(np.asarray(y, dtype=theano.config.floatX), borrow=True)
    return shared_x, T.cast(shared_y, "int32")


class LogisticRegression:
    def __init__(self, theano, T, np, input, n_in, n_out):
        self.T = T
        zeros = np.zeros((n_in, n_out), dtype=theano.config.floatX)
        self.W = theano.shared(value=zeros, name="W", borrow=True)
        self.b = theano.shared(value=zeros[0], name="b", borrow=False)
        self.p_y_given_x = T.nnet.softmax(T.dot(input, self.W) + self.b)
        self.y_pred = T.argmax(self.p_y_given_x, axis=1)
        self.params = [self.W, self.b]

    def negative_log_likelihood(self, y):
        T = self.T
        return -T.mean(T.log(self.p_y_given_x)[T.arange(y.shape[0]), y])

    def errors(self, y):
        if y.ndim != self.y_pred.ndim:
            raise TypeError("y should have the same shape as self.y_pred")
        if not y.dtype.startswith("int"):
            raise NotImplementedError()
        return self.T.mean(self.T.neq(self.y_pred, y))


class HiddenLayer:
    def __init__(self, theano, T, np, rng, input, n_in, n_out, activation):
        bound = np.sqrt(6.0 / (n_in + n_out))
        W_values = np.asarray(
            rng.uniform(low=-bound, high=bound, size=(n_in, n_out)), dtype=theano.config.floatX
        )
        if activation == T.nnet.sigmoid:
            W_values *= 4
        self.W = theano.shared(value=W_values, name="W", borrow=True)
        self.b = theano.shared(value=np.zeros((n_out,), dtype=theano.config.floatX), name="b", borrow=True)
        lin_output = T.dot(input, self.W) + self.b
        self.output = lin_output if activation is None else activation(lin_output)
        self.params = [self.W, self.b]


def sgd(theano, T, np, cost, params, x, y, train_x, train_y, errors, rate=0.13, batch=20, epochs=5):
    index = T.lscalar()
    gparams = [T.grad(cost, param) for param in params]
    updates = [(param, param - rate * gparam) for param, gparam in zip(params, gparams)]
    givens = {
        x: train_x[index * batch : (index + 1) * batch],
        y: train_y[index * batch : (index + 1) * batch],
    }
    train_model = theano.function(inputs=[index], outputs=cost, updates=updates, givens=givens)
    test_model = theano.function(inputs=[index], outputs=errors, givens=givens)
    costs = [train_model(i) for _ in range(epochs) for i in range(3)]
    return {
        "costs": np.array(costs),
        "errors": [test_model(i) for i in range(3)],
        "params": [p.get_value() for p in params],
    }


def logistic_sgd(theano, T, np):
    train_x, train_y = dataset(theano, T, np)
    x, y = T.matrix("x"), T.ivector("y")
    classifier = LogisticRegression(theano, T, np, input=x, n_in=12, n_out=4)
    cost = classifier.negative_log_likelihood(y)
    return sgd(theano, T, np, cost, classifier.params, x, y, train_x, train_y, classifier.errors(y))


def mlp(theano, T, np, activation):
    train_x, train_y = dataset(theano, T, np)
    x, y = T.matrix("x"), T.ivector("y")
    hidden = HiddenLayer(theano, T, np, np.random.RandomState(1234), x, 12, 9, activation)
    top = LogisticRegression(theano, T, np, hidden.output, 9, 4)
    L1 = abs(hidden.W).sum() + abs(top.W).sum()
    L2_sqr = (hidden.W**2).sum() + (top.W**2).sum()
    cost = top.negative_log_likelihood(y) + 0.001 * L1 + 0.0001 * L2_sqr
    params = hidden.params + top.params
    return sgd(theano, T, np, cost, params, x, y, train_x, train_y, top.errors(y))


def in_float32(theano, call):
    theano.config.floatX = "float32"
    try:
        return call()
    finally:
        theano.config.floatX = "float64"


def example_logistic_sgd(theano, T, np):
    return logistic_sgd(theano, T, np)


def example_logistic_sgd_float32(theano, T, np):
    return in_float32(theano, lambda: logistic_sgd(theano, T, np))


def example_mlp_tanh(theano, T, np):
    return mlp(theano, T, np, T.tanh)


def example_mlp_sigmoid(theano, T, np):
    return mlp(theano, T, np, T.nnet.sigmoid)


def example_mlp_relu_float32(theano, T, np):
    return in_float32(theano, lambda: mlp(theano, T, np, T.nnet.relu))


def example_bad_labels(theano, T, np):
    x = T.matrix("x")
    classifier = LogisticRegression(theano, T, np, input=x, n_in=3, n_out=2)
    raised = []
    for y in (T.matrix("y"), T.vector("y")):
        try:
            classifier.errors(y)
        except (TypeError, NotImplementedError) as error:
            raised.append(type(error).__name__)
    return {"raised": raised}


def example_label_out_of_range(theano, T, np):
    x, y = T.matrix("x"), T.ivector("y")
    classifier = LogisticRegression(theano, T, np, input=x, n_in=3, n_out=2)
    f = theano.function([x, y], classifier.negative_log_likelihood(y))
    raised = []
    for label in (2, -1):
        try:
            raised.append(f(np.ones((1, 3)), np.array([label], "int32")))
        except Exception as error:
            raised.append(type(error).__name__)
    return {"raised": raised}
