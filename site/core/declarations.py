"""Declarations of apps: made on their `AppConfig`, collected here.

    class DiaryConfig(declarations.AppConfig):
        name = "diary"
        jobs = "diary.jobs.JOBS"
        routes = "diary.routes.ROUTES"
        mails = ("diary.mail.REMINDER", "diary.letters.MAILS")

A value is a dotted path, or a tuple of them.
A path leads to one object, or to a list or tuple of objects.
Nothing is imported before it is collected for the first time, so a declared module may import models.
Both wrong and missing declarations are reported (`core.checks`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django import apps
from django.db.models import Model
from django.dispatch import Signal
from django.utils.module_loading import import_string, module_has_submodule

# The kinds of declarations, and the class of their objects.
# Without a class it is a function.
KINDS = {
    # Processes
    "jobs": "core.scheduler.Job",  # at intervals
    "companions": "",  # beside each process that runs for ever: core.background.processes
    "task_queues": "",  # run beside the common one: core.background.worker
    "metrics": "core.monitoring.Metric",
    "receivers": "core.declarations.Receiver",  # of signals
    # Content of the public site
    "routes": "core.publishing.routes.AppRoute",
    "header_policies": "core.http.headers.Policy",
    "size_classes": "core.publishing.size_classes.SizeClass",
    "search_sources": "core.search.sources.Source",
    "site_links": "core.publishing.routes.SiteLink",
    "highlights": "core.publishing.highlights.Highlight",
    "counted_pages": "core.publishing.counted.Counted",
    "replaced_files": "",  # core.http.errors
    "public_models": "",  # whose tables the public site may read: core.postgresql.public_role
    # Content of the admin
    "todos": "core.admin.todo.ToDo",  # or a function
    "suggestions": "core.admin.todo.Suggestion",
    "admin_search": "core.admin.search.Findable",
    "areas": "core.admin.menus.Area",  # for people without the admin
    "wordings": "core.languages.wordings.Wording",
    "publication_checks": "",  # core.publishing.publication_checks
    "publication_remedies": "",  # core.publishing.publication_checks
    "one_person_changes": "",  # in a public record of a model, by field: core.publishing.approval
    "programme_changed": "",  # called with the identifier of a programme whose public facts have changed
    # Mail and stored data
    "mails": "core.mail.kinds.MailKind",
    # Functions that may return a sentence about what they have done (`perform`).
    # Each `manage.py set_up` calls `starter_data`, which must leave edited data alone.
    # `manage.py restore` calls `after_restore` once, in the transaction that puts the restored rows in place.
    "starter_data": "",
    "after_restore": "",
    "erasure_lists": "core.restored.ErasureList",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A function that receives a signal, of these senders or of any."""

    signal: Signal
    function: Callable[..., object]
    senders: tuple[type[Model], ...] = ()

    def connect(self) -> None:
        for sender in self.senders or (None,):
            self.signal.connect(self.function, sender=sender)


class AppConfig(apps.AppConfig):
    """Base class of the project's app configurations.

    Import this module and not the class: Django takes each configuration among the names of an `apps.py` for one of
    that app.
    """

    def ready(self) -> None:
        if module_has_submodule(self.module, "checks"):
            import_module(f"{self.name}.checks")
        for receiver in things(self, "receivers"):
            receiver.connect()


def configs() -> Iterator[AppConfig]:
    """Yield the configurations of the project's installed apps, in the order of INSTALLED_APPS."""
    return (config for config in apps.apps.get_app_configs() if isinstance(config, AppConfig))


def things(config: AppConfig, kind: str) -> Iterator[Any]:
    """Yield one app's declarations of a kind.

    Raises ImportError for an invalid path.
    """
    declared = getattr(config, kind, ())
    for path in (declared,) if isinstance(declared, str) else declared:
        found = import_string(path) if isinstance(path, str) else path
        yield from found if isinstance(found, (list, tuple)) else (found,)


@cache
def collect(kind: str) -> tuple[Any, ...]:
    """Return the declarations of all apps of a kind, in the order of INSTALLED_APPS."""
    if kind not in KINDS:
        raise LookupError(f"Nothing can be declared as {kind}.")
    return tuple(thing for config in configs() for thing in things(config, kind))


def perform(kind: str) -> Iterator[str]:
    """Call the declared functions of a kind, and yield the sentences that they return."""
    for function in collect(kind):
        if said := function():
            yield said
