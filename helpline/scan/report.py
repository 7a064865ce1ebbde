"""Findings that count, and results of the privacy scan for many websites or listings, in a fixed number of queries.

Read-only.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from helpline.records.listings import Listing
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.scan import page, rules
from helpline.scan.models import DOWN_AFTER, FRESH, Judgement, ListedSite, Scan
from helpline.scan.rules import Finding
from helpline.vocabulary.phones import Phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Finding, current or pinned by staff, with the judgement on it if that still applies."""

    finding: Finding
    judgement: Judgement | None = None
    found: bool = True

    @property
    def counts(self) -> bool:
        return self.judgement is None or self.judgement.verdict != Judgement.Verdict.IGNORED

    @property
    def to_judge(self) -> bool:
        return self.judgement is None and self.finding.is_serious


def in_force(newest: Scan | None, judgements: Iterable[Judgement]) -> list[Standing]:
    """Return the findings of a website, worst first.

    These are the findings of the newest scan that saw a page, and those that staff have pinned.
    An ignored finding comes back when more is found than at the time.
    `judgements`: newest first.
    """
    said: dict[str, Judgement] = {}
    for one in judgements:
        said.setdefault(one.rule, one)
    standings = []
    found = newest.found() if newest else []
    for finding in found:
        judgement = said.get(finding.rule.code)
        pinned = judgement is not None and judgement.verdict == Judgement.Verdict.PINNED
        holds = judgement is not None and judgement.verdict != Judgement.Verdict.LIFTED
        standings.append(
            Standing(
                finding=finding,
                judgement=judgement if holds and judgement and (pinned or judgement.covers(finding)) else None,
            )
        )
    codes = {finding.rule.code for finding in found}
    for code, judgement in said.items():
        if judgement.verdict == Judgement.Verdict.PINNED and code not in codes and code in rules.BY_CODE:
            pinned_finding = Finding(rules.BY_CODE[code], tuple(judgement.facts))
            standings.append(Standing(finding=pinned_finding, judgement=judgement, found=False))
    return sorted(standings, key=lambda standing: rules.ORDER[standing.finding.rule.code])


def addresses_of(listing: Programme | SupportLine) -> list[str]:
    """Return the web addresses that a listing links to."""
    points = listing.contact_points.all() if isinstance(listing, Programme) else ()
    return list(dict.fromkeys(filter(None, [listing.website, *(point.url for point in points)])))


@dataclass(slots=True)
class Hints:
    """Hints of the scan to the person who checks a listing."""

    sites: list[ListedSite] = field(default_factory=list)  # known sites that it links to
    down: list[ListedSite] = field(default_factory=list)  # of these, those found down at the last scan
    gone: list[Phone] = field(default_factory=list)  # numbers that have gone from a page since the listing was checked

    def __bool__(self) -> bool:
        return bool(self.down or self.gone or any(site.to_judge for site in self.sites))


def hints_of(listings: Iterable[Listing]) -> dict[UUID, Hints]:
    """Return the hints for each listing, by its identifier.

    Uses three queries, if contact points are prefetched.
    """
    listings = list(listings)
    urls = {listing.uuid: addresses_of(listing) for listing in listings}
    sites = {site.url: site for site in ListedSite.objects.with_urls(url for some in urls.values() for url in some)}
    seen = defaultdict(list)
    for scan in Scan.objects.filter(site__in=sites.values()).exclude(grade="").only("site_id", "at", "numbers"):
        seen[scan.site_id].append((scan.at, scan.numbers))
    found = {}
    for listing in listings:
        hints = Hints(sites=[sites[url] for url in urls[listing.uuid] if url in sites])
        hints.down = [site for site in hints.sites if site.failures]
        hints.gone = [phone for phone in phones_of(listing) if _is_gone(phone, listing, hints.sites, seen)]
        found[listing.uuid] = hints
    return found


def phones_of(listing: Listing) -> list[Phone]:
    holders = listing.contact_points.all() if isinstance(listing, Programme) else [listing]
    return list(dict.fromkeys(phone for holder in holders if (phone := holder.phone)))


def _is_gone(
    phone: Phone,
    listing: Listing,
    sites: list[ListedSite],
    seen: dict[int, list],  # type: ignore[type-arg]
) -> bool:
    """Return whether a page of the listing has lost the number and no other shows it, without a check since."""
    pages = [seen[site.pk] for site in sites if seen[site.pk]]
    if any(page.is_among(phone, scans[0][1]) for scans in pages):
        return False
    missed = [since for scans in pages if (since := page.missing_since(phone, scans))]
    if not missed:
        return False
    return listing.checked_on is None or listing.checked_on < timezone.localdate(max(missed))


def missed_by(site: ListedSite) -> list[str]:
    """Return the identifiers of the listings with a number that this website has lost."""
    return sorted(str(uuid) for uuid, hints in hints_of(listings_of([site])[site.url]).items() if hints.gone)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Data that raise the risk of listings: addresses that do not respond, and days on which numbers went missing."""

    down: frozenset[str]
    missed: dict[str, dt.date]

    def misses(self, uuid: UUID, checked_on: dt.date | None) -> bool:
        """Return whether a number of this listing has gone missing and the listing has not been checked since."""
        since = self.missed.get(str(uuid))
        return since is not None and (checked_on is None or checked_on < since)


def trouble() -> Trouble:
    """Collect the trouble of all listed websites, in one query."""
    down: set[str] = set()
    missed: dict[str, dt.date] = {}
    sites = ListedSite.objects.filter(Q(failures__gte=DOWN_AFTER) | ~Q(missed=[]))
    for url, failures, uuids, graded_at in sites.values_list("url", "failures", "missed", "graded_at"):
        if failures >= DOWN_AFTER:
            down.add(url)
        if graded_at:
            missed |= dict.fromkeys(uuids, timezone.localdate(graded_at))
    return Trouble(frozenset(down), missed)


def standings_of(sites: Iterable[ListedSite]) -> dict[int, list[Standing]]:
    """Return the standings of each website by primary key, worst first.

    Uses two queries.
    """
    keys = [site.pk for site in sites]
    fresh = Scan.objects.filter(site__in=keys, at__gt=timezone.now() - FRESH).exclude(grade="")
    newest = {scan.site_id: scan for scan in fresh.order_by("site_id", "-at", "-pk").distinct("site_id")}
    said = defaultdict(list)
    for judgement in Judgement.objects.filter(site__in=keys):
        said[judgement.site_id].append(judgement)
    return {key: in_force(newest.get(key), said[key]) for key in keys}


def listings_of(sites: Iterable[ListedSite]) -> dict[str, list[Programme | SupportLine]]:
    """Return the listings that link to each website, by its address.

    Uses three queries.
    """
    urls = [site.url for site in sites]
    programmes = Programme.objects.filter(Q(website__in=urls) | Q(contact_points__url__in=urls)).distinct()
    lines = SupportLine.objects.filter(website__in=urls)
    found: dict[str, list[Programme | SupportLine]] = {url: [] for url in urls}
    for listing in (*programmes.prefetch_related("contact_points"), *lines):
        for url in addresses_of(listing):
            if url in found:
                found[url].append(listing)
    return found
