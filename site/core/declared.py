"""System check of what the apps declare (`core.declarations`): each path leads to a thing of its kind, and nothing is forgotten."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any

from django import apps
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from core import declarations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

# Not imported: nothing may be declared there.
APART = ("migrations", "management", "draw_first_page")
# What Django itself reads of a configuration.
DJANGOS = ("name", "verbose_name", "default")


@register()
def check_declarations(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    errors = [*unknown_kinds(), *unusable(), *named_twice()]
    yield from errors
    if not errors:
        yield from forgotten()


def unknown_kinds() -> Iterator[CheckMessage]:
    for config in declarations.configs():
        for name in vars(type(config)):
            is_known = name in DJANGOS or name in declarations.KINDS or hasattr(apps.AppConfig, name)
            if not (is_known or name.startswith("_")):
                yield Error(
                    f"{name} is nothing that an app can declare.",
                    hint="See KINDS in core.declarations.",
                    obj=type(config),
                    id="core.E020",
                )


def unusable() -> Iterator[CheckMessage]:
    for config in declarations.configs():
        for kind, wanted in declarations.KINDS.items():
            try:
                found = list(declarations.things(config, kind))
                of = import_string(wanted) if wanted else object
            except ImportError as error:
                yield Error(f"{kind}: {error}", obj=type(config), id="core.E021")
            else:
                for thing in found:
                    if not isinstance(thing, of) and not callable(thing):
                        yield Error(f"{kind}: {thing!r} is no {wanted}.", obj=type(config), id="core.E022")


def named_twice() -> Iterator[CheckMessage]:
    """One of two jobs, gauges or kinds of mail that share a name would never be used."""
    for kind, field in (("jobs", "name"), ("gauges", "name"), ("mails", "name"), ("wordings", "key")):
        names = Counter(getattr(thing, field, "") for thing in declarations.collect(kind))
        for name, number in names.items():
            if number > 1:
                yield Error(f"{number} {kind} are called {name}.", id="core.E023")


def forgotten() -> Iterator[CheckMessage]:
    """Find instances of a kind at the top of a module that no app declares."""
    kinds = {kind: import_string(path) for kind, path in declarations.KINDS.items() if path}
    declared = {id(thing) for kind in kinds for thing in declarations.collect(kind)}
    types = {type(thing) for kind in kinds for thing in declarations.collect(kind)}
    for module in modules():
        for name, thing in at_top(vars(module)):
            for kind, of in kinds.items():
                is_forgotten = isinstance(thing, of) and id(thing) not in declared
                is_unused = is_subclass(thing, of, module) and not any(
                    issubclass(each, thing) for each in types
                )
                if is_forgotten or is_unused:
                    yield Error(
                        f"{module.__name__}.{name} is declared nowhere.",
                        hint=f"Add it to {kind} of the AppConfig.",
                        id="core.E024",
                    )


def at_top(names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, thing in names.items():
        for each in thing if isinstance(thing, (list, tuple)) else (thing,):
            yield name, each


def is_subclass(thing: Any, of: type, module: ModuleType) -> bool:
    """Whether something is a class that a module defines, below a class of a kind."""
    return (
        isinstance(thing, type)
        and thing.__module__ == module.__name__ != of.__module__
        and issubclass(thing, of)
    )


def modules() -> Iterator[ModuleType]:
    for config in declarations.configs():
        for found in walk_packages([config.path], f"{config.name}."):
            if not any(f".{name}" in found.name for name in APART):
                yield import_module(found.name)
