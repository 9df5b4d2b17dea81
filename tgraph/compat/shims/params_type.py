"""Types for the parameters of legacy ops: structs (`ParamsType`), enumerations, pointers. Their values are Python
objects: what a `perform` with a third argument is given."""

from __future__ import annotations

import hashlib
import keyword
import re
from typing import Any, NoReturn

from tgraph.errors import NotPortedError
from tgraph.graph import Constant, Type

__all__ = [
    "CDataType",
    "CDataTypeConstant",
    "CEnumType",
    "EnumList",
    "EnumType",
    "Params",
    "ParamsType",
    "PoolingMode_t",
    "c_cpp_keywords",
]

# fmt: off
c_cpp_keywords = frozenset(
    "alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool break case "
    "catch char char16_t char32_t class compl concept const const_cast constexpr continue decltype default delete do "
    "double dynamic_cast else enum explicit export extern false float for friend goto if import inline int long module "
    "mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register "
    "reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch "
    "synchronized template this thread_local throw true try typedef typeid typename typeof union unsigned using "
    "virtual void volatile wchar_t while xor xor_eq".split()
)
# fmt: on
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*\Z")


class Params(dict):
    """The values of a struct: `params.name`. They cannot be changed.

    TypeError for what is no ParamsType, and for a field without a value.
    """

    def __init__(self, params_type: ParamsType, **values: Any) -> None:
        if not isinstance(params_type, ParamsType):
            raise TypeError("Params: 1st constructor argument should be a ParamsType.")
        for field in params_type.fields:
            if field not in values:
                raise TypeError(f'Params: ParamsType attribute "{field}" not in Params args.')
        super().__init__(**values)
        self.__dict__["__params_type__"] = params_type

    def __getattr__(self, key: str) -> Any:
        if key not in self:
            raise AttributeError(f'Params: attribute "{key}" does not exist.')
        return self[key]

    def _immutable(self, *args: Any) -> NoReturn:
        raise NotImplementedError("Params is immutable")

    __setattr__ = __setitem__ = __delitem__ = _immutable  # type: ignore[assignment]

    def _parts(self) -> list[tuple[Type, str]]:
        kind = self.__dict__["__params_type__"]
        return list(zip(kind.types, kind.fields, strict=True))

    def __hash__(self) -> int:  # type: ignore[override]
        signatures = tuple(kind.make_constant(self[field]).signature() for kind, field in self._parts())
        return hash((type(self), self.__dict__["__params_type__"], *signatures))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Params)
            and self.__dict__["__params_type__"] == other.__dict__["__params_type__"]
            and all(kind.values_eq(self[field], other[field]) for kind, field in self._parts())
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        return f"Params({', '.join(f'{k}:{type(self[k]).__name__}:{self[k]}' for k in sorted(self))})"

    def __reduce__(self) -> Any:
        return _params, (self.__dict__["__params_type__"], dict(self))


def _params(params_type: ParamsType, values: dict[str, Any]) -> Params:
    return Params(params_type, **values)


class ParamsType(Type):
    """A struct of types, `ParamsType(a=scalar.int32, b=dmatrix)`, for the parameters of an op.

    Constants of enumerations among the types are attributes. ValueError without fields; AttributeError or
    SyntaxError for names that C does not take, TypeError for what is no type.
    """

    def __init__(self, **fields: Any) -> None:
        if not fields:
            raise ValueError("Cannot create ParamsType from empty data.")
        for name, kind in fields.items():
            if not _IDENTIFIER.match(name):
                raise AttributeError(f'ParamsType: attribute "{name}" should be a valid identifier.')
            if name in c_cpp_keywords or keyword.iskeyword(name):
                raise SyntaxError(
                    f'ParamsType: "{name}" is a potential C/C++ keyword and should not be used as attribute name.'
                )
            if not isinstance(kind, Type):
                raise TypeError(
                    f'ParamsType: attribute "{name}" should inherit from Theano Type, got "{type(kind).__name__}".'
                )
        self.length = len(fields)
        self.fields = tuple(sorted(fields))
        self.types = tuple(fields[name] for name in self.fields)
        self.name = self.generate_struct_name()
        enums = [kind for kind in self.types if isinstance(kind, EnumType)]
        constants = [(name, kind) for kind in enums for name in kind]
        aliases = [(alias, kind) for kind in enums for alias in kind.aliases]
        if len(dict(constants)) != len(constants):
            raise AttributeError("ParamsType: found different enum types with common constants names.")
        if len(dict(aliases)) != len(aliases):
            raise AttributeError("ParamsType: found different enum types with common constants aliases.")
        if set(dict(aliases)) & set(dict(constants)):
            raise AttributeError("ParamsType: found aliases that have same names as constants.")
        self._constants, self._aliases = dict(constants), dict(aliases)

    def __getattr__(self, key: str) -> Any:
        constants = self.__dict__.get("_constants", {})
        if key in constants:
            return constants[key][key]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {key!r}")

    def __repr__(self) -> str:
        return f"ParamsType<{', '.join(f'{f}:{t}' for f, t in zip(self.fields, self.types, strict=True))}>"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and (self.fields, self.types) == (other.fields, other.types)  # type: ignore

    def __hash__(self) -> int:
        return hash((type(self), *self.fields, *self.types))

    def generate_struct_name(self) -> str:
        """A name that is the same for equal structs."""
        parts = (",".join(self.fields), ",".join(map(str, self.types)))
        return "_Params_" + "_".join(hashlib.sha256(part.encode()).hexdigest() for part in parts)

    def has_type(self, theano_type: Any) -> bool:
        """Is it the type of a field?"""
        return theano_type in self.types

    def get_type(self, field_name: str) -> Any:
        """The type of a field; ValueError if there is no such field."""
        return self.types[self.fields.index(field_name)]

    def get_field(self, theano_type: Any) -> str:
        """The first field of a type; ValueError if there is none."""
        return self.fields[self.types.index(theano_type)]

    def get_enum(self, key: str) -> Any:
        """The value of a constant of one of the enumerations; KeyError if there is none."""
        return self._constants[key][key]

    def enum_from_alias(self, alias: str) -> Any:
        """As `get_enum`, by an alias or a name."""
        return self._aliases[alias].fromalias(alias) if alias in self._aliases else self.get_enum(alias)

    def get_params(self, *objects: Any, **values: Any) -> Params:
        """The struct filled from attributes of objects (later ones win) and keywords, each value in the form of its
        type."""
        found: dict[str, Any] = {}
        for thing in objects:
            found.update({field: getattr(thing, field) for field in self.fields if hasattr(thing, field)})
        found.update({field: values[field] for field in self.fields if field in values})
        return Params(
            self,
            **{
                field: kind.filter(found[field], strict=False, allow_downcast=True)
                for field, kind in zip(self.fields, self.types, strict=True)
            },
        )

    def extended(self, **fields: Any) -> ParamsType:
        """A struct with more fields."""
        return ParamsType(**dict(zip(self.fields, self.types, strict=True)), **fields)

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> Params:
        """The struct if it is one of this type, its fields filtered; TypeError for anything else."""
        if strict and not isinstance(value, Params):
            raise TypeError("strict mode: data should be an instance of Params.")
        return Params(
            self,
            **{
                field: kind.filter(getattr(value, field), strict, allow_downcast)
                for field, kind in zip(self.fields, self.types, strict=True)
            },
        )

    def values_eq(self, a: Any, b: Any) -> bool:
        return all(t.values_eq(getattr(a, f), getattr(b, f)) for f, t in zip(self.fields, self.types, strict=True))

    def values_eq_approx(self, a: Any, b: Any) -> bool:
        return all(
            t.values_eq_approx(getattr(a, f), getattr(b, f)) for f, t in zip(self.fields, self.types, strict=True)
        )


class EnumType(Type, dict):
    """Named numbers: `EnumType(A=1, B=('alias', 2))`; `enum.A`, `enum.fromalias('alias')`.

    AttributeError for names that are not in capitals, TypeError for values that are no numbers and for aliases that
    are taken.
    """

    def __init__(self, **constants: Any) -> None:
        name = type(self).__name__
        ctype = constants.pop("ctype", "double").split()
        if not all(map(_IDENTIFIER.match, ctype)):
            raise TypeError(f"{name}: invalid C type.")
        self.ctype = " ".join(ctype)
        self.cname = constants.pop("cname", self.ctype.replace(" ", "_"))
        if not _IDENTIFIER.match(self.cname):
            raise TypeError(f"{name}: invalid C name.")
        self.aliases: dict[str, str] = {}
        for key, value in constants.items():
            if not _CONSTANT.match(key):
                raise AttributeError(
                    f'{name}: invalid enum name: "{key}". Only capital letters, underscores and digits are allowed.'
                )
            if isinstance(value, (list, tuple)):
                value = self._aliased(key, value)
            if not isinstance(value, (int, float)):
                raise TypeError(
                    f'{name}: constant "{key}": expected integer or floating value, got "{type(value).__name__}".'
                )
            constants[key] = int(value) if isinstance(value, bool) else value
        if set(self.aliases) & set(constants):
            raise TypeError(f"{name}: some aliases have same names as constants.")
        dict.__init__(self, **constants)

    def _aliased(self, key: str, value: Any) -> Any:
        name = type(self).__name__
        if len(value) != 2:
            raise TypeError(
                f"{name}: when using a tuple to define a constant, your tuple should contain 2 values: constant alias "
                "followed by constant value."
            )
        alias, number = value
        if not isinstance(alias, str):
            raise TypeError(f'{name}: constant alias should be a string, got "{alias}".')
        if alias == key:
            raise TypeError(f"{name}: it's useless to create an alias with the same name as its associated constant.")
        if alias in self.aliases:
            raise TypeError(f'{name}: constant alias "{alias}" already used.')
        self.aliases[alias] = key
        return number

    def fromalias(self, alias: str) -> Any:
        """The value of a constant by its alias or its name; KeyError if there is none."""
        return self[self.aliases.get(alias, alias)]

    def has_alias(self, alias: str) -> bool:
        """Is there such an alias?"""
        return alias in self.aliases

    def get_aliases(self) -> tuple[str, ...]:
        """All aliases, sorted."""
        return tuple(sorted(self.aliases))

    def __getattr__(self, key: str) -> Any:
        if dict.__contains__(self, key):
            return self[key]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {key!r}")

    def __setattr__(self, key: str, value: Any) -> None:
        if dict.__contains__(self, key):
            raise NotImplementedError("constant values are immutable.")
        object.__setattr__(self, key, value)

    def _immutable(self, *args: Any) -> NoReturn:
        raise NotImplementedError("constant values are immutable.")

    __setitem__ = __delitem__ = _immutable  # type: ignore[assignment]

    def _key(self) -> tuple:
        return (type(self), self.ctype, tuple(sorted(self.items())), tuple(sorted(self.aliases.items())))

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self._key())

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._key() == other._key()  # type: ignore[attr-defined]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        short = {name: f"({alias})" for alias, name in self.aliases.items()}
        parts = ", ".join(f"{k}{short.get(k, '')}:{self[k]}" for k in sorted(self))
        return f"{type(self).__name__}<{self.ctype}>({parts})"

    def __reduce__(self) -> Any:
        return _enum, (type(self), dict(self), dict(self.aliases), self.ctype, self.cname)

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """The number; unless `strict` also by name or alias. AssertionError for one that is no constant's value."""
        if not strict and isinstance(value, bool):
            value = int(value)
        elif not strict and isinstance(value, str):
            value = self.fromalias(value)
        assert value in self.values(), f"{value} is the value of no constant of {self!r}"
        return value


def _enum(cls: type, constants: dict, aliases: dict, ctype: str, cname: str) -> Any:
    made = cls.__new__(cls)
    dict.update(made, constants)
    made.__dict__.update(aliases=aliases, ctype=ctype, cname=cname)
    return made


class EnumList(EnumType):
    """Names numbered from 0: `EnumList('A', ('B', 'alias'), ctype='int')`."""

    def __init__(self, *names: Any, **c_names: Any) -> None:
        assert set(c_names) <= {"ctype", "cname"}, (
            f'{type(self).__name__}: expected 0 to 2 extra parameters ("ctype", "cname").'
        )
        numbered: dict[str, Any] = {}
        for i, name in enumerate(names):
            value: Any = i
            if isinstance(name, (list, tuple)):
                if len(name) != 2:
                    raise TypeError(
                        f"{type(self).__name__}: when using a tuple to define a constant, your tuple should contain 2 "
                        "values: constant name followed by constant alias."
                    )
                name, alias = name
                if not isinstance(alias, str):
                    raise TypeError(f'{type(self).__name__}: constant alias should be a string, got "{alias}".')
                value = (alias, i)
            if not isinstance(name, str):
                raise TypeError(f'{type(self).__name__}: constant name should be a string, got "{name}".')
            if name in numbered:
                raise TypeError(f'{type(self).__name__}: constant name already used ("{name}").')
            numbered[name] = value
        super().__init__(**numbered, **{"ctype": "int", **c_names})


class CEnumType(EnumList):
    """Names of constants that C code defined: numbered from 0 here, since there is no C to ask."""


class CDataType(Type):
    """A pointer to C data. The type exists, so that code which declares one is read; it has no values here."""

    __props__ = (
        "ctype",
        "freefunc",
        "headers",
        "header_dirs",
        "libraries",
        "lib_dirs",
        "extra_support_code",
        "compile_args",
        "version",
    )

    def __init__(
        self,
        ctype: str,
        freefunc: str | None = None,
        headers: Any = (),
        header_dirs: Any = (),
        libraries: Any = (),
        lib_dirs: Any = (),
        compile_args: Any = (),
        extra_support_code: str = "",
        version: Any = None,
    ) -> None:
        if not isinstance(ctype, str):
            raise AssertionError("ctype is a string")
        self.ctype, self.freefunc, self.version, self.extra_support_code = ctype, freefunc, version, extra_support_code
        self.headers, self.header_dirs, self.libraries = tuple(headers), tuple(header_dirs), tuple(libraries)
        self.lib_dirs, self.compile_args = tuple(lib_dirs), tuple(compile_args)

    def filter(self, value: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """None only: there are no pointers here. TypeError for anything else."""
        if value is not None:
            raise TypeError("expected None or a PyCapsule")
        return value

    def make_value(self, ptr: Any) -> NoReturn:
        """Refused."""
        raise NotPortedError("pointers to C data are not offered", fix="hold the data in a generic variable")

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.ctype}}}"


class CDataTypeConstant(Constant):
    """A constant pointer, equal by identity."""

    def signature(self) -> Any:
        return id(self.data)

    merge_signature = signature


CDataType.constant_class = CDataTypeConstant

#: how pooling reduces a window
PoolingMode_t = EnumList(
    ("POOLING_MAX", "max"),
    ("POOLING_SUM", "sum"),
    ("POOLING_AVERAGE_COUNT_INCLUDE_PADDING", "average_inc_pad"),
    ("POOLING_AVERAGE_COUNT_EXCLUDE_PADDING", "average_exc_pad"),
)
