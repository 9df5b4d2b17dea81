"""Bags of words as sparse matrices: a classifier, a factorization, a similarity of documents, the tutorial's page."""
from __future__ import print_function

import numpy as np
import scipy.sparse as sp
import theano
import theano.sparse
import theano.tensor as T
from theano import sparse
from theano.sparse.basic import _is_sparse_variable

floatX = theano.config.floatX
rng = np.random.RandomState(42)


def show(name, value):
    if sp.issparse(value):
        value = value.toarray()
    value = np.asarray(value)
    print(name, value.shape, " ".join("%.4f" % (v + 0.0) for v in value.ravel()[:8].astype("float64").round(4) + 0.0))


# documents: 30 texts, 12 words, two topics
topic = rng.randint(0, 2, 30)
counts = rng.poisson(np.where(topic[:, None] == (np.arange(12) % 2), 0.9, 0.15)).astype(floatX)
docs = sp.csr_matrix(counts)
docs_test, docs_train = docs[:10], docs[10:]


class LogisticRegression(object):
    def __init__(self, input, n_in, n_out):
        self.W = theano.shared(np.zeros((n_in, n_out), dtype=floatX), name="W", borrow=True)
        self.b = theano.shared(np.zeros((n_out,), dtype=floatX), name="b", borrow=True)
        if _is_sparse_variable(input):
            activation = sparse.dot(input, self.W) + self.b
        else:
            activation = T.dot(input, self.W) + self.b
        self.p = T.nnet.softmax(activation)
        self.pred = T.argmax(self.p, axis=1)
        self.params = [self.W, self.b]

    def cost(self, y):
        return -T.mean(T.log(self.p)[T.arange(y.shape[0]), y])


for make in (sparse.csr_matrix, sparse.csc_matrix, T.matrix):
    x, y = make("x"), T.ivector("y")
    index = T.lscalar("index")
    model = LogisticRegression(x, 12, 2)
    cost = model.cost(y) + np.asarray(0.001, floatX) * (model.W ** 2).sum()
    grads = T.grad(cost, model.params)
    updates = [(p, p - np.asarray(0.5, floatX) * g) for p, g in zip(model.params, grads)]
    values = docs_train.toarray() if make is T.matrix else docs_train
    if make is sparse.csc_matrix:
        values = values.tocsc()
    data = theano.shared(values, name="data")
    target = theano.shared(topic[10:].astype("int32"))
    train = theano.function([index], cost, updates=updates,
                            givens={x: data[index * 5:(index + 1) * 5], y: target[index * 5:(index + 1) * 5]})
    for epoch in range(3):
        show("epoch %d" % epoch, [train(i) for i in range(4)])
    test = theano.function([x], model.pred)
    wrong = test(docs_test.toarray() if make is T.matrix else docs_test) != topic[:10]
    print("errors", int(wrong.sum()), "W")
    show("W", model.W.get_value())

# factorize the counts where there are any: only stored elements count
users, words = (theano.shared((rng.rand(n, 3) * 0.5).astype(floatX)) for n in (30, 12))
seen = sparse.csr_matrix("seen")
guess = sparse.sampling_dot(users, words, sparse.sp_ones_like(seen))
loss = sparse.sp_sum(sparse.sqr(guess - seen), sparse_grad=True)
step = theano.function([seen], loss, updates=[(v, v - np.asarray(0.02, floatX) * T.grad(loss, v)) for v in (users, words)])
show("factors", [step(docs) for _ in range(5)])

# tf-idf and cosine similarity
m = sparse.csr_matrix("m")
n_docs = m.shape[0]
df = sparse.sp_sum(sparse.sp_ones_like(m), axis=0)
tfidf = sparse.col_scale(sparse.structured_add(sparse.structured_log(m), 1), T.log(n_docs / (1 + df)))
length = T.sqrt(sparse.sp_sum(sparse.sqr(tfidf), axis=1) + np.asarray(1e-6, floatX))
unit = sparse.row_scale(tfidf, 1 / length)
similar = theano.function([m], [tfidf, length, sparse.structured_dot(unit, unit.T)], allow_input_downcast=True)
for name, value in zip(("tfidf", "length", "cosine"), similar(docs_test)):
    show(name, value)

# a sparse layer with weights at fixed places, and an autoencoder that reads sparse input
mask = sp.csc_matrix((rng.rand(12, 6) < 0.4) * rng.randn(12, 6).astype(floatX))
weights = theano.shared(mask.astype(floatX), name="weights")
inp = T.matrix("inp")
hidden = T.tanh(sparse.structured_dot(inp, weights))
back = sparse.structured_dot(hidden, weights.T)
error = T.mean((inp - back) ** 2)
gw = T.grad(error, weights)
print(gw.type.format, isinstance(gw, sparse.SparseVariable), gw.type == weights.type)
fit = theano.function([inp], error, updates=[(weights, weights - gw * np.asarray(0.5, floatX))])
show("layer", [fit(counts) for _ in range(4)])
show("weights", weights.get_value())
print(weights.get_value().nnz == mask.nnz, weights.get_value().format)

# rows of an embedding, with a gradient that is sparse
table = theano.shared(np.arange(15.0).reshape(5, 3).astype(floatX))
ids = T.ivector("ids")
rows = theano.sparse_grad(table[ids])
energy = T.sum(rows ** 2)
g = T.grad(energy, table)
print(g.type.format, type(g).__name__)
update = theano.function([ids], energy, updates=[(table, table - np.asarray(0.1, floatX) * g)])
show("energy", [update(np.array(i, "int32")) for i in ([0, 2], [2, 4], [1, 3])])
show("table", table.get_value())

# the tutorial's page
x = sparse.csc_matrix(name="x", dtype="float32")
data, indices, indptr, shape = sparse.csm_properties(x)
y = sparse.CSR(data, indices, indptr, shape)
f = theano.function([x], y)
a = sp.csc_matrix(np.asarray([[0, 1, 1], [0, 0, 0], [1, 0, 0]]), dtype="float32")
print(a.toarray().tolist(), f(a).toarray().tolist())
q = theano.function([x], sparse.structured_add(x, 2))
print(q(a).toarray().tolist(), q(a).format)
z = theano.function([x], theano.grad(sparse.sp_sum(sparse.structured_exp(x)), x))
show("exp", z(a))
print(sparse.hstack([x, x.T]), sparse.vstack([x, x], format="csr"), sparse.dense_from_sparse(x).type)
stacked = theano.function([x], sparse.dense_from_sparse(sparse.hstack((x, x.T * 2))))
show("stacked", stacked(a))
for wrong in (
    lambda: x[0], lambda: sparse.dot(T.matrix(), T.matrix()), lambda: sparse.csr_matrix("k", dtype="float16"),
    lambda: sparse.as_sparse_variable(T.matrix()), lambda: x + 1, lambda: sparse.CSM("coo"), lambda: sparse.hstack([]),
):
    try:
        print(wrong())
    except Exception as error:
        print(type(error).__name__)
