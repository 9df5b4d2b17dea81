"""Record what the real Theano gives for the cases of tests/corner_cases.py, or of tests/uses_lines.py.

Run with the oracle's Python 3.8 (Theano 1.0.5): THEANO_FLAGS=cxx= python tests/record/record_corners.py [uses_lines]
Writes tests/data/corners.json, or uses_lines.json: {case: result}.
"""

import importlib
import os
import sys

import numpy as np
import theano
import theano.tensor as T
from encoding import encode, write
from full_names import thing
from lines import lines

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))


def main(table="corner_cases"):
    recorded = {}
    for name, text in importlib.import_module(table).CASES.items():
        space = {"theano": theano, "T": T, "np": np, "n": thing, "__name__": "case"}
        np.random.seed(0)
        try:
            exec(lines(text), space)
            recorded[name] = encode(space.get("result"))
        except Exception as error:
            recorded[name] = encode(error)
            sys.stderr.write(name + " raised " + repr(error)[:300] + "\n")
    document = {"about": "Theano " + theano.__version__ + ", numpy " + np.__version__, "cases": recorded}
    name = "corners.json" if table == "corner_cases" else table + ".json"
    write(os.path.join(HERE, "..", "data", name), document, ("cases",))


if __name__ == "__main__":
    main(*sys.argv[1:])
