"""Record what the real Theano gives for every expression of tests/op_cases.py.

Run with the oracle's Python 3.8 (Theano 1.0.5):
    THEANO_FLAGS=cxx=,linker=py,optimizer=None python tests/record/record_ops.py
Writes the files of `op_cases.FILES` in tests/data (or those that are named as arguments): for each
expression the dtype, broadcastable pattern and value of each output, and
the gradients of a weighted sum of the outputs with respect to the float64 inputs; or the error.
"""

import os
import sys
import warnings

import numpy as np
import theano
import theano.gradient
import theano.scalar
import theano.tensor as T
import theano.tensor.elemwise
import theano.tensor.extra_ops
import theano.tensor.fft
import theano.tensor.fourier
import theano.tensor.nlinalg
import theano.tensor.nnet
import theano.tensor.slinalg
from encoding import encode, write

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import op_cases as cases  # noqa: E402

nnet = theano.tensor.nnet
nnet.softmax_grad = nnet.nnet.softmax_grad
MODULES = {"T": T, "nnet": nnet, "G": theano.gradient, "E": theano.tensor.elemwise, "S": theano.scalar,
           "X": theano.tensor.extra_ops, "N": theano.tensor.nlinalg, "L": theano.tensor.slinalg, "F": theano.tensor.fft,
           "C": theano.tensor.fourier}


def evaluate(outputs):
    used = [v for v in theano.gof.graph.inputs(outputs) if v.name in cases.INPUTS]
    f = theano.function(used, outputs, on_unused_input="ignore")
    return f(*[np.array(cases.INPUTS[v.name][2]) for v in used])


def record(expression):
    names, inputs = cases.scope(MODULES, lambda name, dtype, pattern: T.TensorType(dtype, pattern)(name))
    try:
        out = eval(expression, names)
        outs = list(out) if isinstance(out, (list, tuple)) else [out]
        dtypes = [o.type.dtype for o in outs]
    except Exception as error:
        return {"build": encode(error)}
    result = {
        "kind": type(out).__name__ if isinstance(out, (list, tuple)) else "one",
        "dtypes": dtypes,
        "patterns": [list(o.type.broadcastable) for o in outs],
    }
    try:
        values = evaluate(outs)
    except Exception as error:
        result["run"] = encode(error)
        return result
    result["values"] = encode(values)
    floats = [(o, v) for o, v in zip(outs, values) if o.type.dtype in ("float32", "float64")]
    wrt = [v for v in theano.gof.graph.inputs(outs) if v.name in inputs and v.dtype == "float64"]
    wrt = sorted(wrt, key=lambda v: v.name)
    if not floats or not wrt:
        return result
    try:
        known = theano.compat.OrderedDict(
            (o, T.patternbroadcast(T.constant(cases.weights(v.shape, i, o.dtype)), o.broadcastable))
            for i, (o, v) in enumerate(floats))
        grads = T.grad(None, wrt, known_grads=known, disconnected_inputs="ignore")
        result["grads"] = dict(zip([v.name for v in wrt], encode(evaluate(grads))))
    except Exception as error:
        result["grad_error"] = encode(error)
    return result


def main():
    for name in sys.argv[1:] or cases.FILES:
        document = {"about": "tests/op_cases.py under Theano 1.0.5, floatX=float64, linker=py, optimizer=None"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for group in cases.FILES[name]:
                document[group] = {line: record(line) for line in cases.lines(group)}
        write(os.path.join(HERE, "..", "data", name), document, per_line=tuple(cases.FILES[name]))


if __name__ == "__main__":
    main()
