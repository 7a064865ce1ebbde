"""Publications of members."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from network.members.models import Member
from network.publications.items import authors_of, url_of, year_of

# So many are a member's key outputs, which are shown first.
MOST_KEY_OUTPUTS = 5
MOST_WORKS = 200


class PublishedWork(models.Model):
    """A work of a member, as the item of CSL-JSON that `network.publications.items.kept` has left of what they gave."""

    wagtail_reference_index_ignore = True

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="works")
    item = models.JSONField(_("work"))
    # Derived from the item: what makes two works the same.
    doi = models.CharField("DOI", max_length=300, blank=True, editable=False)
    is_key = models.BooleanField(_("key output"), default=False)
    # Of the key outputs, in the order that the member chose; the others are in the order of their years.
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    year = models.PositiveSmallIntegerField(_("year"), default=0, editable=False)
    added_at = models.DateTimeField(_("added at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("work of a member")
        verbose_name_plural = _("works of members")
        ordering = ("-is_key", "position", "-year", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "doi"],
                condition=~models.Q(doi=""),
                name="one_work_of_a_member_for_each_doi",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.doi = self.item.get("DOI", "")
        self.year = int(year_of(self.item) or 0)
        super().save(*args, **kwargs)

    @property
    def title(self) -> str:
        title: str = self.item["title"]
        return title

    @property
    def authors(self) -> str:
        return "; ".join(authors_of(self.item))

    @property
    def container(self) -> str:
        """The journal, book or website that it is in."""
        container: str = self.item.get("container-title", "")
        return container

    @property
    def url(self) -> str:
        return url_of(self.item)

    @property
    def language(self) -> str:
        """The language that it is in, or "" if it is not known."""
        language: str = self.item.get("language", "")
        return language
