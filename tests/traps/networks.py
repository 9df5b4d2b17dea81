"""Rows 22 and 111 to 123: ties of max pooling; convolution, pooling and batch normalization; patches, upsampling."""

PROBES = {
    "r22_ties_of_max_pooling": (
        "from theano.tensor.signal.pool import pool_2d; "
        "G(lambda x: pool_2d(x, (2, 2), ignore_border=True), np.ones((2, 2))), "
        "G(lambda x: pool_2d(x, (2, 2), ignore_border=True, stride=(1, 1)), np.ones((3, 3)))"
    ),
    "r111_images2neibs": (
        "from theano.tensor.nnet.neighbours import images2neibs; "
        "ev(images2neibs(V(np.arange(16.).reshape(1, 1, 4, 4)), (2, 2))), "
        "ev(images2neibs(V(np.arange(16.).reshape(1, 1, 4, 4)), (2, 2), (1, 1), mode='ignore_borders'))"
    ),
    "r111_bilinear_upsampling": (
        "from theano.tensor.nnet.abstract_conv import bilinear_upsampling; "
        "ev(bilinear_upsampling(V([[[[1., 2.], [3., 4.]]]]), ratio=2)), "
        "ev(bilinear_upsampling(V([[[[1., 2.], [3., 4.]]]]), ratio=3, use_1D_kernel=False))"
    ),
    "r112_convolution_flips": (
        "from theano.tensor.signal.conv import conv2d as flat; "
        "x, w = np.arange(9.).reshape(1, 1, 3, 3), np.array([[[[1., 0.], [0., 0.]]]]); "
        "ev(T.nnet.conv2d(V(x), V(w))), ev(T.nnet.conv2d(V(x), V(w), filter_flip=False)), "
        "ev(T.nnet.conv3d(V(x[None]), V(w[None]))), ev(flat(V(x[0, 0]), V(w[0, 0])))"
    ),
    "r113_transposed_convolution_flips": (
        "from theano.tensor.nnet.abstract_conv import conv2d_grad_wrt_inputs as back; "
        "g, w = np.ones((1, 1, 2, 2)), np.array([[[[1., 2.], [0., 3.]]]]); "
        "[ev(back(V(g), V(w), (1, 1, 3, 3), filter_flip=flip)) for flip in (True, False)]"
    ),
    "r114_border_modes": (
        "x, w = np.ones((1, 1, 5, 5)), np.ones((1, 1, 2, 2)); "
        "[list(ev(T.nnet.conv2d(V(x), V(w), border_mode=m)).shape) for m in "
        "('valid', 'full', 'half', 1, (1, 2), ((0, 1), (1, 0)))], "
        "er(lambda: T.nnet.conv2d(V(x), V(w), border_mode='same'))"
    ),
    "r116_a_wrong_hint": (
        "ev(T.nnet.conv2d(V(np.ones((1, 1, 3, 3))), V(np.ones((1, 1, 2, 2))), input_shape=(1, 1, 4, 4)))"
    ),
    "r117_ignore_border_by_default": (
        "from theano.tensor.signal.pool import pool_2d; x = np.arange(25.).reshape(5, 5); "
        "ev(pool_2d(V(x), (2, 2))), ev(pool_2d(V(x), (2, 2), ignore_border=True))"
    ),
    "r118_sizes_with_borders": (
        "from theano.tensor.signal.pool import pool_2d; "
        "[[ev(pool_2d(V(np.ones((n, n))), (ws, ws), ignore_border=False, stride=(st, st))).shape[0] "
        "for n in range(2, 9)] for ws, st in ((2, 3), (3, 1), (3, 2), (2, 2))]"
    ),
    "r119_padding": (
        "from theano.tensor.signal.pool import pool_2d; modes = 'max sum average_inc_pad average_exc_pad'.split(); "
        "[ev(pool_2d(V(np.ones((3, 3))), (2, 2), ignore_border=True, pad=(1, 1), mode=m)) for m in modes], "
        "er(lambda: pool_2d(V(np.ones((3, 3))), (2, 2), ignore_border=False, pad=(1, 1)))"
    ),
    "r120_means_of_parts": (
        "from theano.tensor.signal.pool import pool_2d; "
        "[ev(pool_2d(V(np.arange(9.).reshape(3, 3)), (2, 2), ignore_border=False, mode=m)) "
        "for m in ('average_inc_pad', 'average_exc_pad')]"
    ),
    "r121_the_last_two_axes": (
        "from theano.tensor.signal.pool import pool_2d; "
        "[list(ev(pool_2d(V(np.ones(s)), (2, 2), ignore_border=True)).shape) "
        "for s in ((4, 4), (3, 4, 4), (2, 3, 4, 4), (2, 2, 3, 4, 4))], "
        "ev(pool_2d(V(np.ones((4, 4))), ds=(2, 2), st=(1, 1), padding=(1, 1), ignore_border=True))"
    ),
    "r122_std_and_var": (
        "from theano.tensor.nnet import bn; x = np.array([[1., 2.], [3., 6.]]); one = np.array([1., 2.]); "
        "ev(bn.batch_normalization(V(x), V(one), V(one), V(one), V(one * 2))), "
        "ev(bn.batch_normalization_test(V(x), V(one), V(one), V(one), V(one * 2)))"
    ),
    "r123_training": (
        "from theano.tensor.nnet import bn; x = np.array([[1., 2.], [3., 6.]]); z = np.zeros(2); "
        "ev(list(bn.batch_normalization_train(V(x), V(z + 1), V(z), running_mean=V(z), running_var=V(z + 1))))"
    ),
}

SAYS = {}
