"""Record what the examples with loops cost, step by step, and what they print, under the real Theano.

Run with the oracle's Python 3.8 (Theano 1.0.5 with a C compiler):
    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/record/record_examples.py [name ..]
Writes tests/data/examples.json: {name: {"epochs": n, floatX: {"costs": [one for each step], "printed": [line, ..]}}}.
"""

import contextlib
import io
import json
import os
import runpy
import subprocess
import sys

import theano
from encoding import write

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data", "examples.json")
EXAMPLES = os.path.join(HERE, "..", "..", "examples")

#: epochs, or moves: as many as a test has time for
EPOCHS = {
    "elman_words": 3,
    "gru_digits": 3,
    "lstm_syllables": 3,
    "character_model": 2,
    "rbm_digits": 3,
    "hmc_digits": 40,
    "attention_sounds": 3,
}


def trained(name, epochs):
    """{"costs", "printed"} of one training run in this process."""
    train = runpy.run_path(os.path.join(EXAMPLES, name + ".py"))["train"]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        result = train(epochs)
    costs = result[0] if isinstance(result, tuple) else result
    return {"costs": costs, "printed": printed.getvalue().splitlines()}


def main(*names):
    recorded = {}
    if names:
        with open(DATA) as old:
            recorded = json.load(old)
    for name in names or EPOCHS:
        recorded[name] = {"epochs": EPOCHS[name]}
        for floatX in ("float64", "float32"):
            flags = os.environ.get("THEANO_FLAGS", "") + ",floatX=" + floatX
            words = [sys.executable, "-W", "ignore", __file__, "--one", name]
            text = subprocess.check_output(words, env=dict(os.environ, THEANO_FLAGS=flags))
            recorded[name][floatX] = json.loads(text.decode().splitlines()[-1])
        sys.stderr.write("%s, Theano %s\n" % (name, theano.__version__))
        write(DATA, recorded)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(trained(sys.argv[2], EPOCHS[sys.argv[2]])))
    else:
        main(*sys.argv[1:])
