"""Schema.org data of campaigns, news and their materials. Campaigns have no type there, so they are a CreativeWork."""

from django.utils import timezone

from campaigns.materials.files import MaterialFile
from campaigns.materials.models import DownloadItem
from campaigns.models import CampaignPage, MaterialIndexPage, NewsPage, ToolkitPage
from campaigns.stories.models import StoryPage
from core.http import public_url

type Thing = dict[str, object]

CONTEXT = "https://schema.org"
# File formats with their own type in schema.org; all others are a MediaObject.
TYPES = {"png": "ImageObject", "jpg": "ImageObject", "jpeg": "ImageObject", "webp": "ImageObject"} | {
    "mp3": "AudioObject",
    "mp4": "VideoObject",
}


def story(page: CampaignPage | NewsPage | ToolkitPage) -> Thing:
    if isinstance(page, ToolkitPage):
        return toolkit(page)
    return campaign(page) if isinstance(page, CampaignPage) else news(page)


def campaign(page: CampaignPage) -> Thing:
    """Describe a campaign with its materials, with files in the language of the page if there are any.

    The library has those in all languages.
    """
    work = _work(page, "CreativeWork")
    if page.audience:
        work["audience"] = {"@type": "Audience", "audienceType": page.audience}
    if page.period_start:
        work["temporalCoverage"] = f"{page.period_start}/{page.period_end or '..'}"
    if page.partner_cards:
        work["contributor"] = [
            {"@type": "Organization", "name": card.name}
            | ({"url": card.partner.website} if card.partner.website else {})
            for card in page.partner_cards
        ]
    if page.downloads:
        work["hasPart"] = _parts(page.downloads)
    return work


def news(page: NewsPage) -> Thing:
    return _work(page, "NewsArticle") | {"headline": page.title, "datePublished": page.date.isoformat()}


def toolkit(page: ToolkitPage) -> Thing:
    """Describe a toolkit as a part of its campaign, with the materials for its readers."""
    work = _work(page, "CreativeWork") | {
        "audience": {"@type": "Audience", "audienceType": page.get_audience_display()},
        "isPartOf": {"@id": public_url(page.campaign.path_at_public)},
    }
    if page.downloads:
        work["hasPart"] = _parts(page.downloads)
    return work


def material(download: DownloadItem, page: MaterialIndexPage) -> Thing:
    """Describe a material with its file in each language and format."""
    own = page.path_at_public
    url = public_url(f"{own}{download.material.pk}/")
    work = {
        "@context": CONTEXT,
        "@type": "CreativeWork",
        "@id": url,
        "url": url,
        "name": download.title,
        "inLanguage": sorted({each.language for each in download.files}),
        "license": download.material.terms_of_licence.url,
        "isAccessibleForFree": True,
        "encoding": [
            file(download, one) | ({"transcript": one.transcript} if one.transcript else {}) for one in download.files
        ],
    }
    if download.text and download.text.description:
        work["description"] = download.text.description
    if download.material.readers:
        work["audience"] = [
            {"@type": "Audience", "audienceType": str(each.label)} for each in download.material.readers
        ]
    return work


def file(download: DownloadItem, one: MaterialFile) -> Thing:
    thing = {
        "@type": TYPES.get(one.extension, "MediaObject"),
        "name": download.title,
        "contentUrl": public_url(one.document.url),
        "encodingFormat": one.document.content_type,
        "contentSize": str(one.size),
        "inLanguage": one.language,
        "license": download.material.terms_of_licence.url,
    }
    if one.alt_text:
        thing["description"] = one.alt_text
    if one.country:
        thing["spatialCoverage"] = {"@type": "Country", "name": one.country_name}
    return thing


def _parts(downloads: list[DownloadItem]) -> list[Thing]:
    return [file(download, one) for download in downloads for one in download.own or download.others]


def _work(page: StoryPage, kind: str) -> Thing:
    url = public_url(page.path_at_public)
    work = {
        "@context": CONTEXT,
        "@type": kind,
        "@id": url,
        "url": url,
        "name": page.title,
        "description": page.search_description or page.introduction,
        "inLanguage": page.language,
        "isAccessibleForFree": True,
    }
    if page.first_published_at:
        work["datePublished"] = timezone.localdate(page.first_published_at).isoformat()
    if page.last_published_at:
        work["dateModified"] = timezone.localdate(page.last_published_at).isoformat()
    return work
