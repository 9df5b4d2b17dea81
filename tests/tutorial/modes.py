"""Page "Configuration settings and compiling modes": config values, modes and linkers by name."""


def example_config(theano, T, np):
    old = theano.config.floatX
    theano.config.floatX = "float32"
    single = [T.vector().dtype, T.scalar().dtype, T.zeros((2,)).dtype]
    theano.config.floatX = "float64"
    double = [T.vector().dtype, T.scalar().dtype, T.zeros((2,)).dtype]
    theano.config.floatX = old
    return {"single": single, "double": double, "device": theano.config.device, "mode": theano.config.mode}


def example_mode_names(theano, T, np):
    x = T.dvector("x")
    y = T.log(1 + T.exp(x)) * 2
    values = {}
    for mode in ("FAST_COMPILE", "FAST_RUN", "Mode", None):
        values[str(mode)] = theano.function([x], y, mode=mode)([-1.0, 0.0, 2.0])
    return values


def example_mode_objects(theano, T, np):
    x = T.dvector("x")
    y = T.tanh(x) ** 2
    values = {}
    for linker in ("py", "cvm", "c|py", "vm", "cvm_nogc", "c|py_nogc", "vm_nogc"):
        mode = theano.Mode(linker=linker, optimizer="fast_run")
        values[linker] = theano.function([x], y, mode=mode)([-1.0, 0.0, 2.0])
    for optimizer in ("fast_compile", "fast_run", "None", None):
        mode = theano.compile.mode.Mode(linker="py", optimizer=optimizer)
        values["optimizer " + str(optimizer)] = theano.function([x], y, mode=mode)([-1.0, 0.0, 2.0])
    return values


def example_default_mode(theano, T, np):
    mode = theano.compile.get_default_mode()
    included = mode.including("fast_run").excluding("fusion")
    x = T.dvector("x")
    f = theano.function([x], T.exp(x) + 1, mode=included)
    return {"values": f([0.0, 1.0]), "is_mode": isinstance(mode, theano.compile.mode.Mode)}


def example_unknown_mode(theano, T, np):
    x = T.dvector("x")
    try:
        theano.function([x], x, mode="NO_SUCH_MODE")
    except Exception:
        return {"raised": True}
    return {"raised": False}


def example_debugmode(theano, T, np):
    x = T.dvector("x")
    f = theano.function([x], 10 * x, mode="DebugMode")
    return {"values": [f([5]), f([0]), f([7])]}
