"""Corners that old programs step on: name -> lines that set `result` (Python 3.8, run by Theano and by tests).

Each runs by itself with `theano`, `T` and `np`; what it raises is its result.
"""

CASES = {
    "walks_list_things_in_order_of_use": """
        from theano.gof import graph
        x, y, w = T.vectors('x', 'y', 'w')
        a = x + y; b = T.exp(a) * w; c = (a - 1) / b
        a.name, b.name, c.name = 'abc'
        names = lambda things: [str(t) for t in things]
        result = [names(f) for f in (
            graph.ancestors([b, c]), graph.ancestors([c, b]), graph.inputs([b, c]), graph.inputs([c, b]),
            graph.ancestors([c], blockers=[a]), graph.inputs([c], blockers=[a]), graph.variables([x, y, w], [c]),
            graph.variables([a, w], [c]), graph.orphans([a, w], [c]), graph.orphans([x], [c]),
            graph.list_of_nodes([x, y, w], [c]),
            graph.stack_search(__import__('collections').deque([c]), lambda v: v.owner.inputs if v.owner else None),
        )] + [graph.is_in_ancestors(c.owner, a.owner), graph.is_in_ancestors(a.owner, c.owner)]
    """,
    "same_graphs": """
        from theano.gof.graph import is_same_graph
        from theano.scan_module.scan_utils import equal_computations
        x, y = T.vectors('x', 'y'); a = x + y; e = T.exp(a) * y
        result = [bool(same) for same in (
            is_same_graph(a, x + y), is_same_graph(a, y + x), is_same_graph(T.exp(x), T.exp(y)),
            is_same_graph(T.exp(x), T.exp(y), givens={x: y}), is_same_graph(x + 1, x + 1), is_same_graph(x + 1, x + 2),
            is_same_graph(x, y), is_same_graph(x[1:], x[1:]), is_same_graph(x[1:], x[2:]),
            is_same_graph(a * a, (x + y) * (x + y)), equal_computations([a], [x + y]),
            equal_computations([a, e], [a, a]), equal_computations([T.exp(x)], [T.exp(y)], in_xs=[x], in_ys=[y]),
            equal_computations([T.exp(x)], [T.exp(y)]),
        )]
    """,
    "a_clone_of_a_shared_variable_shares_its_box_only": """
        mean = theano.shared(np.zeros(2), name='mean'); x = T.matrix('x')
        running = theano.clone(mean, share_inputs=False)
        running.default_update = 0.9 * running + 0.1 * x.mean(0)
        train = theano.function([x], (x + 0 * running).sum())
        test = theano.function([], mean * 1)
        train(np.array([[1., 2.], [3., 5.]])); before = test(); test()
        result = [running is mean, running.name, before, test(), mean.get_value(), running.get_value()]
    """,
    "a_graph_cloned_with_its_inputs": """
        s = theano.shared(np.ones(2), name='s'); x = T.vector('x')
        leaves = theano.gof.graph.inputs([theano.clone(s * x, share_inputs=False)])
        result = [leaves[0] is s, leaves[1] is x, leaves[0].container is s.container, [str(v) for v in leaves]]
    """,
    "names_of_reductions": """
        x = T.matrix('x')
        result = [v.name for v in (x.max(), x.max(0, keepdims=True), x.argmax(), x.argmax(0, keepdims=True), x.argmin(),
                                   x.argmin(1, keepdims=True), x.min(), x.mean())]
    """,
    "lists_of_dtypes_are_lists": """
        from theano.tensor import basic
        result = [basic.complex_dtypes + ['x'], basic.continuous_dtypes, basic.float_dtypes, basic.integer_dtypes,
                  basic.discrete_dtypes, basic.all_dtypes, basic.int_dtypes, basic.uint_dtypes]
    """,
    "a_ragged_list_is_no_constant": "T.constant([[1, 2], [3]])",
    "words_for_a_wrong_type_of_input": """
        class Twice(theano.Op):
            itypes = otypes = [T.dmatrix]
            def perform(self, node, inputs, outputs):
                outputs[0][0] = inputs[0] * 2
        try:
            Twice()(T.fmatrix())
        except TypeError as error:
            result = str(error).strip()
    """,
    "generic_is_called_so": "result = [str(theano.gof.generic), str(theano.shared([1]).type)]",
    "generators_are_shared_without_help": """
        s = theano.shared(np.random.RandomState(3))
        result = [str(s.type), type(s).__name__, type(s.get_value()).__name__]
    """,
    "test_values_are_asked_for": """
        from theano.gof.op import get_test_value
        x = T.vector('x'); x.tag.test_value = np.array([1., 2.])
        result = [get_test_value(x), get_test_value(theano.shared(np.ones(2))), get_test_value(T.constant(2.)),
                  get_test_value(2)]
        try:
            get_test_value(T.vector())
        except AttributeError:
            result.append('AttributeError')
    """,
    "nan_and_inf_are_looked_for": """
        from theano.compile.nanguardmode import contains_inf, contains_nan
        result = [bool(b) for b in (contains_nan(np.array([1., np.nan])), contains_inf(np.array([1., np.inf])),
                                    contains_nan(np.array([1])), contains_nan(np.random.RandomState(1)),
                                    contains_nan(np.zeros(0)), contains_inf(np.ones(2)))]
    """,
    "small_tools": """
        from theano.gof.utils import difference, flatten, give_variables_names, remove, uniq, unique
        some = [T.vector(), T.vector('a'), T.vector()]
        give_variables_names(some)
        result = [flatten([1, [2, (3, [4])]]), flatten(3), uniq([3, 1, 3]), unique([1, 1]), difference([1, 2, 3], [2]),
                  remove(lambda v: v > 1, [1, 2, 3]), [v.name for v in some]]
    """,
    "same_graphs_with_parts_given": """
        from theano.gof.graph import is_same_graph
        x, y, z = T.vectors('x', 'y', 'z'); t = x * y
        result = [is_same_graph(*args, **kw) for args, kw in (
            ((t * 2, z * 2), {'givens': {t: z}}), ((t * 2, z * 2), {'givens': {z: t}}), ((t * 2, z * 2), {}),
            ((x, t), {'givens': {t: x}}), ((x * x + z, x * y + t), {'givens': {y: x}}),
            ((x * x + z, x * y + t), {'givens': {y: x, t: z}}))]
    """,
    "debug_values": """
        from theano.gof.op import get_debug_values
        x = T.vector('x')
        with theano.change_flags(compute_test_value='ignore'):
            result = [list(get_debug_values(x)), list(get_debug_values(np.ones(2), 3, theano.shared(2.)))]
        try:
            with theano.change_flags(compute_test_value='raise'):
                list(get_debug_values(x))
        except AttributeError:
            result.append('AttributeError')
    """,
    "an_undefined_gradient_is_no_output": """
        a = T.vector()
        theano.function([a], theano.gradient.grad_undefined(T.add, 0, a), on_unused_input='ignore')
    """,
    "predefined_modes": "result = sorted(theano.compile.mode.predefined_modes)",
    "sorted_as_theano_sorts": """
        from theano.gof.graph import inputs, io_toposort
        x, y = T.matrix('x'), T.imatrix('y')
        w = theano.shared(np.ones((4, 3)), name='w')
        h = T.tanh(T.dot(x, w)); p = T.nnet.softmax(h * 2 + h)
        cost = T.nnet.categorical_crossentropy(p, y.flatten()).sum()
        def order(ins, outs):
            return [str(node) for node in io_toposort(ins, outs)]
        result = [order([x, y, w], [cost]), order(inputs([cost]), [cost, p]), order([], [p, cost]), order([h], [cost]),
                  order([p], [p, cost]), order([x], [x]), order([x, w], [h, T.exp(h), h + 1, T.exp(h) - h])]
    """,
    "classes_of_the_sigmoids": """
        import theano.tensor.nnet.sigm as sigm
        from theano.tensor.nnet.nnet import ScalarSoftsign, softsign
        x = T.vector()
        ops = [f(x).owner.op.scalar_op for f in (T.nnet.sigmoid, T.nnet.softplus, T.nnet.ultra_fast_sigmoid, softsign)]
        kinds = (sigm.ScalarSigmoid, sigm.ScalarSoftplus, sigm.UltraFastScalarSigmoid, ScalarSoftsign)
        result = [[isinstance(op, kind) for kind in kinds] for op in ops] + [
            ops[0] == sigm.scalar_sigmoid, ops[1] == sigm.scalar_softplus]
    """,
    "constants_of_classes_as_dtypes": """
        result = [T.constant(3, dtype=np.float32).data, T.constant([1, 2], dtype=int).data,
                  T.zeros_like(T.ones(2), dtype=np.int8).eval(), T.constant(2, dtype=np.dtype('int16')).data,
                  T.constant(1.5, dtype='float32').data, T.ones_like(T.ones(2), dtype=float).eval()]
    """,
    "a_gradient_of_integers": """
        class Rounded(theano.Op):
            __props__ = ()
            def make_node(self, x):
                return theano.Apply(self, [x], [x.type()])
            def perform(self, node, inputs, outputs):
                outputs[0][0] = inputs[0].copy()
            def grad(self, inputs, grads):
                return [T.cast(grads[0], 'int32')]
        x = T.vector()
        T.grad(Rounded()(x).sum(), x)
    """,
}
