"""The logistic regression of the pages "More examples" and "Configuration settings and compiling modes"."""


def data(np, dtype):
    rng = np.random.RandomState(6732)
    n, feats = 400, 784
    images = rng.randn(n, feats).astype(dtype)
    labels = rng.randint(size=n, low=0, high=2).astype(dtype)
    return images, labels, rng.randn(feats).astype(dtype)


def example_real(theano, T, np):
    """The first cross-entropies are compared where Theano's are finite: far from 0 it gave inf and nan."""
    images, labels, weights = data(np, "float64")
    training_steps = 10000
    x = T.dmatrix("x")
    y = T.dvector("y")
    w = theano.shared(weights, name="w")
    b = theano.shared(0.0, name="b")
    p_1 = 1 / (1 + T.exp(-T.dot(x, w) - b))
    prediction = p_1 > 0.5
    xent = -y * T.log(p_1) - (1 - y) * T.log(1 - p_1)
    cost = xent.mean() + 0.01 * (w**2).sum()
    gw, gb = T.grad(cost, [w, b])
    train = theano.function(
        inputs=[x, y], outputs=[prediction, xent], updates=((w, w - 0.1 * gw), (b, b - 0.1 * gb))
    )
    predict = theano.function(inputs=[x], outputs=prediction)
    first = train(images, labels)
    for _ in range(training_steps - 1):
        pred, err = train(images, labels)
    return {
        "first_prediction": first[0],
        "first_xent": first[1][abs(images.dot(weights)) < 15],
        "last_prediction": pred,
        "last_xent": err,
        "w": w.get_value()[::16],
        "b": b.get_value(),
        "predict": predict(images),
    }


def short(theano, T, np, mode):
    """The version of the page on modes, with floatX and test values, for 200 steps."""
    floatX = theano.config.floatX
    images, labels, weights = data(np, floatX)
    x = T.matrix("x")
    y = T.vector("y")
    w = theano.shared(weights * np.asarray(0.01, dtype=floatX), name="w")
    b = theano.shared(np.asarray(0.0, dtype=floatX), name="b")
    x.tag.test_value = images
    y.tag.test_value = labels
    p_1 = 1 / (1 + T.exp(-T.dot(x, w) - b))
    prediction = p_1 > 0.5
    xent = -y * T.log(p_1) - (1 - y) * T.log(1 - p_1)
    cost = T.cast(xent.mean(), floatX) + 0.01 * (w**2).sum()
    gw, gb = T.grad(cost, [w, b])
    train = theano.function(
        inputs=[x, y],
        outputs=[prediction, xent],
        updates=[(w, w - 0.01 * gw), (b, b - 0.01 * gb)],
        name="train",
        mode=mode,
    )
    predict = theano.function(inputs=[x], outputs=prediction, name="predict", mode=mode)
    for _ in range(200):
        pred, err = train(images, labels)
    return {"w": w.get_value()[::64], "b": b.get_value(), "xent": err[:20], "predict": predict(images)}


def example_modes_default(theano, T, np):
    return short(theano, T, np, None)


def example_modes_fast_compile(theano, T, np):
    return short(theano, T, np, "FAST_COMPILE")


def example_modes_fast_run(theano, T, np):
    return short(theano, T, np, "FAST_RUN")


def example_modes_float32(theano, T, np):
    theano.config.floatX = "float32"
    try:
        return short(theano, T, np, None)
    finally:
        theano.config.floatX = "float64"
