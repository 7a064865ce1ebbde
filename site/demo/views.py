"""The demonstration's mailbox, open to everyone who can reach it: sign-in codes are read here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, ListView

from demo.models import Mail

if TYPE_CHECKING:
    from django.db.models import QuerySet


class MailboxView(ListView):  # type: ignore[type-arg]  # not generic when it runs
    model = Mail
    paginate_by = 50
    template_name = "demo/mailbox.html"
    context_object_name = "mails"
    extra_context = {"title": _("Demonstration mailbox")}

    def get_queryset(self) -> QuerySet[Mail]:
        return Mail.objects.defer("text", "alternatives")


class MailView(DetailView):  # type: ignore[type-arg]  # not generic when it runs
    model = Mail
    template_name = "demo/mail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=self.object.subject, **kwargs)
