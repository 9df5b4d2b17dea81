"""The legacy door: every line of the table holds, modules come and go, refusals speak, probes work."""

import ast
import copy
import importlib
import inspect
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import tgraph.compat
from tgraph.compat.importer import FINDER, Refusal, resolve
from tgraph.compat.names import FILE, FUNCTION_WINS, names
from tgraph.config import change_flags, config
from tgraph.errors import NotPortedError

ROOT = Path(__file__).parent.parent
TABLE = names()
WORKING = [name for name, line in TABLE.things.items() if line.status == "works"]
REFUSED = [name for name, line in TABLE.things.items() if line.status == "refuses" and line.kind != "method"]
ABSENT = [name for name, line in TABLE.things.items() if line.status == "absent"]


@pytest.fixture
def theano():
    """The door, open for one test."""
    tgraph.compat.install()
    yield importlib.import_module("theano")
    tgraph.compat.uninstall()


# --- the table ------------------------------------------------------------------------------------------


def test_every_name_that_works_resolves(theano):
    broken = {}
    for name in WORKING:
        try:
            resolve(name)
        except Exception as e:
            broken[name] = repr(e)
    assert not broken


def test_kinds_agree(theano):
    """A class is a class, a function can be called: what stands behind a name is of its kind."""
    wrong = []
    for name in WORKING:
        kind, found = TABLE.things[name].kind, resolve(name)
        if kind == "class" and not inspect.isclass(found):
            wrong.append(name)
        if kind in ("function", "op-instance") and not callable(found):
            wrong.append(name)
    assert not wrong


def test_the_table_is_up_to_date():
    script = ROOT / "tests" / "record" / "door_names.py"
    run = subprocess.run(
        [sys.executable, str(script), "--check"],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, (
        "run tests/record/door_names.py: tgraph offers other names than the table says"
    )


def test_every_recorded_name_has_one_line():
    recorded = [
        line.split("\t")[:2] for line in (ROOT / "tests/data/legacy_api.tsv").read_text().splitlines()
    ]
    known = TABLE.things.keys() | TABLE.modules.keys()
    assert {name for name, _ in recorded} <= known
    lines = [line for line in FILE.read_text().splitlines() if not line.startswith("#")]
    keys = [(line.split("\t")[0], line.endswith("\tmodule")) for line in lines]
    assert len(keys) == len(set(keys))
    assert all(len(line.split("\t")) == 4 for line in lines)
    assert {line.split("\t")[1] for line in lines} == {"works", "refuses", "absent"}


def test_every_refusal_has_words(theano):
    for name in REFUSED:
        what, fix = TABLE.why(name)
        assert name in what
        assert len(fix) > 10, name


# --- modules come and go --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n, line in TABLE.modules.items() if line.status == "works"])
def test_every_module_imports(theano, name):
    assert importlib.import_module(name).__name__ == name


def test_uninstall_leaves_no_trace():
    before, path = dict(sys.modules), list(sys.meta_path)
    tgraph.compat.install()
    tgraph.compat.install()  # twice is once
    exec("import theano.tensor.nnet, theano.sandbox.rng_mrg", {})
    assert "theano.tensor.nnet" in sys.modules
    tgraph.compat.uninstall()
    tgraph.compat.uninstall()
    assert not [name for name in sys.modules if name.split(".")[0] == "theano"]
    assert before.keys() <= sys.modules.keys()
    assert sys.meta_path == path
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("theano")


def test_a_real_one_is_put_aside_and_comes_back(monkeypatch):
    real, inner = ModuleType("theano"), ModuleType("theano.inner")
    monkeypatch.setitem(sys.modules, "theano", real)
    monkeypatch.setitem(sys.modules, "theano.inner", inner)
    tgraph.compat.install()
    assert importlib.import_module("theano") is not real
    assert "theano.inner" not in sys.modules
    tgraph.compat.uninstall()
    assert sys.modules["theano"] is real
    assert sys.modules["theano.inner"] is inner


def test_install_after_uninstall_works_again(theano):
    tgraph.compat.uninstall()
    tgraph.compat.install()
    again = importlib.import_module("theano")
    assert again is not theano
    assert again.config is theano.config


def test_the_top_module(theano):
    assert theano.__version__ == "1.0.5"
    assert theano.version.version == "1.0.5"
    assert theano.theano is theano
    assert theano.tensor.theano is theano
    assert theano.config is config
    assert theano.tensor.basic.config is config
    assert theano.tensor.np is importlib.import_module("numpy")
    assert theano.configparser.change_flags is change_flags
    assert Path(theano.__file__).is_file()
    assert "tensor" in dir(theano)
    assert "tensor" in theano.__all__


def test_import_styles(theano):
    space = {}
    exec(
        "import theano.tensor as T, theano.tensor.nnet\n"
        "from theano import tensor, config\n"
        "from theano.tensor import basic, shared_randomstreams\n"
        "from theano.compat.six.moves import xrange, cPickle\n"
        "from theano.compat import six, OrderedDict\n"
        "from theano.compat.python2x import OrderedDict as old\n"
        "from theano.gof.graph import Variable\n",
        space,
    )
    assert space["T"] is space["tensor"] is theano.tensor
    assert space["OrderedDict"] is space["old"]
    assert list(space["six"].iteritems({1: 2})) == [(1, 2)]
    star = {}
    exec("from theano.tensor import *", star)
    assert star["nnet"] is theano.tensor.nnet
    assert isinstance(resolve("theano.tensor.dmatrix"), Refusal) or star["dmatrix"] is theano.tensor.dmatrix


def test_a_name_that_a_program_sets_stays(theano):
    theano.tensor.my_own = 3
    assert importlib.import_module("theano.tensor").my_own == 3


@pytest.mark.parametrize("name", sorted(FUNCTION_WINS))
def test_a_name_that_is_module_and_function(theano, name):
    """The module can be imported and holds its names; the parent shows the function all the same."""
    above, _, last = name.rpartition(".")
    parent = importlib.import_module(above)
    module = importlib.import_module(name)
    assert isinstance(module, ModuleType)
    assert sys.modules[name] is module
    found = getattr(parent, last)
    assert not isinstance(found, ModuleType)
    assert callable(found)
    assert importlib.import_module(name) is module
    assert getattr(parent, last) is found
    space = {}
    exec(f"import {name}\nfrom {above} import {last} as thing", space)
    assert space["thing"] is found


# --- what is absent -------------------------------------------------------------------------------------


def test_absent_names_answer_probes(theano):
    for name in ["theano.tensor.nosuch", *ABSENT]:
        above, _, last = name.rpartition(".")
        if above not in TABLE.modules or TABLE.modules[above].status == "absent":
            continue
        module = importlib.import_module(above)
        assert not hasattr(module, last), name
        assert getattr(module, last, None) is None
        with pytest.raises(AttributeError, match=last):
            getattr(module, last)
        with pytest.raises(ImportError, match="migration_guide"):
            exec(f"from {above} import {last}", {})


@pytest.mark.parametrize("name", [n for n, line in TABLE.modules.items() if line.status == "absent"])
def test_absent_modules_are_import_errors_that_say_what_to_do(theano, name):
    with pytest.raises(ModuleNotFoundError, match="device=cuda") as caught:
        importlib.import_module(name)
    assert caught.value.name == name


def test_a_module_that_never_was(theano):
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("theano.nosuch")
    assert importlib.util.find_spec("theano.nosuch") is None
    assert not hasattr(theano.tensor, "__nosuch__")


GUARDS = [
    # as in old code: (statements, the name to look at, what it must be)
    ("import theano.sandbox.cuda\nx = theano.sandbox.cuda.cuda_available", False),
    ("from theano.sandbox import cuda\nx = cuda.cuda_enabled", False),
    ("from theano.sandbox.cuda import cuda_enabled as x", False),
    ("import theano.sandbox.cuda.dnn as d\nx = d.dnn_available()", False),
    ("from theano.sandbox.cuda.dnn import dnn_available as f\nx = (f(), bool(f.msg))", (False, True)),
    ("try:\n from theano.sandbox.cuda.dnn import dnn_conv\n x = 1\nexcept ImportError:\n x = 2", 2),
    ("try:\n from theano.sandbox.cuda.blas import GpuCorrMM\n x = 1\nexcept ImportError:\n x = 2", 2),
    ("try:\n import theano.sandbox.gpuarray\n x = 1\nexcept ImportError:\n x = 2", 2),
    ("import theano.gpuarray\nx = theano.gpuarray.pygpu_activated", False),
    ("from theano.gpuarray import dnn\nx = dnn.dnn_present()", False),
    ("import theano.sandbox.cuda as c\nc.unuse()\nx = c.cuda_available", False),
]


@pytest.mark.parametrize(("code", "value"), GUARDS, ids=[code for code, _ in GUARDS])
def test_hardware_guards_take_the_other_branch(theano, code, value):
    space = {}
    exec("import theano\n" + code, space)
    assert space["x"] == value


# --- what is refused ------------------------------------------------------------------------------------


def test_every_refused_name_can_be_imported_and_complains_when_used(theano):
    quiet = []
    for name in REFUSED:
        stub = resolve(name)
        try:
            stub()
        except NotPortedError as e:
            if name not in str(e) or "fix: " not in str(e):
                quiet.append(name)
        else:
            quiet.append(name)
    assert not quiet


@pytest.fixture
def stub(theano):
    return resolve("theano.gof.cmodule.GCC_compiler")


USES = {
    "call": "stub()",
    "attribute": "stub.schedule",
    "assignment": "stub.x = 1",
    "subclass": "class A(stub): pass",
    "item": "stub[0]",
    "sum": "1 + stub",
    "truth": "bool(stub)",
    "loop": "list(stub)",
    "with": "with stub: pass",
    "comparison": "stub < 1",
    "decoration": "@stub\ndef f(): pass",
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_any_use_of_a_stub_says_what_and_what_to_do(stub, use):
    with pytest.raises(
        NotPortedError, match=r"theano\.gof\.cmodule\.GCC_compiler \(class\) is not offered(.|\n)*fix: C code"
    ):
        exec(use, {"stub": stub})
    with pytest.raises(NotImplementedError):
        exec(use, {"stub": stub})


def test_what_a_stub_allows(stub):
    assert not isinstance(3, stub)
    assert not isinstance(3, (str, stub))
    assert not issubclass(int, stub)
    assert not hasattr(stub, "schedule")
    assert "GCC_compiler" in repr(stub)
    assert {stub: 1}[stub] == 1
    assert stub == stub
    assert copy.copy(stub) is not None
    assert isinstance(pickle.loads(pickle.dumps(stub)), Refusal)
    assert not inspect.isclass(stub)


def test_refused_exceptions_can_stand_in_an_except_clause(theano):
    name = next(n for n in REFUSED if TABLE.things[n].kind == "class" and n.endswith("Error"))
    kind = resolve(name)
    try:
        raise KeyError(1)
    except kind:
        pytest.fail("nothing raises it")
    except KeyError:
        pass
    with pytest.raises(NotPortedError, match="is not offered"):
        kind()


def test_from_import_of_a_refused_name_works_and_waits(theano):
    space = {}
    exec("from theano.gof.cmodule import GCC_compiler, Compiler", space)
    assert isinstance(space["GCC_compiler"], Refusal)


# --- flags ----------------------------------------------------------------------------------------------


def test_adding_flags(theano):
    from theano.configparser import AddConfigVar, BoolParam, EnumStr, IntParam

    AddConfigVar("mine.depth", "how deep", IntParam(3, lambda i: i > 0))
    AddConfigVar("mine.kind", "which", EnumStr("a", "b"))
    AddConfigVar("mine_too", "whether", BoolParam("false"))
    try:
        assert (config.mine.depth, config.mine.kind, config.mine_too) == (3, "a", False)
        with pytest.raises(AttributeError, match="already taken"):
            AddConfigVar("mine.depth", "again", IntParam(1))
        with pytest.raises(ValueError, match="0"):
            AddConfigVar("mine.width", "bad default", IntParam(0, lambda i: i > 0))
    finally:
        del config.mine, config.mine_too


def test_an_added_flag_takes_its_value_from_the_old_variable(theano):
    from theano.configparser import THEANO_FLAGS_DICT, AddConfigVar, ConfigParam, IntParam

    THEANO_FLAGS_DICT["mine.count"] = "7"
    AddConfigVar("mine.count", "how many", IntParam(3))
    try:
        assert config.mine.count == 7
        assert "mine.count" not in THEANO_FLAGS_DICT
        AddConfigVar("mine.lazy", "a default that is asked for", ConfigParam(lambda: "later"))
        assert config.mine.lazy == "later"
    finally:
        del config.mine


def test_install_refuses_a_bad_flag(monkeypatch):
    monkeypatch.setenv("THEANO_FLAGS", "floatX=float128")
    with pytest.raises(ValueError, match="float128"):
        tgraph.compat.install()
    assert FINDER not in sys.meta_path


def test_the_rules_parse():
    for line in (ROOT / "tests/record/door_rules.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            name, status, *_ = line.split("\t")
            assert status in ("works", "refuses", "absent"), line
            assert name.startswith(("theano", "*.")), line
    ast.parse((ROOT / "tests/record/door_names.py").read_text())


def test_words_for_what_is_asked_most(theano):
    with pytest.raises(NotPortedError, match="graph rewriting is not ported"):
        theano.sparse.opt.local_usmm.transform(None)
    with pytest.raises(AttributeError, match=r"theano\.tensor\.bscalars .*no public name of Theano"):
        _ = theano.tensor.bscalars
