from helpline.exchange.csv.columns import SUPPORT_LINES
from helpline.exchange.import_command import ImportCommand


class Command(ImportCommand):
    help = "Import support lines from a CSV file, as unverified drafts. What a person has checked is never overwritten."
    table = SUPPORT_LINES
    default = "support_lines.csv"
