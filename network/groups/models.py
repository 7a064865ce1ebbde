"""Working groups of members: a page for the group's members only, and the memberships."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self
from uuid import uuid4

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import PageManager, PagePermissionTester, PageViewRestriction
from wagtail.search import index
from wagtail.url_routing import RouteResult
from wagtail_localize.fields import SynchronizedField

from core.blocks import Prose
from core.http import private_url
from core.models import BasePage, StartPage, UploadedDocument
from core.publishing.lists import ListPage
from network.blocks import GroupFiles, Minutes
from network.directory.index_pages import IndexedPageQuerySet
from network.members.models import Member
from users.models import User


class GroupPageQuerySet(IndexedPageQuerySet):
    """Queryset of pages of groups."""

    def in_language(self, language: str) -> list[GroupPage]:
        """Return the live page of each group in a language or its fallbacks, by title.

        One query.
        """
        return sorted(self.nearest(language).values(), key=lambda page: page.title)


class GroupMembershipQuerySet(models.QuerySet["GroupMembership"]):
    def admitted(self) -> Self:
        return self.exclude(admitted_at=None)

    def asking(self) -> Self:
        """Return the requests that wait for the chair or the team."""
        return self.filter(admitted_at=None, member__state="listed")

    def chairs(self) -> Self:
        """Return the memberships of chairs who are listed."""
        return self.admitted().filter(is_chair=True, member__state="listed")


class GroupIndexPage(ListPage):
    """List of the announced groups in one language: their purpose, and how to ask to join."""

    section = "network.DirectoryPage"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["network.GroupPage"]
    start_page = StartPage("groups", "Groups")

    class Meta:
        verbose_name = _("list of groups")
        verbose_name_plural = _("lists of groups")

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, object]:
        context = super().get_context(request, *args, **kwargs)
        context["groups"] = [*GroupPage.objects.child_of(self).live().filter(is_announced=True).order_by("path")]
        context["groups_url"] = private_url("network:groups")
        return context


class KeptFromOthers(PagePermissionTester):
    """Permission tester that does not allow changing a group's view restriction."""

    def can_set_view_restrictions(self) -> bool:
        return False


class GroupPage(BasePage):
    """One group, in one language: a text, files and minutes, for its members alone.

    The page always has a view restriction, which keeps it out of prerendering, search and lists.
    Members read it at a URL of the members' area (`network.groups.views`), which checks their membership.
    Wagtail's restrictions know only the user groups of the admin, and members' accounts are in none.
    """

    parent_page_types = ["network.GroupIndexPage"]
    subpage_types: list[str] = []

    purpose = models.TextField(_("purpose"), max_length=400, help_text=_("One or two sentences. All members see it."))
    is_announced = models.BooleanField(
        _("announced"),
        default=False,
        help_text=_("Name and purpose are shown to everybody, on the public list of groups."),
    )
    body = StreamField(Prose(), verbose_name=_("text"), blank=True)
    files = StreamField(GroupFiles(), verbose_name=_("files"), blank=True)
    minutes = StreamField(Minutes(), verbose_name=_("minutes"), blank=True)

    content_panels = [
        *BasePage.content_panels,
        MultiFieldPanel([FieldPanel("purpose"), FieldPanel("is_announced")], heading=_("What others see")),
        FieldPanel("body"),
        FieldPanel("files"),
        FieldPanel("minutes"),
    ]
    search_fields = [*BasePage.search_fields, index.SearchField("purpose")]
    override_translatable_fields = [
        *BasePage.override_translatable_fields,
        SynchronizedField("is_announced", overridable=False),
    ]

    objects = PageManager.from_queryset(GroupPageQuerySet)()

    class Meta:
        verbose_name = pgettext_lazy("of members", "group")
        verbose_name_plural = pgettext_lazy("of members", "groups")

    def documents(self) -> Iterator[tuple[str, UploadedDocument]]:
        """Yield each file with the id of its block, which members' URLs use."""
        for part in [*self.files, *self.minutes]:
            if part.value["file"]:  # None if the document has been deleted
                yield part.id, part.value["file"]

    def permissions_for_user(self, user: User) -> PagePermissionTester:
        return KeptFromOthers(user, self)

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        if not self.view_restrictions.exists():
            # Restricted to user groups of the admin, with none selected.
            self.view_restrictions.create(restriction_type=PageViewRestriction.GROUPS)

    def render_blockers(self) -> list[str]:
        return [*super().render_blockers(), gettext("Groups are for their members.")]

    def publication_blockers(self) -> list[str]:
        reasons = super().publication_blockers()
        for _key, document in self.documents():
            if not document.collection.get_view_restrictions():
                name = {"title": document.title}
                reasons.append(
                    gettext("The file “%(title)s” is public. Please move it into a collection that is not.") % name
                )
        return reasons

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Route only signed-in users.

        For others, raise Http404, so that they cannot find out that the group exists.
        """
        user = getattr(request, "user", None)
        if user is None or user.is_anonymous:
            raise Http404
        return super().route(request, path_components)

    def serve(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return HttpResponseRedirect(private_url("network:group", self.translation_key))


class GroupMembership(models.Model):
    """Membership of a member in a group, or the request for one."""

    wagtail_reference_index_ignore = True

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    # Translation key of the pages of the group.
    group_key = models.UUIDField(editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="groups", verbose_name=_("member"))
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    admitted_at = models.DateTimeField(_("admitted at"), null=True)
    # Chairs admit other members.
    is_chair = models.BooleanField(_("chair"), default=False)

    # Deleted together with the membership.
    outgoing_mail = GenericRelation("core.OutgoingMail", for_concrete_model=False)

    objects = GroupMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership of a group")
        verbose_name_plural = _("memberships of groups")
        ordering = ("asked_at", "pk")
        constraints = [models.UniqueConstraint(fields=["group_key", "member"], name="one_membership_of_each_member")]

    def __str__(self) -> str:
        return f"{self.member} ({self.group_key})"
