"""Record every public name of the real Theano 1.0.5. Run with its Python:

    python3.8 tests/record/legacy_api.py survey.tsv > tests/data/legacy_api.tsv

`survey.tsv` is a survey of importable paths: qualified name, kind, and in later columns how many projects of
a corpus of old code use it, its canonical spelling and whether it lives there (home, reexport, inherited) or
leaked in. This script keeps what the door needs and adds the modules of others that leaked
(`theano.tensor.np` is numpy).

Columns: name, kind, canonical name, origin, projects.
"""

import csv
import importlib
import sys
import types
import warnings

warnings.simplefilter("ignore")
DOUBLE = ("compile.function", "compile.pfunc", "scan_module.scan", "scan_module.scan_checkpoints",
          "tensor.sort", "tensor.var", "tensor.inc_code", "d3viz.d3viz")  # fmt: skip

with open(sys.argv[1]) as f:
    rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))

out = {}
for row in rows:
    key = row["qualified_name"], row["kind"] == "module"
    out[key] = (row["kind"], row["canonical"], row["origin"], row["canonical_projects"])

for name in DOUBLE:
    out["theano." + name, True] = ("module", "theano." + name, "home", "0")

OUTSIDE = set(
    "numpy scipy os sys re copy time logging warnings operator itertools functools collections pickle "
    "inspect traceback unittest textwrap math random tempfile shutil subprocess hashlib struct "
    "platform errno string types threading".split()
)
for (name, is_module), (_, _, origin, _) in sorted(out.items()):
    if not is_module or origin != "home":
        continue
    try:
        module = importlib.import_module(name)
    except BaseException:
        continue
    for attribute, value in vars(module).items():
        if isinstance(value, types.ModuleType) and value.__name__.split(".")[0] in OUTSIDE:
            out.setdefault((name + "." + attribute, True), ("module", value.__name__, "leak", "0"))

for (name, _), columns in sorted(out.items()):
    print("\t".join((name,) + columns))
