"""The engine: a pure, interned rebuild of a graph under local rules.

Every node is made again from the simplest forms of its inputs, found in a pool keyed by (op, inputs) so that
common subexpressions become one node, folded if all its inputs are constants, and then shown to the rules of
its op. What a rule returns is simplified in the same way. The user's nodes are read, shared where nothing
changes, never touched.
"""

from __future__ import annotations

import dataclasses
import struct
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tgraph.config import config
from tgraph.graph import Apply, Constant, Op, Variable, toposort
from tgraph.operators import table
from tgraph.ops.elemwise import DimShuffle, Elemwise, scalar_constant
from tgraph.ops.rows import ScalarOp, rows
from tgraph.ops.scalar import Cast
from tgraph.performing import performer
from tgraph.types import TensorType

#: results above this many elements are not folded unless they are no larger than what they are made of
FOLD_LIMIT = 16_384
#: constants above this many elements are told apart by identity only
MERGE_LIMIT = 1 << 20
#: ops that only fill memory: folded where the result is small
_MAKERS = ("Alloc", "AllocEmpty", "Eye", "Tri", "ARange")

Found = Variable | Sequence[Variable] | None
Action = Callable[[Apply, "Rewriter"], Found]


@dataclasses.dataclass(frozen=True)
class Rule:
    """One local rule: ``become(node, rewriter)`` gives what a node may be replaced with, or None.

    ``on``: names of elementwise rows and classes of ops that it is shown. ``tags``: what ``excluding`` may
    name, besides the name.
    """

    name: str
    on: tuple[Any, ...]
    become: Action
    tags: tuple[str, ...] = ()


def rule(*on: Any, name: str | None = None, tags: Sequence[str] = ()) -> Callable[[Action], Rule]:
    """Decorator: a function as a rule on the named rows and op classes."""
    return lambda function: Rule(name or function.__name__, on, function, tuple(tags))


# -- keys ----------------------------------------------------------------------------------------------------


def frozen(value: Any) -> Any:
    """A hashable key of a parameter of an op that tells 1 from 1.0 from True, and 0.0 from -0.0."""
    if value is None or isinstance(value, (str, bytes)):
        return value
    if isinstance(value, float):
        return (float, struct.pack("d", value))
    if isinstance(value, (list, tuple)):
        return (type(value), tuple(frozen(v) for v in value))
    if isinstance(value, np.ndarray):
        return (np.ndarray, str(value.dtype), value.shape, value.tobytes())
    if isinstance(value, np.generic):
        return (type(value), value.tobytes())
    if isinstance(value, dict):
        return (dict, tuple((frozen(k), frozen(v)) for k, v in value.items()))
    if isinstance(value, (set, frozenset)):
        return (type(value), frozenset(frozen(v) for v in value))
    if isinstance(value, Variable):
        return (Variable, id(value))
    if isinstance(value, Op):
        return op_key(value)
    try:
        hash(value)
    except TypeError:
        return (type(value), id(value))
    return (type(value), value)


def op_key(op: Any) -> Any:
    """What must agree for two ops to be the same: class and parameters; identity where a user op tells
    nothing."""
    cls = type(op)
    if cls is Elemwise:
        scalar = op.scalar_op
        name = row_name(scalar)
        if name is not None and rows.get(name) is scalar:
            return (Elemwise, name)
        return (Elemwise, op_key(scalar))
    if dataclasses.is_dataclass(op):
        return (cls, tuple([frozen(getattr(op, f.name)) for f in dataclasses.fields(op) if f.compare]))
    props = getattr(op, "__props__", None)
    if props is not None:
        return (cls, tuple([frozen(getattr(op, p)) for p in props]))
    if isinstance(op, ScalarOp) or (
        cls.__eq__ is not object.__eq__ and cls.__hash__ not in (None, object.__hash__)
    ):
        return (cls, op)
    return id(op)


def constant_key(constant: Constant) -> Any:
    """Dtype, pattern, shape and bytes; identity for big ones and for what is no array."""
    data = constant.data
    if isinstance(data, np.ndarray) and data.dtype != object and data.size <= MERGE_LIMIT:
        return (constant.type, data.shape, data.tobytes())
    return id(constant)


# -- small tools for rules -----------------------------------------------------------------------------------


def row_of(variable: Variable) -> str | None:
    """The name of the elementwise row that makes a variable, or None."""
    owner = variable.owner
    if owner is None or type(owner.op) is not Elemwise:
        return None
    scalar = owner.op.scalar_op
    return _row_names.get(type(scalar)) or row_name(scalar)


_row_names: dict[type, str | None] = {}


def row_name(scalar: Any) -> str | None:
    """The name of the row that a scalar op is; None for user ops, subclasses of rows among them."""
    cls = type(scalar)
    if cls is Cast:
        return "convert_to_" + scalar.dtype
    if cls not in _row_names:
        name = getattr(cls, "key", None)
        _row_names[cls] = name if name is not None and type(rows.get(name)) is cls else None
    return _row_names[cls]


def made_by(variable: Variable, *classes: type) -> Any:
    """The apply node of a variable if its op is of one of the classes, else None."""
    owner = variable.owner
    return owner if owner is not None and isinstance(owner.op, classes) else None


def like(value: Any, variable: Any) -> Constant:
    """A 0-d constant of the dtype of a variable."""
    type_ = TensorType(variable.type.dtype, ())
    with np.errstate(all="ignore"):
        return type_.constant_class(type_, np.asarray(value).astype(type_.dtype))


def number_of(variable: Variable) -> Any:
    """The number (numpy scalar) that all elements of a variable are known to equal, or None.

    Looks through dimshuffles, fills and casts.
    """
    for _ in range(8):
        value = scalar_constant(variable)
        if value is not None:
            return value[()]
        owner = variable.owner
        if owner is None:
            if (
                isinstance(variable, Constant)
                and isinstance(variable.data, np.ndarray)
                and variable.data.size
            ):
                first = variable.data.flat[0]
                return first if 1 < variable.data.size <= 64 and (variable.data == first).all() else None
            return None
        if type(owner.op) is DimShuffle or (type(owner.op).__name__ == "Alloc"):
            variable = owner.inputs[0]
        elif row_of(variable) == "second":
            variable = owner.inputs[1]
        else:
            return None
    return None


def is_number(variable: Variable, value: float) -> bool:
    """True if every element is known to equal the number."""
    found = number_of(variable)
    return found is not None and bool(found == value)


def spread(variable: Any, model: Any) -> Any:
    """``variable`` in the shape of ``model``: filled only where its own type does not have that pattern."""
    if variable.type.ndim == model.type.ndim and variable.type.broadcastable == model.type.broadcastable:
        return variable
    return table["second"](model, variable)


def cast_to(variable: Any, dtype: str) -> Any:
    """``variable`` in a dtype; itself where it is of that dtype."""
    return variable if variable.type.dtype == dtype else rows["convert_to_" + dtype](variable)


# -- the rebuild ---------------------------------------------------------------------------------------------


class Rewriter:
    """One rebuild of a graph. ``fired`` counts how often each rule was used; ``log`` keeps (rule, node)
    pairs."""

    def __init__(self, rules: Iterable[Rule], fold: bool = True, log: list | None = None, stage: int = 0):
        #: for graphs within graphs, which are simplified by the same rules once in each pass
        self.rules, self.stage = list(rules), stage
        self.by_row: dict[str, list[Rule]] = {}
        self.by_class: dict[type, list[Rule]] = {}
        for r in self.rules:
            for on in r.on:
                if isinstance(on, str):
                    self.by_row.setdefault(on, []).append(r)
                else:
                    self.by_class.setdefault(on, []).append(r)
        self._classes: dict[type, list[Rule]] = {}
        self.fold = fold
        self.verbose = bool(config.optimizer_verbose)
        self.log = log
        self.done: dict[Variable, Variable] = {}
        self.pool: dict[Any, Apply] = {}
        self.constants: dict[Any, Constant] = {}
        self._keys: dict[int, tuple[Any, Any]] = {}
        self._types: dict[tuple[int, str], Any] = {}
        self.fired: dict[str, int] = {}
        #: what ops that hold graphs became, by their keys
        self.held: dict[Any, Any] = {}
        self.path: set[Apply] = set()
        self.budget = 0
        self._uses: dict[Variable, int] = {}
        self._asked: dict[Variable, int] = {}

    def run(self, outputs: Sequence[Variable]) -> list[Variable]:
        """The simplest forms of the outputs."""
        # rules are written so that they end; a pair that feeds each other stops here, with a graph that is
        # right
        order = toposort(outputs)
        self.budget = 10_000 + 20 * len(order)
        self._count(order, outputs)
        for output in outputs:
            if output not in self.done:
                self._simplify(output)
        return [self.done[o] for o in outputs]

    def uses(self, x: Variable) -> int:
        """How many nodes and outputs of the old graph use the value (not only the shape) of what became
        ``x``."""
        return self._uses.get(x, 0)

    def _count(self, order: Sequence[Apply], outputs: Sequence[Variable]) -> None:
        asked = self._asked
        for node in order:
            if node.op.__class__ is Elemwise and row_name(node.op.scalar_op) == "second":
                shape_only, values = node.inputs[0], node.inputs[1:]
                asked.setdefault(shape_only, 0)
            else:
                values = node.inputs
            for x in values:
                asked[x] = asked.get(x, 0) + 1
        for o in outputs:
            asked[o] = asked.get(o, 0) + 1

    # -- one variable at a time, depth first, without recursion

    def _simplify(self, output: Variable) -> None:
        done, path = self.done, self.path
        waiting: dict[Apply, tuple[Apply, Sequence[Variable], bool]] = {}
        stack: list[Variable] = [output]
        while stack:
            v = stack[-1]
            if v in done:
                stack.pop()
                continue
            node = v.owner
            if node is None:
                done[v] = self._leaf(v)
                stack.pop()
                continue
            if node in waiting:
                twin, becomes, asked = waiting[node]
                missing = [b for b in becomes if b not in done]
                if missing and not asked:
                    waiting[node] = (twin, becomes, True)
                    stack.extend(missing)
                    continue
                del waiting[node]
                path.discard(twin)
                self._settle(node, twin, twin.outputs if missing else [done[b] for b in becomes])
                stack.pop()
                continue
            missing = [x for x in node.inputs if x not in done]
            if missing:
                missing.reverse()
                stack.extend(missing)
                continue
            twin = self._intern(node, [done[x] for x in node.inputs])
            if twin.outputs[0] in done:  # met before, already simplified
                self._settle(node, twin, [done[o] for o in twin.outputs])
                stack.pop()
                continue
            becomes = None if twin in path else self._become(twin)
            if becomes is None:  # nothing to do, or a rule gave back what it was shown, wrapped
                self._settle(node, twin, twin.outputs)
                stack.pop()
            else:
                path.add(twin)
                waiting[node] = (twin, becomes, False)

    def _settle(self, node: Apply, twin: Apply, finals: Sequence[Variable]) -> None:
        done, asked, uses = self.done, self._asked, self._uses
        for old, mine, final in zip(node.outputs, twin.outputs, finals, strict=True):
            done[old] = final
            n = asked.get(old)
            if n is not None:
                uses[final] = uses.get(final, 0) + n
            done.setdefault(mine, final)
            done.setdefault(final, final)

    def _leaf(self, v: Variable) -> Variable:
        if not isinstance(v, Constant):
            return v
        return self.constants.setdefault(constant_key(v), v)

    def key(self, op: Any) -> Any:
        """The key of an op, worked out once for each object."""
        known = self._keys.get(id(op))
        if known is None:
            known = self._keys[id(op)] = (op_key(op), op)  # keeps the op alive, so that its id stays its own
        return known[0]

    def _intern(self, node: Apply, ins: list[Variable]) -> Apply:
        op = node.op
        same = all(a is b for a, b in zip(ins, node.inputs, strict=True))
        if op.effects:
            return node if same else node.clone_with_new_inputs(ins)
        if type(op) is Elemwise and len(ins) > 1 and any(isinstance(x, Constant) for x in ins):
            dtype = node.outputs[0].type.dtype
            key = (
                self.key(op),
                *[self._number_key(x, dtype) if isinstance(x, Constant) else id(x) for x in ins],
            )
        else:
            key = (self.key(op), *[id(x) for x in ins])
        try:
            found = self.pool.get(key)
        except TypeError:  # a user op with a hash of its own that fails
            return node if same else node.clone_with_new_inputs(ins)
        if (
            found is not None
            and len(found.outputs) == len(node.outputs)
            and all(a.type == b.type for a, b in zip(found.outputs, node.outputs, strict=True))
        ):
            return found
        twin = node if same else node.clone_with_new_inputs(ins)
        self.pool[key] = twin
        return twin

    def _number_key(self, x: Constant, dtype: str) -> Any:
        """A key that is the same for 1 and 1.0 where both are used as the number of that dtype."""
        key = (id(x), dtype)
        known = self._types.get(key)
        if known is None:
            known = id(x)
            if isinstance(x.data, np.ndarray) and x.data.size == 1 and x.data.dtype.kind in "iuf":
                with np.errstate(all="ignore"):
                    cast = x.data.astype(dtype)
                if cast.dtype.kind in "f" and cast.reshape(())[()] == x.data.reshape(())[()]:
                    known = (x.data.shape, dtype, cast.tobytes())
            self._types[key] = known
        return known

    def _become(self, node: Apply) -> Sequence[Variable] | None:
        """What the first fitting rule makes of a node, or None."""
        op = node.op
        if type(op) is Elemwise and op.inplace_pattern:
            return op.out_of_place(node)
        if self.fold and node.inputs and not op.effects:
            for x in node.inputs:
                if not isinstance(x, Constant):
                    break
            else:
                folded = fold(node)
                if folded is not None:
                    return [self._leaf(c) for c in folded]
        cls = type(op)
        if cls is Elemwise:
            rules = self.by_row.get(row_name(op.scalar_op))
        else:
            rules = self._classes.get(cls)
            if rules is None:
                rules = [r for c in cls.__mro__ for r in self.by_class.get(c, ())]
                self._classes[cls] = rules
        if not rules:
            return None
        for r in rules:
            try:
                found = r.become(node, self)
            except Exception as error:  # a rule that fails must not cost the user the function
                _complain(r, node, error)
                continue
            if found is None:
                continue
            found = [found] if isinstance(found, Variable) else list(found)
            if found[0] is node.outputs[0]:
                continue
            fitted = [_fit(old, new) for old, new in zip(node.outputs, found, strict=True)]
            if any(f is None for f in fitted):
                continue
            self.budget -= 1
            if self.budget < 0:
                return None
            self.fired[r.name] = self.fired.get(r.name, 0) + 1
            if self.log is not None:
                self.log.append((r.name, node))
            if self.verbose:
                sys.stdout.write(f"rewriting: {r.name} replaces {node.outputs[0]} of {node} with {fitted[0]}\n")
            self._give_place(node, fitted)
            return fitted
        return None

    def _give_place(self, node: Apply, made: Sequence[Variable]) -> None:
        """New nodes carry the user's line of the node that they replace."""
        stack = list(made)
        while stack:
            owner = stack.pop().owner
            if owner is None or owner is node or owner.outputs[0] in self.done or owner.place is node.place:
                continue
            owner.place = node.place
            stack.extend(owner.inputs)


def _complain(r: Rule, node: Apply, error: Exception) -> None:
    reaction = config.on_opt_error
    if reaction == "raise" or reaction == "pdb":
        raise error
    if reaction == "warn":
        warnings.warn(
            f"the rewrite {r.name} failed on {node.op}: {type(error).__name__}: {error}", stacklevel=2
        )


def _fit(old: Variable, new: Variable) -> Variable | None:
    """``new`` as a variable of the type of ``old``, or None where that cannot be."""
    mine, theirs = old.type, new.type
    if mine == theirs:
        return new
    if not isinstance(mine, TensorType) or not isinstance(theirs, TensorType):
        return None
    if mine.dtype != theirs.dtype or mine.ndim != theirs.ndim:
        return None
    convert = table.get("patternbroadcast")
    return None if convert is None else convert(new, mine.broadcastable)


def fold(node: Apply) -> list[Constant] | None:
    """The outputs of a node of constants, as constants; None where it is large, fails or may not be run."""
    op = node.op
    if not all(isinstance(x.data, np.ndarray) for x in node.inputs) or not all(
        isinstance(o.type, TensorType) for o in node.outputs
    ):
        return None
    may = getattr(op, "do_constant_folding", None)
    if may is not None and not may(node):
        return None
    size = sum(x.data.size for x in node.inputs)
    name = type(op).__name__
    if name in _MAKERS and _made_size(name, node) > FOLD_LIMIT:
        return None
    try:
        with np.errstate(all="ignore"):
            found = performer(node)([x.data for x in node.inputs])
            results = []
            for given, o in zip(found, node.outputs, strict=True):
                value = np.asarray(given)
                if given is None or value.dtype != o.type.numpy_dtype or value.ndim != o.type.ndim:
                    return None
                if value.size > max(FOLD_LIMIT, size):
                    return None
                # own memory, so that a view of a broadcast does not travel along
                results.append(o.type.constant_class(o.type, np.array(value)))
    except Exception:  # whatever it raises is for the call to raise, with the user's line
        return None
    return results


def _made_size(name: str, node: Apply) -> float:
    numbers = [float(x.data.reshape(-1)[0]) if x.data.size == 1 else float(x.data.size) for x in node.inputs]
    if name == "ARange":
        start, stop, step = numbers
        return abs((stop - start) / step) if step else 0
    sizes = numbers[:2] if name in ("Eye", "Tri") else numbers[1:] if name == "Alloc" else numbers
    return float(np.prod(sizes)) if sizes else 1.0


__all__ = [
    "FOLD_LIMIT",
    "Rewriter",
    "Rule",
    "cast_to",
    "constant_key",
    "fold",
    "frozen",
    "is_number",
    "like",
    "made_by",
    "number_of",
    "op_key",
    "row_of",
    "rule",
    "spread",
]
