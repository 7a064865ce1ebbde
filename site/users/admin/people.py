"""Wagtail's user management for users identified by email: administrators create and disable accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import AbstractUser, AnonymousUser, Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.users.forms import UserCreationForm, UserEditForm, UserForm
from wagtail.users.views.users import CreateView, DeleteView, EditView, HistoryView, IndexView
from wagtail.users.views.users import UserViewSet as WagtailUserViewSet

from core.admin.search import Findable, Found
from users import mail, roles, services
from users.models import User
from users.sign_in import second_factor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from core.admin.search import Typed


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """Roles, labelled in the active language."""

    @cached_property
    def labels(self) -> dict[str, str]:
        return roles.labels()

    def label_from_instance(self, group: Group) -> str:
        return self.labels.get(group.name, group.name)


class PersonForm(UserForm):
    """Base of both forms: who it is and what they may do. It makes no superusers and sets no passwords."""

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
        """Somebody who has an account without the desk already keeps it, and works here from now on."""
        email = super().clean_email()
        already = User.objects.filter(email=email, works_at_desk=False).first()
        if already is not None:
            self.instance: User = already
        return email

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        self.instance.works_at_desk = True
        user: User = super().save(commit=commit)
        services.sync_email_address(user=user)
        return user


class ChangePersonForm(PersonForm, UserEditForm):
    field_order = ["email", "first_name", "last_name", "groups", "is_active", "forget_second_factor"]

    forget_second_factor = forms.BooleanField(
        label=_("Remove the second factor"),
        required=False,
        help_text=_(
            "For somebody who has lost their phone, key and recovery codes. First make sure that it is really them who ask. They "
            "will be signed out and will set up a new one."
        ),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "is_active" in self.fields:
            self.fields["is_active"].label = _("May sign in")
            self.fields["is_active"].help_text = _(
                "Untick this to disable the account. The person will be signed out everywhere at once."
            )
        if "is_active" not in self.fields or not second_factor.is_set_up(self.instance):
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
        return super().get_base_queryset().at_desk().prefetch_related("groups")

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
                accessor=lambda user: ", ".join(
                    labels.get(group.name, group.name) for group in user.groups.all()
                ),
            ),
            shown["is_active"],
            shown["last_login"],
        ]


class NewPersonView(CreateView):
    page_title = _("Add a person")
    success_message = _("%(object)s now has an account.")

    def save_instance(self) -> User:
        user: User = super().save_instance()
        mail.send_invitation(user=user, by=self.request.user)
        return user


class AtDeskMixin:
    """Mixin for a view of one person: accounts of people who do not work here are none of the desk's business."""

    def get_object(self, *args: object, **kwargs: object) -> User:
        user: User = super().get_object(*args, **kwargs)  # type: ignore[misc]  # of the view that it is mixed into
        if not user.works_at_desk:
            raise Http404
        return user


class DeletePersonView(AtDeskMixin, DeleteView):
    pass


class PersonHistoryView(AtDeskMixin, HistoryView):
    pass


class ChangePersonView(AtDeskMixin, EditView):
    success_message = _("The account of %(object)s was changed.")

    def setup(self, request: Any, *args: object, **kwargs: object) -> None:
        super().setup(request, *args, **kwargs)
        if self.object.is_superuser and not request.user.is_superuser:
            raise PermissionDenied


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
    """Yield the people of the desk for its search, by name or email address."""
    if not user.has_perm("users.change_user"):
        return
    for person in User.objects.at_desk().order_by("last_name", "first_name", "pk"):
        if typed.names(person.first_name, person.last_name) or typed.is_in(person.email):
            yield Found(
                title=str(person),
                url=reverse("wagtailusers_users:edit", args=[person.pk]),
                detail=person.email,
            )


PEOPLE = Findable(title=_("People"), find=find_people)
