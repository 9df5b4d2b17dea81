"""Record what the public names of the real Theano do with the arguments of tests/uses_pool.py.

Run with the oracle's Python 3.8: THEANO_FLAGS=cxx= python tests/record/record_uses.py [--poor] [prefix of names]
Writes tests/data/uses.json: {name: {use: what came out}}, for one name of each object, with its other names. A prefix
records only those names again; ``--poor`` those of which no use is known yet.
"""

import importlib
import itertools
import json
import logging
import os
import re
import signal
import sys
import tempfile
import warnings

import numpy as np
import theano
from encoding import encode, write

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from uses_pool import MADE, MAKERS, MORE, MORE_MAKERS, WORDS, Pool, left_out, use  # noqa: E402

#: they write files, end the process, change settings, draw numbers, or need a compiler
AVOID = set(
    "main exit clean remove delete write dump print lock kill input break set register install seed shell "
    "call save load compile import warn profile test verify dir time log hash id code listdir Popen popen "
    "hashtype unlock pydotprint d3viz cleanup purge".split()
) - {"log", "remove", "load", "call", "set"}
AVOID_MODULES = (
    "theano.gpuarray theano.tests theano.d3viz theano.sandbox.cuda theano.gof.c theano.gof.lazy "
    "theano.gof.vm theano.gof.link theano.tensor.opt theano.tensor.nnet.opt theano.sparse theano.misc "
    "theano.scan_module.scan_opt theano.tensor.blas_c theano.compile.debugmode theano.version "
    "theano.configdefaults theano.configparser theano.updates"
).split()
#: places of this machine, and addresses of objects: accidents of the run
ACCIDENT = re.compile(r"site-packages|/(?:tmp|opt|root|home|work)\b|0x[0-9a-f]{6}|\.py\b")
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


def described(result, pool, depth=0):
    """What came out, as JSON: types and values of variables, plain values, else the name of a class."""
    parts = list(result) if isinstance(result, (tuple, list)) else [result]
    variables = [p for p in parts if isinstance(p, theano.gof.Variable)]
    if variables and len(variables) == len(parts):
        out = {"types": [str(v.type) for v in variables]}
        try:
            out["values"] = encode(pool.computed(variables))
            json.dumps(out)
        except Exception:
            out.pop("values", None)
        if not pool.variables:
            out["made"] = True  # from nothing: its type is all there is
        return out
    if plain(result):
        return {"plain": encode(result)}
    if isinstance(result, theano.gof.Type):
        return {"type": str(result)}
    if isinstance(result, dict) and depth < 3:
        return {"items": [described(list(pair), pool, depth + 1) for pair in result.items()]}
    if len(parts) <= 8 and isinstance(result, (tuple, list)) and depth < 3:
        return {"parts": [described(part, pool, depth + 1) for part in parts]}
    return {"class": type(result).__name__}


def of_tensors(result, pool):
    """Whether an op on numbers got tensors or plain numbers: it gives a tensor then, here, as one op serves both."""
    return (
        isinstance(result, theano.gof.Variable)
        and result.owner is not None
        and isinstance(result.owner.op, theano.scalar.ScalarOp)
        and not any(isinstance(v.type, theano.scalar.Scalar) for v in pool.variables.values())
    )


def empty(value):
    """Lists without content tell nothing: the arguments may never have been looked at."""
    return isinstance(value, list) and all(map(empty, value))


def sensible(thing, word, record):
    """Whether what came of a use without values is worth to note: classes that take anything say nothing."""
    if "types" in record and "values" not in record and "made" not in record:
        return False
    if set(record) != {"class"} or (isinstance(thing, type) and issubclass(thing, theano.gof.Op)):
        return True
    return record["class"] not in ("generator", "set") and set(word) <= set(MADE)


def promised(record):
    """Whether the values have the dimensions that the types promise: else the result is not defined."""
    for text, value in zip(record.get("types", ()), record.get("values", ())):
        ndim = {"scalar": 0, "vector": 1, "matrix": 2, "row": 2, "col": 2, "3D": 3, "4D": 4, "5D": 5}
        kind = text[:-1].split(", ", 1)[-1] if text.startswith("TensorType") else None
        if kind in ndim and len(value["shape"]) != ndim[kind]:
            return False
    return True


def tried(name, thing, word):
    """The record of a use, None where it fails or tells of the machine."""
    try:
        if left_out(name, word):
            return None
        pool = Pool(theano)
        result = use(thing, word, pool)
        if of_tensors(result, pool):
            return None
        record = described(result, pool)
        text = json.dumps(record)  # arrays of objects are not
        told = sensible(thing, word, record) and promised(record) and not empty(record.get("plain"))
        return None if ACCIDENT.search(text) or not told else record
    except (Exception, SystemExit):
        return None


def words(thing):
    made = isinstance(thing, type) and issubclass(thing, theano.gof.Op)
    numbers = ("y", "u", "yY", "uu", "uY", "UU", "yYy", "yuy", "U", "Uyy", "yd", "uD")
    if made and issubclass(thing, theano.scalar.ScalarOp):
        for maker, word in itertools.product(("", "@"), numbers):
            yield maker + ":" + word
    elif not isinstance(thing, type):
        for word in numbers if isinstance(thing, theano.scalar.ScalarOp) else ("G", "GG", *numbers):
            yield word
    for makers, found in ((MAKERS, WORDS[:2500]), (MAKERS + MORE_MAKERS, MORE), ([], WORDS[2500:])):
        for maker in makers if made else ():
            try:
                thing(*Pool(theano).arguments(maker))
            except Exception:
                continue
            for word in found[:700]:
                if word:
                    yield maker + ":" + word
        for word in found:
            yield word


def uses(name, thing):
    """Up to three uses that give values, of different numbers of arguments where there are; else one without."""
    if isinstance(thing, type) and issubclass(thing, BaseException):
        found = {word: tried(name, thing, word) for word in ("", "x", "xx")}
        return {word: record for word, record in found.items() if record is not None}
    found, spare, lengths = {}, {}, {}
    signal.setitimer(signal.ITIMER_PROF, 5)
    try:
        for word in words(thing):
            size = len(word.split(":")[-1])
            if lengths.get(size, 0) >= 2:
                continue
            record = tried(name, thing, word)
            if record is None:
                continue
            if rich(record):
                if json.dumps(record) != json.dumps(tried(name, thing, word)):
                    continue  # random, or counted
                found[word] = record
                lengths[size] = lengths.get(size, 0) + 1
                if len(found) >= ENOUGH:
                    break
            elif not spare or ("types" in record and not any("types" in r for r in spare.values())):
                spare = {word: record}
    except TooLong:
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return found or spare


def rich(record):
    """Whether a record tells of values."""
    kinds = ("values", "plain", "type", "made")
    inner = record.get("parts", []) + record.get("items", [])
    return any(k in record for k in kinds) or any(map(rich, inner))


def _parts(name):
    return {part.lower() for part in re.split(r"_|(?<=[a-z])(?=[A-Z])", name.rsplit(".", 1)[-1])}


def avoided(name):
    return bool(_parts(name) & AVOID) or any(name.startswith(m) for m in AVOID_MODULES)


def _known(path):
    with open(path) as known:
        return json.load(known)["names"]


def _write(path, recorded, done):
    """Merge what was done into the file: other runs may have written in between."""
    for name, record in _known(path).items():
        if name in recorded and name not in done:
            recorded[name] = record
    document = {"about": "Theano " + theano.__version__ + ", numpy " + np.__version__, "names": recorded}
    fresh = "%s.%d" % (path, os.getpid())
    write(fresh, document, ("names",))
    os.replace(fresh, path)


def _groups():
    """[(object, its names, those that should be said first)]."""
    groups = {}
    with open(os.path.join(HERE, "..", "data", "legacy_api.tsv")) as lines:
        names = [line.split("\t")[:2] for line in lines]
    for name, kind in names:
        if kind not in ("function", "op-instance", "class", "const"):
            continue
        module, _, last = name.rpartition(".")
        try:
            thing = getattr(importlib.import_module(module), last)
        except Exception:
            continue
        key = id(thing) if kind != "const" or callable(thing) else name
        groups.setdefault(key, (thing, []))[1].append(name)
    for _, aliases in groups.values():
        aliases.sort(key=lambda name: (avoided(name), name.count("."), len(name), name))
    return list(groups.values())


def constant(thing):
    """The record of a constant: its value, the texts of what a collection holds, else the name of its class."""
    if plain(thing):
        return {"plain": encode(thing)}
    kind = type(thing).__name__
    if isinstance(thing, (list, tuple, set, frozenset)):
        texts = [part.__name__ if isinstance(part, type) else str(part) for part in thing]
        return {"texts": texts if isinstance(thing, (list, tuple)) else sorted(texts), "class": kind}
    return {"class": kind}


def _record(thing, aliases, known, prefix, poor):
    """The uses of one object."""
    if not callable(thing):
        ordered_by_hash = aliases[0].startswith("theano.sparse") and isinstance(thing, list)
        chance = ordered_by_hash or _parts(aliases[0]) & {"time", "imported"}
        if thing is None or chance or left_out(aliases[0], "value"):
            return {}
        found = {"value": constant(thing)}
        return {} if ACCIDENT.search(json.dumps(found)) else found
    if all(map(avoided, aliases)):
        return {}
    if known is not None:
        known = {word: tried(aliases[0], thing, word) for word in known}
        known = {word: record for word, record in known.items() if record is not None}
        if not aliases[0].startswith(prefix) or (poor and known):
            return known
    return uses(aliases[0], thing)


def main(*arguments):
    """``[--poor] [prefix] [part/of]``"""
    poor = "--poor" in arguments
    part, of = next((map(int, a.split("/")) for a in arguments if "/" in a), (0, 1))
    prefix = "".join(a for a in arguments if a != "--poor" and "/" not in a)
    signal.signal(signal.SIGPROF, _alarm)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    path = os.path.join(HERE, "..", "data", "uses.json")
    os.chdir(tempfile.mkdtemp())
    before = _known(path)
    recorded, done = {}, set()
    for i, (thing, aliases) in enumerate(_groups()):
        name = aliases[0]
        known = next((before[a]["uses"] for a in aliases if a in before), None)
        recorded[name] = {"names": aliases, "uses": known or {}}
        if i % of == part:
            recorded[name]["uses"] = _record(thing, aliases, known, prefix, poor)
            done.add(name)
            sys.stderr.write("%s %s\n" % (name, " ".join(repr(w) for w in recorded[name]["uses"])))
        if i % 100 == 99:
            _write(path, dict({n: {"names": a, "uses": {}} for _, a in _groups() for n in a[:1]}, **recorded), done)
    _write(path, recorded, done)


if __name__ == "__main__":
    main(*sys.argv[1:])
