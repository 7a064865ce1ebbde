"""Results as a table: what a channel reported is brought in, and what is here can be taken out, changed and brought back."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext

from campaigns.models import CampaignPage, CampaignResult, Material
from campaigns.tables import ImportPlan, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MOST_ROWS = 2_000
FACTS = ("language", "country", "first_day", "last_day", "channel", "source", "method")
COLUMNS = ("id", "campaign", "material", *FACTS, *CampaignResult.NUMBERS)
REQUIRED = ("campaign", "language", "first_day", "last_day", "channel", "source", "method")


def slugs() -> dict[uuid.UUID, str]:
    """Return the name that each campaign has in its addresses, by its key."""
    return dict(CampaignPage.objects.originals().values_list("translation_key", "slug"))


# --- Out -------------------------------------------------------------------------------------------------------------------------


def table(results: Iterable[CampaignResult]) -> Iterator[list[str]]:
    """Yield the rows of the table, its head first. The desk makes the cells of every table safe (`core.desk.spreadsheets`)."""
    names = slugs()
    yield list(COLUMNS)
    for result in results:
        yield [*cells(result, names).values()]


def cells(result: CampaignResult, names: Mapping[uuid.UUID, str]) -> dict[str, str]:
    written = {name: getattr(result, name) for name in (*FACTS, *CampaignResult.NUMBERS)}
    return {
        "id": str(result.key),
        "campaign": names.get(result.campaign_key, ""),
        "material": str(result.material_id or ""),
        **{name: "" if value is None else str(value) for name, value in written.items()},
    }


# --- In --------------------------------------------------------------------------------------------------------------------------


class ResultReader:
    """Compares a table with what is here. A line without an id is new; a result that the table leaves out stays."""

    def __init__(self) -> None:
        self.names = slugs()
        self.keys = {slug: key for key, slug in self.names.items()}
        self.known = {str(result.key): result for result in CampaignResult.objects.all()}
        self.materials = {str(each.pk): each for each in Material.objects.only("pk", "campaign_key")}
        self.plan = ImportPlan()
        self.used: set[str] = set()

    def read(self, text: str) -> ImportPlan:
        try:
            lines = read_lines(text, columns=COLUMNS, required=REQUIRED, most=MOST_ROWS)
        except ValidationError as problem:
            return ImportPlan(problems=problem.messages)
        for number, line in enumerate(lines, start=2):
            self.read_line(number, line)
        return self.plan

    def read_line(self, number: int, line: dict[str, str]) -> None:
        key = line.get("id", "").lower()
        if key in self.used:
            return self.refuse(number, gettext("this id stands in the table twice."))
        self.used |= {key} if key else set()
        result = self.known.get(key)
        if key and result is None:
            try:
                result = CampaignResult(key=uuid.UUID(key))
            except ValueError:
                return self.refuse(number, gettext("this is not an id."))
        result = result or CampaignResult()
        before = dict.fromkeys(COLUMNS, "") if result.pk is None else cells(result, self.names)
        try:
            self.fill(result, line)
            result.full_clean(exclude=["key"])
        except ValidationError as problem:
            for name, said in problem.message_dict.items():
                self.refuse(number, f"{column_name(name)}: {' '.join(said)}")
            return None
        after = cells(result, self.names)
        changes = [
            (column_name(name), before[name], after[name])
            for name in COLUMNS[1:]
            if before[name] != after[name]
        ]
        self.plan.add(result, changes)
        return None

    def fill(self, result: CampaignResult, line: Mapping[str, str]) -> None:
        """Put the cells of a line into a result. Raises ValidationError for a campaign or a material that is not there."""
        if line["campaign"] not in self.keys:
            raise ValidationError({"campaign_key": gettext("There is no such campaign.")})
        result.campaign_key = self.keys[line["campaign"]]
        if "material" in line:
            asked = line["material"]
            if asked and asked not in self.materials:
                raise ValidationError({"material": gettext("There is no such material.")})
            result.material = self.materials.get(asked)
        for name in (*FACTS, *CampaignResult.NUMBERS):
            if name in line:
                model_field: Any = CampaignResult._meta.get_field(name)
                value = line[name] or (None if name in CampaignResult.NUMBERS else "")
                try:
                    setattr(result, name, model_field.to_python(value) if value else value)
                except ValidationError as problem:
                    raise ValidationError({name: problem.messages}) from None

    def refuse(self, number: int, problem: str) -> None:
        self.plan.problems.append(
            gettext("Line %(number)d: %(problem)s") % {"number": number, "problem": problem}
        )


def column_name(column: str) -> str:
    """Return what the form of the desk calls a column."""
    model_field: Any = CampaignResult._meta.get_field({"campaign": "campaign_key"}.get(column, column))
    return str(capfirst(str(model_field.verbose_name)))
