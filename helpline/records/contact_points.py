from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from core.languages.bidi import left_to_right
from helpline.approval.mixins import ApprovedPart
from helpline.approval.querysets import ApprovedPartQuerySet
from helpline.records.fields import LanguagesField, SeesField
from helpline.records.listings import Dialled, is_web_address
from helpline.vocabulary.codes import Channel, Cost, Sees, YesNo


class ContactPoint(ApprovedPart, Dialled, Orderable):
    """One way to reach a programme, with the languages in which it answers there.

    Language, channel and cost must match on the same contact point: a phone line in German and an email address in English do not make
    an English phone line.
    """

    programme = ParentalKey("helpline.Programme", on_delete=models.CASCADE, related_name="contact_points")
    uuid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(
        _("channel"),
        max_length=20,
        choices=Channel,
        blank=True,
        help_text=_("If left empty: not known; see the website."),
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    url = models.CharField(_("web address"), max_length=500, blank=True, validators=[is_web_address])
    address = models.CharField(_("postal address"), max_length=300, blank=True)
    languages = LanguagesField(
        _("languages"), help_text=_("Those in which it answers without an interpreter.")
    )
    sees = SeesField(
        _("what they can see about the caller"),
        help_text=_("Without being told. If left empty, it is shown as not known."),
    )
    cost = models.CharField(_("cost"), max_length=10, choices=Cost, default=Cost.UNKNOWN)
    from_abroad = models.CharField(
        _("reachable from abroad"), max_length=10, choices=YesNo, default=YesNo.UNKNOWN
    )
    on_bill = models.CharField(
        _("appears on the phone bill"), max_length=10, choices=YesNo, default=YesNo.UNKNOWN
    )
    answerphone = models.CharField(_("answerphone"), max_length=10, choices=YesNo, default=YesNo.UNKNOWN)
    interpreter = models.CharField(
        _("interpreter on request"), max_length=10, choices=YesNo, default=YesNo.UNKNOWN
    )

    objects = ApprovedPartQuerySet.as_manager()
    owner_field, owner_relation = "programme", "contact_points"

    class Meta(Orderable.Meta):
        base_manager_name = "objects"
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {left_to_right(self.number or self.email or self.url)}".strip()

    def clean(self) -> None:
        super().clean()
        if Sees.NOTHING in self.sees and len(self.sees) > 1:
            raise ValidationError({"sees": gettext("Choose either “nothing” or what they see.")})
