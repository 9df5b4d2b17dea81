"""Lists of arrays as variables."""

import pickle

import numpy as np
import theano
import theano.tensor as T
from theano.tensor.type_other import SliceType
from theano.typed_list import TypedListConstant, TypedListType, length, make_list
from theano.typed_list.basic import Append, Insert, Remove

floatX = theano.config.floatX
L = TypedListType(T.matrix().type)
x, m, i = L("x"), T.matrix("m"), T.lscalar("i")
print(str(L).replace(floatX, "floatX"), x, x.ndim, L.ndim, L.get_depth(), TypedListType(L, 2).get_depth())
print(L == TypedListType(T.matrix().type), L == TypedListType(T.vector().type), TypedListType(L) == L)
for wrong in (
    lambda: TypedListType(3), lambda: TypedListType(L, -1), lambda: x.append(T.vector()), lambda: x[m],
    lambda: x.extend(m), lambda: x.insert(T.iscalar(), m), lambda: x.ind(T.vector()), lambda: make_list(m),
    lambda: make_list([m, T.vector()]), lambda: L.filter(3), lambda: L.filter([3]),
):  # fmt: skip
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__)
print(x[0], x[i], x[0:2], x.append(m), x.reverse(), length(x), x.insert(i, m), x.remove(m), x.ind(m), x.count(m))
print(x[0].type == m.type, x[0:2].type == L, length(x).type)
theano.printing.debugprint(x.append(m)[0:2][i])


def show(value):
    if isinstance(value, list):
        return [show(v) for v in value]
    return np.asarray(value).tolist()


A, B = np.ones((2, 2), floatX), np.zeros((1, 3), floatX)
outputs = [x.append(m), x.extend(x), x.insert(i, m), x.remove(m), x.reverse(), x.ind(m), x.count(m), length(x), x[i],
           x[0:1], x[-1], x[::-1]]  # fmt: skip
for mode in ("FAST_RUN", "FAST_COMPILE"):
    f = theano.function([x, m, i], outputs, mode=mode)
    for result in f([A, B], B, 1):
        print(show(result))
for bad in (((A, B), B, 5), ([A, 3], B, 0), ([A, np.ones(2)], B, 0), (3, B, 0)):
    try:
        f(*bad)
    except Exception as error:
        print(type(error).__name__)
s = SliceType()("s")
print(show(theano.function([x, s], x[s])([A, B, A], slice(1, None))))
print(theano.shared([A, B]).type, show(theano.function([], TypedListConstant(L, [A, B])[1])()))
n = TypedListType(T.vector().type, 1)("n")
f = theano.function([n], [n[0][1], n.reverse()[0], length(n[1])])
print([show(r) for r in f([[[1.0, 2.0], [3.0]], [[4.0]]])])
print(show(theano.function([m], make_list([m, m * 2]))(B + 1)))
print(show(theano.function([x], (x[0] + x[1]).sum() * 2)([A, A])))
print(show(theano.function([x], x.append(x[0]).reverse().remove(x[0]))([B, A, B])))
y = pickle.loads(pickle.dumps(x.append(m)))
print(y)
print(show(pickle.loads(pickle.dumps(theano.function([x, m], x.append(m))))([A], B)))
for op in (Append(True), Remove(True)):
    print(show(theano.function([x, m], op(x, m), accept_inplace=True)([A, B], B)))
try:
    theano.function([x, m, i], Insert(True)(x, i, m))
except TypeError:
    print("not in place")
