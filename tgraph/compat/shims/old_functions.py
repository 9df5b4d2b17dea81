"""Compiled functions in old pickles: made again from the inputs, outputs and updates that the pickle holds.

Theano pickled the graph as its user wrote it and the one it had rewritten, with what its rewriting noted about it.
The first is compiled here; the second is read, because it stands in the file, and let go.
"""

from __future__ import annotations

import threading
from typing import Any

from tgraph.arguments import In, SymbolicOutput
from tgraph.config import config
from tgraph.function import Function, FunctionMaker, function
from tgraph.ops.composite import Composite
from tgraph.shared import Container, SharedVariable
from tgraph.types import Scalar

__all__ = ["BNComposite", "Link", "Noted", "_constructor_Function", "_constructor_FunctionMaker", "_metadict"]


class Noted:
    """What rewriting noted about a graph. It opens, and does nothing."""

    def __setstate__(self, state: Any) -> None:
        self.state = state


class Link(Noted):
    """A link of a set that was kept as a chain: (its element)."""


class _metadict(Noted):
    """A dictionary that took unhashable keys."""


class BNComposite(Composite):
    """(x - mean) / std * gamma + beta on numbers of one dtype, which batch normalization was made of."""

    init_param = ("dtype",)

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        x, mean, std, gamma, beta = inputs = [Scalar(dtype)() for _ in range(5)]
        super().__init__(inputs, [(x - mean) / std * gamma + beta])


def _constructor_FunctionMaker(facts: dict[str, Any]) -> Any:
    """A maker as the oldest pickles hold it: a dictionary of what it was made with."""
    maker = FunctionMaker.__new__(FunctionMaker)
    maker.__dict__.update(facts)
    return maker if config.unpickle_function else None


_compiling = threading.RLock()


class _Later(Function):
    """A function of an old pickle, which is compiled when it is first used: the loops of a graph that Theano rewrote
    hold functions of their steps, and nobody calls those."""

    def __new__(cls, *args: Any) -> Any:
        return object.__new__(cls)

    def __init__(self, facts: dict[str, Any], input_storage: list[Any], trust_input: bool) -> None:
        self._pending = facts, input_storage
        self.name = getattr(facts.get("fgraph"), "name", None) or facts.get("name")
        self.trust_input = trust_input

    def _become(self) -> None:
        """Be the compiled function from now on."""
        with _compiling:
            if type(self) is not _Later:
                return  # another thread was first
            made = _compiled(*self._pending)
            kept = {key: value for key, value in self.__dict__.items() if key != "_pending"}
            self.__dict__ = {**made.__dict__, **kept}
            self.__class__ = type(made)  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        if "_pending" not in self.__dict__:
            raise AttributeError(name)
        self._become()
        return getattr(self, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._become()
        return self(*args, **kwargs)


def _constructor_Function(
    maker: Any, input_storage: list[Any], inputs_data: list[Any], trust_input: bool = False
) -> Any:
    """The function, whose inputs and shared variables hold what they held; None where the flag says so."""
    if not config.unpickle_function or maker is None:
        return None
    return _Later(vars(maker), input_storage, trust_input)


def _compiled(facts: dict[str, Any], input_storage: list[Any]) -> Any:
    """The function of these facts about its maker."""
    inputs, updates = [], []
    for i, (spec, box) in enumerate(zip(facts["inputs"], input_storage, strict=True)):
        if isinstance(spec.variable, SharedVariable):
            if spec.update is not None:
                updates.append((spec.variable, spec.update))
            continue
        needed = facts["required"][i] if "required" in facts else getattr(spec, "value", None) is None
        inputs.append(
            In(
                spec.variable,
                name=spec.name,
                value=None if needed else box.data if isinstance(box, Container) else box,
                update=spec.update,
                mutable=spec.mutable,
                strict=spec.strict,
                allow_downcast=getattr(spec, "allow_downcast", None),
                borrow=getattr(spec, "borrow", None),
            )
        )
    found = facts["outputs"]
    single = not isinstance(found, (list, tuple))  # so before Theano 1.0
    outputs: Any = [SymbolicOutput(o.variable, getattr(o, "borrow", False)) for o in ([found] if single else found)]
    if facts.get("output_keys"):
        outputs = dict(zip(facts["output_keys"], outputs, strict=True))
    elif facts.get("return_none"):
        outputs = None
    elif (single or facts.get("unpack_single")) and len(outputs) == 1:
        (outputs,) = outputs
    return function(
        inputs,
        outputs,
        mode=facts.get("mode"),
        updates=updates,
        no_default_updates=True,
        accept_inplace=bool(facts.get("accept_inplace")),
        name=getattr(facts.get("fgraph"), "name", None) or facts.get("name"),
        on_unused_input="ignore",
    )
