from helpline.governance.models.operators import OperatorContact
from helpline.governance.models.reports import Report
from helpline.governance.models.workflow import TwoPeopleTask

__all__ = ["OperatorContact", "Report", "TwoPeopleTask"]
