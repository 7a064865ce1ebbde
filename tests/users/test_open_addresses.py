"""All addresses on both sites that respond without signing in, by purpose. Detects those added by libraries."""

from tests.users.addresses import public_addresses
from tests.users.test_access import NOT_SIGNED_IN, table

PUBLIC = {
    "the languages, what the web server and browsers ask for, error pages": [
        "/", "/.well-known/security.txt", "/404.html", "/errors/1/404.html", "/errors/1/help/404.html", "/favicon.ico",
        "/apple-touch-icon.png",
        "/manifests/1.webmanifest", "/robots.txt", "/sitemap.xml", "/sitemaps/1.xml",
    ],
    "pages, pictures, files": ["/en/1", "/media/images/1", "/documents/1/1", "/cards/1.png", "/cards/1/1.png",
        "/cards/1/1/1.png"],
    "search, feeds, what others embed": [
        "/en/search/", "/en/feeds/campaigns.atom", "/en/feeds/campaigns.rss", "/en/feeds/news.atom",
        "/en/feeds/news.rss", "/en/embed/",
        "/en/embed/1/", "/en/feeds/", "/en/feeds/days-of-action.ics", "/en/feeds/events.ics",
        "/en/feeds/themes/00000000-0000-7000-8000-000000000000.atom", "/oembed/1/1/1.json",
    ],
    "what programs read of the network": [
        "/api/", "/api/1", "/api/1/digests", "/api/1/events", "/api/1/members", "/api/1/members/card", "/api/1/needs",
        "/api/1/offers", "/api/1/openapi.json", "/api/1/practices",
        "/en/feeds/digests.atom", "/en/feeds/events.atom", "/en/feeds/opportunities.atom", "/en/feeds/practices.atom",
        "/en/network/data/",
    ],
    "kits of campaigns": ["/en/1/kits/1.zip"],
    "digests and worksheets as PDF": ["/en/1/1.pdf"],
    "events for a calendar": ["/en/1/1.ics"],
    "one listing, one handout": ["/en/help/1/", "/en/help/lines/1/",
        "/en/help/listing/00000000-0000-7000-8000-000000000000/", "/en/help/handouts/1-1.pdf"],
    "open data": [
        "/en/open-data/", "/en/open-data/pages-shown/", "/open-data/campaign-results.csv", "/open-data/pages-shown.csv",
        "/open-data/pages-shown.csv-metadata.json", "/open-data/pages-shown.jsonld", "/open-data/pages-shown.ttl",
        "/open-data/catalogue.jsonld", "/open-data/catalogue.ttl", "/open-data/changes.json", "/open-data/laws.csv",
        "/open-data/laws.csv-metadata.json", "/open-data/practices.csv", "/open-data/practices.csv-metadata.json",
        "/open-data/materials.jsonld", "/open-data/materials.ttl", "/open-data/programmes.csv",
        "/open-data/programmes.csv-metadata.json",
        "/open-data/support-lines.csv", "/open-data/support-lines.csv-metadata.json", "/hsds/", "/hsds/1",
        "/hsds/1/openapi.json",
        "/hsds/1/organizations", "/hsds/1/organizations/1", "/hsds/1/service_at_locations",
        "/hsds/1/service_at_locations/1",
        "/hsds/1/services", "/hsds/1/services/1", "/hsds/1/taxonomies", "/hsds/1/taxonomies/1",
        "/hsds/1/taxonomy_terms",
        "/hsds/1/taxonomy_terms/1",
    ],
}  # fmt: skip
PRIVATE = {
    "what browsers ask for": ["/.well-known/security.txt", "/favicon.ico", "/robots.txt"],
    "signing in, and why one cannot": [
        "/account/inactive/", "/account/login/", "/account/login/code/", "/account/login/code/confirm/",
        "/account/once/1/1/",
        "/account/once/opened/1/", "/account/signup/",
    ],
    "joining the network, and one's own profile": [
        "/en/members/confirm/1/", "/en/members/confirm/opened/1/", "/en/members/confirmed/", "/en/members/join/",
        "/en/members/join/sent/", "/en/members/left/", "/en/members/link/", "/en/members/link/1/",
        "/en/members/link/opened/1/",
        "/en/members/link/sent/", "/en/members/profile/", "/en/members/profile/close/", "/en/members/profile/download/",
        "/en/members/profile/download/table/", "/en/members/profile/leave/", "/en/members/profile/pause/",
        "/en/members/profile/resume/", "/en/members/profile/answer/", "/en/members/profile/practices/",
        "/en/members/profile/texts/",
        "/en/members/profile/preview/",
        "/en/members/profile/texts/1/", "/en/members/profile/texts/1/take-back/",
        "/en/members/profile/account/", "/en/members/profile/account/close/", "/en/members/profile/download/card/",
        "/en/members/profile/reconfirmation/", "/en/members/reconfirmation/1/", "/en/members/reconfirmation/opened/1/",
        "/en/members/profile/orcid/", "/members/orcid/", "/en/members/profile/verifications/1/",
        "/en/members/profile/verifications/00000000-0000-7000-8000-000000000000/take-back/",
        "/en/members/profile/nominations/00000000-0000-7000-8000-000000000000/",
        "/en/members/profile/publications/", "/en/members/profile/publications/add/",
        "/en/members/profile/publications/doi/", "/en/members/profile/publications/keep/",
        "/en/members/profile/publications/orcid/",
        "/en/members/profile/publications/00000000-0000-7000-8000-000000000000/", "/en/members/profile/place/",
        "/en/members/address/1/", "/en/members/address/opened/1/",
        "/en/members/nominate/1/", "/en/members/nominate/answered/", "/en/members/nominate/opened/1/",
        "/en/members/digest-email/stop/1/", "/en/members/digest-email/stop/opened/1/",
    ],
    "registering for an event, and one's own registration": [
        "/en/members/events/00000000-0000-7000-8000-000000000000/", "/en/members/events/place/1/",
        "/en/members/events/place/opened/1/",
        "/en/members/events/place/opened/1/calendar/", "/en/members/events/place/opened/1/certificate/",
        "/en/members/events/sent/",
    ],
    "reporting a wrong number, answering a letter": [
        "/en/report/", "/en/report/sent/", "/en/reconfirmation/1/", "/en/reconfirmation/opened/1/",
        "/en/reconfirmation/thanks/",
    ],
    "what a partner sees and submits behind its link": [
        "/en/partners/1/", "/en/partners/opened/1/",
        "/en/partners/opened/1/certificate/00000000-0000-7000-8000-000000000000/", "/en/partners/opened/1/used/",
        "/en/partners/thanks/",
    ],
    "previews for partners": [
        "/previews/1/", "/previews/opened/1/", "/previews/opened/1/files/1/1", "/previews/opened/1/kits/1/1.zip",
        "/previews/opened/1/pages/1/", "/previews/opened/1/pictures/1",
    ],
    "public pages, which are on the other site": ["/en/1"],
    "the icons and the words of the admin's scripts": ["/admin/sprite/", "/admin/jsi18n/"],
    "the letters of the demonstration": ["/demo/mailbox/"],
}  # fmt: skip


def every(addresses: dict[str, list[str]]) -> list[str]:
    return sorted(address for group in addresses.values() for address in group)


def test_on_the_public_site_there_is_nothing_else():
    assert public_addresses() == every(PUBLIC)


def test_on_the_private_site_nothing_else_answers():
    # Neither refused, nor not found, nor method not allowed.
    answers = sorted(address for address, row in table().items() if set(row[NOT_SIGNED_IN]) - set(".0m"))

    assert answers == every(PRIVATE)
