# ruff: noqa: E501
"""Uses that cannot be drawn from a pool of arguments: "name name .." -> lines that set `result` (Python 3.8).

Each runs by itself with `theano`, `T`, `np`, `graph` (the module of that name) and `n` (a function that gives the
thing of a full name); what it raises is its result. record/record_corners.py records them, test_uses.py replays them.
"""

X = "x = T.dvector('x'); y = T.dvector('y'); m = T.dmatrix('m'); v = np.array([1., 2., 4.]); w = np.array([3., -1., 2.])\n"

CASES = {
    "theano.configparser._config_var_list": """
        known = {v.fullname: v for v in n('theano.configparser')._config_var_list}
        result = [name in known for name in ('floatX', 'blas.ldflags', 'NanGuardMode.action', 'nothing')]
    """,
    "theano.gof.opt.ChangeTracker": X + """
        z = T.exp(x) + y; g = theano.gof.FunctionGraph([x, y], [z], clone=False)
        t = n('theano.gof.opt.ChangeTracker')(); g.attach_feature(t)
        result = [t.changed, g.change_tracker is t]
        g.replace(z, T.exp(x) * y); result += [t.changed, t.nb_imported]
        t.reset(); result += [t.changed]
        g.remove_feature(t); result += [hasattr(g, 'change_tracker')]
    """,
    "theano.tensor.blas._dot22 theano.tensor.blas._dot22scalar": X + """
        d, e = n('theano.tensor.blas._dot22'), n('theano.tensor.blas._dot22scalar')
        a = np.arange(4.).reshape(2, 2)
        result = [theano.function([m], d(m, m + 1))(a), theano.function([m], e(m, m + 1, T.constant(np.float64(3))))(a),
                  isinstance(d, T.blas.Dot22), isinstance(e, T.blas.Dot22Scalar), str(d)]
        for made in (d(m, m), T.blas.gemm_no_inplace(m, T.constant(np.float64(2)), m, m, T.constant(np.float64(3))), T.blas.ger(m, x[0], x, y)):
            try:
                T.grad(made.sum(), m)
            except AttributeError:
                result.append('no gradient')
    """,
    "infer_shape_of_ops": """
        x, m, k, t, v, i = T.dvector('x'), T.dmatrix('m'), T.dmatrix('k'), T.dtensor3('t'), T.lvector('v'), T.lscalar('i')
        made = [x + x, T.exp(m) * m, m.sum(0), T.max_and_argmax(m, axis=1)[0], m.dimshuffle(1, 'x', 0), m[1:, i], m[::-1],
                T.inc_subtensor(m[1:], np.float64(1)), m[v], T.alloc(x[0], i, 3), T.eye(i, 3), T.arange(i),
                T.concatenate([m, k], axis=1), m.reshape((i, -1)), T.dot(m, k), T.batched_dot(t, t), T.nnet.softmax(m),
                T.stack([i, i]), T.tile(m, (2, 3)), T.sort(m), m.shape, T.fill(m, 1.), theano.gradient.grad_clip(m, 0, 1),
                T.opt.Assert('a')(m, i > 0), theano.OpFromGraph([m, k], [T.dot(m, k), m[0]])(m, k)[0]]
        values = dict(x=np.ones(7), m=np.ones((2, 2)), k=np.ones((2, 2)), t=np.ones((2, 2, 2)), v=[0, 1], i=1)
        def shape(z):
            # of leaves as numbers, so that nothing can be asked of them but their values
            if z.owner is None and not isinstance(z, T.Constant):
                return tuple(T.constant(np.int64(n)) for n in np.shape(values[z.name]))
            return tuple(z.shape[d] for d in range(z.ndim))
        result = []
        for z in made:
            node = z.owner
            found = node.op.infer_shape(node, [shape(q) for q in node.inputs])
            f = theano.function([x, m, k, t, v, i], [T.as_tensor_variable(s) for o in found for s in o],
                                on_unused_input='ignore')
            result.append([[int(n) for n in f(*[values[q] for q in 'xmktvi'])], [len(o) for o in found]])
    """,
    # --- graphs -----------------------------------------------------------------------------------------------------
    "theano.Apply theano.Type theano.Variable theano.Constant": """
        class Pair(theano.Type):
            def filter(self, value, strict=False, allow_downcast=None):
                return tuple(value)
            def __eq__(self, other): return type(self) is type(other)
            def __hash__(self): return hash(type(self))
        class Swap(theano.Op):
            def make_node(self, p): return theano.Apply(self, [p], [p.type()])
            def perform(self, node, inputs, outputs): outputs[0][0] = inputs[0][::-1]
        p = Pair()('p'); f = theano.function([p], Swap()(p))
        c = theano.Constant(Pair(), (1, 2)); r = theano.Variable(Pair(), name='r')
        result = [list(f((1, 2))), isinstance(p, theano.Variable), list(c.data), r.name, len(p.type().owner or ())]
    """,
    "theano.gof.graph.general_toposort theano.gof.graph.io_toposort theano.gof.graph.list_of_nodes": X + """
        z = T.exp(x * y) + x
        result = [[str(a.op) for a in n('theano.gof.graph.io_toposort')([x, y], [z])],
                  [str(a.op) for a in n('theano.gof.graph.list_of_nodes')([x, y], [z])],
                  [str(a) for a in n('theano.gof.graph.general_toposort')([z], lambda a: a.inputs if hasattr(a, 'inputs')
                      else [a.owner] if a.owner else []) if not hasattr(a, 'inputs')][-1:]]
    """,
    "theano.gof.graph.stack_search theano.gof.graph.nodes_constructed": X + """
        import collections
        z = T.exp(x) + y
        found = n('theano.gof.graph.stack_search')(collections.deque([z]), lambda r: r.owner.inputs if r.owner else [])
        with n('theano.gof.graph.nodes_constructed')() as made:
            z = T.exp(y)
        result = [[str(r) for r in found], z in made]
    """,
    "theano.gof.graph.default_node_formatter theano.gof.graph.op_as_string": X + """
        z = T.exp(x) + y
        fmt = n('theano.gof.graph.default_node_formatter')
        result = [fmt(z.owner, ['a', 'b']), n('theano.gof.graph.op_as_string')([x, y], z.owner, {x: 'x', y: 'y'})
                  if False else '']
    """,
    "theano.scan_module.scan_utils.equal_computations theano.gof.graph.is_same_graph": X + """
        f = n('theano.scan_module.scan_utils.equal_computations'); g = n('theano.gof.graph.is_same_graph')
        result = [bool(f([x + y], [x + y])), bool(f([x + y], [y + x])), bool(f([x], [y], in_xs=[x], in_ys=[y])),
                  bool(g(x + y, x + y)), bool(g(T.exp(x), T.exp(y)))]
    """,
    "theano.gof.op.get_test_value theano.gof.op.missing_test_message theano.gof.op.debug_error_message "
    "theano.gradient.get_debug_values": X + """
        x.tag.test_value = v
        result = [n('theano.gof.op.get_test_value')(x), list(n('theano.gradient.get_debug_values')(x))]
        with theano.change_flags(compute_test_value='ignore'):
            n('theano.gof.op.missing_test_message')('no value')
            result += [list(n('theano.gradient.get_debug_values')(x)), list(n('theano.gradient.get_debug_values')(y))]
        with theano.change_flags(compute_test_value='warn'):
            try:
                n('theano.gof.op.debug_error_message')('words')
            except ValueError as error:
                result.append(str(error))
    """,
    "theano.gof.MissingInputError": X + """
        try:
            theano.function([x], x + y)
        except theano.gof.MissingInputError as error:
            result = [isinstance(error, Exception)]
    """,
    "theano.gof.utils.give_variables_names": X + """
        a, b = T.dvector(), T.dvector('b'); n('theano.gof.utils.give_variables_names')([a, b])
        result = [bool(a.name), b.name]
    """,
    "theano.gof.utils.MetaObject theano.gof.utils.object2 theano.object2": """
        M = n('theano.gof.utils.MetaObject')
        Base = M('Base', (theano.object2,), {'__props__': ('a', 'b'), '__init__': lambda self, a, b: self.__dict__.update(a=a, b=b)})
        result = [Base(1, 2) == Base(1, 2), Base(1, 2) == Base(1, 3), hash(Base(1, 2)) == hash(Base(1, 2)), str(Base(1, 2))]
    """,
    "theano.gof.utils.toposort": "result = n('theano.gof.utils.toposort')({'a': {'b'}, 'b': {'c'}, 'c': set()})",
    "theano.gof.utils.remove theano.scalar.basic_sympy.remove":
        "result = list(n('theano.gof.utils.remove')(lambda k: k > 1, [0, 1, 2, 3]))",
    "theano.gof.utils.memoize theano.gof.sched.memodict": """
        calls = []
        f = n('theano.gof.utils.memoize')(lambda a, b=2: calls.append(a) or a * b)
        g = n('theano.gof.sched.memodict')(lambda a: calls.append(a) or a + 1)
        result = [f(3), f(3), f(4, 5), g(7), g(7), calls]
    """,
    "theano.gof.utils.hash_from_code theano.gof.utils.hash_from_file theano.gof.cmodule.hash_from_code": """
        import os, tempfile
        f = n('theano.gof.utils.hash_from_code')
        path = os.path.join(tempfile.mkdtemp(), 'a.txt')
        with open(path, 'wb') as out: out.write(b'words')
        g = n('theano.gof.utils.hash_from_file')
        result = [f('a') == f('a'), f('a') == f('b'), g(path) == f(b'words'), len(f('a'))]
    """,
    "theano.tensor.var.hash_from_ndarray theano.tensor.utils.hash_from_ndarray": """
        f = n('theano.tensor.utils.hash_from_ndarray'); a = np.arange(6.)
        result = [f(a) == f(a.copy()), f(a) == f(a.reshape(2, 3)), f(a) == f(a.astype('float32'))]
    """,
    "theano.gof.sched.sort_apply_nodes theano.gof.sched.make_dependence_cmp theano.gof.sched.make_depends "
    "theano.gof.sched.sort_schedule_fn theano.gof.sched.posort theano.gof.sched.reverse_dict": X + """
        z = T.dot(T.exp(x), T.log(y)); by_name = lambda a, b: (str(a) > str(b)) - (str(a) < str(b))
        depends = n('theano.gof.sched.make_depends')(); order = n('theano.gof.sched.make_dependence_cmp')()
        g = theano.gof.FunctionGraph([x, y], [z], clone=False)
        result = [[str(a.op) for a in n('theano.gof.sched.sort_apply_nodes')([x, y], [z], [order, by_name])],
                  [str(a.op) for a in n('theano.gof.sched.sort_schedule_fn')(by_name)(g)],
                  depends((z.owner, z.owner.inputs[0].owner)), depends((z.owner.inputs[0].owner, z.owner)),
                  order(z.owner, z.owner.inputs[0].owner), n('theano.gof.sched.posort')([3, 1, 2], lambda a, b: a - b),
                  sorted(n('theano.gof.sched.reverse_dict')({'a': (1, 2), 'b': (2,)}).items())]
    """,
    "theano.compile.view_tree_set theano.compile.fgraph_updated_vars theano.compile.insert_deepcopy "
    "theano.compile.infer_reuse_pattern theano.compile.std_fgraph": X + """
        found = set(); z = x[1:][1:]
        g = theano.gof.FunctionGraph([x], [z], clone=False)
        n('theano.compile.view_tree_set')(g, x, found) if False else None
        result = sorted(str(r) for r in n('theano.compile.infer_reuse_pattern')(g, [z]))[:1] and 1
    """,
    "theano.compile.convert_function_input theano.SymbolicInput theano.compile.SymbolicInput": X + """
        f = n('theano.compile.convert_function_input')
        a, b = f(x), f((x, v)); s = theano.SymbolicInput(x, name='s', mutable=True)
        result = [type(a).__name__, b.value, s.name, s.mutable, str(f(['k', y]).name)]
    """,
    "theano.FunctionMaker theano.compile.Function theano.function_dump theano.function theano.compile.orig_function": X + """
        import os, tempfile
        f = theano.function([x, theano.In(y, value=w)], x * y, name='product')
        path = os.path.join(tempfile.mkdtemp(), 'f.pkl')
        theano.function_dump(path, [x], x * 2)
        result = [f(v), isinstance(f, n('theano.compile.Function')), isinstance(f.maker, theano.FunctionMaker), f.name,
                  os.path.exists(path), n('theano.compile.orig_function')([x], [x + 1])(v)]
    """,
    "theano.Linker theano.gof.PerformLinker theano.compile.Linker": """
        linker = theano.Mode('py').linker
        result = [isinstance(linker, theano.gof.Linker), isinstance(theano.gof.PerformLinker(), theano.gof.Linker)]
    """,
    "theano.compile.rebuild_collect_shared": X + """
        s = theano.shared(2., name='s')
        (a,), out, rest = theano.compile.rebuild_collect_shared(x * s, [x], updates=[(s, s + 1)])
        result = [out.eval({a: v}), [str(k) for k in rest[1]], [str(k) for k in rest[3]]]
    """,
    "theano.compile.UnusedInputError": X + """
        try:
            theano.function([x, y], x * 2)
        except theano.compile.UnusedInputError as error:
            result = ['is not part of the computational graph' in str(error)]
    """,
    "theano.compile.SharedVariable theano.tensor.sharedvar.TensorSharedVariable theano.tensor.sharedvar.ScalarSharedVariable "
    "theano.tensor.sharedvar.load_shared_variable theano.tensor._shared theano.scalar.sharedvar.ScalarSharedVariable": """
        s, t = theano.shared(np.ones(2)), theano.shared(2.5)
        result = [isinstance(s, theano.compile.SharedVariable), isinstance(s, n('theano.tensor.sharedvar.TensorSharedVariable')),
                  isinstance(t, n('theano.tensor.sharedvar.ScalarSharedVariable')),
                  n('theano.tensor.sharedvar.load_shared_variable')(np.arange(3.)).get_value(),
                  n('theano.tensor._shared')(np.arange(2.)).get_value(),
                  issubclass(n('theano.scalar.sharedvar.ScalarSharedVariable'), theano.compile.SharedVariable)]
    """,
    "theano.compile.register_mode theano.compile.register_linker theano.compile.register_optimizer theano.Mode": X + """
        n('theano.compile.register_mode')('MINE_USED', theano.Mode(linker='py', optimizer='fast_compile'))
        result = [theano.function([x], x * 2, mode='MINE_USED')(v), 'MINE_USED' in theano.predefined_modes]
        try:
            n('theano.compile.register_mode')('MINE_USED', theano.Mode(linker='py'))
        except ValueError as error:
            result.append('taken')
        del theano.predefined_modes['MINE_USED']
    """,
    "theano.compile.monitormode.detect_nan theano.compile.MonitorMode": X + """
        f = theano.function([x], T.log(x), mode=theano.compile.MonitorMode(post_func=n('theano.compile.monitormode.detect_nan')))
        result = f(v)
    """,
    "theano.compile.ops.load_back theano.compile.FromFunctionOp theano.as_op": """
        import sys, types
        module = types.ModuleType('uses_module'); sys.modules['uses_module'] = module
        exec('import theano, theano.tensor as T\\n@theano.compile.ops.as_op([T.dvector], [T.dvector])\\ndef double(a):\\n return a * 2',
             module.__dict__)
        op = n('theano.compile.ops.load_back')('uses_module', 'double')
        x = T.dvector(); result = [op is module.double, isinstance(op, theano.compile.ops.FromFunctionOp), op(x).eval({x: np.ones(2)})]
    """,
    "theano.compile.register_deep_copy_op_c_code theano.compile.register_rebroadcast_c_code theano.compile.register_shape_c_code "
    "theano.compile.register_shape_i_c_code theano.compile.register_specify_shape_c_code theano.compile.register_view_op_c_code": """
        class Own(theano.Type): pass
        for name in ('deep_copy_op', 'rebroadcast', 'shape', 'shape_i', 'specify_shape', 'view_op'):
            n('theano.compile.register_%s_c_code' % name)(Own, 'code', version=(1,)) if name != 'shape_i' \\
                else n('theano.compile.register_%s_c_code' % name)(Own, 'code', 'check', version=(1,))
        result = 'taken'
    """,
    "theano.compile.PrintCurrentFunctionGraph theano.compile.profiling.print_global_stats theano.compile.register_checker "
    "theano.compile.profiling.register_profiler_printer": """
        n('theano.compile.register_checker')(lambda checked: None)
        n('theano.compile.profiling.register_profiler_printer')(lambda *a, **k: None)
        result = type(n('theano.compile.PrintCurrentFunctionGraph')('head')).__name__
    """,
    "theano.ProfileStats theano.compile.ScanProfileStats": """
        p = theano.ProfileStats(atexit_print=False); q = n('theano.compile.ScanProfileStats')(atexit_print=False)
        result = [p.fct_callcount, p.fct_call_time, q.fct_callcount]
    """,
    "theano.compile.debugmode.BadDestroyMap theano.compile.debugmode.BadOptimization theano.compile.debugmode.BadThunkOutput "
    "theano.compile.debugmode.BadViewMap theano.compile.debugmode.DebugModeError theano.compile.debugmode.InvalidValueError "
    "theano.compile.debugmode.StochasticOrder": """
        base = n('theano.compile.debugmode.DebugModeError')
        result = [issubclass(n('theano.compile.debugmode.' + k), base) for k in
                  'BadDestroyMap BadOptimization BadThunkOutput BadViewMap InvalidValueError StochasticOrder'.split()]
        class Wrong(theano.Op):
            view_map = {}
            def make_node(self, x): return theano.Apply(self, [x], [x.type()])
            def perform(self, node, inputs, outputs): outputs[0][0] = inputs[0]
        x = T.dvector()
        try:
            theano.function([x], Wrong()(x) + 1, mode='DebugMode')(np.ones(2))
        except n('theano.compile.debugmode.BadViewMap'):
            result.append('seen')
    """,
    "theano.gof.link.raise_with_op": X + """
        f = theano.function([x, y], x + y)
        try:
            f(v, np.ones(2))
        except ValueError as error:
            result = 'Apply node that caused the error' in str(error)
    """,
    "theano.printing.Print theano.printing.pydotprint": X + """
        import io, sys
        kept, sys.stdout = sys.stdout, io.StringIO()
        try:
            out = theano.printing.Print('here')(x).eval({x: v})
            text = sys.stdout.getvalue().strip()
        finally:
            sys.stdout = kept
        result = [out, text]
    """,
    # --- settings, files ----------------------------------------------------------------------------------------------
    "theano.configparser.AddConfigVar theano.configparser.BoolParam theano.configparser.EnumStr theano.configparser.FloatParam "
    "theano.configparser.IntParam theano.configparser.StrParam theano.configparser.ConfigParam theano.configparser.TypedParam "
    "theano.configparser.TheanoConfigParser": """
        p = n('theano.configparser')
        p.AddConfigVar('uses_a', 'words', p.IntParam(3), in_c_key=False)
        p.AddConfigVar('uses_b', 'words', p.EnumStr('one', 'two'), in_c_key=False)
        p.AddConfigVar('uses_c', 'words', p.BoolParam(True), in_c_key=False)
        p.AddConfigVar('uses_d', 'words', p.FloatParam(0.5), in_c_key=False)
        p.AddConfigVar('uses_e', 'words', p.StrParam('text'), in_c_key=False)
        c = theano.config
        result = [c.uses_a, c.uses_b, c.uses_c, c.uses_d, c.uses_e]
        c.uses_a = 5; result.append(c.uses_a)
        try:
            c.uses_b = 'three'
        except ValueError:
            result.append('refused')
        result.append(isinstance(c, p.TheanoConfigParser))
    """,
    "theano.configparser.parse_config_string theano.configparser.fetch_val_for_key theano.configparser.get_config_hash "
    "theano.configparser.config_files_from_theanorc theano.configparser.TheanoConfigWarning theano.configparser.THEANO_FLAGS "
    "theano.configparser.config_files": """
        p = n('theano.configparser')
        result = [p.parse_config_string('floatX=float32,device=cpu'), len(p.get_config_hash()) > 8,
                  all(isinstance(name, str) for name in p.config_files_from_theanorc()), issubclass(p.TheanoConfigWarning, Warning),
                  isinstance(p.THEANO_FLAGS, str), all(isinstance(name, str) for name in p.config_files)]
        try:
            p.fetch_val_for_key('no_such_flag')
        except KeyError:
            result.append('none')
    """,
    "theano.gof.cc.get_lock theano.gof.cc.release_lock theano.gof.compilelock.force_unlock theano.gof.compilelock.lock_ctx "
    "theano.gof.compilelock.set_lock_status theano.gof.compilelock.get_lock theano.gof.compilelock.release_lock": """
        with n('theano.gof.compilelock.lock_ctx')():
            result = 'inside'
        n('theano.gof.compilelock.set_lock_status')(True)
    """,
    "theano.configdefaults.cpuCount theano.configdefaults.local_bitwidth theano.configdefaults.python_int_bitwidth "
    "theano.configdefaults.call_subprocess_Popen theano.configdefaults.output_subprocess_Popen theano.gof.cmodule.subprocess_Popen": """
        import sys
        d = n('theano.configdefaults')
        out, err, code = d.output_subprocess_Popen([sys.executable, '-c', 'print(3)'])
        result = [d.cpuCount() > 0, d.local_bitwidth(), d.python_int_bitwidth(), bytes(out).strip().decode(), code,
                  d.call_subprocess_Popen([sys.executable, '-c', 'raise SystemExit(4)'])]
    """,
    "theano.compat.decode theano.compat.decode_with theano.compat.decode_iter theano.compat.b theano.compat.exc_message "
    "theano.compat.get_unbound_function theano.compat.cmp theano.compat.maybe_add_to_os_environ_pathlist": """
        c = n('theano.compat')
        class A(object):
            def f(self): return 3
        result = [c.decode(b'abc'), c.decode_with(b'abc', 'ascii'), list(c.decode_iter([b'a', b'b'])), c.exc_message(ValueError('x')),
                  c.get_unbound_function(A.f)(None), c.cmp(1, 2), c.cmp(2, 2)]
    """,
    "theano.compat.BytesIO theano.compat.Callable theano.compat.DictMixin theano.compat.Iterable theano.compat.Mapping "
    "theano.compat.OrderedDict theano.compat.ValuesView theano.compat.ifilter theano.compat.imap theano.compat.izip "
    "theano.compat.next theano.compat.operator_div theano.compat.reload theano.compat.PY3 theano.compat.configparser": """
        c = n('theano.compat')
        result = [c.BytesIO(b'x').read() == b'x', isinstance(len, c.Callable), isinstance({}, c.DictMixin), isinstance([], c.Iterable),
                  isinstance({}, c.Mapping), list(c.OrderedDict([(2, 1), (1, 2)])), isinstance({}.values(), c.ValuesView),
                  list(c.ifilter(None, [0, 1])), list(c.imap(abs, [-1])), list(c.izip([1], [2])), c.next(iter([7])), c.operator_div(7, 2),
                  callable(c.reload), c.PY3, hasattr(c.configparser, 'ConfigParser') or hasattr(c.configparser, 'RawConfigParser')]
    """,
    "theano.misc.doubleop.DoubleOp": "x = T.dvector(); result = n('theano.misc.doubleop.DoubleOp')()(x).eval({x: np.ones(2)})",
    "theano.misc.frozendict.FrozenOrderedDict theano.misc.frozendict.frozendict": """
        f = n('theano.misc.frozendict.FrozenOrderedDict')([('b', 1), ('a', 2)])
        result = [list(f), f['a'], hash(f) == hash(n('theano.misc.frozendict.FrozenOrderedDict')([('b', 1), ('a', 2)]))]
    """,
    "theano.misc.may_share_memory.may_share_memory": """
        f = n('theano.misc.may_share_memory.may_share_memory'); a = np.arange(4.)
        result = [bool(f(a, a[1:])), bool(f(a, a.copy())), bool(f(a, 3, False))]
    """,
    "theano.misc.ordered_set.check_deterministic": """
        f = n('theano.misc.ordered_set.check_deterministic'); f([1, 2]); result = 'fine'
    """,
    "theano.misc.pkl_utils.dump theano.misc.pkl_utils.load theano.misc.pkl_utils.StripPickler theano.misc.pkl_utils.CompatUnpickler "
    "theano.misc.pkl_utils.PersistentNdarrayID theano.misc.pkl_utils.PersistentNdarrayLoad "
    "theano.misc.pkl_utils.PersistentSharedVariableID theano.misc.pkl_utils.PersistentGpuArrayID theano.misc.pkl_utils.zipadd "
    "theano.misc.pkl_utils.load_reduce": """
        import io, os, tempfile, zipfile
        p = n('theano.misc.pkl_utils'); path = os.path.join(tempfile.mkdtemp(), 'm.zip')
        with open(path, 'wb') as out: p.dump((theano.shared(np.arange(3.), name='s'), 5), out)
        with open(path, 'rb') as source: s, five = p.load(source)
        out = io.BytesIO(); x = T.dvector('x'); p.StripPickler(out, protocol=2).dump(x); out.seek(0)
        result = [s.get_value(), s.name, five, sorted(name for name in zipfile.ZipFile(path).namelist() if 's' in name), p.CompatUnpickler(out).load().name]
    """,
    "theano.misc.strutil.pretty_format theano.misc.strutil.render_string theano.misc.strutil.strip_leading_white_space": """
        p = n('theano.misc.strutil')
        result = [p.pretty_format('  a\\n    b'), p.render_string('x %(a)s', {'a': 3}), p.strip_leading_white_space('  a ')]
    """,
    "theano.d3viz.d3viz.replace_patterns theano.d3viz.d3viz.safe_json theano.d3viz.formatting.broadcastable_to_str "
    "theano.d3viz.formatting.dtype_to_char theano.d3viz.formatting.type_to_str theano.d3viz.formatting.var_label "
    "theano.d3viz.formatting.var_tag theano.d3viz.formatting.apply_label theano.d3viz.formatting.apply_profile "
    "theano.d3viz.formatting.dict_to_pdnode": X + """
        import theano.d3viz.formatting as f
        z = T.exp(x)
        result = [n('theano.d3viz.d3viz.replace_patterns')('a %x% b', {'%x%': 'y'}), n('theano.d3viz.d3viz.safe_json')({'a': 1}),
                  f.broadcastable_to_str((True, False)), f.dtype_to_char('float64'), f.type_to_str(m.type), f.var_label(x),
                  f.apply_label(z.owner), f.apply_profile(z.owner, None)]
    """,
    # --- optimizers, types, ops of one's own -------------------------------------------------------------------------
    "theano.gof.COp": """
        result = issubclass(theano.gof.COp, theano.Op)
    """,
    "theano.gof.Params theano.gof.ParamsType": """
        P = theano.gof.ParamsType(a=theano.scalar.int32, b=T.dvector); p = theano.gof.Params(P, a=np.int32(3), b=np.ones(2))
        result = [int(p.a), p.b, P == theano.gof.ParamsType(a=theano.scalar.int32, b=T.dvector)]
    """,
    "theano.gof.OpKeyOptimizer theano.gof.EquilibriumOptimizer theano.gof.ProxyDB theano.gof.optimizer theano.gof.inplace_optimizer "
    "theano.gof.local_optimizer theano.gof.opt.in2out theano.gof.opt.out2in theano.gof.opt.copy_stack_trace": """
        @theano.gof.local_optimizer([T.exp])
        def mine(node): return None
        @theano.gof.optimizer
        def other(fgraph): pass
        result = [type(theano.gof.opt.in2out(mine)).__name__, type(theano.gof.opt.out2in(mine)).__name__, callable(mine.transform),
                  callable(other.apply)]
    """,
    "theano.tensor.opt.register_canonicalize theano.tensor.opt.register_specialize theano.tensor.opt.register_stabilize "
    "theano.tensor.opt.register_specialize_device theano.tensor.opt.register_uncanonicalize theano.tensor.opt.register_useless": """
        o = n('theano.tensor.opt')
        for k, register in enumerate((o.register_canonicalize, o.register_specialize, o.register_stabilize, o.register_useless,
                                      o.register_specialize_device, o.register_uncanonicalize)):
            @theano.gof.local_optimizer([T.exp])
            def mine(node): return None
            mine.__name__ = 'uses_%d' % k
            register(mine)
        result = 'taken'
    """,
    "theano.gof.PrintListener": X + """
        g = theano.gof.FunctionGraph([x], [T.exp(x)], clone=False)
        g.attach_feature(theano.gof.PrintListener(False)); result = len(g.apply_nodes)
    """,
    "theano.gof.vm.VM_Linker": X + """
        linker = n('theano.gof.vm.VM_Linker')(use_cloop=False)
        result = theano.function([x], T.exp(x), mode=theano.Mode(linker=linker))(v)
    """,
    "theano.tensor.register_transfer theano.tensor.transfer": X + """
        T.register_transfer(lambda var, target: var * 2 if target == 'twice' else None)
        result = [T.transfer(x, 'twice').eval({x: v}), T.transfer(x, 'cpu').eval({x: v})]
    """,
    "theano.gradient.DisconnectedInputError": X + """
        try:
            T.grad(x.sum(), y)
        except theano.gradient.DisconnectedInputError as error:
            result = isinstance(error, ValueError)
    """,
    "theano.tensor.hessian theano.gradient.hessian": X + "result = T.hessian((x ** 3).sum(), x).eval({x: v})",
    "theano.tensor.numeric_grad theano.tensor.verify_grad theano.gradient.GradientError": """
        g = T.numeric_grad(lambda a: (a ** 2).sum(), [np.array([1., 2.])])
        result = [np.round(g.gf[0], 4)]
        T.verify_grad(T.exp, [np.array([0.5, 1.])], rng=np.random.RandomState(3))
        class Wrong(theano.Op):
            def make_node(self, x): return theano.Apply(self, [x], [x.type()])
            def perform(self, node, inputs, outputs): outputs[0][0] = inputs[0] * 2
            def grad(self, inputs, gs): return [gs[0] * 3]
        try:
            T.verify_grad(Wrong(), [np.array([0.5, 1.])], rng=np.random.RandomState(3))
        except theano.gradient.GradientError:
            result.append('refused')
    """,
    "theano.subgraph_grad": X + """
        from collections import OrderedDict
        a = x * y; cost = T.exp(a).sum()
        nxt, end = theano.subgraph_grad(wrt=[x], end=[a], start=OrderedDict([(a, T.grad(cost, a))]))[:2]
        result = theano.function([x, y], nxt, on_unused_input='ignore')(v, w)
    """,
    "theano.scan theano.map theano.reduce theano.foldl theano.foldr theano.scan_checkpoints theano.scan_module.until "
    "theano.scan_module.scan_op.Scan": X + """
        a, up = theano.scan(lambda s, p: p + s, sequences=x, outputs_info=T.constant(np.asarray(0.)))
        b, _ = theano.map(lambda s: s * 2, x)
        c, _ = theano.reduce(lambda s, p: p + s, x, T.constant(np.asarray(1.)))
        d, _ = theano.foldl(lambda s, p: p * 2 + s, x, T.constant(np.asarray(0.)))
        e, _ = theano.foldr(lambda s, p: p * 2 + s, x, T.constant(np.asarray(0.)))
        f, _ = theano.scan(lambda p: (p * 2, theano.scan_module.until(p > 3)), outputs_info=T.constant(np.asarray(1.)), n_steps=9)
        g, _ = theano.scan_checkpoints(lambda p, a: p * a, outputs_info=T.ones_like(x), non_sequences=x, n_steps=4, save_every_N=2)
        result = theano.function([x], [a, b, c, d, e, f, g[-1]])(v)
    """,
    # --- tensors ------------------------------------------------------------------------------------------------------
    "theano.tensor.set_subtensor theano.tensor.inc_subtensor": X + """
        result = theano.function([x, m], [T.set_subtensor(x[1:], 9.), T.inc_subtensor(x[0], 1.), T.inc_subtensor(m[:, [0, 1]], 2.),
                                          T.set_subtensor(m[m > 0], 0.)])(v, np.array([[1., -1.], [2., 3.]]))
    """,
    "theano.tensor.mgrid theano.tensor.ogrid theano.tensor.basic.mgrid theano.tensor.basic.ogrid":
        "result = [a.eval() for a in (*T.mgrid[0:2, 1:3], *T.ogrid[0:2, 1:4:2])]",
    "theano.tensor.make_slice theano.tensor.MakeSlice theano.tensor.SliceConstant theano.tensor.SliceType": X + """
        s = T.make_slice(1, 3, 1); c = T.SliceConstant(T.slicetype, slice(0, 2)); i = T.lscalar('i')
        result = [str(s.type), c.data.stop, theano.function([x, i], x[T.make_slice(i, None, None)] if False else x[i:])(v, 1)]
    """,
    "theano.tensor.TensorConstant theano.tensor.TensorVariable theano.tensor.basic._tensor_py_operators": """
        c = T.TensorConstant(T.dvector, np.arange(3.), name='c'); x = T.TensorVariable(T.dscalar, name='x')
        result = [c.data, c.name, str(x.type), (x + c).eval({x: 2.}), isinstance(x, n('theano.tensor.basic._tensor_py_operators'))]
    """,
    "theano.tensor.CAReduce theano.tensor.elemwise.CAReduceDtype": X + """
        r = T.CAReduce(theano.scalar.add, axis=0); q = n('theano.tensor.elemwise.CAReduceDtype')(theano.scalar.mul, axis=[1])
        result = theano.function([m], [r(m), q(m)])(np.array([[1., 2.], [3., 4.]]))
    """,
    "theano.tensor.Choose theano.tensor.choose": """
        a = T.lvector(); b = T.dmatrix()
        result = [op(a, b).eval({a: [0, 1, 0], b: np.arange(6.).reshape(2, 3)}) for op in (T.Choose('raise'), T.choose)]
    """,
    "theano.tensor.LoadFromDisk theano.tensor.load": """
        import os, tempfile
        path = os.path.join(tempfile.mkdtemp(), 'a.npy'); np.save(path, np.arange(3.))
        result = (T.load(path, 'float64', (False,)) * 2).eval()
    """,
    "theano.tensor.tensor_from_scalar theano.tensor.TensorFromScalar theano.tensor.scalar_from_tensor theano.tensor.ScalarFromTensor": """
        a = T.dscalar(); s = T.scalar_from_tensor(a); t = T.tensor_from_scalar(s * s)
        result = [str(s.type), str(t.type), t.eval({a: 3.})]
    """,
    "theano.tensor.utils.shape_of_variables theano.tensor.var.equal_slices": X + """
        g = theano.gof.FunctionGraph([m], [m.T], clone=False)
        found = n('theano.tensor.utils.shape_of_variables')(g, {m: (2, 3)})
        result = [[list(map(int, found[r])) for r in (m, g.outputs[0])], n('theano.tensor.var.equal_slices')(slice(1, 2), slice(1, 2)),
                  n('theano.tensor.var.equal_slices')(slice(1, 2), slice(1, 3))]
    """,
    "theano.tensor.opt.assert_ theano.tensor.opt.assert_op theano.tensor.opt.Assert theano.tensor.opt.MakeVector "
    "theano.tensor.opt.make_vector theano.tensor.opt.broadcast_like theano.tensor.opt.encompasses_broadcastable "
    "theano.tensor.opt.make_constant theano.gof.opt.check_chain theano.gof.opt.merge_dict theano.compile.pfunc.iter_over_pairs "
    "theano.tensor.blas.res_is_a": X + """
        o = n('theano.tensor.opt'); a, b = T.lscalars('ab'); e = T.exp(T.log(x))
        g = theano.gof.FunctionGraph([x, m], [T.exp(m)], clone=False)
        result = [o.assert_(x, x.sum() > 0).eval({x: v}), o.make_vector(a, b).eval({a: 1, b: 2}),
                  o.MakeVector('int64')(T.constant(np.asarray(1)), T.constant(np.asarray(2))).eval(), o.broadcast_like(x, m, g).eval({x: v, m: np.ones((2, 3))}),
                  o.encompasses_broadcastable((False, True), (True,)), o.encompasses_broadcastable((True,), (False,)),
                  bool(n('theano.gof.opt.check_chain')(e, T.exp, T.log)), bool(n('theano.gof.opt.check_chain')(e, T.log)),
                  n('theano.gof.opt.merge_dict')({'a': 1}, {'a': 2, 'b': 3}), bool(n('theano.tensor.blas.res_is_a')(e, T.exp))]
    """,
    "theano.tensor.blas.Gemm theano.tensor.blas.Gemv theano.tensor.blas.Ger theano.tensor.blas.GemmRelated theano.tensor.blas.Dot22Scalar "
    "theano.tensor.blas.gemm theano.tensor.blas.gemm_inplace theano.tensor.blas.gemv theano.tensor.blas.gemv_inplace theano.tensor.blas.ger": """
        B = n('theano.tensor.blas'); A, C, Z = T.dmatrices('ACZ'); x, y = T.dvectors('xy'); a, b = T.dscalars('ab')
        f = theano.function([A, C, Z, x, y, a, b], [B.gemm(Z, a, A, C, b), B.Gemm(inplace=False)(Z, a, A, C, b), B.gemv(y, a, A, x, b),
            B.Gemv(inplace=False)(y, a, A, x, b), B.ger(A, a, y, x), B.Ger(destructive=False)(A, a, y, x), B.Dot22Scalar()(A, C, a)])
        r = np.random.RandomState(3)
        result = f(r.rand(2, 3), r.rand(3, 4), r.rand(2, 4), r.rand(3), r.rand(2), .5, 2.)
        result += [isinstance(B.gemm, B.GemmRelated), str(B.gemm_inplace), str(B.gemv_inplace)]
    """,
    "theano.tensor.type.values_eq_approx_remove_inf theano.tensor.type.values_eq_approx_remove_nan "
    "theano.tensor.blas.values_eq_approx_remove_inf_nan": """
        t = n('theano.tensor.type'); a, b, c = np.array([1., np.inf]), np.array([1., 2.]), np.array([1., np.nan])
        result = [bool(f(p, q)) for f in (t.values_eq_approx_remove_inf, t.values_eq_approx_remove_nan, t.values_eq_approx_remove_inf_nan)
                  for p, q in ((a, b), (c, b), (b, b + 1))]
    """,
    "theano.tensor.basic._allclose theano._asarray": """
        result = [bool(n('theano.tensor.basic._allclose')(np.ones(2), np.ones(2) + 1e-9)), theano._asarray([1, 2], dtype='float32')]
    """,
    "theano.tensor.extra_ops.fill_diagonal_offset_ theano.tensor.extra_ops.FillDiagonalOffset": X + """
        result = theano.function([m], n('theano.tensor.extra_ops.fill_diagonal_offset_')(m, 9., 1))(np.zeros((3, 3)))
    """,
    "theano.sandbox.linalg.ops.hints theano.sandbox.linalg.ops.is_psd theano.sandbox.linalg.ops.is_symmetric "
    "theano.sandbox.linalg.ops.is_positive theano.sandbox.linalg.ops.is_hint_node": X + """
        L = n('theano.sandbox.linalg.ops'); p = L.psd(m)
        result = [bool(L.is_psd(p)), bool(L.is_symmetric(p)), L.is_hint_node(p.owner), L.is_positive(T.exp(x)) is not False, sorted(L.hints(p))]
    """,
    # --- neural networks -------------------------------------------------------------------------------------------
    "theano.tensor.nnet.h_softmax": X + """
        r = np.random.RandomState(0); a, b, c, d = (r.rand(*s) for s in ((4, 3), (3,), (4, 3, 2), (4, 2)))
        result = T.nnet.h_softmax(m, 2, 6, 3, 2, np.ones((3, 3)) * .1, b, r.rand(3, 3, 2), r.rand(3, 2)).eval({m: r.rand(2, 3)})
    """,
    "theano.tensor.nnet.ctc.ctc theano.tensor.nnet.ctc.ConnectionistTemporalClassification": """
        result = issubclass(n('theano.tensor.nnet.ctc.ConnectionistTemporalClassification'), theano.Op)
    """,
    "theano.sandbox.blocksparse.sparse_block_dot theano.sandbox.blocksparse.sparse_block_gemv "
    "theano.sandbox.blocksparse.sparse_block_gemv_inplace theano.sandbox.blocksparse.SparseBlockGemv": """
        r = np.random.RandomState(1); W = T.dtensor4(); h = T.dtensor3(); b = T.dmatrix(); i, o = T.lmatrices('io')
        f = n('theano.sandbox.blocksparse.sparse_block_dot')
        result = f(W, h, i, b, o).eval({W: r.rand(2, 3, 4, 5), h: r.rand(1, 2, 4), i: np.array([[0, 1]]), b: r.rand(3, 5), o: np.array([[2, 0]])})
    """,
    "theano.tensor.nnet.conv2d_grad_wrt_inputs theano.tensor.nnet.abstract_conv.conv2d_grad_wrt_weights theano.tensor.nnet.conv3d "
    "theano.tensor.nnet.abstract_conv.conv3d_grad_wrt_inputs theano.tensor.nnet.abstract_conv.conv3d_grad_wrt_weights "
    "theano.tensor.nnet.conv2d_transpose theano.tensor.nnet.separable_conv2d theano.tensor.nnet.abstract_conv.causal_conv1d "
    "theano.tensor.nnet.abstract_conv.separable_conv3d": """
        r = np.random.RandomState(1); A = n('theano.tensor.nnet.abstract_conv')
        x, k = theano.shared(r.rand(2, 3, 6, 5)), theano.shared(r.rand(4, 3, 3, 2))
        x5, k5 = theano.shared(r.rand(1, 2, 4, 5, 4)), theano.shared(r.rand(3, 2, 2, 2, 3))
        y, y5 = T.nnet.conv2d(x, k), T.nnet.conv3d(x5, k5)
        result = theano.function([], [y, y5, T.nnet.conv2d_grad_wrt_inputs(y, k, (2, 3, 6, 5)), A.conv2d_grad_wrt_weights(x, y, (4, 3, 3, 2)),
            A.conv3d_grad_wrt_inputs(y5, k5, (1, 2, 4, 5, 4)), A.conv3d_grad_wrt_weights(x5, y5, (3, 2, 2, 2, 3)),
            T.nnet.conv2d_transpose(y, k, (2, 3, 6, 5)),
            T.nnet.separable_conv2d(x, r.rand(6, 1, 3, 2), r.rand(5, 6, 1, 1), 3),
            A.separable_conv3d(x5, r.rand(4, 1, 2, 2, 2), r.rand(3, 4, 1, 1, 1), 2),
            A.causal_conv1d(theano.shared(r.rand(2, 3, 6)), theano.shared(r.rand(4, 3, 2)), (4, 3, 2), input_shape=(2, 3, 6))], mode=theano.Mode('py', None))()
    """,
    "theano.tensor.nnet.abstract_conv.AbstractConv_gradInputs theano.tensor.nnet.abstract_conv.AbstractConv_gradWeights "
    "theano.tensor.nnet.abstract_conv.BaseAbstractConv theano.tensor.nnet.abstract_conv.AbstractConv3d_gradInputs "
    "theano.tensor.nnet.abstract_conv.AbstractConv3d_gradWeights theano.tensor.nnet.corr.BaseCorrMM theano.tensor.nnet.corr3d.BaseCorr3dMM "
    "theano.tensor.nnet.corr.CorrMM theano.tensor.nnet.corr.CorrMM_gradInputs theano.tensor.nnet.corr.CorrMM_gradWeights "
    "theano.tensor.nnet.corr3d.Corr3dMM theano.tensor.nnet.corr3d.Corr3dMM_gradInputs theano.tensor.nnet.corr3d.Corr3dMM_gradWeights": """
        A = n('theano.tensor.nnet.abstract_conv'); C, D = n('theano.tensor.nnet.corr'), n('theano.tensor.nnet.corr3d')
        B = A.BaseAbstractConv
        result = [[c.__name__, issubclass(c, b)] for c, b in ((A.AbstractConv_gradInputs, B), (A.AbstractConv_gradWeights, B),
            (A.AbstractConv3d_gradInputs, A.AbstractConv_gradInputs), (A.AbstractConv3d_gradWeights, A.AbstractConv_gradWeights),
            (C.CorrMM, C.BaseCorrMM), (C.CorrMM_gradInputs, C.BaseCorrMM), (C.CorrMM_gradWeights, C.BaseCorrMM),
            (D.Corr3dMM, D.BaseCorr3dMM), (D.Corr3dMM_gradInputs, D.BaseCorr3dMM), (D.Corr3dMM_gradWeights, D.BaseCorr3dMM))]
    """,
    "theano.tensor.nnet.abstract_conv.get_conv_gradinputs_shape theano.tensor.nnet.abstract_conv.get_conv_gradinputs_shape_1axis "
    "theano.tensor.nnet.abstract_conv.get_conv_gradweights_shape theano.tensor.nnet.abstract_conv.check_conv_gradinputs_shape": """
        A = n('theano.tensor.nnet.abstract_conv')
        result = [list(map(int, A.get_conv_gradinputs_shape((4, 3, 3, 3), (2, 4, 4, 4), 'valid', (1, 1)))),
                  int(A.get_conv_gradinputs_shape_1axis(3, 4, 'half', 1, 1)),
                  list(map(int, A.get_conv_gradweights_shape((2, 3, 6, 6), (2, 4, 4, 4), 'valid', (1, 1)))),
                  A.check_conv_gradinputs_shape((2, 3, 6, 6), (4, 3, 3, 3), (2, 4, 4, 4), 'valid', (1, 1)),
                  A.check_conv_gradinputs_shape((2, 3, 7, 6), (4, 3, 3, 3), (2, 4, 4, 4), 'valid', (1, 1))]
    """,
    "theano.tensor.nnet.abstract_conv.bilinear_upsampling theano.tensor.nnet.abstract_conv.frac_bilinear_upsampling": """
        A = n('theano.tensor.nnet.abstract_conv'); x = theano.shared(np.arange(24.).reshape(1, 2, 3, 4))
        result = theano.function([], [A.bilinear_upsampling(x, 2, batch_size=1, num_input_channels=2, use_1D_kernel=False),
                                      A.frac_bilinear_upsampling(x, ((3, 2), (2, 1)))], mode=theano.Mode('py', None))()
    """,
    "theano.tensor.nnet.bn.batch_normalization_test theano.tensor.nnet.bn.AbstractBatchNormInference "
    "theano.tensor.nnet.bn.AbstractBatchNormTrain theano.tensor.nnet.bn.AbstractBatchNormTrainGrad": X + """
        g, b, mean, var = (theano.shared(np.array([[1.5, .5]]) + i, broadcastable=(True, False)) for i in range(4))
        out, m1, i1 = T.nnet.bn.batch_normalization_train(m, g, b)
        result = theano.function([m], [T.nnet.bn.batch_normalization_test(m, g, b, mean, var), out, m1, i1, T.grad((out ** 2).sum(), m)])(
            np.array([[1., 2.], [3., 5.], [4., -1.]]))
    """,
    "theano.tensor.nnet.conv3d2d.conv3d theano.tensor.nnet.conv3d2d.get_diagonal_subtensor_view": """
        r = np.random.RandomState(2)
        result = [n('theano.tensor.nnet.conv3d2d.conv3d')(theano.shared(r.rand(1, 4, 2, 5, 5)), theano.shared(r.rand(3, 2, 2, 3, 3))).eval(),
                  n('theano.tensor.nnet.conv3d2d.get_diagonal_subtensor_view')(np.arange(16.).reshape(4, 4), 0, 1)]
    """,
    # --- random numbers -------------------------------------------------------------------------------------------
    "theano.tensor.raw_random.binomial theano.tensor.raw_random.choice theano.tensor.raw_random.multinomial theano.tensor.raw_random.normal "
    "theano.tensor.raw_random.permutation theano.tensor.raw_random.poisson theano.tensor.raw_random.random_integers "
    "theano.tensor.raw_random.uniform theano.tensor.raw_random.RandomFunction theano.tensor.raw_random.RandomStateType": """
        R = n('theano.tensor.raw_random'); s = R.random_state_type('s'); found = []
        for name, args in (('binomial', ((3,), 5, .4)), ('choice', ((3,), 6)), ('multinomial', ((2,), 4, [.5, .25, .25])), ('normal', ((3,), 1., 2.)),
                           ('permutation', ((2,), 4)), ('poisson', ((3,), 2.)), ('random_integers', ((3,), 1, 9)), ('uniform', ((3,), 0., 2.))):
            state, out = getattr(R, name)(s, *args)
            found.append(theano.function([s], out)(np.random.RandomState(4)))
        result = found + [isinstance(s.type, R.RandomStateType), isinstance(out.owner.op, R.RandomFunction)]
    """,
    "theano.tensor.raw_random.choice_helper theano.tensor.raw_random.multinomial_helper theano.tensor.raw_random.permutation_helper "
    "theano.tensor.raw_random.random_integers_helper": """
        R = n('theano.tensor.raw_random'); g = lambda: np.random.RandomState(4)
        result = [R.choice_helper(g(), np.array(5), False, np.ones(5) / 5, (3,)), R.multinomial_helper(g(), np.array([4]), np.array([[.5, .5]]), (1,)),
                  R.permutation_helper(g(), np.array(4), (2,)), R.random_integers_helper(g(), np.array([1]), np.array([9]), (3,))]
    """,
    "theano.tensor.shared_randomstreams.RandomStateSharedVariable theano.tensor.shared_randomstreams.randomstate_constructor "
    "theano.tensor.shared_randomstreams.RandomStreams theano.tensor.raw_random.RandomStreamsBase": """
        S = n('theano.tensor.shared_randomstreams'); r = S.RandomStreams(7); u = r.uniform((3,)); f = theano.function([], u)
        result = [f(), f(), isinstance(r.state_updates[0][0], S.RandomStateSharedVariable),
                  isinstance(S.randomstate_constructor(np.random.RandomState(1)), S.RandomStateSharedVariable),
                  isinstance(r, n('theano.tensor.raw_random.RandomStreamsBase'))]
    """,
    "theano.sandbox.rng_mrg.ff_2p134 theano.sandbox.rng_mrg.ff_2p72 theano.sandbox.rng_mrg.matVecModM theano.sandbox.rng_mrg.multMatVect "
    "theano.sandbox.rng_mrg.mrg_next_value theano.sandbox.rng_mrg.MRG_RandomStreams theano.sandbox.rng_mrg.mrg_uniform_base "
    "theano.sandbox.rng_mrg.DotModulo theano.sandbox.rng_mrg.mrg_uniform": """
        G = n('theano.sandbox.rng_mrg'); s = np.array([12345] * 6, dtype='int32')
        r = G.MRG_RandomStreams(5); u = theano.function([], [r.uniform((3,)), r.normal((2,)), r.binomial((3,), p=.5)])
        result = [np.asarray(G.ff_2p134(s)), np.asarray(G.ff_2p72(s)), u(), issubclass(G.mrg_uniform, G.mrg_uniform_base),
                  np.asarray(G.matVecModM(np.eye(3, dtype='int64') * 2, np.array([1, 2, 3]), 5))]
    """,
    # --- lists, numbers ---------------------------------------------------------------------------------------------
    "theano.typed_list.TypedListType theano.typed_list.TypedListConstant theano.typed_list.append theano.typed_list.extend theano.typed_list.insert "
    "theano.typed_list.remove theano.typed_list.reverse theano.typed_list.index_ theano.typed_list.count theano.typed_list.length "
    "theano.typed_list.getitem theano.typed_list.Append theano.typed_list.Extend theano.typed_list.Insert theano.typed_list.Remove "
    "theano.typed_list.Reverse theano.typed_list.Index theano.typed_list.Count theano.typed_list.Length theano.typed_list.GetItem": X + """
        L = n('theano.typed_list'); t = L.TypedListType(T.dvector)('t'); i = T.lscalar('i')
        f = theano.function([t, x, i], [L.append(t, x), L.extend(t, t), L.insert(t, i, x), L.reverse(t), L.index_(t, x), L.count(t, x),
                                        L.length(t), L.getitem(t, i), L.remove(t, x)])
        c = L.TypedListConstant(L.TypedListType(T.dvector), [v]); result = [f([w, v], v, 1), c.data]
    """,
    "theano.scalar.ScalarConstant theano.scalar.ScalarVariable theano.scalar.Scalar theano.scalar.same_out_float_only theano.scalar.Composite": """
        S = theano.scalar; c = S.ScalarConstant(S.float64, 2.5); a = S.float64('a'); k = S.Composite([a], [a * a + c])
        x = T.dvector('x')
        result = [float(c.data), str(c.type), str(S.same_out_float_only(S.float32)[0]), T.Elemwise(k)(x).eval({x: np.arange(3.)})]
    """,
    # --- tools of tests ---------------------------------------------------------------------------------------------
    "theano.tests.unittest_tools.AttemptManyTimes theano.tests.unittest_tools.MockRandomState theano.tests.unittest_tools.WrongValue "
    "theano.tests.unittest_tools.assertFailure_fast theano.tests.unittest_tools.assert_allclose theano.tests.unittest_tools.custom_name_func "
    "theano.tests.unittest_tools.fetch_seed theano.tests.unittest_tools.InferShapeTester theano.tests.unittest_tools.T_OpContractMixin "
    "theano.tests.unittest_tools.TestOptimizationMixin theano.tests.disturb_mem.disturb_mem": """
        try:
            U = n('theano.tests.unittest_tools')
        except ImportError:
            U = None
        result = 'used'
        if U is not None:
            U.assert_allclose(np.ones(2), np.ones(2) + 1e-12)
            try:
                U.assert_allclose(np.ones(2), np.zeros(2))
                result = 'no difference seen'
            except U.WrongValue:
                pass
            U.fetch_seed(); n('theano.tests.disturb_mem.disturb_mem')()
    """,
    "theano.tests.record.Record theano.tests.record.RecordMode theano.tests.record.MismatchError": """
        R = n('theano.tests.record'); out = __import__('io').StringIO(); r = R.Record(file_object=out, replay=False); r.handle_line('a\\n')
        again = R.Record(file_object=__import__('io').StringIO(out.getvalue()), replay=True); again.handle_line('a\\n')
        result = out.getvalue()
        again = R.Record(file_object=__import__('io').StringIO(out.getvalue()), replay=True)
        try:
            again.handle_line('b\\n')
        except R.MismatchError:
            result += 'differs'
    """,
    "theano.gpuarray.dnn.dnn_available theano.gpuarray.dnn.dnn_present":
        "result = [bool(n('theano.gpuarray.dnn.dnn_available')(None)), bool(n('theano.gpuarray.dnn.dnn_present')())]",
    "theano.tests.breakpoint.PdbBreakpoint theano.gpuarray.opt.PdbBreakpoint": X + """
        b = n('theano.tests.breakpoint.PdbBreakpoint')('here'); out = b(T.lt(x.sum(), 0), x)
        result = (out * 2).eval({x: v})
    """,
    "theano.scan_module.scan_utils.hash_listsDictsTuples": """
        h = n('theano.scan_module.scan_utils').hash_listsDictsTuples
        result = [h([1, (2, {3: 4})]) == h([1, (2, {3: 4})]), h([1]) == h([2])]
    """,
    "theano.scan_module.scan_utils.infer_shape": X + """
        z = T.exp(x) + x
        k = T.lscalar(); (shape,) = n("theano.scan_module.scan_utils").infer_shape([z], [x], [[k]]); result = shape[0].eval({k: 3})
    """,
    "theano.scan_module.scan_utils.map_variables": X + """
        z = T.exp(x) + x; k = T.dvector('k')
        (out,) = n('theano.scan_module.scan_utils').map_variables(lambda r: r * 2 if r.name == 'tag' else r, [z]); result = out.eval({x: v})
    """,
    "theano.tensor.advanced_boolean_set_subtensor theano.tensor.advanced_set_subtensor theano.tensor.advanced_set_subtensor1 "
    "theano.tensor.subtensor.advanced_boolean_set_subtensor theano.tensor.subtensor.advanced_set_subtensor": X + """
        i = T.lvector(); b = T.TensorType('bool', (False,))()
        result = theano.function([x, y, i, b], [T.advanced_set_subtensor(x, y, i), T.advanced_set_subtensor1(x, y, i),
            T.advanced_boolean_set_subtensor(x, y, b)])(v, np.array([7., 8.]), np.array([2, 0]), np.array([True, False, True]))
    """,
    "theano.tensor.inplace.log_inplace": """
        from theano.tensor import inplace
        x = T.dvector(); result = theano.function([theano.In(x, mutable=True)], inplace.log_inplace(x), accept_inplace=True)(np.array([1., 2.]))
    """,
    " ".join("theano.tensor.basic._convert_to_" + d for d in
             "bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8".split()): X + """
        names = "bool complex128 complex64 float16 float32 float64 int16 int32 int64 int8 uint16 uint32 uint64 uint8".split()
        result = theano.function([x], [getattr(T.basic, '_convert_to_' + d)(x) for d in names])(v)
    """,
    "theano.tensor.basic._dot": X + """
        result = theano.function([m, x], T.basic._dot(m, x))(np.ones((2, 3)), v)
    """,
    "theano.tensor.nlinalg._zero_disconnected": X + """
        a, b = n('theano.tensor.nlinalg._zero_disconnected')([x, y], [x * 2, theano.gradient.DisconnectedType()()])
        result = theano.function([x, y], [a, b])(v, w)
    """,
    "theano.tensor.gammainc theano.tensor.gammaincc theano.tensor.identity_like theano.tensor.basic.gammainc "
    "theano.tensor.basic.gammaincc theano.tensor.basic.identity_like": X + """
        result = theano.function([x, m], [T.gammainc(x, x + 1), T.gammaincc(x, x + 1), T.identity_like(m)])(v, np.ones((2, 3)))
    """,
    "theano.tensor.nnet.sigmoid theano.tensor.nnet.hard_sigmoid theano.tensor.nnet.ultra_fast_sigmoid theano.tensor.nnet.nnet.sigmoid "
    "theano.tensor.nnet.sigm.sigmoid theano.tensor.nnet.sigm.hard_sigmoid theano.tensor.nnet.sigm.ultra_fast_sigmoid "
    "theano.tensor.nnet.sigmoid_binary_crossentropy theano.tensor.nnet.nnet.sigmoid_binary_crossentropy "
    "theano.tensor.nnet.sigmoid_inplace theano.tensor.nnet.sigm.sigmoid_inplace theano.tensor.nnet.sigm.ultra_fast_sigmoid_inplace "
    "theano.tensor.nnet.sigm.ScalarSigmoid theano.tensor.nnet.sigm.UltraFastScalarSigmoid theano.tensor.nnet.scalar_sigmoid "
    "theano.tensor.nnet.sigm.scalar_sigmoid theano.tensor.nnet.sigm.ultra_fast_scalar_sigmoid": X + """
        N, G = T.nnet, n('theano.tensor.nnet.sigm'); r = theano.scalar.float64('r')
        result = theano.function([x, r], [N.sigmoid(x), N.hard_sigmoid(x), N.ultra_fast_sigmoid(x), N.sigmoid_binary_crossentropy(x, x / 9),
            G.scalar_sigmoid(r), G.ultra_fast_scalar_sigmoid(r), G.ScalarSigmoid(theano.scalar.upgrade_to_float)(r),
            G.UltraFastScalarSigmoid(theano.scalar.upgrade_to_float)(r)])(v - 2, 0.3)
        for op in (N.sigmoid_inplace, G.ultra_fast_sigmoid_inplace):
            result.append(theano.function([theano.In(x, mutable=True)], op(x), accept_inplace=True)(v - 2))
    """,
    "theano.tests.unittest_tools.seed_rng theano.tests.unittest_tools.str_diagnostic theano.tests.unittest_tools.verify_grad": """
        try:
            U = n('theano.tests.unittest_tools')
        except ImportError:
            U = None
        result = 'used'
        if U is not None:
            U.seed_rng(); U.verify_grad(T.exp, [np.array([0.5, 1.])], rng=np.random.RandomState(3))
            assert 'shape' in U.str_diagnostic(np.ones(2), np.zeros(2), 1e-3, 1e-3).lower()
    """,
    "theano.FunctionGraph theano.gof.FunctionGraph theano.gof.graph.ops theano.scalar.FunctionGraph": X + """
        z = T.exp(x) + y; g = theano.FunctionGraph([x, y], [z], clone=False)
        result = [len(g.apply_nodes), len(g.variables), [str(r) for r in g.inputs], len(n('theano.gof.graph.ops')([x, y], [z])),
                  [str(a.op) for a in g.toposort()]]
    """,
    "theano.In theano.Out theano.Param theano.SymbolicOutput theano.compile.pfunc theano.compile.function.pfunc theano.compile.Supervisor "
    "theano.compile.function_module._constructor_Function theano.compile.function_module._constructor_FunctionMaker": X + """
        import pickle
        i = theano.In(x, name='first', value=v); o = theano.Out(x * 2, borrow=True); q = theano.SymbolicOutput(x)
        f = theano.function([i], o); g = n('theano.compile.pfunc.pfunc')([theano.Param(y, default=w)], y + 1)
        h = pickle.loads(pickle.dumps(f))
        result = [f(), f(first=w), g(), o.borrow, q.borrow, h(w)]
    """,
    "theano.compile.AddFeatureOptimizer theano.gof.NavigatorOptimizer theano.gof.OpRemove theano.gof.OpSub theano.gof.PatternSub "
    "theano.gof.Query theano.gof.TopoOptimizer theano.gof.opt.FromFunctionLocalOptimizer theano.gof.opt.FromFunctionOptimizer "
    "theano.gof.optdb.TopoDB theano.gof.opt.inherit_stack_trace": X + """
        sub = theano.gof.OpSub(T.exp, T.log); pattern = theano.gof.PatternSub((T.exp, 'x'), (T.log, 'x'))
        q = theano.gof.Query(include=['fast_run']).including('mine').excluding('other')
        g = theano.gof.FunctionGraph([x], [T.exp(x)], clone=False); theano.gof.TopoOptimizer(pattern).optimize(g)
        with n('theano.gof.opt.inherit_stack_trace')(x):
            pass
        result = [len(g.apply_nodes), sorted(q.include), sorted(q.exclude), type(sub).__name__]
    """,
    "theano.compile.SpecifyShape theano.tensor.SpecifyShape theano.compile.ops.shape_i_op": X + """
        result = [theano.compile.SpecifyShape()(x, [3]).eval({x: v}), n('theano.compile.ops.shape_i_op')(0)(x).eval({x: v})]
    """,
    "theano.compile.get_info_on_inputs": """
        f = n('theano.compile.get_info_on_inputs'); result = [f(['a', 'b'], 0), f(['a'], 2), f([], 1)]
    """,
    "theano.gof.WrapLinker theano.gof.WrapLinkerMany": X + """
        seen = []
        linker = theano.gof.WrapLinker([theano.gof.PerformLinker()], lambda i, node, *thunks: (seen.append(str(node.op)), [t() for t in thunks]))
        many = theano.gof.WrapLinkerMany([theano.gof.PerformLinker()], [lambda i, node, *thunks: [t() for t in thunks]])
        result = [theano.function([x], T.dot(x, x), mode=theano.Mode(linker, None))(v), len(seen),
                  theano.function([x], T.dot(x, x), mode=theano.Mode(many, None))(v)]
    """,
    "theano.gof.hashtype theano.gof.utils.hashtype": X + "f = n('theano.gof.hashtype'); result = [f(x) == f(y), f(x) == f(3)]",
    "theano.gof.op.apply_meth theano.gof.op.simple_meth": """
        class Own(object):
            tag = 'text'
        result = [callable(n('theano.gof.op.apply_meth')('tag')), callable(n('theano.gof.op.simple_meth')('tag'))]
    """,
    "theano.tensor.key_to_cmp theano.gof.sched.key_to_cmp": "f = n('theano.gof.sched.key_to_cmp')(abs); result = [f(-3, 2), f(1, -1), f(0, 5)]",
    "theano.gof.toolbox.GetCheckpoint theano.gof.toolbox.LambdExtract theano.gof.unify.comm_guard theano.gof.utils.comm_guard "
    "theano.gof.utils.type_guard theano.gof.utils.Keyword theano.gof.utils.deprecated theano.gof.utils.simple_extract_stack": """
        U = n('theano.gof.utils')
        @U.deprecated('here', 'use other')
        def old(a): return a + 1
        result = [old(2), str(U.Keyword('ABORT')) if False else '', len(U.simple_extract_stack(limit=1)),
                  callable(U.comm_guard(int, str)), callable(U.type_guard(int))]
    """,
    "theano.has_handlers theano.misc.ordered_set.Link": """
        import logging
        a = logging.getLogger('uses.some.logger'); a.propagate = False; before = theano.has_handlers(a); a.addHandler(logging.NullHandler())
        result = [before, theano.has_handlers(a)]
    """,
    "theano.printing.OperatorPrinter": X + """
        p = theano.printing.PPrinter(); p.assign(T.add, theano.printing.OperatorPrinter('+', -2, 'either'))
        p.assign(lambda state, r: True, theano.printing.LeafPrinter()); p.assign(T.add, theano.printing.OperatorPrinter('+', -2, 'either'))
        result = p.process(x + y)
    """,
    "theano.raise_op.Raise": X + """
        try:
            theano.function([x], n('theano.raise_op.Raise')('words', ValueError)(x))(v)
        except ValueError as error:
            result = str(error).splitlines()[0]
    """,
    "theano.sandbox.blocksparse.sparse_block_outer theano.sandbox.blocksparse.sparse_block_outer_inplace": """
        r = np.random.RandomState(1); o = T.dtensor4(); a, b = T.dtensor3(), T.dtensor3(); i, j = T.lmatrices('ij')
        z = n('theano.sandbox.blocksparse.sparse_block_outer')(o, a, b, i, j)
        result = theano.function([o, a, b, i, j], z)(r.rand(2, 3, 4, 5), r.rand(1, 2, 4), r.rand(1, 2, 5), np.array([[0, 1]]), np.array([[2, 0]]))
    """,
    "theano.tensor.nnet.neighbours.neibs2images theano.sandbox.neighbours.neibs2images": """
        f = n('theano.tensor.nnet.neighbours'); a = T.dtensor4()
        result = f.neibs2images(f.images2neibs(a, (2, 2)), (2, 2), (1, 1, 4, 4)).eval({a: np.arange(16.).reshape(1, 1, 4, 4)})
    """,
    "theano.scalar.NumpyAutocaster theano.scalar.as_common_dtype theano.tensor.nnet.bn.as_common_dtype theano.scalar.unary_out_lookup "
    "theano.scalar.ScalarOp theano.scalar.UnaryScalarOp theano.scalar.BinaryScalarOp theano.scalar.UnaryBitOp theano.scalar.BinaryBitOp "
    "theano.scalar.LogicalComparison theano.scalar.FixedLogicalComparison theano.scalar.GammaIncC theano.scalar.gammaincc "
    "theano.scalar.inclosedrange theano.scalar.inopenrange theano.scalar.upcast theano.scalar.same_out theano.scalar.real_out "
    "theano.scalar.same_out_min8 theano.scalar.same_out_nobool theano.scalar.same_out_nocomplex": """
        S = theano.scalar; f = S.NumpyAutocaster(('float16', 'float32', 'float64')); a, b = S.float32('a'), S.float64('b')
        class Own(S.UnaryScalarOp):
            def impl(self, x): return x * 3
        x = T.dvector()
        result = [str(f(0.5).dtype), [str(r.type) for r in S.as_common_dtype(a, b)], str(S.unary_out_lookup({S.float32: S.float64})(S.float32)[0]),
                  T.Elemwise(Own(S.same_out))(x).eval({x: np.arange(3.)}), issubclass(S.Add, S.ScalarOp), issubclass(S.EQ, S.LogicalComparison),
                  issubclass(S.Invert, S.UnaryBitOp), issubclass(S.AND, S.BinaryBitOp), issubclass(S.IsNan, S.FixedLogicalComparison),
                  issubclass(S.Pow, S.BinaryScalarOp), isinstance(S.gammaincc, S.GammaIncC), S.upcast('int8', 'float32'),
                  [str(t[0]) for t in (S.same_out(S.int8), S.real_out(S.complex64), S.same_out_min8(S.bool), S.same_out_nobool(S.int8),
                                       S.same_out_nocomplex(S.float32))],
                  [bool(theano.function([b], op(b, b, b))(1.)) for op in (S.inclosedrange, S.inopenrange)]]
    """,
    "theano.tensor.DimShuffle theano.tensor.PermuteRowElements theano.tensor.makeKeepDims theano.tensor.extra_ops.RavelMultiIndex": X + """
        result = theano.function([x, m], [T.DimShuffle((False, False), (1, 'x', 0))(m), T.PermuteRowElements()(x, np.array([2, 0, 1]), 0),
            T.makeKeepDims(m, m.sum(0), 0), T.extra_ops.RavelMultiIndex()([0, 1], [1, 2], (2, 3))])(v, np.arange(6.).reshape(2, 3))
    """,
    "theano.tensor.blas.ger_destructive": """
        A = T.dmatrix(); x, y = T.dvectors('xy')
        f = theano.function([theano.In(A, mutable=True), x, y], n('theano.tensor.blas.ger_destructive')(A, np.asarray(.5), x, y), accept_inplace=True)
        result = f(np.ones((2, 3)), np.arange(2.), np.arange(3.))
    """,
    "theano.tensor.nlinalg.TensorSolve theano.tensor.nlinalg.tensorsolve": """
        r = np.random.RandomState(2); a = T.dtensor4(); b = T.dmatrix()
        result = [f(a, b).eval({a: r.rand(2, 3, 2, 3), b: r.rand(2, 3)}) for f in (n('theano.tensor.nlinalg.TensorSolve')(axes=None), n('theano.tensor.nlinalg.tensorsolve'))]
    """,
    "theano.tensor.nnet.Prepend_scalar_constant_to_each_row": X + """
        result = T.nnet.Prepend_scalar_constant_to_each_row(9.)(m).eval({m: np.ones((2, 3))})
    """,
    "theano.tensor.nnet.abstract_conv.AbstractConv2d_gradInputs theano.tensor.nnet.abstract_conv.AbstractConv2d_gradWeights "
    "theano.tensor.nnet.abstract_conv.AbstractConv3d": """
        r = np.random.RandomState(1); A = n('theano.tensor.nnet.abstract_conv'); a, k, y = (theano.shared(r.rand(*s)) for s in
            ((2, 3, 6, 5), (4, 3, 3, 2), (2, 4, 4, 4)))
        result = theano.function([], [A.AbstractConv2d_gradInputs()(k, y, [6, 5]), A.AbstractConv2d_gradWeights()(a, y, [3, 2]),
            A.AbstractConv3d()(theano.shared(r.rand(1, 2, 4, 5, 4)), theano.shared(r.rand(3, 2, 2, 2, 3)))], mode=theano.Mode('py', None))()
    """,
    "theano.tensor.nnet.ctc.ctc_available theano.tensor.nnet.ctc.ctc_present": "result = callable(n('theano.tensor.nnet.ctc.ctc_available'))",
    "theano.tensor.nnet.nnet.scalar_softsign theano.tensor.nnet.sigm.scalar_softplus theano.tensor.xlogx.scalar_xlogx "
    "theano.tensor.xlogx.scalar_xlogy0 theano.tensor.elemwise.mul_without_zeros theano.scalar.identity theano.scalar.Identity": """
        a, b = theano.scalar.float64('a'), theano.scalar.float64('b')
        result = [float(r) for r in theano.function([a, b], [n('theano.tensor.nnet.nnet.scalar_softsign')(a), n('theano.tensor.nnet.sigm.scalar_softplus')(a),
            n('theano.tensor.xlogx.scalar_xlogx')(a), n('theano.tensor.xlogx.scalar_xlogy0')(a, b), n('theano.tensor.elemwise.mul_without_zeros')(a, b),
            theano.scalar.identity(b)])(.4, 1.7)]
    """,
    "theano.tensor.signal.pool.AveragePoolGrad theano.tensor.signal.pool.pool_3d": """
        P = n('theano.tensor.signal.pool'); a = T.dtensor5(); r = np.random.RandomState(1)
        z = P.pool_3d(a, (2, 2, 2), ignore_border=True, mode='average_exc_pad')
        result = [issubclass(P.AveragePoolGrad, theano.Op)] + theano.function([a], [z, T.grad(z.sum(), a)])(r.rand(1, 1, 4, 4, 4))
    """,
    "theano.tensor.sort.ArgSortOp theano.tensor.sort.SortOp": X + """
        result = theano.function([m], [n('theano.tensor.sort.SortOp')('quicksort')(m, 1), n('theano.tensor.sort.ArgSortOp')('quicksort')(m, 1)])(
            np.array([[2., 1.], [0., 3.]]))
    """,
    "theano.typed_list.TypedListVariable": """
        L = n('theano.typed_list'); t = L.TypedListType(T.dvector)('t')
        result = [isinstance(t, L.TypedListVariable), theano.function([t], [t[0], L.length(t)])([np.ones(2), np.zeros(3)])]
    """,
    "theano.gof.fg.get_variable_trace_string theano.gof.utils.get_variable_trace_string": X + """
        result = type(n('theano.gof.utils.get_variable_trace_string')(T.exp(x))).__name__
    """,
    "theano.tensor.nlinalg.TensorInv": """
        a = T.dtensor4(); r = np.random.RandomState(3).rand(2, 3, 2, 3)
        result = [n('theano.tensor.nlinalg.TensorInv')(ind=2)(a).eval({a: r}), n('theano.tensor.nlinalg.tensorinv')(a, ind=2).eval({a: r})]
    """,
    "theano.tensor.AllocEmpty": """
        i = T.lscalar(); a = theano.function([i], T.AllocEmpty('float32')(i, 3))(2); result = [a.shape, str(a.dtype)]
    """,
    "scalar_ops_of_tensors": "result = str(theano.scalar.exp(T.dscalar()).type)",
}
