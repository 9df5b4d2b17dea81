"""The settings: floatX, device, mode and 137 more, one object with checked fields.

Values come, in this order, from what a program sets (`config.floatX = "float32"`), the environment
variable `TGRAPH_FLAGS` ("floatX=float32,blas.ldflags=-lm"), the files named by `TGRAPHRC` (default
`~/.tgraphrc`, ini syntax, section `[global]` for names without a dot) and the defaults below. The door for
old scripts adds the sources these scripts know (`config.load`); they rank below the two just named.

Many flags steered a C compiler or cuDNN. Old scripts set them, so they exist, are checked and are kept; their
line says "no effect".
"""

from __future__ import annotations

import configparser
import contextlib
import functools
import os
import shlex
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ConfigWarning", "Flag", "UnknownFlagError", "change_flags", "config", "declare", "origin", "warn"]


class ConfigWarning(UserWarning):
    """A flag that was not understood, or that stands for something else here."""


class UnknownFlagError(AttributeError, AssertionError):
    """`change_flags` was given a name that is no flag. (Old code got an AssertionError here.)"""


# --- what a flag may hold -------------------------------------------------------------------------


@dataclass(frozen=True)
class Flag:
    """One setting: `read(name, value)` gives the checked value or raises ValueError.

    `fixed`: may not be set by a program once it is running, only by environment and files.
    `default` may be a function without arguments, asked when the flag is first read. `holds`: how printed settings
    call the values, where that is not known from `options` or `read`.
    """

    name: str
    default: Any
    read: Callable[[str, Any], Any]
    doc: str
    options: tuple[str, ...] = ()
    fixed: bool = False
    holds: str = ""

    @property
    def kind(self) -> str:
        """What printed settings say of the values: the options, the default first, or the type."""
        if self.options:
            return repr(tuple(dict.fromkeys((self.default, *self.options))))
        return self.holds or KINDS.get(getattr(self.read, "__name__", ""), "value")

    @property
    def acts(self) -> bool:
        """Whether the flag changes anything here; the others are kept for old scripts that set them."""
        return "no effect" not in self.doc and self.doc != "gone"


def _invalid(name: str, value: Any, options: object) -> ValueError:
    return ValueError(
        f'Invalid value ("{value}") for configuration variable "{name}". Valid options are {options}'
    )


def _unfit(name: str, value: Any, wanted: str) -> ValueError:
    return ValueError(f'Invalid value ({value}) for configuration variable "{name}". {wanted}')


def boolean(name: str, value: Any) -> bool:
    if value in ("True", "true", "1", True):
        return True
    if value in ("False", "false", "0", False):
        return False
    raise _unfit(name, value, "It is True or False")


def integer(name: str, value: Any) -> int:
    return _number(int, name, value)


def real(name: str, value: Any) -> float:
    return _number(float, name, value)


def _number(kind: type, name: str, value: Any) -> Any:
    try:
        return kind(value)
    except (TypeError, ValueError) as e:
        raise _unfit(name, value, f"It is a number: {e}") from None


def count(name: str, value: Any) -> int:
    number = integer(name, value)
    if number < 0:
        raise _unfit(name, value, "It must be 0 or more")
    return number


def positive(name: str, value: Any) -> int:
    number = integer(name, value)
    if number <= 0:
        raise _unfit(name, value, "It must be 1 or more")
    return number


def to_two(name: str, value: Any) -> int:
    number = integer(name, value)
    if number not in (0, 1, 2):
        raise _unfit(name, value, "It is 0, 1 or 2")
    return number


def text(name: str, value: Any) -> str:
    return str(value)


def path(name: str, value: Any) -> str:
    return os.path.expanduser(str(value))


def gone(name: str, value: Any) -> bool:
    """Flags that the last release refused already; what it gave back when they were unset was True."""
    if value and value is not True:
        raise RuntimeError(f"The option `{name}` was removed and should not be used anymore")
    return True


def lazy(name: str, value: Any) -> bool | None:
    if value in ("None", None):
        return None
    if value in ("False", "True", False, True):
        return value in ("True", True)
    raise ValueError(f"Valid values for an {name} parameter should be None, False or True, not `{value}`.")


def seed(name: str, value: Any) -> str:
    if value != "random":
        integer(name, value)
    return str(value)


MODES = ("Mode", "FAST_RUN", "FAST_COMPILE", "DebugMode", "DEBUG_MODE", "NanGuardMode")


def mode(name: str, value: Any) -> Any:
    # A mode object lives upstairs (function.py); it is known here by what it offers.
    if value in MODES if isinstance(value, str) else hasattr(value, "linker"):
        return value
    names = ", ".join(map(repr, MODES))
    raise ValueError(f"Expected one of those string {names} or an instance of Mode for {name}, not {value!r}")


def device(name: str, value: Any) -> str:
    """`cpu`, `cuda`, `cudaN`. The old names gpu, gpuN mean cuda; anything OpenCL runs on the CPU."""
    where = str(value)
    if where in ("", "cpu") or where.startswith("cuda"):
        return where
    if where.startswith("gpu"):
        now = "cuda" + where[len("gpu") :]
        warn(f"{name}={where} is an old name: {now} is used, and the CPU if there is no such GPU", ConfigWarning)
        return now
    if where.startswith("opencl"):
        warn(f"{name}={where}: there is no OpenCL here, the CPU is used", ConfigWarning)
        return "cpu"
    raise _invalid(name, where, '"cpu", "cuda", "cuda0", "cuda1" ...')


def preallocated(name: str, value: Any) -> str:
    """Kinds of memory to check an op with, joined by `:`; `initial` and the like of the last release."""
    kinds = {"initial", "previous", "c_contiguous", "f_contiguous", "strided", "wrong_size", "ALL", ""}
    if not isinstance(value, str) or not kinds.issuperset(value.split(":")):
        raise _unfit(name, value, f"It is some of {sorted(kinds - {''})}, joined by `:`")
    return value


#: how printed settings call what a check accepts
KINDS = {
    "boolean": "<class 'bool'>",
    **dict.fromkeys(("integer", "count", "positive", "to_two"), "<class 'int'>"),
    "real": "<class 'float'>",
    **dict.fromkeys(("text", "path", "seed", "preallocated"), "<class 'str'>"),
    "device": "cpu, opencl*, cuda*",
    "mode": "a name or a Mode",
    "lazy": "None, False or True",
}


def _one_of(options: tuple[str, ...]) -> Callable[[str, Any], str]:
    def choice(name: str, value: Any) -> str:
        if isinstance(value, str) and value in options:
            return value
        raise _invalid(name, value, options)

    return choice


def _flag(name: str, default: Any, read: Any, doc: str, fixed: bool = False) -> Flag:
    if isinstance(read, str):
        options = tuple(read.split())
        return Flag(name, default, _one_of(options), doc, options, fixed)
    return Flag(name, default, read, doc, (), fixed)


def _cache_folder() -> str:
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(root, "tgraph")


def _compile_folder() -> str:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = os.path.join(config.base_compiledir, f"compiledir_{sys.platform}-{version}")
    # old programs put their own files there and never make it
    with contextlib.suppress(OSError):
        os.makedirs(folder, exist_ok=True)
    return folder


def _kernel_folder() -> str:
    return os.path.join(config.compiledir, "gpuarray_kernels")


# --- the table ------------------------------------------------------------------------------------
_REACT = "ignore warn raise pdb"
_TEST = "off ignore warn raise pdb"
_SETERR = "ignore warn raise call print log None"
_NO = "no effect"
_OLD = "notice on an old bug; no effect"
_ROUND = "warn where round() is called without a mode"
_FFT = "fft fft_tiling winograd winograd_non_fused"
_FFT_BWD = "fft winograd_non_fused fft_tiling"
_ALGO = "guess_once guess_on_shape_change time_once time_on_shape_change"
_FLAT = "warn where signal.conv2d gives a matrix for two matrices"
_ACTING = {"round": _ROUND, "signal_conv2d_interface": _FLAT}
_NOTICES = (
    "argmax_pushdown_bug gpusum_01_011_0111_bug sum_sum_bug sum_div_dimshuffle_bug subtensor_merge_bug "
    "gpu_set_subtensor1 vm_gc_bug signal_conv2d_interface reduce_join inc_set_subtensor1 round"
)
_RELEASES = "None all 0.3 0.4 0.4.1 0.5 0.6 0.7 0.8 0.8.1 0.8.2 0.9 0.10 1.0 1.0.1 1.0.2 1.0.3 1.0.4 1.0.5"

# fmt: off
FLAGS: list[Flag] = [
    # numbers
    _flag("floatX", "float64", "float64 float32 float16", "dtype of floats that name none"),
    _flag("warn_float64", "ignore", _REACT, "what to do when a float64 variable is made"),
    _flag("pickle_test_value", True, boolean, "test values go into pickles"),
    _flag("cast_policy", "custom", "custom numpy+floatX", "how Python numbers choose their dtype"),
    _flag("int_division", "int", "int raise floatX", "what integer / integer gives"),
    _flag("deterministic", "default", "default more", _NO),
    # where
    _flag("device", "cpu", device, "where shared floats live: cpu, cuda, cuda0 ..."),
    _flag("init_gpu_device", "", device, _NO, fixed=True),
    _flag("force_device", False, boolean, "an unusable device is an error, not the CPU", fixed=True),
    _flag("conv.assert_shape", False, boolean, "check the shapes told to a convolution when it runs"),
    _flag("print_global_stats", False, boolean, _NO),
    _flag("contexts", "", text, "name->device pairs of old multi-GPU code; no effect", fixed=True),
    _flag("print_active_device", True, boolean, _NO),
    _flag("gpuarray.sync", False, boolean, _NO, fixed=True),
    _flag("gpuarray.preallocate", 0.0, real, _NO, fixed=True),
    _flag("gpuarray.sched", "default", "default multi single", _NO),
    _flag("gpuarray.single_stream", True, boolean, _NO),
    _flag("cuda.root", "", path, _NO),
    _flag("cuda.include_path", "", path, _NO),
    _flag("dnn.conv.workmem", True, gone, "gone", fixed=True),
    _flag("dnn.conv.workmem_bwd", True, gone, "gone", fixed=True),
    _flag("dnn.conv.algo_bwd", True, gone, "gone", fixed=True),
    _flag("dnn.conv.algo_fwd", "small", f"small none large {_FFT} {_ALGO}", _NO),
    _flag("dnn.conv.algo_bwd_data", "none", f"none deterministic {_FFT} {_ALGO}", _NO),
    _flag("dnn.conv.algo_bwd_filter", "none", f"none deterministic small {_FFT_BWD} {_ALGO}", _NO),
    _flag("dnn.conv.precision", "as_input_f32", "as_input_f32 as_input float16 float32 float64", _NO),
    _flag("dnn.base_path", "", path, _NO),
    _flag("dnn.include_path", "", path, _NO),
    _flag("dnn.library_path", "", path, _NO),
    _flag("dnn.bin_path", "", path, _NO),
    _flag("dnn.enabled", "auto", "auto True False no_check", _NO),
    _flag("magma.include_path", "", path, _NO),
    _flag("magma.library_path", "", path, _NO),
    _flag("magma.enabled", False, boolean, _NO),
    _flag("assert_no_cpu_op", "ignore", _REACT, _NO),
    # how functions are built
    _flag("mode", "Mode", mode, "mode of functions that name none; `Mode` is linker + optimizer"),
    _flag("cxx", "", text, "the C++ compiler, by default g++ or clang++; set to nothing: there is none"),
    _flag("inductor", "auto", "auto never always",
          "compile what takes long, in the background, where there is a C++ compiler; always: all, at its first call"),
    _flag("linker", "cvm", "cvm c|py py c c|py_nogc vm vm_nogc cvm_nogc", "the engine of the default mode"),
    _flag("allow_gc", True, boolean, "give memory back between nodes"),
    _flag("optimizer", "o4", "o4 o3 o2 o1 unsafe fast_run fast_compile merge None", "rewrites it runs"),
    _flag("optimizer_verbose", False, boolean, "print rewrites as they are applied"),
    _flag("on_opt_error", "warn", "warn raise pdb ignore", "what to do when a rewrite fails"),
    _flag("nocleanup", False, boolean, _NO),
    _flag("on_unused_input", "raise", "raise warn ignore", "what to do with an input that nothing uses"),
    _flag("tensor.cmp_sloppy", 0, to_two, _NO, fixed=True),
    _flag("tensor.local_elemwise_fusion", True, boolean, _NO),
    _flag("gpu.local_elemwise_fusion", True, boolean, _NO),
    _flag("lib.amdlibm", False, boolean, _NO),
    _flag("gpuelemwise.sync", True, boolean, _NO),
    # errors and checks
    _flag("traceback.limit", 8, integer, "lines kept of where a variable was built"),
    _flag("traceback.compile_limit", 0, integer, _NO),
    _flag("experimental.unpickle_gpu_on_cpu", False, boolean, "no effect: GPU arrays in pickles open as CPU arrays"),
    _flag("numpy.seterr_all", "ignore", _SETERR, "what numpy does at floating-point errors", fixed=True),
    _flag("numpy.seterr_divide", "None", f"None {_SETERR[:-5]}", "the same for errors of this kind", fixed=True),
    _flag("numpy.seterr_over", "None", f"None {_SETERR[:-5]}", "the same for errors of this kind", fixed=True),
    _flag("numpy.seterr_under", "None", f"None {_SETERR[:-5]}", "the same for errors of this kind", fixed=True),
    _flag("numpy.seterr_invalid", "None", f"None {_SETERR[:-5]}", "the same for errors of this kind", fixed=True),
    _flag("warn.ignore_bug_before", "0.9", _RELEASES, "notices on old bugs; no effect", fixed=True),
    *(_flag(f"warn.{notice}", False, boolean, _ACTING.get(notice, _OLD)) for notice in _NOTICES.split()),
    _flag("warn.inc_subtensor1_opt", True, boolean, _OLD),
    _flag("compute_test_value", "off", _TEST, "run the graph on test values while it is built"),
    _flag("print_test_value", False, boolean, "test values take part in printed graphs"),
    _flag("compute_test_value_opt", "off", _TEST, "the same for what rewrites build"),
    _flag("unpickle_function", True, boolean, "functions in pickles are compiled again; False: None"),
    _flag("reoptimize_unpickled_function", False, boolean, "no effect: they are always rewritten"),
    _flag("exception_verbosity", "low", "low high", "how much a run-time error tells"),
    _flag("openmp", False, boolean, _NO),
    _flag("openmp_elemwise_minsize", 200000, integer, _NO),
    _flag("check_input", True, boolean, _NO),
    _flag("cache_optimizations", False, boolean, _NO),
    _flag("unittests.rseed", "666", seed, "seed of the test helpers; `random` draws one"),
    _flag("NanGuardMode.nan_is_error", True, boolean, "NanGuardMode refuses NaN"),
    _flag("NanGuardMode.inf_is_error", True, boolean, "NanGuardMode refuses infinities"),
    _flag("NanGuardMode.big_is_error", True, boolean, "NanGuardMode refuses values beyond 1e10"),
    _flag("NanGuardMode.action", "raise", "raise warn pdb", "what NanGuardMode does then"),
    _flag("optimizer_excluding", "", text, "rewrites left out, by tag, joined by `:`", fixed=True),
    _flag("optimizer_including", "", text, "rewrites added, by tag", fixed=True),
    _flag("optimizer_requiring", "", text, "rewrites required, by tag", fixed=True),
    _flag("DebugMode.patience", 10, positive, "compilations of the same graph compared with each other"),
    _flag("DebugMode.check_c", False, boolean, _NO),
    _flag("DebugMode.check_py", True, boolean, "compare with the Python form of operations"),
    _flag("DebugMode.check_finite", True, boolean, "refuse NaN and infinities"),
    _flag("DebugMode.check_strides", 0, to_two, _NO),
    _flag("DebugMode.warn_input_not_reused", True, boolean, _NO),
    _flag("DebugMode.check_preallocated_output", "", preallocated,
          "run ops on the host again, on output storage that holds something: initial, previous, ... , ALL"),
    _flag("DebugMode.check_preallocated_output_ndim", 4, positive, _NO),
    # profiles
    _flag("profiling.time_thunks", True, boolean, "time every operation; no effect yet"),
    _flag("profiling.n_apply", 20, positive, "nodes listed in a profile; no effect yet"),
    _flag("profiling.n_ops", 20, positive, "kinds of operation listed in a profile; no effect yet"),
    _flag("profiling.output_line_width", 512, positive, "longest line of a profile; no effect yet"),
    _flag("profiling.min_memory_size", 1024, count, "smaller results are left out of a memory profile; no effect yet"),
    _flag("profiling.min_peak_memory", False, boolean, _NO),
    _flag("profiling.destination", "stderr", text, "where profiles go: stderr, stdout or a file; no effect yet"),
    _flag("profiling.debugprint", False, boolean, "print the graph with the profile; no effect yet"),
    _flag("profiling.ignore_first_call", False, boolean, "leave the first call out of the profile"),
    _flag("optdb.position_cutoff", float("inf"), real, _NO),
    _flag("optdb.max_use_ratio", 8.0, real, _NO),
    # the C compiler of old
    _flag("gcc.cxxflags", "", text, _NO),
    _flag("cmodule.warn_no_version", False, boolean, _NO),
    _flag("cmodule.remove_gxx_opt", False, boolean, _NO),
    _flag("cmodule.compilation_warning", False, boolean, _NO),
    _flag("cmodule.preload_cache", False, boolean, _NO, fixed=True),
    _flag("cmodule.age_thresh_use", 2073600, integer, _NO, fixed=True),
    _flag("cmodule.debug", False, boolean, _NO),
    _flag("blas.ldflags", "", text, _NO),
    _flag("blas.check_openmp", True, boolean, _NO),
    _flag("metaopt.verbose", 0, integer, _NO),
    _flag("metaopt.optimizer_excluding", "", text, _NO),
    _flag("metaopt.optimizer_including", "", text, _NO),
    _flag("profile", False, boolean, "count the calls of every function and print their time at exit"),
    _flag("profile_optimizer", False, boolean, "profile the rewrites; no effect yet"),
    _flag("profile_memory", False, boolean, "profile memory; no effect yet"),
    _flag("vm.lazy", None, lazy, "only what is asked for is computed; no effect"),
    _flag("warn.identify_1pexp_bug", False, boolean, _OLD),
    _flag("on_shape_error", "warn", "warn raise", "no effect: a shape that cannot be inferred is computed"),
    _flag("tensor.insert_inplace_optimizer_validate_nb", -1, integer, _NO),
    _flag("experimental.local_alloc_elemwise", True, boolean, _NO),
    _flag("experimental.local_alloc_elemwise_assert", True, boolean, _NO),
    _flag("scan.allow_gc", False, boolean, _NO),
    _flag("scan.allow_output_prealloc", True, boolean, _NO),
    _flag("scan.debug", False, boolean, _NO),
    _flag("compile.wait", 5, positive, _NO, fixed=True),
    _flag("cycle_detection", "regular", "regular fast", _NO),
    _flag("check_stack_trace", "off", "off log warn raise", _NO),
    _flag("compile.timeout", 120, count, _NO, fixed=True),
    _flag("compiledir_format", "compiledir_%(platform)s-%(python_version)s", text, _NO, fixed=True),
    _flag("base_compiledir", _cache_folder, path, "where the folder of compiled code is", fixed=True),
    _flag("compiledir", _compile_folder, path, "folder of compiled code", fixed=True),
    _flag("gpuarray.cache_path", _kernel_folder, path, _NO, fixed=True),
    _flag("ctc.root", "", path, _NO, fixed=True),
]
# fmt: on

_OURS = (
    os.path.join(os.path.dirname(os.path.abspath(__file__)), ""),
    os.path.join(os.path.dirname(os.__file__), "importlib"),
    "<frozen importlib",
    "<tgraph",
)
# Flags of earlier releases that may still stand in a resource file; they pass without a word.
FORGOTTEN = ("lib.cnmem", "nvcc.", "cuda.", "pycuda.", "gpu.", "pthreads", "home", "lib.", "cublas.")


# --- the object -----------------------------------------------------------------------------------
class Section:
    """A group of flags: `config.blas` holds `config.blas.ldflags`.

    Values are plain instance attributes, so a read costs what any attribute costs; a write goes through the
    check. A name that is no flag is an AttributeError when read, and may be set (old programs add their own).
    """

    def __init__(self, prefix: str = "") -> None:
        self.__dict__["_prefix"] = prefix

    def __setattr__(self, name: str, value: Any) -> None:
        flag = BY_NAME.get(self._prefix + name)
        if flag is None:
            self.__dict__[name] = value
            return
        if flag.fixed and flag.name in _settled:
            raise _settled_error(flag.name)
        self.__dict__[name] = flag.read(flag.name, value)
        _origins[flag.name] = "the program"

    def __getattr__(self, name: str) -> Any:
        # Reached only when the attribute is not there: a default that is asked for, or no flag at all.
        full = self.__dict__.get("_prefix", "") + name
        flag = BY_NAME.get(full)
        if flag is None or not callable(flag.default):
            raise AttributeError(f"there is no configuration variable {full}")
        value = self.__dict__[name] = flag.read(flag.name, flag.default())
        return value

    def __delattr__(self, name: str) -> None:
        full = self._prefix + name
        below = [flag for flag in FLAGS if f"{flag.name}.".startswith(f"{full}.")]
        if not _own.issuperset(flag.name for flag in below):
            raise AttributeError(f"a flag cannot be deleted: {full}")
        for flag in below:
            FLAGS.remove(flag)
            for known in (BY_NAME, _origins):
                known.pop(flag.name, None)
            _own.discard(flag.name)
            _settled.discard(flag.name)
        if name in self.__dict__ or not below:
            super().__delattr__(name)

    def __dir__(self) -> list[str]:
        own = [f.name[len(self._prefix) :].split(".")[0] for f in FLAGS if f.name.startswith(self._prefix)]
        return sorted({*super().__dir__(), *own})

    def __reduce__(self) -> Any:
        # A program holds the one set of flags of its process; a pickle of it is a reference.
        return (_section, (self._prefix,)) if self._prefix else "config"

    def __copy__(self) -> Section:
        return self

    def __deepcopy__(self, memo: dict) -> Section:
        return self


class Config(Section):
    """All flags. `config.floatX`, `config.blas.ldflags`; `print(config)` lists them."""

    floatX: str
    device: str
    mode: Any
    linker: str
    optimizer: str
    cast_policy: str
    int_division: str
    warn_float64: str
    compute_test_value: str
    on_unused_input: str
    exception_verbosity: str
    on_opt_error: str
    allow_gc: bool
    profile: bool
    base_compiledir: str
    compiledir: str

    def __str__(self, print_doc: bool = True) -> str:
        lines = []
        for flag in FLAGS:
            lines += [f"{flag.name} ({flag.kind}) "]
            lines += [f"    Doc:  {flag.doc}"] * print_doc
            lines += [f"    Value:  {get(flag.name)}", ""]
        return "\n".join(lines) + "\n"

    def __iter__(self) -> Iterator[tuple[Flag, Any]]:
        return ((flag, get(flag.name)) for flag in FLAGS)

    def load(self, flags: str = "", files: Iterable[str] = (), source: str = "TGRAPH_FLAGS",
             strict: bool = True) -> None:
        """Take values from a flag string and ini files, for flags that nobody has chosen yet.

        The string outranks the files, and a later file an earlier one. ValueError for a value that does not
        fit. A name that is no flag waits for a program that declares it (`declare`); with ``strict`` it is a
        ConfigWarning too, as the rest of the text may still be right.
        """
        chosen = frozenset(_origins)
        values = {**read_files(files), **{name: (value, source) for name, value in parse_flags(flags, source).items()}}
        for name, (value, where) in values.items():
            if name not in BY_NAME:
                if strict and not name.startswith(FORGOTTEN):
                    warn(f"{source}: there is no flag named {name}, it is ignored", ConfigWarning)
                waiting.setdefault(name, (value, where))
                continue
            checked = BY_NAME[name].read(name, value)
            if name not in chosen:
                _put(name, checked, where)


def _settled_error(name: str) -> RuntimeError:
    return RuntimeError(
        "Can't change the value of this config parameter after initialization! "
        f"({name} is read once: set it in TGRAPH_FLAGS before Python starts)"
    )


def _put(name: str, value: Any, where: str) -> None:
    """Set a flag, fixed or not: the checked value lands where attribute reads find it."""
    section, _, last = name.rpartition(".")
    _section(section).__dict__[last] = value
    _origins[name] = where


def origin(name: str) -> str:
    """Where the value of a flag comes from: a variable of the environment, a file, `the program` or `default`."""
    return _origins.get(name, "default")


def declare(flag: Flag) -> None:
    """Add a flag of a program's own: it is read, checked, changed and listed as the others are.

    What flag strings and files said about it before it was known counts. AttributeError if the name is taken,
    TypeError if it would lie below a name that is a value, ValueError for a value that does not fit.
    """
    at: Section = config
    *sections, last = flag.name.split(".")
    for i, part in enumerate(sections):
        inner = at.__dict__.get(part)
        if inner is None:
            inner = at.__dict__[part] = Section(".".join(sections[: i + 1]) + ".")
        if not isinstance(inner, Section):
            raise TypeError("Internal config nodes must be config class instances", inner)
        at = inner
    if last in at.__dict__ or flag.name in BY_NAME:
        raise AttributeError("This name is already taken", flag.name)
    # options of files came in lower case
    said = next((n for n in (flag.name, ".".join([*sections, last.lower()])) if n in waiting), "")
    value, where = waiting.get(said, (flag.default, ""))
    if where or not callable(value):
        at.__dict__[last] = flag.read(flag.name, value)
    if where:
        _origins[flag.name] = where
    waiting.pop(said, None)
    FLAGS.append(flag)
    BY_NAME[flag.name] = flag
    _own.add(flag.name)
    if flag.fixed:
        _settled.add(flag.name)


def _section(prefix: str) -> Section:
    found: Section = config
    for part in prefix.strip(".").split("."):
        found = getattr(found, part) if part else found
    return found


def get(name: str) -> Any:
    """The value of the flag with that full name."""
    section, _, last = name.rpartition(".")
    return getattr(_section(section), last)


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line that is to blame: the first one outside of this package and of the import system."""
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    where = frame.f_code.co_filename
    warnings.warn_explicit(message, category, where, frame.f_lineno, registry=registry)


def parse_flags(text: str, source: str = "TGRAPH_FLAGS") -> dict[str, str]:
    """`"a=1,b.c='x,y'"` -> `{"a": "1", "b.c": "x,y"}`; of equal names the last counts."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace = ","
    lexer.whitespace_split = True
    values = {}
    for pair in filter(None, map(str.strip, lexer)):
        name, equals, value = pair.partition("=")
        if equals:
            values[name.strip()] = value
        else:
            warn(f"{source}: {name} has no value, it is ignored", ConfigWarning)
    return values


def read_files(files: Iterable[str]) -> dict[str, tuple[str, str]]:
    """(value, file) of the options of ini files, as `section.option`; those of `[global]` without a section.

    `%(name)s` stands for another option of the section, or for USER, LSCRATCH, TMPDIR, TEMP, TMP of the environment
    or PID; where there is no such name, the text stays as it is.
    """
    variables = {name: os.environ.get(name, "") for name in ("LSCRATCH", "TMPDIR", "TEMP", "TMP")}
    variables["USER"] = os.environ.get("USER", os.path.basename(os.path.expanduser("~")))
    variables["PID"] = str(os.getpid())
    values: dict[str, tuple[str, str]] = {}
    for file in files:
        raw, filled = configparser.RawConfigParser(), configparser.ConfigParser(variables)
        try:
            raw.read(os.path.expanduser(file), encoding="utf-8")
            filled.read(os.path.expanduser(file), encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError) as e:
            warn(f"{file} could not be read as a settings file: {e}", ConfigWarning)
            continue
        for section in raw.sections():
            for option, value in raw.items(section):
                with contextlib.suppress(configparser.InterpolationError):
                    value = filled.get(section, option)
                name = option if section == "global" else f"{section}.{option}"
                values[_spelled(name)] = (value, file)
    return values


def _spelled(name: str) -> str:
    """Ini options were case-blind (`floatx = float32` was read as floatX)."""
    return BY_LOWER.get(name.lower(), name)


# --- building it ----------------------------------------------------------------------------------
BY_NAME: dict[str, Flag] = {flag.name: flag for flag in FLAGS}
BY_LOWER: dict[str, str] = {name.lower(): name for name in BY_NAME}
_settled: set[str] = set()
_origins: dict[str, str] = {}
#: flags that programs declared
_own: set[str] = set()
#: (value, source) of names that are no flags yet
waiting: dict[str, tuple[str, str]] = {}

config = Config()


def _build() -> None:
    for flag in FLAGS:
        at: Section = config
        *sections, last = flag.name.split(".")
        for i, part in enumerate(sections):
            at = at.__dict__.setdefault(part, Section(".".join(sections[: i + 1]) + "."))
        if not callable(flag.default):
            at.__dict__[last] = flag.default
    files = os.environ.get("TGRAPHRC", "~/.tgraphrc").split(os.pathsep)
    config.load(os.environ.get("TGRAPH_FLAGS", ""), filter(None, files))
    _settled.update(flag.name for flag in FLAGS if flag.fixed)


_build()


# --- changing it for a while ----------------------------------------------------------------------
class change_flags:
    """`with change_flags(floatX="float32"): ...` or `@change_flags(...)`: other values for a while.

    Takes keywords, or a dict for names with a dot. UnknownFlagError for a name that is no flag; on entry, with
    nothing changed, ValueError for a value that does not fit and RuntimeError for a flag that is read once. Flags are
    global: all threads see it.
    """

    def __init__(self, args: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), **kwargs: Any) -> None:
        self.new = {**dict(args), **kwargs}
        self.old: list[dict[str, Any]] = []
        for name in self.new:
            if name not in BY_NAME:
                raise UnknownFlagError(f"there is no configuration variable {name}")

    def __call__(self, f: Callable) -> Callable:
        @functools.wraps(f)
        def changed(*args: Any, **kwargs: Any) -> Any:
            with change_flags(self.new):
                return f(*args, **kwargs)

        return changed

    def __enter__(self) -> None:
        for name in self.new:
            if BY_NAME[name].fixed:
                raise _settled_error(name)
        checked = {name: BY_NAME[name].read(name, value) for name, value in self.new.items()}
        self.old.append({name: get(name) for name in checked})
        _write(checked)

    def __exit__(self, *exc: object) -> None:
        _write(self.old.pop())


def _write(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        section, _, last = name.rpartition(".")
        _section(section).__dict__[last] = value
