from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from network.models.members import Member


class LetterQuerySet(models.QuerySet["Letter"]):
    def due(self) -> LetterQuerySet:
        """Letters that should have gone by now and were not given up."""
        return self.filter(failed_at=None, due_at__lte=timezone.now()).order_by("due_at")

    def failed(self) -> LetterQuerySet:
        """Letters that were given up: a person has to look."""
        return self.exclude(failed_at=None).order_by("-failed_at")


class Letter(models.Model):
    """A mail that is still to be sent. What has gone is deleted; the text is written when it is sent, from what is true then."""

    class Kind(models.TextChoices):
        CONFIRM = "confirm", pgettext_lazy("kind of mail", "confirm your request")
        PROFILE_LINK = "profile_link", pgettext_lazy("kind of mail", "link to your profile")
        WELCOME = "welcome", pgettext_lazy("kind of mail", "you are a member")
        QUESTION = "question", pgettext_lazy("kind of mail", "a question about your request")
        DECLINED = "declined", pgettext_lazy("kind of mail", "your request was declined")

    # Part of the Message-ID: a receiver that gets the same letter twice can tell.
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, null=True, related_name="letters", verbose_name=_("member")
    )
    # For a profile link, which anybody may ask for: whether the address is a member's is looked up when the letter is sent.
    address = models.EmailField(_("email address"), blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    text = models.TextField(_("text"), blank=True, help_text=_("What the reviewer wrote."))

    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failed_at = models.DateTimeField(_("given up at"), null=True)
    error = models.CharField(_("error"), max_length=100, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(failed_at=None), name="letters_to_send")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.uuid})"
