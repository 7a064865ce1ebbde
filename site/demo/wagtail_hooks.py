from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem


@hooks.register("register_admin_menu_item")
def mailbox() -> MenuItem:
    return MenuItem(_("Mailbox of the demonstration"), reverse("demo:mailbox"), icon_name="mail", order=9000)
