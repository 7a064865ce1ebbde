from helpline.listings.import_command import ImportCommand
from helpline.listings.imports import PROGRAMMES


class Command(ImportCommand):
    help = "Take in programmes from a CSV file, as unverified drafts. What a person has checked is never overwritten."
    table = PROGRAMMES
    default = "programmes.csv"
