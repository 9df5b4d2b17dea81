"""Record what the real Theano gives for every expression of tests/sparse_lines.py.

    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/record/record_sparse.py      (Theano 1.0.5, Python 3.8)
(with a C compiler: its products of matrices and vectors in compressed rows keep the places of stored zeros)
Writes tests/data/sparse.json: expression -> {"type", "value", "grads": {input: {"type", "value"}}} or an error.
"""

import os
import sys

import numpy as np
from encoding import encode, write

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import sparse_lines  # noqa: E402


class Bench:
    """Runs expressions with the modules of whatever `theano` means."""

    def __init__(self, theano, scipy_sparse):
        import theano.sparse.sandbox.sp2
        import theano.tensor

        self.theano, self.S, self.T = theano, theano.sparse, theano.tensor
        self.values, self.scope = {}, {"theano": theano, "S": theano.sparse, "B": theano.sparse.basic,
                                       "R": theano.sparse.sandbox.sp2, "T": theano.tensor}
        for name, (format, array) in sparse_lines.INPUTS.items():
            if format is None:
                self.values[name] = array
                kind = self.T.TensorType(str(array.dtype), [n == 1 and array.ndim > 1 for n in array.shape])
            else:
                self.values[name] = getattr(scipy_sparse, format + "_matrix")(array)
                kind = self.S.SparseType(format, str(array.dtype))
            self.scope[name] = kind(name)

    def dense(self, value):
        """A value as an array."""
        return value.toarray() if hasattr(value, "toarray") else value

    def build(self, line):
        """The variable of an expression."""
        found = eval(line, dict(self.scope))
        return found.owner.outputs[0] if isinstance(found, self.theano.gof.Op) else found

    def inputs(self, *outputs):
        """The inputs that variables depend on, by name."""
        leaves = self.theano.gof.graph.inputs(list(outputs))
        return [name for name in sparse_lines.INPUTS if self.scope[name] in leaves]

    def run(self, output, mode=None):
        names = self.inputs(output)
        f = self.theano.function([self.scope[n] for n in names], output, mode=mode)
        return f(*[self.values[n] for n in names])

    def cost(self, output, value):
        """A sum of the elements, each with its own weight."""
        shape = self.dense(value).shape
        weights = np.cos(np.arange(int(np.prod(shape)))).reshape(shape).astype(output.type.dtype)
        sparse = isinstance(output.type, self.S.SparseType)
        return ((self.S.dense_from_sparse(output) if sparse else output) * weights).sum()

    def record(self, line, mode=None, raising=Exception):
        """{"type", "value", "grads"}, or the exception."""
        try:
            output = self.build(line)
            kind = str(output.type)
            value = self.run(output, mode)
        except raising as error:
            return error
        grads = {}
        if str(self.dense(value).dtype) in ("float32", "float64"):
            cost = self.cost(output, value)
            for name in self.inputs(output):
                if "float" in self.scope[name].dtype:
                    try:
                        g = self.theano.grad(cost, self.scope[name], disconnected_inputs="ignore")
                        grads[name] = {"type": str(g.type), "value": self.dense(self.run(g, mode))}
                    except raising as error:
                        grads[name] = error
        return {"type": kind, "format": getattr(value, "format", None), "value": self.dense(value), "grads": grads}


if __name__ == "__main__":
    import scipy.sparse
    import theano
    import theano.sparse

    bench = Bench(theano, scipy.sparse)
    found = {line: encode(bench.record(line)) for line in sparse_lines.LINES}
    write(os.path.join(HERE, "..", "data", "sparse.json"), {"lines": found}, per_line=("lines",))
