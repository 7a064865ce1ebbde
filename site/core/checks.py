"""System checks of conventions, and of the apps' declarations: each path leads to an object of its kind."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.module_loading import import_string
from wagtail.models import Page
from wagtail_localize.fields import SynchronizedField, get_translatable_fields

from core import declarations
from core.models import BasePage


@register()
def check_hosts(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Check that the private site has CSRF protection, and that the sites have different hosts."""
    if "core.admin.middleware.CsrfViewMiddleware" not in settings.MIDDLEWARE:
        yield Error(
            "The private site has no CSRF protection.",
            hint="Add core.admin.middleware.CsrfViewMiddleware to MIDDLEWARE.",
            id="core.E001",
        )
    if settings.PUBLIC_HOST == settings.PRIVATE_HOST:
        yield Error(
            "Both sites have the same host name.",
            hint="Set WAYMARK_PUBLIC_URL and WAYMARK_PRIVATE_URL.",
            id="core.E002",
        )


@register()
def check_page_types(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Check that every page type extends BasePage, keeps its slug in translation, and has a template and parents."""
    page_types = [model for model in apps.get_models() if issubclass(model, Page) and model is not Page]
    yield from breaches(page_types)
    yield from missing_parts(page_types)


def breaches(page_types: Iterable[type[Page]]) -> Iterator[CheckMessage]:
    for model in page_types:
        if not issubclass(model, BasePage):
            yield Error(
                "Page type does not extend the project's base.",
                hint="Extend core.models.BasePage.",
                obj=model,
                id="core.E010",
            )
        if SynchronizedField("slug") not in get_translatable_fields(model):
            yield Error(
                "The slug of this page type would be translated, and links would break on a switch of language.",
                hint='Extend BasePage.override_translatable_fields, which contains SynchronizedField("slug").',
                obj=model,
                id="core.E011",
            )


def missing_parts(page_types: Iterable[type[Page]]) -> Iterator[CheckMessage]:
    for model in page_types:
        try:
            get_template(model.template)
        except TemplateDoesNotExist:
            yield Error(
                "Page type has no template.",
                hint=f"Add templates/{model.template} to its app.",
                obj=model,
                id="core.E014",
            )
        if not model.allowed_parent_page_models():
            yield Error(
                "Pages of this type cannot be created anywhere.",
                hint="Add a type to parent_page_types whose subpage_types allow this one.",
                obj=model,
                id="core.E015",
            )


@register()
def check_models_are_listed(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Check that each `models/__init__.py` imports all of its modules, and those of the app's features.

    Django loads no other models.
    """
    for config in apps.get_app_configs():
        folder = getattr(config.models_module, "__path__", None)
        if folder and "site-packages" not in Path(config.path).parts:
            yield from unlisted(config.name, Path(config.path))


def unlisted(app: str, folder: Path) -> Iterator[CheckMessage]:
    for file in sorted({*folder.glob("models/*.py"), *folder.glob("*/**/models.py")}):
        name = ".".join([app, *file.relative_to(folder).with_suffix("").parts])
        if file.stem != "__init__" and name not in sys.modules:
            yield Error(
                f"Nothing imports {name}, so Django does not know its models.",
                hint=f"Import its models in {app}.models.",
                id="core.E016",
            )


@register()
def check_no_machine_translates(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Check that no text is sent to a translation service, and that submitting for translation publishes nothing."""
    if getattr(settings, "WAGTAILLOCALIZE_MACHINE_TRANSLATOR", None):
        yield Error("A machine translator is configured: text would leave the site.", id="core.E012")
    if getattr(settings, "WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE", True):
        yield Error(
            "wagtail-localize would publish source text under another language's address.",
            hint="Set WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False.",
            id="core.E013",
        )


@register()
def check_outbox(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Check that all mail goes through the outbox, and that no request waits for the mail server."""
    if settings.MAILERS["default"]["BACKEND"] != "core.mail.backend.OutboxBackend":
        yield Error(
            "Mail would be sent during requests, and lost if the mail server refuses it.",
            hint='Set MAILERS["default"] to core.mail.backend.OutboxBackend, and MAILERS["server"] to the mail server.',
            id="core.E017",
        )
    server = settings.MAILERS.get("server", {})
    if "smtp" in server.get("BACKEND", "") and not server.get("OPTIONS", {}).get("timeout"):
        yield Error("The mail server has no timeout.", id="core.E018")
    if "smtp" in server.get("BACKEND", "") and "immediate" in settings.TASKS["default"]["BACKEND"]:
        yield Error(
            "Requests would wait for the mail server: background tasks are run immediately.",
            hint="Set TASKS to the database backend, and run a worker.",
            id="core.E019",
        )


# Not imported: nothing may be declared there.
APART = ("migrations", "management", "draw_first_page")
# Attributes that Django itself reads from a configuration.
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
            is_known = name in DJANGOS or name in declarations.KINDS or hasattr(AppConfig, name)
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
    """Report jobs, metrics or kinds of mail that share a name, of which one would never be used."""
    for kind, field in (("jobs", "name"), ("metrics", "name"), ("mails", "name"), ("wordings", "key")):
        names = Counter(getattr(thing, field, "") for thing in declarations.collect(kind))
        for name, number in names.items():
            if number > 1:
                yield Error(f"{number} {kind} are called {name}.", id="core.E023")


def forgotten() -> Iterator[CheckMessage]:
    """Report instances of a kind at the top of a module that no app declares."""
    kinds = {kind: import_string(path) for kind, path in declarations.KINDS.items() if path}
    declared = {id(thing) for kind in kinds for thing in declarations.collect(kind)}
    types = {type(thing) for kind in kinds for thing in declarations.collect(kind)}
    for module in modules():
        for name, thing in at_top(vars(module)):
            for kind, of in kinds.items():
                is_forgotten = isinstance(thing, of) and id(thing) not in declared
                is_unused = is_subclass(thing, of, module) and not any(issubclass(each, thing) for each in types)
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
    """Return whether an object is a class defined in a module, and a subclass of another class."""
    return isinstance(thing, type) and thing.__module__ == module.__name__ != of.__module__ and issubclass(thing, of)


def modules() -> Iterator[ModuleType]:
    for config in declarations.configs():
        for found in walk_packages([config.path], f"{config.name}."):
            if not any(f".{name}" in found.name for name in APART):
                yield import_module(found.name)
