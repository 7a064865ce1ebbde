import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError

from operations.diagnostics import DoctorFinding, Verdict, database, examine, files, sites, work

INDENT = " " * 10


class Command(BaseCommand):
    help = (
        "Say in words what is wrong with this installation, "
        "what that means for people, and what to do. Changes nothing. "
        "Exit status: 1 if something is wrong."
    )
    # It must work when nothing else does.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the same for programs")
        parser.add_argument(
            "--offline",
            action="store_true",
            help="ask neither the sites, nor the mail server, nor the storage",
        )

    def handle(self, *args: object, **options: object) -> None:
        checks = [*database.CHECKS, *files.CHECKS, *work.CHECKS, *sites.CHECKS]
        if options["offline"]:
            checks = [check for check in checks if check not in {*sites.CHECKS, files.bucket, work.mail_server}]
        findings = []
        for finding in examine(checks):
            findings.append(finding)
            if not options["json"]:
                self.show(finding)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=1))
        count = Counter(finding.verdict for finding in findings)
        if not options["json"]:
            self.stdout.write(
                f"{count[Verdict.RIGHT]} right, {count[Verdict.DOUBTFUL]} doubtful, {count[Verdict.WRONG]} wrong."
            )
        if count[Verdict.WRONG]:
            raise CommandError("Something is wrong.", returncode=1)

    def show(self, finding: DoctorFinding) -> None:
        style = {
            Verdict.RIGHT: self.style.SUCCESS,
            Verdict.DOUBTFUL: self.style.WARNING,
            Verdict.WRONG: self.style.ERROR,
        }[finding.verdict]
        self.stdout.write(f"{style(f'{finding.verdict:<10}')}{finding.subject}: {finding.says}")
        if finding.meaning:
            self.stdout.write(f"{INDENT}Meaning: {finding.meaning}\n{INDENT}Do: {finding.remedy}")
