from helpline.listings.import_command import ImportCommand
from helpline.listings.imports import SUPPORT_LINES


class Command(ImportCommand):
    help = "Take in support lines from a CSV file, as unverified drafts. What a person has checked is never overwritten."
    table = SUPPORT_LINES
    default = "support_lines.csv"
