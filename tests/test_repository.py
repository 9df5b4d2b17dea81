"""The repository keeps its promises: versions agree, the package is whole, no trace of anybody's machine."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import tgraph

ROOT = Path(__file__).parent.parent
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
FOLDERS = ("tgraph", "tests", "examples", "benchmarks", "migration_guide", ".ci")
BINARY = {".gz", ".pyc", ".pt", ".pt2", ".pkl", ".npy", ".npz", ".png"}


def texts():
    """Every text file that belongs to the repository."""
    yield from (
        path for path in ROOT.glob("*") if path.suffix in (".md", ".toml", ".txt") or path.name == "Makefile"
    )
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix not in BINARY and "__pycache__" not in path.parts:
                yield path


def known():
    lines = (ROOT / "tests" / "known_differences.txt").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def test_the_version_is_said_once():
    assert f'version = "{tgraph.__version__}"' in PROJECT


def test_constraints_cover_what_is_required():
    pinned = {
        re.split("[=;]", line)[0].strip().lower()
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    assert {"torch", "numpy", "scipy", "sympy", "dill", "pytest", "hypothesis", "ruff", "pyright"} <= pinned


def test_the_package_holds_its_data():
    assert (ROOT / "tgraph" / "py.typed").exists()
    assert (ROOT / "tgraph" / "compat" / "names.tsv").exists()
    assert (ROOT / "tgraph" / "compat" / "door" / "sitecustomize.py").exists()
    assert (ROOT / "tgraph" / "compat" / "sandbox" / "samples_MRG31k3p_12_7_5.txt").exists()
    assert '"tgraph.compat" = ["*.tsv", "door/*.py", "sandbox/*.txt"]' in PROJECT


def test_what_a_user_calls_is_exported():
    for name in tgraph.__all__:
        assert getattr(tgraph, name) is not None
    assert {"function", "shared", "grad", "config", "In", "Out"} <= set(dir(tgraph))
    assert callable(tgraph.function)
    with pytest.raises(AttributeError, match="nosuch"):
        tgraph.nosuch


def test_submodules_do_not_hide_functions():
    """`tgraph/function.py` and `tgraph.function`, the function, live together."""
    code = (
        "import tgraph.function, tgraph.shared, tgraph.grad, tgraph.config, tgraph.tensor as tt\n"
        "from tgraph import function, shared, grad, config\n"
        "assert callable(tgraph.function) and callable(shared) and callable(grad) and config.floatX\n"
        "assert tgraph.function is function and tgraph.tensor is tt\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "migration_guide/index.md"])
def test_documents_are_there(name):
    assert (ROOT / name).read_text(encoding="utf-8").startswith("# ")


def test_contributing_is_one_screen():
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) <= 50


def test_links_between_documents_lead_somewhere():
    broken = []
    for path in texts():
        if path.suffix == ".md":
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
                if not (path.parent / target).exists():
                    broken.append(f"{path.name}: {target}")
    assert not broken


def test_no_trace_of_a_machine():
    places = re.compile(r"(?<![\w.$}])/(work|opt|root|home/\w+)/")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if places.search(line) and path != Path(__file__)
    ]
    assert not found


def test_known_differences_name_tests_and_reasons():
    for line in known():
        assert len(line) == 3, line
        kind, name, reason = line
        assert kind in ("differs", "skip"), line
        assert len(reason) > 10, line
        file, _, function = name.partition("::")
        assert re.sub(r"\[.*", "", function).split("::")[-1] in (ROOT / file).read_text(encoding="utf-8"), (
            line
        )


def test_make_asks_for_a_python_that_will_do():
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "(3, 10) <= sys.version_info < (3, 14)" in recipe
    assert 'requires-python = ">=3.10,<3.14"' in PROJECT


def test_the_script_in_the_readme_runs_and_exports(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    more = """
        rng = np.random.RandomState(0)
        images, labels = rng.rand(50, 64), rng.randint(0, 10, 50).astype("int32")
        costs = [float(train(images, labels)) for _ in range(20)]
        assert abs(costs[0] - np.log(10)) < 1e-6, costs
        assert costs[-1] < costs[0], costs
        predict.export("model.pt")
        np.save("images.npy", images)
        np.save("classes.npy", predict(images))
        """
    (tmp_path / "train.py").write_text(blocks[0] + textwrap.dedent(more))
    serve = blocks[2] + "import numpy as np\n"
    serve += "classes = model(torch.from_numpy(np.load('images.npy'))).numpy()\n"
    serve += "assert (classes == np.load('classes.npy')).all()\n"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "tgraph", "run", "train.py"], cwd=tmp_path, env=env, check=True)
    subprocess.run([sys.executable, "-I", "-c", serve], cwd=tmp_path, check=True)


@pytest.mark.parametrize("page", ["random_numbers", "settings", "writing_ops"])
def test_the_lines_of_the_guide_run(page, tmp_path):
    text = (ROOT / "migration_guide" / f"{page}.md").read_text(encoding="utf-8")
    script = tmp_path / "script.py"
    script.write_text("\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "tgraph", "run", str(script)],
        cwd=ROOT, env={**os.environ, "THEANO_FLAGS": "", "TGRAPH_FLAGS": ""}, capture_output=True, text=True,
    )
    assert run.returncode == 0, run.stderr
