"""Environment variables that configure a site, as declared in `variables.toml`.

A value that is left out or empty is the default.
Imported by the settings, so this module imports nothing that needs them.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Callable

type Kind = Literal["text", "number", "switch", "list", "folder", "JSON"]

PARSERS: dict[Kind, Callable[[str], Any]] = {
    "text": str,
    "number": int,
    "switch": {"0": False, "1": True}.__getitem__,
    "list": lambda given: [part.strip() for part in given.split(",") if part.strip()],
    "folder": Path,
    "JSON": json.loads,
}
MUST: dict[Kind, str] = {"number": "a whole number", "switch": "0 or 1", "JSON": "an object as JSON"}
EMPTY: dict[Kind, Any] = {"switch": False, "list": [], "JSON": None}


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One variable.

    `meaning` and `default` are for people: the default itself is given where the variable is read.
    """

    name: str
    meaning: str
    example: str
    kind: Kind = "text"
    default: str = ""
    # The format of a text, as a pattern and in words.
    pattern: str = ""
    must: str = ""
    # Production does not start without it.
    is_required: bool = False
    # Its value may be in no message, and in no backup that is not encrypted.
    is_secret: bool = False
    # Set per process by the command or service that starts it: its value differs between machines.
    is_of_process: bool = False

    @property
    def is_private(self) -> bool:
        """Return whether it is a secret that the public site has no use for: all but the addresses of databases."""
        return self.is_secret and not self.name.endswith("_URL")

    def wrong(self, given: str) -> ImproperlyConfigured:
        """Return an error that names the variable, what it must be and an example."""
        said = "wrong" if self.is_secret else given
        return ImproperlyConfigured(
            f"{self.name} is {said}: it must be {self.must or MUST[self.kind]}, for example {self.example}"
        )

    def read(self, default: Any = None) -> Any:
        """Return the value in the environment.

        Raises ImproperlyConfigured.
        """
        given = os.environ.get(self.name, "")
        if not given:
            return EMPTY.get(self.kind, "") if default is None else default
        if self.pattern and not re.fullmatch(self.pattern, given):
            raise self.wrong(given)
        try:
            return PARSERS[self.kind](given)
        except (ValueError, KeyError):
            raise self.wrong(given) from None


with Path(__file__).with_suffix(".toml").open("rb") as declaration:
    VARIABLES = tuple(Variable(name=name, **values) for name, values in tomllib.load(declaration).items())
# Required, and of no use to the public site, which signs nothing and sends no mail.
PRIVATE_ONLY = {"WAYMARK_SECRET_KEY", "WAYMARK_MAIL_HOST"}
BY_NAME = {variable.name: variable for variable in VARIABLES}


def read(name: str, default: Any = None) -> Any:
    """Return the value of a declared variable, or the default.

    Raises ImproperlyConfigured.
    """
    return BY_NAME[name].read(default)


def require(*, public: bool) -> None:
    """Raise ImproperlyConfigured for the first variable that production needs and that is not set.

    `public`: in the process of the public site, which needs less, and has none of the others' secrets.
    """
    if public and (foreign := [each.name for each in VARIABLES if each.is_private and os.environ.get(each.name)]):
        raise ImproperlyConfigured(
            f"The public site must not have {', '.join(foreign)}: who breaks into it would have them, too. "
            "Take them out of its environment: docs/operators/first-steps.md, under Least privilege."
        )
    for variable in VARIABLES:
        if (
            variable.is_required
            and not (public and variable.name in PRIVATE_ONLY)
            and not os.environ.get(variable.name)
        ):
            raise ImproperlyConfigured(
                f"{variable.name} is not set: it must be {variable.must}, for example {variable.example}"
            )


def table() -> str:
    """Return the declaration as a table in Markdown."""
    lines = ["| variable | type | default | meaning | example |", "|---|---|---|---|---|"]
    for each in VARIABLES:
        default = "**required**" if each.is_required else each.default
        lines.append(f"| `{each.name}` | {each.kind} | {default} | {each.meaning} | {each.example} |")
    return "\n".join(lines) + "\n"
