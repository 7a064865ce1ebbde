"""Rate-limited forms that people send without signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import redirect
from django.views.generic import FormView

from core.doors import proof
from core.doors.limits import Refusal, consume

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse
    from django_stubs_ext import StrOrPromise

    from core.doors.limits import Limit

# Seconds after which another try can succeed, by the status of a refusal.
RETRY_AFTER = {429: "3600", 503: "60"}


class LimitedFormView(FormView):  # type: ignore[type-arg]  # Django's own has no argument
    """A rate-limited form. A refused visitor keeps what they wrote, and sees why.

    It needs `title`, `template_name`, `form_class`, `limits()`, `process()`, and in `done` the URL name of the thank-you page. With
    `needs_proof`, the visitor's browser has to do some work first (`core.doors.proof`).
    """

    http_method_names = ["get", "head", "post"]
    title: StrOrPromise = ""
    done = ""
    needs_proof = False

    def limits(self, form: forms.Form) -> Iterable[tuple[Limit, str]]:
        """Return the limits that sending this form counts against, each with its key."""
        raise NotImplementedError

    def process(self, form: forms.Form) -> None:
        """Do what the form asks for."""
        raise NotImplementedError

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            if self.needs_proof:
                proof.check(self.request.POST.get("proof", ""))
            for limit, key in self.limits(form):
                consume(limit, key)
        except Refusal as refusal:
            return self.refuse(form, refusal)
        self.process(form)
        return redirect(self.done)

    def refuse(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        form.add_error(None, str(refusal.sentence))
        response = self.render_to_response(self.get_context_data(form=form), status=refusal.status)
        if refusal.status in RETRY_AFTER:
            response["Retry-After"] = RETRY_AFTER[refusal.status]
        return response

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        if self.needs_proof:
            kwargs["challenge"] = proof.challenge()
        return super().get_context_data(title=self.title, **kwargs)
