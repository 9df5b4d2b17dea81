"""Helpers of the old compile package that code reached for: what a function is made of, profiles."""

from __future__ import annotations

import atexit
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tgraph.arguments import SymbolicInput, as_input
from tgraph.config import config
from tgraph.function_graph import FunctionGraph
from tgraph.graph import Apply, Variable

NODEFAULT = ["NODEFAULT"]


class AliasedMemoryError(Exception):
    """Two values that must not share memory do."""

    def __init__(self, a: Any, b: Any) -> None:
        super().__init__(a, b)
        self.a, self.b = a, b


# --- views ----------------------------------------------------------------------------------------------------------


def alias_root(v: Variable) -> Variable:
    """The variable that this one is a view of, through all its makers; itself if it is none.

    NotImplementedError for a view of several.
    """
    while v.owner is not None:
        views = {**(getattr(v.owner.op, "view_map", None) or {}), **(getattr(v.owner.op, "destroy_map", None) or {})}
        which = views.get(v.index, [])
        if len(which) > 1:
            raise NotImplementedError(
                f"{v.owner.op} is a view/destroyed version of more then one inputs. Currently, we only support the "
                "case where an output is a view or a destroyed version of one input."
            )
        if not which:
            break
        v = v.owner.inputs[which[0]]
    return v


def view_tree_set(v: Variable, treeset: set) -> None:
    """Nothing is added: variables do not know their views here."""


def infer_reuse_pattern(fgraph: Any, outputs_to_disown: Sequence[Variable]) -> list[Variable]:
    """The variables whose memory may be the memory of one of these."""
    roots = {alias_root(v) for v in outputs_to_disown}
    return [v for v in fgraph.variables if alias_root(v) in roots]


# --- how functions are made -----------------------------------------------------------------------------------------


def convert_function_input(input: Any) -> Any:
    """A parameter of `function` in its long form; TypeError for what is none."""
    return input if isinstance(input, SymbolicInput) else as_input(input)


def fgraph_updated_vars(fgraph: Any, expanded_inputs: Sequence[Any]) -> dict[Variable, Variable]:
    """Input -> the output that is its new value."""
    outputs = list(fgraph.outputs)
    updated = [spec for spec in expanded_inputs if getattr(spec, "update", None) is not None]
    return {spec.variable: new for spec, new in zip(updated, outputs[len(outputs) - len(updated) :], strict=True)}


def std_fgraph(input_specs: Sequence[Any], output_specs: Sequence[Any], accept_inplace: bool = False) -> Any:
    """(the graph of a function, the new values of its inputs)."""
    updates = [spec.update for spec in input_specs if getattr(spec, "update", None) is not None]
    outputs = [spec.variable for spec in output_specs] + updates
    return FunctionGraph([spec.variable for spec in input_specs], outputs), updates


def insert_deepcopy(fgraph: Any, wrapped_inputs: Any, wrapped_outputs: Any) -> None:
    """Nothing to insert: results are copied where they could share memory."""


def get_info_on_inputs(named_inputs: Sequence[str], n_unnamed_inputs: int) -> str:
    """The inputs of a function in words, for its messages."""
    n, many = len(named_inputs), "s" * (len(named_inputs) != 1)
    if not n_unnamed_inputs:
        return (
            f"The function has {n} named input{many} ({', '.join(named_inputs)})."
            if n
            else ("The function is supposed to have no input.")
        )
    rest = f"{n_unnamed_inputs} unnamed input{'s' * (n_unnamed_inputs != 1)}"
    which = "which thus cannot be accessed through keyword argument (use 'name=...' in a variable's constructor to "
    head = (
        f"The function has {n} named input{many} ({', '.join(named_inputs)})"
        if n
        else ("The function has no named input")
    )
    return f"{head}, and {rest} {which}give it a name)."


_checkers: list[Callable[[Any, Any], bool]] = []


def register_checker(checker: Callable[[Any, Any], bool]) -> None:
    """One more function that tells whether two values are equal."""
    _checkers.insert(0, checker)


def check_equal(x: Any, y: Any) -> bool:
    """Are two values equal? The registered functions are asked first."""
    for checker in _checkers:
        if (found := checker(x, y)) is not None:
            return found
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and np.array_equal(x, y)
    return x == y


# --- profiles -------------------------------------------------------------------------------------------------------

_printers: list[Callable[..., None]] = []
_at_exit: list[ProfileStats] = []
total_fct_exec_time = total_graph_opt_time = total_time_linker = 0.0
theano_imported_time = time.time()


def register_profiler_printer(fct: Callable[..., None]) -> Callable[..., None]:
    """Decorator: a function that is called when a profile is printed."""
    _printers.append(fct)
    return fct


def print_global_stats() -> None:
    """How long the program has run."""
    sys.stderr.write(f"Time since import: {time.time() - theano_imported_time:.3f}s\n")


class ProfileStats:
    """Where the time of functions went. Here it counts calls and their time if code does so by hand; for the time of
    single operations use torch.profiler, which sees into compiled code."""

    compile_time = fct_call_time = vm_call_time = optimizer_time = validate_time = linker_time = import_time = 0.0
    linker_node_make_thunks = 0.0
    fct_callcount = 0
    nb_nodes = -1
    message: str | None = None
    optimizer_profile: Any = None
    line_width = 140

    def __init__(
        self, atexit_print: bool = True, flag_time_thunks: bool | None = None, gpu_checks: bool = True, **kwargs: Any
    ) -> None:
        self.reset()
        self.apply_cimpl: dict[Apply, bool] = {}
        self.output_size: dict[Any, Any] = {}
        self.variable_shape: dict[Variable, Any] = {}
        self.variable_strides: dict[Variable, Any] = {}
        self.variable_offset: dict[Variable, Any] = {}
        self.linker_make_thunk_time: dict[Apply, float] = {}
        self.flag_time_thunks = config.profiling.time_thunks if flag_time_thunks is None else flag_time_thunks
        self.ignore_first_call = config.profiling.ignore_first_call
        self.__dict__.update(kwargs)
        if atexit_print:
            if not _at_exit:
                atexit.register(_print_all)
            _at_exit.append(self)

    def reset(self) -> None:
        """Forget the calls so far."""
        self.fct_call_time, self.fct_callcount, self.vm_call_time = 0.0, 0, 0.0
        self.apply_time: dict[Apply, float] = {}
        self.apply_callcount: dict[Apply, int] = {}

    def _summed(self, values: dict[Apply, Any], key: Callable[[Apply], Any]) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for node, value in values.items():
            found[key(node)] = found.get(key(node), 0) + value
        return found

    def class_time(self) -> dict[type, float]:
        """Class of ops -> time."""
        return self._summed(self.apply_time, lambda node: type(node.op))

    def class_callcount(self) -> dict[type, int]:
        """Class of ops -> calls."""
        return self._summed(self.apply_callcount, lambda node: type(node.op))

    def class_nodes(self) -> dict[type, int]:
        """Class of ops -> nodes."""
        return self._summed(dict.fromkeys(self.apply_callcount, 1), lambda node: type(node.op))

    def class_impl(self) -> dict[type, str]:
        """Class of ops -> 'Py'."""
        return {type(node.op): "Py" for node in self.apply_callcount}

    def op_time(self) -> dict[Any, float]:
        """Op -> time."""
        return self._summed(self.apply_time, lambda node: node.op)

    def op_callcount(self) -> dict[Any, int]:
        """Op -> calls."""
        return self._summed(self.apply_callcount, lambda node: node.op)

    def op_nodes(self) -> dict[Any, int]:
        """Op -> nodes."""
        return self._summed(dict.fromkeys(self.apply_callcount, 1), lambda node: node.op)

    def op_impl(self) -> dict[Any, str]:
        """Op -> 'Py'."""
        return {node.op: "Py" for node in self.apply_callcount}

    def fill_node_total_time(self, node: Apply, total_times: dict[Apply, float]) -> None:
        """The time of a node and all that it needs."""
        total_times[node] = self.apply_time.get(node, 0.0) + sum(
            self.apply_time.get(v.owner, 0.0) for v in node.inputs if v.owner is not None
        )

    def compute_total_times(self) -> dict[Apply, float]:
        """`fill_node_total_time` of all nodes."""
        total: dict[Apply, float] = {}
        for node in self.apply_time:
            self.fill_node_total_time(node, total)
        return total

    def summary_globals(self, file: Any) -> None:
        """How long the program has run."""
        file.write(f"Time in all calls: {self.fct_call_time:e}s\n")

    def summary_function(self, file: Any) -> None:
        """Calls of the function and their time."""
        file.write("Function profiling\n==================\n")
        file.write(f"  Message: {self.message}\n")
        if self.fct_callcount:
            file.write(f"  Time in {self.fct_callcount} calls to Function.__call__: {self.fct_call_time:e}s\n")
        file.write(f"  Total compile time: {self.compile_time:e}s\n    Number of Apply nodes: {self.nb_nodes}\n")

    def _table(self, title: str, rows: dict[Any, float], file: Any, n: int) -> None:
        if rows:
            file.write(f"{title}\n---\n")
            for key, spent in sorted(rows.items(), key=lambda row: -row[1])[:n]:
                file.write(f"  {spent:e}s  {key}\n")

    def summary_class(self, file: Any = sys.stderr, N: int | None = None) -> None:
        """Time by class of ops."""
        self._table("Class", self.class_time(), file, N or 20)

    def summary_ops(self, file: Any = sys.stderr, N: int | None = None) -> None:
        """Time by op."""
        self._table("Ops", self.op_time(), file, N or 20)

    def summary_nodes(self, file: Any = sys.stderr, N: int | None = None) -> None:
        """Time by node."""
        self._table("Apply", dict(self.apply_time), file, N or 20)

    def summary_memory(self, file: Any, N: int | None = None) -> None:
        """Nothing: memory is not followed."""

    def print_tips(self, file: Any) -> None:
        """What to use for more."""
        file.write("Times of single operations: run the calls under torch.profiler.profile().\n")

    def print_extra(self, file: Any) -> None:
        """What the registered printers say."""
        for printer in _printers:
            printer(
                self.message,
                self.compile_time,
                self.fct_call_time,
                self.apply_time,
                self.apply_cimpl,
                self.output_size,
                file,
            )

    def summary(self, file: Any = sys.stderr, n_ops_to_print: int = 20, n_apply_to_print: int = 20) -> None:
        """All of it."""
        self.summary_function(file)
        self.summary_class(file, n_ops_to_print)
        self.summary_ops(file, n_ops_to_print)
        self.summary_nodes(file, n_apply_to_print)
        self.print_tips(file)
        self.print_extra(file)


class ScanProfileStats(ProfileStats):
    """A profile of a loop."""

    callcount = nbsteps = 0
    call_time = 0.0


def _print_all() -> None:
    for stats in _at_exit:
        if stats.fct_callcount or stats.apply_time:
            stats.summary(sys.stderr)
