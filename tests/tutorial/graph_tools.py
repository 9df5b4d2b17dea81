"""The graph and compile packages as old code used them: walks, FunctionGraph, features, rewrites at import, modes."""

import pickle
import warnings

from own_ops import _double_op1, _raised


def _graph(theano, T):
    x, y = T.dvectors("x", "y")
    a = x + y
    b = a * x
    c = T.exp(b)
    return x, y, a, b, c


def example_walks(theano, T, np):
    g = theano.gof.graph
    x, y, a, b, c = _graph(theano, T)
    names = {x: "x", y: "y", a: "a", b: "b", c: "c"}
    show = lambda vs: [names[v] for v in vs if v in names]
    ops = lambda nodes: [names[n.outputs[0]] for n in nodes]
    return {
        "inputs": show(g.inputs([c])),
        "blocked": show(g.inputs([c], blockers=[a])),
        "ancestors": show(g.ancestors([c])),
        "ancestors_blocked": show(g.ancestors([c], [a])),
        "io_toposort": ops(g.io_toposort([x, y], [c])),
        "io_toposort_from_a": ops(g.io_toposort([a, x], [c])),
        "ops": sorted(ops(g.ops([x, y], [c]))),
        "variables": sorted(show(g.variables([x, y], [c]))),
        "orphans": show(g.orphans([x], [c])),
        "variables_and_orphans": [sorted(show(vs)) for vs in g.variables_and_orphans([x], [b])],
        "list_of_nodes": sorted(ops(g.list_of_nodes([x, y], [c]))),
        "ancestor": [g.is_in_ancestors(c.owner, a.owner), g.is_in_ancestors(a.owner, c.owner)],
        "view_roots": show(g.view_roots(x)),
        "stack_search": show(g.stack_search([c], lambda v: v.owner.inputs if v.owner else None, "dfs")),
        "general": show(g.general_toposort([c], lambda v: v.owner.inputs if v.owner else [])),
        "as_string": g.as_string([x, y], [c]),
        "as_string_shared": g.as_string([x, y], [a * a]),
        "op_as_string": g.op_as_string([x, y], b.owner),
        "connection": g.io_connection_pattern([x, y], [a, T.dvector()]),
        "same": [g.is_same_graph(x + y, x + y), g.is_same_graph(x + y, y + x), g.is_same_graph(a, b)],
        "same_given": g.is_same_graph(x + 1, y + 1, givens=[(x, y)]),
        "parents": [show(c.get_parents()[0].inputs), show(c.owner.get_parents())],
        "toposort_of_dict": theano.gof.utils.toposort({3: {1, 2}, 2: {1}, 1: set()}),
    }


def example_clones(theano, T, np):
    g = theano.gof.graph
    x, y, a, b, c = _graph(theano, T)
    ins, outs = g.clone([x, y], [c])
    kept_ins, kept_outs = g.clone([x, y], [c], copy_inputs=False)
    memo = g.clone_get_equiv([x, y], [c])
    node = b.owner.clone()
    again = b.owner.clone_with_new_inputs([y, y])
    return {
        "new": [ins[0] is x, outs[0] is c, outs[0].owner.op == c.owner.op],
        "kept": [kept_ins[0] is x, kept_outs[0] is c],
        "value": theano.function(ins, outs[0])([0.1], [0.2]),
        "memo": [memo[x] is x, memo[a].owner.inputs[0] is memo[x], b.owner in memo],
        "node": [node is b.owner, node.inputs[0] is a, node.outputs[0] is b],
        "again": [v.name for v in again.inputs],
        "wrong": _raised(b.owner.clone_with_new_inputs, [T.lmatrix(), y]),
        "strict": again.outputs[0].type == b.type,
        "apply_checks": [
            _raised(theano.gof.Apply, b.owner.op, [3], []),
            _raised(theano.gof.Apply, b.owner.op, [x], [3]),
            _raised(theano.gof.Apply, b.owner.op, [x], [b]),
        ],
    }


def example_function_graph(theano, T, np):
    x, y, a, b, c = _graph(theano, T)
    fg = theano.gof.FunctionGraph([x, y], [c])
    nodes = fg.toposort()
    out = {
        "copied": [fg.inputs[0] is x, fg.outputs[0] is c, fg.inputs[0].name],
        "count": [len(nodes), len(fg.apply_nodes), len(fg.variables)],
        "text": str(fg),
        "clients": [len(fg.clients(fg.inputs[0])), len(fg.clients(fg.outputs[0]))],
        "missing": _raised(theano.gof.FunctionGraph, [x], [c]) in ("MissingInputError", "MissingInputError"),
    }
    old = nodes[0].outputs[0]
    new = fg.inputs[0] - fg.inputs[1]
    fg.replace(old, new, reason="test")
    out["replaced"] = theano.function(fg.inputs, fg.outputs)([1.0], [0.5])
    out["names"] = [type(n.op.scalar_op).__name__ for n in fg.toposort()]
    twin = fg.clone()
    out["twin"] = [twin.outputs[0] is fg.outputs[0], len(twin.toposort())]
    copied, memo = fg.clone_get_equiv()
    out["memo"] = memo[fg.outputs[0]] is copied.outputs[0]
    fg.check_integrity()
    out["untouched"] = theano.function([x, y], c)([1.0], [0.5])
    fg.replace_validate(fg.outputs[0], fg.outputs[0] * np.float64(20))
    out["validated"] = theano.function(fg.inputs, fg.outputs)([1.0], [0.5])
    f = theano.function([x, y], c)
    out["of_function"] = [isinstance(f.maker.fgraph, theano.gof.FunctionGraph), len(f.maker.fgraph.inputs)]
    return out


def example_features(theano, T, np):
    x, y, a, b, c = _graph(theano, T)
    fg = theano.gof.FunctionGraph([x, y], [c])
    seen = []

    class Watch(theano.gof.Feature):
        def on_attach(self, fgraph):
            seen.append("attached")

        def on_import(self, fgraph, node, reason):
            seen.append("import " + type(node.op).__name__)

        def on_change_input(self, fgraph, node, i, r, new_r, reason=None):
            seen.append("change %s" % i)

        def on_prune(self, fgraph, node, reason):
            seen.append("prune " + type(node.op).__name__)

        def on_detach(self, fgraph):
            seen.append("detached")

    watch = Watch()
    fg.attach_feature(watch)
    first = fg.toposort()[0]
    fg.replace(first.outputs[0], fg.inputs[0] - fg.inputs[1])
    fg.remove_feature(watch)
    history = theano.gof.FunctionGraph([x, y], [c])
    history.attach_feature(theano.gof.toolbox.History()) if not hasattr(history, "checkpoint") else None
    point = history.checkpoint()
    before = [n.op for n in history.toposort()]
    node = history.toposort()[0]
    history.replace(node.outputs[0], history.inputs[0] - history.inputs[1])
    changed = [n.op for n in history.toposort()] != before
    history.revert(point)
    return {"seen": seen, "history": [changed, [n.op for n in history.toposort()] == before]}


def example_rewrites_at_import(theano, T, np):
    """A module that registers rewrites runs, and so do its ops."""
    Double = _double_op1(theano, T)
    double = Double()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")

        @theano.gof.local_optimizer([Double])
        def local_double(node):
            if isinstance(node.op, Double):
                return [node.inputs[0] * 2]
            return False

        theano.compile.optdb.register(
            "own_double_%i" % id(Double), theano.gof.TopoOptimizer(local_double), 49, "fast_run", "own"
        )
        theano.tensor.opt.register_canonicalize(local_double, name="own_canonical_%i" % id(Double))
        remove = theano.gof.OpRemove(double)
        x = T.dvector("x")
        f = theano.function([x], double(x))
    return {
        "value": f([1.0, 2.0]),
        "text": [str(local_double), str(remove)],
        "tracks": local_double.tracks()[0] is Double,
        "transform": theano.function([x], local_double.transform(double(x).owner)[0])([3.0]),
        "no": local_double.transform((x + 1).owner),
        "empty": _raised(theano.gof.local_optimizer, []),
    }


def example_optimize_a_graph(theano, T, np):
    Double = _double_op1(theano, T)
    x = T.dvector("x")
    fg = theano.gof.FunctionGraph([x], [Double()(x) + 1])

    @theano.gof.local_optimizer([Double])
    def local_double(node):
        return [node.inputs[0] * 5] if isinstance(node.op, Double) else False

    theano.gof.TopoOptimizer(local_double).optimize(fg)
    removed = theano.gof.FunctionGraph([x], [Double()(x) + 1])
    theano.gof.TopoOptimizer(theano.gof.OpRemove(Double())).optimize(removed)

    @theano.gof.optimizer
    def whole(fgraph):
        for node in fgraph.toposort():
            if isinstance(node.op, Double):
                fgraph.replace_validate(node.outputs[0], node.inputs[0] * 7)

    third = theano.gof.FunctionGraph([x], [Double()(x) + 1])
    whole.optimize(third)
    return {
        "values": [theano.function(g.inputs, g.outputs[0])([1.0, 2.0]) for g in (fg, removed, third)],
        "text": str(whole),
    }


def example_modes(theano, T, np):
    from_names = theano.compile.mode
    x = T.dvector("x")
    y = T.exp(x) * 2
    values = {}
    for i, mode in enumerate(
        [
            theano.Mode("py", "fast_compile"),
            theano.Mode(linker=theano.gof.PerformLinker(), optimizer="fast_run"),
            theano.Mode(theano.gof.OpWiseCLinker() if theano.config.cxx else "py", "fast_run"),
            theano.compile.get_default_mode().excluding("fusion", "inplace").including("local_remove_all_assert"),
            theano.compile.mode.FAST_COMPILE,
            theano.compile.get_mode("FAST_RUN"),
            theano.Mode("vm", None),
            from_names.get_mode("FAST_COMPILE").clone(),
        ]
    ):
        values[str(i)] = theano.function([x], y, mode=mode)([0.0])
    name = "own_mode_%i" % len(from_names.predefined_modes)
    theano.compile.register_mode(name, theano.Mode("py", "fast_run"))
    values["registered"] = theano.function([x], y, mode=name)([0.0])
    theano.compile.register_linker(name, theano.gof.PerformLinker())
    values["linker"] = theano.function([x], y, mode=theano.Mode(name, "fast_run"))([0.0])
    theano.compile.register_optimizer(name, theano.compile.mode.OPT_FAST_RUN.excluding("fusion"))
    values["optimizer"] = theano.function([x], y, mode=theano.Mode("py", name))([0.0])
    values["refused"] = [
        _raised(theano.compile.register_mode, "FAST_RUN", None),
        _raised(theano.compile.register_linker, "py", None),
        _raised(theano.compile.register_optimizer, "fast_run", None),
        _raised(theano.function, [x], y, mode="NO_SUCH_MODE") != "nothing",
        _raised(theano.Mode, "no such linker") != "nothing",
    ]
    values["predefined"] = sorted(k for k in from_names.predefined_modes if k in ("FAST_RUN", "FAST_COMPILE"))
    values["config"] = theano.config.mode in ("Mode", "FAST_RUN")
    return values


def example_debug_mode_finds(theano, T, np):
    debugmode = theano.compile.debugmode

    class Bad(theano.Op):
        __props__ = ("what",)

        def __init__(self, what):
            self.what = what

        def make_node(self, a, b):
            return theano.Apply(self, [a, b], [a.type()])

        def perform(self, node, inputs, outputs):
            a, b = inputs
            if self.what == "destroys":
                a += b
                outputs[0][0] = a * 1
            elif self.what == "views":
                outputs[0][0] = b[1:]
            elif self.what == "dtype":
                outputs[0][0] = (a + b).astype("float32")
            elif self.what == "nan":
                outputs[0][0] = a * np.nan
            else:
                outputs[0][0] = a + b

    x, y = T.dvectors("x", "y")
    found = {}
    for what in ("destroys", "views", "dtype", "nan", "good"):
        f = theano.function([x, y], Bad(what)(x, y), mode="DebugMode")
        try:
            found[what] = f([1.0, 2.0], [3.0, 4.0])
        except debugmode.DebugModeError as error:
            found[what] = type(error).__name__
    quiet = debugmode.DebugMode(check_isfinite=False)
    found["quiet"] = theano.function([x, y], Bad("nan")(x, y), mode=quiet)([1.0], [2.0])
    return found


def example_compile_helpers(theano, T, np):
    x = T.dvector("x")
    f = theano.compile.function([x], x + 1)
    g = theano.compile.pfunc([x], [x + 1, x + 2])
    h = theano.compile.orig_function([theano.In(x)], [theano.Out(x * 3)])
    stats = theano.compile.profiling.ProfileStats(atexit_print=False)
    p = theano.function([x], x + 1, profile=stats)
    p([1.0])
    io = theano.compile.io
    return {
        "function": f([1.0]),
        "pfunc": g([1.0]),
        "orig": h([1.0]),
        "symbolic": [str(io.SymbolicInput(x)), str(io.In(x)), io.SymbolicInput(x).name, io.In(x, borrow=True).borrow],
        "out": [type(io.Out(x)).__name__, io.Out(x, borrow=True).borrow],
        "profile": p.profile is stats,
        "alias_root": theano.compile.function_module.alias_root(x) is x,
        "check_equal": theano.compile.function_module.check_equal(3, 3),
        "input": type(theano.compile.function_module.convert_function_input(x)).__name__,
        "maker": [type(f.maker).__name__, len(f.maker.inputs), len(f.maker.outputs)],
        "pickled": pickle.loads(pickle.dumps(f))([1.0]),
    }


def example_utils(theano, T, np):
    u = theano.gof.utils
    calls = []

    @u.memoize
    def slow(a):
        calls.append(a)
        return a * 2

    class WithProps(u.object2):
        __props__ = ("a",)

        def __init__(self, a):
            self.a = a

    @u.deprecated("some.file", msg="Use another.")
    def old(a):
        return a + 1

    pad = u.scratchpad()
    pad.a = 3
    x = T.dvector("x")
    return {
        "memoize": [slow(2), slow(2), len(calls)],
        "object2": [
            WithProps(1) == WithProps(1),
            WithProps(1) != WithProps(2),
            hash(WithProps(1)) == hash(WithProps(1)),
            str(WithProps(1)),
        ],
        "deprecated": old(1),
        "flatten": u.flatten([1, (2, [3, 4]), 5]),
        "uniq": u.uniq([3, 1, 3, 2]),
        "unique": [u.unique([1, 2]), u.unique([1, 1])],
        "difference": u.difference([1, 2, 3], [2]),
        "hist": u.hist("aab"),
        "return_values": [u.to_return_values([1]), u.to_return_values([1, 2]), u.from_return_values(3)],
        "keyword": [str(u.ABORT), bool(u.ABORT), str(u.ANY_TYPE)],
        "d": u.D(a=3).a,
        "scratchpad": pad.a,
        "undefined": issubclass(u.MethodNotDefined, Exception),
        "trace": len(u.simple_extract_stack(limit=2)),
        "hash": [len(u.hash_from_code("a")), u.hash_from_code("a") == u.hash_from_code(b"a")],
        "hashtype": u.hashtype(x.type) == u.hashtype(T.dvector("y").type),
        "variable_trace": isinstance(u.get_variable_trace_string(x), str),
        "remove": list(u.remove(lambda v: v % 2, range(5))),
    }
