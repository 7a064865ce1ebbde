"""Why a website could not be visited."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class FetchProblem(models.TextChoices):
    ADDRESS = (
        "address",
        _("The scan does not visit this address: only http and https, by host name, on the usual ports."),
    )
    PRIVATE = "private", _("The address does not lead into the public internet.")
    NAME = "name", _("The domain name of this website could not be found.")
    SILENT = "silent", _("The website does not answer.")
    GONE = "gone", _("The website says that this page does not exist.")
    BROKEN = "broken", _("The website answers with an error.")
    REDIRECTS = "redirects", _("The website redirects too many times.")
    REFUSED = "refused", _("The website does not let programs visit it.")
    ROBOTS = "robots", _("The website asks programs not to visit it (robots.txt).")
    NOT_HTML = "not_html", _("The address is not a web page.")

    @property
    def is_down(self) -> bool:
        """Whether a person who follows the link would see nothing either, as far as we can tell."""
        return self not in {
            FetchProblem.ADDRESS,
            FetchProblem.REFUSED,
            FetchProblem.ROBOTS,
            FetchProblem.NOT_HTML,
        }


class FetchError(Exception):
    """The website could not be visited. `detail` is for staff and technical."""

    def __init__(self, problem: FetchProblem, detail: str = "") -> None:
        super().__init__(f"{problem.value}: {detail}" if detail else problem.value)
        self.problem = problem
        self.detail = "".join(filter(str.isprintable, detail))[:200]
