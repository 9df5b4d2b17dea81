"""Evaluate a probe: Python statements whose last expression is the result. Runs on Theano and on tgraph.

The text sees theano, T (theano.tensor), np and
    V(a)      a fresh symbolic input of the dtype and ndim of numpy.asarray(a), remembering a
    ev(o)     the value of o: a function of its V inputs, called with the remembered values
    G(f, a)   ev(grad(f(x).sum(), x)) for x = V(a as float64)
    er(f)     f(), or the exception it raises
"""

import ast
import warnings

import numpy as np


class Probe:
    """One evaluation; `messages` collects the texts of the exceptions that `er` caught."""

    def __init__(self, theano, tensor):
        self.theano, self.T = theano, tensor
        self.remembered = []
        self.messages = []

    def V(self, value):
        array = np.asarray(value)
        x = self.T.TensorType(array.dtype.name, (False,) * array.ndim)()
        self.remembered.append((x, array))
        return x

    def ev(self, output, **options):
        wanted = self.theano.gof.graph.inputs(output if isinstance(output, (list, tuple)) else [output])
        pairs = [(x, a) for x, a in self.remembered if any(x is w for w in wanted)]
        f = self.theano.function([x for x, _ in pairs], output, **options)
        return f(*[a for _, a in pairs])

    def G(self, f, value):
        x = self.V(np.asarray(value, dtype="float64"))
        return self.ev(self.T.grad(f(x).sum(), x))

    def er(self, f):
        try:
            return f()
        except Exception as error:
            self.messages.append(str(error))
            return error

    def run(self, text):
        """The value of the last expression, ready to be compared."""
        scope = {"theano": self.theano, "T": self.T, "np": np}
        scope.update(V=self.V, ev=self.ev, G=self.G, er=self.er)
        body = ast.parse(text).body
        last = ast.Expression(body.pop().value)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(ast.Module(body, []), "<probe>", "exec"), scope)
            result = eval(compile(last, "<probe>", "eval"), scope)
        return self.plain(result)

    def plain(self, value):
        if isinstance(value, dict):
            return {str(k): self.plain(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.plain(v) for v in value]
        if isinstance(value, self.theano.gof.graph.Variable):
            return "variable of " + str(value.type)
        return value
