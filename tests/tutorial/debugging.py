"""Page "Debugging Theano": error messages, test values, values of expressions."""


def message_of(call):
    try:
        call()
    except Exception as error:
        return [type(error).__name__, [word for word in WORDS if word in str(error)]]
    return None


WORDS = [
    "Apply node that caused the error", "Toposort index", "Inputs types", "Inputs shapes", "Inputs strides",
    "Inputs values", "HINT", "[(3,), (2,), (2,)]", "TensorType(float64, vector)",
]  # fmt: skip


def example_error_message(theano, T, np):
    x = T.vector()
    y = T.vector()
    z = x + x
    z = z + y
    f = theano.function([x, y], z, mode="FAST_RUN")
    return {"seen": message_of(lambda: f(np.ones((2,)), np.ones((3,)))), "right": f(np.ones(2), np.ones(2))}


def network(theano, T, np, x):
    W1 = theano.shared(np.ones((2, 10, 10)), "W1")
    W2 = theano.shared(np.ones((15, 20)), "W2")
    func_of_W1 = W1.dimshuffle(2, 0, 1).flatten(2).T
    h1 = T.dot(x, func_of_W1)
    return T.dot(h1, W2.T)


def example_wrong_dot(theano, T, np):
    x = T.matrix("x")
    f = theano.function([x], network(theano, T, np, x))
    seen = message_of(lambda: f(np.ones((5, 10))))
    return {"class": seen[0], "node": "Apply node that caused the error" in seen[1]}


def example_test_values(theano, T, np):
    x = T.matrix("x")
    x.tag.test_value = np.ones((5, 10))
    theano.config.compute_test_value = "raise"
    try:
        wrong = message_of(lambda: network(theano, T, np, x))[0]
        y = (x * 2).sum(axis=1)
        missing = message_of(lambda: T.matrix("no_value") * 2)[0]
    finally:
        theano.config.compute_test_value = "off"
    return {"wrong": wrong, "missing": missing, "carried": y.tag.test_value}


def example_print_op(theano, T, np):
    x = T.dvector("x")
    x_printed = theano.printing.Print("this is a very important value")(x)
    f = theano.function([x], x * 5)
    f_with_print = theano.function([x], x_printed * 5)
    return {"plain": f([1, 2, 3]), "printed": f_with_print([1, 2, 3])}


def example_monitor_mode(theano, T, np):
    seen = {"nodes": 0, "values": []}

    def inspect_inputs(i, node, fn):
        seen["nodes"] += 1

    def inspect_outputs(i, node, fn):
        seen["values"].append([np.array(output[0]) for output in fn.outputs])

    x = T.dscalar("x")
    mode = theano.compile.MonitorMode(pre_func=inspect_inputs, post_func=inspect_outputs)
    f = theano.function([x], [5 * x], mode=mode)
    return {"result": f(3), "nodes": seen["nodes"], "values": seen["values"]}


def example_eval_with_names(theano, T, np):
    x = T.dvector("x")
    mean = T.mean(x)
    return {"mean": mean.eval({x: np.array([1.0, 2.0, 6.0])})}
