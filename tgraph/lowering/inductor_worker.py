"""The process that compiles: ``python -m tgraph.lowering.inductor_worker FOLDER``.

It reads a recipe (``recipe.json``), traces it on sizes that are symbols, has inductor make a shared library of it, and
writes that beside ``checks.json``: what the library takes for granted about its arguments. Compiled without dynamo,
nothing in the library itself would notice a call that breaks these assumptions.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import pkgutil
import shutil
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

import tgraph.ops
from tgraph import optional
from tgraph.lowering.libraries import test_of
from tgraph.lowering.recipes import RECIPE, revive

# the kernels of all ops
for _, name, _ in pkgutil.iter_modules(tgraph.ops.__path__, "tgraph.ops."):
    importlib.import_module(name)


class CannotCompileError(Exception):
    """Inductor, or the tracing before it, does not take this program."""


# -- loops and branches as torch has them --------------------------------------------------------------------


def _owned(results: Sequence[torch.Tensor], given: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """The results, with copies of those that are arguments, views, or there twice: torch's loops ask for that."""
    seen = {id(x) for x in given}
    own = []
    for x in results:
        if id(x) in seen or x._is_view() or not x.is_contiguous():
            x = x.clone(memory_format=torch.contiguous_format)
        seen.add(id(x))
        own.append(x)
    return own


def _pure(run: Callable[..., Any]) -> Callable[..., Any]:
    """The same without writing into tensors."""
    return torch.func.functionalize(run, remove="mutations")


def _lifted(program: dict[str, Any], held: Sequence[Any], names: Sequence[str]) -> list[Any]:
    """Of the constants that a program's call passes on, those that are no part of its recipe."""
    return [x for x, name in zip(held, names, strict=True) if name in program["lifted"]]


def branch(recipe: dict[str, Any]) -> Callable[..., Any]:
    """A branch inside a program."""
    sides = [revive(program, branch) for program in recipe["programs"]]
    orders = [program["held"] for program in recipe["programs"]]

    def run(c: Any, *args: Any) -> Any:
        given, held = args[: recipe["n_inputs"]], args[recipe["n_inputs"] :]
        n = len(orders[0])
        more = [_lifted(p, h, o) for p, h, o in zip(recipe["programs"], (held[:n], held[n:]), orders, strict=True)]
        k = len(more[0])

        def side(i: int) -> Callable[..., Any]:
            def take(*xs: Any) -> Any:
                rest = xs[len(given) :]
                return tuple(_owned(sides[i](*xs[: len(given)], *(rest[:k] if i == 0 else rest[k:])), xs))

            return take

        return torch.ops.higher_order.cond(c.reshape(()).to(torch.bool), side(0), side(1),
                                           (*given, *more[0], *more[1]))

    return run


def _with_numbers(run: Callable[..., Any], recipe: dict[str, Any]) -> Callable[..., Any]:
    """The function with the arguments put in that are part of the recipe."""
    numbers = [(place, value if dtype == "int" else torch.tensor(value, dtype=getattr(torch, dtype)))
               for place, dtype, value in sorted(recipe.get("numbers", ()))]

    def whole(*args: Any) -> Any:
        given = list(args)
        for place, number in numbers:
            given.insert(place, number)
        return run(*given)

    return whole


def piece(recipe: dict[str, Any]) -> Callable[..., Any]:
    """A program without loops."""
    return _pure(_with_numbers(revive(recipe, branch), recipe))


def loop(recipe: dict[str, Any]) -> Callable[..., Any]:
    """A loop as a function of its sequences (one of bytes where it has none), first carried values, constants: it takes
    a step for each row of the sequences, less where it ends early. Results are the last carried values and the stacked
    rows, and before them, where it may end early, the steps taken and whether it did. It does not take the constants
    that are its ``numbers``."""
    n_seqs, n_carries = max(recipe["n_seqs"], 1), recipe["n_carries"]
    step = _with_numbers(revive(recipe["programs"][0], branch), recipe)
    read = recipe["n_seqs"]

    def ordered(rows: Sequence[Any], carried: Sequence[Any], rest: Sequence[Any]) -> Any:
        return step(*rows[:read], *carried, *rest)

    def run(*args: Any) -> Any:
        seqs, carried, rest = args[:n_seqs], args[n_seqs : n_seqs + n_carries], args[n_seqs + n_carries :]
        # torch's loops carry something
        idle = [] if n_carries else [torch.zeros(())]

        # torch's rewriting of the loop finds sizes among the arguments alone
        sizes = list({str(n): n for x in args for n in x.size() if not isinstance(n, int)}.values())

        def combine(*flat: Any) -> Any:
            idling, values = flat[: len(idle)], flat[len(idle) : len(flat) - len(sizes)]
            old, rows = values[:n_carries], values[n_carries : n_carries + n_seqs]
            return _owned([*idling, *ordered(rows, old, values[n_carries + n_seqs :])], flat)

        # first values may be views of one tensor
        first = tuple(c.clone(memory_format=torch.contiguous_format) for c in [*idle, *carried])
        return torch.ops.higher_order.scan(combine, first, tuple(seqs), (*rest, *sizes))[len(idle) :]

    def run_until(*args: Any) -> Any:
        seqs, carried, rest = args[:n_seqs], args[n_seqs : n_seqs + n_carries], args[n_seqs + n_carries :]
        n = seqs[0].size(0)
        step_of = _pure(ordered)
        rows = step_of([s.select(0, 0) for s in seqs], carried, rest)[n_carries:-1]
        buffers = [torch.empty((n, *row.shape), dtype=row.dtype) for row in rows]
        n_rows = len(buffers)

        def goes_on(i: Any, stop: Any, *_: Any) -> Any:
            return torch.logical_and(i < n, torch.logical_not(stop))

        def body(i: Any, stop: Any, *flat: Any) -> Any:
            old, full = flat[:n_carries], flat[n_carries : n_carries + n_rows]
            more = flat[n_carries + n_rows :]
            k = i.item()
            torch._check(k >= 0)
            torch._check(k < n)
            results = step_of([s.select(0, k) for s in more[:n_seqs]], old, more[n_seqs:])
            for buffer, row in zip(full, results[n_carries:-1], strict=True):
                buffer.select(0, k).copy_(row)
            ended = results[-1].reshape(()).to(torch.bool)
            return (i + 1, *_owned([ended, *results[:n_carries]], [i, stop, *flat]), *full)

        start = (torch.zeros((), dtype=torch.int64), torch.zeros((), dtype=torch.bool))
        first = tuple(c.clone(memory_format=torch.contiguous_format) for c in carried)
        return torch.ops.higher_order.while_loop(goes_on, body, (*start, *first, *buffers), (*seqs, *rest))

    return run_until if recipe["is_while"] else _pure(run)


# -- from a function to a library ----------------------------------------------------------------------------


def compile_recipe(recipe: dict[str, Any], arguments: Sequence[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """Write the library of a recipe into the folder; returns what it takes for granted.

    ``arguments``: dtype and example sizes of each; sizes of 1 are fixed, the others (2 and more) are symbols.
    """
    ind = optional.inductor()
    run = loop(recipe) if recipe["kind"] == "loop" else piece(recipe)
    ones = [[n == 1 for n in argument["sizes"]] for argument in arguments]
    try:
        # first no two sizes are taken for one because they are equal in the example; what the program itself says about
        # them is then known from the start, as torch's loops need it
        known = _settled(ind, arguments, _trace(ind, run, arguments, ones, False))
        checks = _compile(ind, run, known, folder)
        if holds(checks, arguments):
            return checks
        raise CannotCompileError("what it takes for granted does not hold for the arguments that it is for")
    except Exception as error:  # where that is too little to go by, they are
        shutil.rmtree(folder / "library", ignore_errors=True)
        alike = [{**argument, "fixed": fixed} for argument, fixed in zip(arguments, ones, strict=True)]
        with contextlib.suppress(Exception):
            checks = _compile(ind, run, alike, folder)
            if holds(checks, arguments):
                return checks
        raise error


def _compile(ind: Any, run: Callable[..., Any], known: Sequence[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """The library of a function of arguments whose equal sizes are one; returns what it takes for granted."""
    traced = _trace(ind, run, known, [argument["fixed"] for argument in known], True)
    settings = {"cpp_wrapper": True, "aot_inductor.output_path": str(folder / "library"), "cpp.threads": 1}
    with ind.V.set_aot_compilation(True), ind.config.patch(settings), ind.tracing(ind.TracingContext(traced.mode)):
        library = ind.compile_fx_inner(traced.made, traced.fakes, cpp_wrapper=True).filename
    foreign = sorted({node["target"] for list_ in Path(library).parent.glob("*.wrapper.json")
                      for node in _extern_nodes(list_)})
    if foreign:
        raise CannotCompileError(f"{', '.join(foreign)} cannot be called from a library alone")
    Path(library).rename(folder / "library.so")
    return _checks(ind, traced.env, known, traced.fakes)


def _trace(ind: Any, run: Callable[..., Any], arguments: Sequence[dict[str, Any]], fixed: Sequence[Sequence[bool]],
           alike: bool) -> Any:
    """The program as aten calls on arguments of these sizes, symbols where they are not fixed; with ``alike`` equal
    sizes are one symbol."""
    env = ind.ShapeEnv(duck_shape=alike)
    mode = ind.FakeTensorMode(shape_env=env, allow_non_fake_inputs=True)
    fakes = []
    for argument, still in zip(arguments, fixed, strict=True):
        real = torch.empty(argument["sizes"], dtype=getattr(torch, argument["dtype"]))
        dynamic = [ind.DimDynamic.STATIC if f else ind.DimDynamic.DUCK for f in still]
        context = ind.StatelessSymbolicContext(dynamic_sizes=dynamic)
        fakes.append(mode.from_tensor(real, static_shapes=False, symbolic_context=context))
    with mode:
        made = ind.make_fx(lambda *xs: tuple(run(*xs)), tracing_mode="symbolic",
                           decomposition_table=ind.decompositions)(*fakes)
    return SimpleNamespace(made=made, env=env, mode=mode, fakes=fakes)


def _settled(ind: Any, arguments: Sequence[dict[str, Any]], traced: Any) -> list[dict[str, Any]]:
    """The arguments with example sizes that are equal where the trace found that they must be, and nowhere else."""
    chosen: dict[str, int] = {}
    taken: set[int] = set()
    found = []
    for argument, fake in zip(arguments, traced.fakes, strict=True):
        sizes, fixed = [], []
        for n, size in zip(argument["sizes"], fake.size(), strict=True):
            expression = None if isinstance(size, int) else traced.env.simplify(size.node.expr)
            fixed.append(expression is None or expression.is_number)
            if fixed[-1]:
                sizes.append(n)
                continue
            name = str(expression)
            while name not in chosen:
                if n not in taken:
                    chosen[name] = n
                    taken.add(n)
                n += 1
            sizes.append(chosen[name])
        found.append({"dtype": argument["dtype"], "sizes": sizes, "fixed": fixed})
    return found


def _extern_nodes(path: Path) -> list[dict[str, Any]]:
    """The calls that a library leaves to whoever loads it."""
    return [node["node"] for node in json.loads(path.read_text(encoding="utf-8"))["nodes"]]


def _checks(ind: Any, env: Any, arguments: Sequence[dict[str, Any]], fakes: Sequence[Any]) -> dict[str, Any]:
    """The assumptions: sizes of each argument (numbers and names), the least and largest size of each name, and
    conditions on the names as Python expressions. CannotCompileError where one cannot be written."""
    printer = ind.PythonPrinter()
    symbols: dict[str, Any] = {}
    example: dict[str, int] = {}
    sizes = []
    for argument, fake in zip(arguments, fakes, strict=True):
        dims: list[Any] = []
        for value, n in zip(argument["sizes"], fake.size(), strict=True):
            if isinstance(n, int):
                dims.append(n)
                continue
            # the name before anything was found out about it
            expression = n.node._expr
            symbols[str(expression)] = expression
            example[str(expression)] = value
            dims.append(str(expression))
        sizes.append(dims)
    conditions = []
    for guard in env.guards:
        used = {str(s) for s in guard.expr.free_symbols}
        if not used <= symbols.keys():
            raise CannotCompileError(f"the condition {guard.expr} is on more than sizes of arguments")
        conditions.append(printer.doprint(guard.expr))
        if not eval(conditions[-1], {"math": math}, example):
            raise CannotCompileError(f"the condition {conditions[-1]} does not hold for the example")
    ranges = {}
    for name, symbol in symbols.items():
        bounds = env.var_to_range.get(symbol)
        low = 2 if bounds is None else max(int(bounds.lower), 2)
        high = None if bounds is None or not bounds.upper.is_Integer else int(bounds.upper)
        ranges[name] = [low, high]
    dtypes = [str(fake.dtype).removeprefix("torch.") for fake in fakes]
    return {"dtypes": dtypes, "sizes": sizes, "conditions": sorted(set(conditions)), "ranges": ranges}


def holds(checks: dict[str, Any], arguments: Sequence[dict[str, Any]]) -> bool:
    """Does what a library takes for granted hold for such arguments?"""
    return test_of(checks)([torch.empty(a["sizes"], dtype=getattr(torch, a["dtype"])) for a in arguments])


def _is_lasting(error: BaseException) -> bool:
    """False for what another try may not meet: a compiler that fails, no memory, no space."""
    while error is not None:
        passing = isinstance(error, (OSError, MemoryError, subprocess.SubprocessError))
        if passing or "CppCompile" in type(error).__name__ or "CppCompileError" in str(error):
            return False
        error = error.__cause__  # type: ignore[assignment]
    return True


def _reason(error: BaseException) -> str:
    """The first line of what was said, and the first complaint of the C++ compiler."""
    lines = f"{type(error).__name__}: {error}".strip().split("\n")
    said = next((line.strip() for line in lines if "error:" in line), "")
    return f"{lines[0]} {said}".strip()


def _end_with_parent() -> None:
    """End when the input does: whoever asked for this is gone."""
    sys.stdin.buffer.read()
    if os.name == "nt":
        os._exit(1)
    os.killpg(0, signal.SIGKILL)


def main(folder: Path) -> int:
    """Compile what ``recipe.json`` in the folder says. 0, or 1 and ``refused.json``: the reason, and the line of the
    recipe where it was met, if it was there."""
    job = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    if job["background"] and hasattr(os, "nice"):
        os.nice(5)  # somebody else works
    try:
        checks = compile_recipe(job["recipe"], job["arguments"], folder)
    except Exception as error:  # whatever the compiler raises is a reason
        lines = [frame.line for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(RECIPE)]
        said = {"reason": _reason(error), "line": lines[0] if lines else "", "lasting": _is_lasting(error)}
        (folder / "refused.json").write_text(json.dumps(said), encoding="utf-8")
        traceback.print_exc()
        return 1
    (folder / "checks.json").write_text(json.dumps(checks), encoding="utf-8")
    return 0


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main(Path(sys.argv[1])))
