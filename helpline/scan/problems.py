"""Why a website could not be looked at."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ScanProblem(models.TextChoices):
    ADDRESS = "address", _("The scan does not go there: only http and https, by name, at the usual ports.")
    PRIVATE = "private", _("The address leads into a private network.")
    NAME = "name", _("The name of this website is not known.")
    SILENT = "silent", _("The website does not answer.")
    GONE = "gone", _("The website answers that there is no such page.")
    BROKEN = "broken", _("The website answers with an error.")
    REDIRECTS = "redirects", _("The website leads from one address to the next without an end.")
    REFUSED = "refused", _("The website does not let programs look at it.")
    ROBOTS = "robots", _("The website asks programs not to look at it (robots.txt).")
    NOT_HTML = "not_html", _("The address is no web page.")

    @property
    def is_down(self) -> bool:
        """Whether somebody who follows the link would see nothing either, as far as we can tell."""
        return self not in {
            ScanProblem.ADDRESS,
            ScanProblem.REFUSED,
            ScanProblem.ROBOTS,
            ScanProblem.NOT_HTML,
        }


class Unseen(Exception):  # noqa: N818  (it says what the website is)
    """The website could not be looked at. `detail` is for staff, in the words of the machine."""

    def __init__(self, problem: ScanProblem, detail: str = "") -> None:
        super().__init__(f"{problem.value}: {detail}" if detail else problem.value)
        self.problem = problem
        self.detail = "".join(filter(str.isprintable, detail))[:200]
