"""Record what the public classes of the real Theano have: members, bases, and the attributes of some objects.

Run with the oracle's Python 3.8 (Theano 1.0.5): THEANO_FLAGS=cxx= python tests/record/record_classes.py
Writes tests/data/classes.json: "classes": {name: [public bases, public members that none of these has]}, by the names
of data/legacy_api.tsv; "objects": {expression of class_things.py: public attributes}.
"""

import json
import os
import sys
import warnings

warnings.simplefilter("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
import theano  # noqa: E402
from class_things import things  # noqa: E402
from full_names import thing  # noqa: E402

LEFT = ("theano.gpuarray", "theano.tests", "theano.sandbox.cuda")


def public(names):
    return sorted(n for n in names if not n.startswith("_"))


def main():
    with open(os.path.join(HERE, "..", "data", "legacy_api.tsv")) as table:
        rows = [line.rstrip("\n").split("\t") for line in table]
    found = {}
    for name, kind, home, _, _ in rows:
        if kind != "class" or name != home or name.startswith(LEFT):
            continue
        try:
            cls = thing(name)
        except Exception:
            continue
        if isinstance(cls, type):
            found[name] = cls
    classes = {}
    for name, cls in found.items():
        bases = sorted(n for n, c in found.items() if c is not cls and issubclass(cls, c))
        inherited = {m for n in bases for m in dir(found[n])}
        classes[name] = [bases, public(set(dir(cls)) - inherited)]
    objects = {text: public(dir(made)) for text, made in things().items()}
    with open(os.path.join(HERE, "..", "data", "classes.json"), "w") as file:
        file.write('{\n"about": ' + json.dumps("Theano " + theano.__version__) + ',\n"classes": {\n')
        file.write(",\n".join(' %s: %s' % (json.dumps(n), json.dumps(c)) for n, c in sorted(classes.items())))
        file.write('\n},\n"objects": {\n')
        file.write(",\n".join(' %s: %s' % (json.dumps(n), json.dumps(c)) for n, c in sorted(objects.items())))
        file.write("\n}\n}\n")


if __name__ == "__main__":
    main()
