"""Export of texts to translators as XLIFF or PO, and import: each text is accepted, or rejected with a reason."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import polib
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils import timezone
from lxml import etree
from translate.storage import factory as toolkit
from wagtail.models import Locale, UploadedFile
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from campaigns.models import MaterialText
from core.languages.exchange import admin as screens
from core.languages.exchange import importing, xliff
from core.languages.exchange.documents import PAGE, SourceInLanguage
from core.languages.exchange.exporting import ExportedFile, export
from core.languages.exchange.importing import start_import
from core.languages.exchange.inline import fill, html_of, normalized
from core.models import TranslationImport
from core.uploads.unavailable import StorageUnavailableError
from helpline.models import ProgrammeText
from tests.factories.campaigns import CampaignPageFactory, MaterialFactory, ThemeFactory
from tests.factories.helpline import GuidePageFactory, ProgrammeFactory, ProgrammeTextFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import fill as translate
from tests.support.languages import submit
from tests.support.publishing import publish_page
from tests.support.queries import queries
from users import roles

pytestmark = pytest.mark.django_db

RICH = '<p>Read <a href="https://example.org/">the <b>list</b></a> &amp; call.<br/>At once.</p><p>Or write.</p>'
ARABIC = "تقرير: \u2066116 116\u2069 «اليوم»؟"


@pytest.fixture
@cached_fixture
def campaign(all_roles) -> Any:
    """A campaign that is submitted for translation into German and Arabic, with its parent page."""
    index = all_roles.get_children().get(slug="campaigns").specific
    page = CampaignPageFactory(parent=index, title="Speak & listen", introduction="One.\nTwo.", body=[("text", RICH)])
    for language in ("de", "ar"):
        locale = Locale.objects.get(language_code=language)
        for each in (all_roles, index, page):
            submit(each, locale)
    roles.sync()
    return page


def translation(page: Any, language: str = "de") -> Translation:
    return Translation.objects.get(source__object_id=page.translation_key, target_locale__language_code=language)


def cell(page: Any, language: str = "de") -> SourceInLanguage:
    return SourceInLanguage(key=PAGE, pk=page.pk, language=language)


def german() -> Any:
    return UserFactory(roles=["Translator: German"])


@pytest.fixture
def by(campaign) -> Any:
    """The German translator, assigned to the campaign."""
    return german()


@pytest.fixture
def work(campaign, by) -> Work:
    """The file of the campaign in German."""
    return Work(exported([cell(campaign)], by))


def exported(cells: list[SourceInLanguage], by: Any, file_format: str = "xliff") -> ExportedFile:
    file = export(cells, file_format=file_format, user=by)
    assert file is not None
    return file


def send(content: bytes, by: Any, name: str = "texts.xlf") -> TranslationImport:
    job = start_import(file=SimpleUploadedFile(name, content), by=by)
    if job.stage == "queued":  # tasks are not enqueued within a test's transaction
        importing.read(job)
    job.refresh_from_db()
    return job


def reasons(job: TranslationImport) -> list[str]:
    return [unit["because"] for document in job.documents.all() for unit in document.units if unit["because"]]


def taken(job: TranslationImport) -> int:
    return sum(document.taken for document in job.documents.all())


def stored(page: Any, language: str = "de") -> dict[tuple[str, str], tuple[str, str]]:
    found = StringTranslation.objects.filter(context__object_id=page.translation_key, locale__language_code=language)
    return {
        (each.context.path, each.translation_of.data): (each.data, each.translation_type)
        for each in found.select_related("context", "translation_of")
    }


class Work:
    """An XLIFF file, with helpers to edit it like a translator."""

    def __init__(self, file: ExportedFile) -> None:
        self.root = etree.fromstring(file.content)

    def units(self) -> list[Any]:
        return list(self.root.iter(f"{xliff.XLIFF}trans-unit"))

    def unit(self, part: str) -> Any:
        return next(each for each in self.units() if part in "".join(each.find(f"{xliff.XLIFF}source").itertext()))

    def say(self, part: str, html: str, **attributes: str) -> Any:
        unit = self.unit(part)
        for old in unit.findall(f"{xliff.XLIFF}target"):
            unit.remove(old)
        target = etree.Element(f"{xliff.XLIFF}target", attributes)
        unit.find(f"{xliff.XLIFF}source").addnext(target)
        unit.attrib.pop("approved", None)
        fill(target, html)
        return target

    def content(self) -> bytes:
        return bytes(etree.tostring(self.root, xml_declaration=True, encoding="UTF-8"))


class TestAFile:
    @pytest.mark.parametrize("file_format", ["xliff", "po"])
    @pytest.mark.parametrize("language", ["de", "ar"])
    def test_that_comes_back_as_it_went_changes_nothing(self, campaign, file_format, language):
        role = {"de": "Translator: German", "ar": "Translator: Arabic"}[language]
        by = UserFactory(roles=[role])
        translate(translation(campaign, language), lambda text: text if "<" in text else ARABIC)
        StringTranslation.objects.filter(
            context__path="introduction", context__object_id=campaign.translation_key
        ).delete()
        before = stored(campaign, language)
        material = MaterialFactory(languages=("en", language))
        material.save_revision().publish()
        words = SourceInLanguage(key="materials", pk=material.texts.get(language="en").pk, language=language)
        file = exported([cell(campaign, language), words], by, file_format)

        job = send(file.content, by, file.name)

        assert job.stage == "done"
        assert reasons(job) == []
        assert taken(job) == 0
        assert sum(document.same for document in job.documents.all()) == len(before) + 1
        assert stored(campaign, language) == before

    def test_carries_what_a_translator_has_written(self, campaign, by, work):
        work.say("Speak", "Sprechen &amp; zuhören")
        work.say("Read", 'Anrufen &amp; <a id="a1">die <b>Liste</b></a> lesen.<br/>Sofort.')

        job = send(work.content(), by)

        assert (taken(job), reasons(job)) == (2, [])
        said = dict(stored(campaign).values())
        assert said == {
            "Sprechen &amp; zuhören": "manual",
            'Anrufen &amp; <a id="a1">die <b>Liste</b></a> lesen.<br/>Sofort.': "manual",
        }
        assert StringTranslation.objects.filter(last_translated_by=by).count() == 2
        assert not campaign.get_translation(Locale.objects.get(language_code="de")).live

    def test_of_po_carries_it_too(self, campaign, by):
        po = polib.pofile(exported([cell(campaign)], by, "po").content.decode())
        for entry in po:
            entry.msgstr = f"{entry.msgid} (de)"

        job = send(str(po).encode(), by, "texts.po")

        assert (taken(job), reasons(job)) == (len(po), [])

    def test_is_read_by_other_programs(self, campaign, by):
        translate(translation(campaign), lambda text: text)
        cells = [cell(campaign), cell(campaign.get_parent())]

        xlf = toolkit.getobject(named(exported(cells, by).content, "a.xlf"))
        po = toolkit.getobject(named(exported(cells[:1], by, "po").content, "a.po"))

        texts = StringSegment.objects.filter(source__object_id=campaign.translation_key).count()
        assert (xlf.sourcelanguage, xlf.targetlanguage) == ("en", "de")
        assert len([unit for unit in xlf.units if "Read" in unit.source]) == 1
        assert len([unit for unit in xlf.units if unit.istranslated()]) == texts
        assert len([unit for unit in po.units if unit.istranslated()]) == texts

    def test_of_several_languages_is_an_archive_that_can_be_sent_back(self, campaign, all_roles):
        by = UserFactory(roles=["Administrator"])
        file = exported([cell(campaign, "de"), cell(campaign, "ar")], by)
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            assert len(archive.namelist()) == 2

        job = send(file.content, by, file.name)

        assert job.stage == "done"
        assert {document.language for document in job.documents.all()} == {"de", "ar"}

    def test_takes_the_same_queries_for_few_and_many(self, campaign, by):
        index = campaign.get_parent().specific
        more = [CampaignPageFactory(parent=index) for _ in range(6)]
        for page in more:
            submit(page, Locale.objects.get(language_code="de"))
        exported([cell(campaign)], by)

        few = queries(lambda: exported([cell(campaign), cell(more[0])], by))

        assert queries(lambda: exported([cell(page) for page in (campaign, *more)], by)) == few


class TestAText:
    def refused(self, page: Any, content: bytes, by: Any, name: str = "texts.xlf") -> list[str]:
        before = stored(page)
        job = send(content, by, name)
        assert stored(page) == before
        return reasons(job)

    def test_in_another_language_is_refused(self, campaign, by, work):
        work.say("Speak", "Parler")
        for file in work.root:
            file.set("target-language", "fr")

        assert set(self.refused(campaign, work.content(), by)) == {"language"}

    def test_of_another_translators_language_is_refused(self, campaign):
        work = Work(exported([cell(campaign, "ar")], UserFactory(roles=["Translator: Arabic"])))
        work.say("Speak", "Falsch")

        assert set(self.refused(campaign, work.content(), german())) == {"not-yours"}
        assert export([cell(campaign, "ar")], file_format="xliff", user=german()) is None

    def test_that_is_unknown_is_refused_and_the_rest_taken(self, by, work):
        work.say("Speak", "Sprechen")
        unit = work.unit("write")
        work.say("write", "Oder schreiben.")
        unit.set("id", "nowhere#123456789abc")

        job = send(work.content(), by)

        assert (taken(job), reasons(job)) == (1, ["unknown"])

    def test_whose_source_has_changed_is_refused(self, campaign, by, work):
        work.say("Speak", "Sprechen")
        work.say("Or write", "Oder schreiben.")
        campaign.title = "Speak up"
        publish_page(campaign)

        job = send(work.content(), by)

        assert (taken(job), reasons(job)) == (1, ["source"])

    @pytest.mark.parametrize(
        ("html", "because"),
        [
            ("Die Liste lesen und anrufen.", "tag-lost"),
            ('<a id="a1">die <b>Liste</b></a> lesen. Sofort.', "tag-lost"),
            ('<a id="a2">die <b>Liste</b></a><br/>', "tag-lost"),
            ('<a id="a1">die <b>Liste</b></a><br/><i>Sofort</i>', "tag-added"),
        ],
    )
    def test_with_other_markup_than_its_source_is_refused(self, campaign, by, work, html, because):
        work.say("Read", html)

        assert self.refused(campaign, work.content(), by) == [because]

    def test_with_unknown_markup_is_refused(self, campaign, by, work):
        target = work.say("Speak", "Sprechen")
        etree.SubElement(target, f"{xliff.XLIFF}g", id="script1").text = "alert(1)"
        po = polib.pofile(exported([cell(campaign)], by, "po").content.decode())
        po[0].msgstr = "<script>alert(1)</script>"

        assert self.refused(campaign, work.content(), by) == ["markup"]
        assert self.refused(campaign, str(po).encode(), by, "a.po") == ["markup"]

    def test_that_is_unfinished_or_plural_or_twice_there_is_refused(self, campaign, by, work):
        work.say("Speak", "Sprechen", state="needs-translation")
        po = polib.pofile(exported([cell(campaign)], by, "po").content.decode())
        po[0].msgstr, po[0].flags = "Sprechen", ["fuzzy"]
        plural = polib.POFile()
        plural.metadata = po.metadata
        plural.append(
            polib.POEntry(msgid="1 text", msgid_plural="%d texts", msgctxt="title", msgstr_plural={0: "a", 1: "b"})
        )
        twice = polib.pofile(exported([cell(campaign)], by, "po").content.decode())
        twice[0].msgstr = "Eins"
        twice.append(polib.POEntry(msgid=twice[0].msgid, msgctxt=twice[0].msgctxt, msgstr="Zwei"))

        assert self.refused(campaign, work.content(), by) == ["unfinished"]
        assert self.refused(campaign, str(po).encode(), by, "a.po") == ["unfinished"]
        assert self.refused(campaign, str(plural).encode(), by, "a.po") == ["plural"]
        assert reasons(send(str(twice).encode(), by, "a.po")) == ["twice"]

    def test_that_was_changed_in_the_admin_since_is_not_overwritten_by_an_older_file(self, campaign, by, work):
        work.say("Speak", "Alt")
        work.say("Or write", "Oder schreiben.")
        translate(translation(campaign), lambda text: "Neu", only="title")
        StringTranslation.objects.update(updated_at=timezone.now() + timedelta(seconds=2))

        job = send(work.content(), by)

        assert (taken(job), reasons(job)) == (1, ["newer"])
        assert "Neu" in {data for data, _kind in stored(campaign).values()}

    def test_of_a_file_that_hides_its_age_only_fills_gaps(self, campaign, by):
        translate(translation(campaign), lambda text: "Neu", only="title")
        work = Work(exported([cell(campaign)], by))
        work.say("Speak", "Alt")
        work.say("Or write", "Oder schreiben.")
        for file in work.root:
            del file.attrib["date"]

        job = send(work.content(), by)

        assert (taken(job), reasons(job)) == (1, ["newer"])

    def test_of_a_person_is_not_overwritten_by_a_machine(self, campaign, by):
        translate(translation(campaign), lambda text: "Von Hand", only="title")
        work = Work(exported([cell(campaign)], by))
        machine = {"state": "needs-review-translation", "state-qualifier": "mt-suggestion"}
        work.say("Speak", "Maschine", **machine)
        work.say("Or write", "Maschine", **machine)

        job = send(work.content(), by)

        assert (taken(job), reasons(job)) == (1, ["person"])
        assert sorted(stored(campaign).values()) == [("Maschine", "machine"), ("Von Hand", "manual")]

    def test_of_a_machine_is_confirmed_by_a_translator(self, campaign, by):
        translate(translation(campaign), lambda text: "Maschine", machine=True, only="title")
        work = Work(exported([cell(campaign)], by))
        assert work.unit("Speak").find(f"{xliff.XLIFF}target").get("state") == "needs-review-translation"
        work.say("Speak", "Maschine", state="signed-off")

        job = send(work.content(), by)

        assert (taken(job), reasons(job)) == (1, [])
        assert list(stored(campaign).values()) == [("Maschine", "manual")]

    def test_of_a_machine_is_refused_for_people_in_need(self, campaign, by):
        finder = campaign.get_parent().get_parent().get_children().get(slug="help").specific
        guide = GuidePageFactory(parent=finder, title="First steps")
        german_locale = Locale.objects.get(language_code="de")
        for each in (finder, guide):
            submit(each, german_locale)
        roles.sync()
        work = Work(exported([cell(guide)], by))
        work.say("First", "Maschine", **{"state-qualifier": "mt-suggestion"})

        assert self.refused(guide, work.content(), by) == ["no-machine"]


class TestWords:
    def test_of_a_material_are_used_immediately_and_those_of_a_programme_become_a_draft(self, by):
        material = MaterialFactory()
        material.save_revision().publish()
        source = material.texts.get()
        text = ProgrammeTextFactory(approved=True, programme=ProgrammeFactory(), summary="People & phones.")
        cells = [
            SourceInLanguage(key="materials", pk=source.pk, language="de"),
            SourceInLanguage(key="programmes", pk=text.pk, language="de"),
        ]  # fmt: skip
        work = Work(exported(cells, by))
        work.say(source.title, "Plakat &lt;neu&gt;")
        work.say("People", "Menschen &amp; Telefone.")

        job = send(work.content(), by)

        assert (taken(job), reasons(job)) == (2, [])
        assert MaterialText.objects.get(language="de").title == "Plakat <neu>"
        draft = ProgrammeText.objects.get(locale__language_code="de")
        assert draft.get_latest_revision_as_object().summary == "Menschen & Telefone."
        assert not draft.live
        assert not draft.workflow_in_progress

    def test_are_refused_from_machines_and_from_older_files(self, by):
        material = MaterialFactory(languages=("en", "de"))
        material.save_revision().publish()
        theme = ThemeFactory(name="Bystanders")
        cells = [
            SourceInLanguage(key="materials", pk=material.texts.get(language="en").pk, language="de"),
            SourceInLanguage(key="themes", pk=theme.pk, language="de"),
        ]  # fmt: skip
        work = Work(exported(cells, by))
        work.say("Bystanders", "Maschine", **{"state-qualifier": "mt-suggestion"})
        work.say("(en)", "Alt")
        for file in work.root:
            file.set("date", "2020-01-01T00:00:00+00:00")

        job = send(work.content(), by)

        assert sorted(reasons(job)) == ["newer", "no-machine"]
        assert MaterialText.objects.get(language="de").title != "Alt"

    def test_that_the_field_does_not_take_are_refused(self, by):
        work = Work(
            exported([SourceInLanguage(key="themes", pk=ThemeFactory(name="Bystanders").pk, language="de")], by)
        )
        work.say("Bystanders", "x" * 101)

        job = send(work.content(), by)

        assert reasons(job) == ["invalid"]


def bomb() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    return (
        f'<?xml version="1.0"?><!DOCTYPE xliff [<!ENTITY e0 "lol">{entities}]>'
        '<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2">'
        '<file original="page/1" source-language="en" datatype="html"><body>'
        '<trans-unit id="a#b"><source>a</source><target>&e8;</target></trans-unit></body></file></xliff>'
    ).encode()


class TestABadFile:
    @pytest.mark.parametrize(
        ("name", "content", "problem"),
        [
            ("a.xlf", b"", "not-xliff"),
            ("a.xlf", b"nonsense", "not-xliff"),
            ("a.xlf", b"<html/>", "not-xliff"),
            ("a.xlf", bomb(), "entities"),
            (
                "a.xlf",
                b'<!DOCTYPE xliff SYSTEM "file:///etc/passwd"><xliff xmlns="urn:oasis:names:tc:xliff:document:1.2"/>',
                "entities",
            ),
            ("a.po", b"\xff\xfe\x00", "not-po"),
            ("a.po", b"hello\n", "not-po"),
            ("a.po", b'msgid "a"\nmsgstr "b"\n' * 20_001, "too-many"),
            ("a.zip", b"PK\x03\x04 broken", "other"),
            ("a.exe", b"MZ", "other"),
        ],
    )
    def test_is_refused_with_its_reason(self, all_roles, name, content, problem):
        job = send(content, german(), name)

        assert (job.stage, job.problem) == ("refused", problem)
        assert not UploadedFile.objects.exists()

    def test_in_an_archive_does_not_keep_the_others_from_being_read(self, by, work):
        work.say("Speak", "Sprechen")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../bomb.xlf", bomb())
            archive.writestr("good.xlf", work.content())

        job = send(packed.getvalue(), by, "all.zip")

        assert (job.stage, taken(job), reasons(job)) == ("done", 1, ["entities"])

    def test_that_unpacks_to_more_than_it_says_is_refused(self, all_roles, monkeypatch):
        monkeypatch.setattr(importing, "LARGEST_UNPACKED", 1000)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.xlf", b"0" * 100_000)

        assert send(packed.getvalue(), german(), "a.zip").problem == "too-large"

    def test_that_is_too_large_is_refused_by_the_form(self, private, all_roles, monkeypatch):
        monkeypatch.setattr(screens, "LARGEST_FILE", 10)
        private.force_login(german())

        page = private.post(reverse("upload_translations"), {"file": SimpleUploadedFile("a.xlf", b"0" * 11)})

        assert "larger than 20 MB" in page.content.decode()
        assert not TranslationImport.objects.exists()


class TestAnImport:
    def test_goes_on_where_a_dead_worker_has_stopped(self, campaign, by, monkeypatch):
        work = Work(exported([cell(campaign), cell(campaign.get_parent())], by))
        work.say("Speak", "Sprechen")
        work.say("Campaigns", "Kampagnen")
        job = importing.start(file=SimpleUploadedFile("a.xlf", work.content()), by=by)
        real, calls = importing.take, []

        def dies(*args: Any, **kwargs: Any) -> Any:
            calls.append(1)
            if len(calls) == 2:
                raise SystemExit
            return real(*args, **kwargs)

        monkeypatch.setattr(importing, "take", dies)
        with pytest.raises(SystemExit):
            importing.read(job)
        TranslationImport.objects.update(stage="reading")
        monkeypatch.setattr(importing, "take", real)

        importing.read(job)

        job.refresh_from_db()
        assert (job.stage, taken(job)) == ("done", 2)
        assert [document.taken for document in job.documents.all()] == [1, 1]

    def test_fails_if_the_storage_of_the_file_does_not_answer(self, campaign, by, monkeypatch):
        job = importing.start(file=SimpleUploadedFile("a.xlf", exported([cell(campaign)], by).content), by=by)

        def silent(*args: Any, **kwargs: Any) -> Any:
            raise StorageUnavailableError("It does not respond.")

        monkeypatch.setattr(FieldFile, "open", silent)
        with pytest.raises(StorageUnavailableError):
            importing.read(job)

        job.refresh_from_db()
        assert job.stage == "failed"

    def test_can_be_cancelled_and_belongs_to_its_sender(self, private, campaign, by):
        job = importing.start(file=SimpleUploadedFile("a.xlf", exported([cell(campaign)], by).content), by=by)
        private.force_login(UserFactory(roles=["Translator: French"]))
        assert private.get(reverse("translations_upload", args=[job.pk]), follow=True).status_code == 404

        private.force_login(by)
        assert private.get(reverse("translations_upload", args=[job.pk])).headers["Refresh"] == "2"
        private.post(reverse("translations_upload", args=[job.pk]), {"cancel": "yes"})
        importing.read(job)

        job.refresh_from_db()
        assert job.stage == "cancelled"
        assert not UploadedFile.objects.exists()

    def test_says_in_the_admin_what_became_of_each_text(self, private, campaign, by):
        private.force_login(by)
        address = reverse("download_translations")
        file = private.get(address, {"cell": str(cell(campaign)), "format": "xliff"})
        assert file.headers["Content-Disposition"] == 'attachment; filename="speak-listen-de.xlf"'
        work = Work(file)
        work.say("Speak", "Sprechen")
        work.say("Read", "Lesen.")
        upload = SimpleUploadedFile("texts.xlf", work.content())

        page = private.post(reverse("upload_translations"), {"file": upload}, follow=True)
        importing.read(TranslationImport.objects.get())
        page = private.get(page.request["PATH_INFO"]).content.decode()

        assert "A link, a line break or an emphasis of the source is missing." in page
        assert "Speak &amp; listen" in page
        assert "Read the list &amp; call." in page
        assert "1 text taken" in page

    def test_names_the_first_of_many_texts_and_counts_all(self, private, campaign, by, monkeypatch):
        monkeypatch.setattr(importing, "NAMED", 2)
        monkeypatch.setattr(screens, "DOCUMENTS_SHOWN", 1)
        work = Work(exported([cell(campaign), cell(campaign.get_parent())], by))
        for unit in work.units():
            unit.set("id", f"nowhere#{len(unit.get('id'))}")
        for part in ("Speak", "One", "Read", "Campaigns"):
            work.say(part, "x")
        job = send(work.content(), by)
        private.force_login(by)

        page = private.get(reverse("translations_upload", args=[job.pk]))

        assert page.context["counts"]["refused"] == "4"
        assert page.content.decode().count("There is no such text here.") == 2
        assert page.content.decode().count("1 more is not shown.") == 2

    def test_and_the_buttons_of_wagtail_localize_obey_the_same_rules(self, private, campaign, by):
        private.force_login(by)
        key = translation(campaign).pk
        po = private.get(reverse("wagtail_localize:download_pofile", args=[key])).content.decode()
        older = po.replace('msgstr ""\n\n', 'msgstr "Alt"\n\n')
        translate(translation(campaign), lambda text: "Neu", only="title")
        StringTranslation.objects.update(updated_at=timezone.now() + timedelta(seconds=2))
        file = SimpleUploadedFile("a.po", older.encode())

        private.post(reverse("wagtail_localize:upload_pofile", args=[key]), {"file": file})
        importing.read(TranslationImport.objects.get())

        assert "newer" in reasons(TranslationImport.objects.get())
        assert "Neu" in {data for data, _kind in stored(campaign).values()}

    @pytest.mark.parametrize("query", ["", "?cell=", "?cell=page:x:de", "?cell=page:1", "?cell=page:1:de&format=doc"])
    def test_of_nonsense_is_no_error(self, private, all_roles, query):
        private.force_login(german())

        assert private.get(f"{reverse('download_translations')}{query}").status_code in {302, 403, 404}

    def test_is_forgotten_after_a_time(self, campaign):
        job = send(b"", german())
        assert list(importing.expired()) == []
        TranslationImport.objects.update(changed_at=timezone.now() - importing.KEPT)

        for each in importing.expired():
            importing.forget(each)

        assert not TranslationImport.objects.filter(pk=job.pk).exists()


class TestMarkup:
    @pytest.mark.parametrize(
        "html",
        [
            "plain", "a &amp; b &lt;c&gt;", '<b>one</b> <i><b>two</b></i><br/>three <a id="a2">x</a><a id="a1">y</a>',
            "<a>no number</a>",
            ARABIC, "  spaces  kept ", "<em><strong><code>x</code></strong></em>", "tab\tline\nend", "a\u00a0b\u202fc",
        ],
    )  # fmt: skip
    def test_comes_back_as_it_went(self, html):
        element = etree.Element(f"{xliff.XLIFF}target")

        fill(element, html)

        assert normalized(html_of(etree.fromstring(etree.tostring(element)))) == normalized(html)


def named(content: bytes, name: str) -> Any:
    file = io.BytesIO(content)
    file.name = name
    return file
