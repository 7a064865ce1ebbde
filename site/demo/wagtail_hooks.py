from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem


@hooks.register("register_admin_menu_item")
def mailbox() -> MenuItem:
    return MenuItem(_("Mailbox"), reverse("demo:mailbox"), name="mailbox", icon_name="mail", order=1200)
