# ruff: noqa: B905
"""What is done with each old pickle of record/record_loop_pickles.py: lists of numbers. Runs under Python 2.7 too."""

import numpy as np
import theano
import theano.tensor as T
from theano.compile.builders import OpFromGraph


def lists(values):
    return [np.asarray(v).tolist() for v in values]


def values_for(inputs, fx):
    """A value for each input, by its type: always the same."""
    found = []
    for k, x in enumerate(inputs):
        shape = (5, 3, 2)[: x.ndim]
        size = int(np.prod(shape))
        numbers = (np.arange(size) + k + 1).reshape(shape)
        if x.name == "n":
            found.append(np.asarray(4, x.dtype))
        elif x.name == "W":
            found.append((np.arange(9).reshape(3, 3) / 10.0 - 0.3).astype(x.dtype))
        elif "int" in x.dtype:
            found.append(np.asarray(numbers % 3, x.dtype))
        else:
            found.append(np.asarray(numbers / 7.0 - 0.5, x.dtype)[: 3 if x.ndim == 1 else None])
    return found


def graph(found, fx):
    """The outputs of a graph, twice where it has updates, and the gradient of their sum as the pickle is opened."""
    inputs, outputs = found["inputs"], found["outputs"]
    given = values_for(inputs, fx)
    f = theano.function(inputs, outputs, updates=found.get("updates"), on_unused_input="ignore")
    results = lists(f(*given))
    if found.get("updates"):
        results += lists(f(*given))
    wrt = found.get("wrt", [])
    if wrt:
        cost = sum((o ** 2).sum() for o in outputs if o.dtype in ("float32", "float64"))
        results += lists(theano.function(inputs, T.grad(cost, wrt), on_unused_input="ignore")(*given))
    return results


def clone(found, fx):
    """The graph with another leaf in the place of its first input."""
    inputs, outputs = found["inputs"], found["outputs"]
    given = values_for(inputs, fx)
    new = inputs[0].type()
    outs = theano.clone(outputs, replace={inputs[0]: new * 2})
    return lists(theano.function([new] + inputs[1:], outs, on_unused_input="ignore")(*given))


def calls(found, fx):
    """Three calls of a function; the shared variables afterwards."""
    f, inputs = found["f"], found["inputs"]
    given = values_for(inputs, fx)
    results = []
    for _ in range(3):
        made = f(*given)
        if isinstance(made, dict):
            made = [made[key] for key in sorted(made)]
        results += lists(made if isinstance(made, list) else [made])
    return results + lists(s.get_value() for s in found.get("shared", []))


# Theano itself is wrong about a loop that it rewrites for the second time
AS_IT_IS = theano.compile.mode.Mode("vm", None)


def rewritten(found, fx, mode=AS_IT_IS):
    """The graph that Theano had rewritten, compiled."""
    inputs, outputs = found["inputs"], found["outputs"]
    given = [x.get_value() if hasattr(x, "get_value") else None for x in found["leaves"]]
    rest = iter(values_for([x for x, v in zip(inputs, given) if v is None], fx))
    given = [next(rest) if v is None else v for v in given]
    fresh = [x.type() for x in inputs]
    outs = theano.clone(outputs, replace=dict(zip(inputs, fresh)))
    f = theano.function(fresh, outs, on_unused_input="ignore", accept_inplace=True, mode=mode)
    return lists(f(*given))


def double_gradient(inputs, gradients):
    """Replaces the gradient of an op made of a graph."""
    return [gradients[0] * 2]


class Layer:
    """A class of a user, as trainers had them."""

    def __init__(self, size, rng):
        self.W = theano.shared(rng.randn(size, size).astype(theano.config.floatX) * 0.5, name="W")
        self.b = theano.shared(np.zeros(size, theano.config.floatX), name="b")
        self.params = [self.W, self.b]
        self.fprop = None

    def apply(self, x):
        def step(x_t, h):
            return T.tanh(x_t + T.dot(h, self.W) + self.b)

        h, _ = theano.scan(step, sequences=x, outputs_info=T.zeros_like(x[0]))
        return h


class Model:
    """Layers, the graph that they make, a function of it, settings."""

    def __init__(self, rng):
        self.layers = [Layer(3, rng), Layer(3, rng)]
        self.x = x = T.matrix("x")
        for layer in self.layers:
            x = layer.apply(x)
        self.y = x
        self.params = [p for layer in self.layers for p in layer.params]
        self.cost = (self.y ** 2).mean()
        self.predict = theano.function([self.x], self.y)
        self.settings = {"rate": 0.5, "name": "model"}

    def __getstate__(self):
        state = dict(self.__dict__)
        state["values"] = [p.get_value() for p in self.params]
        return state


def model(found, fx):
    given = values_for([found.x], fx)
    results = lists([found.predict(*given), found.cost.eval({found.x: given[0]})])
    updates = [(p, p - g) for p, g in zip(found.params, T.grad(found.cost, found.params))]
    train = theano.function([found.x], found.cost, updates=updates)
    results += lists([train(*given), train(*given), found.predict(*given)])
    results += lists(p.get_value() for p in found.params)
    return results + lists(found.values) + [found.settings["rate"], found.settings["name"]]


def lists_of_values(found, fx):
    return lists(found["list"]) + lists(found["dict"][key] for key in sorted(found["dict"])) + [found["text"]]


def zipped(found, fx):
    same, layer = found["same"], found["layer"]
    results = lists(s.get_value() for s in same) + [str(s.name) for s in same] + lists(
        [found["arrays"]["a"], found["arrays"]["n"]])
    x = T.matrix()
    results += lists([layer.apply(x).eval({x: values_for([x], fx)[0]})])
    found["again"].set_value(np.ones(2, fx) * 7)
    return results + graph(found["graph"], fx) + lists([same[0].get_value()]) + [len(found["text"])]


def from_graph(found, fx):
    """An op made of a graph, used again."""
    op = found["op"]
    x, y = T.matrix(), T.matrix()
    given = values_for([x, y], fx)
    out = op(x, y)
    return lists(theano.function([x, y], [out] + T.grad((out ** 2).sum(), [x, y]))(*given)) + [
        isinstance(op, OpFromGraph)]


USES = {
    "graph": graph,
    "clone": clone,
    "calls": calls,
    "rewritten": rewritten,
    "model": model,
    "values": lists_of_values,
    "zipped": zipped,
    "stripped": graph,
    "from_graph": from_graph,
}
