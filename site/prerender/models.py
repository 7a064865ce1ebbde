"""The state of prerendering: recorded changes, the render queue, and the prerendered addresses."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """Source of the content of an address."""

    PAGE = "page", _("page")
    OTHER = "other", _("other address")
    MOVED = "moved", _("redirect")
    DOCUMENT = "document", _("document")
    ERROR = "error", _("error page")


def this_host() -> str:
    """Return the name of the machine whose prerendered files this process keeps; empty if there is one folder only."""
    return str(settings.PRERENDER_HOST)


class OwnManager[Row: models.Model](models.Manager[Row]):
    """The rows about the folder of this machine.

    `everywhere` has those of all machines.
    """

    def get_queryset(self) -> models.QuerySet[Row]:
        return super().get_queryset().filter(host=this_host())


class PrerenderHostQuerySet(models.QuerySet["PrerenderHost"]):
    def others(self) -> "PrerenderHostQuerySet":
        return self.exclude(name=this_host())

    def names(self) -> list[str]:
        return list(self.order_by("name").values_list("name", flat=True))


class PrerenderHost(models.Model):
    """A machine with its own folder of prerendered files (`prerender.store.hosts`).

    There is none where all machines share one folder.
    """

    name = models.CharField(max_length=20, unique=True)
    seen_at = models.DateTimeField(auto_now_add=True)

    objects = PrerenderHostQuerySet.as_manager()

    class Meta:
        verbose_name = _("rendering machine")
        verbose_name_plural = _("rendering machines")

    def __str__(self) -> str:
        return self.name


class Withdrawal(models.Model):
    """An address, or a picture, that is no longer public, and that a machine has yet to remove from its folder."""

    host = models.CharField(max_length=20)
    path = models.CharField(max_length=2000)
    noted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("address to take away")
        verbose_name_plural = _("addresses to take away")
        constraints = [models.UniqueConstraint(fields=["host", "path"], name="prerender_withdrawal_once")]

    def __str__(self) -> str:
        return f"{self.host}: {self.path}"


class PendingChange(models.Model):
    """A change whose addresses have not been worked out yet.

    Written in the transaction of the change itself, so that neither exists without the other; and append-only, so that
    concurrent changes never wait for each other.
    Names either an object or a `pattern`: a path, a path that ends with `*`, or a `Kind` in angle brackets, alone
    (`<document>`) or with a primary key (`<page 7>`).
    """

    pattern = models.CharField(max_length=2000, blank=True)
    model = models.CharField(max_length=200, blank=True)  # such as `helpline.programme`
    object_id = models.CharField(max_length=100, blank=True)
    # Whether the object was moved, removed from view or renamed: then pages below it and pages that link to it change
    # as well.
    moved = models.BooleanField(default=False)
    # Whether it takes something away that could harm a reader, such as a wrong number: everything that showed it is
    # rendered before anything else.
    is_withdrawal = models.BooleanField(default=False, db_default=False)
    # Whether a task was queued for it.
    announced = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("change to render")
        verbose_name_plural = _("changes to render")

    def __str__(self) -> str:
        return self.pattern or f"{self.model} {self.object_id}"


class PendingPath(models.Model):
    """An address in the render queue.

    Append-only; an address that is queued twice is rendered once.
    """

    class Urgency(models.IntegerChoices):
        WITHDRAWN = -1
        NOW = 0
        SOON = 1
        WHOLE_SITE = 2

    host = models.CharField(max_length=20, blank=True, default=this_host)
    path = models.CharField(max_length=2000)
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.CharField(max_length=100, blank=True)
    urgency = models.SmallIntegerField(choices=Urgency, default=Urgency.SOON)
    noted_at = models.DateTimeField(auto_now_add=True)

    objects = OwnManager["PendingPath"]()
    everywhere = models.Manager["PendingPath"]()

    class Meta:
        verbose_name = _("address to render")
        verbose_name_plural = _("addresses to render")
        indexes = [models.Index(fields=["host", "urgency", "id"], name="prerender_due_in_order")]

    def __str__(self) -> str:
        return self.path


class RenderVersion(models.Model):
    """The version of the software that may render: one row, or none if every version may.

    `manage.py upgrade` writes it.
    From then on, a running process of another version renders nothing.
    """

    digest = models.CharField(max_length=16)
    since = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("rendering version")
        verbose_name_plural = _("rendering versions")

    def __str__(self) -> str:
        return self.digest


class RenderResult(NamedTuple):
    path: str
    rendered_at: datetime | None
    size: int | None
    compressed: int | None
    refused: str
    pictures: str = ""  # their addresses, separated by spaces
    checksum: str = ""
    recognisable: bool = False


class PrerenderedPathQuerySet(models.QuerySet["PrerenderedPath"]):
    def of_pages(self, keys: list[int]) -> "PrerenderedPathQuerySet":
        return self.filter(kind=Kind.PAGE, source__in=[str(key) for key in keys])

    def save_results(self, found: Iterable[RenderResult]) -> None:
        """Save results in one statement: `bulk_update` takes longer than rendering the pages."""
        rows = list(found)
        if not rows:
            return
        columns = [list(column) for column in zip(*rows, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE prerender_prerenderedpath AS old SET "
                "rendered_at = new.rendered_at, size = new.size, compressed = new.compressed, "
                "refused = new.refused, pictures = string_to_array(new.pictures, ' '), "
                "checksum = new.checksum, recognisable = new.recognisable FROM unnest("
                "%s::text[], %s::timestamptz[], %s::integer[], %s::integer[], %s::text[], %s::text[], %s::text[], "
                "%s::boolean[]) "
                "AS new(path, rendered_at, size, compressed, refused, pictures, checksum, recognisable) "
                "WHERE old.path = new.path AND old.host = %s",
                [*columns, this_host()],
            )

    def refused(self) -> "PrerenderedPathQuerySet":
        return self.exclude(refused="")

    def recognisable(self) -> "PrerenderedPathQuerySet":
        return self.filter(recognisable=True)

    def pictures(self) -> set[str]:
        return {picture for shown in self.values_list("pictures", flat=True) for picture in shown}

    def unused_among(self, pictures: Iterable[str]) -> set[str]:
        """Return those of these pictures that none of these pages shows."""
        asked = set(pictures)
        return asked - self.filter(pictures__overlap=sorted(asked)).pictures() if asked else set()


OwnPrerenderedPathManager = OwnManager.from_queryset(PrerenderedPathQuerySet)


class PrerenderedPath(models.Model):
    """An address that has a file, or that should have one and was refused.

    The row exists before the file does.
    """

    host = models.CharField(max_length=20, blank=True, default=this_host)
    path = models.CharField(_("address"), max_length=2000)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    # The primary key of the page, redirect or document.
    source = models.CharField(max_length=100, blank=True)
    rendered_at = models.DateTimeField(_("last updated"), null=True)
    size = models.PositiveIntegerField(_("bytes"), null=True)
    compressed = models.PositiveIntegerField(_("bytes with Brotli"), null=True)
    # Why the last attempt was refused; the previous file stays.
    refused = models.TextField(_("refused because"), blank=True)
    # The addresses of the pictures that the page shows.
    # A picture is public while a row names it, so its name is added before its file is put in place.
    pictures = ArrayField(models.CharField(max_length=100), blank=True, default=list)
    # The checksum of everything stored for the address; empty if nothing is.
    checksum = models.CharField(max_length=64, blank=True)
    # Whether encrypted traffic shows which sensitive page this is, as its files have none of the sizes of their kind.
    recognisable = models.BooleanField(default=False, db_default=False)

    objects = OwnPrerenderedPathManager()
    everywhere = PrerenderedPathQuerySet.as_manager()

    class Meta:
        verbose_name = _("public page")
        verbose_name_plural = _("public pages")
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["path", "host"], name="prerender_path_once")]
        indexes = [
            models.Index(fields=["kind", "source"], name="prerender_path_source"),
            GinIndex(fields=["pictures"], name="prerender_path_pictures"),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def kind_name(self) -> str | Promise:
        return Kind(self.kind).label
