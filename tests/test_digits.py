"""The digits example, end to end: the costs Theano had, a file that plain torch serves, exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from replay import load

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


def run(*words, flags=""):
    environment = {**os.environ, "THEANO_FLAGS": flags, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run([sys.executable, *map(str, words)], env=environment, capture_output=True, text=True)


def trained(folder, floatX):
    """The folder with what the unmodified script wrote when run through the door."""
    done = run("-m", "tgraph", "run", EXAMPLES / "digits_mlp.py", folder, flags=f"floatX={floatX}")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("digits"), "float64")


def costs_and_error(folder):
    *costs, error = (folder / "digits_costs.txt").read_text().splitlines()
    return [float(c) for c in costs], float(error.split()[-1])


def test_script_does_not_know_tgraph():
    assert "tgraph" not in (EXAMPLES / "digits_mlp.py").read_text()


def test_costs_are_theanos_in_float64(out):
    recorded = load("digits_costs.json")["float64"]
    costs, error = costs_and_error(out)
    np.testing.assert_allclose(costs, recorded["costs"], rtol=1e-6)
    assert error == recorded["test_error"] < 0.04


def test_costs_are_theanos_in_float32(tmp_path):
    recorded = load("digits_costs.json")["float32"]
    costs, error = costs_and_error(trained(tmp_path, "float32"))
    np.testing.assert_allclose(costs, recorded["costs"], rtol=1e-3)
    assert error < 0.04


def test_export_is_served_by_torch_alone(out):
    exported = run(EXAMPLES / "export_digits.py", out)
    assert exported.returncode == 0, exported.stderr
    served = run(EXAMPLES / "serve_digits.py", out)
    assert served.returncode == 0, served.stdout + served.stderr
    assert "the same as before the export" in served.stdout

    predictions = np.load(out / "digits_predictions.npy")
    np.save(out / "digits_predictions.npy", (predictions + 1) % 10)
    refused = run(EXAMPLES / "serve_digits.py", out)
    assert refused.returncode == 1
    assert "NOT the same" in refused.stdout


def test_server_cannot_import_tgraph(out):
    text = f"import sys; sys.path.insert(0, {str(EXAMPLES)!r}); import serve_digits; import tgraph"
    refused = run("-c", text)
    assert refused.returncode == 1
    assert "must not be imported here" in refused.stderr
