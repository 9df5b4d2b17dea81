"""Linear algebra and Fourier transforms: expressions for op_cases.py. N is theano.tensor.nlinalg, L slinalg, F fft and
C fourier. Vectors whose sign is not defined are made positive, or put together again, before they are compared."""

import numpy as np

_A = np.array([[4.0, 1.0, -0.5], [0.5, 3.0, 1.0], [1.0, -0.25, -2.0]])
_B = np.array([[3.0, 0.5, 0.25], [-0.5, 2.0, 0.75], [0.5, 0.125, 1.5]])
_BOX = np.eye(6) * 3 + np.linspace(-0.4, 0.4, 36).reshape(6, 6)

INPUTS = {
    "A": ("float64", (False, False), _A),
    "B": ("float64", (False, False), _B),
    "P": ("float64", (False, False), _A @ _A.T),
    "Af": ("float32", (False, False), _A.astype("float32")),
    "Pf": ("float32", (False, False), (_A @ _A.T).astype("float32")),
    "Ac": ("complex128", (False, False), _A + 1j * _B),
    "Hc": ("complex128", (False, False), (_A + 1j * _B) @ (_A + 1j * _B).conj().T),
    "Ai": ("int64", (False, False), np.array([[4, 1], [1, 3]])),
    "Ai1": ("int8", (False, False), np.array([[4, 1], [1, 3]], "int8")),
    "Ab": ("bool", (False, False), np.array([[1, 1], [0, 1]], "bool")),
    "Ah": ("float16", (False, False), np.array([[4, 1], [1, 3]], "float16")),
    "swirl": ("float64", (False, False), np.array([[0.0, -1.0], [1.0, 0.5]])),
    "huge": ("float64", (False, False), np.diag([1e-200, 1e-200, 1e200, 1e199, 1e3])),
    "low": ("float64", (False, False), np.array([[4.0, 1.0], [1.0, -3.0]])),
    "flat": ("float64", (False, False), np.array([[1.0, 2.0], [2.0, 4.0]])),
    "none": ("float64", (False, False), np.zeros((0, 0))),
    "spot": ("float64", (False, False), np.array([[4.0, np.nan], [1.0, 3.0]])),
    "endless": ("float64", (False, False), np.array([[4.0, 1.0], [np.inf, 3.0]])),
    "dot1": ("float64", (True, True), np.array([[2.0]])),
    "one": ("float64", (False, False), np.array([[2.0]])),
    "R": ("float64", (False, False), np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.25]])),
    "Rf": ("float32", (False, False), np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.25]], "float32")),
    "d3": ("float64", (False,), np.array([1.0, -2.0, 0.5])),
    "d2": ("float64", (False,), np.array([1.5, -2.0])),
    "i3": ("int32", (False,), np.array([1, -2, 3], "int32")),
    "box": (
        "float64",
        (False, False, False),
        (np.eye(6) * 3 + np.linspace(-0.4, 0.4, 36).reshape(6, 6)).reshape(2, 3, 6),
    ),
    "wave": ("float64", (False, False), np.arange(12.0).reshape(2, 6) ** 1.5),
    "wave5": ("float64", (False, False), np.cos(np.arange(10.0)).reshape(2, 5)),
    "wave3": ("float64", (False, False, False), np.sin(np.arange(24.0)).reshape(2, 3, 4)),
    "wavef": ("float32", (False, False), (np.arange(12.0).reshape(2, 6) ** 1.5).astype("float32")),
    "wavei": ("int32", (False, False), np.arange(12, dtype="int32").reshape(2, 6) ** 2),
    "wavec": ("complex128", (False, False), np.arange(12.0).reshape(2, 6) * (1 - 0.5j)),
    "spec": ("float64", (False, False, False), np.cos(np.arange(16.0)).reshape(2, 4, 2)),
    "spec3": ("float64", (False, False, False, False), np.cos(np.arange(48.0)).reshape(2, 3, 4, 2)),
    "specf": ("float32", (False, False, False), np.cos(np.arange(16.0)).reshape(2, 4, 2).astype("float32")),
    "length": ("int64", (), np.array(4)),
    "along": ("int32", (), np.array(1, "int32")),
}


def _each(template, names):
    return "\n".join(template.replace("?", name) for name in names.split())


WHOLE = (
    _each("N.matrix_inverse(?)", "A Af Ac Ai Ai1 Ab Ah dot1 one none flat spot R d3 s t")
    + "\n"
    + _each("N.det(?)", "A Af Ac Ai Ai1 Ah huge low flat none R d3")
    + "\n"
    + _each("N.pinv(?)", "A Af Ac R Rf flat spot none Ah d3")
    + "\n"
    + _each("L.expm(?)", "A Af Ac low none R spot swirl d3")
    + "\n"
    + _each("N.trace(?)", "A Af Ac Ai R t d3")
    + "\n"
    + _each("N.diag(?)", "A R d3 t s Ac i3")
    + """
N.alloc_diag(d3)
N.alloc_diag(i3)
N.alloc_diag(A)
N.AllocDiag()(d2)
N.extract_diag(R)
N.extract_diag(d3)
N.matrix_dot(A, B, R)
N.matrix_dot(A)
N.matrix_dot(A, B, d3)
N.matrix_power(A, 3)
N.matrix_power(A, 1)
N.matrix_power(R, 2)
N.matrix_power(Ai, 2)
N.norm(A, None)
N.norm(A, 'fro')
N.norm(A, 'inf')
N.norm(A, '-inf')
N.norm(A, 1)
N.norm(A, -1)
N.norm(A, 2)
N.norm(A, 0)
N.norm(A, 'x')
N.norm(Af, 'fro')
N.norm(Ac, None)
N.norm(d3, None)
N.norm(d3, 'inf')
N.norm(d3, '-inf')
N.norm(d3, 0)
N.norm(d3, 1)
N.norm(d3, 2)
N.norm(d3, -1)
N.norm(d3, -2)
N.norm(abs(d3), 3)
N.norm(d3, 'fro')
N.norm(i3, 2)
N.norm(i3, None)
N.norm(i3, 1)
N.norm(t, None)
N.norm(s, None)
N.norm([3.0, 4.0], 2)
L.kron(A, R)
L.kron(d3, R)
L.kron(R, d3)
L.kron(d3, d2)
L.kron(s, R)
L.kron(t, R)
L.kron(R, t)
L.kron(t, t2)
L.kron(Ai, Rf)
T.log(N.det(P))
T.sqrt(N.det(P)) * N.trace(N.matrix_inverse(P))
T.dot(N.matrix_inverse(A), R)
N.matrix_inverse(A).T
T.Rop(N.matrix_inverse(A), A, B)
T.grad(T.grad(N.matrix_inverse(A).sum(), A)[0, 1], A)
T.grad(T.grad(N.det(A), A)[0, 1], A)
T.grad((N.matrix_inverse(A) ** 2).sum(), A)
T.grad((N.pinv(R) ** 2).sum(), R)
"""
)

DECOMPOSED = (
    _each("L.cholesky(?)", "P Pf Hc Ai Ai1 Ah low spot endless none one dot1 R d3")
    + "\n"
    + _each("L.Cholesky(lower=False)(?)", "P Pf low A")
    + "\n"
    + _each("L.Cholesky(on_error='nan')(?)", "P low spot R")
    + "\n"
    + _each("abs(N.svd(?)[0][:, :2])", "R A Rf Ac")
    + "\n"
    + _each("N.svd(?)[1]", "R A Rf flat none spot")
    + "\n"
    + _each("N.svd(?, compute_uv=0)", "R A Rf flat none spot")
    + "\n"
    + _each("abs(N.qr(?)[0])", "R A Rf Ac")
    + "\n"
    + _each("N.qr(?, 'r')", "R A Rf Ac none d3")
    + "\n"
    + _each("T.sort(N.eig(?)[0])", "A Af swirl none R spot d3")
    + "\n"
    + _each("N.eigh(?)[0]", "P A Pf Hc Ai none R d3")
    + "\n"
    + _each("abs(N.eigh(?)[1])", "P A Pf Hc")
    + "\n"
    + _each("L.eigvalsh(?, T.NoneConst)", "A Af low spot R none")
    + "\n"
    + _each("L.eigvalsh(?, B)", "A P R spot")
    + """
L.Cholesky(on_error='stop')
L.CholeskyGrad(lower=False)(P, L.cholesky(P), B)
L.CholeskyGrad()(P, L.cholesky(P), B)
L.CholeskyGrad(False)(P, L.Cholesky(False)(P), B)
L.cholesky(T.dot(A, A.T))
L.Cholesky(False)(T.dot(A, A.T) + T.eye(3))
L.Cholesky(on_error='nan')(T.dot(A, A.T))
T.grad(L.Cholesky(on_error='nan')(low).sum(), low)
T.grad(L.cholesky(low).sum(), low)
T.log(T.diag(L.cholesky(P))).sum() * 2
T.grad(T.log(T.diag(L.cholesky(P))).sum(), P)
T.grad(T.grad(L.cholesky(P).sum(), P).sum(), P)
N.svd(R, full_matrices=False)[2].shape
N.svd(R)[0].shape
N.qr(R)[1].shape
N.qr(R, 'complete')[0].shape
N.qr(R, 'raw')[1]
N.qr(R, 'raw')[0]
N.qr(R, 'other')
N.eigh(A, 'U')[0]
N.eigh(A, 'X')
abs(N.eigh(A, 'U')[1])
N.eigh(P)[0] * d3
N.eigh(P)[1] ** 2
T.dot(N.eigh(P)[1] * T.exp(N.eigh(P)[0] * 0.1), N.eigh(P)[1].T)
N.EighGrad()(P, N.eigh(P)[0], N.eigh(P)[1], d3, B * N.eigh(P)[1])
N.EighGrad('U')(P, N.eigh(P)[0], N.eigh(P)[1], d3, B * N.eigh(P)[1])
N.EighGrad('X')
L.eigvalsh(A, B, lower=False)
L.eigvalsh(A, low)
L.eigvalsh(Af, B)
L.EigvalshGrad()(A, B, d3)
L.EigvalshGrad(False)(A, B, d3)
L.Eigvalsh(2)
"""
)

SOLVED = (
    _each("L.solve(?, R)", "A Af Ac flat R A.T P")
    + "\n"
    + _each("L.solve(A, ?)", "d3 Rf i3 d2 t s")
    + "\n"
    + _each("L.solve(?, T.ones((2, 2)))", "Ai Ai1 low flat spot endless Ah")
    + "\n"
    + "\n".join(
        _each(f"L.solve_{kind}(A, ?)", "R d3 Rf i3 d2")
        for kind in ("lower_triangular", "upper_triangular", "symmetric")
    )
    + """
L.solve(one, d3)
L.solve(one, R)
L.solve(one, R.T[:1])
L.solve(none, none)
L.solve_lower_triangular(one, d3)
L.solve_lower_triangular(low * 0, d2)
L.solve_lower_triangular(spot, d2)
L.solve_lower_triangular(R, d2)
L.Solve('lower_triangular')(A, d3)
L.Solve('upper_triangular', lower=True)(A, d3)
L.Solve('banded', overwrite_A=True)(A, d3)
L.Solve('odd')
L.solve_upper_triangular(L.cholesky(P).T, L.solve_lower_triangular(L.cholesky(P), d3))
T.dot(d3, L.solve(P, d3))
T.grad(T.grad(L.solve(A, d3).sum(), A).sum(), A)
T.grad(T.grad(L.solve_lower_triangular(A, R).sum(), A).sum(), A)
N.lstsq()(R, B, T.constant(-1.0))[0]
N.lstsq()(R, B, T.constant(-1.0))[3]
N.tensorinv(box)
N.tensorinv(box, ind=1)
N.tensorinv(box, ind=0)
N.tensorinv(A, ind=1)
N.tensorinv(flat, ind=1)
N.tensorsolve(box.reshape((6, 2, 3)), box[0, :2].flatten()[:6])
N.tensorsolve(box.reshape((6, 2, 3)), d3)
N.TensorSolve((0, 1))(box, box[0, 0])
"""
)

FOURIER = (
    "\n".join(f"F.rfft({x}, {norm})" for x in ("wave", "wave5", "wave3", "wavef") for norm in ("None", "'ortho'"))
    + "\n"
    + "\n".join(
        f"F.irfft({x}, {norm}, {odd})"
        for x in ("spec", "spec3", "specf")
        for norm in ("None", "'ortho'", "'no_norm'")
        for odd in (False, True)
    )
    + """
F.rfft(wave, 'no_norm')
F.rfft(wave, 'other')
F.rfft(d3)
F.rfft(e0)
F.rfft(e1)
F.irfft(spec, 3)
F.irfft(spec, is_odd=2)
F.irfft(wave)
F.irfft(spec[:, :, :1])
F.rfft_op(wave)
F.rfft_op(wave, [6])
F.rfft_op(wave, [0])
F.rfft_op(wave, [1.5])
F.irfft_op(spec)
F.irfft_op(spec, [1.5])
F.rfft_op(d3)
F.irfft_op(wave)
T.sqr(F.rfft(wave)).sum()
T.grad(T.sqr(F.rfft(wave, 'ortho')[:, :2]).sum(), wave)
T.grad((F.irfft(spec) ** 3).sum(), spec)
T.grad(T.grad((F.rfft(wave5) ** 3).sum(), wave5).sum(), wave5)
F.irfft(F.rfft(wave))
F.irfft(F.rfft(wave5), is_odd=True)
F.irfft(F.rfft(wave3) * F.rfft(wave3[::-1]))
C.fft(wave, 4, 0)
C.fft(wave, 8, 1)
C.fft(wave, None, None)
C.fft(wavec, None, 0)
C.fft(wavef, 3, None)
C.fft(wavei, length, 0)
C.fft(wave, length, along)
C.fft(wave, None, along)
C.fft(d3, 5, 0)
C.fft(wave, 0, 0)
C.fft(wave, 3, 2)
C.fft(wave, 3, -1)
C.fft(wave, 1.5, 0)
C.fft(wave, 3, 0.0)
C.fft(s, 3, 0)
"""
)

GROUPS = {"matrices": WHOLE, "decomposed": DECOMPOSED, "solved": SOLVED, "fourier": FOURIER}
