"""Record what the real Theano gives for the probes of tests/traps.

Run with the oracle's Python 3.8 (Theano 1.0.5 with a C compiler):
    THEANO_FLAGS=gcc.cxxflags=-O0,blas.ldflags=-lopenblas python tests/record/record_traps.py [part of a name]
Writes tests/data/traps.json: {probe name: value}. Stops if a message lacks a fragment that SAYS names for it.
"""

import importlib
import json
import os
import sys

import numpy as np
import theano
import theano.tensor as T
from encoding import encode, write

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data", "traps.json")
sys.path.insert(0, os.path.join(HERE, "..", "traps"))
evaluate = importlib.import_module("evaluate")
SECTIONS = (
    "stable gradients dtypes values shapes indexing losses streams "
    "shared_and_updates inputs_and_outputs variables networks"
).split()


def main(only=""):
    recorded = {}
    if only and os.path.exists(DATA):
        with open(DATA) as old:
            recorded = json.load(old)["probes"]
    for section in map(importlib.import_module, SECTIONS):
        for name, text in section.PROBES.items():
            if only not in name and only != section.__name__:
                continue
            probe = evaluate.Probe(theano, T)
            try:
                recorded[name] = encode(probe.run(text))
            except Exception as error:
                recorded[name] = encode(error)
                probe.messages.append(str(error))
                sys.stderr.write(name + " raised " + repr(error)[:300] + "\n")
            for fragment in getattr(section, "SAYS", {}).get(name, []):
                assert fragment in "\n".join(probe.messages), (name, fragment, probe.messages)
            theano.config.floatX, theano.config.compute_test_value = "float64", "off"
    document = {"about": "Theano " + theano.__version__ + ", numpy " + np.__version__, "probes": recorded}
    write(DATA, document, ("probes",))


if __name__ == "__main__":
    main(*sys.argv[1:])
