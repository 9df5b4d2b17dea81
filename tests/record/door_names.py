"""Write `tgraph/compat/names.tsv` and `migration_guide/coverage.md`: every public legacy name with its
status, by looking at what tgraph has.

    python tests/record/door_names.py            # write it
    python tests/record/door_names.py --check    # exit 1 if it would change

Run it whenever tgraph grows. It reads `tests/data/legacy_api.tsv` (every public name of the real Theano,
recorded) and `tests/record/door_rules.tsv` (what cannot be guessed). A name without a rule is looked for, by
its last part, in the modules that `HOMES` gives for its region; it works if the thing found there is of the
right kind.
"""

import importlib
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
import coverage_page  # noqa: E402

API = ROOT / "tests" / "data" / "legacy_api.tsv"
RULES = ROOT / "tests" / "record" / "door_rules.tsv"
TABLE = ROOT / "tgraph" / "compat" / "names.tsv"

# Region -> modules searched, in this order. The longest region that fits counts.
SHIMS = "tgraph.compat.shims."
OPS = [
    f"tgraph.ops.{p.stem}"
    for p in sorted((ROOT / "tgraph" / "ops").glob("*.py"))
    if p.stem not in ("__init__", "scalar", "rows")
]
TOP = [f"tgraph.{m}" for m in "function arguments modes shared grad derivatives graph types".split()]
TYPES = ["tgraph.types", "tgraph.graph", "tgraph.shared", "tgraph.errors"]
MATRICES = [f"tgraph.ops.{m}" for m in ("matrices", "decompositions", "solve", "hints")] + ["tgraph.tensor", *TYPES]
GRAPHS = [
    *(f"tgraph.{m}" for m in "graph types errors c_code function_graph shared".split()),
    "tgraph.ops.host",
    *(SHIMS + m for m in "graph_names params_type c_ops features rewrites linkers".split()),
    "tgraph.debug_mode",
]
HOMES = {
    "theano": [*TOP, "tgraph.ops.from_graph", "tgraph.errors", "tgraph.loops", "tgraph.tensor"],
    "theano.compile": [
        *TOP,
        "tgraph.modes",
        "tgraph.debug_mode",
        "tgraph.watching",
        "tgraph.profiles",
        "tgraph.ops.host",
        "tgraph.ops.shape",
        "tgraph.ops.barriers",
        "tgraph.errors",
        *(SHIMS + m for m in "compile_names compile_ops rewrites features c_ops graph_names".split()),
    ],
    "theano.compile.ops": [
        "tgraph.ops.shape",
        "tgraph.ops.barriers",
        "tgraph.ops.host",
        SHIMS + "compile_ops",
        "tgraph.graph",
    ],
    "theano.configparser": ["tgraph.config", SHIMS + "settings"],
    "theano.gof": GRAPHS,
    "theano.gof.opt": [SHIMS + "rewrites", SHIMS + "sched_names", *GRAPHS],
    "theano.gof.sched": [SHIMS + "sched_names"],
    "theano.gof.optdb": [SHIMS + "rewrites", *GRAPHS],
    "theano.gof.compilelock": [SHIMS + "odds"],
    "theano.gradient": [
        "tgraph.grad",
        "tgraph.loops",
        "tgraph.derivatives",
        "tgraph.ops.barriers",
        "tgraph.types",
        "tgraph.errors",
        "tgraph.tensor",
    ],
    "theano.ifelse": ["tgraph.ops.branch"],
    "theano.printing": ["tgraph.explain", "tgraph.formulas", SHIMS + "printing"],
    "theano.scalar": [
        *(f"tgraph.ops.{m}" for m in "scalar special scalar_types composite rows arithmetic".split()),
        "tgraph.errors",
        "tgraph.types",
    ],
    "theano.scan_module": ["tgraph.loops", "tgraph.ops.loop", SHIMS + "scan_names"],
    "theano.sandbox": ["tgraph.ops.random", "tgraph.ops.linalg", *OPS],
    "theano.sparse": ["tgraph.ops.sparse"],
    "theano.tensor": ["tgraph.tensor", *TYPES, *OPS, SHIMS + "tensor_names"],
    "theano.tensor.nlinalg": MATRICES,
    "theano.tensor.slinalg": MATRICES,
    "theano.sandbox.linalg": MATRICES,
    "theano.sandbox.fourier": [],
    "theano.tensor.fft": ["tgraph.ops.fft", *TYPES],
    "theano.tensor.fourier": ["tgraph.ops.fft", *TYPES],
    "theano.tensor.blas": ["tgraph.ops.blas", SHIMS + "sched_names"],
    "theano.tensor.inplace": ["tgraph.ops.inplace"],
    "theano.tensor.opt": [
        *("tgraph.tensor", *TYPES, *OPS),
        *(SHIMS + m for m in "tensor_names rewrites sched_names".split()),
    ],
    "theano.tensor.nnet.opt": [],
    "theano.tensor.nnet": [
        f"tgraph.ops.{m}" for m in "nnet conv_legacy corr blocksparse ctc neighbours".split()
    ] + ["tgraph.tensor", "tgraph.ops.special"],
    "theano.tensor.nnet.abstract_conv": [
        f"tgraph.ops.{m}" for m in "conv conv_shapes upsampling assertion".split()
    ] + ["tgraph.tensor", "tgraph.graph", "tgraph.errors"],
    "theano.tensor.nnet.conv": ["tgraph.ops.conv_legacy", "tgraph.ops.conv_shapes", "tgraph.tensor", *TYPES],
    "theano.tensor.nnet.conv3d2d": ["tgraph.ops.conv3d2d", "tgraph.tensor", *TYPES],
    "theano.tensor.signal": ["tgraph.ops.pool", "tgraph.tensor", *TYPES],
    "theano.tensor.signal.conv": ["tgraph.ops.signal"],
    "theano.tensor.shared_randomstreams": ["tgraph.ops.random"],
    "theano.tensor.raw_random": ["tgraph.ops.random"],
    "theano.tensor.sharedvar": ["tgraph.shared", SHIMS + "tensor_names"],
    "theano.tests.disturb_mem": [SHIMS + "odds"],
    "theano.tests.unittest_tools": [SHIMS + "unittest_tools", "tgraph.derivatives"],
    "theano.updates": ["tgraph.function", "tgraph.shared", "tgraph.updates"],
    "theano.raise_op": OPS,
    "theano.misc": [SHIMS + "remnants", SHIMS + "odds"],
    "theano.misc.pkl_utils": [SHIMS + "pkl_utils"],
    "theano.tests.breakpoint": [SHIMS + "breakpoints"],
    "theano.tests.record": [SHIMS + "recording"],
    "theano.gpuarray": [],
    "theano.compat": [],
    "theano.d3viz": [SHIMS + "d3viz"],
    "theano.typed_list": ["tgraph.ops.typed_list", "tgraph.ops.python_values"],
    "theano.typed_list.opt": ["tgraph.ops.typed_list"],
}


def homes(name):
    """The modules to search for a name, by its longest region."""
    region = name
    while region not in HOMES:
        region = region.rpartition(".")[0]
    return HOMES[region]


_modules: dict = {}


def module(name):
    if name not in _modules:
        _modules[name] = None
        try:
            _modules[name] = importlib.import_module(name)
        except ImportError as e:
            if not isinstance(e, ModuleNotFoundError):
                print(f"{name}: {e}", file=sys.stderr)
    return _modules[name]


def reach(target):
    """The object of a target such as `tgraph.tensor:exp`; LookupError if there is none."""
    where, _, path = target.partition(":")
    found = module(where)
    if found is None:
        raise LookupError(target)
    for part in filter(None, path.split(".")):
        if not hasattr(found, part):
            raise LookupError(target)
        found = getattr(found, part)
    return found


def fits(found, kind):
    """Is this thing what a legacy name of that kind stands for?"""
    if isinstance(found, ModuleType):
        return False
    if kind == "class":
        return inspect.isclass(found)
    if kind in ("function", "op-instance"):
        return callable(found)
    return not inspect.isfunction(found) or kind != "const" or found.__module__.startswith("tgraph")


def is_set_on_instances(cls, attribute):
    """Does a method of this class, or of a base, set `self.attribute`?"""
    for base in cls.__mro__:
        if base.__module__.startswith("tgraph"):
            if attribute in getattr(base, "__annotations__", {}):
                return True
            if re.search(rf"\bself\.{attribute}\b[^=\n(]*=[^=]", inspect.getsource(base)):
                return True
    return False


def search(name, kind):
    """`module:attribute` for a canonical legacy name, or None."""
    last = name.rpartition(".")[2]
    for home in homes(name):
        found = getattr(module(home), last, None) if module(home) else None
        if found is None or not fits(found, kind):
            continue
        if home.rpartition(".")[2] == last and not callable(found):
            continue
        return f"{home}:{last}"
    return None


def delegated(name, rules):
    """(status, target) of a name that Theano 1.0.5 does not have: the module it lay in may serve it."""
    if name in rules:
        return rules[name]
    above, _, last = name.rpartition(".")
    status, target = rules.get(above, delegated(above, rules) if above else ("absent", ""))
    if status == "works" and target:
        target += ("" if target.endswith(":") else ".") + last
        try:
            reach(target)
        except LookupError:
            return "absent", ""
        return "works", target
    return "absent", ""


def read(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield (line.split("\t") + ["", "", ""])[:5]


def build():
    rules, words, extra = {}, {}, []
    for name, status, target, kind, _ in read(RULES):
        if name.endswith(".*"):
            words[name] = (status, target, "words")
            continue
        rules[name] = (status, target)
        if not name.startswith("*."):
            extra.append([name, kind, name, "home"])
    api = [row[:4] for row in read(API)]
    known = {row[0] for row in api if row[1] != "absent"}
    extra = [[name, kind or "const", *rest] for name, kind, *rest in extra if name not in known]
    given = {row[0] for row in extra}
    api = [row for row in api if row[0] not in given] + extra
    classes = {}
    table = []

    def settle(name, kind, canonical):
        for known in (name, canonical, "*." + name.rpartition(".")[2]):
            if known in rules:
                status, target = rules[known]
                if status == "works" and target and ":" in target:
                    try:
                        reach(target)
                    except LookupError:
                        return "refuses", ""
                return status, target
        found = search(canonical, kind) or search(name, kind)
        return ("works", found) if found else ("refuses", "")

    for name, kind, canonical, origin in sorted(api, key=lambda row: (row[0], row[1] == "module")):
        if kind == "module":
            if origin == "home":
                status, target = rules.get(name, ("works", ""))
                if status == "works" and any(r == name for r in ("theano.compile.function",)):
                    target = ""
                table.append((name, status, target, "module"))
            elif canonical.startswith("theano"):
                table.append((name, "works", canonical, "alias"))
            else:
                table.append((name, "works", canonical + ":", "alias"))
            continue
        if kind == "method":
            owner, _, last = canonical.rpartition(".")
            if owner in classes and hasattr(classes[owner][1], last):
                table.append((name, "works", f"{classes[owner][0]}.{last}", kind))
            else:
                table.append((name, "refuses", "", kind))
            continue
        if kind == "config":
            flag = name.removeprefix("theano.config.")
            table.append((name, "works", f"tgraph.config:config.{flag}", kind))
            continue
        if kind == "absent":
            status, target = delegated(name, rules)
            table.append((name, status, target, "older" if status == "works" else kind))
            continue
        status, target = settle(name, kind, canonical)
        if status == "works" and kind == "class":
            classes[name] = (target, reach(target))
        table.append((name, status, target, kind))
    # methods come before their class in no order: a second look at those whose class was not known yet
    for i, (name, status, _, kind) in enumerate(table):
        owner, _, last = name.rpartition(".")
        if kind == "method" and status == "refuses" and owner in classes:
            target, found = classes[owner]
            if hasattr(found, last):
                table[i] = (name, "works", f"{target}.{last}", kind)
            elif is_set_on_instances(found, last):
                table[i] = (name, "works", target, kind)
    return [*((n, s, t, k) for n, (s, t, k) in sorted(words.items())), *table]


HEADER = """\
# Every public name of Theano 1.0.5 (and some of older releases that old code asks for) and what becomes of it
# here. Written by tests/record/door_names.py: change tests/record/door_rules.tsv or tgraph, then run it
# again.
"""


def main():
    table = build()
    text = HEADER + "".join("\t".join(row) + "\n" for row in table)
    if "--check" in sys.argv:
        sys.exit(TABLE.read_text(encoding="utf-8") != text or not coverage_page.main(check=True))
    new = TABLE.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(TABLE)  # at once: a program that starts now reads the old table or the new one
    coverage_page.main(check=False)
    for status in ("works", "refuses", "absent"):
        print(status, sum(row[1] == status and row[3] != "words" for row in table))


if __name__ == "__main__":
    main()
