"""Roles of the people who work on the listings and the help pages."""

from django.utils.translation import gettext_lazy as _

from core.admin.roles import ADMINISTRATOR, ENTER, PUBLISH, WRITE, AdminRole, Grant, Review

LISTING_DRAFTER = "Listing drafter"
LISTING_APPROVER = "Listing approver"

DRAFT = ("helpline.add_*", "helpline.change_*", "helpline.view_*")
SETTINGS = ("helpline.*_helplinesettings",)
# Of a site with one administrator, they are the second person for the exit of the help pages, and for the settings.
SECOND = ("core.change_exitaddress", "core.change_settingproposal")

ROLES = (
    AdminRole(
        name=LISTING_DRAFTER,
        label=_("Listing drafter"),
        permissions=(ENTER, *DRAFT),
        withheld=SETTINGS,
        pages=(("helpline.*", WRITE),),
    ),
    AdminRole(
        name=LISTING_APPROVER,
        label=_("Listing approver"),
        # They are responsible for the services that people in need find, and so also for promoted search results.
        permissions=(ENTER, *DRAFT, "helpline.publish_*", "home.*_promotedpage", *SECOND),
        withheld=SETTINGS,
        pages=(("helpline.*", PUBLISH),),
    ),
)
# Help pages are published by the people responsible for them, not by translators.
GRANTS = (Grant(to=ADMINISTRATOR, permissions=("helpline.*",)),)
REVIEWS = (
    # People who changed a page or a listing cannot approve it in these steps.
    Review(
        name="Review of help pages",
        by=(LISTING_APPROVER,),
        pages="helpline.FinderPage",
        task="helpline.TwoPersonApprovalTask",
    ),
    Review(
        name="Two-person approval",
        by=(LISTING_APPROVER,),
        records=(
            "helpline.Programme",
            "helpline.ProgrammeText",
            "helpline.SupportLine",
            "helpline.CountryLaw",
            "helpline.LawText",
        ),
        task="helpline.TwoPersonApprovalTask",
    ),
)
