"""Every lock on a row is tested against a second connection.

Code that decides something from a row has to lock it first: while another connection holds the row, the code must
stop at the statement that reads it, not later at the one that writes.
Each of these tests then removes the lock from the code and proves that the test fails.
"""

import ast
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import OperationalError, connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from wagtail.models import Locale, Page, Revision
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from campaigns.launches import services as campaigns
from campaigns.models import CampaignPage, Launch, StudioOutput, Term
from campaigns.studio import batches
from campaigns.studio.drawing import Drawn
from campaigns.studio.variants import to_draw
from campaigns.terms import checker
from campaigns.wordings import MATERIALS
from core.admin.rows import RowsPanel
from core.mail import outbox
from core.models import OutgoingMail
from core.scheduler import scheduled_publishing
from helpline.approval import rule
from helpline.exchange.imports import drafts, texts
from helpline.governance import integrity, reconfirmation, reports
from helpline.governance import services as listings
from helpline.governance.review import decisions
from helpline.models import ListedSite, OperatorContact, Programme, Report
from helpline.scan import services as scan
from helpline.scan.models import Scan
from helpline.vocabulary.codes import Alert, OperatorAnswer, ReportReason
from network.digests import services as digests
from network.events import services as events
from network.institutions import services as institutions
from network.joining import services as joining
from network.members import services as members
from network.models import Event, Practice
from network.opportunities import services as opportunities
from network.practices import services as practices
from network.practices.texts import PRACTICE_TEXTS
from network.verification import services as verifications
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    DesignFactory,
    FileFactory,
    MaterialFactory,
    PictureFactory,
)
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import ProgrammeFactory, ProgrammeTextFactory, StaffFactory, past_every_rule
from tests.factories.network import (
    DigestIndexPageFactory,
    DigestPageFactory,
    EventIndexPageFactory,
    EventPageFactory,
    EvidenceReviewFactory,
    InstitutionFactory,
    MemberFactory,
    OpportunityFactory,
    PracticeFactory,
    RegistrationFactory,
    VerificationFactory,
)
from tests.factories.users import UserFactory
from tests.support.checklist import all_yes
from tests.support.second import LOCK_NOT_AVAILABLE, second_connection
from users.sign_in import second_factor

ROOT = Path(__file__).resolve().parents[1]
LOCKING = "select_for_update"

# The row that is locked, and the action that must wait for it.
type LockCase = Callable[[Any], tuple[Model, Callable[[], object]]]

LOCK_CASES: dict[str, LockCase] = {}


def lock_case(place: str) -> Callable[[LockCase], LockCase]:
    """Register a situation in which the code at this place locks a row."""

    def register(build: LockCase) -> LockCase:
        LOCK_CASES[place] = build
        return build

    return register


@lock_case("core.scheduler.scheduled_publishing._take_down")
def expired_page(home: Any) -> tuple[Model, Callable[[], object]]:
    page = StandardPageFactory(parent=home)
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now())
    (due,) = scheduled_publishing.due()
    return Page.objects.get(pk=page.pk), lambda: scheduled_publishing.carry_out(due)


@lock_case("core.scheduler.scheduled_publishing.publish")
def scheduled_page(home: Any) -> tuple[Model, Callable[[], object]]:
    revision = StandardPageFactory(parent=home).save_revision()
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=timezone.now())
    (due,) = scheduled_publishing.due()
    return revision, lambda: scheduled_publishing.carry_out(due)


@lock_case("core.admin.rows.RowFormSet.save")
def record_with_rows(home: Any) -> tuple[Model, Callable[[], object]]:
    practice = PracticeFactory()
    form = (
        RowsPanel("texts")
        .bind_to_model(Practice)
        .get_form_class()({"texts-TOTAL_FORMS": 0, "texts-INITIAL_FORMS": 0}, instance=practice)
    )
    form.is_valid()
    return practice, form.save


@lock_case("campaigns.launches.services.reschedule")
def campaign_under_embargo(home: Any) -> tuple[Model, Callable[[], object]]:
    index = CampaignIndexPageFactory(parent=home)
    CampaignPageFactory(parent=index, embargo=timezone.now() + dt.timedelta(days=1))
    revision = CampaignPage.objects.scheduled_revisions().get()
    return revision, lambda: campaigns.reschedule(revision=revision)


@lock_case("campaigns.launches.services._take_out")
def page_that_is_called_off(home: Any) -> tuple[Model, Callable[[], object]]:
    page = CampaignPageFactory(
        parent=CampaignIndexPageFactory(parent=home), embargo=timezone.now() + dt.timedelta(days=1)
    )
    revision = CampaignPage.objects.scheduled_revisions().get()
    return revision, lambda: campaigns.call_off(page=page, by=None)


@lock_case("campaigns.launches.services.launch")
def launch_with_preflight(home: Any) -> tuple[Model, Callable[[], object]]:
    index = CampaignIndexPageFactory(parent=home)
    page = CampaignPageFactory(parent=index, embargo=timezone.now() + dt.timedelta(days=1))
    hour = timezone.now() - dt.timedelta(minutes=1)
    row = Launch.objects.create(campaign_key=page.translation_key, go_live_at=hour)
    # Its hour has come: in the revision, on the page and on the schedule.
    revision = CampaignPage.objects.scheduled_revisions().get()
    revision.content["embargo"], revision.approved_go_live_at = hour.isoformat(), hour
    revision.save()
    return row, lambda: campaigns.launch(page.translation_key)


@lock_case("campaigns.wordings.MaterialWording.save")
def material_to_translate(home: Any) -> tuple[Model, Callable[[], object]]:
    material, user = MaterialFactory(languages=["en"]), UserFactory()
    german, _ = Locale.objects.get_or_create(language_code="de")
    text = material.texts.get()
    return material, lambda: MATERIALS.save(source=text, locale=german, words={"title": "Plakat"}, by=user, submit=True)


@lock_case("campaigns.studio.batches.hand_over")
def material_to_draw(home: Any) -> tuple[Model, Callable[[], object]]:
    design = DesignFactory()
    output = StudioOutput(design=design, format="poster-a4", language="en", state="drawn", document=FileFactory())
    output.save()
    return design.material, lambda: batches.hand_over(design, {batches.key_of(output)})


@lock_case("campaigns.studio.batches.keep")
def output_to_keep(home: Any) -> tuple[Model, Callable[[], object]]:
    design = DesignFactory()
    (output,) = to_draw(design)
    return design, lambda: batches.keep(Drawn(output=output, state="unfit"))


@lock_case("campaigns.terms.checker._replace_in_translation")
def translation_with_a_word_to_avoid(home: Any) -> tuple[Model, Callable[[], object]]:
    german = Locale.objects.get(language_code="de")
    index = CampaignIndexPageFactory(parent=home)
    page = CampaignPageFactory(parent=index, introduction="About a path.")
    for each in (home, index, page):
        source, _made = TranslationSource.update_or_create_from_instance(each)
        Translation.objects.create(source=source, target_locale=german).save_target(publish=False)
    segment = source.stringsegment_set.get(context__path="introduction")
    text = StringTranslation.objects.create(
        translation_of=segment.string, locale=german, context=segment.context, data="Über Kinderpornos."
    )
    Term.objects.create(
        language="de", level=Term.Level.AVOID, word="Kinderpornos", forms="Kinderpornos", instead="Darstellungen",
        concept="CSAM"
    )  # fmt: skip
    translated = checker.newest(page.get_translation(german))
    (found,) = checker.findings(translated)
    user = UserFactory()
    return text, lambda: checker.replace(thing=translated, chosen={found.key: "Darstellungen"}, by=user)


@lock_case("users.sign_in.second_factor.rotate")
def second_factors(home: Any) -> tuple[Model, Callable[[], object]]:
    user = UserFactory(app=True)
    return Authenticator.objects.get(user=user), second_factor.rotate


@lock_case("helpline.governance.services._act")
def listing_to_check(home: Any) -> tuple[Model, Callable[[], object]]:
    programme, user = ProgrammeFactory(approved=True), StaffFactory()
    today = timezone.localdate()
    return programme, lambda: listings.recheck(listing=programme, by=user, on=today, source="x")


@lock_case("helpline.approval.rule.lock_row")
def listing_to_approve(home: Any) -> tuple[Model, Callable[[], object]]:
    programme, user = ProgrammeFactory(checked=True), StaffFactory()
    revision = programme.save_revision(user=StaffFactory())
    answers = all_yes(decisions.points_asked(listing=programme, revision=revision))
    return programme, lambda: decisions.approve(
        listing=programme, revision=revision, by=user, reason="Read it.", checklist=answers
    )


@lock_case("helpline.approval.rule.lock_row (workflow)")
def listing_to_confirm_in_a_workflow(home: Any) -> tuple[Model, Callable[[], object]]:
    programme, user = ProgrammeFactory(approved=True), StaffFactory()
    programme.alert = Alert.WAITING_LIST
    revision = programme.save_revision(user=user)
    return programme, lambda: rule.ensure_approved(listing=programme, revision=revision, by=user)


@lock_case("helpline.exchange.imports.drafts._records")
def listing_to_import(home: Any) -> tuple[Model, Callable[[], object]]:
    programme = ProgrammeFactory()
    facts = drafts.ParsedListing(reference=str(programme.uuid), place=1, fields={"name": "Other"})
    return programme, lambda: drafts.import_listings(Programme, [facts])


@lock_case("helpline.exchange.imports.texts.TextTable.known")
def text_to_import(home: Any) -> tuple[Model, Callable[[], object]]:
    text = ProgrammeTextFactory()
    row = f"{text.programme_id},{text.locale.language_code},Other words.,,"
    table = texts.PROGRAMME_TEXTS
    return text, lambda: texts.import_texts(table, f"{','.join(table.columns)}\n{row}\n".encode())


@lock_case("helpline.governance.integrity.hide_and_report")
def listing_that_differs(home: Any) -> tuple[Model, Callable[[], object]]:
    programme = ProgrammeFactory(approved=True)
    past_every_rule(programme, website="https://other.example/")
    return programme, lambda: integrity.hide_and_report(programme)


@lock_case("helpline.governance.reports.resolve")
def report(home: Any) -> tuple[Model, Callable[[], object]]:
    made = Report.objects.create(listing=ProgrammeFactory(), what=ReportReason.NUMBER)
    user = StaffFactory()
    return made, lambda: reports.resolve(report=made, by=user, reason="Corrected.")


@lock_case("helpline.governance.reports.forget_words")
def words_of_a_reporter(home: Any) -> tuple[Model, Callable[[], object]]:
    made = Report.objects.create(listing=ProgrammeFactory(), what=ReportReason.NUMBER, text="I am the caller.")
    user = StaffFactory()
    return made, lambda: reports.forget_words(report=made, by=user)


def operator(**fields: Any) -> OperatorContact:
    return OperatorContact.objects.create(
        listing=ProgrammeFactory(approved=True),
        email="office@service.example",
        ask_on=timezone.localdate(),
        **fields,
    )


@lock_case("helpline.governance.reconfirmation.set_operator")
def operator_to_change(home: Any) -> tuple[Model, Callable[[], object]]:
    contact, user = operator(), StaffFactory()
    return contact, lambda: reconfirmation.set_operator(contact=contact, by=user)


@lock_case("helpline.governance.reconfirmation.note_sent")
def operator_with_a_letter(home: Any) -> tuple[Model, Callable[[], object]]:
    contact = operator()
    mail = outbox.queue(reconfirmation.LETTER, about=contact)
    return contact, lambda: reconfirmation.note_sent(OutgoingMail.objects.get(pk=mail.pk))


@lock_case("helpline.governance.reconfirmation.accept_answer")
def operator_who_answers(home: Any) -> tuple[Model, Callable[[], object]]:
    contact = operator(asked_on=timezone.localdate())
    token = reconfirmation.make_token(contact, timezone.localdate())
    return contact, lambda: reconfirmation.accept_answer(token=token, answer=OperatorAnswer.RIGHT)


@lock_case("network.institutions.services.rename_places")
def member_whose_place_is_renamed(home: Any) -> tuple[Model, Callable[[], object]]:
    made = MemberFactory(listed=True, ror="https://ror.org/05gq02987")
    InstitutionFactory(ror=made.ror)
    return made, institutions.rename_places


@lock_case("network.row_locks.locked_row")
def practice_to_publish(home: Any) -> tuple[Model, Callable[[], object]]:
    made, user = PracticeFactory(), UserFactory()
    made.save_revision(user=UserFactory())
    made.refresh_from_db()
    seen = made.latest_revision_id
    return made, lambda: practices.publish_practice(practice=made, seen=seen, by=user)


@lock_case("network.practices.texts.PracticeWording.save")
def practice_to_translate(home: Any) -> tuple[Model, Callable[[], object]]:
    practice, user = PracticeFactory(), UserFactory()
    german, _ = Locale.objects.get_or_create(language_code="de")
    source = practice.texts.get()
    words = {**source.words(), "title": "Zuhören"}
    return practice, lambda: PRACTICE_TEXTS.save(source=source, locale=german, words=words, by=user, submit=True)


@lock_case("network.digests.services.record_review")
def digest_to_review(home: Any) -> tuple[Model, Callable[[], object]]:
    page = DigestPageFactory(parent=DigestIndexPageFactory(parent=home))
    return page, lambda: digests.record_review(
        digest=page, version=page.latest_revision_id, review={}, by=UserFactory()
    )


@lock_case("network.events.services.keep_event")
def event_to_publish(home: Any) -> tuple[Model, Callable[[], object]]:
    page = EventPageFactory(parent=EventIndexPageFactory(parent=home))
    return Event.objects.get(), lambda: events.keep_event(page=page)


@lock_case("network.row_locks.locked_row (event)")
def event_with_one_place(home: Any) -> tuple[Model, Callable[[], object]]:
    asked = RegistrationFactory(state="unconfirmed", number=None)
    return asked.event, lambda: events.confirm_request(registration=asked)


def days_ago(days: int) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=days)


def moments_ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def website() -> ListedSite:
    return ListedSite.objects.create(url="https://service.example/")


# By place: a function that creates the row to be locked, and the action that locks it.
ROWS: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "core.models.files.Picture.create_rendition": (
        PictureFactory,
        lambda it: it.get_rendition("fill-20x20"),
    ),
    "helpline.approval.rule.lock_row (publish)": (
        lambda: ProgrammeFactory(approved=True),
        lambda it: it.publish(it.latest_revision),
    ),
    "helpline.governance.reconfirmation.save_draft": (
        lambda: ProgrammeFactory(approved=True),
        lambda it: reconfirmation.save_draft(it, {}),
    ),
    "helpline.governance.reconfirmation.send": (operator, lambda it: reconfirmation.send(it.pk)),
    "helpline.scan.services._store": (
        website,
        lambda it: scan._store(Scan(site=it, at=timezone.now(), problem="gone")),
    ),
    "helpline.scan.services.regrade": (website, scan.regrade),
    "network.row_locks.locked": (lambda: MemberFactory(listed=True), lambda it: members.pause(member=it)),
    "network.members.services.leave": (
        lambda: MemberFactory(listed=True),
        lambda it: members.leave(member=it),
    ),
    "network.members.services.request_reconfirmation": (
        lambda: MemberFactory(listed=True, reconfirmed_at=moments_ago(400)),
        lambda it: members.request_reconfirmation(member=it),
    ),
    "network.members.services.erase_lapsed": (
        lambda: MemberFactory(paused=True, lapsed_at=moments_ago(400)),
        lambda it: members.erase_lapsed(member=it),
    ),
    "network.members.services.move_address": (
        lambda: MemberFactory(listed=True, user=UserFactory()),
        lambda it: members.move_address(user=it.user, address="new@example.org"),
    ),
    "network.joining.services.purge": (
        lambda: MemberFactory(created_at=moments_ago(30)),
        lambda it: joining.purge(member=it),
    ),
    "network.verification.services._locked_verification": (
        lambda: VerificationFactory(kind="link"),
        lambda it: verifications.keep_reading(verification=it, problem="gone"),
    ),
    "network.practices.services.archive_practice": (
        lambda: PracticeFactory(confirmed_on=days_ago(800)),
        lambda it: practices.archive_practice(practice=it),
    ),
    "network.practices.services.note_expiry": (
        lambda: EvidenceReviewFactory(decided=True, expires_on=days_ago(0)),
        lambda it: practices.note_expiry(review=it),
    ),
    "network.opportunities.services.end_opportunity": (
        lambda: OpportunityFactory(until=days_ago(1)),
        lambda it: opportunities.end_opportunity(opportunity=it),
    ),
}
LOCK_CASES |= {
    place: lambda home, make=make, act=act: (row := make(), lambda: act(row)) for place, (make, act) in ROWS.items()
}


def stops_at(action: Callable[[], object]) -> str:
    """Return the statement at which an action waits for a lock held elsewhere; an empty string if it goes through."""
    waiting: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) == LOCK_NOT_AVAILABLE:
                waiting.append(sql)
            raise

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '30ms'")
        with connection.execute_wrapper(note):
            try:
                action()
            except OperationalError:
                if not waiting:
                    raise
        transaction.set_rollback(True)
    return waiting[0] if waiting else ""


def without_lock(self: QuerySet[Any], *args: Any, **kwargs: Any) -> QuerySet[Any]:
    return self.all()


@pytest.mark.django_db(transaction=True)
class TestRowLocks:
    @pytest.mark.parametrize("place", LOCK_CASES)
    def test_are_waited_for_where_the_row_is_read(self, place, home, settings, monkeypatch):
        settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend", "QUEUES": []}}
        row, action = LOCK_CASES[place](home)

        with second_connection() as other, other.cursor() as cursor:
            cursor.execute("BEGIN")
            table = other.ops.quote_name(row._meta.db_table)
            cursor.execute(
                f"SELECT 1 FROM {table} WHERE {row._meta.pk.column} = %s FOR UPDATE",  # noqa: S608
                [row.pk],
            )
            waits = stops_at(action)
            monkeypatch.setattr(QuerySet, LOCKING, without_lock)
            without = stops_at(action)
            cursor.execute("ROLLBACK")

        assert waits.startswith("SELECT")
        assert not without.startswith("SELECT"), "A missing lock would not be detected."


class TestPlaces:
    def places(self) -> set[str]:
        """Return the functions in which the code locks rows, as `module.function`."""
        found = set()
        for root in (ROOT, ROOT / "site"):
            for top in ("campaigns", "network", "helpline", "core", "users", "home", "prerender", "demo"):
                for path in (root / top).rglob("*.py"):
                    if LOCKING in (text := path.read_text()):
                        module = ".".join(path.relative_to(root).with_suffix("").parts)
                        found |= {f"{module}.{name}" for name in locking(ast.parse(text))}
        return found

    def test_are_all_in_the_table(self):
        assert self.places() == {place.partition(" ")[0] for place in LOCK_CASES}

    def test_would_be_found_if_they_were_not(self):
        source = "class A:\n    def b(self):\n        rows.select_for_update().get()\n\ndef c():\n    pass\n"

        assert locking(ast.parse(source)) == {"A.b"}


def locking(tree: ast.AST, above: tuple[str, ...] = ()) -> set[str]:
    """Return the functions that name the method."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        inner = isinstance(node, ast.FunctionDef | ast.ClassDef)
        here = (*above, node.name) if inner else above
        if isinstance(node, ast.Attribute) and node.attr == LOCKING:
            found.add(".".join(above))
        found |= locking(node, here)
    return found
