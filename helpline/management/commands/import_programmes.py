from helpline.exchange.csv.columns import PROGRAMMES
from helpline.exchange.import_command import ImportCommand


class Command(ImportCommand):
    help = "Import programmes from a CSV file, as unverified drafts. What a person has checked is never overwritten."
    table = PROGRAMMES
    default = "programmes.csv"
