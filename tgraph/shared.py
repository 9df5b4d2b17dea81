"""``SharedVariable``: a named box around one persistent value (a torch tensor for arrays), and ``shared``."""

from __future__ import annotations

import copy
import functools
import importlib
import itertools
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tgraph.config import ConfigWarning, config, warn
from tgraph.graph import Type, Variable, user_line
from tgraph.operators import TensorOperators, TensorVariable
from tgraph.types import TensorType, generic
from tgraph.values import to_numpy, to_value

#: held for a moment while several boxes are read or written, so that readers see all of a call's updates or
#: none
committing = threading.Lock()
_orders = itertools.count()


class _Busy:
    """Stands in a box, under ``committing``, while parts of its tensor are written in place."""

    def __repr__(self) -> str:
        return "<being written>"


BUSY = _Busy()


def read_later(storage: list[Any]) -> Any:
    """What is in a box, once nobody writes in place there."""
    with committing:
        return storage[0]


class Container:
    """The box: ``storage[0]`` holds the value as the engines do, ``lock`` guards writers.

    Readers need no lock: a writer puts a new tensor into the box. Large tensors of which a call changes a part are
    written in place, and only where nobody else can see it: ``own`` must refer to the tensor (the box made it itself,
    and no array on its memory was handed out since), no reader may hold the tensor, and ``BUSY`` is in the box
    meanwhile, so that none can get hold of it.
    """

    def __init__(
        self,
        type: Type,
        storage: list[Any],
        readonly: bool = False,
        strict: bool = False,
        allow_downcast: bool | None = None,
        name: str | None = None,
    ):
        self.type, self.storage, self.readonly = type, storage, readonly
        self.strict, self.allow_downcast, self.name = strict, allow_downcast, name
        self.lock = threading.RLock()
        # calls that write several boxes lock them in this order
        self.order = next(_orders)
        self._seen: Any = None
        self.own: Any = None

    def held(self, lend: bool = False) -> Any:
        """What is in the box. ``lend``: its memory may be held from now on by someone who does not hold the tensor."""
        if lend:
            with self.lock:
                self.own = None
                return self.storage[0]
        held = self.storage[0]
        return read_later(self.storage) if held is BUSY else held

    def copied(self, held: Any) -> Any:
        """A copy of a tensor that may be written in place when it is in the box."""
        made = torch.clone(held, memory_format=torch.contiguous_format)
        self.own = weakref.ref(made)
        return made

    @property
    def value(self) -> Any:
        """The value as numpy sees it. Arrays share memory with the tensor in the box, and as long as it holds
        that tensor and someone holds the array, the array is the same object."""
        held, seen = self.held(lend=True), self._seen
        if not isinstance(held, torch.Tensor) or held.device.type != "cpu":
            return to_numpy(held)
        if seen is not None and seen[0]() is held and (array := seen[1]()) is not None:
            return array
        array = to_numpy(held)
        self._seen = weakref.ref(held), weakref.ref(array)
        return array

    def put(self, value: Any) -> None:
        """Put a value of the box's type into it, as it is."""
        held = to_value(value, device_of(self.type))
        with self.lock:
            self.storage[0] = held
            if isinstance(value, np.ndarray) and isinstance(held, torch.Tensor):
                shares = held.device.type == "cpu" and held.data_ptr() == value.ctypes.data
                self._seen = (weakref.ref(held), weakref.ref(value)) if shares else None

    @value.setter
    def value(self, value: Any) -> None:
        if self.readonly:
            raise Exception(f"Cannot set readonly storage: {self.name}")
        self.put(self.filtered(value))

    def filtered(self, value: Any) -> Any:
        """The value as the type takes it (None: no value); errors tell the name of the box."""
        if value is None:
            return None
        try:
            return self.type.filter(value, strict=self.strict, allow_downcast=self.allow_downcast)
        except Exception as error:
            error.args = (*error.args, f'Container name "{self.name}"')
            raise

    @property
    def data(self) -> Any:
        """As ``value``."""
        return self.value

    @data.setter
    def data(self, value: Any) -> None:
        self.value = value

    def __getstate__(self) -> dict:
        state = self.__dict__.copy()
        del state["lock"], state["order"], state["_seen"], state["own"]
        state["storage"] = [self.value, *map(to_numpy, self.storage[1:])]
        return state

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self.lock, self.order, self._seen, self.own = threading.RLock(), next(_orders), None, None
        self.storage = [to_value(v, device_of(self.type)) for v in self.storage]

    def __repr__(self) -> str:
        return f"<{self.value!r}>"


def device_of(type: Type) -> str:
    """Where values of a type live: floats on ``config.device``, everything else on the host's memory."""
    device = getattr(config, "device", "cpu")
    if (
        device == "cpu"
        or not isinstance(type, TensorType)
        or type.dtype not in ("float16", "float32", "float64")
    ):
        return "cpu"
    return usable(device)


@functools.cache
def usable(wanted: str) -> str:
    """A device of the flags as torch names it. Without such a GPU: the CPU, with a warning the first time.

    RuntimeError instead if the flag ``force_device`` is set.
    """
    number = wanted.removeprefix("cuda")
    if number == wanted:
        return "cpu"
    index = int(number) if number.isdigit() else 0
    if index < (torch.cuda.device_count() if torch.cuda.is_available() else 0):
        return f"cuda:{index}" if index else "cuda"
    if config.force_device:
        raise RuntimeError(
            f"device={wanted} cannot be used: torch sees {torch.cuda.device_count()} CUDA devices"
        )
    warn(f"device={wanted}: torch sees no such GPU, the CPU is used", ConfigWarning)
    return "cpu"


class SharedVariable(Variable):
    """A variable that holds a value of its own, kept between calls and shared by all functions that use it.

    ``default_update``, if set, is its new value after every call of a function that uses it.
    """

    default_update: Any
    container: Container

    def __init__(
        self,
        name: str | None,
        type: Type,
        value: Any,
        strict: bool | None,
        allow_downcast: bool | None = None,
        container: Container | None = None,
    ):
        super().__init__(type, None, None, name)
        if container is not None:
            if value is not None or strict is not None:
                raise TypeError("value and strict are ignored if you pass a container here")
            self.container = container
        else:
            filtered = type.filter(value, strict=strict, allow_downcast=allow_downcast)
            self.container = Container(
                type, [None], strict=bool(strict), allow_downcast=allow_downcast, name=name
            )
            self.container.put(filtered)

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any:
        """The value: an ndarray copy, or with ``borrow`` one that may share memory with the box."""
        held = self.container.held(lend=borrow)
        moved = isinstance(held, torch.Tensor) and held.device.type != "cpu"
        if return_internal_type and moved:
            return held if borrow else _copy(held)
        if borrow:
            return self.container.value
        return to_numpy(held) if moved else _copy(to_numpy(held))

    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Put a value into the box: copied, or with ``borrow`` possibly taken as it is.

        Raises TypeError or ValueError for a value that does not fit the type; the box then holds what it
        held.
        """
        array = self.container.filtered(new_value)
        if isinstance(array, np.ndarray):
            if not borrow and np.may_share_memory(array, new_value):
                array = array.copy()
        elif not borrow:
            array = _copy(array)
        self.container.put(array)

    def zero(self, borrow: bool = False) -> None:
        """Set all elements to zero."""
        self.set_value(np.zeros_like(self.get_value(borrow=True)), borrow=True)

    def get_value_shape(self) -> Any:
        """The shape of the value."""
        return tuple(self.get_value(borrow=True).shape)

    def clone(self) -> Any:
        """Another variable on the same box."""
        copied = type(self)(name=self.name, type=self.type, value=None, strict=None, container=self.container)
        copied.tag.update(self.tag)
        return copied

    def _no_value(self, *value: Any) -> Any:
        raise AttributeError(
            "sharedvar.value does not exist anymore. Use sharedvar.get_value() or sharedvar.set_value() "
            "instead."
        )

    value = property(_no_value, _no_value)

    def filter_update(self, update: Any) -> Any:
        """An update expression as a variable of this type, or TypeError."""
        return self.type.filter_variable(update)


def _copy(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, torch.Tensor):
        return value.clone()
    return copy.deepcopy(value)


class TensorSharedVariable(TensorOperators, SharedVariable):
    """A shared tensor."""

    _is_nonzero = True

    def __bool__(self) -> bool:
        return True

    ndim = TensorVariable.ndim
    broadcastable = TensorVariable.broadcastable
    dtype = TensorVariable.dtype

    def __len__(self) -> int:
        raise TypeError("object of type 'TensorSharedVariable' has no len(); use x.shape[0]")

    __iter__ = TensorVariable.__iter__
    __contains__ = TensorVariable.__contains__


class ScalarSharedVariable(TensorSharedVariable):
    """A shared 0-d tensor made from a number."""


def generic_constructor(
    value: Any, name: str | None = None, strict: bool = False, allow_downcast: bool | None = None
) -> SharedVariable:
    """A shared variable for any Python object."""
    return SharedVariable(type=generic, value=value, name=name, strict=strict, allow_downcast=allow_downcast)


def tensor_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Any = None,
    target: str = "cpu",
) -> TensorSharedVariable:
    """A shared tensor from an ndarray; no dimension is broadcastable unless ``broadcastable`` says so."""
    if not isinstance(value, np.ndarray):
        raise TypeError("not an ndarray")
    if not value.dtype.isnative:
        value = value.astype(value.dtype.newbyteorder("="))
    pattern = (False,) * value.ndim if broadcastable is None else broadcastable
    type = TensorType(value.dtype, broadcastable=pattern)
    return TensorSharedVariable(
        type=type,
        value=value if borrow else np.array(value, copy=True),
        name=name,
        strict=strict,
        allow_downcast=allow_downcast,
    )


def scalar_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    target: str = "cpu",
) -> ScalarSharedVariable:
    """A shared 0-d tensor from a number: int64, float64, bool, or the dtype of a numpy scalar.

    (A numpy bool is no number: it is held as the Python object that it is.)
    """
    if not isinstance(value, (np.number, float, int, complex)):
        raise TypeError("not a number")
    dtype = "float64" if type(value) is float else "int64" if type(value) is int else np.asarray(value).dtype
    try:
        array = np.array(value, dtype=dtype)
    except OverflowError as error:
        raise TypeError(str(error)) from error
    return ScalarSharedVariable(
        type=TensorType(array.dtype, ()), value=array, name=name, strict=strict, allow_downcast=allow_downcast
    )


#: asked in reverse order; one that does not take a value raises TypeError
constructors: list[Callable[..., Any]] = [generic_constructor, tensor_constructor, scalar_constructor]


def shared_constructor(ctor: Callable[..., Any], remove: bool = False) -> Callable[..., Any]:
    """Decorator: let ``shared`` ask this constructor too, before those it knows already."""
    if remove:
        constructors.remove(ctor)
    else:
        constructors.append(ctor)
    return ctor


def shared(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    **kwargs: Any,
) -> Any:
    """A shared variable that holds a copy of ``value`` (``borrow=True``: possibly the value itself).

    ndarrays and numbers become tensors of their own dtype (Python floats float64, ints int64), random
    generators and all other Python objects are held as they are. Raises TypeError for symbolic variables and
    for keywords that no constructor takes.
    """
    if isinstance(value, Variable):
        raise TypeError("Shared variable constructor needs numeric values and not symbolic variables.")
    if not isinstance(value, np.ndarray | np.generic | float | int):
        importlib.import_module("tgraph.tensor")  # constructors that stand upstairs: generators
    last = None
    for ctor in reversed(constructors):
        try:
            made = ctor(value, name=name, strict=strict, allow_downcast=allow_downcast, **kwargs)
        except TypeError as error:
            last = error
            continue
        made.place = user_line()
        return made
    raise TypeError(
        f"No suitable SharedVariable constructor could be found. Are you sure all kwargs are supported? "
        f"We do not support the parameter dtype or type. value={value!r}. parameters={kwargs}"
    ) from last
