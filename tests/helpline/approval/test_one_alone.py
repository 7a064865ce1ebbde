"""One person alone changes no word and no contact that a reader sees: each field of each public record, by each way.

The fields are those of the models, so a new one is tried as well.
"""

import datetime as dt
import json
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, models, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.contrib.settings.registry import registry
from wagtail.fields import StreamField
from wagtail.models import GroupApprovalTask, Page, Site, Workflow, WorkflowContentType, WorkflowTask
from wagtail_localize.models import StringTranslation, Translation
from wagtail_localize.operations import translate_object

from core.models import SettingProposal
from core.publishing.approval import SecondPersonRequiredError
from core.scheduler import scheduled_publishing
from helpline.approval.mixins import SecondPerson
from helpline.approval.versions import BOOKKEEPING, PARENT, content_of
from helpline.exchange.csv.columns import LAWS, PROGRAMMES, SUPPORT_LINES
from helpline.exchange.imports.kinds import TABLES, import_upload
from helpline.exchange.open_data import exports
from helpline.governance import integrity, services
from helpline.models import ContactPoint
from helpline.records.listings import Listing
from tests.factories.helpline import (
    CheckPageFactory,
    CountryLawFactory,
    FinderPageFactory,
    GuidePageFactory,
    LawTextFactory,
    ProgrammeFactory,
    ProgrammeTextFactory,
    SupportLineFactory,
    approve,
)
from tests.factories.users import UserFactory
from tests.helpline.admin.test_review_queue import URL as REVIEW_QUEUE
from tests.helpline.admin.test_review_queue import filled
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page
from tests.users.test_decisions import form_of
from users import roles

# Wagtail 8.0 opens its mail connection in a way that Django 6.1 deprecates.
pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:get_connection")]

MARK = "call +49 30 23125 666"
NUMBER = "+493023125666"
# State in codes and dates, which one person may change within limits (tests/helpline/approval/test_one_person.py).
STATE = {"status", "closed_until", "alert", "checked_on", "next_check_due"}
# No reader sees it.
FOR_STAFF = {"delisted_reason"}
# Identity and place: no form has them, and a version keeps those of the record.
FIXED = {"id", "uuid", "reference", "translation_key", "content_type", "page_ptr", "locale", "locale_mode"}
# Words of each kind in its form, where any words are valid.
IN_FORMS = {"title", "introduction", "name", "summary", "words", "article", "operator", "alert_note"}
KINDS = ("programme", "support line", "law", "text", "text of a law", "finder", "guide", "check page")


@pytest.fixture
@cached_fixture
def public_records(home):
    """A public record of each kind, approved by two people."""
    roles.sync()
    programme = ProgrammeFactory(
        approved=True, reference="de-x", alert="waiting_list", alert_note="Three weeks.", operator="An association"
    )
    law = CountryLawFactory(approved=True, reference="be-law")
    finder = FinderPageFactory(parent=home, introduction="Breathe.")
    pages = [finder, *(make(parent=finder, introduction="Breathe.") for make in (GuidePageFactory, CheckPageFactory))]
    for page in pages:
        publish_page(page, user=UserFactory())
    records = [
        programme,
        SupportLineFactory(approved=True, reference="de-line"),
        law,
        ProgrammeTextFactory(programme=programme, approved=True),
        LawTextFactory(law=law, approved=True),
        *(type(page).objects.get(pk=page.pk) for page in pages),
    ]
    return dict(zip(KINDS, records, strict=True))


@pytest.fixture
def dana():
    """A person with every right, who is nevertheless one."""
    return UserFactory(is_superuser=True)


def now(row):
    return type(row)._default_manager.select_related("live_revision").get(pk=row.pk)


def seen(row):
    """Return what readers see of a record: its content, or nothing if it is hidden."""
    found = now(row)
    content = content_of(found) if found.live else {}
    return {name: value for name, value in content.items() if name not in BOOKKEEPING | FOR_STAFF}


def fields_of(row):
    """Return the fields of a record, and of its contact points, as pairs of the owner and the field."""
    owners = [row, *(row.contact_points.all() if hasattr(row, "contact_points") else ())]
    return [
        (owner, field)
        for owner in owners
        for field in owner._meta.concrete_fields
        if field.name not in BOOKKEEPING | FIXED | (PARENT if owner is not row else set()) and field.serialize
    ]


def is_typed(field):
    return isinstance(field, (models.CharField, models.TextField)) and not field.choices


def other(owner, field):
    """Return another value of a field: the words that must not appear, if it takes words."""
    value = getattr(owner, field.name)
    if isinstance(field, StreamField):
        words = {"label": MARK, "text": MARK, "steps": [MARK], "audience": "self_thoughts", "guide": None}
        return [("route", words)] if field.name == "routes" else [("text", f"<p>{MARK}</p>")]
    if isinstance(field, models.ForeignKey):
        pk = field.related_model._default_manager.exclude(pk=value.pk if value else None).values_list("pk", flat=True)
        return field.related_model._default_manager.get(pk=pk[0]) if pk else value
    if field.choices:
        return next(str(code) for code, _label in field.flatchoices if code and code != value)
    if isinstance(field, models.DateField):
        return (value or timezone.localdate()) - dt.timedelta(days=1)
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.IntegerField):
        return (value or 0) + 1
    if isinstance(value, list):
        return ["at"] if value != ["at"] else ["fr"]
    return (NUMBER if "number" in field.name else MARK)[: field.max_length]


def write(row, owner, field):
    setattr(owner, field.name, other(owner, field))
    if owner is not row:
        row.contact_points = [owner]


def revision(row, dana):
    return row.save_revision(user=dana, clean=False)


def publish(row, dana):
    revision(row, dana).publish(user=dana)


def overwrite(row, dana):
    """Overwrite the public version, as only its author can."""
    dana = row.live_revision.user
    row.save_revision(user=dana, clean=False, overwrite_revision=row.live_revision).publish(user=dana)


def act(row, dana):
    action = PublishPageRevisionAction if isinstance(row, Page) else PublishRevisionAction
    action(revision(row, dana), user=dana).execute(skip_permission_checks=True)


def schedule(row, dana):
    made = revision(row, dana)
    made.approved_go_live_at = timezone.now()
    made.save()
    with suppress(SecondPersonRequiredError), transaction.atomic():
        call_command("publish_scheduled")
    scheduled_publishing.publish(made.pk)


def plain_workflow(row, dana):
    """Wagtail's own workflow, in which the user who has submitted a record may also approve it."""
    workflow, task = Workflow.objects.create(name="Plain"), GroupApprovalTask.objects.create(name="Anybody")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    if not isinstance(row, Page):
        kind = type(row).get_content_type()
        WorkflowContentType.objects.update_or_create(content_type=kind, defaults={"workflow": workflow})
    revision(row, dana)
    workflow.start(now(row), dana).current_task_state.approve(user=dana)


def save(row, dana):
    row.save(**({"clean": False} if isinstance(row, Page) else {}))


# Every way to publish a version, or to store a row as it is.
WAYS = {
    "the button": publish,
    "a version that is published": overwrite,
    "Wagtail's action": act,
    "a schedule": schedule,
    "a workflow": plain_workflow,
    "save": save,
}


def by_one(way, row, *given):
    """Try a way, return what readers see then, and undo it."""
    with transaction.atomic():
        with suppress(SecondPersonRequiredError, ValidationError, DatabaseError), transaction.atomic():
            way(*given)
        found = seen(row)
        transaction.set_rollback(True)
    return found


def store_column(row, owner, field):
    write(row, owner, field)
    owner.save(update_fields=[field.name])


def store_in_bulk(row, owner, field):
    type(owner)._default_manager.filter(pk=owner.pk).update(**{field.name: other(owner, field)})


@pytest.mark.parametrize("kind", KINDS)
class TestEachField:
    def test_is_published_by_no_one_person(self, public_records, dana, kind):
        wrong = []
        before = seen(public_records[kind])
        for number, (_owner, field) in enumerate(fields_of(public_records[kind])):
            row = now(public_records[kind])
            owner = fields_of(row)[number][0]
            write(row, owner, field)
            found = by_one(publish, row, row, dana)
            if found != before and not (owner is row and field.name in STATE):
                wrong.append(field.name)
            assert "23125666" not in json.dumps(found).replace(" ", ""), field.name

        assert wrong == []

    @pytest.mark.parametrize("way", [store_column, store_in_bulk], ids=["save of a column", "update"])
    def test_is_stored_by_no_statement(self, public_records, kind, way):
        row = now(public_records[kind])
        before = seen(row)
        wrong = []
        for owner, field in fields_of(row):
            if field.name in FOR_STAFF:
                continue
            kept = getattr(owner, field.name)
            found = by_one(way, row, row, owner, field)
            setattr(owner, field.name, kept)
            if found != before:
                wrong.append(field.name)

        assert wrong == []


class TestEachWay:
    @pytest.mark.parametrize("way", WAYS)
    def test_publishes_no_words_of_one_person(self, public_records, dana, way):
        wrong = []
        for kind, record in public_records.items():
            before = seen(record)
            for number, (_owner, field) in enumerate(fields_of(record)):
                # The first words, and those that stand beside the state of a listing.
                if not (is_typed(field) and (number < 3 or field.name in {"alert_note", "checked_source", "number"})):
                    continue
                row = now(record)
                write(row, fields_of(row)[number][0], field)
                if by_one(WAYS[way], row, row, dana) != before:
                    wrong.append((kind, field.name))

        assert wrong == []

    def test_is_any_service_that_one_person_calls(self, public_records, dana):
        day = timezone.localdate()
        calls = {
            "recheck": lambda row: services.recheck(listing=row, by=dana, on=day, source=MARK),
            "warn": lambda row: services.warn(listing=row, by=dana, reason=MARK, alert="in_doubt"),
            "close": lambda row: services.close(listing=row, by=dana, reason=MARK, until=day),
            "delist": lambda row: services.delist(listing=row, by=dana, reason=MARK),
        }
        listings = [row for row in public_records.values() if isinstance(row, Listing)]
        for row in listings:
            for name, call in calls.items():
                if name in {"warn", "close"} and not hasattr(row, "alert_note"):
                    continue
                found = by_one(call, row, now(row))
                assert MARK not in json.dumps(found), (row, name)

    def test_is_any_form_of_immediate_actions(self, private, public_records, dana):
        """The form takes no words for readers, even if they are sent under the name of any field."""
        private.force_login(dana)
        for row in public_records.values():
            if not isinstance(row, Listing):
                continue
            stuffed = {field.name: MARK for _owner, field in fields_of(row)} | {"note": MARK, "source": MARK}
            for action in ("recheck", "alert", "close", "close_until", "delist"):
                given = {"action": action, "reason": MARK, "alert": "in_doubt", "until": "2099-01-01", "number": NUMBER}
                url = reverse(row.snippet_viewset.get_url_name("now"), args=[row.pk])
                found = by_one(private.post, row, url, stuffed | given)
                assert MARK not in json.dumps(found), (row, action)
            found = by_one(private.post, row, REVIEW_QUEUE, filled(row, source=MARK))
            assert MARK not in json.dumps(found), row

    def test_is_any_form_with_the_button_to_publish(self, private, public_records, dana):
        for row in public_records.values():
            page = isinstance(row, Page)
            url = reverse("wagtailadmin_pages:edit", args=[row.pk]) if page else edit_url(row)
            blank = form_of(private, url, **{"action-publish": "yes"})
            before, tried = seen(row), 0
            private.force_login(dana)
            for name in blank:
                field = name.rpartition("-")[2]
                if field not in IN_FORMS:
                    continue
                with transaction.atomic():
                    private.post(url, {**blank, name: MARK, "body-count": "0", "routes-count": "0"})
                    assert seen(row) == before, (row, name)
                    tried += MARK in json.dumps(now(row).get_latest_revision().content)
                    transaction.set_rollback(True)
            assert tried, row  # it was saved as a draft

    def test_is_a_file_that_is_imported(self, public_records):
        tables = {"programmes": PROGRAMMES, "support-lines": SUPPORT_LINES, "laws": LAWS}
        for kind, table in tables.items():
            (row,) = [row for row in public_records.values() if type(row) is TABLES[kind].model]
            (line,) = exports.rows(table)
            for column in line.keys() - {"id"}:
                data = exports.to_csv(table, [{**line, "id": row.reference, column: NUMBER}]).encode()
                assert by_one(imported, row, kind, data) == seen(row), (kind, column)

    def test_is_the_api(self, public, private, public_records, dana, settings):
        settings.RENDER_ON_REQUEST = True
        private.force_login(dana)
        row = public_records["programme"]
        before = seen(row)
        path = f"/hsds/en/services/{row.uuid}"
        assert public.get(path).status_code == 200
        for client in (public, private):
            for method in ("post", "put", "patch", "delete"):
                data = json.dumps({"alert": MARK, "name": MARK, "alert_note": MARK})
                answer = getattr(client, method)(path, data=data, content_type="application/json")
                assert answer.status_code in {302, 403, 404, 405}, method

        assert seen(row) == before

    def test_is_a_translation(self, public_records, dana, languages):
        for kind, name in (("text", "summary"), ("text of a law", "words")):
            source = public_records[kind]
            translate_object(source, [languages["de"]])
            german = source.get_translation(languages["de"])
            setattr(german, name, "Menschen, die zuhören.")
            approve(german)
            before = seen(german)
            assert before[name] == "Menschen, die zuhören."
            translation = Translation.objects.get(
                source__object_id=source.translation_key, target_locale=languages["de"]
            )
            for segment in translation.source.stringsegment_set.all():
                StringTranslation.objects.update_or_create(
                    locale=languages["de"],
                    translation_of=segment.string,
                    context=segment.context,
                    defaults={"data": MARK, "last_translated_by": dana},
                )
            found = by_one(translation.save_target, german, dana, True)
            assert found == before, kind


# --- The settings ----------------------------------------------------------------------------------

CHOSEN = (models.AutoField, models.ForeignKey, models.BooleanField)


def rows_of_settings():
    return [model.for_site(Site.objects.get(is_default_site=True)) for model in registry]


def words_of(row):
    """Return the values of a row of settings that are not chosen from what others have approved."""
    found = type(row).objects.get(pk=row.pk)
    return {
        field.name: getattr(found, field.name) for field in row._meta.concrete_fields if not isinstance(field, CHOSEN)
    }


def other_words(row, name):
    return "evil@evil.example" if isinstance(row._meta.get_field(name), models.EmailField) else MARK


SETTING_WAYS = {
    "save": lambda row, name: row.save(),
    "save of a column": lambda row, name: row.save(update_fields=[name]),
    "update": lambda row, name: type(row).objects.update(**{name: getattr(row, name)}),
    "bulk update": lambda row, name: type(row).objects.bulk_update([row], [name]),
}


class TestSettings:
    @pytest.mark.parametrize("way", SETTING_WAYS)
    def test_are_stored_by_no_statement(self, public_records, way):
        for row in rows_of_settings():
            before = words_of(row)
            for name in before:
                changed = type(row).objects.get(pk=row.pk)
                setattr(changed, name, other_words(row, name))
                with suppress(SecondPersonRequiredError), transaction.atomic():
                    SETTING_WAYS[way](changed, name)
                assert words_of(row) == before, (row._meta.label, name)

    def test_are_stored_by_no_form_until_a_second_person_approves(self, private, public_records, dana):
        second = UserFactory(is_superuser=True)
        tried = []
        for row in rows_of_settings():
            before = words_of(row)
            private.force_login(dana)
            url = reverse("wagtailsettings:edit", args=[row._meta.app_label, row._meta.model_name, row.site_id])
            private.post(url, {name: other_words(row, name) for name in before})
            assert words_of(row) == before, row
            for name in before:
                setting, value = f"{row._meta.label}.{name}", other_words(row, name)
                private.force_login(dana)
                private.post("/admin/proposed_settings/new/", {"setting": setting, "value": value})
                proposal = SettingProposal.objects.get(setting=setting)
                approval = f"/admin/proposed_settings/edit/{proposal.pk}/"
                assert approval in private.get("/admin/proposed_settings/").text
                assert "another person approves it" in private.post(approval).content.decode()
                assert words_of(row)[name] == before[name], setting
                private.force_login(second)
                private.post(approval, {"value": "Another one"})
                assert words_of(row)[name] == value, setting
                tried.append(setting)

        assert "helpline.HelplineSettings.corrections_email" in tried


def edit_url(row):
    return reverse(row.snippet_viewset.get_url_name("edit"), args=[row.pk])


def imported(kind, data):
    with suppress(Exception):
        import_upload(kind, data)


class TestEveryKind:
    def test_is_tried(self, public_records):
        assert {type(row) for row in public_records.values()} == set(integrity.kinds())
        assert all(issubclass(type(row), SecondPerson) for row in public_records.values())
        assert ContactPoint.objects.filter(programme=public_records["programme"]).exists()
