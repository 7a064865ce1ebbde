from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.validators import URLValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Page, Site

from core.publishing import approval

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def footer_page(label: _StrPromise) -> models.ForeignKey[Page | None]:
    return models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=label,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )


# Where the quick exit leads unless an address is chosen.
DEFAULT_EXIT = "https://www.wikipedia.org/"


class ApprovedByTwo(models.Model):
    """What one user has proposed for readers, and another one approves.

    It does not change: another one is proposed, and this one is deleted.
    """

    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("proposed by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("approved by"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, editable=False)

    class Meta:
        abstract = True

    def approve(self, by: approval.Author) -> None:
        """Approve it.

        The form asks `core.publishing.approval` who may; `by` is None on the server's console.
        """
        self.approved_by_id, self.approved_at = by, timezone.now()
        self.save()


class ExitAddress(ApprovedByTwo):
    """A neutral website to which the quick exit may lead once a second person has approved it."""

    url = models.URLField(
        _("address"),
        unique=True,
        validators=[URLValidator(schemes=("https",))],
        help_text=_(
            "A neutral page that needs no explanation: news, weather, an encyclopedia. Not a personalised page."
        ),
    )

    class Meta:
        verbose_name = _("exit address")
        verbose_name_plural = _("exit addresses")
        ordering = ("url",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("proposed_by")), name="exit_addresses_take_two_people"
            )
        ]

    def __str__(self) -> str:
        return self.url


def settings_in_words() -> list[str]:
    """Return each setting of the installed apps that takes two people, as the label of its model and its field."""
    models = [model for model in apps.get_models() if issubclass(model, ApprovedSettings)]
    return [f"{model._meta.label}.{name}" for model in models for name in model.words()]


class SettingProposalQuerySet(models.QuerySet["SettingProposal"]):
    def installed(self) -> SettingProposalQuerySet:
        """Leave out settings of an app that was taken out of the site."""
        return self.filter(setting__in=settings_in_words())


class SettingProposal(ApprovedByTwo):
    """Words or a contact for readers in the settings: stored there once a second person has approved them."""

    # The label of the model and the name of the field.
    setting = models.CharField(_("setting"), max_length=100)
    value = models.CharField(_("new value"), max_length=254, blank=True)

    objects = SettingProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed setting")
        verbose_name_plural = _("proposed settings")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("proposed_by")), name="proposed_settings_take_two_people"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"

    @property
    def model(self) -> type[ApprovedSettings]:
        model: type[ApprovedSettings] = apps.get_model(self.setting.rpartition(".")[0])
        return model

    @property
    def field(self) -> models.Field[Any, Any]:
        field: models.Field[Any, Any] = self.model._meta.get_field(self.setting.rpartition(".")[2])
        return field

    @property
    def name(self) -> str:
        names = {"settings": capfirst(self.model._meta.verbose_name), "field": self.field.verbose_name}
        return gettext("%(settings)s, %(field)s") % names

    @transaction.atomic
    def approve(self, by: approval.Author) -> None:
        super().approve(by)
        for site in Site.objects.all():
            row = self.model.for_site(site)
            setattr(row, self.field.name, self.value)
            row.save()


# In the form of the settings.
HELP = HelpPanel(_("Names and addresses take two people: propose another one under “Settings → Proposed settings”."))


class ApprovedSettingsQuerySet(models.QuerySet[Any]):
    """Settings, of which a statement changes no words."""

    def update(self, **values: Any) -> int:
        self.model.refuse(set(values) & set(self.model.words()))
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]  # as Django's own


class ApprovedSettings(BaseSiteSetting):
    """Settings of which one user alone changes no words and no contact.

    The form shows them; another value is a `SettingProposal`.
    Which fields one user may change is declared by `one_person_changes` below: a new field takes two people.
    """

    objects = ApprovedSettingsQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def words(cls) -> list[str]:
        """Return the names of the fields that take two people."""
        names = [field.name for field in cls._meta.concrete_fields if not field.primary_key]
        return [name for name in names if not approval.takes_one(cls, before={}, after={}, changed=[name])]

    @classmethod
    def refuse(cls, names: Collection[str]) -> None:
        """Raise SecondPersonRequiredError if any field is named."""
        if names:
            raise approval.SecondPersonRequiredError(
                gettext("Words and contacts in the settings take two people: propose them under “Proposed settings”.")
            )

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Store the row, as `save()` does.

        Raises SecondPersonRequiredError for words other than those that two people approved last.
        A new row may begin with any.
        """
        stored = type(self)._default_manager.filter(pk=self.pk).first() if self.pk else None
        if stored is not None:
            fields: Iterable[str] | None = kwargs.get("update_fields")
            names = [name for name in self.words() if fields is None or name in fields]
            changed = [name for name in names if getattr(self, name) != getattr(stored, name)]
            self.refuse([name for name in changed if getattr(self, name) != self._approved(name)])
        super().save_base(*args, **kwargs)

    def _approved(self, name: str) -> str | None:
        """Return the value of a field that two people approved last; None if they never did."""
        approved = SettingProposal.objects.filter(setting=f"{self._meta.label}.{name}", approved_at__isnull=False)
        return approved.order_by("-approved_at", "-pk").values_list("value", flat=True).first()


def one_person_changes(model: type[models.Model]) -> Mapping[str, approval.AllowedChange]:
    """Allow one user to choose, in the settings, what others have published or approved, and to switch."""
    if not issubclass(model, ApprovedSettings):
        return {}
    chosen = (models.ForeignKey, models.BooleanField)
    return {field.name: approval.freely for field in model._meta.concrete_fields if isinstance(field, chosen)}


@register_setting(icon="cog")
class SiteSettings(ApprovedSettings):
    """The operator's settings for all pages of the site."""

    # The pages that every page links to in its footer, in this order.
    FOOTER = ("contact", "privacy", "accessibility", "legal_notice")
    # All that every page links to.
    LINKED = ("after_harm", *FOOTER)

    name = models.CharField(_("name of the site"), max_length=100, default="Waymark")
    exit = models.ForeignKey(
        ExitAddress,
        verbose_name=_("quick exit leads to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"approved_at__isnull": False},
        help_text=_(
            "An approved address of the list “Exit addresses” in the settings. Without a choice, it leads to Wikipedia."
        ),
    )
    after_harm = footer_page(_("page for people who were harmed"))
    contact = footer_page(_("contact"))
    privacy = footer_page(_("privacy notice"))
    accessibility = footer_page(_("accessibility statement"))
    legal_notice = footer_page(_("legal notice"))

    panels = [
        HELP,
        FieldPanel("name", read_only=True),
        FieldPanel("exit"),
        MultiFieldPanel(
            [FieldPanel(name) for name in LINKED],
            heading=_("In the footer of every page"),
            help_text=_(
                "Choose the pages in the source language. "
                "Readers see them in their own language once they are translated."
            ),
        ),
    ]
    select_related = ("exit", *LINKED)

    class Meta:
        verbose_name = _("site settings")

    @property
    def exit_url(self) -> str:
        """Return where the quick exit leads: only to an address that two people have approved."""
        return self.exit.url if self.exit is not None and self.exit.approved_at is not None else DEFAULT_EXIT
