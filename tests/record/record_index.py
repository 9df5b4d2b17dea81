"""Record what the real Theano gives for every expression of tests/index_cases.py.

Run with the oracle's Python 3.8 (Theano 1.0.5): THEANO_FLAGS=cxx=,linker=py,optimizer=None python
tests/record/record_index.py Writes tests/data/index.json: for each expression its value, broadcastable
pattern, op class (of the last node), idx_list, and the gradients of a weighted sum of it with respect to the
float inputs.
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
import index_cases as cases  # noqa: E402


def evaluate(inputs, outputs):
    used = [v for v in theano.gof.graph.inputs(outputs) if v.name in cases.INPUTS]
    f = theano.function(used, outputs, on_unused_input="ignore")
    return f(*[np.array(cases.INPUTS[v.name][2]) for v in used])


def record(expression):
    names, inputs = cases.scope(T, lambda name, dtype, pattern: T.TensorType(dtype, pattern)(name))
    result = {}
    try:
        out = eval(expression, names)
    except Exception as error:
        return {"build": encode(error)}
    result["op"] = type(out.owner.op).__name__ if out.owner is not None else None
    result["pattern"] = list(out.type.broadcastable)
    result["type"] = out.type.dtype
    idx = getattr(getattr(out.owner, "op", None), "idx_list", None)
    if idx is not None:
        result["idx_list"] = str(idx)
    try:
        (value,) = evaluate(inputs, [out])
    except Exception as error:
        result["run"] = encode(error)
        return result
    result["value"] = encode(value)
    if out.type.dtype not in ("float64", "float32"):
        return result
    try:
        leaves = sorted([v for v in theano.gof.graph.inputs([out]) if v.name in inputs], key=lambda v: v.name)
        wrt = [v for v in leaves if v.dtype in ("float64", "float32")]
        w = cases.weights(value.shape).astype(out.dtype)
        grads = T.grad(None, wrt, known_grads={out: T.constant(w.reshape(value.shape))},
                       disconnected_inputs="ignore")
        result["grads"] = dict(zip([v.name for v in wrt], encode(evaluate(inputs, grads))))
    except Exception as error:
        result["grad_error"] = encode(error)
    return result


def main():
    warnings.filterwarnings("ignore")
    recorded = {}
    for _, line in cases.lines():
        recorded[line] = record(line)
    document = {"about": "Theano " + theano.__version__ + ", numpy " + np.__version__, "cases": recorded}
    write(os.path.join(HERE, "..", "data", "index.json"), document, ("cases",))


if __name__ == "__main__":
    main()
