"""Parameters that platforms and mailing services append to a link, to track who followed it from where.

Most addresses take no query and drop any that is appended.
Those that take one drop the parameters listed here.
The names are those that the platforms document, and that privacy-minded browsers strip.
"""

PREFIXES = (
    "utm_",
    "mtm_",
    "pk_",
    "hsa_",
    "ga_",
    "_hs",
    "vero_",
    "oly_",
    "mc_",
    "mkt_",
    "stm_",
    "matomo_",
    "piwik_",
)
NAMES = frozenset({
    "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "gad_campaignid", "srsltid", "_ga", "_gl",  # Google
    "fbclid", "fb_action_ids", "fb_source", "igshid", "igsh",  # Meta
    "msclkid", "cvid", "twclid", "ttclid", "li_fat_id", "rdt_cid", "epik", "scid", "sccid", "yclid", "ysclid",
    "_openstat", "wickedid", "s_cid", "irclickid", "ref_src", "ref_url", "__s", "ml_subscriber",
    "ml_subscriber_hash", "dm_i", "cmpid", "campaignid",
})  # fmt: skip


def without_tracking(query: str) -> str:
    """Return a query without tracking parameters; the others keep their form and order."""
    parts = ((part, part.partition("=")[0].lower()) for part in query.split("&") if part)
    return "&".join(part for part, name in parts if name not in NAMES and not name.startswith(PREFIXES))
