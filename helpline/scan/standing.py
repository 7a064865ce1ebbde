"""Which findings count: those of the newest scan, and how staff have judged them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpline.scan import rules
from helpline.scan.models import Judgement
from helpline.scan.rules import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from helpline.scan.models import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A finding, found now or pinned by staff, with the judgement on it if that still applies."""

    finding: Finding
    judgement: Judgement | None = None
    found: bool = True

    @property
    def counts(self) -> bool:
        return self.judgement is None or self.judgement.verdict != Judgement.Verdict.IGNORED

    @property
    def to_judge(self) -> bool:
        return self.judgement is None and self.finding.is_serious


def in_force(newest: Scan | None, judgements: Iterable[Judgement]) -> list[Standing]:
    """Return the findings of a website, worst first: those of the newest scan that saw a page, and those that staff have pinned.

    An ignored finding comes back when more is found than at the time. `judgements`: newest first.
    """
    said: dict[str, Judgement] = {}
    for one in judgements:
        said.setdefault(one.rule, one)
    standings = []
    found = newest.found() if newest else []
    for finding in found:
        judgement = said.get(finding.rule.code)
        pinned = judgement is not None and judgement.verdict == Judgement.Verdict.PINNED
        holds = judgement is not None and judgement.verdict != Judgement.Verdict.LIFTED
        standings.append(
            Standing(
                finding=finding,
                judgement=judgement
                if holds and judgement and (pinned or judgement.covers(finding))
                else None,
            )
        )
    codes = {finding.rule.code for finding in found}
    for code, judgement in said.items():
        if judgement.verdict == Judgement.Verdict.PINNED and code not in codes and code in rules.BY_CODE:
            pinned_finding = Finding(rules.BY_CODE[code], tuple(judgement.facts))
            standings.append(Standing(finding=pinned_finding, judgement=judgement, found=False))
    return sorted(standings, key=lambda standing: rules.ORDER[standing.finding.rule.code])
