"""Every name that claims to work, used as it was used under the real Theano: the same types and numbers come out.

`data/uses.json` holds, for each object of the old library, its names and what it gave for up to three sets of
arguments (uses_pool.py). All its names are tried here, those that give one thing once.
"""

import types
import warnings

import numpy as np
import pytest
from record import full_names
from record.encoding import decode, encode, is_array
from record.lines import lines
from replay import check as replay_check
from replay import legacy, load
from uses_lines import CASES
from uses_pool import Pool, use

import tgraph.compat
from tgraph.compat.importer import resolve
from tgraph.compat.names import names
from tgraph.config import BY_NAME, FLAGS, change_flags, config
from tgraph.graph import Variable

RECORD = load("uses.json")["names"]
TABLE = names().things


def working(record):
    return [name for name in record["names"] if name in TABLE and TABLE[name].status == "works"]


LINES = load("uses_lines.json")["cases"]
BUILTIN = ("dict", "list", "tuple", "set", "frozenset", "type", "module", "str", "int")

#: name, or beginning of names with * -> why it needs no use
UNUSED = {
    "theano.printing._print_fn": "writes to the terminal; Print, which calls it, is used",
    "theano.gof.opt._metadict": "stands in old pickles only",
    "theano.sparse*": "needs sparse matrices as arguments: sparse has tables of its own",
    "theano.misc.may_share_memory.SparseType": "as theano.sparse",
    "theano.d3viz.*": "draws where pydot and Graphviz are: tests of the drawings skip where they are not",
}

#: names of older releases than the recorded one -> lines that say what is to come out, from what else is known
OLDER = {
    "theano.sandbox.cuda.use": "n('theano.sandbox.cuda.use')('cpu'); assert theano.config.device == 'cpu'",
    "theano.sandbox.cuda.unuse": "n('theano.sandbox.cuda.unuse')(); assert theano.config.device == 'cpu'",
    "theano.sandbox.cuda.dnn.dnn_available": "assert not n('theano.sandbox.cuda.dnn.dnn_available')()",
    "theano.sandbox.cuda.dnn.dnn_present": "assert not n('theano.sandbox.cuda.dnn.dnn_present')()",
    "theano.tensor.basic._shape": "assert T.basic._shape(T.zeros((2, 3))).eval().tolist() == [2, 3]",
    "theano.tensor.logaddexp": "a = np.arange(3.0); "
    "assert np.allclose(T.logaddexp(a, 1 - a).eval(), np.logaddexp(a, 1 - a))",
    "theano.tensor.signal.downsample.max_pool_2d": "a = np.arange(16.0).reshape(1, 1, 4, 4); "
    "z = n('theano.tensor.signal.downsample.max_pool_2d')(T.constant(a), (2, 2)); "
    "assert z.eval().ravel().tolist() == [5, 7, 13, 15]",
    "theano.tensor.nnet.Conv3D.conv3D": "a = np.arange(8.0).reshape(1, 2, 2, 2, 1); "
    "assert n('theano.tensor.nnet.Conv3D.conv3D')(a, a, np.ones(1), (1, 1, 1)).eval().item() == (a * a).sum() + 1",
}

#: classes of another name here
RENAMED = {"Node": "Tagged", "object2": "WithProps", "MergeFeature": "Noted", "scratchpad": "Scratchpad"}

USED = [(name, word) for name, record in RECORD.items() if working(record) for word in record["uses"]]


@pytest.fixture(autouse=True, scope="module")
def _door():
    tgraph.compat.install()
    with warnings.catch_warnings():
        yield
    for flag in [flag for flag in FLAGS if flag.name.startswith("uses_")]:  # those that a use declared
        FLAGS.remove(flag)
        del BY_NAME[flag.name]
        config.__dict__.pop(flag.name, None)


def same(ours, record, where):
    """The numbers of a record, to a few units in the last place."""
    if is_array(record):
        wanted, found = decode(record), np.asarray(ours)
        assert str(found.dtype) == record["dtype"], where
        assert found.shape == wanted.shape, where
        close = {"float16": 2e-3, "float32": 4e-6, "complex64": 4e-6}.get(record["dtype"], 1e-9)
        np.testing.assert_allclose(found, wanted, rtol=close, atol=close, err_msg=where)
    elif isinstance(record, list):
        assert len(ours) == len(record), where
        for a, b in zip(ours, record, strict=True):
            same(a, b, where)
    elif isinstance(record, float):
        np.testing.assert_allclose(ours, record, rtol=1e-9, err_msg=where)
    else:
        assert encode(ours) == record, where


def described(result, record, pool, where):
    """What came out of a use is what was recorded: types and values of variables, plain values, names of classes."""
    if "types" in record:
        parts = list(result) if isinstance(result, (list, tuple)) else [result]
        assert all(isinstance(p, Variable) for p in parts), where
        assert [str(p.type) for p in parts] == record["types"], where
        if "values" in record:
            same(pool.computed(parts), record["values"], where)
    elif "plain" in record:
        same(result, record["plain"], where)
    elif set(record) == {"class"}:
        named = {cls.__qualname__ for cls in type(result).__mro__}  # with the door open errors carry old __name__s
        assert named & {record["class"], RENAMED.get(record["class"])} or callable(result), f"{where}: {type(result)}"
    elif "type" in record:
        assert str(result) == record["type"], where
    elif "parts" in record:
        assert len(result) == len(record["parts"]), where
        for part, inner in zip(result, record["parts"], strict=True):
            described(part, inner, pool, where)
    elif "items" in record:
        pairs = list(result.items())
        assert len(pairs) == len(record["items"]), where
        for pair, inner in zip(pairs, record["items"], strict=True):
            described(list(pair), inner, pool, where)


def check(thing, word, record, where):
    if word != "value":
        pool = Pool(legacy()[0])
        described(use(thing, word, pool), record, pool, where)
    elif "plain" in record:
        same(thing, record["plain"], where)
    elif "texts" in record:
        ordered = isinstance(thing, (list, tuple))
        texts = [part.__name__ if isinstance(part, type) else str(part) for part in thing]
        assert (texts if ordered else sorted(texts)) == record["texts"], where
    else:
        assert record["class"] in BUILTIN or type(thing).__name__ == record["class"] or not isinstance(thing, str)


@pytest.mark.parametrize(("name", "word"), USED, ids=[f"{n}-{w}" for n, w in USED])
@pytest.mark.filterwarnings("ignore")
def test_use(name, word):
    record, things = RECORD[name], {}
    for alias in working(record):
        found = resolve(alias)
        things.setdefault(id(found), (alias, found))
    for alias, thing in things.values():
        check(thing, word, record["uses"][word], f"{alias} {word}")


@pytest.mark.parametrize("names", list(CASES), ids=[names.split()[0] for names in CASES])
@pytest.mark.filterwarnings("ignore")
def test_lines(names):
    """What a pool cannot use, used by a few lines of its own."""
    theano, tensor = legacy()
    np.random.seed(0)
    space = {"theano": theano, "T": tensor, "np": np, "n": full_names.thing, "__name__": "case"}
    try:
        exec(lines(CASES[names]), space)
        value = space.get("result")
    except Exception as error:
        value = error
    replay_check(value, LINES[names], names, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", OLDER)
@pytest.mark.filterwarnings("ignore")
def test_older(name):
    theano, tensor = legacy()
    with change_flags(device="cpu"):
        exec(OLDER[name], {"theano": theano, "T": tensor, "np": np, "n": full_names.thing})


def used():
    """The names that a test uses, and the things that stand behind them."""
    covered = {*OLDER, *(name for names in CASES for name in names.split())}
    for record in RECORD.values():
        aliases = working(record)
        if record["uses"] or covered.intersection(aliases):
            covered.update(aliases)
    return covered


def exempt(name, thing):
    """Why a name needs no use of its own, or None: see UNUSED."""
    for pattern, reason in UNUSED.items():
        if name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1])):
            return reason
    if isinstance(thing, types.ModuleType) or thing is None or isinstance(thing, (bool, str, int)):
        return "a plain value: it has no use but being there"
    home = getattr(thing, "__module__", None) or type(thing).__module__
    if home.split(".")[0] in ("builtins", "collections", "io", "numpy", "operator", "importlib", "functools", "scipy"):
        return "of the standard library, numpy or scipy"
    return None


def test_every_name_that_works_is_used():
    """Each function, op, class and constant that claims to work is used above, or is a thing that another name is used
    for, or needs no use for a reason."""
    legacy()
    covered = used()
    kinds = ("function", "op-instance", "class", "const")
    names = [name for name, line in TABLE.items() if line.status == "works" and line.kind in kinds]
    things = {id(resolve(name)) for name in covered if name in TABLE and TABLE[name].status == "works"}
    unused = [name for name in names if name not in covered and id(resolve(name)) not in things]
    assert [name for name in unused if exempt(name, resolve(name)) is None] == []


def test_exemptions_are_needed():
    legacy()
    assert set(CASES) == set(LINES)
    begins = {pattern: pattern.rstrip("*") for pattern in UNUSED}
    assert not [pattern for pattern, begin in begins.items() if not any(name.startswith(begin) for name in TABLE)]
