"""Convolutions, pooling and layers as old programs asked for them: name -> lines that set `result` (Python 3.8, run by
Theano and by tests, floatX=float64). What they raise is their result.
"""

PRELUDE = """
import warnings
from theano.tensor import nnet
from theano.tensor.nnet import abstract_conv, bn, neighbours, blocksparse
from theano.tensor.signal import pool
warnings.simplefilter('ignore')

def values(*shape, **kw):
    return np.random.RandomState(kw.get('seed', 0)).uniform(-1, 1, shape)

def ties(*shape):
    return np.random.RandomState(5).randint(0, 3, shape).astype('float64')

def run(build, *arrays):
    xs = [T.TensorType(str(a.dtype), (False,) * a.ndim)() for a in arrays]
    out = build(*xs)
    return theano.function(xs, out, on_unused_input='ignore')(*arrays)

def with_grads(build, *arrays):
    def both(*xs):
        z = build(*xs)
        weights = T.cos(T.arange(z.size)).reshape(z.shape)
        return [z] + T.grad((z * weights).sum(), list(xs), disconnected_inputs='ignore')
    return run(both, *arrays)

def attempt(f, *args, **kw):
    try:
        return f(*args, **kw)
    except Exception as error:
        return error

x4, w4 = T.tensor4('x'), T.tensor4('w')
"""

CASES = {
    # -- convolution
    "conv2d_valid": "result = with_grads(lambda x, w: nnet.conv2d(x, w), values(2, 2, 5, 4), values(3, 2, 2, 3))",
    "conv2d_full_correlated": """
        result = with_grads(lambda x, w: nnet.conv2d(x, w, border_mode='full', filter_flip=False), values(2, 1, 3, 4),
                            values(2, 1, 2, 3))
    """,
    "conv2d_half_strided": """
        result = with_grads(lambda x, w: nnet.conv2d(x, w, border_mode='half', subsample=(2, 1)), values(1, 2, 6, 5),
                            values(2, 2, 4, 3))
    """,
    "conv2d_number": """
        result = with_grads(lambda x, w: nnet.conv2d(x, w, border_mode=2), values(1, 1, 3, 3), values(1, 1, 2, 3))
    """,
    "conv2d_asymmetric": """
        result = with_grads(lambda x, w: nnet.conv2d(x, w, border_mode=((2, 0), 1), filter_dilation=(1, 2)),
                            values(1, 2, 4, 6), values(2, 2, 3, 2))
    """,
    "conv2d_groups": """
        result = with_grads(lambda x, w: nnet.conv2d(x, w, num_groups=2), values(2, 4, 4, 3), values(4, 2, 2, 2))
    """,
    "conv2d_unshared": """
        result = with_grads(lambda x, w: nnet.conv2d(x, w, unshared=True, subsample=(2, 1)), values(2, 2, 5, 4),
                            values(3, 2, 3, 2, 2, 2))
    """,
    "conv2d_in_single": """
        f = np.float32
        result = with_grads(lambda x, w: nnet.conv2d(x, w), values(1, 1, 3, 4).astype(f), values(1, 1, 2,
            2).astype(f))[0]
    """,
    "conv2d_second_order": """
        result = run(lambda x, w, v: T.grad((T.grad((nnet.conv2d(x, w, subsample=(2, 2)) ** 3).sum(), w) * v).sum(),
                                            [x, w, v]), values(1, 2, 5, 5), values(2, 2, 2, 2), values(2, 2, 2, 2,
                                                seed=1))
    """,
    "conv2d_rop": """
        result = run(lambda x, w, u, v: T.Rop(nnet.conv2d(x, w), [x, w], [u, v]), values(1, 2, 4, 4), values(2, 2, 2,
            2),
                     values(1, 2, 4, 4, seed=1), values(2, 2, 2, 2, seed=2))
    """,
    "conv2d_patterns": """
        one = T.TensorType('float64', (True, True, False, False))
        row = T.TensorType('float64', (False, False, True, False))
        z = nnet.conv2d(one(), one()); a, b = row(), one()
        result = [[g.broadcastable for g in T.grad(nnet.conv2d(a, b).sum(), [a, b])]]
        result += [z.broadcastable, nnet.conv2d(x4, one()).broadcastable, nnet.conv2d(row(), w4).broadcastable]
    """,
    "conv2d_empty": """
        f = lambda x, w: with_grads(lambda x, w: nnet.conv2d(x, w), x, w)
        result = [[v.shape for v in f(values(*a), values(*b))] for a, b in (
            ((0, 1, 4, 4), (1, 1, 3, 3)), ((2, 0, 4, 4), (1, 0, 3, 3)), ((2, 1, 4, 4), (0, 1, 3, 3)))]
    """,
    "conv2d_wrong_sizes": """
        f = theano.function([x4, w4], nnet.conv2d(x4, w4))
        result = [attempt(f, values(1, 1, 2, 2), values(1, 1, 3, 3)), attempt(f, values(1, 2, 4, 4), values(1, 1, 3,
            3))]
    """,
    "conv2d_wrong_parameters": """
        result = [attempt(nnet.conv2d, *a, **k) for a, k in (
            ((T.matrix(), w4), {}), ((x4, T.tensor3()), {}), ((x4, w4), {'border_mode': 'same'}),
            ((x4, w4), {'border_mode': -1}), ((x4, w4), {'border_mode': (1,)}), ((x4, w4), {'border_mode': (1, -1)}),
            ((x4, w4), {'subsample': (1,)}), ((x4, w4), {'filter_dilation': (1, 1, 1)}), ((x4, w4), {'num_groups': 0}),
            ((x4, w4), {'input_shape': (1, 1, T.iscalar(), 3)}), ((x4, w4), {'imshp_logical': (1, 2)}),
            ((x4, w4), {'image_shape': (1, 1, 2, 2), 'input_shape': (1, 1, 2, 2)}), ((x4, w4), {'unshared': True}))]
    """,
    "conv2d_warnings": """
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter('always')
            nnet.conv2d(x4, w4, image_shape=(1, 1, 3, 3), nothing=3)
        result = len(found)
    """,
    "shapes_are_checked_when_asked": """
        with theano.configparser.change_flags(**{'conv.assert_shape': True}):
            f = theano.function([x4, w4], nnet.conv2d(x4, w4, input_shape=(None, 1, 3, 3), filter_shape=(2, 1, 2, 2)))
        result = [f(values(2, 1, 3, 3), values(2, 1, 2, 2)).shape, attempt(f, values(2, 1, 4, 3), values(2, 1, 2, 2))]
    """,
    "conv2d_transpose": """
        result = with_grads(lambda x, w: nnet.conv2d_transpose(x, w, (None, 1, 7, 6), input_dilation=(2, 2),
                                                               border_mode=(0, 1)), values(2, 3, 3, 3), values(3, 1,
                                                                   3, 4))
    """,
    "gradients_by_name": """
        result = [
            run(lambda g, w: abstract_conv.conv2d_grad_wrt_inputs(g, w, (2, 2, 5, 6), subsample=(2, 2)),
                values(2, 3, 2, 2), values(3, 2, 2, 3)),
            run(lambda x, g: abstract_conv.conv2d_grad_wrt_weights(x, g, (3, 2, 2, 3), border_mode='half'),
                values(2, 2, 5, 6), values(2, 3, 6, 6)),
            run(lambda g, w: abstract_conv.AbstractConv2d_gradInputs(border_mode=(1, 1))(w, g, (4, 4)),
                values(1, 2, 4, 4), values(2, 1, 3, 3)),
            run(lambda g, w: abstract_conv.AbstractConv3d_gradInputs(subsample=(2, 2, 2))(w, g, (4, 4, 4)),
                values(1, 2, 2, 2, 2), values(2, 1, 2, 2, 2)),
            attempt(run, lambda g, w: abstract_conv.conv2d_grad_wrt_inputs(g, w, (2, 2, 9, 9)), values(2, 3, 2, 2),
                    values(3, 2, 2, 3)),
            attempt(abstract_conv.conv2d_grad_wrt_inputs, x4, w4, (1, 1, None, 3)),
            attempt(abstract_conv.conv2d_grad_wrt_inputs, x4, w4, (T.iscalar(), 1, 3, 3)),
            attempt(abstract_conv.conv2d_grad_wrt_weights, x4, w4, (1, 1, None, 3)),
        ]
    """,
    "shapes_of_convolutions": """
        a = abstract_conv
        p = lambda shape: [None if n is None else int(n) for n in shape]
        result = [
            p(a.get_conv_output_shape((3, 2, 10, 9), (4, 2, 3, 3), 'half', (2, 1), (1, 2))),
            p(a.get_conv_output_shape((3, 2, 10, None), (4, 2, 3, 3), (1, (2, 0)), (1, 1))),
            p(a.get_conv_output_shape((3, 2, 8, 8, 8), (4, 2, 3, 3, 2), 'full', (1, 2, 3))),
            a.get_conv_shape_1axis(10, 3, (1, 2), 2), a.get_conv_shape_1axis(10, 3, 'valid', 1, 2),
            p(a.get_conv_gradweights_shape((3, 2, 10, 9), (3, 4, 8, 9), ('valid', 1), (1, 1))),
            p(a.get_conv_gradweights_shape((3, 4, 10, 9), (3, 6, 8, 9), 'valid', (1, 2), num_groups=2)),
            p(a.get_conv_gradinputs_shape((4, 2, 3, 3), (3, 4, 8, 9), 'full', (1, 1), (2, 1))),
            p(a.get_conv_gradinputs_shape((4, 2, 3, 3), (3, 4, 8, 9), 'half', (1, 2), num_groups=3)),
            a.check_conv_gradinputs_shape((3, 2, 10, 9), (4, 2, 3, 3), (3, 4, 8, 7), 'valid', (1, 1)),
            a.check_conv_gradinputs_shape((3, 2, 10, 9), (4, 2, 3, 3), (3, 4, 8, 8), 'valid', (1, 1)),
            a.check_conv_gradinputs_shape((3, 2, 10), (4, 2, 3, 3), (3, 4, 8, 8), 'valid', (1, 1)),
            a.border_mode_to_pad('half', 2, (3, 5)), a.border_mode_to_pad((1, (2, 3)), 2, (3, 5)),
            attempt(a.border_mode_to_pad, (1, -1), 2, (3, 3)), attempt(a.assert_conv_shape, (3, 3, 0, 1)),
            attempt(a.get_conv_shape_1axis, 3, 2, (-1, 0), 1),
        ]
    """,
    "conv3d": """
        result = with_grads(lambda x, w: nnet.conv3d(x, w, border_mode=(1, 0, 1), subsample=(1, 2, 1)),
                            values(1, 2, 3, 4, 3), values(2, 2, 2, 2, 3))
    """,
    "conv3d_asymmetric": """
        result = attempt(nnet.conv3d, T.TensorType('float64', (False,) * 5)(), T.TensorType('float64',
            (False,) * 5)(), border_mode=((1, 2), 1, 1))
    """,
    "separable": """
        result = run(lambda x, d, p: nnet.separable_conv2d(x, d, p, 2, border_mode='half'), values(2, 2, 4, 4),
                     values(4, 1, 3, 3), values(3, 4, 1, 1))
    """,
    "causal": """
        result = run(lambda x, w: abstract_conv.causal_conv1d(x, w, (3, 2, 2), filter_dilation=2), values(2, 2, 6),
                     values(3, 2, 2))
    """,
    "bilinear": """
        result = [
            run(lambda x: abstract_conv.bilinear_upsampling(x, 3), values(1, 2, 3, 2)),
            run(lambda x: abstract_conv.bilinear_upsampling(x, 2, use_1D_kernel=False), values(2, 1, 2, 3)),
            run(lambda x: abstract_conv.bilinear_upsampling(x, frac_ratio=(5, 4), use_1D_kernel=False), values(1, 1,
                4, 4)),
            run(lambda x: abstract_conv.bilinear_upsampling(x, frac_ratio=((3, 2), (4, 6)), use_1D_kernel=False),
                values(1, 1, 4, 6)),
            abstract_conv.bilinear_kernel_1D(3).eval(), abstract_conv.bilinear_kernel_2D((2, 3), False).eval(),
            attempt(abstract_conv.bilinear_upsampling, x4), attempt(abstract_conv.bilinear_upsampling, x4, 2, (3, 2)),
            attempt(abstract_conv.bilinear_upsampling, x4, frac_ratio=(3, 2)),
        ]
    """,
    "conv_of_old": """
        from theano.tensor.nnet import conv
        result = with_grads(lambda x, w: conv.conv2d(x, w, image_shape=(2, 2, 5, 4), filter_shape=(3, 2, 2, 3),
                                                     border_mode='full', version=-1), values(2, 2, 5, 4),
                            values(3, 2, 2, 3)) + [
            run(lambda x, w: conv.conv2d(x, w, subsample=(2, 1)), values(2, 2, 5, 4), values(3, 2, 2, 3)),
            attempt(run, lambda x, w: conv.conv2d(x, w, image_shape=(2, 2, 5, 5)), values(2, 2, 5, 4), values(3, 2,
                2, 3)),
            attempt(conv.conv2d, x4, w4, (1, 2, 4, 4), (1, 3, 2, 2)), attempt(conv.conv2d, x4, w4, border_mode='half'),
            attempt(conv.conv2d, x4, T.ftensor4()), attempt(conv.conv2d, T.matrix(), w4),
            attempt(conv.conv2d, x4, w4, (1, 1, T.iscalar(), 3)),
            attempt(lambda: T.grad(conv.conv2d(x4, w4, subsample=(2, 2)).sum(), w4)),
            conv.conv2d(x4, w4, (1, 1, 3, 3), (2, 1, 3, 2)).broadcastable]
    """,
    "conv_of_single_images": """
        from theano.tensor.signal import conv
        result = [run(lambda x, w: conv.conv2d(x, w), values(*a), values(*b)) for a, b in (
            ((4, 4), (2, 3)), ((2, 4, 4), (2, 3)), ((4, 4), (3, 2, 3)), ((2, 4, 4), (3, 2, 3)))]
        result += [run(lambda x, w: conv.conv2d(x, w, (2, 4, 4), (3, 2, 3), 'full', (1, 2)), values(2, 4, 4),
            values(3, 2, 3))]
    """,
    "conv3d2d": """
        from theano.tensor.nnet.conv3d2d import conv3d
        result = [run(lambda x, w: conv3d(x, w, border_mode=m), values(1, 4, 2, 4, 5), values(2, 3, 2, 2, 3))
                  for m in ('valid', 'full', 'half', ('full', 'valid', 'valid'), ('valid', 'full', 'full'))]
        result.append(with_grads(lambda x, w: conv3d(x, w, (1, 3, 1, 3, 3), (2, 2, 1, 2, 2)), values(1, 3, 1, 3, 3),
                                 values(2, 2, 1, 2, 2)))
    """,
    # -- pooling
    "pool_all": """
        result = []
        for mode in ('max', 'sum', 'average_inc_pad', 'average_exc_pad'):
            for ws, ib, st, pad in (((2, 2), True, None, (0, 0)), ((2, 3), False, None, (0, 0)), ((3, 2), True, (1,
                2), (0, 0)),
                                    ((3, 3), True, (2, 2), (1, 2)), ((2, 2), False, (3, 1), (0, 0)),
                                    ((3, 3), False, (2, 2), (0, 0)), ((4, 5), False, (2, 3), (0, 0))):
                f = run if mode == 'average_exc_pad' and max(pad) else with_grads
                result.append(f(lambda x: pool.pool_2d(x, ws, ib, st, pad, mode), ties(1, 2, 5, 6)))
    """,
    "pool_shapes": """
        result = [run(lambda x: pool.pool_2d(x, (2, 2), True), values(*s)).shape for s in (
            (4, 4), (3, 4, 4), (2, 3, 5, 5), (2, 2, 2, 4, 4), (0, 1, 4, 4), (1, 1, 1, 1))]
        result += [run(lambda x: pool.pool_2d(x, (2, 2), False), values(*s)).shape for s in ((5, 5), (1, 1, 1, 1))]
        result += [pool.Pool.out_shape((3, 2, 8, 8), (3, 3), True, (2, 2), (1, 1)),
                   pool.Pool.out_shape((3, 2, 8, 8), (3, 3), False, (2, 2)), pool.Pool.out_shape((8, 8), (2, 2), True)]
        result = [[int(n) for n in s] for s in result]
    """,
    "pool_integers": """
        a = np.arange(-8, 8).reshape(1, 1, 4, 4).astype('int32')
        result = [run(lambda x: pool.pool_2d(x, (2, 2), True, mode=m), a) for m in ('max', 'sum')]
    """,
    "pool_by_variables": """
        result = run(lambda x, ws: [pool.pool_2d(x, ws, True), pool.pool_2d(x, ws, True).shape], values(1, 1, 4, 6),
                     np.array([2, 3], 'int32'))
    """,
    "pool_wrong": """
        p = pool.pool_2d
        result = [attempt(p, *a, **k) for a, k in (
            ((x4,), {}), ((x4, (2, 2)), {'ds': (2, 2)}), ((x4, (2, 2), True), {'mode': 'min'}), ((T.vector(), (2, 2),
                True), {}),
            ((x4, (2, 2), False, None, (1, 1)), {}), ((x4, (2, 2), True, None, (2, 2)), {}), ((x4, (2., 2.), True), {}),
            ((x4, 2, True), {}), ((x4, (2, 2), True, (1, 1)), {'st': (1, 1)}))]
        result = [r if isinstance(r, Exception) else str(r.owner.op) for r in result]
    """,
    "pool_old_names": """
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter('always')
            z = pool.pool_2d(x4, ds=(3, 3), st=(2, 2), padding=(1, 1), ignore_border=True)
            pool.pool_2d(x4, (2, 2))
        result = [len(found), z.eval({x4: ties(1, 1, 5, 5)})]
    """,
    "pool_same_size": "result = run(lambda x: pool.max_pool_2d_same_size(x, (2, 2)), ties(1, 2, 5, 4))",
    "pool_3d": """
        result = [with_grads(lambda x: pool.pool_3d(x, (2, 2, 2), True, mode=m), ties(2, 4, 5, 4))
                  for m in ('max', 'average_exc_pad')]
    """,
    "pool_second_order": """
        result = [run(lambda x, v: T.grad((T.grad((pool.pool_2d(x, (2, 2), True, (1, 1), mode=m) ** 2).sum(),
            x) * v).sum(), [x, v]),
                      ties(1, 1, 4, 4), values(1, 1, 4, 4)) for m in ('max', 'average_inc_pad')]
    """,
    "pool_rop": """
        result = [run(lambda x, v: T.Rop(pool.pool_2d(x, (2, 2), True, mode=m), x, v), ties(1, 1, 4, 5), values(1, 1,
            4, 5))
                  for m in ('max', 'sum')]
    """,
    # -- layers
    "batch_normalization": """
        result = [with_grads(lambda x, g, b: bn.batch_normalization_train(x, g, b, axes)[0], values(*s), values(*p),
            values(*p))
                  for s, p, axes in (((4, 3), (3,), 'per-activation'), ((3, 2, 2, 3), (2,), 'spatial'),
                                     ((3, 2, 2), (1, 2, 1), (0, 2)))]
        result += [with_grads(lambda x, g, b, m, v: bn.batch_normalization_test(x, g, b, m, v), values(4, 3), values(3),
                              values(3), values(3), values(3) ** 2 + .1)]
        result += [with_grads(lambda x, g, b, m, v: nnet.batch_normalization(x, g, b, m, v, mode=mode), values(4, 3),
                              values(4, 3), values(4, 3), values(4, 3), values(4, 3) + 2) for mode in ('low_mem',
                                  'high_mem')]
    """,
    "batch_normalization_averages": """
        result = run(lambda x, g, b, m, v: bn.batch_normalization_train(x, g, b, 'spatial', 1e-3, .2, m, v),
                     values(3, 2, 2, 3), values(2), values(2), values(2), values(2) ** 2)
    """,
    "batch_normalization_wrong": """
        x, v = T.matrix(), T.vector(); f = bn.batch_normalization_train
        result = [attempt(f, *a, **k) for a, k in (
            ((x, v, v, 'all'), {}), ((x, v, v, (5,)), {}), ((x, v, v, ()), {}), ((x, T.scalar(), v), {}),
            ((x, v, v), {'epsilon': 1e-9}), ((x, v, v), {'running_mean': v}), ((x, v, v), {'running_mean': x,
                'running_var': v}))]
        result += [attempt(nnet.batch_normalization, x, v, v, v, v, 'no_mem'), attempt(bn.batch_normalization_test,
            x, v, v, x, v)]
    """,
    "h_softmax": """
        a = [values(4, 3), values(3, 2), values(2), values(2, 3, 4), values(2, 4)]
        result = [run(lambda x, W1, b1, W2, b2: nnet.h_softmax(x, 4, 7, 2, 4, W1, b1, W2, b2), *a),
                  run(lambda x, W1, b1, W2, b2: T.grad(nnet.h_softmax(x, 4, 7, 2, 4, W1, b1, W2, b2,
                      T.constant(np.array([0, 6, 3, 5]))).sum(), [x, W1, W2, b2]), *a)]
    """,
    "neighbours": """
        n = neighbours
        result = [run(lambda x: n.images2neibs(x, shape, step, mode), values(2, 1, 4, 6)) for shape, step, mode in (
            ((2, 3), None, 'valid'), ((2, 2), (1, 2), 'valid'), ((3, 4), (2, 2), 'ignore_borders'), ((3, 3), (2, 1),
                'wrap_centered'),
            ((2, 2), (1, 1), 'half'), ((3, 2), (1, 1), 'full'))]
        result += [with_grads(lambda x: n.images2neibs(x, (2, 3)), values(1, 2, 4, 6)),
                   run(lambda z: n.neibs2images(z, (2, 3), (1, 2, 4, 6)), values(8, 6)),
                   run(lambda z: n.neibs2images(z, (2, 2), (1, 1, 5, 5), 'ignore_borders'), values(4, 4)),
                   attempt(run, lambda x: n.images2neibs(x, (3, 3)), values(1, 1, 4, 4)),
                   attempt(n.images2neibs, x4, (2, 2), mode='none'), n.images2neibs(x4, (2, 2)).broadcastable]
    """,
    "blocks": """
        result = run(lambda W, h, i, b, o: blocksparse.sparse_block_dot(W, h, i, b, o), values(3, 2, 4, 5), values(2,
            2, 4),
                     np.array([[0, 2], [1, 1]]), values(2, 5), np.array([[1, 0, 0], [1, 0, 1]]))
    """,
    "prepended": """
        result = [run(lambda x: nnet.prepend_1_to_each_row(x), values(2, 3)),
            run(lambda x: nnet.prepend_0_to_each_row(x), values(2, 3)),
                  run(lambda x: nnet.prepend_scalar_to_each_row(5., x), values(2, 3))]
    """,
}
