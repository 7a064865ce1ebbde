"""Feeds that say the same whenever they are made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed

if TYPE_CHECKING:
    StillBase = SyndicationFeed
else:
    StillBase = object

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class EmptyIsOld(StillBase):
    """Without entries nothing was ever updated: Django's feeds say that it was just now, so that each print and each restore would differ."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else LONG_AGO


class StillAtom(EmptyIsOld, Atom1Feed):
    pass


class StillRss(EmptyIsOld, Rss201rev2Feed):
    pass
