"""Blocks of digests, worksheets, events and groups.

Their texts are plain, so that the page and its PDF are the same.
"""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock

from core.blocks import SECOND_SENTENCE, SECOND_TITLE, SENTENCE, TITLE, Heading
from core.languages import names

# Space to write, in lines of 9 mm.
# A page of paper has about 25.
MOST_LINES = 20


class StudyDesign(models.TextChoices):
    """Design of a study."""

    REVIEW = "review", _("Systematic review")
    TRIAL = "trial", _("Randomised trial")
    EXPERIMENT = "experiment", _("Randomised experiment online")
    COMPARISON = "comparison", _("Comparison without randomisation")
    BEFORE_AFTER = "before_after", _("Before and after, without comparison")
    SURVEY = "survey", _("Survey")
    INTERVIEWS = "interviews", _("Interviews")
    COMMENTARY = "commentary", _("Reanalysis or commentary")


def countries() -> list[tuple[str, str]]:
    """Return (code, name) of each country, in the active language."""
    return list(names.countries())


class CitedWorkValue(blocks.StructValue):
    @property
    def url(self) -> str:
        return f"https://doi.org/{self['doi']}"

    @property
    def country_name(self) -> str:
        return names.country_name(self["country"]) if self["country"] else str(_("Several countries"))

    @property
    def design_name(self) -> str:
        return str(dict(StudyDesign.choices).get(self["design"], ""))

    @property
    def access(self) -> str:
        return str(_("free to read") if self["open_access"] else _("may cost money to read"))


class CitedWork(blocks.StructBlock):
    """A work that a digest cites, the same in every language."""

    citation = blocks.CharBlock(
        label=_("Citation"),
        help_text=_("Authors, year, title in quotation marks, journal: as it was published."),
    )
    doi = blocks.RegexBlock(
        label="DOI",
        regex=r"^10\.\d{4,9}/\S+$",
        error_messages={"invalid": _("Enter the DOI alone. It begins with 10.")},
        help_text=_("Open the link and read what is there before you publish."),
    )
    year = blocks.IntegerBlock(label=_("Year"), min_value=1900, max_value=2100)
    country = blocks.ChoiceBlock(
        label=_("Country"),
        choices=countries,
        required=False,
        help_text=_("Leave empty if there are several."),
    )
    design = blocks.ChoiceBlock(label=_("Design"), choices=StudyDesign.choices)
    participants = blocks.IntegerBlock(
        label=_("Participants"),
        required=False,
        min_value=1,
        help_text=_("Of a review, the number of people in its studies."),
    )
    open_access = blocks.BooleanBlock(label=_("Free to read"), required=False)

    class Meta:
        icon = "doc-full"
        label = _("Work")
        template = "network/blocks/work.html"
        value_class = CitedWorkValue

    def get_preview_value(self) -> object:
        return self.normalize(
            {
                "citation": str(SENTENCE),
                "doi": "10.1000/182",
                "year": 2020,
                "country": "",
                "design": StudyDesign.SURVEY,
                "participants": 100,
                "open_access": True,
            }
        )


class CitedWorks(blocks.StreamBlock):
    work = CitedWork()


class Action(blocks.TextBlock):
    """One thing to do differently."""

    class Meta:
        icon = "tick"
        label = pgettext_lazy("something to do", "Step")
        template = "network/blocks/action.html"
        preview_value = SENTENCE


class Actions(blocks.StreamBlock):
    step = Action()


class Paragraphs(blocks.TextBlock):
    """Plain paragraphs."""

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "network/blocks/paragraphs.html"
        preview_value = SENTENCE


def lines() -> blocks.IntegerBlock:
    """Return the field for the number of lines to write on in the PDF."""
    return blocks.IntegerBlock(
        label=_("Lines to write on"),
        default=3,
        min_value=0,
        max_value=MOST_LINES,
        help_text=_("In the PDF. 0 for none."),
    )


class WorksheetStep(blocks.StructBlock):
    """A step of a strategy, with space to write."""

    title = blocks.CharBlock(label=_("Title"))
    text = blocks.TextBlock(label=_("Text"))
    lines = lines()

    class Meta:
        icon = "list-ol"
        label = pgettext_lazy("of a worksheet", "Step")
        template = "network/blocks/worksheet_step.html"

    def get_preview_value(self) -> object:
        return self.normalize({"title": str(TITLE), "text": str(SENTENCE), "lines": 3})


class WorksheetQuestion(blocks.StructBlock):
    """An interview question, its reason, and an example of a good answer."""

    question = blocks.CharBlock(label=_("Question"), max_length=300)
    why = blocks.TextBlock(label=_("Why it is asked"))
    good_answer = blocks.TextBlock(label=_("What a good answer looks like"))
    lines = lines()

    class Meta:
        icon = "help"
        label = _("Question")
        template = "network/blocks/worksheet_question.html"

    def get_preview_value(self) -> object:
        return self.normalize(
            {
                "question": str(SECOND_TITLE),
                "why": str(SENTENCE),
                "good_answer": str(SECOND_SENTENCE),
                "lines": 3,
            }
        )


class AgreementClause(blocks.StructBlock):
    """A clause of an agreement between two sides: a sentence or two, the choices, and space to write."""

    title = blocks.CharBlock(label=_("Title"))
    text = blocks.TextBlock(label=_("Text"))
    choices = blocks.ListBlock(
        blocks.CharBlock(label=_("Choice"), max_length=300),
        label=_("Choices, each with a box to tick"),
        min_num=0,
        default=[],
    )
    lines = lines()

    class Meta:
        icon = "clipboard-list"
        label = _("Clause")
        template = "network/blocks/agreement_clause.html"

    def get_preview_value(self) -> object:
        return self.normalize(
            {
                "title": str(TITLE),
                "text": str(SENTENCE),
                "choices": [str(SENTENCE), str(SECOND_SENTENCE)],
                "lines": 3,
            }
        )


class WorksheetParts(blocks.StreamBlock):
    """Parts of a worksheet.

    Steps, questions and clauses share one numbering.
    """

    heading = Heading()
    text = Paragraphs()
    step = WorksheetStep()
    question = WorksheetQuestion()
    clause = AgreementClause()


class Session(blocks.StructBlock):
    """One item of the programme of an event, in the time zone of the event."""

    day = blocks.DateBlock(label=_("Day"), required=False, help_text=_("Only if it lasts several days."))
    begins = blocks.TimeBlock(label=_("Begins"))
    ends = blocks.TimeBlock(label=_("Ends"), required=False)
    title = blocks.CharBlock(label=_("Title"), max_length=200)
    speaker = blocks.CharBlock(label=_("Speakers"), required=False, max_length=300)

    class Meta:
        icon = "time"
        label = pgettext_lazy("of a programme", "Session")
        template = "network/blocks/session.html"

    def get_preview_value(self) -> object:
        return self.normalize(
            {
                "day": None,
                "begins": dt.time(10),
                "ends": dt.time(11),
                "title": str(TITLE),
                "speaker": "",
            }
        )


class ProgrammeBlock(blocks.StreamBlock):
    session = Session()


class GroupFile(blocks.StructBlock):
    """A file for the members of a group."""

    title = blocks.CharBlock(label=_("Title"), max_length=200)
    file = DocumentChooserBlock(label=_("File"))

    class Meta:
        icon = "doc-full-inverse"
        label = _("File")
        template = "network/blocks/group_file.html"

    def get_preview_value(self) -> object:
        return self.normalize({"title": str(TITLE), "file": None})


class GroupFiles(blocks.StreamBlock):
    file = GroupFile()


class MinutesEntry(blocks.StructBlock):
    """The minutes of one meeting."""

    date = blocks.DateBlock(label=_("Date"))
    title = blocks.CharBlock(label=_("Title"), max_length=200)
    text = blocks.TextBlock(label=_("Text"))
    file = DocumentChooserBlock(label=_("File"), required=False)

    class Meta:
        icon = "edit"
        label = _("Minutes")
        template = "network/blocks/minutes_entry.html"

    def get_preview_value(self) -> object:
        return self.normalize(
            {
                "date": dt.date(2026, 11, 18),
                "title": str(TITLE),
                "text": str(SENTENCE),
                "file": None,
            }
        )


class Minutes(blocks.StreamBlock):
    entry = MinutesEntry()
