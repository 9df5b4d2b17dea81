"""The modern face: every public function on tensors under one name. Re-exports, nothing else."""

from tgraph.derivatives import *
from tgraph.errors import AsTensorError, EmptyConstantError, NotScalarConstantError
from tgraph.grad import Lop, Rop, grad
from tgraph.graph import Apply, Constant, Op, Variable
from tgraph.operators import (
    TensorConstant,
    TensorVariable,
    _tensor_py_operators,
    as_tensor,
    as_tensor_variable,
    constant,
)
from tgraph.ops import fft, nnet
from tgraph.ops import sparse as _sparse
from tgraph.ops.arithmetic import *
from tgraph.ops.assertion import *
from tgraph.ops.barriers import *
from tgraph.ops.choose import *
from tgraph.ops.constants import extract_constant, get_scalar_constant_value, get_vector_length, numpy_scalar
from tgraph.ops.covariance import *
from tgraph.ops.create import *
from tgraph.ops.cumulative import *
from tgraph.ops.decompositions import *
from tgraph.ops.diagonals import *
from tgraph.ops.disk import *
from tgraph.ops.elemwise import DimShuffle, Elemwise, dimshuffle
from tgraph.ops.elemwise import elemwise as _elemwise
from tgraph.ops.index import *
from tgraph.ops.join import *
from tgraph.ops.linalg import *
from tgraph.ops.matrices import *
from tgraph.ops.permute import *
from tgraph.ops.places import *
from tgraph.ops.python_values import *
from tgraph.ops.reduce import *
from tgraph.ops.rows import rows as _rows
from tgraph.ops.search import *
from tgraph.ops.shape import *
from tgraph.ops.solve import *
from tgraph.ops.sort import *
from tgraph.ops.topk import *
from tgraph.types import (
    TensorType,
    all_dtypes,
    as_common_dtype,
    complex_dtypes,
    continuous_dtypes,
    discrete_dtypes,
    float_dtypes,
    int_dtypes,
    integer_dtypes,
    uint_dtypes,
    upcast,
)

# every row of the elementwise table under its own name, unless a function took it already
for _name, _row in _rows.items():
    globals().setdefault(_name, _elemwise(_row))
