"""Links that are keys: whoever has one sees something, without an account, until it expires or is revoked (`campaigns.partners.tokens`)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.partners.querysets import SecretLinkQuerySet


class SecretLink(models.Model):
    """Abstract base of such links. Only a digest of the key is kept, and nothing of who opens it."""

    class State(models.TextChoices):
        OPEN = "open", _("works")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(_("made on"), default=timezone.now)
    expires_at = models.DateTimeField(_("works until"))
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = SecretLinkQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("-made_at", "-pk")

    @property
    def state(self) -> State:
        if self.revoked_at is not None:
            return self.State.REVOKED
        return self.State.OPEN if self.expires_at > timezone.now() else self.State.EXPIRED

    def revoke(self) -> bool:
        """End the link now; return whether it was open."""
        return bool(type(self).objects.open().filter(pk=self.pk).update(revoked_at=timezone.now()))

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
