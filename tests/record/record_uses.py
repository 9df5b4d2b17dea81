"""Record what the public names of the real Theano do with the arguments of tests/uses_pool.py.

Run with the oracle's Python 3.8: THEANO_FLAGS=cxx= python tests/record/record_uses.py [prefix of names]
Writes tests/data/uses.json: {name: {use: what came out}}, for one name of each object, with its other names.
"""

import importlib
import json
import os
import signal
import sys
import tempfile
import warnings

import numpy as np
import theano
from encoding import encode, write

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from uses_pool import MAKERS, WORDS, Pool, use  # noqa: E402

#: they write files, end the process, change settings, draw numbers, or need a compiler
AVOID = ("main exit clean remove delete write dump print lock kill input break use set_ register install seed shell "
         "call save load compile import warn profile function_ test_ verify dir time log_ hash id code").split()
AVOID_MODULES = ("theano.gpuarray theano.tests theano.d3viz theano.sandbox.cuda theano.gof.c theano.gof.lazy "
                 "theano.gof.vm theano.gof.link theano.tensor.opt theano.tensor.nnet.opt theano.sparse theano.misc "
                 "theano.scan_module.scan_opt theano.tensor.blas_c theano.compile.debugmode theano.version "
                 "theano.printing theano.compat theano.configdefaults theano.configparser theano.updates").split()
PLAIN = (int, float, complex, str, bool, type(None), np.generic)
ENOUGH = 3


class TooLong(BaseException):
    pass


def _alarm(*_):
    raise TooLong()


def plain(value):
    if isinstance(value, (tuple, list)):
        return all(plain(v) for v in value)
    return isinstance(value, PLAIN) or (isinstance(value, np.ndarray) and value.dtype.kind in "biufc")


def described(result, pool):
    """What came out, as JSON: types and values of variables, plain values, else the name of a class."""
    parts = list(result) if isinstance(result, (tuple, list)) else [result]
    variables = [p for p in parts if isinstance(p, theano.gof.Variable)]
    if variables and len(variables) == len(parts):
        xs, values = pool.inputs()
        out = {"types": [str(v.type) for v in variables]}
        try:
            f = theano.function(xs, variables, on_unused_input="ignore")
            out["values"] = encode([np.asarray(r) for r in f(*values)])
        except (theano.gof.fg.MissingInputError, TypeError, NotImplementedError, AttributeError):
            pass
        return out
    if plain(result):
        return {"plain": encode(result)}
    return {"class": type(result).__name__}


def tried(thing, word):
    """The record of a use, None where it fails."""
    try:
        pool = Pool(theano.tensor.TensorType)
        record = described(use(thing, word, pool), pool)
        json.dumps(record)  # arrays of objects are not
        return record
    except (Exception, SystemExit):
        return None


def words(thing):
    if isinstance(thing, type) and issubclass(thing, theano.gof.Op):
        for maker in MAKERS:
            try:
                thing(*Pool(theano.tensor.TensorType).arguments(maker))
            except Exception:
                continue
            for word in WORDS[1:700]:
                yield maker + ":" + word
    for word in WORDS:
        yield word


def uses(thing):
    """Up to three uses that give values, of different numbers of arguments where there are; else one without."""
    found, spare, lengths = {}, {}, {}
    signal.alarm(10)
    try:
        for word in words(thing):
            size = len(word.split(":")[-1])
            if lengths.get(size, 0) >= 2:
                continue
            record = tried(thing, word)
            if record is None:
                continue
            if "values" in record or "plain" in record:
                if json.dumps(record) != json.dumps(tried(thing, word)):
                    continue  # random, or counted
                found[word] = record
                lengths[size] = lengths.get(size, 0) + 1
                if len(found) >= ENOUGH:
                    break
            elif not spare:
                spare[word] = record
    except TooLong:
        pass
    finally:
        signal.alarm(0)
    return found or spare


def avoided(name):
    last = name.rsplit(".", 1)[-1].lower()
    return any(part in last for part in AVOID) or any(name.startswith(m) for m in AVOID_MODULES)


def main(prefix=""):
    signal.signal(signal.SIGALRM, _alarm)
    warnings.simplefilter("ignore")
    path = os.path.join(HERE, "..", "data", "uses.json")
    os.chdir(tempfile.mkdtemp())
    groups = {}
    with open(os.path.join(HERE, "..", "data", "legacy_api.tsv")) as lines:
        names = [line.split("\t")[:2] for line in lines]
    for name, kind in names:
        if kind not in ("function", "op-instance", "class", "const") or avoided(name):
            continue
        module, _, last = name.rpartition(".")
        try:
            thing = getattr(importlib.import_module(module), last)
        except Exception:
            continue
        key = id(thing) if kind != "const" or callable(thing) else name
        groups.setdefault(key, (thing, []))[1].append(name)
    recorded = {}
    for thing, aliases in groups.values():
        aliases.sort(key=lambda name: (name.count("."), len(name), name))
        if not aliases[0].startswith(prefix):
            continue
        if callable(thing):
            found = uses(thing)
        else:
            found = {"value": {"plain": encode(thing)}} if plain(thing) else {"value": {"class": type(thing).__name__}}
        recorded[aliases[0]] = {"names": aliases, "uses": found}
        sys.stderr.write("%s %s\n" % (aliases[0], " ".join(repr(w) for w in found)))
    document = {"about": "Theano " + theano.__version__ + ", numpy " + np.__version__, "names": recorded}
    write(path, document, ("names",))


if __name__ == "__main__":
    main(*sys.argv[1:])
