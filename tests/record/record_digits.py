"""Record what examples/digits_mlp.py costs, epoch by epoch, under the real Theano.

Run with the oracle's Python 3.8 (Theano 1.0.5 with a C compiler):
    THEANO_FLAGS=blas.ldflags=-lopenblas python tests/record/record_digits.py
Writes tests/data/digits_costs.json: {floatX: {"costs": [one for each epoch], "test_error": fraction}}.
"""

import os
import subprocess
import sys
import tempfile

from encoding import write

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "..", "..", "examples", "digits_mlp.py")


def trained(floatX):
    """{"costs", "test_error"} of one training run."""
    with tempfile.TemporaryDirectory() as folder:
        flags = os.environ.get("THEANO_FLAGS", "") + ",floatX=" + floatX
        subprocess.check_call([sys.executable, SCRIPT, folder], env=dict(os.environ, THEANO_FLAGS=flags))
        with open(os.path.join(folder, "digits_costs.txt")) as lines:
            *costs, error = lines.read().splitlines()
    return {"costs": [float(c) for c in costs], "test_error": float(error.split()[-1])}


if __name__ == "__main__":
    write(
        os.path.join(HERE, "..", "data", "digits_costs.json"),
        {"float64": trained("float64"), "float32": trained("float32")},
    )
