"""The models of the app, for Django's discovery.

They are defined in the layers, and code imports them from there.
"""

from helpline.approval.models import Approval
from helpline.exchange.models import ListingImport, PublicChange
from helpline.finder.pages import CheckPage, FinderPage, GuidePage
from helpline.governance.models import OperatorContact, Report, TwoPersonApprovalTask
from helpline.records.laws import CountryLaw, LawText
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.settings import HelplineSettings
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.scan.models import Judgement, ListedSite, Scan

__all__ = [
    "Approval",
    "CheckPage",
    "ContactPoint",
    "CountryLaw",
    "FinderPage",
    "GuidePage",
    "HelplineSettings",
    "Judgement",
    "LawText",
    "ListedSite",
    "ListingImport",
    "OperatorContact",
    "Programme",
    "ProgrammeText",
    "PublicChange",
    "Report",
    "Scan",
    "SupportLine",
    "TwoPersonApprovalTask",
]
