"""A property found at its first look and kept: the standard library's, without the lock that Python 3.11 takes at each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Found = TypeVar("Found")


class lazy(Generic[Found]):  # noqa: N801 - used as a decorator, like property
    """Decorates a method of a class whose instances have a `__dict__`. Two threads that look at once may both find the value."""

    def __init__(self, find: Callable[[Any], Found]) -> None:
        self._find = find
        self._name = ""
        self.__doc__ = find.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> Found: ...

    def __get__(self, instance: object | None, owner: type) -> Self | Found:
        if instance is None:
            return self
        found = instance.__dict__[self._name] = self._find(instance)
        return found
