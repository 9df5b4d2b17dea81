"""Record what the examples of tests/tutorial give under the real Theano.

Run with the oracle's Python 3.8 (Theano 1.0.5 with a C compiler):
    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/record/record_tutorial.py
Writes tests/data/tutorial.json: {"page.example": {name: value}}, an exception in place of values that raised.
    ... record_tutorial.py some.name      # shows these examples, writes nothing
    ... record_tutorial.py --pages a,b    # records these pages again and keeps the others
"""

import importlib
import json
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


def main(only="", chosen=""):
    warnings.filterwarnings("ignore")
    path = os.path.join(HERE, "..", "data", "tutorial.json")
    recorded, wanted = {}, pages()
    if only == "--pages":
        wanted, only = [page for page in wanted if page.__name__ in chosen.split(",")], ""
        with open(path) as file:
            kept = json.load(file)["examples"]
        recorded = {k: v for k, v in kept.items() if k.split(".")[0] not in chosen.split(",")}
    for page in wanted:
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
    examples = {key: recorded[key] for key in sorted(recorded)}
    document = {"about": "Theano " + theano.__version__ + ", numpy " + np.__version__, "examples": examples}
    write(path, document, ("examples",))


if __name__ == "__main__":
    main(*sys.argv[1:])
