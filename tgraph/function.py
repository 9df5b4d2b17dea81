"""``function()``: build -> rewrite -> lower -> run, the only place where the pipeline is spelled out."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from tgraph.arguments import In, Out, Param, SymbolicInput, SymbolicOutput, as_input, as_outputs
from tgraph.config import change_flags, config, warn
from tgraph.debug_mode import DebugMode
from tgraph.errors import MissingInputError, UnusedInputError, names
from tgraph.exporting import export
from tgraph.function_graph import FunctionGraph
from tgraph.graph import Apply, Constant, Variable, late, toposort, user_line
from tgraph.lowering import aliases, calls, interpret, parts
from tgraph.lowering.calls import NOTHING, Slot
from tgraph.lowering.failures import birth, explain_failure
from tgraph.lowering.to_fx import Program, lower
from tgraph.modes import Mode, Query, get_default_mode, get_mode
from tgraph.profiles import ProfileStats, profile_of, timed
from tgraph.rewrite import rewrite
from tgraph.rewrite.branches import close
from tgraph.shared import Container, SharedVariable, device_of, shared, usable
from tgraph.substitution import check_inputs, check_leaves, clone, collect, read_givens, read_updates, rebuild
from tgraph.types import TensorType
from tgraph.values import to_numpy, to_value
from tgraph.watching import MonitorMode, NanGuardMode

__all__ = [
    "Container",
    "DebugMode",
    "Function",
    "FunctionGraph",
    "FunctionMaker",
    "In",
    "MissingInputError",
    "Mode",
    "MonitorMode",
    "NanGuardMode",
    "Out",
    "Param",
    "SharedVariable",
    "SymbolicInput",
    "SymbolicOutput",
    "UnusedInputError",
    "Variable",
    "clone",
    "function",
    "function_dump",
    "get_default_mode",
    "get_info_on_inputs",
    "get_mode",
    "orig_function",
    "pfunc",
    "rebuild_collect_shared",
    "shared",
]


def get_info_on_inputs(named_inputs: Sequence[str], n_unnamed_inputs: int) -> str:
    """The inputs of a function in words, for its messages."""
    n, many = len(named_inputs), "s" * (len(named_inputs) != 1)
    fix = "(use 'name=...' in a Variable's constructor to give it a name)."
    if not n and not n_unnamed_inputs:
        return "The function is supposed to have no input."
    if not n and n_unnamed_inputs == 1:
        return (
            "The function has a single input variable which has no name, and thus cannot be assigned through a keyword "
            f"argument {fix}"
        )
    if not n:
        return (
            f"The function has {n_unnamed_inputs} inputs, but none of them is named, and thus they cannot be assigned "
            f"through keyword arguments {fix}"
        )
    if not n_unnamed_inputs:
        return f"The function has {n} named input{many} ({', '.join(named_inputs)})."
    rest = f"{n_unnamed_inputs} unnamed input{'s' * (n_unnamed_inputs != 1)}"
    which = f"which thus cannot be accessed through keyword argument{'s' * (n_unnamed_inputs != 1)} (use 'name=...' "
    head = f"The function has {n} named input{many} ({', '.join(named_inputs)})"
    return f"{head}, and {rest} {which}in a variable's constructor to give it a name)."


#: what stands for a name that two inputs of a function have: known by identity
DUPLICATE = ["DUPLICATE"]


class FunctionMaker:
    """How a function was made: its ``inputs`` (``In`` objects, those of shared variables last), ``outputs``,
    ``mode``, and the rewritten graph ``fgraph``."""

    def __init__(
        self,
        inputs: list[In],
        outputs: list[SymbolicOutput],
        leaves: list[Variable],
        finals: list[Variable],
        mode: Any,
        provided_mode: Any = None,
        name: str | None = None,
        unpack_single: bool = False,
        output_keys: list[str] | None = None,
        on_unused_input: Any = None,
        accept_inplace: bool = False,
        profile: Any = None,
    ):
        self.inputs = self.expanded_inputs = inputs
        self.outputs, self.leaves, self.finals = outputs, leaves, finals
        self.mode, self.provided_mode, self.name, self.profile = mode, provided_mode, name, profile
        self.unpack_single, self.output_keys, self.return_none = unpack_single, output_keys, False
        self.on_unused_input, self.accept_inplace = on_unused_input, accept_inplace
        updated = [i for i, spec in enumerate(inputs) if spec.update is not None]
        mapping = dict(enumerate(updated, len(outputs)))
        self.fgraph = FunctionGraph(leaves, finals, clone=False, update_mapping=mapping, name=name, check=False)

    @property
    def linker(self) -> Any:
        """The linker of the mode."""
        return getattr(self.mode, "linker", None)

    @property
    def indices(self) -> list[list[Any]]:
        """One entry [input, None, [input]] for each input."""
        return [[i, None, [i]] for i in self.inputs]

    @property
    def required(self) -> list[bool]:
        """Which inputs have no default value."""
        return [i.value is None for i in self.inputs]

    @property
    def refeed(self) -> list[bool]:
        """Which inputs go back to their default value after each call."""
        return [_kind(i) == "default" for i in self.inputs]


class _Values:
    """``f.value[x]``: the values in the boxes of a function, by variable, name or position."""

    def __init__(self, function: Function):
        self._function = function

    def _find(self, item: Any, hint: bool = False) -> Container:
        box = self._function.finder.get(item)
        if box is None:
            raise TypeError(
                f"Unknown input or state: {item}" + (f". {self._function._inputs_in_words()}" * hint)
            )
        if box is DUPLICATE:
            raise TypeError(
                f"Ambiguous name: {item} - please check the names of the inputs of your function for "
                f"duplicates."
            )
        return box

    def __getitem__(self, item: Any) -> Any:
        return self._find(item).value

    def __setitem__(self, item: Any, value: Any) -> None:
        self._find(item, hint=True).value = value

    def __contains__(self, item: Any) -> bool:
        return item in self._function.finder


class _Containers:
    """``f.container[x]``: the boxes themselves."""

    def __init__(self, function: Function):
        self._function = function

    def __getitem__(self, item: Any) -> Any:
        return self._function.finder[item]

    def __contains__(self, item: Any) -> bool:
        return item in self._function.finder


class Function:
    """A compiled graph: call it with the values of its inputs, by position or by name.

    Results are ndarrays that share memory with nothing (``Out(borrow=True)`` apart). A call that raises
    changes no shared variable. ``trust_input = True`` skips the checks of arguments.
    """

    pickle_aliased_memory_strategy = "warn"
    trust_input = False

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # one class for each function: calling one then enters its generated code at once
        return object.__new__(type("Function", (cls,), {"__module__": cls.__module__}))

    def __init__(
        self,
        maker: FunctionMaker,
        containers: list[Container],
        program: Program,
        run: Callable[..., tuple],
        used: list[int],
        last: dict[int, list[str]],
        lends: list[int],
    ):
        self.maker, self.name = maker, maker.name
        self.input_storage = containers
        self.program, self.run = program, run
        self.outputs, self.unpack_single, self.return_none = maker.outputs, maker.unpack_single, False
        self.output_keys, self.profile = maker.output_keys, maker.profile
        self.nodes_with_inner_function: list[Any] = []
        self._check_for_aliased_inputs = any(not i.shared and (i.borrow or i.mutable) for i in maker.inputs)
        self.n_returned_outputs = len(maker.outputs)
        self.output_storage = [Container(o.type, [None], name=o.name) for o in maker.finals]
        slots = [
            _slot(spec, leaf, box)
            for spec, leaf, box in zip(maker.inputs, maker.leaves, containers, strict=True)
        ]
        self._slots = slots
        self.finder, self.inv_finder = _index(maker.inputs, containers)
        writes = [i for i, spec in enumerate(maker.inputs) if spec.update is not None]
        overwritten = [i for i, spec in enumerate(maker.inputs) if spec.overwritten is not None]
        self._plan = calls.Plan(
            slots,
            used,
            maker.finals[: len(maker.outputs)],
            writes,
            _aliased(maker),
            program.device,
            maker.unpack_single,
            maker.output_keys,
            overwritten,
            last,
            len(program.results) - len(program.outputs),
            lends,
        )
        call = calls.build(self._plan, run)
        type(self).__call__ = timed(call) if isinstance(self.profile, ProfileStats) else call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Replaced by generated code in each function."""
        raise NotImplementedError("this function was not compiled")

    # -- the long way for arguments ------------------------------------------------------------------------

    def _take(self, i: int, value: Any) -> Any:
        """Argument ``i`` as the engine takes it. Raises TypeError or ValueError with the place of the
        argument."""
        slot = self._slots[i]
        if value is None and isinstance(slot.leaf.type, TensorType):
            return None
        if self.trust_input:
            held = np.asarray(value) if isinstance(slot.leaf.type, TensorType) else value
            return to_value(held, self.program.device)
        try:
            return self._filtered(slot, value)
        except Exception as error:
            text = "Bad input argument"
            if getattr(value, "name", None):
                text += f' with name "{value.name}"'
            text += f" to {names['package']} function"
            if self.name:
                text += f' with name "{self.name}"'
            text += f" at index {i} (0-based). {birth(slot.spec.variable)}"
            first = error.args[0] if error.args else ""
            error.args = (f"{text}{first}", *error.args[1:])
            raise

    def _filtered(self, slot: Slot, value: Any) -> Any:
        array = slot.leaf.type.filter(value, strict=slot.spec.strict, allow_downcast=slot.spec.allow_downcast)
        return to_value(array, self.program.device if isinstance(slot.leaf.type, TensorType) else "cpu")

    def _bind(self, args: tuple, named: dict[str, Any]) -> list[Any]:
        """Arguments by position and name as the engine takes them, NOTHING where not given; TypeError for too
        many, missing, unknown or repeated ones."""
        slots = self._slots
        args = tuple(a for a in args if a is not NOTHING)
        if len(args) + len(named) > len(slots) and not self.trust_input:
            raise TypeError(f"Too many parameter passed to {names['package']} function")
        taken = [NOTHING] * len(slots)
        counts = [0] * len(slots)
        for i, value in enumerate(args):
            taken[i] = self._take(i, value)
            counts[i] += 1
        for name, value in named.items():
            self.value._find(name, hint=True)
            i = next(k for k, slot in enumerate(slots) if slot.spec.name == name)
            try:
                taken[i] = None if value is None else self._filtered(slots[i], value)
            except Exception as error:
                error.args = (*error.args, f'Container name "{name}"')
                raise
            counts[i] += 1
        for slot, count in zip(slots, counts, strict=True):
            variable = slot.spec.variable
            if slot.kind == "required" and not count:
                raise TypeError(f"Missing required input: {variable}")
            if count > 1:
                raise TypeError(f"Multiple values for input: {variable}")
            if slot.kind == "implicit" and count:
                raise TypeError(f"Tried to provide value for implicit input: {variable}")
        return [t for t, slot in zip(taken, slots, strict=True) if slot.kind != "implicit"]

    def _subset(self, args: tuple, named: dict[str, Any]) -> Any:
        """A call with ``output_subset``: a list of positions or keys of the outputs that are wanted."""
        wanted = named.pop("output_subset")
        results = self(*(a for a in args if a is not NOTHING), **named)
        if wanted is None:
            return results
        if self.output_keys is not None:
            return {key: results[key] for key in wanted}
        results = [results] if self.unpack_single else results
        return [results[i] for i in wanted]

    def _failed(self, error: Exception, values: Sequence[Any]) -> tuple:
        """Raise what a failed run raises: the class and the text that tell which node failed. Results where an argument
        was None, which no program takes, and the ops know what to do with it."""
        if any(v is None for v in values) and len(self.program.results) == len(self.program.outputs):
            with suppress(Exception):  # what is raised then is found once more, with words
                return interpret.build(self.program)(*values)
        made = explain_failure(error, self.program.inputs, self.program.outputs, values, self.program.device)
        raise made from made.__cause__  # what the engine met on its way says nothing more

    def _inputs_in_words(self) -> str:
        known = [str(i.name) for i in self.maker.inputs if i.name is not None]
        return get_info_on_inputs(known, len(self.maker.inputs) - len(known))

    # -- looking and setting -------------------------------------------------------------------------------

    @property
    def value(self) -> _Values:
        """The values of inputs with a default and of shared variables: ``f.value[x]``, also ``f[x]``."""
        return _Values(self)

    @property
    def container(self) -> _Containers:
        """The boxes of inputs: ``f.container[x]``."""
        return _Containers(self)

    def __getitem__(self, item: Any) -> Any:
        return self.value[item]

    def __setitem__(self, item: Any, value: Any) -> None:
        self.value[item] = value

    def __contains__(self, item: Any) -> bool:
        return item in self.finder

    @property
    def indices(self) -> list[list[Any]]:
        """One entry [input, None, [input]] for each input."""
        return self.maker.indices

    @property
    def defaults(self) -> list[tuple[bool, bool, Any]]:
        """(required, goes back to its default after a call, default) for each input."""
        return [
            (s.kind == "required", s.kind == "default", None if s.shared else to_numpy(s.default))
            for s in self._slots
        ]

    @property
    def fn(self) -> Any:
        """What runs the graph; only what legacy code looks at."""
        return SimpleNamespace(
            nodes=self.maker.fgraph.toposort(),
            storage_map={},
            fgraph=self.maker.fgraph,
            allow_gc=getattr(self.maker.linker, "allow_gc", True),
            thunks=[],
        )

    def get_shared(self) -> list[Any]:
        """The shared variables that the function reads or updates."""
        return [i.variable for i in self.maker.inputs if i.implicit]

    def free(self) -> None:
        """Nothing to do: no intermediate values are kept between calls."""

    def sync_shared(self) -> None:
        """Wait until the GPU has finished, if there is one."""
        if self.program.device != "cpu":
            torch.cuda.synchronize()

    def export(self, path: Any, format: str | None = None) -> None:
        """Write the function to a file that torch alone loads; see ``exporting.export``."""
        export(self, path, format)

    # -- copies --------------------------------------------------------------------------------------------

    def copy(
        self,
        share_memory: bool = False,
        swap: dict | None = None,
        delete_updates: bool = False,
        name: str | None = None,
        profile: Any = None,
    ) -> Any:
        """Another function of the same graph. It returns its results in a list.

        ``swap``: shared variable -> the one to use instead, of the same type. ``delete_updates``: the copy
        updates nothing. Inputs with an update have state of their own in the copy. Raises ValueError for a
        variable that the function does not use, AssertionError for one of another type.
        """
        maker, swap = self.maker, swap or {}
        known = {i.variable for i in maker.inputs}
        for old, new in swap.items():
            _check_swap(old, new, known)
        replaced = {
            leaf: swap[i.variable]
            for i, leaf in zip(maker.inputs, maker.leaves, strict=True)
            if i.variable in swap
        }
        n = len(maker.outputs)
        finals = list(maker.finals[:n] if delete_updates else maker.finals)
        if replaced:
            finals = rebuild(finals, dict(replaced), strict=True)
        ins, boxes = [], []
        for spec, box in zip(maker.inputs, self.input_storage, strict=True):
            twin = copy.copy(spec)
            if spec.variable in swap:
                twin.variable = twin.value = swap[spec.variable]
                twin.value, box = twin.variable.container, twin.variable.container
            elif not isinstance(spec.value, (Container, SharedVariable)):
                own = spec.value if spec.update is not None else None
                box = _box(twin, [box.held(lend=True) if own is None else _hold(twin, own)])
            if delete_updates:
                twin.update = twin.overwritten = None
            ins.append(twin)
            boxes.append(box)
        leaves = [replaced.get(leaf, leaf) for leaf in maker.leaves]
        outs = [SymbolicOutput(v, o.borrow) for v, o in zip(finals, maker.outputs, strict=False)]
        made = FunctionMaker(
            ins,
            outs,
            leaves,
            finals,
            maker.mode,
            maker.provided_mode,
            name or (f"{self.name} copy" if self.name else None),
            False,
            None,
            "ignore",
            maker.accept_inplace,
            profile,
        )
        if delete_updates:
            return _compiled(made, boxes)
        # the same program: only the boxes differ
        program = copy.copy(self.program)
        program.inputs = [replaced.get(x, x) for x in program.inputs]
        program.outputs = close(finals, program.inputs)
        plan = self._plan
        return Function(made, boxes, program, self.run, list(plan.used), plan.parts, list(plan.lends))

    def __copy__(self) -> Any:
        return self.copy()

    def __reduce__(self) -> Any:
        return _restored, (self.maker, self.input_storage, self.trust_input)

    def __repr__(self) -> str:
        return f"<{names['package']} function {self.name or ''} at {id(self):#x}>"


def _restored(maker: FunctionMaker, containers: list[Container], trust_input: bool) -> Any:
    if not config.unpickle_function:
        return None
    made = _compiled(maker, containers)
    made.trust_input = trust_input
    return made


def _check_swap(old: Any, new: Any, known: set) -> None:
    if old not in known:
        raise ValueError(f"SharedVariable: {getattr(old, 'name', old)} not found")
    if not isinstance(old, SharedVariable):
        raise AssertionError(f"Key of swap should be SharedVariable, given: {old} type {type(old)}")
    if not isinstance(new, SharedVariable):
        raise AssertionError(f"Value of swap should be SharedVariable, given: {new} type {type(new)}")
    if old.type != new.type:
        raise AssertionError(
            f"Type of given SharedVariable conflicts with original one. Type of given "
            f"SharedVariable: {new.type}. Type of original SharedVariable: {old.type}"
        )


# -- boxes -------------------------------------------------------------------------------------------------


def _kind(spec: In) -> str:
    if spec.implicit:
        return "implicit"
    if spec.value is None:
        return "required"
    if spec.update is not None or isinstance(spec.value, (Container, SharedVariable)):
        return "kept"
    return "default"


def _hold(spec: In, value: Any) -> Any:
    type = spec.variable.type
    return to_value(
        type.filter(value, strict=spec.strict, allow_downcast=spec.allow_downcast), device_of(type)
    )


def _box(spec: In, storage: list[Any]) -> Container:
    return Container(
        spec.variable.type, storage, strict=spec.strict, allow_downcast=spec.allow_downcast, name=spec.name
    )


def _container(spec: In) -> Container:
    """The box of an input: that of its shared variable, or a new one with its default."""
    if isinstance(spec.value, Container):
        return spec.value
    if isinstance(spec.value, SharedVariable):
        return spec.value.container
    return _box(spec, [None if spec.value is None else _hold(spec, _copied(spec.value))])


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _slot(spec: In, leaf: Variable, box: Container) -> Slot:
    kind = _kind(spec)
    return Slot(spec, leaf, box, kind, box.held(lend=True) if kind == "default" else None, spec.shared)


def _index(inputs: Sequence[In], containers: Sequence[Container]) -> tuple[dict, dict]:
    finder: dict[Any, Any] = {}
    back: dict[Any, In] = {}
    for i, (spec, box) in enumerate(zip(inputs, containers, strict=True)):
        finder[i] = finder[spec.variable] = box
        if spec.name is not None:
            finder[spec.name] = DUPLICATE if spec.name in finder else box
        back[box] = spec
    return finder, back


def _aliased(maker: FunctionMaker) -> list[bool]:
    """For each final value that is no tensor: may it be an object that lives on elsewhere, or a view of one?"""
    borrow = [o.borrow for o in maker.outputs] + [False] * (len(maker.finals) - len(maker.outputs))
    return [
        not isinstance(v.type, TensorType) and not b and (v.owner is None or v.index in (v.owner.op.view_map or ()))
        for v, b in zip(maker.finals, borrow, strict=True)
    ]


# -- from a graph to a function ----------------------------------------------------------------------------


def _leaf(spec: In) -> Variable:
    """What stands for an input in the compiled graph: a variable that is computed from others is cut off
    there."""
    v = spec.variable
    if v.owner is None:
        return v
    fresh = v.type.make_variable(v.name)
    fresh.place = v.place or v.owner.place
    return fresh


def _overwrite(ins: Sequence[In], leaves: Sequence[Variable], finals: Sequence[Variable], accept: bool) -> None:
    """Note what ops with a ``destroy_map`` leave in the memory of inputs: in the array of the caller, or as the
    update of a shared variable. TypeError for such ops where they are not accepted."""
    left: dict[Variable, Variable] = {}
    root = {leaf: leaf for leaf in leaves}
    for node in toposort(finals, leaves):
        for o, places in (getattr(node.op, "destroy_map", None) or {}).items():
            if not accept:
                raise TypeError("Graph must not contain inplace operations", node, node.op)
            source = root.get(node.inputs[places[0]]) if places else None
            if source is not None and node.outputs[o].type == source.type:
                root[node.outputs[o]] = source
                left[source] = node.outputs[o]
    for spec, leaf in zip(ins, leaves, strict=True):
        if leaf not in left or spec.update is not None:
            continue
        if spec.shared:
            spec.update, spec.mutable = left[leaf], True
        elif spec.value is None and not getattr(leaf.type, "filter_copies", False):
            spec.overwritten = left[leaf]


def _rewritten(finals: Sequence[Variable], mode: Any) -> list[Variable]:
    query = getattr(mode, "optimizer", None)
    # an optimizer that a user wrote is not asked (see note_rewrites); alone, as here, it was all that Theano asked
    name = query.name if isinstance(query, Query) else None
    if config.compute_test_value == config.compute_test_value_opt:
        return list(rewrite(finals, optimizer=name, excluding=sorted(getattr(query, "ex", ()))))
    with change_flags(compute_test_value=config.compute_test_value_opt):
        return list(rewrite(finals, optimizer=name, excluding=sorted(getattr(query, "ex", ()))))


def _lends(spec: In) -> bool | None:
    """May a borrowed output share memory with this input?"""
    return spec.borrow or isinstance(spec.value, (Container, SharedVariable))


def _compiled(maker: FunctionMaker, containers: list[Container]) -> Function:
    """Lower the graph of a maker, build its engine, and the function around it."""
    needed = {x for node in toposort(maker.finals, maker.leaves) for x in node.inputs} | set(maker.finals)
    used = [i for i, leaf in enumerate(maker.leaves) if leaf in needed]
    device = usable(config.device)
    program = lower([maker.leaves[i] for i in used], maker.finals, device)
    program.name = maker.name
    lent = aliases.isolate(
        program, [o.borrow for o in maker.outputs], [bool(_lends(maker.inputs[i])) for i in used]
    )
    last: dict[int, list[str]] = {}
    if getattr(maker.mode.linker, "writes_last", False):
        last = parts.write_last(program, _large(maker, containers, used, device))
    run = maker.mode.linker.build(program)
    lends = [used[p] for p in lent if maker.inputs[used[p]].shared]
    return Function(maker, containers, program, run, used, last, lends)


def _large(
    maker: FunctionMaker, containers: list[Container], used: list[int], device: str
) -> dict[int, tuple[int, str]]:
    """The updates of large tensors: position among the finals -> (position of the input in the program, its name in
    the source of the call)."""
    found = {}
    updated = [i for i, spec in enumerate(maker.inputs) if spec.update is not None]
    for k, i in enumerate(updated, len(maker.outputs)):
        held = containers[i].held()
        if i not in used or not isinstance(held, torch.Tensor) or device_of(maker.inputs[i].variable.type) != device:
            continue
        if held.numel() * held.element_size() >= parts.LARGE:
            found[k] = used.index(i), f"T{i}"
    return found


def function(
    inputs: Sequence[Any],
    outputs: Any = None,
    mode: Any = None,
    updates: Any = None,
    givens: Any = None,
    no_default_updates: Any = False,
    accept_inplace: bool = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: Any = None,
    on_unused_input: str | None = None,
) -> Any:
    """Compile a graph into a ``Function``.

    ``inputs``: variables, ``In`` objects or (variable, default) pairs; a variable that is computed from
    others cuts the graph there. ``outputs``: a variable or ``Out`` (the function returns an ndarray), a list
    or tuple (it returns a list), a dictionary with text keys (a dictionary), None (an empty list).
    ``updates``: shared variables and their new values, all computed from the old ones. ``givens``: variables
    and what stands in for them. ``no_default_updates``: True, or a list of shared variables whose
    ``default_update`` is left out.

    Raises MissingInputError, UnusedInputError, TypeError (types that do not fit), ValueError (two updates of
    one variable), RuntimeError (an input among the givens) or AssertionError (givens that depend on each
    other).
    """
    if not isinstance(inputs, (list, tuple)):
        raise TypeError(
            f"Input variables of a {names['package'].title()} function should be contained in a list, even "
            f"when there is a single input."
        )
    if name is None:
        place = user_line()
        name = f"{place[0]}:{place[1]}" if place else None
    if isinstance(updates, dict) and not isinstance(updates, OrderedDict) and len(updates) > 1:
        warnings.warn(
            f"The parameter 'updates' of {names['package']}.function() expects an OrderedDict, got "
            f"{type(updates)}. "
            "Using a standard dictionary here results in non-deterministic behavior. You should use an "
            "OrderedDict, "
            "or use a list of (shared, update) pairs. Do not just convert your dictionary to this type "
            "before the "
            f"call as the conversion will still be non-deterministic.",
            stacklevel=2,
        )
    if any(isinstance(i, (list, tuple)) for i in inputs) and (updates or givens):
        raise NotImplementedError(
            "tuples among the inputs trigger the old semantics, which disallow using updates and givens"
        )
    if not isinstance(no_default_updates, (bool, list)):
        raise TypeError("no_default_update should be either a boolean or a list")
    keys = None
    if isinstance(outputs, dict):
        if not all(isinstance(key, str) for key in outputs):
            raise AssertionError("the keys of a dictionary of outputs must be text")
        keys = sorted(outputs)
        outputs = [outputs[key] for key in keys]
    single = outputs is not None and not isinstance(outputs, (list, tuple))
    outs = as_outputs([] if outputs is None else [outputs] if single else outputs)
    mode_used = get_mode(mode)
    if not hasattr(getattr(mode_used, "linker", None), "build"):
        raise TypeError(f"mode must be a Mode or the name of one, got {mode!r}")

    ins = [copy.copy(as_input(i, allow_input_downcast)) for i in inputs]
    check_inputs(ins)
    wanted = read_updates(updates)
    leaves = [_leaf(spec) for spec in ins]
    memo: dict[Any, Any] = {spec.variable: leaf for spec, leaf in zip(ins, leaves, strict=True)}
    given = read_givens(givens, memo, rebuild_strict)

    finals, new_values, found = collect(
        outs,
        [i.update for i in ins if i.update is not None],
        given,
        wanted,
        memo,
        set(leaves),
        rebuild_strict,
        no_default_updates,
    )
    position = len(outs)
    for spec in ins:
        if spec.update is not None:
            spec.update = finals[position]
            position += 1
    for s in found:
        ins.append(
            In(
                s,
                value=s.container,
                mutable=s in new_values,
                borrow=True,
                update=new_values.get(s),
                shared=True,
            )
        )
        leaves.append(s)
    finals = finals[: len(outs)] + [i.update for i in ins if i.update is not None]
    outs = [SymbolicOutput(v, o.borrow) for v, o in zip(finals, outs, strict=False)]
    check_leaves(ins, leaves, finals, on_unused_input)
    _overwrite(ins, leaves, finals, accept_inplace)
    finals = finals[: len(outs)] + [i.update for i in ins if i.update is not None]
    finals += [i.overwritten for i in ins if i.overwritten is not None]

    maker = FunctionMaker(
        ins,
        outs,
        leaves,
        _rewritten(finals, mode_used),
        mode_used,
        mode,
        name,
        single,
        keys,
        on_unused_input,
        accept_inplace,
        profile_of(profile, name),
    )
    return _compiled(maker, [_container(i) for i in ins])


def pfunc(
    params: Sequence[Any],
    outputs: Any = None,
    mode: Any = None,
    updates: Any = None,
    givens: Any = None,
    no_default_updates: Any = False,
    accept_inplace: bool = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: Any = None,
    on_unused_input: str | None = None,
    output_keys: Any = None,
) -> Any:
    """``function`` under its older name; the inputs are called ``params``."""
    return function(
        params,
        outputs,
        mode,
        updates,
        givens,
        no_default_updates,
        accept_inplace,
        name,
        rebuild_strict,
        allow_input_downcast,
        profile,
        on_unused_input,
    )


def orig_function(
    inputs: Sequence[Any],
    outputs: Any,
    mode: Any = None,
    accept_inplace: bool = False,
    name: str | None = None,
    profile: Any = None,
    on_unused_input: str | None = None,
    output_keys: Any = None,
) -> Any:
    """``function`` without updates and givens."""
    return function(
        inputs,
        outputs,
        mode,
        accept_inplace=accept_inplace,
        name=name,
        profile=profile,
        on_unused_input=on_unused_input,
    )


def rebuild_collect_shared(
    outputs: Any,
    inputs: Sequence[Variable] | None = None,
    replace: Any = None,
    updates: Any = None,
    rebuild_strict: bool = True,
    copy_inputs_over: bool = True,
    no_default_updates: Any = False,
) -> Any:
    """The graph with replacements made: (inputs, outputs, [old -> new, update of each shared variable, the
    updates as pairs, the shared variables that are read or written])."""
    inputs = list(inputs or ())
    check_inputs([In(i) for i in inputs])
    many = isinstance(outputs, (list, tuple))
    outs = as_outputs([] if outputs is None else outputs if many else [outputs])
    memo: dict[Any, Any] = {i: i if copy_inputs_over else i.clone() for i in inputs}
    given = read_givens(replace, memo, rebuild_strict)
    finals, new_values, found = collect(
        outs, [], given, read_updates(updates), memo, set(memo.values()), rebuild_strict, no_default_updates
    )
    results: Any = [SymbolicOutput(v, o.borrow) if o.borrow else v for v, o in zip(finals, outs, strict=True)]
    if not many:
        results = results[0] if results else []
    return [memo[i] for i in inputs], results, [memo, new_values, list(new_values.items()), found]


def function_dump(
    filename: str,
    inputs: Sequence[Any],
    outputs: Any = None,
    mode: Any = None,
    updates: Any = None,
    givens: Any = None,
    no_default_updates: Any = False,
    accept_inplace: bool = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: Any = None,
    on_unused_input: str | None = None,
    extra_tag_to_remove: Any = None,
) -> None:
    """Pickle the arguments of ``function`` into a file, to compile elsewhere:
    ``function(**pickle.load(file))``."""
    arguments = {
        key: value for key, value in locals().items() if key not in ("filename", "extra_tag_to_remove")
    }
    with open(filename, "wb") as file:
        pickle.dump(arguments, file, protocol=-1)


# -- eval and test values ----------------------------------------------------------------------------------


def _eval(variable: Any, values: dict[Any, Any] | None = None) -> Any:
    values = values or {}
    for x in values:
        if not isinstance(x, Variable):
            raise TypeError(f"Unknown parameter type: {type(x)}")
    key = tuple(sorted(values, key=id))
    cache = variable.__dict__.setdefault("_fn_cache", {})
    if key not in cache:
        cache[key] = function(list(key), variable)
    return cache[key](*[values[x] for x in key])


def test_value(variable: Any) -> Any:
    """The value of a constant or shared variable, or the ``tag.test_value`` of another; None where there is
    none.

    Raises TypeError or ValueError for a test value that does not fit the type.
    """
    if isinstance(variable, Constant):
        return variable.data
    if isinstance(variable, SharedVariable):
        return variable.get_value(borrow=True)
    tag = variable.__dict__.get("_tag")
    if tag is None or not hasattr(tag, "test_value"):
        return None
    try:
        return variable.type.filter(tag.test_value)
    except Exception as error:
        text = (
            "For compute_test_value, one input test value does not have the requested "
            f"type.\n{birth(variable)}\n"
            f"The error when converting the test value to that variable type:"
        )
        error.args = ("\n".join([text, *(str(a) for a in error.args)]),)
        raise


def compute_test_value(node: Apply) -> None:
    """Run a node that was just built on the test values of its inputs; errors surface at the user's line.

    ``config.compute_test_value``: what to do where an input has none: 'ignore', 'warn', or 'raise'
    (ValueError).
    """
    values = []
    for i, x in enumerate(node.inputs):
        value = test_value(x)
        if value is None:
            text = f"Cannot compute test value: input {i} ({x}) of Op {node} missing default value."
            if config.compute_test_value == "raise":
                raise ValueError(f"{text} {birth(x)}")
            if config.compute_test_value == "warn":
                warn(f"Warning, {text}")
        values.append(value)
    if any(value is None for value in values):
        return
    for output, value in zip(node.outputs, interpret.run_node(node, values), strict=True):
        output.tag.test_value = value


test_value.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever pytest thinks of its name
late["eval"] = _eval
late["function"] = function
late["function_graph"] = lambda inputs, outputs: FunctionGraph(inputs, outputs, clone=False, check=False)
late["test_value"] = test_value
late["compute_test_value"] = compute_test_value
