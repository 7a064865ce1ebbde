"""Permissions to publish, approve, hide and delete, tested with requests to the admin and the resulting rows."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.snippets.models import get_snippet_models

from campaigns.roles import CAMPAIGN_EDITOR
from core.admin.unpublishing import requests as unpublish_requests
from helpline.approval.versions import digest
from helpline.governance.review import decisions
from helpline.roles import LISTING_APPROVER, LISTING_DRAFTER
from home.models import PromotedPage
from network.roles import NETWORK_MANAGER
from tests.factories.campaigns import (
    ActivityFactory,
    CampaignPageFactory,
    CampaignResultFactory,
    DesignFactory,
    FileFactory,
    MaterialFactory,
    PartnerFactory,
    PictureFactory,
    TermFactory,
    ThemeFactory,
    UsageReportFactory,
)
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import (
    CountryLawFactory,
    GuidePageFactory,
    LawTextFactory,
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    SupportLineFactory,
)
from tests.factories.network import (
    CategoryFactory,
    ConversationFactory,
    DirectoryPageFactory,
    EvidenceCriterionFactory,
    EvidenceReviewFactory,
    MemberFactory,
    PracticeFactory,
    ProposedTextsFactory,
    ReviewTemplateFactory,
)
from tests.factories.users import UserFactory
from users import roles

ADMIN, EDITOR, DRAFTER, APPROVER, NETWORK = (
    roles.ADMINISTRATOR, CAMPAIGN_EDITOR, LISTING_DRAFTER, LISTING_APPROVER, NETWORK_MANAGER,
)  # fmt: skip
GERMAN = "Translator: German"
NO_ROLE = "No role"
EVERYONE = (ADMIN, EDITOR, DRAFTER, APPROVER, NETWORK, GERMAN, NO_ROLE)
KEEPERS = {ADMIN, DRAFTER, APPROVER}
NOT_POSSIBLE: set[str] = set()

# Decisions on a record of each kind, and the roles that may make them.
# A text has no state of its own, and a law cannot be closed.
NOT_TAKEN = {"programmetext": {"close", "confirm"}, "lawtext": {"close", "confirm"}, "countrylaw": {"close"}}
LISTINGS: dict[tuple[str, str], set[str]] = {
    (record, decision): who
    for record in ("programme", "programmetext", "supportline", "countrylaw", "lawtext")
    for decision, who in {
        "approve": {ADMIN, APPROVER},
        "request changes": {ADMIN, APPROVER},
        # The buttons of the workflow and of the form do not include the checklist, so they publish nothing.
        "approve in the workflow": NOT_POSSIBLE,
        "publish with the form": NOT_POSSIBLE,
        "hide": KEEPERS,
        "close": KEEPERS,
        "confirm": KEEPERS,
        "delete": {ADMIN},
        "delete in bulk": {ADMIN},
    }.items()
    if decision not in NOT_TAKEN.get(record, ())
}
PAGES: dict[tuple[str, str], set[str]] = {
    **{
        (page, decision): who
        # A guide needs two people, on a separate page: tests/helpline/admin/test_help_pages.py.
        for page, who in {
            "campaign page": {ADMIN, EDITOR},
            "plain page": {ADMIN, EDITOR},
            "guide": NOT_POSSIBLE,
            "directory": {ADMIN, NETWORK},
        }.items()
        for decision in ("publish", "unpublish", "unpublish in bulk", "delete", "delete in bulk")
    },
    # The only way to unpublish it needs a reason and two people.
    ("guide", "unpublish"): NOT_POSSIBLE,
    ("guide", "request unpublishing"): {ADMIN, APPROVER},
    ("unwanted guide", "unpublish"): {ADMIN, APPROVER},
    ("unwanted guide", "unpublish without a reason"): NOT_POSSIBLE,
}
DELETED = {
    EDITOR: ("material", "theme", "design", "partner", "activity", "usagereport", "campaignresult", "term"),
    NETWORK: ("category", "reviewtemplate", "practice", "evidencecriterion"),
}
OTHERS: dict[tuple[str, str], set[str]] = {
    **{
        (record, decision): {ADMIN, role}
        for role, records in DELETED.items()
        for record in records
        for decision in ("delete", "delete in bulk")
    },
    ("material", "publish"): {ADMIN, EDITOR},
    ("material", "unpublish"): {ADMIN, EDITOR},
    ("promotedpage", "delete"): {ADMIN, APPROVER},
    ("category", "merge"): {ADMIN, NETWORK},
    ("category", "retire"): {ADMIN, NETWORK},
    ("category", "unpublish"): {ADMIN, NETWORK},
    # Saving the form makes the user an author, so it cannot publish.
    ("practice", "publish with the form"): NOT_POSSIBLE,
    ("practice", "publish"): {ADMIN, NETWORK},
    ("practice", "unpublish"): {ADMIN, NETWORK},
    ("evidence", "decide"): {ADMIN, NETWORK},
    ("request", "approve"): {ADMIN, NETWORK},
    ("request", "decline"): {ADMIN, NETWORK},
    ("words", "accept"): {ADMIN, NETWORK},
    ("reported conversation", "decide"): {ADMIN, NETWORK},
    ("member", "hide"): {ADMIN, NETWORK},
    ("member", "erase"): {ADMIN, NETWORK},
    # In Wagtail, users who may change a picture or a file may also delete it.
    ("picture", "delete"): {ADMIN, EDITOR},
    ("file", "delete"): {ADMIN, EDITOR},
    ("person", "delete"): NOT_POSSIBLE,
}

Attempt = tuple["Model", str, dict[str, Any], "Callable[[Any], bool]"]


def gone(row: Any) -> bool:
    return not type(row)._default_manager.filter(pk=row.pk).exists()


def live(row: Any) -> bool:
    return bool(type(row)._default_manager.get(pk=row.pk).live)


def hidden(row: Any) -> bool:
    return not live(row)


def wanted_off(row: Any) -> bool:
    return row.pk in unpublish_requests.open_requests([row])


def state(expected: str) -> Callable[[Any], bool]:
    return lambda row: type(row)._default_manager.get(pk=row.pk).state == expected


def snippet(row: Any, view: str) -> str:
    return reverse(f"wagtailsnippets_{row._meta.app_label}_{row._meta.model_name}:{view}", args=[row.pk])


def bulk(row: Any, action: str) -> str:
    model = ("wagtailcore", "page") if hasattr(row, "depth") else (row._meta.app_label, row._meta.model_name)
    return f"{reverse('wagtail_bulk_action', args=[*model, action])}?id={row.pk}"


def page_url(page: Page, action: str) -> str:
    return reverse(f"wagtailadmin_pages:{action}", args=[page.pk])


def taken(client: Client, attempts: Mapping[tuple[str, str], Attempt]) -> dict[tuple[str, str], set[str]]:
    """Return the roles that can make each decision. Each role tries it on a row without decisions."""
    people = {role: UserFactory(roles=[role] if role != NO_ROLE else []) for role in EVERYONE}
    found: dict[tuple[str, str], set[str]] = {}
    for decision, (row, url, form, happened) in attempts.items():
        assert not happened(row), f"{decision} has happened already"
        found[decision] = set()
        for role, person in people.items():
            with transaction.atomic():
                client.force_login(person)
                answer = client.post(url, form)
                assert answer.status_code in {200, 302, 403, 404}, (decision, role, answer.status_code)
                if happened(row):
                    found[decision].add(role)
                transaction.set_rollback(True)
    return found


def form_of(client: Client, url: str, **buttons: str) -> dict[str, Any]:
    """Return the data of an edit form as shown to a user with all permissions."""
    client.force_login(UserFactory(is_superuser=True))
    form = client.get(url).context["form"]
    sets = getattr(form, "formsets", {}).values()
    fields = [*form, *(field for one in sets for each in one.forms for field in each)]
    data = {field.html_name: field.value() for field in fields if field.value() not in (None, False)}
    for formset in sets:
        data |= {field.html_name: field.value() for field in formset.management_form}
    return {**data, "why": "new", **buttons}


# Wagtail 8.0 opens its mail connection in a way that Django 6.1 deprecates.
@pytest.mark.filterwarnings("ignore:get_connection")
@pytest.mark.long
@pytest.mark.usefixtures("same_people")
class TestWhoMay:
    def test_decide_about_listings(self, private, all_roles):
        attempts: dict[tuple[str, str], Attempt] = {}
        writer = StaffFactory()
        for make in (
            ProgrammeFactory,
            ProgrammeTextFactory,
            SupportLineFactory,
            CountryLawFactory,
            LawTextFactory,
        ):
            checked = {} if make in (ProgrammeTextFactory, LawTextFactory) else {"checked": True}
            draft, shown, submitted = make(**checked), make(approved=True), make(**checked)
            for row in (draft, submitted):
                row.save_revision(user=writer)
            workflow = submitted.get_workflow().start(submitted, writer)
            revision = draft.latest_revision
            points = decisions.points_asked(listing=draft, revision=revision)
            decision = {
                "seen": f"{revision.pk}:{digest(revision)}",
                "reason": "read their page",
                **{f"{point.code}-answer": "yes" for point in points},
            }
            waiting = submitted.latest_revision
            seen = {**decision, "seen": f"{waiting.pk}:{digest(waiting)}"}
            name = draft._meta.model_name
            button = reverse(
                f"wagtailsnippets_helpline_{name}:workflow_action",
                args=[submitted.pk, "approve", workflow.current_task_state.pk],
            )
            attempts |= {
                (name, "approve"): (
                    draft,
                    snippet(draft, "review"),
                    {**decision, "decision": "approve"},
                    live,
                ),
                (name, "request changes"): (
                    submitted,
                    snippet(submitted, "review"),
                    {**seen, "decision": "request_changes"},
                    lambda row: not row.workflow_states.filter(status="in_progress").exists(),
                ),
                (name, "approve in the workflow"): (submitted, button, {"comment": ""}, live),
                (name, "publish with the form"): (
                    draft,
                    snippet(draft, "edit"),
                    form_of(private, snippet(draft, "edit"), **{"action-publish": "yes"}),
                    live,
                ),
                (name, "hide"): (shown, snippet(shown, "unpublish"), {"reason": "in doubt"}, hidden),
                (name, "delete"): (shown, snippet(shown, "delete"), {}, gone),
                (name, "delete in bulk"): (shown, bulk(shown, "delete"), {}, gone),
            }
            if make not in (ProgrammeTextFactory, LawTextFactory):
                now = snippet(shown, "now")
                attempts |= {
                    (name, "close"): (
                        shown,
                        now,
                        {"action": "close", "reason": "their page"},
                        lambda row: type(row).objects.get(pk=row.pk).status == "closed",
                    ),
                    (name, "confirm"): (
                        shown,
                        now,
                        {"action": "recheck", "reason": "called them"},
                        lambda row: type(row).objects.get(pk=row.pk).checked_by is not None,
                    ),
                }

        possible = {decision: attempt for decision, attempt in attempts.items() if decision in LISTINGS}
        assert taken(private, possible) == LISTINGS

    def test_decide_about_pages(self, private, all_roles):
        attempts: dict[tuple[str, str], Attempt] = {}
        below = {page.slug: page.specific for page in all_roles.get_children()}
        DirectoryPageFactory(parent=all_roles)
        about = StandardPageFactory(parent=all_roles, slug="about")
        roles.sync()
        made = {
            "campaign page": CampaignPageFactory(parent=below["campaigns"]),
            "plain page": about,
            "guide": GuidePageFactory(parent=below["help"]),
            "directory": all_roles.get_children().get(slug="network").specific,
        }
        for name, page in made.items():
            attempts |= {
                (name, "unpublish"): (page, page_url(page, "unpublish"), {}, hidden),
                (name, "unpublish in bulk"): (page, bulk(page, "unpublish"), {}, hidden),
                (name, "delete"): (page, page_url(page, "delete"), {}, gone),
                (name, "delete in bulk"): (page, bulk(page, "delete"), {}, gone),
            }
        guide, unwanted = made["guide"], GuidePageFactory(parent=below["help"], slug="unwanted")
        unpublish_requests.ask(unwanted, by=UserFactory(roles=[APPROVER]), reason="It is out of date.")
        off = {"reason": "It is out of date."}
        for decision, row, form, happened in (
            (("guide", "unpublish"), guide, off, hidden),
            (("guide", "request unpublishing"), guide, off, wanted_off),
            (("unwanted guide", "unpublish"), unwanted, off, hidden),
            (("unwanted guide", "unpublish without a reason"), unwanted, {"reason": " "}, hidden),
        ):
            url = reverse("unpublish_page", args=[row.pk])
            attempts[decision] = (row, url, {"languages": str(row.pk), **form}, happened)
        found = taken(private, attempts)
        for page in made.values():
            page.unpublish()
        found |= taken(
            private,
            {(name, "publish"): (page, bulk(page, "publish"), {}, live) for name, page in made.items()},
        )

        assert found == PAGES

    def test_decide_about_everything_else(self, private, all_roles):
        material, theme, category = MaterialFactory(), ThemeFactory(), CategoryFactory()
        design, term = DesignFactory(), TermFactory()
        partner, activity, report = PartnerFactory(), ActivityFactory(), UsageReportFactory()
        result = CampaignResultFactory(campaign_key="00000000-0000-7000-8000-000000000000")
        draft = MaterialFactory(live=False)
        promoted = PromotedPage.objects.create(page=all_roles, phrases="about us")
        request, member = MemberFactory(awaiting_review=True), MemberFactory(listed=True)
        template, proposal = ReviewTemplateFactory(), ProposedTextsFactory()
        told = ConversationFactory()
        reported = told.reports.create(reporter=told.recipient)
        practice, unread, criterion = (
            PracticeFactory(),
            PracticeFactory(live=False),
            EvidenceCriterionFactory(),
        )
        unread.save_revision(user=UserFactory())
        unread.refresh_from_db()
        review = EvidenceReviewFactory(practice=practice)
        review.assessments.create(reviewer=UserFactory(), rating="harm")
        picture, file = PictureFactory(), FileFactory()
        person = UserFactory()
        in_queue, listed = (
            reverse("network_review:inspect", args=[request.pk]),
            reverse("network_review:inspect", args=[member.pk]),
        )
        attempts: dict[tuple[str, str], Attempt] = {
            ("material", "publish"): (
                draft,
                snippet(draft, "edit"),
                form_of(private, snippet(draft, "edit"), **{"action-publish": "yes"}),
                live,
            ),
            ("material", "unpublish"): (material, snippet(material, "unpublish"), {}, hidden),
            **{
                (row._meta.model_name, decision): (row, url, {}, gone)
                for row in (
                    material,
                    theme,
                    design,
                    term,
                    partner,
                    activity,
                    report,
                    result,
                    category,
                    template,
                    practice,
                    criterion,
                )
                for decision, url in (
                    ("delete", snippet(row, "delete")),
                    ("delete in bulk", bulk(row, "delete")),
                )
            },
            ("promotedpage", "delete"): (promoted, snippet(promoted, "delete"), {}, gone),
            ("category", "merge"): (
                category,
                snippet(category, "merge"),
                {"action": "merge", "into": CategoryFactory().code},
                lambda row: type(row).objects.get(pk=row.pk).replaced_by != "",
            ),
            ("category", "retire"): (
                category,
                snippet(category, "merge"),
                {"action": "retire"},
                lambda row: type(row).objects.get(pk=row.pk).retired,
            ),
            ("category", "unpublish"): (category, snippet(category, "unpublish"), {}, hidden),
            ("words", "accept"): (
                proposal,
                reverse("network_review:inspect", args=[proposal.member.pk]),
                {"action": "accept_texts", "proposal": proposal.pk},
                gone,
            ),
            ("reported conversation", "decide"): (
                reported,
                reverse("network_review:report", args=[reported.uuid]),
                {"decision": "nothing"},
                lambda row: not type(row).objects.open().filter(pk=row.pk).exists(),
            ),
            ("practice", "publish with the form"): (
                unread,
                snippet(unread, "edit"),
                form_of(private, snippet(unread, "edit"), **{"action-publish": "yes"}),
                live,
            ),
            ("practice", "publish"): (
                unread,
                reverse("practice", args=[unread.pk]),
                {"action": "publish", "seen": unread.latest_revision_id},
                live,
            ),
            ("practice", "unpublish"): (practice, snippet(practice, "unpublish"), {}, hidden),
            ("evidence", "decide"): (
                review,
                reverse("evidence", args=[review.pk]),
                {
                    "action": "assess",
                    "assess-rating": "harm",
                    "assess-text": "It is.",
                    "assess-no_conflict": "on",
                },
                lambda row: type(row).objects.get(pk=row.pk).rating == "harm",
            ),
            ("request", "approve"): (request, in_queue, {"action": "approve"}, state("listed")),
            ("request", "decline"): (
                request,
                in_queue,
                {"action": "decline", "decline-text": "No."},
                state("declined"),
            ),
            ("member", "hide"): (member, listed, {"action": "hide"}, state("paused")),
            ("member", "erase"): (member, f"{listed}erase/", {"action": "erase"}, gone),
            ("picture", "delete"): (picture, reverse("wagtailimages:delete", args=[picture.pk]), {}, gone),
            ("file", "delete"): (file, reverse("wagtaildocs:delete", args=[file.pk]), {}, gone),
            ("person", "delete"): (person, reverse("wagtailusers_users:delete", args=[person.pk]), {}, gone),
        }

        assert taken(private, attempts) == OTHERS


class TestEveryRole:
    def test_is_in_the_tables(self, all_roles):
        """A new role must be added here, too. One translator stands for all of them."""
        known = {role.name for role in roles.all_roles() if not role.language or role.language == "de"}

        assert known == set(EVERYONE) - {NO_ROLE}

    def test_every_record_with_a_screen_of_its_own_is_in_the_tables(self):
        names = {record for record, _decision in (LISTINGS | OTHERS)}

        assert {model._meta.model_name for model in get_snippet_models()} <= names
