"""Unsaved listings, for tests of pure functions: quick to make, and without a database."""

import datetime as dt

from helpline.models import ContactPoint, Programme, SupportLine
from helpline.vocabulary.codes import LineKind, Status

MONDAY = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
TODAY = MONDAY.date()
PHONE = {
    "channel": "phone",
    "number": "+493023125000",
    "languages": ["de"],
    "opening_hours": "Mo-Fr 09:00-17:00",
    "timezone": "Europe/Berlin",
}
MAIL = {"channel": "email", "email": "help@service.example", "languages": ["de"]}
SCREEN = {"channel": "online_self_help", "url": "https://service.example/", "languages": ["de"]}
CHAT = {**PHONE, "channel": "chat", "number": "", "url": "https://service.example/chat"}


def programme(*points, **facts):
    """Return an unsaved programme with these contact points."""
    given = {
        "name": "Service",
        "countries": ["de"],
        "audiences": ["self_thoughts"],
        "status": Status.VERIFIED,
        "checked_on": TODAY,
        **facts,
    }
    made = Programme(**given)
    made.contact_points = [ContactPoint(**point) for point in points]
    return made


def line(*, country="de", **facts):
    return SupportLine(
        **{
            "kind": LineKind.SUICIDE_CRISIS,
            "countries": [country],
            "number": "116123",
            "status": Status.VERIFIED,
            "checked_on": TODAY,
            **facts,
        }
    )
