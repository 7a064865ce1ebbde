"""Request to join the network, and confirmation of the address."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from core import links
from core.admin.views import LimitedFormView
from core.http.limits import Limit, client_address
from network import row_locks, tokens
from network.joining import services as joining
from network.members.access import broken_link, closed_link, link_problem, mail_sent, render_page
from network.members.forms import ProfileTextsForm, WorkForm
from network.members.models import Member
from network.members.views import directory_url
from network.models import NetworkSettings

JOIN_FROM_ADDRESS = Limit(name="join-from", times=20, seconds=60 * 60)
JOIN_WITH_EMAIL = Limit(name="join-with", times=3, seconds=60 * 60)


class JoinForm(ProfileTextsForm, WorkForm):
    """A request to join the network."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Who is joining"),
        choices=Member.Kind,
        widget=forms.RadioSelect,
        initial=Member.Kind.PERSON,
    )
    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        max_length=254,
        help_text=gettext_lazy("Use your work address if you have one. It is never shown."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    consent = forms.BooleanField(
        label=gettext_lazy("I have read this and agree that my request is kept and read"),
        error_messages={"required": gettext_lazy("Without your consent we may not keep your request.")},
    )

    field_order = (
        "kind", "name", "email", "affiliation", "ror", "orcid", "roles", "country", "languages", "expertise", "about",
        "offers", "needs", "work_settings", "methods", "populations", "has_page", "consent",
    )  # fmt: skip

    @property
    def request(self) -> dict[str, Any]:
        """Return the cleaned data for `services.request_to_join`, without email address and consent."""
        return self.work | self.texts | {"kind": self.cleaned_data["kind"]}


class JoinView(LimitedFormView):
    """Ask to join.

    The response is the same for known and unknown addresses.
    """

    template_name = "network/joining/join.html"
    form_class = JoinForm
    prefix = "join"
    title = gettext_lazy("Join the network")
    needs_proof = True
    done = "network:join-sent"

    def limits(self, form: Form) -> Iterator[tuple[Limit, str]]:
        yield JOIN_FROM_ADDRESS, client_address(self.request)
        yield JOIN_WITH_EMAIL, form.cleaned_data["email"].lower()

    def process(self, form: Form) -> None:
        assert isinstance(form, JoinForm)  # noqa: S101  (for the type checker)
        joining.request_to_join(
            email=form.cleaned_data["email"].lower(), language=translation.get_language(), **form.request
        )

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(contact=NetworkSettings.contact(), directory_url=directory_url(), **kwargs)


join_sent = mail_sent("joining/join_sent")


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Show a button on GET and confirm on POST, because mail scanners open links."""
    try:
        member = tokens.read(links.opened_token(request, key), tokens.CONFIRM)
        if request.method == "POST":
            joining.confirm(member=member)
            return redirect("network:confirmed")
    except links.MalformedLinkError:
        return broken_link(request, again="network:join")
    except links.LinkNotOpenError:
        return closed_link(request)
    except links.ExpiredLinkError:
        text = _("It worked for 7 days, then the request was deleted. You are welcome to ask again.")
        return link_problem(request, _("This link is too old"), text, again="network:join")
    except (links.UsedLinkError, row_locks.InvalidStateError):
        text = _(
            "This link works only once, and it has been used. Your request is with us, "
            "and you do not need to do anything more."
        )
        return link_problem(request, _("You have already confirmed"), text)
    return render_page(request, "joining/confirm", title=_("Confirm your request"), member=member)


@require_safe
def confirmed(request: HttpRequest) -> HttpResponse:
    return render_page(
        request,
        "joining/confirmed",
        title=_("Thank you. A person will now read your request"),
        directory_url=directory_url(),
    )
