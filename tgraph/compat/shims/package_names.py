"""The part of `pkg_resources` that old libraries used when they were imported; it left setuptools in version 82."""

from __future__ import annotations

import importlib
import re
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO

__all__ = [
    "DistributionNotFound",
    "get_distribution",
    "iter_entry_points",
    "parse_version",
    "require",
    "resource_exists",
    "resource_filename",
    "resource_stream",
    "resource_string",
]


class DistributionNotFound(Exception):
    """A package that is not installed."""


def get_distribution(name: str) -> Any:
    """What is known of an installed package: its ``version``, its ``metadata``. DistributionNotFound without it."""
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError as error:
        raise DistributionNotFound(
            f"The {name!r} distribution was not found and is required by the application"
        ) from error


def require(*requirements: str) -> list[Any]:
    """The packages named by requirements (``"numpy>=1.9"``), of whatever version; DistributionNotFound without one."""
    return [get_distribution(found[0]) for r in requirements if (found := re.match(r"[\w.-]+", r))]


#: what follows the numbers of a version, in order; none at all is 0
_STAGES = {"dev": -4, "a": -3, "alpha": -3, "b": -2, "beta": -2, "c": -1, "rc": -1, "post": 1}


def parse_version(version: str) -> tuple[Any, ...]:
    """A key by which versions are ordered: numbers as numbers, ``1.0`` as ``1.0.0``, ``1.0rc1`` before ``1.0``."""
    found = re.match(r"v?([\d.]*\d|)\.?([a-z]*)\.?(\d*)", version.strip().lower())
    numbers, stage, count = found.groups() if found else ("", "", "")
    release = [int(n) for n in numbers.split(".") if n]
    while release and not release[-1]:
        release.pop()
    return tuple(release), _STAGES.get(stage, 0), int(count or 0)


def iter_entry_points(group: str, name: str | None = None) -> Any:
    """The entry points of installed packages in a group."""
    return (p for p in metadata.entry_points(group=group) if name in (None, p.name))


def resource_filename(package: str, resource: str) -> str:
    """The path of a file that lies beside the modules of a package."""
    return str(Path(str(importlib.import_module(package).__file__)).parent / resource)


def resource_exists(package: str, resource: str) -> bool:
    return Path(resource_filename(package, resource)).exists()


def resource_stream(package: str, resource: str) -> BinaryIO:
    return open(resource_filename(package, resource), "rb")


def resource_string(package: str, resource: str) -> bytes:
    return Path(resource_filename(package, resource)).read_bytes()
