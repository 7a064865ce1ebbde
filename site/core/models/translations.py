from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TranslationImport(models.Model):
    """An uploaded file of translations, and the progress of its import.

    Written only in `core.languages.exchange.importing`.
    """

    class Stage(models.TextChoices):
        QUEUED = "queued", _("waiting to be read")
        READING = "reading", _("being read")
        DONE = "done", _("read")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    RUNNING = (Stage.QUEUED, Stage.READING)

    name = models.CharField(_("file"), max_length=200)
    upload = models.ForeignKey("wagtailcore.UploadedFile", null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(_("state"), max_length=20, choices=Stage, default=Stage.QUEUED)
    problem = models.CharField(_("problem"), max_length=20, blank=True)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    changed_at = models.DateTimeField(_("last progress"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("import of translations")
        verbose_name_plural = _("imports of translations")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.name}: {self.get_stage_display()}"

    @property
    def is_running(self) -> bool:
        return self.stage in self.RUNNING


class ImportedDocument(models.Model):
    """The outcome of an import for the texts of one page, or of one row of a wording."""

    job = models.ForeignKey(TranslationImport, on_delete=models.CASCADE, related_name="documents")
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=255, blank=True)
    url = models.CharField(max_length=255, blank=True)
    language = models.CharField(max_length=20, blank=True)
    # How many texts were taken, refused, were there already, or are empty.
    taken = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    empty = models.PositiveIntegerField(default=0)
    # The first of those that were refused or taken: [{"path", "source", "text", "because", "detail"}], without a reason
    # if taken.
    units = models.JSONField(default=list)

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=("job", "position"), name="a_document_is_imported_once")]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class MachineAttempt(models.Model):
    """The last machine translation of a translation's missing texts, and its result.

    Written only in `core.languages.machine`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("The machine translation is on its way. You can go on working.")
        DONE = "done", _("The machine has translated every missing text. They have not been reviewed yet.")
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


class KeptText(models.Model):
    """A text as a translator left it: that it is doubtful, and its words until their record is saved.

    The words of a page are `StringTranslation` rows of wagtail-localize. Other texts are saved as a whole, and some are
    public at that moment: until then their words are kept here.

    Written only in `core.languages.kept`.
    """

    wagtail_reference_index_ignore = True

    locale = models.ForeignKey("wagtailcore.Locale", on_delete=models.CASCADE, related_name="+")
    # As in `translating.models.Subject`.
    kind = models.CharField(max_length=50)
    key = models.CharField(max_length=64)
    # Digest of the place of the text and of its source: another source is another text.
    text = models.CharField(max_length=32)
    words = models.TextField(_("words"), blank=True)
    is_doubtful = models.BooleanField(_("marked as doubtful"), default=False)

    class Meta:
        verbose_name = _("text that a translator is working on")
        verbose_name_plural = _("texts that translators are working on")
        constraints = [models.UniqueConstraint(fields=["locale", "kind", "key", "text"], name="one_kept_text")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.locale_id}): {self.text}"
