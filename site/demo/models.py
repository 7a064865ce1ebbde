from django.db import models
from django.utils.translation import gettext_lazy as _


class Mail(models.Model):
    """An email that the demonstration stored instead of sending."""

    sent_at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    sender = models.CharField(_("from"), max_length=1000)
    recipients = models.TextField(_("to"))
    reply_to = models.TextField(_("reply to"), blank=True)
    subject = models.CharField(_("subject"), max_length=1000)
    text = models.TextField(_("text"), blank=True)
    # [{"type": "text/html", "content": "…"}]: shown as source, never rendered.
    alternatives = models.JSONField(_("other formats"), default=list)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ("-sent_at", "-pk")

    def __str__(self) -> str:
        return self.subject
