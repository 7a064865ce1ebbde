"""The outbox in the admin: waiting mail, failed mail with the reasons, and a button to retry."""

from collections.abc import Collection
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages

from core.admin.views import AdminView
from core.languages.lazy import StrOrPromise
from core.mail import kinds, outbox
from core.models import OutgoingMail
from core.models.background import OutgoingMailQuerySet

PERMISSION = "core.change_sitesettings"
SHOWN = 100  # of each table

UNREACHABLE = _("The mail server cannot be reached.")
TIMED_OUT = _("The mail server did not respond in time, or closed the connection.")
# By the name of the exception.
REASONS = {
    "ConnectionRefusedError": UNREACHABLE,
    "gaierror": _("The mail server named in the settings cannot be found."),
    "TimeoutError": TIMED_OUT,
    "SMTPServerDisconnected": TIMED_OUT,
    "SMTPAuthenticationError": _("The mail server does not accept our user name and password."),
    "SMTPSenderRefused": _("The mail server does not accept mail from our address."),
    "ExpiredError": _("It was not delivered in time. Its text and address have been deleted."),
    outbox.RESTORED: _("A backup was restored, and it may have been delivered before that."),
    "ValueError": _("The address or the message is not valid."),
}
FINAL = {
    "SMTPRecipientsRefused": _("The mail server has refused this address permanently."),
    "SMTPDataError": _("The mail server has refused this email permanently."),
}
LATER = _("The mail server asked us to try again later.")


def reason(mail: OutgoingMail) -> StrOrPromise:
    """Return why a mail has not been delivered, as a sentence; empty if it has not been tried."""
    if not mail.error:
        return ""
    if mail.error in FINAL:
        return FINAL[mail.error] if (mail.code or 0) >= 500 else LATER
    return REASONS.get(mail.error) or _("It could not be delivered.")


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A mail as the admin shows it, without its content."""

    mail: OutgoingMail

    @property
    def title(self) -> StrOrPromise:
        return kinds.title(self.mail.kind)

    @property
    def addressee(self) -> str:
        return kinds.addressee(self.mail)

    @property
    def reason(self) -> StrOrPromise:
        return reason(self.mail)

    @property
    def details(self) -> str:
        return " ".join(str(part) for part in (self.mail.error, self.mail.code) if part)

    @property
    def can_be_tried(self) -> bool:
        return self.mail.error != "ExpiredError"


class OutboxView(AdminView, TemplateView):
    """All undelivered mail, or only the kinds in `only`."""

    template_name = "core/outbox.html"
    page_title: StrOrPromise = _("Mail")
    header_icon = "mail"
    permission = PERMISSION
    only: Collection[str] | None = None

    def mails(self) -> OutgoingMailQuerySet:
        mails = OutgoingMail.objects.all()
        return mails if self.only is None else mails.filter(kind__in=self.only)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        waiting, failed = self.mails().waiting().order_by("due_at", "pk"), self.mails().failed()
        return super().get_context_data(
            waiting=self.rows(waiting),
            failed=self.rows(failed),
            more_waiting=max(0, waiting.count() - SHOWN),
            more_failed=max(0, failed.count() - SHOWN),
            stalled=outbox.is_stalled(),
            days=outbox.FAILED_KEPT.days,
            **kwargs,
        )

    def rows(self, mails: OutgoingMailQuerySet) -> list[OutboxRow]:
        return [OutboxRow(mail) for mail in mails.prefetch_related("about")[:SHOWN]]

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        action = request.POST.get("action")
        if action == "all":
            count = outbox.try_again(self.mails())
            text = ngettext("%(n)s email is being sent again.", "%(n)s emails are being sent again.", count)
            messages.success(request, text % {"n": count})
        else:
            key = request.POST.get("mail", "")
            mails = self.mails().filter(pk=int(key) if key.isdecimal() and len(key) < 19 else 0)
            if action == "again" and outbox.try_again(mails):
                messages.success(request, gettext("The email is being sent again."))
            elif action == "drop" and mails.delete()[0]:
                messages.success(request, gettext("The email has been deleted."))
            else:
                messages.warning(request, gettext("That email has already been sent, or has expired."))
        return HttpResponseRedirect(request.path)
