"""Correlations by the names of Theano's implementation of them: filters are not flipped."""

from __future__ import annotations

from typing import Any

from tgraph.graph import Apply
from tgraph.operators import as_tensor_variable, table
from tgraph.ops import conv
from tgraph.ops.conv_shapes import get_conv_gradinputs_shape_1axis, get_conv_gradweights_shape_1axis
from tgraph.types import as_common_dtype


class _Correlation(conv.BaseAbstractConv):
    """The constructor: no shapes are told, and inputs of several dtypes are cast to their common one."""

    axes = 2
    #: has it an input for the sizes of its result?
    takes_sizes = True

    def __init__(
        self,
        border_mode: Any = "valid",
        subsample: Any = None,
        filter_dilation: Any = None,
        num_groups: int = 1,
        unshared: bool = False,
        openmp: Any = None,
    ):
        super().__init__(self.axes, None, None, border_mode, subsample, False, filter_dilation, num_groups, unshared)

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "convdim" in state:
            self.__dict__.update(state)
            return
        # an old pickle
        names = ("border_mode", "subsample", "filter_dilation", "num_groups", "unshared")
        type(self).__init__(self, **{name: state[name] for name in names if name in state})

    def adopt(self, node: Apply) -> None:
        """Give a gradient of an old pickle, where each size was an input or none was, the sizes as one input."""
        if self.takes_sizes and len(node.inputs) != 3:
            a, b, *sizes = node.inputs
            node.inputs = [a, b, self._sizes(a, b, sizes or None)]

    def make_node(self, a: Any, b: Any, shape: Any = None, add_assert_shape: bool = False) -> Apply:
        a, b = as_common_dtype(as_tensor_variable(a), as_tensor_variable(b))
        return super().make_node(a, b, self._sizes(a, b, shape))

    def _sizes(self, a: Any, b: Any, shape: Any) -> Any:
        """The sizes that are asked for: given, or the only ones that fit."""
        if shape is None:
            if self.subsample != (1,) * self.axes or (self.border_mode == "half" and self._needs_half()):
                raise ValueError('shape must be given if subsample != (1, 1) or border_mode == "half"')
            modes = self.border_mode
            shape = [
                self._size(
                    a.shape[i - self.axes],
                    b.shape[i - self.axes],
                    modes[i] if isinstance(modes, tuple) else modes,
                    self.filter_dilation[i],
                )
                for i in range(self.axes)
            ]
        if isinstance(shape, (list, tuple)):
            return table["stack"]([as_tensor_variable(size).astype("int64") for size in shape])
        return shape

    def _needs_half(self) -> bool:
        return False

    def _size(self, a: Any, b: Any, mode: Any, dilation: int) -> Any:
        raise NotImplementedError

    def sibling(self, name: str) -> Any:
        """The op of these parameters that is the ``forward`` correlation or one of its gradients."""
        cls = _FAMILIES[self.axes][name]
        return cls(
            border_mode=self.border_mode,
            subsample=self.subsample,
            filter_dilation=self.filter_dilation,
            num_groups=self.num_groups,
            unshared=self.unshared,
        )


class CorrMM(_Correlation, conv.AbstractConv):
    """The correlation of images (batch, channels, rows, columns) with filters."""

    takes_sizes = False

    def make_node(self, img: Any, kern: Any) -> Apply:
        return conv.AbstractConv.make_node(self, *as_common_dtype(as_tensor_variable(img), as_tensor_variable(kern)))


class CorrMM_gradWeights(_Correlation, conv.AbstractConv_gradWeights):
    """The gradient of ``CorrMM`` with respect to the filters; ``shape`` only needs be given for a stride or 'half'."""

    def _needs_half(self) -> bool:
        return True

    def _size(self, a: Any, b: Any, mode: Any, dilation: int) -> Any:
        # the size through a dilated filter: (size - 1) * dilation + 1 elements
        size = get_conv_gradweights_shape_1axis(a, b, mode, 1, 1)
        return (size - 1) // dilation + 1


class CorrMM_gradInputs(_Correlation, conv.AbstractConv_gradInputs):
    """The gradient of ``CorrMM`` with respect to the images; ``shape`` only needs be given for a stride."""

    def _size(self, a: Any, b: Any, mode: Any, dilation: int) -> Any:
        return get_conv_gradinputs_shape_1axis(a, b, mode, 1, dilation)


class _DeepCorrelation(_Correlation):
    """The constructor for three axes, whose parameters have another order."""

    axes = 3

    def __init__(
        self,
        border_mode: Any = "valid",
        subsample: Any = None,
        filter_dilation: Any = None,
        openmp: Any = None,
        num_groups: int = 1,
        unshared: bool = False,
    ):
        super().__init__(border_mode, subsample, filter_dilation, num_groups)


class Corr3dMM(_DeepCorrelation, CorrMM):
    """The correlation of images (batch, channels, depth, rows, columns) with filters."""


class Corr3dMM_gradWeights(_DeepCorrelation, CorrMM_gradWeights):
    """The gradient of ``Corr3dMM`` with respect to the filters."""


class Corr3dMM_gradInputs(_DeepCorrelation, CorrMM_gradInputs):
    """The gradient of ``Corr3dMM`` with respect to the images."""


#: base classes of old
BaseCorrMM = BaseCorr3dMM = _Correlation

_FAMILIES: dict[int, dict[str, Any]] = {
    2: {"forward": CorrMM, "weights": CorrMM_gradWeights, "inputs": CorrMM_gradInputs},
    3: {"forward": Corr3dMM, "weights": Corr3dMM_gradWeights, "inputs": Corr3dMM_gradInputs},
}

__all__ = [
    "BaseCorr3dMM",
    "BaseCorrMM",
    "Corr3dMM",
    "Corr3dMM_gradInputs",
    "Corr3dMM_gradWeights",
    "CorrMM",
    "CorrMM_gradInputs",
    "CorrMM_gradWeights",
]
