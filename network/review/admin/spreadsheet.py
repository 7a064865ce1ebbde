"""The members as a table for those who look after the network: all that the team sees, and no mail address."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from core.desk.spreadsheets import Echo
from core.languages import names
from network.admin.access import ReviewPermissionMixin
from network.members import profiles
from network.models import Member
from network.vocabulary import models as categories
from network.vocabulary.details import DETAILS, DetailAudience

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

# Members write it into a text now and then. Whoever needs an address opens the member.
MAIL_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")
CHUNK = 500


class MembersTableView(ReviewPermissionMixin, View):
    """All who have been let in, listed or paused, as a CSV file. `SafeExportMiddleware` makes its cells safe."""

    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        writer = csv.writer(Echo())
        answer = StreamingHttpResponse(
            (writer.writerow(row) for row in rows()), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = 'attachment; filename="members.csv"'
        return answer


def rows() -> Iterator[list[str]]:
    """Yield the heading and a row for each member, in the active language. Their own words stay in the language that they wrote first."""
    details = [rule.detail for rule in DETAILS]
    yield [
        *(_("State"), _("Kind"), _("Member since"), _("Language of emails")),
        *(str(detail.label) for detail in details),
        _("Shown to the public"),
        _("Shown to members"),
    ]
    vocabulary = categories.vocabulary(get_language())
    members = Member.objects.filter(state__in=[Member.State.LISTED, Member.State.PAUSED])
    for member in members.prefetch_related("works").order_by("name", "pk").iterator(CHUNK):
        seen = {row.detail: row.text for row in profiles.for_team(member, vocabulary).rows}
        yield [
            member.get_state_display(),
            member.get_kind_display(),
            timezone.localdate(member.decided_at).isoformat() if member.decided_at else "",
            names.language_name(member.language),
            *(MAIL_ADDRESS.sub("…", seen.get(detail, "")) for detail in details),
            *(
                ", ".join(str(detail.label) for detail in details if member.audience_of(detail) == audience)
                for audience in (DetailAudience.EVERYBODY, DetailAudience.MEMBERS)
            ),
        ]
