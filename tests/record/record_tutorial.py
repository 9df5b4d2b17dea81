"""Record what the examples of tests/tutorial give under the real Theano.

Run with the oracle's Python 3.8 (Theano 1.0.5 with a C compiler):
    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/record/record_tutorial.py
Writes tests/data/tutorial.json: {"page.example": {name: value}}, an exception in place of values that raised.
"""

import importlib
import os
import sys
import warnings

import numpy as np
import theano
import theano.tensor as T
from encoding import encode, write

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tutorial"))


def pages():
    files = sorted(os.listdir(os.path.join(HERE, "..", "tutorial")))
    return [importlib.import_module(f[:-3]) for f in files if f.endswith(".py") and not f.startswith("_")]


def main(only=""):
    warnings.filterwarnings("ignore")
    recorded = {}
    for page in pages():
        for name, example in sorted(vars(page).items()):
            key = page.__name__ + "." + name[8:]
            if name.startswith("example_") and only in key:
                try:
                    recorded[key] = encode(example(theano, T, np))
                except Exception as error:
                    recorded[key] = encode(error)
                    sys.stderr.write(key + " raised " + repr(error)[:200] + "\n")
    if only:
        for item in recorded.items():
            sys.stdout.write(repr(item)[:3000] + "\n")
        return
    document = {"about": "Theano " + theano.__version__ + ", numpy " + np.__version__, "examples": recorded}
    write(os.path.join(HERE, "..", "data", "tutorial.json"), document, ("examples",))


if __name__ == "__main__":
    main(*sys.argv[1:])
