"""The flags: names and defaults as the real Theano has them (recorded), checks, sources, change_flags."""

import copy
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import tgraph.tensor as tt
from tgraph.config import ConfigWarning, UnknownFlagError, change_flags, config
from tgraph.function import function
from tgraph.modes import get_mode
from tgraph.watching import NanGuardMode

module = sys.modules["tgraph.config"]  # `tgraph.config` is the object in it
RECORDED = json.loads((Path(__file__).parent / "data" / "config_flags.json").read_text())
# What depends on the machine or the compiler there, not on Theano.
LOCAL = {"cuda.root", "cuda.include_path", "compiledir_format", "base_compiledir", "compiledir"}
# Flags that there were none of.
OWN = {"inductor"}
LOCAL |= {"gpuarray.cache_path", "cxx", "blas.ldflags", "DebugMode.check_c", "gcc.cxxflags"}


def fresh(code, **env):
    """What a new process prints; the flags are read when it starts."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("TGRAPH", "THEANO"))} | env
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)


def test_every_flag_is_there_with_its_default():
    code = (
        "import json; from tgraph.config import FLAGS, get; "
        "print(json.dumps({flag.name: repr(get(flag.name)) for flag in FLAGS}))"
    )
    ours = json.loads(fresh(code, TGRAPHRC=os.devnull).stdout)
    assert ours.keys() == {flag["name"] for flag in RECORDED} | OWN
    theirs = {flag["name"]: flag["value"] for flag in RECORDED if flag["name"] not in LOCAL}
    assert {name: ours[name] for name in theirs} == theirs


@pytest.mark.parametrize("flag", [f for f in RECORDED if f["options"]], ids=lambda f: f["name"])
def test_choices_are_the_same(flag):
    assert set(module.BY_NAME[flag["name"]].options) == set(flag["options"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("floatX", "float128"),
        ("floatX", 32),
        ("compute_test_value", "yes"),
        ("openmp", "maybe"),
        ("traceback.limit", "x"),
        ("mode", "FAST"),
        ("vm.lazy", "auto"),
        ("warn_float64", 1),
        ("optimizer", None),
        ("optimizer", "none"),
        ("linker", "qq"),
        ("profile", 2),
        ("dnn.enabled", "x"),
        ("on_unused_input", "warning"),
        ("cast_policy", "numpy"),
        ("int_division", "floor"),
        ("profiling.n_ops", -1),
        ("device", "tpu"),
        ("unittests.rseed", "any"),
    ],
)
def test_a_bad_value_is_refused_and_named(name, value):
    before = module.get(name)
    with pytest.raises(ValueError, match=name.rsplit(".", 1)[-1]):
        change_flags({name: value}).__enter__()
    section, _, last = name.rpartition(".")
    with pytest.raises(ValueError, match=last):
        setattr(module._section(section), last, value)
    assert module.get(name) == before


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("openmp", "True", True),
        ("openmp", 0, False),
        ("traceback.limit", "3", 3),
        ("mode", "DEBUG_MODE", "DEBUG_MODE"),
        ("optimizer", "None", "None"),
        ("blas.ldflags", 3, "3"),
        ("vm.lazy", "None", None),
        ("unittests.rseed", "random", "random"),
        ("device", "cuda1", "cuda1"),
    ],
)
def test_values_are_converted(name, value, kept):
    with change_flags({name: value}):
        assert module.get(name) == kept
        assert type(module.get(name)) is type(kept)


@pytest.mark.parametrize(("old", "new"), [("gpu", "cuda"), ("gpu0", "cuda0"), ("opencl0:0", "cpu")])
def test_old_device_names_come_with_a_note(old, new):
    with pytest.warns(ConfigWarning, match=old), change_flags(device=old):
        assert config.device == new
    assert config.device == "cpu"


def test_a_name_that_is_no_flag():
    with pytest.raises(AttributeError, match="nosuch"):
        config.nosuch
    with pytest.raises(AttributeError, match=r"blas\.nosuch"):
        config.blas.nosuch
    assert not hasattr(config, "pthreads")
    config.pthreads = 3  # as the real one: setting it makes it
    assert config.pthreads == 3
    del config.pthreads
    with pytest.raises(UnknownFlagError, match="nosuch"):
        change_flags(nosuch=1)
    with pytest.raises(AssertionError):
        change_flags(nosuch=1)
    with pytest.raises(AttributeError, match="floatX"):
        del config.floatX


def test_what_is_read_once_cannot_be_set():
    with pytest.raises(RuntimeError, match="after initialization"), change_flags({"numpy.seterr_all": "warn"}):
        pass
    with pytest.raises(RuntimeError, match="TGRAPH_FLAGS"):
        config.numpy.seterr_all = "warn"
    with pytest.raises(RuntimeError, match="after initialization"):
        config.optimizer_including = "x"


def test_change_flags_nests_restores_and_decorates():
    with change_flags(floatX="float32"), change_flags({"floatX": "float16", "optimizer": "None"}):
        assert (config.floatX, config.optimizer) == ("float16", "None")
    assert (config.floatX, config.optimizer) == ("float64", "o4")

    @change_flags(floatX="float32")
    def f(depth):
        """doc"""
        config.optimizer = "o1"
        return (config.floatX, f(depth - 1) if depth else None)

    assert f.__doc__ == "doc"
    assert f(2) == ("float32", ("float32", ("float32", None)))
    assert config.floatX == "float64"
    config.optimizer = "o4"

    flags = change_flags(floatX="float32")
    with flags, flags:
        assert config.floatX == "float32"
    assert config.floatX == "float64"

    with pytest.raises(KeyError), change_flags(floatX="float32"):
        raise KeyError
    assert config.floatX == "float64"
    with pytest.raises(ValueError, match="float77"), change_flags(optimizer="None", floatX="float77"):
        pass
    assert config.optimizer == "o4"


def test_printing_lists_every_flag():
    text = str(config)
    assert text.startswith("floatX (('float64', 'float32', 'float16')) \n    Doc:  ")
    assert "    Value:  float64\n" in text
    assert text.count("    Value:  ") == len(RECORDED) + len(OWN)
    assert "Doc:" not in config.__str__(print_doc=False)
    assert "ldflags" in dir(config.blas)
    assert {"floatX", "blas"} <= set(dir(config))


def test_copies_and_pickles_are_the_same_object():
    for twin in (copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))):
        assert twin(config) is config
        assert twin(config.dnn.conv) is config.dnn.conv


PRINT = """
from tgraph.config import config as c
print(c.floatX, c.device, c.optimizer, c.blas.ldflags, c.traceback.limit)
"""


def test_environment_over_file_over_default(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text(
        "[global]\nfloatx = float16\noptimizer = o1\n[traceback]\nlimit = 3\n[blas]\nldflags=-L%(TMP)s\n"
    )
    second.write_text("[global]\noptimizer = o2\n")
    files = os.pathsep.join([str(first), str(second), str(tmp_path / "none")])
    run = fresh(
        PRINT, TGRAPHRC=files, TGRAPH_FLAGS="floatX=float32, floatX=float64,traceback.limit='4'", TMP="/t"
    )
    assert run.stdout.split() == ["float64", "cpu", "o2", "-L/t", "4"], run.stderr


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("floatX", "floatX has no value"),
        ("nosuch=3", "no flag named nosuch"),
        ("device=gpu0", "cuda0"),
    ],
)
def test_flag_strings_that_are_noted(flags, message):
    run = fresh(PRINT, TGRAPHRC=os.devnull, TGRAPH_FLAGS=flags)
    assert run.returncode == 0
    assert message in run.stderr


def test_flag_strings_that_pass_in_silence_or_fail():
    assert fresh(PRINT, TGRAPHRC=os.devnull, TGRAPH_FLAGS="lib.cnmem=1,nvcc.fastmath=True").stderr == ""
    run = fresh(PRINT, TGRAPHRC=os.devnull, TGRAPH_FLAGS="floatX=float128")
    assert run.returncode == 1
    assert "float128" in run.stderr.splitlines()[-1]


def test_load_fills_in_what_nobody_chose():
    code = (
        "from tgraph.config import config as c; c.optimizer = 'o1'; "
        "c.load('floatX=float32,optimizer=o2,linker=py,compiledir=/x', source='OLD'); "
        "print(c.floatX, c.optimizer, c.linker, c.compiledir)"
    )
    run = fresh(code, TGRAPHRC=os.devnull, TGRAPH_FLAGS="floatX=float16")
    assert run.stdout.split() == ["float16", "o1", "py", "/x"], run.stderr


def test_reading_the_flags_imports_nothing_heavy():
    code = "import sys, tgraph.config; print({'torch', 'numpy', 'sympy', 'scipy'} & sys.modules.keys())"
    assert fresh(code).stdout.strip() == "set()"


def test_float64_variables_are_reported_as_the_flag_asks(monkeypatch):
    with change_flags(warn_float64="warn"), pytest.warns(UserWarning, match="TensorVariable with float64") as caught:
        assert tt.dvector("x").dtype == "float64"
    assert caught[0].filename == __file__
    with change_flags(warn_float64="raise"):
        assert tt.fvector("x").dtype == "float32"
        with pytest.raises(Exception, match="creating a TensorVariable with float64"):
            tt.dvector("x")
    stops = []
    monkeypatch.setattr("builtins.breakpoint", lambda: stops.append(1))
    with change_flags(warn_float64="pdb"), pytest.warns(UserWarning, match="float64"):
        tt.dvector("x")
    assert stops == [1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DebugMode.patience", 0),
        ("DebugMode.check_strides", 3),
        ("DebugMode.check_preallocated_output", "initial:other"),
        ("profiling.n_apply", 0),
        ("DebugMode.check_preallocated_output_ndim", 0),
    ],
)
def test_numbers_stay_in_their_range(name, value):
    with pytest.raises(ValueError, match=name), change_flags({name: value}):
        pass


DECLARE = """
from tgraph.config import Flag, config, declare, get, origin, text, integer, change_flags
declare(Flag("mine.depth", 3, integer, "how deep"))
declare(Flag("mine.Name", "a", text, "which"))
declare(Flag("mine.later", lambda: "asked", text, "what"))
declare(Flag("mine.once", "a", text, "what", fixed=True))
print(config.mine.depth, config.mine.Name, config.mine.later, origin("mine.depth"))
config.mine.depth = "8"
with change_flags({"mine.depth": 9}):
    print(get("mine.depth"))
print(config.mine.depth, origin("mine.depth"), str(config).count("mine."))
for bad in (lambda: setattr(config.mine, "depth", "x"), lambda: setattr(config.mine, "once", "b"),
            lambda: declare(Flag("mine.depth", 3, integer, "")), lambda: declare(Flag("floatX.x", 3, integer, ""))):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__)
"""


def test_programs_declare_flags_of_their_own(tmp_path):
    (tmp_path / "rc").write_text("[mine]\nName = %(base)s/x\nbase = /else\ndepth = 1\n")
    file = str(tmp_path / "rc")
    code = f"from tgraph.config import config as c; c.load('mine.depth=5', [{file!r}], 'OLD', False)"
    run = fresh(code + DECLARE, TGRAPHRC=os.devnull)
    lines = run.stdout.splitlines()
    assert lines[:3] == ["5 /else/x asked OLD", "9", "8 the program 4"], run.stderr
    assert lines[3:] == ["ValueError", "RuntimeError", "AttributeError", "TypeError"]
    assert run.stderr == ""


def test_names_that_only_a_program_knows_pass_in_silence_in_the_old_variable():
    code = "import tgraph.compat; tgraph.compat.install(); import theano; print(theano.config.floatX)"
    run = fresh(code, TGRAPHRC=os.devnull, THEANORC=os.devnull, THEANO_FLAGS="pylearn2.depth=3,floatX=float32")
    assert (run.stdout, run.stderr) == ("float32\n", "")


SETERR = """
import numpy as np
before = np.geterr()
import tgraph.compat; tgraph.compat.install()
import theano
print(np.geterr()["divide"], np.geterr()["over"])
tgraph.compat.uninstall()
print(np.geterr() == before)
"""


@pytest.mark.parametrize(
    ("flags", "found"),
    [("", "ignore ignore"), ("numpy.seterr_all=raise", "raise raise"), ("numpy.seterr_over=warn", "ignore warn"),
     ("numpy.seterr_all=None", "warn warn")],
)
def test_numpy_treats_floating_point_errors_as_the_flags_say(flags, found):
    run = fresh(SETERR, TGRAPHRC=os.devnull, THEANORC=os.devnull, THEANO_FLAGS=flags)
    assert run.stdout.splitlines() == [found, "True"], run.stderr


def test_the_old_reading_side(tmp_path):
    (tmp_path / "rc").write_text("[global]\nfloatX = float32\n[gcc]\ncxxflags = -I%(USER)s\n")
    code = (
        "import tgraph.compat; tgraph.compat.install()\n"
        "from theano.configparser import fetch_val_for_key as f, config_files_from_theanorc, THEANO_FLAGS_DICT\n"
        "print(f('floatX'), f('gcc.cxxflags'), f('own.flag'), len(config_files_from_theanorc()), THEANO_FLAGS_DICT)\n"
        "f('linker')"
    )
    run = fresh(code, TGRAPHRC=os.devnull, THEANORC=str(tmp_path / "rc"), THEANO_FLAGS="own.flag=4", USER="me")
    assert run.stdout == "float32 -Ime 4 1 {'own.flag': '4'}\n", run.stderr
    assert run.stderr.splitlines()[-1] == "KeyError: 'linker'"


def test_test_values_stay_out_of_pickles_where_the_flag_says_so():
    x = tt.vector("x")
    x.tag.test_value, x.tag.other = 3.0, 4
    with change_flags(pickle_test_value=False):
        tag = pickle.loads(pickle.dumps(x)).tag
    assert (hasattr(tag, "test_value"), tag.other, x.tag.test_value) == (False, 4, 3.0)
    assert pickle.loads(pickle.dumps(x)).tag.test_value == 3.0


ACTS = {
    # flag: (value, what is asked, what Theano answered under the value, and by default)
    "floatX": ("float32", "tt.vector().dtype, tt.mean(tt.ivector()).dtype, tt.zeros((2,)).dtype",
               ("float32", "float64", "float32"), ("float64", "float64", "float64")),
    "cast_policy": ("numpy+floatX", "(tt.fvector() * 1.5).dtype, (tt.bvector() + 1).dtype", ("float64", "int64"),
                    ("float32", "int8")),
    "int_division": ("floatX", "(tt.ivector() / tt.ivector()).dtype", "float64", "float64"),
    "on_unused_input": ("ignore", "function([tt.vector(), y], y * 2)([1.0], [2.0]).tolist()", [4.0],
                        "UnusedInputError"),
    "compute_test_value": ("raise", "(y + 1).dtype", "ValueError", "float64"),
    "mode": ("FAST_COMPILE", "function([y], y * 2).maker.mode is get_mode('FAST_COMPILE')", True, False),
    "optimizer": ("None", "function([y], tt.log(1 + y))([1e-20]).tolist()", [0.0], [1e-20]),
    "linker": ("py", "function([y], y * 2).maker.mode.linker.name", "py", "cvm"),
    "exception_verbosity": ("high", "'Debugprint of the apply node' in failure()", True, False),
    "unpickle_function": (False, "pickle.loads(pickle.dumps(function([y], y * 2))) is None", True, False),
    "NanGuardMode.big_is_error": (False, "function([y], y * 2, mode=NanGuardMode())([1e11]).tolist()", [2e11],
                                  "AssertionError"),
    "print_test_value": (True, "with_test_value()", True, False),
}


def failure():
    a, b = tt.vectors("ab")
    with pytest.raises(ValueError, match="mis-match") as caught:
        function([a, b], a + b)([1.0], [1.0, 2.0])
    return str(caught.value)


def with_test_value():
    x = tt.vector("x")
    x.tag.test_value = [41.5]
    return "41.5" in repr(x)


@pytest.mark.parametrize("name", ACTS)
def test_flags_that_act(name):
    value, question, under, without = ACTS[name]

    def answer():
        scope = {"tt": tt, "y": tt.dvector("y"), "function": function, "pickle": pickle, "get_mode": get_mode,
                 "failure": failure, "with_test_value": with_test_value, "NanGuardMode": NanGuardMode}
        try:
            return eval(question, scope)
        except Exception as e:
            return type(e).__name__

    with change_flags({name: value}):
        assert answer() == under
    assert answer() == without


def test_the_guide_lists_the_flags():
    script = Path(__file__).parent / "record" / "settings_table.py"
    run = subprocess.run([sys.executable, str(script), "--check"], check=False)
    assert run.returncode == 0, "run tests/record/settings_table.py: the flags have changed"
