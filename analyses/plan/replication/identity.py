"""What an analysis is: the same text for the same analysis, in another process and on another day."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from sysconfig import get_paths
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_FIXED = (FunctionType, type, partial, int, float, str, bytes, tuple, frozenset)
Seen = frozenset[int]


def identity(analysis: object) -> str:
    """Return what an analysis does and carries, as text.

    Of a function: its compiled code, what it was defined around, its defaults, and what it reads of its module as far
    as that cannot change in place: numbers, texts, tuples, and functions and classes, which are followed in their turn.
    Of an object: its class in the same way, and its attributes. What comes from an installed package is only named.
    """
    return _told(analysis, frozenset())


def _told(value: Any, seen: Seen) -> str:  # noqa: ANN401 - an analysis can carry anything
    if id(value) in seen:
        return "..."
    tell = next((tell for kinds, tell in _TELLERS if isinstance(value, kinds)), _object)
    return tell(value, seen | {id(value)})


def _partial(value: partial[Any], seen: Seen) -> str:
    return f"partial {[_told(part, seen) for part in (value.func, value.args, value.keywords)]}"


def _method(value: MethodType, seen: Seen) -> str:
    return f"{_told(value.__func__, seen)} of {_told(value.__self__, seen)}"


def _function(value: FunctionType, seen: Seen) -> str:
    if _installed(value):
        return f"{value.__module__}.{value.__qualname__}"
    around = tuple(cell.cell_contents for cell in value.__closure__ or ())
    read = {name: value.__globals__.get(name) for name in _names(value.__code__)}
    fixed = {name: part for name, part in read.items() if isinstance(part, _FIXED)}
    carried = [_told(part, seen) for part in (around, value.__defaults__, value.__kwdefaults__, fixed)]
    return f"{value.__qualname__} {_code(value.__code__)} {carried}"


def _class(value: type, seen: Seen) -> str:
    if _installed(value):
        return f"{value.__module__}.{value.__qualname__}"
    opened = {name: part.fget if isinstance(part, property) else part for name, part in vars(value).items()}
    fixed = {name: part for name, part in opened.items() if isinstance(part, _FIXED) and name != "__doc__"}
    return f"{value.__qualname__} {_told(fixed, seen)}"


def _mapping(value: dict[Any, Any], seen: Seen) -> str:
    return str(sorted((str(key), _told(inner, seen)) for key, inner in value.items()))


def _row(value: list[Any] | tuple[Any, ...], seen: Seen) -> str:
    return str([_told(inner, seen) for inner in value])


def _set(value: set[Any] | frozenset[Any], seen: Seen) -> str:
    return str(sorted(_told(inner, seen) for inner in value))


def _module(value: ModuleType, seen: Seen) -> str:
    return value.__name__


def _object(value: Any, seen: Seen) -> str:  # noqa: ANN401 - whatever is left
    plain = repr(value)
    if _ADDRESS.search(plain):
        plain = _told(getattr(value, "__dict__", {}), seen)
    return f"{_class(type(value), seen)} {plain}"


_TELLERS: tuple[tuple[Any, Callable[[Any, Seen], str]], ...] = (
    (partial, _partial),
    (MethodType, _method),
    (FunctionType, _function),
    (type, _class),
    (dict, _mapping),
    (list | tuple, _row),
    (set | frozenset, _set),
    (ModuleType, _module),
)


def _installed(value: FunctionType | type) -> bool:
    """Return whether something comes with Python or a package, this one included, whose version stands for it."""
    if isinstance(value, FunctionType):
        return value.__code__.co_filename.startswith(_places())
    file = getattr(sys.modules.get(value.__module__), "__file__", None)
    return value.__module__ in sys.stdlib_module_names if file is None else file.startswith(_places())


@cache
def _places() -> tuple[str, ...]:
    ours = (str(files(name)) for name in ("cohort", "synthetic_data", "analyses"))
    return (*(get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")), *ours)


def _names(code: CodeType) -> set[str]:
    inner = [_names(part) for part in code.co_consts if isinstance(part, CodeType)]
    return set(code.co_names).union(*inner)


def _code(code: CodeType) -> str:
    constants = [_code(part) if isinstance(part, CodeType) else _told(part, frozenset()) for part in code.co_consts]
    return f"{code.co_code.hex()} {constants} {code.co_names} {code.co_varnames}"
