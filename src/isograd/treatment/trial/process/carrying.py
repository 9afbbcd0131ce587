"""Frozen dataclasses through JSON and back, for what parent and child of a trial hand to each other.

Numbers that JSON does not know are written as Python's `json` writes them (`NaN`, `Infinity`): these files are read
by isograd alone.
"""

import dataclasses
import json
import os
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def write(fact: Any, path: Path) -> None:
    """Writes a dataclass so that a reader finds all of it or nothing, also after a crash of the machine."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(dataclasses.asdict(fact), file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def read(kind: type[T], path: Path) -> T:
    """What `write` wrote.

    Raises:
        OSError: There is no such file.
        ValueError: The file holds something else.
    """
    try:
        found: T = _made(kind, json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} holds no {kind.__name__}: {error!r}") from error
    return found


def _made(kind: Any, value: Any) -> Any:
    """A JSON value as what the annotation says."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(arguments, value)
    if origin is tuple:
        inner = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(_made(one, item) for one, item in zip(inner, value, strict=True))
    if origin in (Mapping, dict) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return {key: _made(arguments[1], item) for key, item in value.items()}
    if origin is Literal or kind is Any:
        return value
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _made(hints[name], item) for name, item in value.items()})  # type: ignore[operator]  # a class
    return _plain(kind, origin, value)


def _plain(kind: Any, origin: Any, value: Any) -> Any:
    if origin is not None and isinstance(origin, type) and issubclass(origin, Sequence):
        return list(value)
    return float(value) if kind is float else value


def _one_of(arguments: tuple[Any, ...], value: Any) -> Any:
    """Of a union the dataclass for a mapping; everything else is as JSON has it."""
    if isinstance(value, Mapping):
        return _made(next(one for one in arguments if dataclasses.is_dataclass(one)), value)
    return value
