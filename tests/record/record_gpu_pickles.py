"""Pickles as machines with a GPU wrote them, made on one without: Theano's own classes where they are there (gpuarray),
else classes that pickle as theirs did (sandbox.cuda, which Theano 0.9 was the last to have).

Run with the oracle's Python 3.8, and 2.7 (Theano 1.0.5):
    THEANO_FLAGS=cxx=,traceback.limit=0,floatX=float32 python tests/record/record_gpu_pickles.py
Writes tests/data/pickles/gpu/BACKEND_pyN.pkl.gz; the numbers in them are those that tests/test_gpu_pickles.py says.
"""

import gzip
import os
import pickle
import sys
import types
import warnings

import numpy as np
import six.moves.copyreg as copyreg
import theano
import theano.gpuarray.basic_ops
import theano.gpuarray.type as new
import theano.tensor as T
from theano.compile import SharedVariable
from theano.gof import Apply, Container, Op, Type, Variable
from theano.tensor.var import _tensor_py_operators

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "..", "data", "pickles", "gpu")
OLD = "theano.sandbox.cuda"


class Card(object):
    """An array on a card, of which pickling sees the values."""

    def __init__(self, values, back):
        self.values, self.back = np.asarray(values), back
        self.dtype, self.ndim = self.values.dtype, self.values.ndim

    def __reduce__(self):
        return self.back(self.values)


# -- the second back end -------------------------------------------------------------------------------------


def without_card():
    """Let Theano's types be made without a card."""
    new.get_context = lambda name: None
    new.gpuarray = types.SimpleNamespace if sys.version_info[0] == 3 else type("gpuarray", (object,), {})
    new.gpuarray = new.gpuarray()
    new.gpuarray.dtype_to_typecode = lambda dtype: 11


def new_shared(values, name):
    kind = new.GpuArrayType(str(values.dtype), (False,) * values.ndim, None)
    held = Card(values, lambda v: (new.GpuArray_unpickler, (v, None)))
    return new.GpuArraySharedVariable(name, kind, None, None, container=Container(kind, [held], name=name))


# -- the first back end --------------------------------------------------------------------------------------


def module(name):
    made = types.ModuleType(name)
    sys.modules[name] = made
    return made


def placed(module_name):
    """Let a class or function be pickled as one of that module."""

    def place(thing):
        thing.__module__ = module_name
        if hasattr(thing, "__qualname__"):
            thing.__qualname__ = thing.__name__
        setattr(sys.modules[module_name], thing.__name__, thing)
        return thing

    return place


for part in ("", ".type", ".var", ".basic_ops", ".elemwise"):
    module(OLD + part)


@placed(OLD + ".type")
class CudaNdarrayType(Type):
    typenum, dtype = 11, "float32"

    def __init__(self, broadcastable, name=None):
        self.broadcastable, self.name = tuple(broadcastable), name

    ndim = property(lambda self: len(self.broadcastable))

    def filter(self, data, strict=False, allow_downcast=None):
        return data

    def make_variable(self, name=None):
        return CudaNdarrayVariable(self, name=name)


@placed(OLD + ".type")
def CudaNdarray_unpickler(values):
    return Card(values, lambda v: (CudaNdarray_unpickler, (v,)))


class OnCard(_tensor_py_operators):
    dtype = property(lambda self: "float32")
    broadcastable = property(lambda self: self.type.broadcastable)

    def _as_TensorVariable(self):
        return HostFromGpu()(self)


@placed(OLD + ".var")
class CudaNdarrayVariable(OnCard, Variable):
    pass


@placed(OLD + ".var")
class CudaNdarraySharedVariable(OnCard, SharedVariable):
    pass


@placed(OLD + ".basic_ops")
class HostFromGpu(Op):
    __props__ = ()

    def make_node(self, x):
        return Apply(self, [x], [T.TensorType("float32", x.broadcastable)()])


@placed(OLD + ".basic_ops")
class GpuFromHost(Op):
    __props__ = ()

    def make_node(self, x):
        return Apply(self, [x], [CudaNdarrayType(x.broadcastable)()])


@placed(OLD + ".elemwise")
class GpuElemwise(Op):
    """An op that only a compiled graph held."""

    def __init__(self):
        self.scalar_op, self.inplace_pattern = theano.scalar.add, {0: 0}


def old_shared(values, name):
    kind = CudaNdarrayType((False,) * values.ndim)
    held = Card(values, lambda v: (CudaNdarray_unpickler, (v,)))
    return CudaNdarraySharedVariable(name, kind, None, None, container=Container(kind, [held], name=name))


# -- what is pickled -----------------------------------------------------------------------------------------


def thing(shared, to_card, op):
    w = shared(np.arange(6, dtype="float32").reshape(3, 2) / 10, "w")
    b = shared(np.array([1, -1], "float32"), "b")
    x, y = T.matrix("x"), T.vector("y")
    cost = ((T.dot(x, w) + b - y) ** 2).sum()
    # where a program asks for the gradient of what is on the host, the update goes to the card
    host = [v._as_TensorVariable() for v in (w, b)]
    updates = [(v, to_card(h - h * 0.5)) for v, h in zip((w, b), host)]
    return {"params": [w, b], "x": x, "y": y, "cost": cost, "updates": updates, "type": w.type, "alone": op,
            "value": w.container.storage[0]}


def main():
    warnings.simplefilter("ignore")
    without_card()
    assert copyreg
    if not os.path.isdir(FOLDER):
        os.makedirs(FOLDER)
    made = {
        "cuda": thing(old_shared, lambda x: GpuFromHost()(x), GpuElemwise()),
        "gpuarray": thing(new_shared, lambda x: theano.gpuarray.basic_ops.GpuFromHost(None)(x),
                          theano.gpuarray.basic_ops.GpuContiguous()),
    }
    for name, found in made.items():
        for protocol in (0, 2):
            path = os.path.join(FOLDER, "%s_%d_py%d.pkl.gz" % (name, protocol, sys.version_info[0]))
            with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as file:
                pickle.dump(found, file, protocol)


if __name__ == "__main__":
    main()
