"""Record elementwise ops that the main record leaves out: xlogx and xlogy0.

Run with the oracle's Python 3.8, as record_scalar_ops.py. Writes tests/data/scalar_extras.json: for every op
and input dtype {"inputs", "output", "gradients"} in the form of encoding.py, on a grid of points.
"""

import os

import numpy as np
import theano
import theano.tensor as T
from encoding import encode, write
from theano.tensor.xlogx import xlogx, xlogy0

HERE = os.path.dirname(os.path.abspath(__file__))
POINTS = [-np.inf, -1.5, 0.0, 0.3, 1.0, 2.5, np.inf, np.nan]


def main():
    document = {"about": "Theano %s, compiled" % theano.__version__}
    for name, op, n in (("xlogx", xlogx, 1), ("xlogy0", xlogy0, 2)):
        document[name] = {}
        for dtype in ("float64", "float32"):
            xs = [T.TensorType(dtype, (False,))() for _ in range(n)]
            grid = np.meshgrid(*[POINTS] * n, indexing="ij")
            inputs = [g.ravel().astype(dtype) for g in grid]
            out = op(*xs)
            results = theano.function(xs, [out] + T.grad(out.sum(), xs))(*inputs)
            document[name][dtype] = encode({"inputs": inputs, "output": results[0], "gradients": results[1:]})
    write(os.path.join(HERE, "..", "data", "scalar_extras.json"), document)


if __name__ == "__main__":
    main()
