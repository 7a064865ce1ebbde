"""A small site with something of everything, and a marked value in every field that holds words.

`shown` holds the values that the public may see, `secret` all others: what is unapproved, withdrawn or private, who
works here, and what they write to each other.
"""

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.admin.models import FormState
from wagtail.log_actions import log
from wagtail.models import Comment, CommentReply, Locale, Page, PageViewRestriction, Site

from campaigns.materials.models import Readership
from campaigns.models import (
    Activity,
    ActivityText,
    AllowedException,
    CampaignPage,
    CampaignResult,
    CampaignSettings,
    Design,
    DesignPartner,
    DesignText,
    Launch,
    LaunchContact,
    LaunchedPage,
    Material,
    MaterialFile,
    MaterialIndexPage,
    MaterialText,
    NewsPage,
    Partner,
    PartnerLink,
    PartnerText,
    PreviewLink,
    RetiredOutput,
    StudioOutput,
    Term,
    Theme,
    ToolkitPage,
    UsageReport,
)
from core.models import (
    ExitAddress,
    ImportedDocument,
    KeptText,
    LanguageState,
    OutgoingMail,
    Picture,
    SettingProposal,
    SiteSettings,
    TranslationImport,
    UploadedDocument,
)
from helpline.exchange.imports import background
from helpline.exchange.imports.parsed import identifier
from helpline.governance import services
from helpline.models import (
    Approval,
    ContactPoint,
    CountryLaw,
    GuidePage,
    LawText,
    ListedSite,
    ListingImport,
    OperatorContact,
    Programme,
    ProgrammeText,
    Report,
    SupportLine,
)
from helpline.records.settings import HelplineSettings
from helpline.scan.models import Judgement, Scan
from helpline.vocabulary.codes import Alert, LineKind
from home.models import StandardPage
from network.mail import EventLetter, GroupLetter, Letter
from network.models import (
    Category,
    Conversation,
    ConversationReport,
    DigestPage,
    Event,
    EventPage,
    EvidenceAssessment,
    EvidenceCriterion,
    EvidenceReview,
    GroupPage,
    Institution,
    Member,
    Message,
    Opportunity,
    Practice,
    PracticeText,
    ProposedTexts,
    Registration,
    ReviewEntry,
    ReviewTemplate,
    Verification,
    WorksheetPage,
)
from network.practices.evidence import EVIDENCE_LASTS
from network.vocabulary.details import Detail
from operations.models import BackupOutcome
from tests.canary.marks import Marks
from tests.conftest import build_home
from tests.factories.campaigns import CampaignIndexPageFactory, NewsIndexPageFactory
from tests.factories.helpline import (
    CheckPageFactory,
    CountryLawFactory,
    FinderPageFactory,
    LawTextFactory,
    ProgrammeFactory,
    ProgrammeTextFactory,
    SupportLineFactory,
    days_ago,
    second_person,
)
from tests.factories.network import (
    CategoryFactory,
    ConversationFactory,
    DigestIndexPageFactory,
    DirectoryPageFactory,
    EventIndexPageFactory,
    EvidenceCriterionFactory,
    EvidenceReviewFactory,
    GroupIndexPageFactory,
    GroupMembershipFactory,
    InstitutionFactory,
    LetterFactory,
    MemberFactory,
    OpportunityFactory,
    ProposedTextsFactory,
    PublicationFactory,
    RegistrationFactory,
    ReviewEntryFactory,
    ReviewTemplateFactory,
    VerificationFactory,
    WorksheetIndexPageFactory,
    with_everything,
)
from tests.factories.operations import BackupOutcomeFactory
from tests.factories.users import UserFactory
from tests.support import files
from tests.support.languages import fill, in_language, submit
from tests.support.publishing import publish_page, store_setting
from translating.models import NotWanted, Subject, TranslationRun, TranslationStep
from users.models import User

# The fields of a public record that the public may see: all other fields with words are secret.
PUBLIC: dict[type[Any], frozenset[str]] = {
    Programme: frozenset(
        {
            "name", "operator", "part_of", "website", "region", "legal_basis", "confidentiality_reviewer",
            "alert_note", "checked_source", "source_url", "source_seen", "reference",
        }
    ),
    ContactPoint: frozenset(
        {"number", "number_written", "number_from_abroad", "email", "url", "address", "opening_hours"}
    ),
    SupportLine: frozenset(
        {
            "name", "number", "number_written", "number_from_abroad", "website", "opening_hours", "alert_note",
            "source_url", "source_seen", "reference",
        }
    ),
    CountryLaw: frozenset(
        {"law", "article", "law_url", "reviewer", "checked_source", "source_url", "source_seen", "reference"}
    ),
    LawText: frozenset({"words"}),
    ProgrammeText: frozenset({"summary", "contact", "answers", "not_for", "note", "operator"}),
    Member: frozenset({"name", "about", "offers", "needs", "affiliation", "ror", "orcid"}),
    Material: frozenset(),
    MaterialText: frozenset({"title", "description", "terms"}),
    MaterialFile: frozenset({"alt_text", "transcript"}),
    Theme: frozenset({"name"}),
    Partner: frozenset({"name", "website"}),
    PartnerText: frozenset({"name", "about"}),
    Activity: frozenset({"place", "link"}),
    ActivityText: frozenset({"title", "description"}),
    CampaignResult: frozenset(),
    UsageReport: frozenset({"text"}),
    Category: frozenset({"name"}),
    Opportunity: frozenset({"title", "text"}),
    Practice: frozenset({"website"}),
    PracticeText: frozenset({"title", "summary", "audience", "hard", "paid", "again"}),
    EvidenceCriterion: frozenset({"name", "origin"}),
    EvidenceReview: frozenset({"references", "answer", "effect"}),
    Picture: frozenset({"credit", "licence"}),
    UploadedDocument: frozenset(),
    SiteSettings: frozenset({"name"}),
    HelplineSettings: frozenset({"corrections_email"}),
}  # fmt: skip


@dataclass
class Dataset:
    shown: Marks = field(default_factory=lambda: Marks(0))
    secret: Marks = field(default_factory=lambda: Marks(200))
    # Rows that the public must not see, to be requested by their addresses.
    pages: list[Page] = field(default_factory=list)
    listings: list[Any] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    files: list[UploadedDocument] = field(default_factory=list)
    imports: list[ListingImport] = field(default_factory=list)
    writer: Any = None
    approver: Any = None

    def both(self, model: type[Any], of: str, *, leave: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return values for a row that the public may see, each field marked as shown or as secret."""
        public = PUBLIC[model]
        everything = {each.name: each for each in model._meta.concrete_fields}
        shown = self.shown.fill(model, of, leave=(*leave, *(everything.keys() - public)))
        return shown | self.secret.fill(model, of, leave=(*leave, *public))

    def show(self, listing: Any) -> Any:
        """Have two people approve a listing; how it was checked stays secret."""
        how = self.secret.word(f"helpline.Approval.reason of {listing!r}")
        second_person(listing, listing.save_revision(user=self.writer), self.approver, how)
        listing.refresh_from_db()
        return listing


def build() -> Dataset:
    dataset = Dataset()
    home = build_home()
    home.refresh_from_db()
    locales = {state.locale.language_code: state.locale for state in LanguageState.objects.select_related("locale")}
    LanguageState.objects.filter(locale=locales["fr"]).update(state=LanguageState.State.PREPARATION)
    LanguageState.objects.filter(locale=locales["ar"]).update(state=LanguageState.State.RETIRED)
    people(dataset)
    listings(dataset, locales)
    tree(dataset, home, locales)
    materials(dataset, home)
    members(dataset)
    settings(dataset)
    practices(dataset)
    return dataset


# --- Staff ------------------------------------------------------------------------------------------------------


def people(dataset: Dataset) -> None:
    dataset.writer = UserFactory(is_superuser=True, **dataset.secret.fill(User, "the author"))
    dataset.approver = UserFactory(is_superuser=True, **dataset.secret.fill(User, "the approver"))
    BackupOutcomeFactory(succeeded=False, **dataset.secret.fill(BackupOutcome, "a backup that failed"))


# --- Listings ---


def points(marks: Marks, of: str) -> list[dict[str, Any]]:
    """Return contact points of several kinds, so that every field is used."""
    made = [
        ("phone", ("number", "number_from_abroad", "opening_hours")),
        ("sms", ("number", "number_written")),
        ("email", ("email",)),
        ("chat", ("url",)),
        ("face_to_face", ("address",)),
    ]
    everything = [each.name for each in ContactPoint._meta.concrete_fields]
    return [
        {
            "channel": channel,
            "languages": ["en", "de"],
            "timezone": "Europe/Berlin",
            **marks.fill(
                ContactPoint,
                f"{channel} of {of}",
                leave=tuple(name for name in everything if name not in names),
            ),
        }
        for channel, names in made
    ]


def listings(dataset: Dataset, locales: dict[str, Locale]) -> None:
    secret, now = dataset.secret, timezone.now()
    facts = dataset.both(Programme, "what is shown")
    known = {"uuid": identifier(facts["reference"]), "alert": Alert.WAITING_LIST, "reach": "regional"}
    shown = dataset.show(
        ProgrammeFactory(checked=True, contacts=points(dataset.shown, "what is shown"), **{**known, **facts})
    )
    kept_of(dataset, shown)
    unapproved = Programme.objects.get(pk=shown.pk)
    for name, value in secret.fill(Programme, "an unapproved version", leave=("reference",)).items():
        setattr(unapproved, name, value)
    unapproved.contact_points = [ContactPoint(**point) for point in points(secret, "an unapproved version")]
    unapproved.save_revision(user=dataset.writer)

    def made(of: str, *leave: str, **more: Any) -> Programme:
        filled = secret.fill(Programme, of, leave=leave)
        return ProgrammeFactory(checked=True, contacts=points(secret, of), **{**filled, **more})

    draft = made("a draft")
    draft.save_revision(user=dataset.writer)
    # The feed of changes names removed listings, so that copies can drop them.
    hidden, delisted = (
        dataset.show(made(of, "name", "delisted_reason", name=name))
        for of, name in (("what was hidden", "Hidden"), ("what was taken off the list", "Delisted"))
    )
    services.hide(listing=hidden, by=dataset.writer, reason=secret.word("why it was hidden"))
    services.delist(listing=delisted, by=dataset.writer, reason=secret.word("why it was taken off the list"))
    dataset.listings += [draft, hidden, delisted]
    # Stale: not checked for so long that its contact details are hidden.
    late = {"checked_on": days_ago(400), "next_check_due": days_ago(200)}
    reaches = [
        {"channel": "phone",
            **secret.fill(ContactPoint, "an overdue listing", leave=("email", "url", "address", "opening_hours"))},
        {"channel": "email",
            "email": f"{secret.word('helpline.ContactPoint.email of an overdue listing')}@canary.example"},
    ]  # fmt: skip
    dataset.show(ProgrammeFactory(checked=True, name="Overdue", contacts=reaches, **late))

    words = dataset.both(ProgrammeText, "what is shown")
    text = dataset.show(ProgrammeTextFactory(programme=shown, locale=locales["en"], **words))
    for name, value in secret.fill(ProgrammeText, "an unapproved version").items():
        setattr(text, name, value)
    text.save_revision(user=dataset.writer)
    ProgrammeTextFactory(
        programme=shown, locale=locales["de"], **secret.fill(ProgrammeText, "an unapproved text")
    ).save_revision(user=dataset.writer)

    dataset.show(SupportLineFactory(checked=True, kind=LineKind.EMERGENCY, number="112", name="Emergency"))
    dataset.show(SupportLineFactory(checked=True))
    told = dataset.both(SupportLine, "what is shown", leave=("number_written",))
    line = dataset.show(
        SupportLineFactory(
            checked=True,
            **{"uuid": identifier(told["reference"]), "alert": Alert.SHORT_HOURS, "timezone": "Europe/Berlin"} | told,
        )
    )
    kept_of(dataset, line)
    line = SupportLine.objects.get(pk=line.pk)
    for name, value in secret.fill(SupportLine, "an unapproved version", leave=("reference",)).items():
        setattr(line, name, value)
    line.save_revision(user=dataset.writer)
    draft = SupportLineFactory(checked=True, **secret.fill(SupportLine, "a draft"))
    draft.save_revision(user=dataset.writer)
    hidden = dataset.show(
        SupportLineFactory(
            checked=True,
            name="Hidden line",
            **secret.fill(SupportLine, "what was hidden", leave=("name", "delisted_reason")),
        )
    )
    services.hide(listing=hidden, by=dataset.writer, reason=secret.word("why a line was hidden"))
    dataset.listings += [draft, hidden]
    make_laws(dataset)
    make_import(dataset)
    found = {"graded_at": now, "grade": "C", "missed": [secret.word("ListedSite.missed")]}
    site, _made = ListedSite.objects.update_or_create(url=shown.website, defaults=found)
    secret.fields.add("helpline.ListedSite.missed")
    Scan.objects.create(site=site, grade="C", **secret.fill(Scan, "a listed site", leave=("findings",)))
    Judgement.objects.create(
        site=site,
        verdict=Judgement.Verdict.SEEN,
        by=dataset.writer,
        **secret.fill(Judgement, "a listed site"),
    )


def make_laws(dataset: Dataset) -> None:
    """Create a law with its words, an unapproved version of each, and a draft."""
    secret = dataset.secret
    told = dataset.both(CountryLaw, "what is shown")
    law = dataset.show(CountryLawFactory(checked=True, country="de", **{"uuid": identifier(told["reference"])} | told))
    words = dataset.show(LawTextFactory(law=law, **dataset.both(LawText, "what is shown")))
    law = CountryLaw.objects.get(pk=law.pk)
    for row, leave in ((law, ("reference",)), (words, ())):
        for name, value in secret.fill(type(row), "an unapproved version", leave=leave).items():
            setattr(row, name, value)
        row.save_revision(user=dataset.writer)
    draft = CountryLawFactory(checked=True, country="de", **secret.fill(CountryLaw, "a draft"))
    draft.save_revision(user=dataset.writer)
    LawTextFactory(law=draft, **secret.fill(LawText, "an unapproved text"))


def make_import(dataset: Dataset) -> None:
    """Create a file on its way, with what was read of it."""
    data = dataset.secret.word("a file of listings").encode()
    job = background.start(kind="programmes", data=data, by=dataset.writer)
    for name, value in dataset.secret.fill(ListingImport, "a file of listings", leave=("kind",)).items():
        setattr(job, name, value)
    job.stage = ListingImport.Stage.READ
    job.save()
    dataset.imports.append(job)
    sent = dataset.secret.fill(TranslationImport, "a file of translations")
    texts = dataset.secret.fill(ImportedDocument, "the texts of a file of translations", leave=("language",))
    ImportedDocument.objects.create(
        job=TranslationImport.objects.create(by=dataset.writer, **sent), position=0, language="de", **texts
    )


def kept_of(dataset: Dataset, listing: Any) -> None:
    """Create what staff record about a listing that is shown."""
    secret, of = dataset.secret, str(listing)
    about = {"content_type": ContentType.objects.get_for_model(listing), "object_id": listing.pk}
    Report.objects.create(
        **about,
        what="number",
        resolved_at=timezone.now(),
        resolved_by=dataset.writer,
        **secret.fill(Report, of),
    )
    OperatorContact.objects.create(**about, language="en", **secret.fill(OperatorContact, of))
    Approval.objects.filter(**about).update(
        by=dataset.approver,
        checklist={"contact": {"answer": "yes", "note": secret.word(f"Approval.checklist of {of}")}},
    )
    secret.fields |= {"helpline.Approval.checklist", "helpline.Approval.reason"}
    services.note(listing=listing, by=dataset.writer, reason=secret.word(f"a note in the history of {of}"))
    type(listing).objects.filter(pk=listing.pk).update(checked_by=dataset.approver, locked_by=dataset.writer)


# --- Pages ---


def tree(dataset: Dataset, home: Page, locales: dict[str, Locale]) -> None:
    finder = FinderPageFactory(parent=home)
    single = [
        home,
        finder,
        CheckPageFactory(parent=finder),
        CampaignIndexPageFactory(parent=home),
        NewsIndexPageFactory(parent=home),
        DirectoryPageFactory(parent=home),
    ]
    in_language(home, locales["de"], title="Start")
    in_language(finder, locales["de"], title="Unterstützung finden")
    parents = {StandardPage: home, CampaignPage: single[3], NewsPage: single[4], GuidePage: finder}
    for model, parent in parents.items():
        # News pages have no picture here, and so no alternative text.
        leave = ("picture_alt",) if model is NewsPage else ()
        live = add(parent, model, **dataset.shown.fill(model, "a live page", leave=leave))
        single.append(live)
        unseen = {
            "a page that was never published": add(
                parent, model, publish=False, **unseen_page(dataset, model, "a draft")
            ),
            "a page that was taken down": add(parent, model, **unseen_page(dataset, model, "what was taken down")),
            "a page for some": add(parent, model, **unseen_page(dataset, model, "a page for some")),
        }
        unseen["a page that was taken down"].unpublish()
        PageViewRestriction.objects.create(
            page=unseen["a page for some"],
            restriction_type="password",
            password=dataset.secret.word("a password"),
        )
        dataset.pages += unseen.values()
    library = add(home, MaterialIndexPage, **dataset.shown.fill(MaterialIndexPage, "the library"))
    campaign = CampaignPage.objects.filter(live=True).first()
    assert campaign is not None
    words = dataset.shown.fill(ToolkitPage, "a toolkit", leave=("picture_alt",))
    single += [library, add(campaign, ToolkitPage, audience=Readership.HEALTH, **words)]
    digests, worksheets = DigestIndexPageFactory(parent=home), WorksheetIndexPageFactory(parent=home)
    events, groups = EventIndexPageFactory(parent=home), GroupIndexPageFactory(parent=home)
    digest = {"certainty": "low", "reviewed_on": timezone.localdate()}
    single += [
        digests,
        worksheets,
        events,
        groups,
        add(digests, DigestPage, **digest, **dataset.shown.fill(DigestPage, "a digest")),
        add(worksheets, WorksheetPage, **dataset.shown.fill(WorksheetPage, "a worksheet")),
        add(events, EventPage, **event_words(dataset)),
    ]
    dataset.pages.append(add(groups, GroupPage, **unseen_page(dataset, GroupPage, "a group")))
    words = unseen_page(dataset, DigestPage, "a draft of a digest")
    dataset.pages.append(add(digests, DigestPage, publish=False, **digest, **words))
    words = unseen_page(dataset, ToolkitPage, "a draft of a toolkit")
    dataset.pages.append(add(campaign, ToolkitPage, audience=Readership.TEACHERS, publish=False, **words))
    dataset.pages.append(
        add(
            single[3],
            CampaignPage,
            embargo=timezone.now() + dt.timedelta(days=30),
            period_start=timezone.localdate(),
            **unseen_page(dataset, CampaignPage, "a campaign under embargo"),
        )
    )
    for code in ("fr", "ar"):
        in_language(home, locales[code], title=dataset.secret.word(f"the home page in {code}"))
        about = add(home, StandardPage)
        words = unseen_page(dataset, StandardPage, f"a page in {code}")
        dataset.pages.append(in_language(about, locales[code], **{**words, "slug": about.slug}))
    for page in single:
        unapproved(dataset, page)
    translated = single[6]
    submit(translated, locales["de"])
    translation = submit(add(home, StandardPage, introduction="Words to translate."), locales["de"])
    fill(translation, lambda text: dataset.secret.word(f"a translation of “{text}” without publication"))
    dataset.secret.fields.add("wagtail_localize.StringTranslation.data")
    KeptText.objects.create(
        locale=locales["de"], kind="themes", key="1", text="1", words=dataset.secret.word("a text that is only kept")
    )
    dataset.secret.fields.add("core.KeptText.words")
    comment = Comment.objects.create(
        page=translated,
        user=dataset.writer,
        contentpath="title",
        text=dataset.secret.word("a comment on a page"),
    )
    CommentReply.objects.create(
        comment=comment, user=dataset.approver, text=dataset.secret.word("a reply to a comment")
    )
    log(
        instance=translated,
        action="wagtail.edit",
        user=dataset.writer,
        data={"comment": dataset.secret.word("what the log says of a page")},
    )
    FormState.objects.create(
        user=dataset.writer,
        content_type=ContentType.objects.get_for_model(StandardPage),
        object_id=str(translated.pk),
        last_updated_at=timezone.now(),
        data=dataset.secret.word("an unsent form"),
    )


def add(parent: Page, model: type[Any], *, publish: bool = True, **words: Any) -> Any:
    """Add a page below `parent`, published or as a draft."""
    number = parent.get_children().count()
    given = {"title": f"Page {number}", "slug": f"page-{number}", "live": publish, **words}
    page = model(locale=parent.locale, **given)
    parent.add_child(instance=page)
    if publish:
        publish_page(page)
        page.refresh_from_db()
    else:
        page.save_revision()
    return page


def unseen_page(dataset: Dataset, model: type[Any], of: str) -> dict[str, Any]:
    """Return the words of a page that the public may not see, including its slug."""
    return {**dataset.secret.fill(model, of), "slug": dataset.secret.word(f"the address of {of}")}


def unapproved(dataset: Dataset, page: Page) -> None:
    """Give a live page a newer, unpublished version."""
    page = page.specific_class.objects.get(pk=page.pk)
    for name, value in dataset.secret.fill(type(page), "an unpublished version", leave=("time_zone",)).items():
        setattr(page, name, value)
    page.save_revision(user=dataset.writer)


# --- Materials ---


def materials(dataset: Dataset, home: Page) -> None:
    campaign = CampaignPage.objects.filter(live=True).first()
    embargoed = CampaignPage.objects.exclude(embargo=None).get()
    assert campaign is not None
    theme = Theme.objects.create(locale=home.locale, **dataset.both(Theme, "a material"))
    material(dataset, campaign, dataset.both, "a material", theme=theme)
    unseen = [
        material(dataset, campaign, dataset.secret.fill, "a draft of a material", live=False, theme=theme),
        material(dataset, embargoed, dataset.secret.fill, "a material under embargo", theme=theme),
    ]
    dataset.files += [each.files.get().document for each in unseen]
    picture = Picture.objects.create(
        **dataset.both(Picture, "a picture"),
        file=ContentFile(files.picture("PNG", size=(64, 48)), name="shown.png"),
    )
    CampaignPage.objects.filter(pk=campaign.pk).update(picture=picture)
    drawn(dataset, unseen[0], partner=partners(dataset, campaign, embargoed, logo=picture))
    about_a_launch(dataset, embargoed)
    about_words(dataset, campaign)


def partners(dataset: Dataset, campaign: CampaignPage, embargoed: CampaignPage, *, logo: Picture) -> Partner:
    """Create partners with activities, reports of use and a link.

    Return the public partner.
    """
    secret = dataset.secret
    shown = Partner(kind=Partner.Kind.CHARITY, is_public=True, logo=logo, **dataset.both(Partner, "a partner"))
    shown.texts = [PartnerText(language="en", **dataset.both(PartnerText, "a partner", leave=("name",)))]
    unseen = Partner(kind=Partner.Kind.CHARITY, **secret.fill(Partner, "a hidden partner"))
    unseen.texts = [PartnerText(language="en", **secret.fill(PartnerText, "a hidden partner"))]
    for partner in (shown, unseen):
        partner.save()
    activity(dataset.both, "an activity", shown, campaign)
    activity(secret.fill, "an activity behind a link", shown, campaign, is_public=False)
    activity(secret.fill, "an activity of a hidden partner", unseen, campaign)
    activity(secret.fill, "an activity under embargo", shown, embargoed)
    told = {
        "campaign_key": campaign.translation_key,
        "country": "de",
        "used_on": timezone.localdate(),
        "language": "en",
    }
    CampaignResult.objects.create(
        campaign_key=campaign.translation_key, language="en", country="de", channel=CampaignResult.Channel.PRINT,
        first_day=timezone.localdate(), last_day=timezone.localdate(), put_up=50,
        **dataset.both(CampaignResult, "a result of a campaign"),
    )  # fmt: skip
    read = UsageReport.State.SHOWN
    UsageReport.objects.create(partner=shown, state=read, **told, **dataset.both(UsageReport, "a report of use"))
    for partner, state in (
        (shown, UsageReport.State.WAITING),
        (shown, UsageReport.State.KEPT),
        (unseen, read),
    ):
        words = secret.fill(UsageReport, f"a report of use that is {state} of {partner.pk}")
        UsageReport.objects.create(partner=partner, state=state, **told, **words)
    PartnerLink.objects.create(
        partner=shown,
        expires_at=timezone.now() + dt.timedelta(days=1),
        made_by=dataset.writer,
        digest="0" * 64,
    )
    site = Site.objects.get(is_default_site=True)
    CampaignSettings.objects.create(site=site, **secret.fill(CampaignSettings, "who signs"))
    CampaignPage.objects.filter(pk=campaign.pk).update(
        partners=json.dumps([{"type": "partner", "value": each.pk} for each in (shown, unseen)])
    )
    return shown


def activity(words: Any, of: str, partner: Partner, campaign: CampaignPage, **more: Any) -> None:
    made = Activity(
        partner=partner, campaign_key=campaign.translation_key, country="de", starts=timezone.localdate(),
        **words(Activity, of), **more
    )  # fmt: skip
    made.texts = [ActivityText(language="en", **words(ActivityText, of))]
    made.save()


def about_a_launch(dataset: Dataset, campaign: Any) -> None:
    """Create the data of a planned launch: recipients, preview links and preflight results."""
    secret, key = dataset.secret, campaign.translation_key
    launch = Launch.objects.create(campaign_key=key, go_live_at=campaign.embargo or timezone.now())
    LaunchedPage.objects.create(launch=launch, page_id=campaign.pk, **secret.fill(LaunchedPage, "a launch"))
    LaunchContact.objects.create(campaign_key=key, language="en", **secret.fill(LaunchContact, "a launch"))
    until = timezone.now() + dt.timedelta(days=7)
    PreviewLink.objects.create(
        campaign_key=key,
        languages=["en"],
        made_by=dataset.writer,
        expires_at=until,
        **secret.fill(PreviewLink, "a preview"),
    )


def drawn(dataset: Dataset, material: Material, *, partner: Partner) -> None:
    """Create a design with outputs that were never offered."""
    secret = dataset.secret
    design = Design(material=material, formats=["poster-a4"])
    design.texts = [DesignText(language="en", **secret.fill(DesignText, "a design"))]
    design.partners = [DesignPartner(partner=partner)]
    design.save()
    output = {"design": design, "format": "poster-a4", "language": "en", "state": StudioOutput.State.UNFIT}
    StudioOutput.objects.create(**output, **secret.fill(StudioOutput, "a design"))
    RetiredOutput.objects.create(
        language="en", code="QQQQ-QQQQ", why=RetiredOutput.Why.DROPPED, path="/documents/9/gone.pdf",
        drawn_on=timezone.localdate(),
        **secret.fill(RetiredOutput, "a design"),
    )  # fmt: skip


def about_words(dataset: Dataset, page: Page) -> None:
    """Create what staff note about terms, and about translations."""
    secret = dataset.secret
    term = Term.objects.create(language="en", level=Term.Level.AVOID, **secret.fill(Term, "a term"))
    AllowedException.objects.create(
        content_type=ContentType.objects.get_for_model(Page), object_id=str(page.pk), term=term, by=dataset.writer,
        language="en",
        **secret.fill(AllowedException, "a allowed exception"),
    )  # fmt: skip
    NotWanted.objects.create(
        locale=page.locale,
        by=dataset.writer,
        **secret.fill(NotWanted, "a translation", leave=("kind", "key")),
    )
    run = TranslationRun.objects.create(action=TranslationRun.Action.SEND, by=dataset.writer)
    TranslationStep.objects.create(
        run=run,
        subject=Subject.objects.create(kind="pages", key="a", source_pk=1),
        locale=page.locale,
        **secret.fill(TranslationStep, "a step"),
    )


def material(dataset: Dataset, campaign: Any, words: Any, of: str, **more: Any) -> Material:
    # The address of a file ends with its name.
    marks = dataset.shown if words == dataset.both else dataset.secret
    name = marks.word(f"the name of the file of {of}")
    document = UploadedDocument.objects.create(
        **words(UploadedDocument, of), file=ContentFile(files.PDF, name=f"{name}.pdf")
    )
    made = Material(campaign_key=campaign.translation_key, kind=Material.Kind.POSTER, **words(Material, of), **more)
    made.texts = [MaterialText(language="en", **words(MaterialText, of))]
    made.files = [MaterialFile(language="en", document=document, **words(MaterialFile, of))]
    made.save()
    return made


def event_words(dataset: Dataset) -> dict[str, Any]:
    """Return the fields of an event: all is public but how to take part."""
    starts = timezone.now() + dt.timedelta(days=10)
    told = dataset.shown.fill(EventPage, "an event", leave=("joining_details", "time_zone"))
    kept = dataset.secret.fill(
        EventPage,
        "an event",
        leave=(*(name for name in told if name != "joining_details"), "time_zone"),
    )
    return {"starts_at": starts, "ends_at": starts + dt.timedelta(hours=1), **told, **kept}


def registration(dataset: Dataset, event: Event) -> Registration:
    """Create a guest and return it.

    No page shows guests.
    """
    words = dataset.secret.fill(Registration, "a guest")
    return RegistrationFactory(event=event, **words)


# --- Members ---


def members(dataset: Dataset) -> None:
    secret = dataset.secret
    CategoryFactory(code="shown", **dataset.both(Category, "a category", leave=("replaced_by",)))
    CategoryFactory(
        code="unseen",
        live=False,
        **secret.fill(Category, "an unpublished category", leave=("replaced_by",)),
    )
    ror = {"ror": f"https://ror.org/{dataset.shown.word('network.Member.ror')}"}
    shown = MemberFactory(
        listed=True,
        expertise=["shown"],
        **{
            **dataset.both(Member, "who shows everything", leave=("ror", "translations", "place_names")),
            **ror,
        },
    )
    PublicationFactory(member=shown, title=dataset.shown.word("network.Publication.item of who shows everything"))
    # The table is a public download; only who works there is secret.
    InstitutionFactory(**secret.fill(Institution, "a place without members", leave=("ror", "names")))
    english = {Detail.ABOUT: dataset.shown.word("network.Member.translations of who writes in two languages")}
    MemberFactory(listed=True, language="de", translations={"en": english})
    # Unreviewed words, and the reviewers' comments on them.
    proposal = secret.fill(ProposedTexts, "proposed texts", leave=("texts",))
    for language in ("en", "de"):
        word = secret.word(f"network.ProposedTexts.texts in {language}")
        ProposedTextsFactory(**{**proposal, "member": shown, "language": language, "texts": {Detail.ABOUT: word}})
    for kind in Verification.Kind:
        marked = secret.fill(Verification, f"a verification of affiliation: {kind}", leave=("kind",))
        VerificationFactory(member=shown, kind=kind, confirmed_at=timezone.now(), **marked)
    for said in ReviewEntry.Kind:
        ReviewEntryFactory(member=shown, kind=said, **secret.fill(ReviewEntry, f"a review: {said}"))
    ReviewTemplateFactory(**secret.fill(ReviewTemplate, "a template"))
    told = ConversationFactory(recipient=shown, **secret.fill(Conversation, "a conversation"))
    told.messages.update(**secret.fill(Message, "a message"))
    told.reports.create(reporter=shown, **secret.fill(ConversationReport, "a reported conversation"))
    shy = MemberFactory(
        listed=True,
        translations={"de": {Detail.ABOUT: secret.word("network.Member.translations of who shows a name only")}},
        **secret.fill(Member, "who shows a name only", leave=("name", "translations", "place_names")),
    )
    PublicationFactory(member=shy, title=secret.word("network.Publication.item of who shows a name only"))
    shy.shown = [Detail.NAME]
    shy.save()
    silent = MemberFactory(
        listed=True, **secret.fill(Member, "who shows nothing", leave=("translations", "place_names"))
    )
    silent.shown = []
    silent.save()
    for state in Member.State:
        if state != Member.State.LISTED:
            everything = {"shown": list(Detail.values), "has_page": True, "state": state}
            dataset.members.append(
                MemberFactory(
                    **everything,
                    **secret.fill(Member, f"a member who is {state}", leave=("translations", "place_names")),
                )
            )
    dataset.members.append(silent)
    OpportunityFactory(owner=shown, public=True, **dataset.both(Opportunity, "a public need"))
    for of, state in {
        "a need for members": {},
        "an unread offer": {"kind": "offer", "is_for_everybody": True},
        "a need that is closed": {"public": True, "closed_at": timezone.now()},
        "a need of who shows nothing": {"public": True, "owner": silent},
    }.items():
        OpportunityFactory(**{"owner": shown} | state, **secret.fill(Opportunity, of))
    event = Event.objects.get()
    with_everything(silent)
    for about, kinds in (
        (shown, Letter),
        (registration(dataset, event), EventLetter),
        (GroupMembershipFactory(member=shown), GroupLetter),
    ):
        for kind in kinds:
            words = secret.fill(OutgoingMail, f"a letter: {kind}", leave=("kind",))
            LetterFactory(kind=kind, about=about, failed_at=timezone.now(), **words)


def settings(dataset: Dataset) -> None:
    secret = dataset.secret
    words = {
        "core.SiteSettings": dataset.both(SiteSettings, "the site"),
        "helpline.HelplineSettings": dataset.both(HelplineSettings, "the helpline"),
        "network.NetworkSettings": {"contact_email": "network@canary.example"},
    }
    for model, values in words.items():
        for name, value in values.items():
            store_setting(f"{model}.{name}", value)
    waiting = secret.fill(SettingProposal, "a setting that was not approved", leave=("setting",))
    SettingProposal.objects.create(setting="core.SiteSettings.name", **waiting)
    ExitAddress.objects.create(**secret.fill(ExitAddress, "an exit that was not approved"))


# --- Practices ---


def practices(dataset: Dataset) -> None:
    """Create a practice with its evidence, an unpublished version of it, and one that was never public."""
    secret, today = dataset.secret, timezone.localdate()
    languages = ("answer_language", "proposed_language")
    EvidenceCriterionFactory(code="shown", **dataset.both(EvidenceCriterion, "a criterion"))
    for words, of, live in (
        (dataset.both, "a practice", True),
        (secret.fill, "a draft of a practice", False),
    ):
        practice = Practice.objects.create(live=live, **words(Practice, of))
        PracticeText.objects.create(practice=practice, language="en", **words(PracticeText, of))
        decided = {
            "rating": "promising",
            "criteria": ["shown"],
            "decided_on": today,
            "expires_on": today + EVIDENCE_LASTS,
        }
        for outcome, state in (("risk", decided), ("skills", {})):
            found = words if state else secret.fill
            review = EvidenceReviewFactory(
                practice=practice, outcome=outcome, answer_language="en", **state,
                **found(EvidenceReview, f"{outcome} of {of}", leave=languages)
            )  # fmt: skip
            EvidenceAssessment.objects.create(
                review=review,
                reviewer=dataset.writer,
                **secret.fill(EvidenceAssessment, f"{outcome} of {of}"),
            )
        newer = Practice.objects.get(pk=practice.pk)
        newer.texts = [PracticeText(language="en", **secret.fill(PracticeText, f"an unpublished version of {of}"))]
        newer.save_revision(user=dataset.writer)
