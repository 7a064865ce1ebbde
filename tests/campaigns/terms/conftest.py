from __future__ import annotations

import pytest

from campaigns.models import Term
from tests.factories.campaigns import CampaignPageFactory
from tests.support.scenes import scene

BAD, GOOD = "child pornography", "child sexual abuse material"


@pytest.fixture
@scene
def terms(home):
    """A word to avoid in English and in German, and one to think about."""
    return [
        Term.objects.create(language=language, level=level, word=forms[0], forms="\n".join(forms), instead=instead, why="It is abuse.", concept="material")
        for language, level, forms, instead in (
            ("en", "avoid", [BAD, "child porn*"], f"{GOOD}\nimages of abuse"),
            ("de", "avoid", ["Kinderpornografie"], "Missbrauchsdarstellungen"),
            ("en", "caution", ["predator*"], ""),
        )
    ]  # fmt: skip


@pytest.fixture
@scene
def story(campaigns, terms):
    """A campaign that is live, in words that nobody avoids."""
    page = CampaignPageFactory(parent=campaigns, slug="path", title="Path", full=True)
    page.save_revision().publish()
    page.refresh_from_db()
    return page
