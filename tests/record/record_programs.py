"""Record what the programs of tests/programs print under the real Theano.

Run with the oracle's Python 3.8 (Theano 1.0.5; a C compiler is not needed, linker=py gives the same to rounding):
    THEANO_FLAGS=cxx= python tests/record/record_programs.py [name]
Writes tests/data/programs.json: {program: {floatX: [line, ..]}}.
"""

import glob
import json
import os
import subprocess
import sys

import numpy
import theano

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data", "programs.json")


def main(only=""):
    recorded = {}
    if only:
        with open(DATA) as old:
            recorded = json.load(old)["programs"]
    for path in sorted(glob.glob(os.path.join(HERE, "..", "programs", "*.py"))):
        name = os.path.basename(path)[:-3]
        if only and only != name:
            continue
        recorded[name] = {}
        for floatX in ("float64", "float32"):
            flags = os.environ.get("THEANO_FLAGS", "") + ",floatX=" + floatX
            environment = dict(os.environ, THEANO_FLAGS=flags)
            text = subprocess.check_output([sys.executable, "-W", "ignore", path], env=environment)
            recorded[name][floatX] = text.decode().splitlines()
        sys.stderr.write(name + "\n")
    about = "Theano " + theano.__version__ + ", numpy " + numpy.__version__
    with open(DATA, "w") as file:
        json.dump({"about": about, "programs": recorded}, file, indent=0)
        file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
