"""The examples with loops, on real data: each step costs what it cost under the real Theano, and what is printed and
drawn is the same (data/examples.json). What they trained is exported and runs with torch alone."""

import runpy
import warnings
from pathlib import Path

import numpy as np
import pytest
from elsewhere import elsewhere
from replay import legacy, load

EXAMPLES = Path(__file__).parent.parent / "examples"
RECORDED = load("examples.json")


def trained(name, floatX, *args, **kwargs):
    """What ``train`` of an example returns."""
    theano, _ = legacy()
    theano.config.floatX = floatX
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return runpy.run_path(str(EXAMPLES / f"{name}.py"))["train"](*args, **kwargs)


def costs_of(result):
    return result[0] if isinstance(result, tuple) else result


@pytest.mark.parametrize("name", RECORDED)
def test_each_step_costs_what_it_cost(name, capsys):
    record = RECORDED[name]["float64"]
    costs = costs_of(trained(name, "float64", RECORDED[name]["epochs"]))
    np.testing.assert_allclose(costs, record["costs"], rtol=1e-6)
    assert capsys.readouterr().out.splitlines() == record["printed"]


@pytest.mark.parametrize("name", RECORDED)
def test_float32(name):
    """The beginning: rounding differs from BLAS to BLAS, and drawing turns that into other numbers later on."""
    record = RECORDED[name]["float32"]
    costs = costs_of(trained(name, "float32", RECORDED[name]["epochs"] // 2))
    np.testing.assert_allclose(costs[:20], record["costs"][:20], rtol=1e-4)


def test_examples_and_records_agree():
    legacy = {path.stem: path.read_text() for path in EXAMPLES.glob("*.py") if "tgraph" not in path.read_text()}
    assert {name for name, text in legacy.items() if "theano.scan(" in text} == set(RECORDED)


def test_the_lstm_counts_in_words_of_any_length_with_torch_alone(tmp_path):
    _, predict = trained("lstm_syllables", "float64", 1, predictor=True)
    predict.export(tmp_path / "m.pt")
    prepare_data = runpy.run_path(str(EXAMPLES / "lstm_syllables.py"))["prepare_data"]
    inputs = [prepare_data([(word, 0) for word in words])[:2] for words in (
        ["a"], ["we", "independence"], ["internationalization", "of", "unalienable", "rights"])]
    got = elsewhere(tmp_path / "m.pt", f"""
        inputs = {[(x.tolist(), mask.tolist()) for x, mask in inputs]}
        print(json.dumps([m(torch.tensor(x), torch.tensor(mask, dtype=torch.float64)).tolist() for x, mask in inputs]))
    """)
    for found, (x, mask) in zip(got, inputs, strict=True):
        np.testing.assert_allclose(found, predict(x, mask), rtol=1e-12)


def test_the_character_model_makes_names_up_with_torch_alone(tmp_path):
    """Of different lengths, other ones at every call: the file goes on where the function was."""
    _, _, sample = trained("character_model", "float64", 2, sampler=True)
    sample.export(tmp_path / "m.pt")
    got = elsewhere(tmp_path / "m.pt", """
        temperatures = [0.7, 0.7, 0.7, 1.5, 0.2]
        print(json.dumps([m(torch.tensor(t, dtype=torch.float64)).tolist() for t in temperatures]))
    """)
    assert got == [sample(t).tolist() for t in (0.7, 0.7, 0.7, 1.5, 0.2)]
    assert len({len(name) for name in got}) > 1
    assert len({tuple(name) for name in got[:3]}) == 3
    assert all(0 not in name[:-1] for name in got)
