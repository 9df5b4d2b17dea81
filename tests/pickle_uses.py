"""What is done with each old pickle (see record/record_pickles.py): lists of numbers and texts, by its name."""

import numpy as np
import theano
import theano.tensor as T


def _lists(values):
    return [np.asarray(v).tolist() for v in values]


def _inputs(fx):
    return (np.arange(6).reshape(2, 3) / 5).astype(fx), np.array([0, 1], "int32")


def _shared(found, fx):
    return [[str(v.type), v.name, type(v).__name__, np.asarray(v.get_value()).tolist()] for v in found]


def _types(found, fx):
    return [*map(str, found), found[0]("z").ndim, found[1] == T.ivector]


def _model(m, fx):
    X, Y = _inputs(fx)
    more = T.grad(m["nll"], [m["W"], m["b"]])
    first = theano.function([m["x"], m["y"]], [m["p"], m["nll"], m["p"].argmax(1), *more])(X, Y)
    train = theano.function([m["x"], m["y"], m["lr"]], m["nll"], updates=m["updates"])
    costs = [float(train(X, Y, 0.5)) for _ in range(3)]
    looks = [m["W"].tag.role, m["W"].name, str(m["p"].owner.op), theano.pp(m["p"] / 2), type(m["updates"]).__name__]
    return [*_lists(first), costs, *_lists([m["W"].get_value()]), looks]


def _indices(m, fx):
    X, Y = _inputs(fx)
    f = theano.function([m["x"], m["y"]], [*m["out"], T.grad(m["out"][1].sum(), m["x"])])
    return _lists(f(X, Y))


def _expressions(m, fx):
    X, Y = _inputs(fx)
    return _lists(theano.function([m["x"], m["y"]], m["out"])(X, Y))


def _streams(m, fx):
    f = theano.function([], [m["u"], m["n"], m["streams"].uniform((2,))])
    return [*_lists(f()), *_lists(f())]


def _branch(m, fx):
    X, _ = _inputs(fx)
    f = theano.function([m["x"]], m["out"])
    return _lists([f(X), f(-X)])


def _op_of_graph(m, fx):
    X, _ = _inputs(fx)
    u = m["out"]
    f = theano.function([m["x"]], [u, m["slope"], T.grad((u**2).sum(), m["x"])])
    kinds = [type(node.op).__name__ for node in f.maker.fgraph.toposort()]
    return [*_lists(f(X)), str(u.owner.op), "OpFromGraph" in kinds]


def _one_draw(m, fx):
    X, _ = _inputs(fx)
    f = theano.function([m["x"]], m["out"])
    return _lists([f(X), f(X), f(-X)])


def _old_pooling(m, fx):
    image = (np.arange(2 * 4 * 6).reshape(1, 2, 4, 6) % 7).astype(fx)
    # Theano's rewriting did not know what these nodes lack
    return _lists(theano.function([m["x"]], m["out"], mode=theano.Mode("py", None))(image))


def _predict(f, fx):
    X, _ = _inputs(fx)
    return [f.name, *_lists([f(X), f(x=-X)])]


def _train(f, fx):
    X, _ = _inputs(fx)
    return _lists([f(X), f(X), f(X, rate=1.0), f(X), f.get_shared()[0].get_value()])


def _draw(f, fx):
    return _lists([f(), f()])


def _mode(mode, fx):
    x = T.vector()
    return _lists([theano.function([x], x + 1, mode=mode)([1.0])])


USES = {
    "values": lambda found, fx: _lists(found),
    "shared": _shared,
    "types": _types,
    "model": _model,
    "indices": _indices,
    "mrg": _streams,
    "streams": _streams,
    "branch": _branch,
    "expressions": _expressions,
    "predict": _predict,
    "train": _train,
    "draw": _draw,
    "op_of_graph": _op_of_graph,
    "one_draw": _one_draw,
    "old_pooling": _old_pooling,
    "mode": _mode,
}
