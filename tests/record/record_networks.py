"""Record what the real Theano gives for tests/network_programs.py.

Run with the oracle's Python 3.8 (Theano 1.0.5), a C compiler and a BLAS library, which its convolutions need:
    THEANO_FLAGS=blas.ldflags=-lopenblas,floatX=float64 python tests/record/record_networks.py
Writes tests/data/networks.json: {case: result}.
"""

import os
import sys
import textwrap

import numpy as np
import theano
import theano.tensor as T
import theano.tensor.signal.pool
from encoding import encode, write

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from network_programs import CASES, PRELUDE  # noqa: E402


def main():
    recorded = {}
    for name, text in CASES.items():
        space = {"theano": theano, "T": T, "np": np, "__name__": "case"}
        try:
            exec(PRELUDE + textwrap.dedent(text), space)
            recorded[name] = encode(space.get("result"))
        except Exception as error:
            recorded[name] = encode(error)
            sys.stderr.write(name + " raised " + repr(error)[:300] + "\n")
    document = {"about": "Theano " + theano.__version__ + ", numpy " + np.__version__, "cases": recorded}
    write(os.path.join(HERE, "..", "data", "networks.json"), document, ("cases",))


if __name__ == "__main__":
    main()
