"""Hold tests/theano_suite_left_out.txt to a run of Theano's own tests: does it list exactly what did not pass?

    python tests/record/suite_left_out.py RESULT.json [...]

RESULT.json: {"files": [{"tests": {id: {"outcome": ...}}}]}, of tests that pass on the real Theano. Prints what
fails and is not listed, and what is listed and passes; exit status 1 if there is any. Ids that no run covers are left
alone.
"""

import json
import sys
from pathlib import Path

LIST = Path(__file__).parent.parent / "theano_suite_left_out.txt"


def listed():
    """{id: reason}."""
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {test.strip(): why.strip() for test, _, why in (line.partition(" # ") for line in lines)}


def main(*paths):
    outcomes = {}
    for path in paths:
        for file in json.loads(Path(path).read_text())["files"]:
            outcomes.update((test, record["outcome"]) for test, record in file["tests"].items())
    known = listed()
    failed = {test for test, outcome in outcomes.items() if outcome != "passed"}
    for test in sorted(failed - known.keys()):
        print("fails, not listed:", test, outcomes[test])
    for test in sorted(test for test in known if test in outcomes and test not in failed):
        print("listed, passes:   ", test)
    without = [test for test, why in known.items() if not why]
    print(f"{len(outcomes)} tests, {len(failed)} did not pass, {len(failed & known.keys())} of them listed",
          *[f"no reason: {test}" for test in without])
    return 1 if failed ^ {test for test in known if test in outcomes} or without else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
