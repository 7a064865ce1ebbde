"""Rules for every page type, also for future ones.

What is special about a type is tested in its app.
"""

import pytest

from core.languages import tree
from core.models import BasePage
from helpline.vocabulary.codes import LineKind
from network.models import GroupPage
from prerender import services
from prerender.store.files import FileStore
from tests.factories.helpline import SupportLineFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.html import parse
from tests.support.languages import in_language
from tests.support.pages import example, page_types
from tests.support.publishing import render_only
from users import roles
from users.models import User

pytestmark = pytest.mark.django_db
EVERY_TYPE = pytest.mark.parametrize("model", page_types(), ids=lambda model: model.__name__)


@pytest.fixture
def made(model: type[BasePage], home):
    """A page of the type, with support lines where it may not be shown without them."""
    if model.is_sensitive:
        for kind, number in ((LineKind.EMERGENCY, "112"), (LineKind.SUICIDE_CRISIS, "+498001110111")):
            SupportLineFactory(approved=True, kind=kind, number=number)
    return example(model, home)


@pytest.fixture
@cached_fixture
def people(home) -> dict[str, User]:
    """Return a user of each role, without administrators."""
    roles.sync()
    names = [role.name for role in roles.all_roles() if role.name != roles.ADMINISTRATOR]
    return {name: UserFactory(roles=[name]) for name in names}


@EVERY_TYPE
class TestEveryPageType:
    def test_is_previewed_and_rendered_in_either_direction(self, made, languages):
        html = parse(made.make_preview_request(preview_mode=made.default_preview_mode).content.decode())
        assert len(html.all("h1")) == 1

        if isinstance(made, GroupPage):  # for its members alone, at another address
            with pytest.raises(LookupError):
                services.render_paths([tree.page_path(made)])
            return
        for above in made.get_ancestors(inclusive=True).filter(depth__gt=1):
            in_language(above.specific, languages["ar"], title="عنوان")
        arabic = made.get_translation(languages["ar"])

        render_only(tree.page_path(made), tree.page_path(arabic))

        for page, direction in ((made, "ltr"), (arabic, "rtl")):
            html = parse(FileStore().file(tree.page_path(page)).read_text())
            assert (html.one("html")["lang"], html.one("html")["dir"]) == (
                page.locale.language_code,
                direction,
            )
            assert [heading.text.strip() for heading in html.all("h1")] == [page.title]

    def test_is_written_by_others_than_administrators(self, people, made):
        """A home page belongs to the administrators, and its translations to the translators."""
        roles.sync()  # once more, because a page may be the first of its type

        may = [name for name, person in people.items() if made.permissions_for_user(person).can_edit()]

        assert bool(may) is not made.is_home
