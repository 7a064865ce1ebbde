"""The page that the address and the QR code of a design lead to, in each language.

An editor chooses it. Without a choice, the audience of the material decides: its guide, or the finder.
"""

from collections.abc import Iterator
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext
from wagtail.models import Page

from campaigns.materials.models import Material, Readership
from campaigns.studio.models import Design
from core.languages import names, tree
from helpline import directory

AT_WORK = {Readership.TEACHERS, Readership.HEALTH, Readership.JUSTICE, Readership.EMPLOYERS}


def audience_of(material: Material) -> str:
    """Return the audience whose guide suits the readers of a material; empty if that is the finder."""
    readers = {*material.readers}
    if readers & {Readership.EVERYBODY, Readership.WORRIED}:
        return ""
    if Readership.PARENTS in readers:
        return directory.FAMILY_OR_FRIEND
    return directory.PROFESSIONAL if readers & AT_WORK else ""


class Destinations:
    """The pages that the outputs of a design lead to. A fixed number of queries."""

    def __init__(self, design: Design) -> None:
        self.design = design

    @cached_property
    def chosen(self) -> dict[str, Page]:
        """The chosen page in each language that it exists in, drafts included: material is drawn before a launch."""
        page = self.design.leads_to
        return by_language(Q(translation_key=page.translation_key)) if page is not None else {}

    @cached_property
    def guides(self) -> dict[str, Page]:
        """The public guide for the audience in each language."""
        key = directory.guide_key(audience_of(self.design.material))
        return by_language(Q(translation_key=key, live=True)) if key is not None else {}

    def path(self, language: str) -> str:
        page = self.chosen.get(language) or self.guides.get(language)
        return tree.page_path(page, language) if page is not None else directory.finder_path(language)

    def warnings(self) -> Iterator[str]:
        """Yield what an editor should know before the design is drawn."""
        spoken = [text.language for text in self.design.texts.all()]
        hidden = [code for code in spoken if self.design.leads_to and not getattr(self.chosen.get(code), "live", False)]
        if hidden:
            yield gettext(
                "The page “%(page)s” is not public in these languages: %(languages)s. Publish it before you print."
            ) % {"page": self.design.leads_to, "languages": in_words(hidden)}
        general = [code for code in spoken if self.path(code) == directory.finder_path(code)]
        if general and Readership.PARENTS in self.design.material.readers:
            yield gettext(
                "The material is for parents and carers, but in these languages it leads to the page with services for "
                "everybody: %(languages)s. Choose another page in the design, under “Leads to”."
            ) % {"languages": in_words(general)}


def by_language(wanted: Q) -> dict[str, Page]:
    return {page.locale.language_code: page for page in Page.objects.filter(wanted).select_related("locale")}


def in_words(codes: list[str]) -> str:
    return names.joined(names.language_name(code) for code in codes)
