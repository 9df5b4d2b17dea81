"""Profiles: how often functions were called and how long that took."""

from __future__ import annotations

import atexit
import functools
import sys
import time
from collections.abc import Callable
from typing import Any

from tgraph.config import config
from tgraph.graph import Apply, Variable

_printers: list[Callable[..., None]] = []
_at_exit: list[ProfileStats] = []
total_fct_exec_time = total_graph_opt_time = total_time_linker = 0.0
imported_time = time.time()


def register_profiler_printer(fct: Callable[..., None]) -> Callable[..., None]:
    """Decorator: a function that is called when a profile is printed."""
    _printers.append(fct)
    return fct


def print_global_stats() -> None:
    """How long the program has run."""
    sys.stderr.write(f"Time since import: {time.time() - imported_time:.3f}s\n")


class ProfileStats:
    """Where the time of functions went: it counts calls and their time, of one function or (given to several) of all.

    For the time of single operations use torch.profiler, which sees into compiled code.
    """

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


def profile_of(asked: Any, name: str | None) -> Any:
    """The profile of a new function: what was asked for, a new one for True or a text, False as it is; None asks the
    setting ``profile``."""
    if asked is None:
        asked = config.profile or None
    if asked is True or isinstance(asked, str):
        return ProfileStats(message=asked if isinstance(asked, str) else name)
    return asked


def timed(call: Callable[..., Any]) -> Callable[..., Any]:
    """A ``__call__`` that counts itself in ``self.profile``."""

    @functools.wraps(call)
    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        result = call(self, *args, **kwargs)
        stats = self.profile
        if stats.ignore_first_call:
            stats.ignore_first_call = False
        else:
            spent = time.perf_counter() - start
            stats.fct_callcount += 1
            stats.fct_call_time += spent
            stats.vm_call_time += spent
        return result

    return counted
