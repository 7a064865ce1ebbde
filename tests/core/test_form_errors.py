"""Malformed requests to the private site get an error message instead of a server error.

`tests/users/access.csv` has every form sent empty.
"""

import pytest
from django.core.signing import BadSignature
from django.urls import reverse
from django.utils.datastructures import MultiValueDictKeyError

from core.admin.middleware import FormErrorMiddleware
from core.http import SiteKind
from tests.factories.core import StandardPageFactory
from tests.support.html import parse
from users.models import User


@pytest.fixture
def editor(private, db):
    private.force_login(User.objects.create_superuser("editor@example.org"))
    private.raise_request_exception = False
    return private


def is_answered(rf, exception: Exception, *, method: str = "post", site_kind: SiteKind = SiteKind.PRIVATE) -> bool:
    request = getattr(rf, method)("/admin/")
    request.site_kind, request.resolver_match = site_kind, None
    return FormErrorMiddleware(lambda request: None).process_exception(request, exception) is not None


@pytest.mark.parametrize("count", [{}, {"body-count": "many"}])
def test_a_text_without_the_number_of_its_blocks_is_refused(editor, home, count):
    page = StandardPageFactory(parent=home)

    response = editor.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), {"title": "Path", **count})

    assert response.status_code == 400
    assert parse(response.content.decode()).one("h1").text


def test_an_import_of_redirects_is_refused_without_our_signature(editor):
    response = editor.post(
        reverse("wagtailredirects:process_import"), {"import_file_name": "/etc/passwd", "input_format": "0"}
    )

    assert response.status_code == 400


def test_a_link_without_an_address_is_refused(editor):
    assert editor.post(reverse("wagtailadmin_choose_page_external_link")).status_code == 400


@pytest.mark.parametrize("language", ["en", "ar"])
def test_opening_the_address_of_a_form_shows_an_error_page(editor, language):
    response = editor.get(reverse("network:pause").replace("/en/", f"/{language}/"))

    page = parse(response.content.decode())
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert page.one("html")["lang"] == language
    assert page.one("h1").text


def test_what_is_wrong_with_us_stays_an_error(rf):
    assert not is_answered(rf, KeyError("ours"))
    assert not is_answered(rf, ValueError("ours"))
    assert not is_answered(rf, MultiValueDictKeyError("ours"), method="get")
    assert not is_answered(rf, MultiValueDictKeyError("ours"), site_kind=SiteKind.PUBLIC)
    assert not is_answered(rf, BadSignature("ours"))
    assert is_answered(rf, MultiValueDictKeyError("theirs"))
