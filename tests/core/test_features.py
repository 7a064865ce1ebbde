"""What Wagtail's editors expect, for every page type and record: it is there, or the form says why not."""

import re
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.test import Client
from django.urls import reverse
from factory.base import FactoryMetaClass
from wagtail.admin.panels import Panel
from wagtail.models import GroupApprovalTask, Page, Workflow, WorkflowContentType, WorkflowPage, WorkflowTask
from wagtail.snippets.models import get_snippet_models

from core.admin.features import Feature, by_reason, missing_from
from home.models import PromotedPage
from tests.support.pages import example, page_types
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_is_rendered")]
OTHER = "Another text"


@pytest.fixture
def editor(private: Client) -> Client:
    private.force_login(User.objects.create_superuser("editor@example.org"))
    return private


@pytest.fixture
def workflow(home) -> Workflow:
    """A workflow of the whole site."""
    workflow = Workflow.objects.create(name="Review")
    task = GroupApprovalTask.objects.create(name="Review")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=1)
    WorkflowPage.objects.update_or_create(page=home, defaults={"workflow": workflow})
    return workflow


def record(model: type[models.Model], home: Page) -> Any:
    """Return a saved record, made by the factory of its type."""
    if model is PromotedPage:
        return PromotedPage.objects.create(page=home, phrases="help")
    for app in ("campaigns", "network", "helpline"):
        for factory in vars(import_module(f"tests.factories.{app}")).values():
            if isinstance(factory, FactoryMetaClass) and factory._meta.model is model:
                return factory(**({"campaign_key": uuid4()} if "campaign" in factory._meta.parameters else {}))
    raise LookupError(f"{model.__name__} has no factory.")


def first_text(panel: Panel) -> str:
    """Return the name of the first field with text in a form."""
    for child in getattr(panel, "children", []):
        if found := first_text(child):
            return found
    field = getattr(panel, "db_field", None)
    return field.name if isinstance(field, models.CharField | models.TextField) and not field.choices else ""


def side_panels(form: str) -> set[str]:
    return set(re.findall(r'data-side-panel="(\w+)"', form))


class TestFeatures:
    """Each is there or has a reason, never both. A new type begins with neither, and this test names it."""

    @pytest.mark.parametrize("model", page_types(), ids=lambda model: model.__name__)
    def test_of_pages(self, model, home, editor, workflow):
        page = example(model, home)
        before = page.save_revision(log_action=True)
        page.title = OTHER
        after = page.save_revision(log_action=True)
        address = {name: reverse(f"wagtailadmin_pages:{name}", args=[page.pk]) for name in ("edit", "lock", "history")}
        form = editor.get(address["edit"]).text
        compared = editor.get(reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, before.pk, after.pk])).text
        listing = editor.get(reverse("wagtailadmin_explore", args=[page.get_parent().pk])).text
        preview = page.make_preview_request(preview_mode=page.default_preview_mode)

        agree(
            model,
            form,
            {
                Feature.COMMENTS: "comments" in side_panels(form),
                Feature.SCHEDULE: "schedule-publishing-dialog" in form,
                Feature.LOCK: address["lock"] in form,
                Feature.WORKFLOW: "action-submit" in form,
                Feature.HISTORY: has_rows(editor.get(address["history"]).text),
                Feature.COMPARE: marks_change(compared),
                Feature.PREVIEW: "preview" in side_panels(form) and preview.status_code == 200,
                Feature.CHECKS: "checks" in side_panels(form),
                Feature.USERBAR: "wagtail-userbar" in preview.content.decode(),
                Feature.BULK: f'data-object-id="{page.pk}"' in listing,
            },
        )

    @pytest.mark.parametrize("model", sorted(get_snippet_models(), key=str), ids=lambda model: model.__name__)
    def test_of_records(self, model, home, editor, workflow):
        viewset = model.snippet_viewset
        made = record(model, home)
        WorkflowContentType.objects.update_or_create(
            content_type=ContentType.objects.get_for_model(model), defaults={"workflow": workflow}
        )
        form = editor.get(reverse(viewset.get_url_name("edit"), args=[made.pk])).text
        compared = ""
        if viewset.revision_enabled:
            before = made.save_revision(log_action=True)
            setattr(made, first_text(viewset.get_edit_handler()), OTHER)
            after = made.save_revision(log_action=True)
            compared = editor.get(
                reverse(viewset.get_url_name("revisions_compare"), args=[made.pk, before.pk, after.pk])
            ).text
        listing = editor.get(reverse(viewset.get_url_name("list"))).text
        history = editor.get(reverse(viewset.get_url_name("history"), args=[made.pk]))

        agree(
            model,
            form,
            {
                Feature.COMMENTS: "comments" in side_panels(form),
                Feature.SCHEDULE: "schedule-publishing-dialog" in form,
                Feature.LOCK: viewset.locking_enabled and reverse(viewset.get_url_name("lock"), args=[made.pk]) in form,
                Feature.WORKFLOW: "action-submit" in form,
                Feature.HISTORY: history.status_code == 200,
                Feature.COMPARE: marks_change(compared),
                Feature.PREVIEW: "preview" in side_panels(form),
                # The preview of the studio is a picture, and has its own view.
                Feature.CHECKS: "checks" in side_panels(form) and "serve_preview" in vars(model),
                Feature.USERBAR: False,
                Feature.BULK: f'data-object-id="{made.pk}"' in listing,
            },
        )


def has_rows(history: str) -> bool:
    return bool(BeautifulSoup(history, "html.parser").select("main tbody tr"))


def marks_change(compared: str) -> bool:
    """Return whether a comparison marks the changed text."""
    marked = BeautifulSoup(compared, "html.parser").select(".addition, ins")
    return any(OTHER in each.text for each in marked)


def agree(model: type[Any], form: str, found: dict[Feature, bool]) -> None:
    missing = missing_from(model)
    assert {feature for feature in Feature if not found[feature]} == set(missing), model
    shown = " ".join(BeautifulSoup(form, "html.parser").text.split())
    assert [reason for reason, _names in by_reason(missing) if str(reason) not in shown] == []
