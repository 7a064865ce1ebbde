from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MachineAttempt(models.Model):
    """The last time that somebody asked a machine for the missing texts of a translation, and what came of it.

    Written only in `core.languages.machine`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("The machine translation is on its way. You can go on working.")
        DONE = "done", _("The machine has translated every missing text. Nobody has reviewed them yet.")
        NOTHING = "nothing", _("There was nothing left to translate.")
        PARTLY = (
            "partly",
            _("Some texts came back without a link or an emphasis of the source: they are left to you."),
        )
        DOWN = "down", _("The translation service could not be reached, or refused. Nothing was changed.")
        SLOW = "slow", _("The translation service took too long. Nothing was changed.")
        HALF = "half", _("The translation service answered only in part. Nothing was changed.")

    translation = models.OneToOneField(
        "wagtail_localize.Translation", on_delete=models.CASCADE, related_name="machine_attempt"
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.WAITING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("machine translation")
        verbose_name_plural = _("machine translations")

    def __str__(self) -> str:
        return f"{self.translation_id}: {self.state}"
