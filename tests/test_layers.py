"""The house rules that a machine can check: imports point down, no cycles, small files, no bad names."""

import ast
import functools
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "tgraph"
FILES = sorted(ROOT.rglob("*.py"))

# From the ground up; a file imports only what stands on its own line or above it.
LAYERS = """
errors config garbage
c_code
graph
types values kernels pickling performing
operators
optional
grad
shared
ops
derivatives
tensor
rewrite
lowering
modes arguments watching debug_mode substitution function_graph profiles
loops
exporting
function
formulas
explain
compat
__init__
__main__
""".split("\n")[1:-1]
LEVEL = {name: level for level, line in enumerate(LAYERS) for name in line.split()}
FORBIDDEN = {"utils", "basic", "misc", "helpers", "opt", "common"}
# What must not be loaded by `import tgraph.tensor` and friends: it costs more than all of tgraph.
HEAVY = {
    "sympy",
    "scipy.special",
    "scipy.sparse",
    "scipy.linalg",
    "scipy.stats",
    "scipy.signal",
    "torch._inductor",
    "dill",
}


def room(path):
    """The layer of a file: its own name, or that of its top folder."""
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def dotted(path):
    parts = list(path.relative_to(ROOT.parent).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """(node, full module name) of every import in a file; `from tgraph import a` counts as tgraph.a."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = dotted(path).split(".")
                above = above[: len(above) - node.level + (path.name == "__init__.py")]
                base = ".".join([*above, base] if base else above)
            inner = ROOT.parent / base.replace(".", "/")
            for alias in node.names:
                below = (inner / alias.name).is_dir() or (inner / f"{alias.name}.py").is_file()
                yield node, f"{base}.{alias.name}" if below else base


@functools.cache
def typing_only(path):
    """Lines under `if TYPE_CHECKING`: they are not run."""
    lines = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def test_every_file_has_a_place():
    assert {room(path) for path in FILES} <= LEVEL.keys() | {"__init__"}


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_imports_stand_at_the_top_and_point_down(path):
    own = LEVEL[room(path)]
    for node, name in imports(path):
        parts = name.split(".")
        if parts[0] != "tgraph" or len(parts) == 1:
            continue
        level = LEVEL.get(parts[1], LEVEL["__init__"])
        if path.name == "__init__.py" and path.parent == ROOT:
            continue
        assert level <= own, f"{path.name}:{node.lineno}: {name} is upstairs"


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_no_import_hides_in_a_function(path):
    if path == ROOT / "optional.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            for inner in ast.walk(node):
                assert not isinstance(inner, (ast.Import, ast.ImportFrom)), (
                    f"{path.name}:{inner.lineno}: an import inside a function hides a cycle; "
                    f"what must be lazy belongs into optional.py"
                )


def test_there_is_no_cycle():
    names = {dotted(path): path for path in FILES}
    needs = {
        name: {
            target
            for node, target in imports(path)
            if target in names and target != name and node.lineno not in typing_only(path)
        }
        for name, path in names.items()
    }
    while free := [name for name, wanted in needs.items() if not wanted & needs.keys()]:
        for name in free:
            del needs[name]
    assert not needs, f"these import each other: {sorted(needs)}"


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_files_are_small_and_named_after_their_subject(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 1000, f"{path.name} has {lines} lines"
    assert path.stem not in FORBIDDEN, f"{path.name}: name it after its subject"


@pytest.mark.parametrize("path", [p for p in FILES if room(p) != "compat"], ids=dotted)
def test_the_old_name_stands_in_comments_only(path):
    docstrings = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            docstrings.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    with tokenize.open(path) as f:
        for token in tokenize.generate_tokens(f.readline):
            if token.type == tokenize.COMMENT or token.start[0] in docstrings:
                continue
            assert not re.search("theano", token.string, re.IGNORECASE), (
                f"{path.name}:{token.start[0]}: {token.string}"
            )


def test_importing_loads_nothing_heavy():
    code = (
        "import sys, torch; before = set(sys.modules); "
        "import tgraph, tgraph.tensor, tgraph.function, tgraph.shared, tgraph.compat; "
        "print('\\n'.join(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(run.stdout.split())


def test_the_door_opens_without_torch():
    code = "import sys, tgraph.compat; tgraph.compat.install(); import theano; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
