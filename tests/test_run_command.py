"""`tgraph run` behaves as `python` does, with the legacy door open: each behaviour a process of its own."""

import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

REPOSITORY = str(Path(__file__).parent.parent)


def tgraph(*arguments, cwd=None, env=None, **options):
    env = {"PYTHONPATH": REPOSITORY, **(os.environ if env is None else env)}
    return subprocess.run(
        [sys.executable, "-m", "tgraph", *map(str, arguments)],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=100,
        **options,
    )


@pytest.fixture
def script(tmp_path):
    """Write a script, run it with `tgraph run`, from the folder it stands in."""

    def run(source, *arguments, options=(), name="train.py", env=None):
        (tmp_path / name).write_text(textwrap.dedent(source))
        return tgraph("run", *options, name, *arguments, cwd=tmp_path, env=env)

    return run


def test_a_script_finds_theano_and_everything_a_script_expects(script, tmp_path):
    (tmp_path / "beside.py").write_text("answer = 42\n")
    run = script(
        """
        import os, sys
        import beside
        import theano, theano.tensor as T
        x = T.dscalar('x')
        print(sys.argv, __name__, __file__, beside.answer)
        print(os.path.samefile(sys.path[0], os.path.dirname(os.path.abspath(__file__))))
        print(sys.modules['__main__'].__dict__ is globals(), __spec__, sys.flags.interactive)
        print(theano.__version__, x.type)
        """,
        "a",
        "--run",
        "-m",
    )
    assert run.stderr == ""
    lines = run.stdout.splitlines()
    assert lines[0].startswith("['train.py', 'a', '--run', '-m'] __main__ ")
    assert lines[0].endswith("train.py 42")
    assert lines[1:3] == ["True", "True None 0"]
    assert lines[3].startswith("1.0.5 ")


@pytest.mark.parametrize(
    ("statement", "code", "error"),
    [
        ("pass", 0, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit(None)", 0, ""),
        ("sys.exit(7)", 7, ""),
        ("sys.exit('no data')", 1, "no data\n"),
        ("raise SystemExit(3)", 3, ""),
        ("os._exit(5)", 5, ""),
    ],
)
def test_exit_codes(script, statement, code, error):
    run = script(f"import os, sys, theano\n{statement}\n")
    assert (run.returncode, run.stderr) == (code, error)


def test_a_missing_script(tmp_path):
    run = tgraph("run", "nowhere.py", cwd=tmp_path)
    assert run.returncode == 2
    assert "can't open file" in run.stderr
    assert "nowhere.py" in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_script_that_raises_shows_its_own_lines_only(script):
    run = script(
        """
        import theano

        def train():
            raise RuntimeError("out of data")

        train()
        """
    )
    assert run.returncode == 1
    lines = run.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "train.py" in lines[1]
    assert lines[-1] == "RuntimeError: out of data"
    for hidden in ("tgraph", "runpy", "importlib"):
        assert hidden not in run.stderr


def test_a_script_that_does_not_compile(script):
    run = script("def f(:\n    pass\n")
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("SyntaxError")
    assert "Python 2" not in run.stderr


def test_ctrl_c(tmp_path):
    (tmp_path / "wait.py").write_text("import time, theano\nprint('up', flush=True)\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "tgraph", "run", "wait.py"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    env = {**os.environ, "PYTHONPATH": REPOSITORY}
    with subprocess.Popen(command, cwd=tmp_path, env=env, text=True, **pipes) as child:
        assert child.stdout.readline() == "up\n"
        child.send_signal(signal.SIGINT)
        _, error = child.communicate(timeout=30)
    assert child.returncode in (-signal.SIGINT, 130)
    assert error.splitlines()[-1] == "KeyboardInterrupt"
    assert "tgraph" not in error


def test_a_module_a_folder_a_zip_and_a_command(tmp_path):
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("")
    code = "import sys, theano\nprint(theano.__version__, sys.argv[1:], __package__)\n"
    (package / "__main__.py").write_text(code)
    (package / "inner.py").write_text(code)
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("__main__.py", code)
    assert tgraph("run", "-m", "pack", "x", cwd=tmp_path).stdout == "1.0.5 ['x'] pack\n"
    assert tgraph("run", "-m", "pack.inner", cwd=tmp_path).stdout == "1.0.5 [] pack\n"
    assert tgraph("run", "pack", "y", cwd=tmp_path).stdout == "1.0.5 ['y'] \n"
    assert tgraph("run", "app.zip", "z", cwd=tmp_path).stdout == "1.0.5 ['z'] \n"
    assert tgraph("run", "-c", "import theano; print(theano.__version__)").stdout == "1.0.5\n"
    run = tgraph("run", "-m", "no_such_module", cwd=tmp_path)
    assert run.returncode == 1
    assert "No module named no_such_module" in run.stderr


def test_a_script_from_standard_input():
    assert tgraph("run", "-", input="import theano; print(theano.__version__)").stdout == "1.0.5\n"


def test_classes_of_the_script_pickle(script):
    run = script(
        """
        import copy, pickle, theano

        class Model(object):
            pass

        model = pickle.loads(pickle.dumps(Model()))
        print(type(model) is Model, Model.__module__)
        """
    )
    assert run.stdout == "True __main__\n"


WORKERS = """
import multiprocessing, subprocess, sys

def ask(_):
    import theano, cPickle
    return theano.__version__

if __name__ == "__main__":
    for method in multiprocessing.get_all_start_methods():
        with multiprocessing.get_context(method).Pool(1) as pool:
            print(method, pool.map(ask, [0]))
    code = "import theano, cPickle; print('child', theano.__version__)"
    subprocess.run([sys.executable, "-c", code], check=True)
    code = "import sys; print([m for m in ('torch', 'numpy') if m in sys.modules])"
    subprocess.run([sys.executable, "-c", code], check=True)
"""


def test_worker_processes_inherit_the_door(script):
    run = script(WORKERS)
    assert run.stderr == ""
    lines = run.stdout.splitlines()
    assert all(line.endswith("['1.0.5']") for line in lines[:-2])
    assert lines[-2:] == ["child 1.0.5", "[]"]


def test_a_python_of_another_environment_is_left_alone(script, tmp_path):
    run = script(
        """
        import os, subprocess, sys
        code = "import sys; print('theano' in sys.modules, sys.path); import theano"
        how, _, prefix = os.environ["TGRAPH_DOOR"].partition(":")
        assert (how, prefix) == ("shims", sys.prefix)
        env = dict(os.environ, TGRAPH_DOOR=how + ":/elsewhere")
        run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
        print("door" in run.stdout, run.stderr.splitlines()[-1])
        """
    )
    assert run.stdout == "False ModuleNotFoundError: No module named 'theano'\n"


def test_the_environment_of_the_caller_survives(script, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "mine.py").write_text("name = 'mine'\n")
    (tmp_path / "lib" / "sitecustomize.py").write_text("import builtins\nbuiltins.customized = True\n")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "lib"), REPOSITORY])}
    run = script(
        """
        import sys, mine, theano
        print(mine.name, customized, [p for p in sys.path if p.endswith('door')])
        print(sys.modules['sitecustomize'].__file__.endswith('lib/sitecustomize.py'))
        """,
        env=env,
    )
    assert run.stderr == ""
    assert run.stdout == "mine True []\nTrue\n"


def test_flags_come_from_the_old_variables(script, tmp_path):
    rc = tmp_path / "rc"
    rc.write_text("[global]\nfloatX = float32\non_unused_input = warn\n")
    code = "import theano; c = theano.config; print(c.floatX, c.on_unused_input, c.optimizer)\n"
    env = {
        **os.environ,
        "THEANORC": str(rc),
        "THEANO_FLAGS": "optimizer=None",
        "TGRAPH_FLAGS": "floatX=float16",
    }
    assert script(code, env=env).stdout == "float16 warn None\n"
    run = script(code, env={**os.environ, "THEANO_FLAGS": "floatX=float128"})
    assert run.returncode == 1
    assert "train.py" in run.stderr
    assert run.stderr.splitlines()[-1].startswith('ValueError: Invalid value ("float128")')


def test_a_note_on_flags_names_the_line_that_imports(script):
    run = script("import os\nimport theano\n", env={**os.environ, "THEANO_FLAGS": "device=gpu0"})
    assert "train.py:2: ConfigWarning: device=gpu0 is an old name" in run.stderr


# --- what Python and numpy dropped ------------------------------------------------------------------

SHIMS = """
import warnings
warnings.simplefilter("error")
import numpy
import numpy as np
import theano
assert np.int is int and np.float is float and np.object is object and np.str is str
assert np.bool in (bool, np.bool_) and np.complex is complex and np.unicode is str
assert np.float_ is np.float64 and np.NaN != np.NaN and np.Inf == np.inf
assert np.cast["float32"]([1, 2]).dtype == np.float32 and np.cast[np.int64](1.7) == 1
assert np.cast[theano.config.floatX](1.5).dtype == theano.config.floatX
assert np.product([2, 3]) == 6 and list(np.cumproduct([2, 3])) == [2, 6]
assert np.sometrue([0, 1]) and not np.alltrue([0, 1])
assert list(np.in1d([[1, 2], [3, 4]], [2, 3])) == [False, True, True, False]
assert np.asscalar(np.array([2.5])) == 2.5
assert np.asfarray([1, 2]).dtype == np.float64
import inspect, collections, time, fractions
assert inspect.getargspec(lambda a, b=1, *c, **d: 0) == (["a", "b"], "c", "d", (1,))
assert collections.Mapping is collections.abc.Mapping and collections.Callable
assert time.clock() >= 0 and fractions.gcd(12, 18) == 6
import cPickle, cStringIO
warnings.simplefilter('ignore')  # imp itself warns where it still exists
import imp
assert imp.new_module('m').__name__ == 'm' and imp.reload
assert cPickle.loads(cPickle.dumps([1], cPickle.HIGHEST_PROTOCOL)) == [1]
assert cStringIO.StringIO("a").read() == "a"
print("done")
"""


def test_old_names_are_back(script):
    run = script(SHIMS)
    assert run.stderr == ""
    assert run.stdout == "done\n"


SIX = """
import six
from six import iteritems, string_types
from six.moves import cPickle, range, urllib, xrange, zip
import six.moves.cPickle as pickle
from six.moves.urllib.request import urlretrieve
print(list(xrange(3)), six.PY2, list(iteritems({1: 2})), isinstance("a", string_types))
print(pickle is cPickle or pickle.loads is cPickle.loads, urllib.parse.quote("a b"), callable(urlretrieve))
"""


def test_six_is_there(script):
    run = script(SIX)  # the real one where it is installed
    assert run.stderr == ""
    assert run.stdout == "[0, 1, 2] False [(1, 2)] True\nTrue a%20b True\n"


def test_random_integers_are_back(script):
    run = script(
        "import numpy as np\nx = np.random.random_integers(1, 3, size=100)\nprint(x.min(), x.max())\n"
    )
    assert run.stdout == "1 3\n"


def test_numbers_print_as_they_did(script):
    run = script("import numpy as np\nprint([np.float64(1.5)], (np.float32(2), np.int64(3), np.bool_(True)))\n")
    assert run.stdout == "[1.5] (2.0, 3, True)\n"


def test_scipy_misc_has_its_functions(script):
    run = script("from scipy.misc import logsumexp, factorial\nprint(logsumexp([0.0]), factorial(4))\n")
    assert run.stdout == "0.0 24.0\n"


def test_old_libraries_find_what_they_import(script):
    # Lasagne, Keras, PyMC3 and neupy begin so; pkg_resources is the real one where setuptools still has it
    run = script("""
import numpy as np
import pkg_resources
from pkg_resources import parse_version as v
from numpy.core.umath_tests import inner1d
from scipy.signal import gaussian

print(pkg_resources.get_distribution("numpy").version == np.__version__)
try:
    pkg_resources.get_distribution("no-such-package")
except pkg_resources.DistributionNotFound:
    print("not found")
print(v("0.8.0") < v("0.10"), v("1.0") == v("1.0.0"), v("1.0rc1") < v("1.0"), v("1.0.dev3") < v("1.0a1"))
print(v("1.0") < v("1.0.post1") < v("1.0.1"), v("2.0.0b2") < v("2.0.0rc1"), v("1.9") < v("1.10.0a1"))
print(inner1d(np.ones((2, 3)), np.ones((2, 3))), gaussian(3, 1.0).round(3))
""")
    assert run.stdout.splitlines() == [
        "True", "not found", "True True True True", "True True True", "[3. 3.] [0.607 1.    0.607]"
    ]  # fmt: skip


def test_the_switch_turns_them_off(script):
    source = "import numpy as np, theano\nprint(hasattr(np, 'cast'))\nimport cPickle\n"
    assert script(source).returncode == 0
    assert script(source, options=["--numpy-shims"]).returncode == 0
    run = script(source, options=["--no-numpy-shims"])
    assert run.returncode == 1
    assert run.stdout == "False\n"
    assert run.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'cPickle'"


def test_a_pickle_of_python_2_opens(script, tmp_path):
    # [u'\\xe9', 'caf\\xe9'] as Python 2 wrote it: the second is a byte string
    raw = b"\x80\x02]q\x00(X\x02\x00\x00\x00\xc3\xa9q\x01U\x04caf\xe9q\x02e."
    (tmp_path / "old.pkl").write_bytes(raw + raw)
    run = script(
        """
        import cPickle, gzip, io, os
        print(ascii(cPickle.loads(open("old.pkl", "rb").read())))
        with open("old.pkl", "rb") as f:
            print(cPickle.load(f) == cPickle.load(f))
        r, w = os.pipe()
        os.write(w, open("old.pkl", "rb").read())
        os.close(w)
        with open(r, "rb", buffering=0) as f:
            print(ascii(cPickle.load(f)), ascii(cPickle.load(f)))
        """
    )
    assert run.stderr == ""
    value = r"['\xe9', 'caf\xe9']"
    assert run.stdout.splitlines() == [value, "True", f"{value} {value}"]


# --- Python 2 -------------------------------------------------------------------------------------------

PYTHON2 = {
    'print "x"': "a print statement",
    "print x, y": "a print statement",
    'print >>sys.stderr, "x"': "a print statement",
    "try:\n    pass\nexcept ValueError, e:\n    pass": "`except Error, e`",
    'exec "x = 1"': "an exec statement",
    'raise ValueError, "bad"': "`raise Error, text`",
    "if 1 <> 2: pass": "the operator <>",
    "x = `1`": "backticks for repr",
    "os.chmod('f', 0777)": "an octal number without 0o",
    "x = 10L": "a long number such as 10L",
    "x = ur'a'": 'a ur"" string',
    "def f(a, (b, c)): pass": "a tuple among the parameters",
    "if 1:\n        a = 1\n\tb = 1": "tabs and spaces mixed in the indentation",
}


@pytest.mark.parametrize("source", PYTHON2, ids=PYTHON2.values())
def test_a_python_2_script_is_told_so_in_one_line(script, source):
    run = script("import theano\n" + source + "\n", name="old.py")
    assert run.returncode == 2
    assert run.stdout == ""
    (line,) = run.stderr.splitlines()
    assert line.startswith("tgraph: old.py, line ")
    assert PYTHON2[source] in line
    assert '"python -m fissix -w old.py"' in line


def test_python_2_in_an_imported_module_is_named_after_the_traceback(script, tmp_path):
    (tmp_path / "layers.py").write_text("def f():\n    print 'x'\n")
    run = script("import theano\nimport layers\n")
    assert run.returncode == 1
    lines = run.stderr.splitlines()
    assert lines[-2].startswith("SyntaxError")
    assert "layers.py, line 2: this is Python 2 (a print statement)" in lines[-1]


# --- the other commands -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["walk"], "no command walk"),
        (["run"], "Name a script"),
        (["run", "--numpy-shims"], "Name a script"),
        (["run", "-m"], "-m needs an argument"),
        (["run", "--fast", "x.py"], "no option --fast"),
        (["config", "nosuch"], "no flag nosuch"),
    ],
)
def test_wrong_use(arguments, message):
    run = tgraph(*arguments)
    assert run.returncode == 2
    assert message in run.stderr
    assert "usage: tgraph run" in run.stderr


@pytest.mark.parametrize("flag", ["-E", "-I", "-S"])
def test_a_python_that_ignores_the_environment_is_turned_down(flag):
    code = "import sys; sys.path.insert(0, sys.argv.pop()); from tgraph.__main__ import entry; entry()"
    command = [sys.executable, flag, "-c", code, "run", "x.py", REPOSITORY]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 2
    assert "without -I, -E and -S" in run.stderr


def test_version_help_and_config():
    assert tgraph("--version").stdout.startswith("tgraph 0.1.0 (torch 2.")
    assert "tgraph run" in tgraph().stdout
    listing = tgraph("config").stdout
    assert "dtype of floats that name none" in listing
    assert listing.splitlines()[-1].startswith("141 flags.")
    env = {**os.environ, "THEANO_FLAGS": "floatX=float32"}
    line = next(line for line in tgraph("config", env=env).stdout.splitlines() if line.startswith("floatX "))
    assert line.split()[:3] == ["floatX", "float32", "THEANO_FLAGS"]
    assert tgraph("config", "floatX", "blas.ldflags", env=env).stdout == "float32\n\n"
