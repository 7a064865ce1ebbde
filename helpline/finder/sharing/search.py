"""Public search of the helpline: countries and listings by their names and numbers, and the finder by many words."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from core.languages import names
from core.search.folding import words_of_name
from core.search.sources import Destination, Hit, Source, is_named
from helpline import directory
from helpline.finder.sharing import addresses
from helpline.records import order
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary import phones, regions
from helpline.vocabulary.codes import ANYWHERE

MAX_COUNTRIES = 3
MAX_LISTINGS = 5
SHORTEST = 2  # letters: fewer match too many names
# Other names of a country, beside those in the languages of the site.
ALSO_CALLED = {
    "ae": ("uae", "emirates"),
    "cz": ("czech republic", "tschechische republik", "republique tcheque"),
    "gb": (
        "uk", "great britain", "england", "scotland", "wales",
        "grossbritannien", "schottland", "angleterre", "ecosse", "انجلترا", "بريطانيا",
    ),
    "nl": ("holland", "hollande", "هولندا"),
    "us": ("usa", "america", "amerika", "amerique", "etats unis", "اميركا", "امريكا"),
}  # fmt: skip


class HelpAnswers(Source):
    """Search results for the finder and its content.

    There are none in a language without a public finder.
    """

    def names(self, language: str) -> Iterator[str]:
        if language in addresses.finder_languages():
            yield from (name for _code, every_name in called(spoken(language)) for name in every_name)
            yield from (place for listing in listed() for place in listing.called)
            yield from (destination.phrases for destination in destinations(language))

    def answers(self, asked: Sequence[str], language: str) -> Iterator[Hit]:
        """Yield listings with these names, countries that are named, and then the finder, if the words are about it."""
        if language not in addresses.finder_languages():
            return
        countries = [code for code, every_name in called(spoken(language)) if is_said(every_name, asked)]
        if not countries:
            countries = [code for code, every_name in called(spoken(language)) if is_begun(every_name, asked)]
        found = in_order([listing for listing in listed() if listing.is_called(asked)])
        yield from (listing.hit(language) for listing in found[:MAX_LISTINGS])
        pages = addresses.countries_to_show(with_withdrawn=False) if countries else {}
        for code in countries[:MAX_COUNTRIES]:
            has_page = code in pages and language not in pages[code]
            yield Hit(
                title=gettext("Support: %(country)s") % {"country": names.country_name(code, language)},
                url=addresses.country_path(language, code) if has_page else directory.finder_path(language),
            )
        for destination in destinations(language):
            yield from destination.hit(asked)


def destinations(language: str) -> tuple[Destination, ...]:
    return (
        Destination(
            title=gettext("Find support"),
            url=directory.finder_path(language),
            # Translators: search words of people who need the finder, one phrase a line.
            # Not a translation: write what people in your language would type.
            # Words of one or two letters do not count, and a word of four letters or more also stands for words that
            # begin with it.
            phrases=gettext(
                "help\nhelpline\nhotline\nsupport\ntherapy\ntherapist\ntreatment\n"
                "counselling\nanonymous\nemergency\nsuicide\n"
                "attracted children\nattracted minors\nattracted kids\nattracted teenagers\n"
                "attraction children\nfantasies children\nthoughts about children\nurges children\n"
                "pedophil\npaedophil\nhebephil\nafraid hurt child\nafraid abuse\nabused child\n"
                "worried about someone\n"
                "illegal images\nchild porn\ncsam"
            ),
        ),
        Destination(
            title=gettext("Show the list on your own page"),
            url=addresses.embedding_path(language),
            # Translators: search words of people who want to show our list on their own website, one phrase a line.
            phrases=gettext("embed\nwidget\niframe\nlist own page\nlist own website"),
        ),
    )


# --- Countries ------------------------------------------------------------------------------------


def spoken(language: str) -> tuple[str, ...]:
    """Return the language of the page and then the others of this site, as people search in any of them."""
    return tuple(dict.fromkeys([language, *settings.INTERFACE_LANGUAGES]))


@cache
def called(languages: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each country with its names: in these languages, that of the page first, and its other names."""
    return tuple(
        (
            code,
            (
                *dict.fromkeys(names.country_name(code, each) for each in languages),
                *ALSO_CALLED.get(code, ()),
            ),
        )
        for code, _name in names.countries(languages[0])
    )


def is_said(every_name: Iterable[str], asked: Sequence[str]) -> bool:
    """Return whether one of the names of a country is among the words.

    Only whole words match: "malicious" does not name Mali.
    """
    return any(set(words_of_name(name)).issubset(asked) for name in every_name)


def is_begun(every_name: Iterable[str], asked: Sequence[str]) -> bool:
    """Return whether the words are the beginning of one of the names of a country."""
    return len("".join(asked)) > SHORTEST and any(is_named(words_of_name(name), asked) for name in every_name)


# --- Listings -------------------------------------------------------------------------------------


class Listed:
    """Listing with its names."""

    def __init__(
        self, uuid: object, name: str, countries: Iterable[str], *places: str, numbers: Iterable[str] = ()
    ) -> None:
        self.uuid = uuid
        self.name = name
        self.countries = countries
        self.called = (name, *(each for each in places if each))
        self.numbers = [number for number in numbers if number]

    def is_called(self, asked: Sequence[str]) -> bool:
        """Return whether all words are in its names, or are its number."""
        if digits := phones.typed("".join(asked)):
            return any(phones.is_number(number, digits) for number in self.numbers)
        return len("".join(asked)) > SHORTEST and is_named(
            [word for each in self.called for word in words_of_name(each)], asked
        )

    def hit(self, language: str) -> Hit:
        where = [names.country_name(code, language) for code in self.countries if code != ANYWHERE]
        return Hit(
            title=self.name,
            url=addresses.listing_path(language, self.uuid),
            text=" · ".join(sorted(where, key=names.sort_key)),
        )


def listed() -> Iterator[Listed]:
    """Yield the listings that the public sees, in two queries."""
    programmes = Programme.objects.shown().with_contacts("address", "number").order_by("name", "uuid")
    for uuid, name, countries, codes, region, operator, its_addresses, numbers in programmes.values_list(
        "uuid", "name", "countries", "regions", "region", "operator", "its_address", "its_number"
    ):
        called_there = [each for code in codes for each in sorted(regions.called(code))]
        yield Listed(uuid, name, countries, region, *called_there, operator, *its_addresses, numbers=numbers)
    lines = SupportLine.objects.shown().open().values_list("uuid", "name", "countries", "number")
    for uuid, name, countries, number in lines:
        yield Listed(uuid, name, countries, numbers=[number])


def in_order(found: list[Listed]) -> list[Listed]:
    """Return listings in the order of the finder, and then support lines by name."""
    if len(found) < 2:
        return found
    programmes = Programme.objects.filter(uuid__in=[each.uuid for each in found]).prefetch_related("contact_points")
    today = timezone.localdate()
    places: dict[object, int] = {each.uuid: place for place, each in enumerate(order.in_order(programmes, today))}
    return sorted(found, key=lambda each: (places.get(each.uuid, len(places)), names.sort_key(each.name)))


SOURCE = HelpAnswers()
