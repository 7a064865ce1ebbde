"""Wagtail's user management for users identified by email: administrators create and disable accounts."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth.models import AbstractUser, AnonymousUser, Group
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.models import ModelLogEntry, PageLogEntry
from wagtail.users.forms import UserCreationForm, UserEditForm, UserForm
from wagtail.users.models import UserProfile
from wagtail.users.views.users import CreateView, DeleteView, EditView, HistoryView, IndexView
from wagtail.users.views.users import UserViewSet as WagtailUserViewSet

from core.admin.search import Findable, Found, Typed
from core.http.access import has_second_factor
from users import account_changes, mail, roles, services
from users.models import User
from users.sign_in import second_factor


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    @cached_property
    def labels(self) -> dict[str, str]:
        return roles.labels()

    def label_from_instance(self, group: Group) -> str:
        return self.labels.get(group.name, group.name)


class PersonForm(UserForm):
    """Base of both forms: name, address and roles.

    It makes no superusers and sets no passwords.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("is_superuser", None)
        self.fields["email"].help_text = _("Sign-in codes are sent to this address.")
        self.fields["groups"] = RolesField(
            Group.objects.order_by("name"),
            label=_("Roles"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            initial=self.initial.get("groups"),
        )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()


class NewPersonForm(PersonForm, UserCreationForm):
    field_order = ["email", "first_name", "last_name", "groups"]

    def clean_email(self) -> str:
        """Return the address.

        A user with an account without access to the admin keeps it, and gets access.
        """
        email = super().clean_email()
        already = User.objects.filter(email=email, works_in_admin=False).first()
        if already is not None:
            self.instance: User = already
        return email

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        self.instance.works_in_admin = True
        user: User = super().save(commit=commit)
        services.sync_email_address(user=user)
        return user


class ChangePersonForm(PersonForm, UserEditForm):
    field_order = ["email", "first_name", "last_name", "groups", "is_active", "forget_second_factor"]

    forget_second_factor = forms.BooleanField(
        label=_("Remove the second factor"),
        required=False,
        help_text=_(
            "For a user who has lost their phone, key and recovery codes. "
            "First make sure that it is really them who ask. They "
            "will be signed out and will set up a new one."
        ),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "is_active" in self.fields:
            self.fields["is_active"].label = _("May sign in")
            self.fields["is_active"].help_text = _(
                "Untick this to disable the account. The person will be signed out everywhere immediately."
            )
        if "is_active" not in self.fields or not has_second_factor(self.instance):
            # Users change their own second factor where they have to use it first.
            del self.fields["forget_second_factor"]

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit=commit)
        if "email" in self.changed_data:
            services.sync_email_address(user=user)
        if self.cleaned_data.get("forget_second_factor"):
            second_factor.remove(user)
        if not user.is_active or self.cleaned_data.get("forget_second_factor"):
            services.end_sessions(user=user)
        return user


class PeopleView(IndexView):
    page_title = _("People")
    add_item_label = _("Add a person")

    def get_base_queryset(self) -> QuerySet[User]:
        return super().get_base_queryset().in_admin().prefetch_related("groups")

    @cached_property
    def columns(self) -> list[Column]:
        shown = {column.name: column for column in super().columns}
        labels = roles.labels()
        return [
            shown["bulk_actions"],
            shown["name"],
            Column("email", label=_("Email address"), sort_key="email"),
            Column(
                "roles",
                label=_("Roles"),
                accessor=lambda user: ", ".join(labels.get(group.name, group.name) for group in user.groups.all()),
            ),
            shown["is_active"],
            shown["last_login"],
        ]


class NewPersonView(CreateView):
    page_title = _("Add a person")
    success_message = _("%(object)s now has an account.")

    @transaction.atomic
    def save_instance(self) -> User:
        before = account_changes.state(self.form.instance.pk)
        user: User = super().save_instance()
        account_changes.record(user, before=before, by=self.request.user)
        mail.send_invitation(user=user, by=self.request.user)
        return user


class WorksInAdminMixin:
    """Mixin for a view of one person: limits it to staff, as the admin must not show other accounts."""

    def get_object(self, *args: object, **kwargs: object) -> User:
        user: User = super().get_object(*args, **kwargs)  # type: ignore[misc]  # of the view that it is mixed into
        if not user.works_in_admin:
            raise Http404
        return user


class DeletePersonView(WorksInAdminMixin, DeleteView):
    pass


class PersonHistoryView(WorksInAdminMixin, HistoryView):
    pass


class ChangePersonView(WorksInAdminMixin, EditView):
    success_message = _("The account of %(object)s was changed.")

    def setup(self, request: Any, *args: object, **kwargs: object) -> None:
        super().setup(request, *args, **kwargs)
        if self.object.is_superuser and not request.user.is_superuser:
            raise PermissionDenied

    @transaction.atomic
    def save_instance(self) -> User:
        before = account_changes.state(self.object.pk)
        user: User = super().save_instance()
        account_changes.record(user, before=before, by=self.request.user)
        return user


class UserViewSet(WagtailUserViewSet):
    menu_label = _("People")
    index_view_class = PeopleView
    add_view_class = NewPersonView
    edit_view_class = ChangePersonView
    delete_view_class = DeletePersonView
    history_view_class = PersonHistoryView
    create_template_name = "users/admin/new_person.html"
    edit_template_name = "users/admin/change_person.html"
    copy_view_enabled = False
    add_to_settings_menu = False
    add_to_admin_menu = True

    def get_form_class(self, for_update: bool = False) -> type[PersonForm]:
        return ChangePersonForm if for_update else NewPersonForm


def find_people(user: AbstractUser | AnonymousUser, typed: Typed) -> Iterator[Found]:
    """Yield the staff for its search, by name or email address."""
    if not user.has_perm("users.change_user"):
        return
    for person in User.objects.in_admin().order_by("last_name", "first_name", "pk"):
        if typed.names(person.first_name, person.last_name) or typed.is_in(person.email):
            yield Found(
                title=str(person),
                url=reverse("wagtailusers_users:edit", args=[person.pk]),
                detail=person.email,
            )


PEOPLE = Findable(title=_("People"), find=find_people)


# --- Personal data of a user, as a file for them (GDPR, art. 15) ----------------------------------


LOGS = (PageLogEntry, ModelLogEntry)
# Exported by `everything_about` itself.
TOLD = (*LOGS, EmailAddress, Authenticator, UserProfile, User.groups.through, User.user_permissions.through)


def everything_about(user: User) -> dict[str, object]:
    """Return the account, its sign-in methods and actions, and the other rows that name it, as values for JSON.

    Not the rows that an action changed: they concern others, or are the work itself.
    Includes no credentials.
    """
    profile = UserProfile.objects.filter(user=user).first()
    labels = roles.labels()
    return {
        "account": {
            "email": user.email,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "may_sign_in": user.is_active,
            "since": user.date_joined,
            "last_signed_in": user.last_login,
            "roles": [str(labels.get(group.name, group.name)) for group in user.groups.order_by("name")],
            "language": profile.preferred_language if profile else "",
            "time_zone": profile.current_time_zone if profile else "",
        },
        "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "signs_in_with": list(Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")),
        "done": sorted((entry for log in LOGS for entry in done(user, log)), key=lambda entry: str(entry["at"])),
        "named_in": list(named_in(user)),
        "as_of": timezone.now(),
    }


def done(user: User, log: type[Any]) -> Iterator[dict[str, object]]:
    """Yield the actions of a user: when, and on what kind of thing."""
    entries = log.objects.filter(user=user).select_related("content_type")
    for entry in entries:
        about = entry.page_id if isinstance(entry, PageLogEntry) else entry.object_id
        yield {
            "at": entry.timestamp,
            "action": entry.action,
            "kind": str(entry.content_type),
            "number": str(about),
        }


def named_in(user: User) -> Iterator[dict[str, object]]:
    """Yield each kind of row that names a user, in which role, and how many there are."""
    for relation in User._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.related_model in TOLD:
            continue
        model, field = relation.related_model, relation.field
        if count := model._default_manager.filter(**{field.name: user}).count():
            yield {"kind": str(model._meta.verbose_name), "as": str(field.verbose_name), "rows": count}


def own_data(request: HttpRequest) -> JsonResponse:
    return _file(request.user)  # type: ignore[arg-type]  # only users with an account get into the admin


def data_of_person(request: HttpRequest, pk: int) -> JsonResponse:
    """Download the personal data of a staff member: for an administrator who answers their request."""
    if not request.user.has_perm("users.change_user"):
        raise PermissionDenied
    return _file(get_object_or_404(User.objects.in_admin(), pk=pk))


def _file(user: User) -> JsonResponse:
    return JsonResponse(
        everything_about(user),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        headers={"Content-Disposition": 'attachment; filename="account.json"'},
    )
