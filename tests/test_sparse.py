"""Sparse matrices: every expression of sparse_lines.py against what the real Theano gave, and what no expression shows:
gradients by differences, pickles, shared variables, updates, memory, random matrices."""

import copy
import importlib
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import replay
import scipy.sparse as sp
import sparse_lines
import torch

import tgraph as tg
import tgraph.tensor as tt
from tgraph.errors import AsTensorError
from tgraph.ops import sparse

RECORDS = replay.load("sparse.json")["lines"]

#: errors of Theano where there is an answer here
ANSWERED = {
    "a[at[0], at[1]]": "an element by two integers of any dtype; Theano took int32 alone",
}
#: dtypes that Theano declared otherwise than its values were, and the dtype of both here
DECLARED = {
    "S.get_item_2lists(a, at, at)": "TensorType(float64, vector)",
}


@pytest.fixture(scope="module")
def bench():
    theano, _ = replay.legacy()
    recorder = importlib.import_module("record_sparse")
    return recorder.Bench(theano, sp)


def check(actual, record, line):
    if replay.encoding.is_error(record):
        if line not in ANSWERED:
            replay.check(actual, record, line)
        return
    assert not isinstance(actual, BaseException), f"{line}: {actual!r}"
    assert actual["format"] == record["format"], line
    assert actual["type"] == DECLARED.get(line, record["type"]), line
    replay.check(actual["value"], record["value"], line, atol=1e-12)
    for name, wanted in record["grads"].items():
        found = actual["grads"].get(name)
        if replay.encoding.is_error(wanted):
            continue  # no gradient there; a gradient here is tested by differences
        assert isinstance(found, dict), f"{line}: gradient for {name}: {found!r}"
        assert found["type"] == wanted["type"], f"{line}: gradient for {name}"
        replay.check(found["value"], wanted["value"], f"{line}: gradient for {name}", atol=1e-12)


@pytest.mark.parametrize("line", sparse_lines.LINES)
def test_line(bench, line):
    check(bench.record(line), RECORDS[line], line)


@pytest.mark.parametrize("mode", ["FAST_COMPILE", "DebugMode"])
def test_lines_in_other_modes(bench, mode):
    for line in sparse_lines.LINES[::3]:
        check(bench.record(line, mode), RECORDS[line], line)


# -- gradients by differences ----------------------------------------------------------------------------------------

A = sparse_lines.INPUTS["a"][1]
B = sparse_lines.INPUTS["b"][1]
E = sparse_lines.INPUTS["e"][1]
Q = sparse_lines.INPUTS["q"][1]


def pattern(format, value):
    """A function from the stored elements of a matrix to the matrix, and those elements."""
    m = getattr(sp, f"{format}_matrix")(value)
    return lambda data: sparse.CSM(format)(data, m.indices, m.indptr, m.shape), m.data


STRUCTURED = {
    "sum_of_formats": lambda x, y: x + y,
    "product_of_formats": lambda x, y: x * y,
    "tanh_times": lambda x, y: sparse.tanh(x) * y,
    "times_dense": lambda x, y: x * tt.exp(x.toarray()) + y,
    "product": lambda x, y: sparse.structured_dot(x, y.T),
    "true_product": lambda x, y: sparse.true_dot(x, y.T),
    "dot": lambda x, y: sparse.dot(x, y.T),
    "chain": lambda x, y: sparse.structured_dot(sparse.sqr(x), tt.tanh(sparse.structured_dot(y.T, E.T))),
    "stacked": lambda x, y: sparse.hstack([x, y * 2]),
    "below": lambda x, y: sparse.vstack([x * y, y]),
    "scaled": lambda x, y: sparse.col_scale(x, sparse.sp_sum(y, axis=0)),
    "row_scaled": lambda x, y: sparse.row_scale(x, sparse.sp_sum(y, axis=1, sparse_grad=True)),
    "number": lambda x, y: x * sparse.sp_sum(y),
    "vector": lambda x, y: sparse.mul_s_v(x, sparse.sp_sum(y, axis=0)),
    "added_vector": lambda x, y: sparse.structured_add_s_v(x, sparse.sp_sum(y, axis=0)),
    "rows": lambda x, y: x[[2, 0]] * y[[1, 0]],
    "elements": lambda x, y: x[[0, 1], [0, 3]] * y[[0, 1], [1, 1]],
    "clean": lambda x, y: sparse.clean(x) + sparse.ensure_sorted_indices(y),
    "cast": lambda x, y: x.astype("float64") - y,
    "diagonal": lambda x, y: sparse.square_diagonal(sparse.diag(sparse.true_dot(x, y.T))),
}


@pytest.mark.parametrize("formats", ["csr csr", "csc csc", "csr csc", "csc csr"])
@pytest.mark.parametrize("name", STRUCTURED)
def test_gradient_by_differences(name, formats):
    first, second = formats.split()
    (x, data), (y, other) = pattern(first, A), pattern(second, B)

    def of_data(u, v):
        found = STRUCTURED[name](x(u), y(v))
        return sparse.dense_from_sparse(found) if isinstance(found.type, sparse.SparseType) else found

    tt.verify_grad(of_data, [data, other], rng=np.random.RandomState(3))


def test_second_gradients_by_differences():
    (x, data), _ = pattern("csr", A), None

    def first(u, w):
        cost = tt.sqr(sparse.structured_dot(x(u), w)).sum()
        return tg.grad(cost, u)

    tt.verify_grad(first, [data, E], rng=np.random.RandomState(3))


def test_gradient_of_sampling_dot_by_differences():
    p = sp.csr_matrix(sparse_lines.INPUTS["p"][1])
    tt.verify_grad(lambda u, v: sparse.dense_from_sparse(sparse.sampling_dot(u, v, p)), [E[:3], E],
                   rng=np.random.RandomState(3))  # fmt: skip


def test_gradient_of_elements_stored_in_any_order():
    data = np.array([1.0, 2.0, 3.0, -1.0])
    indices, indptr = np.array([2, 0, 1, 1]), np.array([0, 3, 4])

    def f(u):
        x = sparse.CSR(u, indices, indptr, [2, 3])
        return sparse.dense_from_sparse(sparse.tanh(x) * 2 + sparse.ensure_sorted_indices(x))

    tt.verify_grad(f, [data], rng=np.random.RandomState(3))


# -- functions, shared variables, memory ---------------------------------------------------------------------------


def test_what_a_function_takes():
    x = sparse.csr_matrix("x", "float64")
    f = tg.function([x], x * 2)
    for value in (sp.csr_matrix(A), sp.csc_matrix(A), sp.coo_matrix(A), A, A.tolist()):
        found = f(value)
        assert found.format == "csr"
        np.testing.assert_array_equal(found.toarray(), 2 * A)
    with pytest.raises(NotImplementedError, match="Expected float64 dtype"):
        f(sp.csr_matrix(A.astype("float32")))
    lenient = tg.function([x], x * 2, allow_input_downcast=True)
    np.testing.assert_array_equal(lenient(A.astype("float32")).toarray(), 2 * A)
    with pytest.raises(TypeError, match="not sparse"):
        tg.function([tg.In(x, strict=True)], x)(A)


def test_results_do_not_share_memory():
    x, v = sparse.csr_matrix("x", "float64"), tt.dvector("v")
    value, stored = sp.csr_matrix(A), np.ones(3)
    made = sparse.CSR(v, [0, 1, 2], [0, 1, 2, 3], [3, 3])
    outputs = [x, x.T, x.T.T, sparse.csm_data(x), sparse.csm_indices(x), x[:, :], sparse.hstack([x])]
    before = value.copy()
    for found in tg.function([x], outputs)(value):
        array = found if isinstance(found, np.ndarray) else found.data
        array[...] = 77
    assert abs(value - before).nnz == 0
    tg.function([v], made)(stored).data[...] = 77
    assert list(stored) == [1, 1, 1]


def test_shared_matrices():
    value = sp.csr_matrix(A)
    s = tg.shared(value, name="s")
    assert (str(s.type), s.format, s.dtype, s.ndim) == ("Sparse[float64, csr]", "csr", "float64", 2)
    value.data[...] = 0
    np.testing.assert_array_equal(s.get_value().toarray(), A)
    s.get_value().data[...] = 7
    np.testing.assert_array_equal(s.get_value().toarray(), A)
    step = tg.function([], sparse.sp_sum(s), updates=[(s, s * 2)])
    assert [step(), step()] == [A.sum(), 2 * A.sum()]
    np.testing.assert_array_equal(s.get_value().toarray(), 4 * A)
    s.set_value(sp.csc_matrix(B))
    assert s.get_value().format == "csr"
    t = sparse.shared(sp.csr_matrix(A), format="csc")
    tg.function([], updates=[(t, sparse.csc_from_dense(s.toarray()))])()
    np.testing.assert_array_equal(t.get_value().toarray(), B)
    with pytest.raises(TypeError):
        sparse.shared(A)


def test_update_by_what_another_holds():
    s, t = tg.shared(sp.csr_matrix(A)), tg.shared(sp.csc_matrix(B.T))
    tg.function([], updates=[(s, t.T)])()
    s.get_value(borrow=True).data[...] = 5
    np.testing.assert_array_equal(t.get_value().toarray(), B.T)


def test_training_on_sparse_inputs():
    """Logistic regression on a sparse matrix takes the steps that it takes on the dense one."""
    rng = np.random.RandomState(0)
    data = sp.random(40, 12, density=0.2, random_state=rng, format="csr")
    labels = (rng.rand(40, 1) < 0.5) * 1.0
    x, y = sparse.csr_matrix("x", "float64"), tt.dmatrix("x")
    weights = []
    for inputs, product in ((x, sparse.structured_dot), (y, tt.dot)):
        w = tg.shared(np.zeros((12, 1)))
        p = tt.nnet.sigmoid(product(inputs, w))
        cost = tt.nnet.binary_crossentropy(p, labels).mean()
        f = tg.function([inputs], cost, updates=[(w, w - 0.5 * tg.grad(cost, w))])
        for _ in range(5):
            f(data if inputs is x else data.toarray())
        weights.append(w.get_value())
    np.testing.assert_allclose(weights[0], weights[1], rtol=1e-10)


def test_sparse_rows_of_an_embedding():
    table = tg.shared(np.arange(12.0).reshape(4, 3))
    at = tt.ivector("at")
    rows = sparse.sparse_grad(table[at])
    g = tg.grad(tt.sqr(rows).sum(), table)
    assert str(g.type) == "Sparse[float64, csc]"
    dense = tg.grad(tt.sqr(table[at]).sum(), table)
    f = tg.function([at], [g, dense], updates=[(table, table - 0.1 * dense)])
    found, wanted = f(np.array([1, 3, 1], "int32"))
    np.testing.assert_allclose(found.toarray(), wanted)
    step = tg.function([at], [], updates=[(table, table - g * 0.1)])
    step(np.array([0], "int32"))
    with pytest.raises(AssertionError):
        sparse.sparse_grad(table)


def test_shapes_need_no_dense_matrix():
    x, y = sparse.csr_matrix("x", "float64"), sparse.csr_matrix("y", "float64")
    e = tt.dmatrix("e")
    for z in (x + y, x.T, x * y, sparse.structured_dot(x, e), sparse.vstack([x, y]), sparse.tanh(x), x[[0, 1]]):
        f = tg.function([x, y, e], z.shape, on_unused_input="ignore")
        names = {type(node.op).__name__ for node in f.maker.fgraph.toposort()}
        assert names <= {"Shape", "Shape_i", "MakeVector", "Elemwise", "CSMProperties", "Subtensor", "Second"}, names
        wanted = tg.function([x, y, e], z, on_unused_input="ignore")(A, B, E).shape
        assert tuple(f(A, B, E)) == wanted


def test_in_a_loop():
    x = sparse.csr_matrix("x", "float64")
    start = tt.dmatrix("start")
    found, _ = tg.scan(
        lambda h, m: tt.tanh(sparse.structured_dot(m, h)), outputs_info=start, non_sequences=x, n_steps=3
    )
    f = tg.function([x, start], [found[-1], tg.grad(found[-1].sum(), start)])
    dense = tt.dmatrix("m")
    again, _ = tg.scan(lambda h, m: tt.tanh(tt.dot(m, h)), outputs_info=start, non_sequences=dense, n_steps=3)
    g = tg.function([dense, start], [again[-1], tg.grad(again[-1].sum(), start)])
    for ours, wanted in zip(f(Q, E), g(Q, E), strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-12)


# -- types, constants, pickles ------------------------------------------------------------------------------------


def test_types_and_names():
    kind = sparse.SparseType("csc", "float32")
    assert kind == sparse.csc_fmatrix
    assert kind != sparse.csr_fmatrix
    assert hash(kind) == hash(sparse.csc_fmatrix)
    x = kind("x")
    assert (str(x), repr(x), str(kind)) == ("SparseVariable{csc,float32}",) * 2 + ("Sparse[float32, csc]",)
    c = sparse.as_sparse_variable(sp.csr_matrix(A))
    assert str(c) == "SparseConstant{csr,float64,shape=(3, 4),nnz=5}"
    assert c.equals(sparse.constant(sp.csr_matrix(A)))
    assert not c.equals(sparse.constant(sp.csr_matrix(A * 2)))
    assert kind.values_eq_approx(sp.csc_matrix(A), sp.csc_matrix(A + 1e-9))
    assert not kind.values_eq(sp.csc_matrix(A), sp.csc_matrix(B))
    m = sp.csr_matrix(A)
    assert kind.may_share_memory(m, m.data)
    assert not kind.may_share_memory(m, m.copy())
    assert sparse.hash_from_sparse(m) == sparse.hash_from_sparse(m.copy())
    assert sparse.hash_from_sparse(m) != sparse.hash_from_sparse(sp.csr_matrix(B))
    with pytest.raises(AsTensorError):
        tt.as_tensor_variable(x)


def test_equal_nodes_are_made_one():
    x = sparse.csr_matrix("x", "float64")
    f = tg.function([x], [sparse.sp_sum(x * 2), sparse.sp_sum(x * 2)])
    assert len([n for n in f.maker.fgraph.toposort() if isinstance(n.op, sparse.SpSum)]) == 1


@pytest.mark.parametrize("again", [lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy])
def test_pickles(again):
    x, w = sparse.csc_matrix("x", "float64"), tg.shared(sp.csr_matrix(Q), name="w")
    y = sparse.structured_dot(sparse.tanh(x), w) + sparse.as_sparse_variable(sp.csc_matrix(A))
    f = again(tg.function([x], [y, sparse.sp_sum(y, axis=0)]))
    wanted = np.tanh(A) @ Q + A
    found, total = f(sp.csc_matrix(A))
    np.testing.assert_allclose(found.toarray(), wanted)
    np.testing.assert_allclose(total, wanted.sum(0))
    twin, kind = again((y, x.type))
    assert twin.type == y.type
    assert kind == x.type
    names = [name for name in sparse.__dict__ if isinstance(getattr(sparse, name), tg.Op)]
    assert len(names) > 60
    for name in names:
        op = getattr(sparse, name)
        assert again(op) == op, name
        assert str(again(op)) == str(op)


def test_sizes_that_do_not_fit():
    a, d, v = sparse.csr_matrix("a", "float64"), tt.dmatrix("d"), tt.dvector("v")
    for z, value in ((a * d, E), (a + d, E), (sparse.structured_dot(a, d), B), (sparse.dot(a, d), B)):
        with pytest.raises((AssertionError, ValueError)):
            tg.function([a, d], z)(A, value)
    for z in (sparse.mul_s_v(a, v), sparse.structured_add_s_v(a, v), sparse.col_scale(a, v)):
        with pytest.raises(AssertionError):
            tg.function([a, v], z)(A, np.ones(3))


# -- what only the operations on parts offer --------------------------------------------------------------------------


def test_operations_on_parts():
    for format in ("csr", "csc"):
        m = getattr(sp, f"{format}_matrix")(A)
        parts = [tt.as_tensor_variable(v) for v in (m.data, m.indices, m.indptr)]
        rows = tt.as_tensor_variable(np.asarray(3, "int32"))
        dense, right = tt.as_tensor_variable(B), tt.as_tensor_variable(E)
        by_format = {"csr": [sparse.sd_csr(*parts, right), sparse.mul_s_d_csr(*parts, dense)],
                     "csc": [sparse.sd_csc(*parts, rows, right), sparse.mul_s_d_csc(*parts, dense)]}  # fmt: skip
        product, scaled = by_format[format]
        np.testing.assert_allclose(product.eval(), A @ E)
        i, j = sparse_places(m)
        np.testing.assert_allclose(scaled.eval(), m.data * B[i, j])
        np.testing.assert_allclose(sparse.AddSD_ccode(format)(m, dense).eval(), A + B)
    m = sp.csr_matrix(A)
    parts = [tt.as_tensor_variable(v) for v in (m.data, m.indices, m.indptr)]
    v = np.arange(4.0)
    np.testing.assert_allclose(sparse.mul_s_v_csr(*parts, tt.as_tensor_variable(v)).eval(), m.data * v[m.indices])
    np.testing.assert_allclose(sparse.structured_add_s_v_csr(*parts, v).eval(), m.data + v[m.indices])
    sampled = sparse.sampling_dot_csr(E[:3], E, *parts, np.asarray(4, "int32"))
    i, j = sparse_places(m)
    np.testing.assert_allclose(sampled[0].eval(), m.data * (E[:3] @ E.T)[i, j])
    c = sp.csc_matrix(A)
    z = np.ones((3, 3))
    found = sparse.usmm_csc_dense(np.array([[2.0]]), c.data, c.indices, c.indptr, np.asarray(3, "int32"), E, z)
    np.testing.assert_allclose(found.eval(), 2 * A @ E + 1)


def sparse_places(m):
    """(row, column) of what a matrix stores, in its order."""
    majors = np.repeat(np.arange(len(m.indptr) - 1), np.diff(m.indptr))
    return (majors, m.indices) if m.format == "csr" else (m.indices, majors)


# -- random matrices ------------------------------------------------------------------------------------------------


def test_random_matrices_have_the_numbers_of_numpy():
    p = sp.csr_matrix(np.array([[0.5, 0.5, 0.0, 0.0], [0.0, 0.25, 0.0, 0.75], [0.0, 0.0, 0.0, 1.0]]))
    x, n = sparse.csr_matrix("x", "float64"), tt.lscalar("n")
    np.random.seed(5)
    wanted = np.random.poisson(p.data), np.random.binomial(9, 0.25, (2, 3)), [
        np.random.multinomial(7, p.data[a:b]) for a, b in zip(p.indptr[:-1], p.indptr[1:], strict=True)
    ]  # fmt: skip
    np.random.seed(5)
    drawn = tg.function([x], sparse.poisson(x))(p)
    assert drawn.sum() == wanted[0].sum()
    found = tg.function([n], sparse.csc_fbinomial(n, np.float32(0.25), [2, 3]))(9)
    assert (found.format, found.dtype) == ("csc", np.float32)
    np.testing.assert_array_equal(found.toarray(), wanted[1])
    np.testing.assert_array_equal(tg.function([n, x], sparse.multinomial(n, x))(7, p).data, np.concatenate(wanted[2]))


def test_two_draws_are_two():
    x = sparse.csr_matrix("x", "float64")
    first, second = tg.function([x], [sparse.poisson(x * 100), sparse.poisson(x * 100)])(sp.csr_matrix(np.ones((9, 9))))
    assert abs(first - second).sum() > 0


def test_scipy_waits():
    """Neither importing tgraph nor building a graph without values loads scipy.sparse."""
    lines = """
        import sys, tgraph.tensor as tt
        from tgraph.ops import sparse
        y = tt.tanh(sparse.structured_dot(sparse.csr_matrix("x"), tt.matrix())) * 2
        sys.exit("scipy.sparse" in sys.modules)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(lines)], check=False).returncode == 0


# -- convolution by a matrix that cuts out patches -----------------------------------------------------------------


@pytest.mark.parametrize("mode", ["valid", "full"])
@pytest.mark.parametrize(("image", "size", "step"), [
    ((4, 5), (2, 3), (1, 1)), ((2, 4, 5), (2, 2), (1, 1)), ((6, 6), (2, 2), (2, 2)), ((5, 7), (2, 2), (2, 1)),
])  # fmt: skip
def test_convolution_by_patches(image, size, step, mode):
    depth = image[0] if len(image) == 3 else 1
    rng = np.random.RandomState(0)
    pixels, kernels = rng.rand(2, int(np.prod(image))), rng.rand(3, depth * int(np.prod(size)))
    padding = (0, 0) if mode == "valid" else (size[0] - 1, size[1] - 1)
    wanted = torch.nn.functional.conv2d(
        torch.from_numpy(pixels.reshape(2, depth, *image[-2:])),
        torch.from_numpy(kernels.reshape(3, depth, *size)),
        torch.arange(3.0, dtype=torch.float64), stride=step[::-1], padding=padding,
    ).numpy()  # fmt: skip
    k, i = tt.dmatrices("ki")
    found, shape = sparse.convolve(k, size, 3, i, image, step=step, bias=np.arange(3.0), mode=mode)
    assert tuple(shape) == wanted.shape[1:]
    np.testing.assert_allclose(tg.function([k, i], found)(kernels, pixels), wanted.reshape(2, -1))
    apart, _ = sparse.convolve(k, size, 3, i, image, step=step, bias=np.arange(3.0), mode=mode, flatten=False)
    np.testing.assert_allclose(tg.function([k, i], apart)(kernels, pixels), wanted.reshape(2, 3, -1))
    tt.verify_grad(lambda u, v: sparse.convolve(u, size, 3, v, image, step=step, mode=mode)[0], [kernels, pixels],
                   rng=np.random.RandomState(3))  # fmt: skip


def test_pooling_by_patches():
    i = tt.dmatrix("i")
    pixels = np.random.RandomState(0).rand(3, 48)
    found, shape = sparse.max_pool(i, (2, 4, 6), (2, 2))
    wanted = torch.nn.functional.max_pool2d(torch.from_numpy(pixels.reshape(3, 2, 4, 6)), (2, 2)).numpy()
    assert tuple(shape) == wanted.shape[2:]
    np.testing.assert_array_equal(tg.function([i], found)(pixels), wanted.reshape(3, -1))
    with pytest.raises(ValueError, match="Invalid kernel"):
        sparse.max_pool(i, (2, 2), (3, 3))
    with pytest.raises(ValueError, match="obsolete"):
        sparse.convolution_indices.evaluate((4, 4), (2, 2), ws=False)


def test_blocks_of_rows_multiply():
    x, d = sparse.bsr_matrix("x", "float64"), tt.dmatrix("d")
    f = tg.function([x, d], sparse.structured_dot(x, d))
    np.testing.assert_allclose(f(sp.bsr_matrix(Q), E), Q @ E)
    with pytest.raises(AssertionError, match="csr or csc"):
        sparse.dot(x, d)


def test_operations_say_what_they_are():
    ops = (sparse.CSR, sparse.add_s_d, sparse.transpose, sparse.remove0, sparse.fcast, sparse.SpSum(0), sparse.usmm,
           sparse.HStack("csc", "float64"), sparse.dense_from_sparse, sparse.csc_from_dense,
           sparse.csm_properties)  # fmt: skip
    assert [str(op) for op in ops] == [
        "CSM{format='csr'}", "AddSD", "SparseTranspose", "Remove0{}", "Cast(float32)", "SpSum{axis=0}",
        "Usmm{no_inplace}", "HStack(csc,float64)", "DenseFromSparse{structured_grad=True}", "SparseFromDense{csc}",
        "CSMProperties",
    ]  # fmt: skip


def test_batches_of_a_shared_matrix():
    """A shared matrix, rows of which stand for an input by ``givens``: what training on sparse data does."""
    data = sp.random(20, 6, density=0.3, random_state=np.random.RandomState(0), format="csr")
    kept, x, i = tg.shared(data), sparse.csr_matrix("x", "float64"), tt.lscalar("i")
    w = np.arange(12.0).reshape(6, 2)
    f = tg.function([i], sparse.structured_dot(x, tt.constant(w)), givens={x: kept[i * 5 : (i + 1) * 5]})
    for k in range(4):
        np.testing.assert_allclose(f(k), data.toarray()[k * 5 : k * 5 + 5] @ w)


class Twice(tg.Op):
    """An op on the host that keeps what it gave."""

    __props__ = ("own_memory",)

    def __init__(self, own_memory):
        self.own_memory = own_memory
        self.gave = []

    def make_node(self, x):
        return tg.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * 2
        self.gave.append(output_storage[0][0])


@pytest.mark.parametrize("own_memory", [True, False])
def test_results_in_new_memory_are_not_copied(own_memory):
    """Other results of the host may be what somebody holds: a caller gets copies of them."""
    op, x = Twice(own_memory), tt.dvector("x")
    found = tg.function([x], op(x))(np.arange(3.0))
    assert np.shares_memory(found, op.gave[-1]) is own_memory
