"""A batch, from the button to the files of the material."""

import datetime as dt
import io
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from PIL import Image
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from campaigns.materials.kits import EVERYBODY, Kit
from campaigns.models import Design, MaterialFile, RetiredOutput, StudioBatch, StudioOutput
from campaigns.studio import batches
from campaigns.studio.drawing import Drawn
from campaigns.studio.variants import to_draw
from core.models import Picture, Rendition
from core.uploads import first_pages
from tests.factories.campaigns import (
    CampaignPageFactory,
    DesignFactory,
    FileFactory,
    MaterialFactory,
    PictureFactory,
)
from tests.support.cached_fixtures import cached_fixture
from tests.support.queries import queries

State = StudioOutput.State


def draw(design: Design) -> int:
    """Draw the changed outputs and return their number."""
    return [*batches.redraw(design)][-1][1]


def reworded(design: Design, **words: str) -> None:
    text = design.texts.get(language="en")
    for name, said in words.items():
        setattr(text, name, said)
    text.save()
    design.texts = [*design.texts.exclude(pk=text.pk), text]
    design.save()


@pytest.fixture
@cached_fixture
def design(db) -> Design:
    """A design with two formats, drawn."""
    made = DesignFactory(formats=("poster-a4", "banner"))
    made.material.save_revision().publish()
    draw(made)
    return made


class TestRedraw:
    def test_gives_the_files_to_the_material(self, design):
        files = MaterialFile.objects.filter(material=design.material)

        assert sorted(file.extension for file in files) == ["pdf", "png"]
        assert {file.alt_text for file in files} == {"A kitchen table."}
        design.material.refresh_from_db()
        assert [file.pk for file in design.material.get_latest_revision_as_object().files.all()] == [
            file.pk for file in files
        ]

    def test_is_told_apart_in_the_kit_by_the_name_of_each_output(self, campaigns):
        page = CampaignPageFactory(parent=campaigns)
        made = DesignFactory(formats=("poster-a4", "poster-a3"), material=MaterialFactory(campaign=page, languages=()))
        made.material.save_revision().publish()
        draw(made)
        kit = Kit(page, EVERYBODY)

        html = BeautifulSoup(kit.read_me(kit.packed()), "html.parser")

        assert [heading.bdi.text for heading in html.select("h3")] == [
            "Poster A4",
            "Poster A3 for a print shop, with bleed",
        ]

    def test_gives_each_output_the_picture_that_its_file_would_have_got_by_itself(self, design):
        for output in design.outputs.select_related("document"):
            document = output.document
            drawn = first_pages.picture_of(Path(document.file.path).read_bytes(), document.file_extension.lower())

            with Picture.objects.get(first_page_of=document).open_file() as file:
                assert Image.open(file).convert("RGB") == Image.open(io.BytesIO(drawn)).convert("RGB")

    def test_starts_no_other_process_for_the_picture_of_an_output(self, design, monkeypatch):
        monkeypatch.setattr(first_pages, "PROGRAM", Path("/nowhere"))
        reworded(design, headline="Another headline")
        draw(design)

        drawn = {output.document_id for output in design.outputs.filter(format="poster-a4")}
        assert {each.first_page_of_id for each in Picture.objects.filter(first_page_of__in=drawn)} == drawn

    def test_draws_nothing_twice(self, design):
        assert draw(design) == 0

    def test_draws_again_what_has_changed_and_nothing_else(self, design):
        before = {output.format: output.code for output in design.outputs.all()}
        reworded(design, text="A text that only posters have.")

        assert draw(design) == 2  # texts belong to all outputs, including formats that do not show them
        assert {output.format for output in design.outputs.all() if output.code != before[output.format]} == {
            "poster-a4",
            "banner",
        }

    def test_keeps_a_draft_a_draft(self, design):
        material = design.material
        material.name = "A new name"
        material.save_revision()
        reworded(design, headline="Another headline")

        draw(design)

        material.refresh_from_db()
        assert (material.name, material.has_unpublished_changes) == (material.name, True)
        assert material.get_latest_revision_as_object().name == "A new name"
        assert {file.document_id for file in material.get_latest_revision_as_object().files.all()} == {
            output.document_id for output in design.outputs.all()
        }

    def test_removes_what_is_no_longer_planned(self, design):
        design.formats = ["poster-a4"]
        design.save()

        draw(design)

        assert [file.extension for file in MaterialFile.objects.filter(material=design.material)] == ["pdf"]
        assert [output.why for output in RetiredOutput.objects.all()] == ["dropped"]

    def test_has_no_file_of_an_output_that_no_longer_fits(self, design):
        reworded(design, headline="Unbelievablylongwordsthatnobodywouldwriteonaposterinanylanguage")

        draw(design)

        assert {output.state for output in design.outputs.all()} == {State.UNFIT}
        assert MaterialFile.objects.filter(material=design.material).count() == 0


class TestBatch:
    def test_notes_how_far_it_is(self, design):
        reworded(design, headline="Another headline")
        batch = batches.start(design)

        batches.run(batch)

        assert (batch.stage, batch.done, batch.total) == ("done", 2, 2)

    def test_that_is_cancelled_keeps_what_was_drawn(self, db, monkeypatch):
        design = DesignFactory(languages=("en", "de", "fr"), formats=("poster-a4",))
        batch = batches.start(design)
        keep = batches.keep

        def and_cancel(*args):
            batches.cancel(StudioBatch.objects.get(pk=batch.pk))
            return keep(*args)

        monkeypatch.setattr(batches, "keep", and_cancel)
        monkeypatch.setattr(batches.drawing, "MOST_PROCESSES", 1)

        batches.run(batch)

        batch.refresh_from_db()
        drawn = design.outputs.filter(document__isnull=False).count()
        assert batch.stage == "cancelled"
        assert 0 < drawn < 3
        assert MaterialFile.objects.filter(material=design.material).count() == drawn

    def test_keeps_what_another_has_drawn_meanwhile(self, design):
        (output,) = [each for each in to_draw(design) if each.variant.format == "banner"]
        before = design.outputs.get(format="banner")

        kept = batches.keep(Drawn(output=output, state=State.DRAWN, content=b"once more"))

        assert (kept.document_id, RetiredOutput.objects.count()) == (before.document_id, 0)

    def test_is_one_for_all_who_ask_before_it_begins(self, design):
        assert batches.start(design) == batches.start(design)


class TestAdmin:
    def test_shows_what_does_not_fit_with_field_language_and_by_how_much(self, editor, design):
        reworded(design, text="Many words. " * 48)
        design.formats = ["card-link"]
        design.save()
        draw(design)

        shown = editor.get(reverse("studio", args=[design.pk])).content.decode()

        assert "Text (English): too long by" in shown

    def test_takes_the_same_queries_for_few_outputs_and_many(self, editor, db):
        design = DesignFactory()
        url = reverse("studio", args=[design.pk])

        def add(number: int) -> None:
            for at in range(number):
                document = FileFactory()
                PictureFactory(first_page_of=document)
                count = StudioOutput.objects.count()
                StudioOutput.objects.create(
                    design=design, format="banner", language="en", partner_key=count + at, state=State.DRAWN,
                    document=document, drawn_on=dt.date(2026, 11, 26),
                )  # fmt: skip
            editor.get(url)  # the pictures are made once

        add(3)
        few = queries(lambda: editor.get(url))
        add(27)

        assert queries(lambda: editor.get(url)) == few

    def test_lists_each_design_with_the_picture_of_its_source_with_the_same_queries(self, editor, db):
        url = reverse(Design.snippet_viewset.get_url_name("list"))

        def add(number: int) -> list[str]:
            for _ in range(number):
                design = DesignFactory()
                for language in ("de", "en"):
                    document = FileFactory()
                    PictureFactory(first_page_of=document, title=language)
                    StudioOutput.objects.create(
                        design=design, format="banner", language=language, state=State.DRAWN, document=document
                    )
            shown = BeautifulSoup(editor.get(url).content, "html.parser")
            return [picture["src"] for picture in shown.select(".studio-thumbnail img")]

        add(1)
        few = queries(lambda: editor.get(url))
        pictures = add(4)
        english = [rendition.url for rendition in Rendition.objects.filter(image__title="en")]

        assert sorted(pictures) == sorted(english)
        assert len(pictures) == 5
        assert queries(lambda: editor.get(url)) == few

    def test_draws_on_request(self, editor, db):
        design = DesignFactory()

        editor.post(reverse("studio", args=[design.pk]))

        assert design.outputs.get().state == State.DRAWN

    def test_previews_a_picture_of_what_is_being_written(self, editor, design):
        url = reverse("wagtailsnippets_campaigns_design:preview_on_edit", args=[design.pk])
        words = {"headline": "Being written", "text": "Words", "call": "Call", "pages": "", "alt_text": ""}
        form = {"material": design.material_id, "hue": "sky", "scene": "bridge", "picture": ""}
        form |= {"texts": inline_formset([{"language": "en", **words}])}
        form |= {name: inline_formset([]) for name in ("countries", "partners")}

        assert editor.post(url, nested_form_data(form) | {"formats": ["banner"]}).json() == {
            "is_valid": True,
            "is_available": True,
        }
        answer = editor.get(f"{url}?mode=en banner")

        assert answer["Content-Type"] == "image/png"
        assert design.outputs.get(format="banner").drawn_on is not None
