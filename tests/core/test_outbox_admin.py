"""The outbox in the admin: undelivered mail, the reasons, and retries."""

import pytest
from django.utils import timezone

from core.mail import outbox
from core.models import OutgoingMail
from helpline.roles import LISTING_DRAFTER
from tests.factories.core import OutgoingMailFactory
from tests.factories.network import LetterFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import MailServer, delivered, nothing_listens, serving
from tests.support.queries import queries
from users import roles

pytestmark = pytest.mark.django_db
URL = "/admin/reports/mail/"


@pytest.fixture
@cached_fixture
def administrator(home):
    roles.sync()
    return UserFactory(roles=[roles.ADMINISTRATOR])


@pytest.fixture
def in_admin(private, administrator, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    private.force_login(administrator)
    return private


class TestPermission:
    def test_is_that_of_administrators(self, private, home, settings):
        settings.SECOND_FACTOR_REQUIRED = False
        roles.sync()
        private.force_login(UserFactory(roles=[LISTING_DRAFTER]))
        mail = OutgoingMailFactory()

        private.post(URL, {"mail": mail.pk, "action": "drop"})

        assert private.get(URL).status_code == 302
        assert OutgoingMail.objects.get() == mail


class TestPage:
    def test_reports_that_all_mail_was_delivered(self, in_admin):
        assert "All mail has been delivered." in in_admin.get(URL).content.decode()

    def test_shows_to_whom_and_why_not_but_no_words(self, in_admin):
        OutgoingMailFactory(recipient="ana@example.org")
        with serving(MailServer(recipient="550 5.1.1 No such user")):
            delivered()

        page = in_admin.get(URL).content.decode()

        assert "ana@example.org" in page
        assert "refused this address permanently" in page
        assert "SMTPRecipientsRefused 550" in page
        assert "Words." not in page

    def test_reports_a_failing_mail_server(self, in_admin):
        OutgoingMailFactory()
        with nothing_listens():
            delivered()

        page = in_admin.get(URL).content.decode()

        assert "The mail server is not taking mail at the moment." in page
        assert "The mail server cannot be reached." in page

    def test_tells_refused_for_now_from_refused_for_good(self, in_admin):
        OutgoingMailFactory()
        with serving(MailServer(recipient="450 Greylisted")):
            delivered()

        assert "asked us to try again later" in in_admin.get(URL).content.decode()

    def test_shows_a_kind_that_is_gone_by_its_name(self, in_admin):
        OutgoingMailFactory(kind="old.kind", failed_at=timezone.now(), error="KeyError")

        assert "old.kind" in in_admin.get(URL).content.decode()

    def test_takes_the_same_queries_for_few_and_many(self, in_admin):
        def look():
            assert in_admin.get(URL).status_code == 200

        OutgoingMailFactory(), LetterFactory()
        look()
        few = queries(look)
        OutgoingMailFactory.create_batch(5), LetterFactory.create_batch(5)

        assert queries(look) == few

    def test_shows_a_hundred_and_how_many_more(self, in_admin):
        OutgoingMailFactory.create_batch(102)

        assert "2 more are not shown." in in_admin.get(URL).content.decode()


class TestActions:
    def test_try_one_again(self, in_admin):
        one, other = OutgoingMailFactory.create_batch(2, failed_at=timezone.now(), error="SMTPDataError")

        in_admin.post(URL, {"mail": one.pk, "action": "again"})

        assert [mail.to for mail in delivered()] == [[one.recipient]]
        assert OutgoingMail.objects.get() == other

    def test_try_all_again(self, in_admin):
        OutgoingMailFactory.create_batch(2, failed_at=timezone.now(), error="SMTPDataError")

        page = in_admin.post(URL, {"action": "all"}, follow=True).content.decode()

        assert "2 emails are being sent again." in page
        assert len(delivered()) == 2

    def test_delete_one(self, in_admin):
        one, other = OutgoingMailFactory.create_batch(2)

        in_admin.post(URL, {"mail": one.pk, "action": "drop"})

        assert OutgoingMail.objects.get() == other

    @pytest.mark.parametrize("key", ["", "x", "0", "9" * 30, "-1", "\x00", "²"])
    @pytest.mark.parametrize("action", ["again", "drop", "nonsense"])
    def test_do_no_harm_with_what_is_not_there(self, in_admin, key, action):
        mail = OutgoingMailFactory()

        assert in_admin.post(URL, {"mail": key, "action": action}).status_code == 302
        assert OutgoingMail.objects.get() == mail


class TestStartPage:
    def test_tells_of_mail_that_was_given_up(self, in_admin):
        OutgoingMailFactory(failed_at=timezone.now())

        assert "Mail that could not be delivered" in in_admin.get("/admin/").content.decode()

    def test_tells_of_a_mail_server_that_does_not_work(self, in_admin):
        OutgoingMailFactory()
        with nothing_listens():
            delivered()

        assert outbox.is_stalled()
        assert "The mail server is not taking mail" in in_admin.get("/admin/").content.decode()

    def test_does_not_mention_mail_on_its_way(self, in_admin):
        OutgoingMailFactory()

        assert (
            "mail"
            not in in_admin.get("/admin/")
            .context["panels"][0]
            .render_html({"request": in_admin.get("/admin/").wsgi_request})
            .lower()
        )
