"""Record what the real Theano gives for the cases of tests/corner_cases.py.

Run with the oracle's Python 3.8 (Theano 1.0.5): THEANO_FLAGS=cxx= python tests/record/record_corners.py
Writes tests/data/corners.json: {case: result}.
"""

import os
import sys
import textwrap

import numpy as np
import theano
import theano.tensor as T
from encoding import encode, write

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from corner_cases import CASES  # noqa: E402


def main():
    recorded = {}
    for name, text in CASES.items():
        space = {"theano": theano, "T": T, "np": np, "__name__": "case"}
        np.random.seed(0)
        try:
            exec(textwrap.dedent(text), space)
            recorded[name] = encode(space.get("result"))
        except Exception as error:
            recorded[name] = encode(error)
            sys.stderr.write(name + " raised " + repr(error)[:300] + "\n")
    document = {"about": "Theano " + theano.__version__ + ", numpy " + np.__version__, "cases": recorded}
    write(os.path.join(HERE, "..", "data", "corners.json"), document, ("cases",))


if __name__ == "__main__":
    main()
