"""Trackers: companies and products that receive data on visitors of a page, by their hosts and code.

Add missing ones to the table.
The data are public knowledge, from the documentation of each product.
A host includes all of its subdomains.
Code is matched literally, with spaces removed.
The kind decides which rule of `rules` a tracker breaks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class TrackerKind(StrEnum):
    ADVERTISING = "advertising"
    RECORDING = "recording"  # session replay: films what visitors do on the page
    ANALYTICS = "analytics"
    CALLS = "calls"  # gives each visitor a different number, or counts callers
    OWN = "own"  # counts visits on the website's own server


@dataclass(frozen=True, slots=True)
class Tracker:
    name: str
    kind: TrackerKind
    hosts: tuple[str, ...] = ()
    code: tuple[str, ...] = ()


def _parse_table(kind: TrackerKind, table: str) -> Iterable[Tracker]:
    """Parse a table with one tracker per line: name | hosts | code."""
    for line in table.strip().splitlines():
        name, hosts, code = (part.strip() for part in f"{line}||".split("|")[:3])
        yield Tracker(name, kind, tuple(hosts.split()), tuple(code.split()))


TRACKERS = (
    *_parse_table(TrackerKind.ADVERTISING, """
        Meta | facebook.com facebook.net | fbq(
        Google Ads | doubleclick.net googleadservices.com googlesyndication.com googletagservices.com \
            | google_conversion_id
        TikTok | analytics.tiktok.com ads.tiktok.com | ttq.load(
        X (Twitter) | ads-twitter.com analytics.twitter.com ads-api.twitter.com t.co | twq(
        LinkedIn | snap.licdn.com ads.linkedin.com | _linkedin_partner_id
        Microsoft Advertising | bat.bing.com bat.bing.net | uetq
        Pinterest | ct.pinterest.com s.pinimg.com | pintrk(
        Snapchat | sc-static.net tr.snapchat.com | snaptr(
        Reddit | alb.reddit.com redditstatic.com | rdt(
        Quora | q.quora.com a.quora.com | qp('init'
        Criteo | criteo.com criteo.net
        Taboola | taboola.com | _tfa.push(
        Outbrain | outbrain.com | obApi(
        AdRoll | adroll.com | adroll_adv_id
        Amazon Ads | amazon-adsystem.com
        Quantcast | quantserve.com quantcount.com
        Adform | adform.net
        Xandr | adnxs.com
        The Trade Desk | adsrvr.org
        Awin | dwin1.com
        VK | vk.com top-fwz1.mail.ru
    """),
    *_parse_table(TrackerKind.RECORDING, """
        Hotjar | hotjar.com hotjar.io | _hjSettings
        Microsoft Clarity | clarity.ms
        FullStory | fullstory.com
        Mouseflow | mouseflow.com
        Smartlook | smartlook.com smartlook.cloud
        Lucky Orange | luckyorange.com luckyorange.net
        Crazy Egg | crazyegg.com
        Inspectlet | inspectlet.com
        Contentsquare | contentsquare.net
        LogRocket | logrocket.com logrocket.io lr-ingest.io
        Yandex Metrica | mc.yandex.ru mc.yandex.com
    """),
    *_parse_table(TrackerKind.ANALYTICS, """
        Google Analytics | google-analytics.com analytics.google.com | gtag( ga('create' _gaq.push(
        Google Tag Manager | googletagmanager.com | 'gtm.start'
        Matomo Cloud | matomo.cloud innocraft.cloud
        Piwik PRO | piwik.pro
        Adobe | omtrdc.net demdex.net adobedtm.com 2o7.net everesttech.net
        HubSpot | hs-scripts.com hs-analytics.net hs-banner.com hubspot.com
        Mixpanel | mixpanel.com mxpnl.com | mixpanel.init(
        Amplitude | amplitude.com | amplitude.init(
        Segment | segment.com segment.io
        Heap | heap.io heapanalytics.com
        Plausible | plausible.io
        Fathom | usefathom.com
        Umami Cloud | cloud.umami.is
        Simple Analytics | simpleanalyticscdn.com simpleanalytics.com
        Cloudflare Web Analytics | cloudflareinsights.com
        StatCounter | statcounter.com
        New Relic | nr-data.net newrelic.com
        etracker | etracker.com etracker.de
        INFOnline | ioam.de iocnt.net
        Piano (AT Internet) | xiti.com aticdn.net piano.io
        Chartbeat | chartbeat.com chartbeat.net
        Parse.ly | parsely.com
        Optimizely | optimizely.com
        VWO | visualwebsiteoptimizer.com
        Siteimprove | siteimproveanalytics.com siteimproveanalytics.io
        Jetpack | stats.wp.com pixel.wp.com
        AddThis | addthis.com
        ShareThis | sharethis.com
        Intercom | intercom.io intercomcdn.com
        Salesforce | pardot.com exacttarget.com
    """),
    *_parse_table(TrackerKind.CALLS, """
        CallRail | callrail.com calltrk.com
        CallTrackingMetrics | tctm.co calltrackingmetrics.com
        WhatConverts | whatconverts.com
        Invoca | invoca.net invocacdn.com
        ResponseTap | responsetap.com
        Infinity | infinity-tracking.net infinitycloud.com
        Marchex | marchex.io
        DialogTech | dialogtech.com
        matelso | matelso.de matelso.com
        Ringba | ringba.com
        Delacon | delacon.com.au
        Google Ads (calls) | | phone_conversion_number
    """),
    *_parse_table(TrackerKind.OWN, """
        Matomo | | _paq.push( /matomo.js /matomo.php /piwik.js /piwik.php
    """),
)  # fmt: skip


def find_by_host(host: str) -> Tracker | None:
    """Return the tracker of a host, or None."""
    parts = host.lower().split(".")
    return next(
        (found for at in range(len(parts)) if (found := _BY_HOST.get(".".join(parts[at:])))),
        None,
    )


def find_in_code(code: str) -> Iterable[Tracker]:
    """Yield the trackers that a script names, by their hosts or by the snippets in their own instructions."""
    code = "".join(code.split())
    for tracker in TRACKERS:
        if any(_names(code, host) for host in tracker.hosts) or any(snippet in code for snippet in tracker.code):
            yield tracker


def _names(code: str, host: str) -> bool:
    """Return whether a script names a host as a host: "content.color" does not name "t.co"."""
    at = code.find(host)
    while at >= 0:
        before, after = code[at - 1 : at], code[at + len(host) : at + len(host) + 1]
        if before in {"/", "."} and "//" in code[max(0, at - 60) : at] and (not after or after in "/\"'`:?\\"):
            return True
        at = code.find(host, at + 1)
    return False


_BY_HOST = {host: tracker for tracker in TRACKERS for host in tracker.hosts}
