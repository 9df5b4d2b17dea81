"""Recording torch calls into an fx graph. fx's own proxies map a pytree over every argument of every call; what
``lower`` passes is numbers, dtypes, proxies and flat lists of them, so half of the time of lowering is saved here."""

from __future__ import annotations

from typing import Any

import torch
import torch.fx
from torch.overrides import is_tensor_method_or_property

_PLAIN = (int, float, bool, str, complex, type(None), torch.dtype, torch.device, torch.fx.Node)


#: whether a function is a method of tensors: torch changes the filters of warnings each time it is asked
_methods: dict[Any, bool] = {}


class Recorded(torch.fx.Proxy):
    """The record of a value; torch functions and methods called on it are recorded too."""

    @classmethod
    def __torch_function__(cls, orig_method: Any, types: Any, args: Any = None, kwargs: Any = None) -> Any:
        tracer = _tracer(args) or _tracer((kwargs or {}).values())
        known = _methods.get(orig_method)
        if known is None:
            known = _methods[orig_method] = is_tensor_method_or_property(orig_method)
        if known:
            return tracer.create_proxy("call_method", orig_method.__name__, args, kwargs or {})
        return tracer.create_proxy("call_function", orig_method, args, kwargs or {})


def _tracer(values: Any) -> Any:
    for value in values:
        if isinstance(value, torch.fx.Proxy):
            return value.tracer
        if isinstance(value, (list, tuple)):
            found = _tracer(value)
            if found is not None:
                return found
    return None


class Recorder(torch.fx.proxy.GraphAppendingTracer):
    """Appends calls to an fx graph."""

    def create_arg(self, a: Any) -> Any:
        """An argument as fx stores it: proxies become their nodes."""
        if isinstance(a, torch.fx.Proxy):
            return a.node
        if isinstance(a, _PLAIN):
            return a
        if type(a) is list:
            return [self.create_arg(x) for x in a]
        if type(a) is tuple:
            return tuple([self.create_arg(x) for x in a])
        if isinstance(a, slice):
            return slice(self.create_arg(a.start), self.create_arg(a.stop), self.create_arg(a.step))
        return super().create_arg(a)

    def create_proxy(self, kind: str, target: Any, args: Any, kwargs: Any, name: str | None = None,
                     type_expr: Any = None, proxy_factory_fn: Any = None) -> Recorded:
        """Record one call."""
        node = self.graph.create_node(
            kind, target, tuple([self.create_arg(a) for a in args]),
            {k: self.create_arg(v) for k, v in kwargs.items()} if kwargs else {}, name,
        )
        return Recorded(node, self)

    def proxy(self, node: torch.fx.Node) -> Recorded:
        """The record of a node."""
        return Recorded(node, self)
