"""Record what the real Theano gives for every expression of tests/shape_cases.py.

Run with the oracle's Python 3.8 (Theano 1.0.5):
    THEANO_FLAGS=cxx=,linker=py,optimizer=None python tests/record/record_shapes.py
Writes tests/data/shapes.json: for each expression and output its dtype, broadcastable pattern and value,
and the gradients of a weighted sum of the outputs with respect to the float64 inputs.
"""

import os
import sys
import warnings

import numpy as np
import theano
import theano.tensor as T
from encoding import encode, write

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import shape_cases as cases  # noqa: E402


def evaluate(outputs):
    used = [v for v in theano.gof.graph.inputs(outputs) if v.name in cases.INPUTS]
    f = theano.function(used, outputs, on_unused_input="ignore")
    return f(*[np.array(cases.INPUTS[v.name][2]) for v in used])


def record(expression):
    names, inputs = cases.scope(T, lambda name, dtype, pattern: T.TensorType(dtype, pattern)(name))
    try:
        out = eval(expression, names)
    except Exception as error:
        return {"build": encode(error)}
    outs = list(out) if isinstance(out, (list, tuple)) else [out]
    result = {
        "ops": [type(o.owner.op).__name__ if o.owner else None for o in outs],
        "dtypes": [o.type.dtype for o in outs],
        "patterns": [list(o.type.broadcastable) for o in outs],
    }
    try:
        values = evaluate(outs)
    except Exception as error:
        result["run"] = encode(error)
        return result
    result["values"] = encode(values)
    if not all(o.type.dtype == "float64" for o in outs):
        return result
    wrt = [v for v in theano.gof.graph.inputs(outs) if v.name in inputs and v.dtype == "float64"]
    wrt = sorted(wrt, key=lambda v: v.name)
    try:
        known = theano.compat.OrderedDict(
            (o, T.patternbroadcast(T.constant(cases.weights(v.shape, i)), o.broadcastable))
            for i, (o, v) in enumerate(zip(outs, values)))
        grads = T.grad(None, wrt, known_grads=known, disconnected_inputs="ignore")
        result["grads"] = dict(zip([v.name for v in wrt], encode(evaluate(grads))))
    except Exception as error:
        result["grad_error"] = encode(error)
    return result


def known(expression):
    names, _ = cases.scope(T, lambda name, dtype, pattern: T.TensorType(dtype, pattern)(name))
    try:
        return {"value": encode(eval(expression, names))}
    except Exception as error:
        return {"build": encode(error)}


def main():
    warnings.filterwarnings("ignore")
    document = {"about": "Theano " + theano.__version__ + ", numpy " + np.__version__}
    for group in cases.GROUPS:
        document[group] = {line: (known if group == "known" else record)(line) for line in cases.lines(group)}
    write(os.path.join(HERE, "..", "data", "shapes.json"), document, tuple(cases.GROUPS))


if __name__ == "__main__":
    main()
