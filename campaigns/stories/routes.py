"""Routes of stories: the pages beside a campaign or news page in its list, and the toolkits of a campaign."""

import uuid
from collections.abc import Iterator, Sequence

from django.db.models import Model
from django.db.models.functions import Left, Length
from wagtail.models import Page

from campaigns.models import (
    CampaignPage,
    ToolkitPage,
)
from campaigns.stories.models import RELATED, StoryPage
from core import memo
from core.publishing.routes import AppRoute


class ToolkitRoute(AppRoute):
    """Toolkits, which are public together with their campaign."""

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, CampaignPage):
            yield from (toolkit.path_at_public for toolkit in toolkits_of(changed))


class RelatedRoute(AppRoute):
    """Campaign and news pages, which link to their neighbours in the list."""

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, StoryPage) and changed.pk and changed.path:
            stories = type(changed).objects
            keys = stories.around(changed)
            here = keys.index(changed.pk)
            near = {*keys[max(0, here - RELATED) : here + RELATED + 1]} - {changed.pk}
            for page in stories.filter(pk__in=near).select_related("locale"):
                yield page.path_at_public


def toolkits_of(page: CampaignPage) -> Sequence[ToolkitPage]:
    return _toolkits_of_campaign(page.translation_key).get(page.path, ())


@memo.per_batch
def _toolkits_of_campaign(key: uuid.UUID) -> dict[str, list[ToolkitPage]]:
    """Return the toolkits of a campaign in each language, by the path of its page in the tree."""
    pages = CampaignPage.objects.filter(translation_key=key).values("path")
    above = Left("path", Length("path") - Page.steplen)
    found: dict[str, list[ToolkitPage]] = {}
    for toolkit in ToolkitPage.objects.alias(above=above).filter(above__in=pages).select_related("locale"):
        found.setdefault(toolkit.path[: -Page.steplen], []).append(toolkit)
    return found


ROUTES = (
    RelatedRoute(),
    ToolkitRoute(),
)
