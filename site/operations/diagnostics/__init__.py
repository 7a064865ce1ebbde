"""Diagnostics of this installation, in words: what a fault means for people, and what to do.

A check is a function that yields findings, good or bad.
A check that fails is itself a finding: an operator who looks for a fault should not get a traceback.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import InterfaceError, OperationalError

type DoctorCheck = Callable[[], Iterable[DoctorFinding]]


class Verdict(StrEnum):
    RIGHT = "right"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorFinding:
    """Finding of a check.

    `meaning` is its effect on visitors or staff, `remedy` what to do; both are empty if all is well.
    """

    subject: str
    verdict: Verdict
    says: str
    meaning: str = ""
    remedy: str = ""


def right(subject: str, says: str) -> DoctorFinding:
    return DoctorFinding(subject=subject, verdict=Verdict.RIGHT, says=says)


def doubtful(subject: str, says: str, *, meaning: str, remedy: str) -> DoctorFinding:
    return DoctorFinding(subject=subject, verdict=Verdict.DOUBTFUL, says=says, meaning=meaning, remedy=remedy)


def wrong(subject: str, says: str, *, meaning: str, remedy: str) -> DoctorFinding:
    return DoctorFinding(subject=subject, verdict=Verdict.WRONG, says=says, meaning=meaning, remedy=remedy)


def examine(checks: Iterable[DoctorCheck]) -> Iterator[DoctorFinding]:
    """Run checks, and yield their findings.

    Checks that fail because the database is unavailable are one finding: they have one cause.
    """
    unseen: list[str] = []
    for check in checks:
        try:
            yield from check()
        except (OperationalError, InterfaceError):
            unseen.append(named(check))
        except Exception as problem:  # noqa: BLE001  (reported as a finding)
            yield wrong(
                named(check),
                f"This could not be looked at: {type(problem).__name__}: {str(problem).strip().partition(chr(10))[0]}",
                meaning="Unknown.",
                remedy="Put right what is said above, and look again.",
            )
    if unseen:
        yield wrong(
            "Not looked at",
            f"{', '.join(unseen)}: the database did not respond.",
            meaning="Unknown.",
            remedy="Put right what is said of the database, and look again.",
        )


def named(check: DoctorCheck) -> str:
    return check.__name__.replace("_", " ").capitalize()
