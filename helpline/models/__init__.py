from helpline.models.approvals import Approval
from helpline.models.changes import PublicChange
from helpline.models.contacts import ContactPoint
from helpline.models.operators import OperatorContact
from helpline.models.pages import CheckPage, FinderPage, GuidePage
from helpline.models.programmes import Programme
from helpline.models.reports import Report
from helpline.models.scans import Judgement, ListedSite, Scan
from helpline.models.support_lines import SupportLine
from helpline.models.tasks import TwoPeopleTask
from helpline.models.texts import ProgrammeText

__all__ = [
    "Approval",
    "CheckPage",
    "ContactPoint",
    "FinderPage",
    "GuidePage",
    "Judgement",
    "ListedSite",
    "OperatorContact",
    "Programme",
    "ProgrammeText",
    "PublicChange",
    "Report",
    "Scan",
    "SupportLine",
    "TwoPeopleTask",
]
