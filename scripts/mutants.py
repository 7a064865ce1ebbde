"""Change one thing at a time in a module that protects people, and check that its tests fail.

    make mutants MODULE="freshness coverage"

The table is tests/mutants.toml: the modules, the tests that guard each, and the survivors that are accepted, with a
reason.
The changes of Python are those of cosmic-ray and a few of our own (below), those of a script are of the same kinds.
`MODULE=faults` inserts those of tests/faults.toml instead, each of which was once a fault of the product.
The working tree stays as it is: the tests run in a copy, in `var/mutants`, one forked process for each change.
It ends with an error if a change survived that is not accepted.
"""

import argparse
import ast
import contextlib
import datetime as dt
import importlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Self

import parso
import tree_sitter
import tree_sitter_javascript
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.boolean_replacer import AddNot
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider
from parso.tree import search_ancestor

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests/mutants.toml"
RESULT = ROOT / "tests/faults-result.toml"
FAULTS = "faults"
# Seconds that the tests of a fault may take.
FAULT_PATIENCE = 600
# Some of pytest's plugins are imported already in a warm process.
WARM = "ignore::pytest.PytestAssertRewriteWarning"
WORK = ROOT / "var/mutants"
TREE = WORK / "tree"
# One change of each kind at a place is enough: tests that detect an inverted comparison detect every other operator,
# too.
CHOSEN = re.compile(
    r"ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Lt_GtE|LtE_Gt|Gt_LtE|GtE_Lt|In_NotIn|NotIn_In|Is_IsNot|IsNot_Is)"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|Pow_Mul|BitOr_BitAnd|BitAnd_BitOr|RShift_LShift|LShift_RShift)"
    r"|ReplaceUnaryOperator_(Delete_Not|USub_UAdd|Invert_.*)|Replace(TrueWithFalse|FalseWithTrue|AndWithOr|OrWithAnd)"
    r"|Replace(BreakWithContinue|ContinueWithBreak)|NumberReplacer|RemoveDecorator|ZeroIterationForLoop"
)


class Replace(Operator):
    """A node of some kinds becomes other code."""

    kinds: tuple[str, ...] = ()

    def instead(self, node: Any) -> str | None:
        """Return the replacement, without the space before it; None if the node stays."""
        raise NotImplementedError

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        if node.type in self.kinds and self.instead(node) is not None:
            yield (node.start_pos, node.end_pos)

    def mutate(self, node: Any, index: int) -> Any:
        before = node.get_first_leaf().prefix
        return parso.python.tree.Name(f"{before}{self.instead(node)}", node.start_pos)

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class AnotherText(Replace):
    """A text is another."""

    kinds = ("string",)

    def instead(self, node: Any) -> str | None:
        text = node.value
        quote = text[-1]
        return None if text.endswith('"""') else text[: text.index(quote) + 1] + "XX" + text[text.index(quote) + 1 :]


class NoStatement(Replace):
    """A statement is not there."""

    kinds = ("expr_stmt", "atom_expr", "power")

    def instead(self, node: Any) -> str | None:
        # A missing constant is an error in every module that imports it.
        inside = search_ancestor(node, "funcdef") is not None
        return "pass" if inside and node.parent.type == "simple_stmt" else None


class NothingReturned(Replace):
    """A function returns None."""

    kinds = ("return_stmt",)

    def instead(self, node: Any) -> str | None:
        return "return None"


class NothingYielded(Replace):
    """A generator leaves something out."""

    kinds = ("yield_expr",)

    def instead(self, node: Any) -> str | None:
        return "pass" if node.parent.type == "simple_stmt" else None


class NoCondition(Replace):
    """The condition of a comprehension is always true."""

    kinds = ("comp_if",)

    def instead(self, node: Any) -> str | None:
        return "if True"


class OtherException(Replace):
    """An exception is not caught."""

    kinds = ("except_clause",)

    def instead(self, node: Any) -> str | None:
        name = f" as {node.children[-1].value}" if len(node.children) > 2 else ""
        return f"except ZeroDivisionError{name}"


class NoSlice(Replace):
    """All of something instead of a part."""

    kinds = ("subscript",)

    def instead(self, node: Any) -> str | None:
        return ":"


class NotSo(AddNot):
    """A condition is turned round; of a comparison the operator is, so that is left out."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        at = 1 if isinstance(node, self.NODE_TYPES) else 2
        if len(getattr(node, "children", ())) > at and node.children[at].type != "comparison":
            yield from super().mutation_positions(node)


OWN = (NotSo, AnotherText, NoStatement, NothingReturned, NothingYielded, NoCondition, OtherException, NoSlice)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one change.

    `line` is its number, from 1; `was` and `now` are the lines without indentation.
    """

    operator: str
    line: int
    was: str
    now: str
    code: str

    def __str__(self) -> str:
        return f"{self.line}: {self.was}\n{' ' * len(str(self.line))}  {self.now}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Every change of a module that means something."""
    code = path.read_text(encoding="utf-8")
    lines = code.splitlines()
    for kind, changed in (changes_of_script if path.suffix == ".js" else changes_of_python)(code):
        after = changed.splitlines()
        at = next((n for n, pair in enumerate(zip(lines, after, strict=False)) if pair[0] != pair[1]), 0)
        now = after[at].strip() if at < len(after) else ""
        yield Mutant(kind, at + 1, lines[at].strip(), now, changed)


def changes_of_python(code: str) -> Iterator[tuple[str, str]]:
    """Each kind of change with the changed code: not in annotations, in docstrings, or under TYPE_CHECKING."""
    provider = OperatorProvider()
    operators = [*(provider[name]() for name in provider if CHOSEN.fullmatch(name)), *(own() for own in OWN)]
    seen = {meaning(code)}
    for operator in operators:
        places = sum(len(list(operator.mutation_positions(node))) for node in ast_nodes(get_ast(code)))
        for occurrence in range(places):
            changed = mutate_code(code, operator, occurrence)
            said = meaning(changed) if changed else None
            if changed and said is not None and said not in seen:
                seen.add(said)
                yield type(operator).__name__, changed


def meaning(code: str) -> str | None:
    """Return a normal form of a module, to compare its behaviour; None if it is not Python."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "dataclass":
            node.keywords = []  # frozen or slots do not change behaviour
        elif isinstance(node, ast.arguments):
            # Whether an argument is positional or keyword-only is left to the type checker.
            node.args, node.posonlyargs, node.kwonlyargs = (
                [*node.posonlyargs, *node.args, *node.kwonlyargs],
                [],
                [],
            )
            node.defaults, node.kw_defaults = [], [*node.defaults, *(d for d in node.kw_defaults if d)]
        elif isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "not TYPE_CHECKING"}:
            node.test, node.body, node.orelse = ast.Constant(None), [], []
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[0].value = ast.Constant(None)
    return ast.dump(tree)


# --- Scripts --------------------------------------------------------------------------------------

# Replacements of a sign or a word of JavaScript.
TURNED = {
    "===": ["!=="], "!==": ["==="], "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
    "&&": ["||"], "||": ["&&"], "??": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"],
    "+=": ["-="], "-=": ["+="],
    "true": ["false"], "false": ["true"], "break": ["continue"], "continue": ["break"],
    "!": [""], "optional_chain": ["."],
}  # fmt: skip
COMPARISONS = {"===", "!==", "<", "<=", ">", ">=", "!"}


def changes_of_script(code: str) -> Iterator[tuple[str, str]]:
    """Each kind of change with the changed code."""
    source = code.encode()
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))
    nodes = [parser.parse(source).root_node]
    while nodes:
        node = nodes.pop()
        nodes += reversed(node.children)
        for instead in instead_of(node):
            changed = source[: node.start_byte] + instead.encode() + source[node.end_byte :]
            if not parser.parse(changed).root_node.has_error:
                yield node.type, changed.decode()


def instead_of(node: tree_sitter.Node) -> Iterator[str]:
    """Yield the replacements of a node of a script."""
    text = (node.text or b"").decode()
    match node.type:
        case "number":
            yield from (f"({text} + 1)", f"({text} - 1)")
        case "string" | "template_string" | "regex":
            yield f"{text[0]}XX{text[1:]}"
        case "expression_statement":
            yield ";"
        case "return_statement":
            yield "return;" if node.named_children else ";"
        case "for_in_statement":
            yield re.sub(r"\bof .*?\) ?\{", "of []) {", text, count=1)
        case kind:
            yield from TURNED.get(kind, ())
    # A condition is turned round; of a comparison the operator is.
    if node.parent and node == node.parent.child_by_field_name("condition"):
        inside = node.named_children[0] if node.type == "parenthesized_expression" else node
        operator = inside.child_by_field_name("operator")
        if operator is None or operator.type not in COMPARISONS:
            yield f"(!{text})" if inside is not node else f"!({text})"


# --- Running the tests ----------------------------------------------------------------------------


def copy_tree() -> None:
    """Copy the working tree, with its compiled files."""
    named = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    wanted = [name for name in named.split("\0") if name and (ROOT / name).is_file()]
    wanted += [str(file.relative_to(ROOT)) for file in ROOT.glob("locale/*/LC_MESSAGES/*.mo")]
    for name in wanted:
        there = TREE / name
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, there)
    for file in TREE.rglob("*"):
        inside = str(file.relative_to(TREE))
        if file.is_file() and not inside.startswith("var/") and inside not in set(wanted):
            file.unlink()


def run(tests: list[str], limit: float) -> tuple[str, float]:
    """Run tests in a separate process: "passed", "failed" or "hangs", and the seconds that they took."""
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        in_child(tests)
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return ("failed" if os.waitstatus_to_exitcode(status) else "passed"), time.monotonic() - begun
        if time.monotonic() - begun > limit:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "hangs", limit
        time.sleep(0.02)


def in_child(tests: list[str]) -> None:
    os.setpgid(0, 0)
    os.chdir(TREE)
    paths = [str(TREE), str(TREE / "site")]
    sys.path[:0] = paths
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    said = os.open(WORK / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    import pytest

    code = 70
    try:
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-W", WARM, *tests]))
        if "--first" in os.environ.get("MUTANTS", ""):
            known = [
                name
                for name, module in sys.modules.items()
                if "site-packages" in (getattr(module, "__file__", "") or "")
            ]
            (WORK / "modules.json").write_text(json.dumps(known))
    except BaseException:  # noqa: BLE001  (any error is written to the output file)
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def preload() -> None:
    """Import third-party packages that the tests need and that need no settings, for all forked processes."""
    # Packages built on Django need its settings, and pytest must import its plugins itself.
    not_yet = {
        file.parts[0].removesuffix(".py")
        for found in distributions()
        if any(point.group == "pytest11" for point in found.entry_points)
        or any(re.match(r"(django|wagtail)\b", needed, re.IGNORECASE) for needed in found.requires or ())
        for file in found.files or ()
    }
    known = [name for name in json.loads((WORK / "modules.json").read_text()) if not name.startswith("django.contrib")]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for name in (name for name in known if name.partition(".")[0] not in not_yet):
            with contextlib.suppress(BaseException):
                importlib.import_module(name)


# --- The table ------------------------------------------------------------------------------------


def examine(name: str, entry: dict[str, Any], *, only: str) -> bool:
    """Run the tests of a module against every change.

    Returns whether all survivors are accepted.
    """
    path = Path(entry["module"])
    original = (TREE / path).read_text(encoding="utf-8")
    usual = time_without_change(name, entry["tests"])
    if usual is None:
        return False
    accepted = {(was, now) for was, now, _why in entry.get("accepted", [])}
    found = [mutant for mutant in mutants(ROOT / path) if only in mutant.was]
    survivors, killed, hanging = [], 0, 0
    for number, mutant in enumerate(found, 1):
        print(f"\r{name}: {number} of {len(found)}, {len(survivors)} survived ", end="", file=sys.stderr)
        (TREE / path).write_text(mutant.code, encoding="utf-8")
        outcome, _seconds = run(entry["tests"], usual * 4 + 30)
        killed += outcome != "passed"
        hanging += outcome == "hangs"
        if outcome == "passed":
            survivors.append(mutant)
    (TREE / path).write_text(original, encoding="utf-8")
    print(file=sys.stderr)
    strangers = [mutant for mutant in survivors if (mutant.was, mutant.now) not in accepted]
    score = 100 * killed / len(found) if found else 100.0
    print(
        f"{name}: {killed} of {len(found)} noticed ({score:.1f} %), "
        f"{hanging} of them by hanging; accepted {len(survivors) - len(strangers)}"
    )
    for mutant in strangers:
        print(mutant)
    return not strangers


def time_without_change(name: str, tests: list[str]) -> float | None:
    """Return the seconds that the tests take on the code as it is; None if they fail."""
    os.environ["MUTANTS"] = "--first"
    outcome, usual = run(tests, 1800)
    os.environ["MUTANTS"] = ""
    if outcome != "passed":
        print(f"{name}: the tests do not pass without any change, see {WORK / 'output.txt'}")
        return None
    preload()
    if run(tests, usual * 4 + 30)[0] != "passed":
        print(f"{name}: the tests do not pass in a warm process, see {WORK / 'output.txt'}")
        return None
    return usual


def put_faults_in(*, only: str, missing: bool) -> bool:
    """Insert each fault of the table, and remove it again.

    Returns whether all were detected.

    The result is stored after each, so that a run that was stopped can continue.
    """
    every = tomllib.loads((ROOT / "tests/faults.toml").read_text(encoding="utf-8"))["fault"]
    kept = Kept.read({fault["what"] for fault in every})
    faults = [fault for fault in every if only in fault["what"] and not (missing and kept.has(fault["what"]))]
    # Whether every test passes without a fault is checked by `make test-all`: here it would take an hour.
    if not faults or time_without_change(FAULTS, faults[0]["tests"]) is None:
        return not faults
    unnoticed = 0
    for fault in faults:
        path = Path(fault["file"])
        original = (ROOT / path).read_text(encoding="utf-8")
        (TREE / path).write_text(original.replace(fault["old"], fault["new"], 1), encoding="utf-8")
        outcome, seconds = run(fault["tests"], FAULT_PATIENCE)
        (TREE / path).write_text(original, encoding="utf-8")
        print(
            f"{'SURVIVED' if outcome == 'passed' else outcome} after {seconds:.0f} s: {fault['what']}",
            flush=True,
        )
        unnoticed += outcome == "passed"
        kept.keep(fault["what"], noticed=outcome != "passed")
    print(f"{FAULTS}: {len(faults) - unnoticed} of {len(faults)} noticed")
    return not unnoticed


@dataclass(frozen=True, slots=True)
class Kept:
    """The result in the repository: when each fault was last inserted, by whether its tests detected it."""

    noticed: dict[str, dt.date]
    unnoticed: dict[str, dt.date]

    @classmethod
    def read(cls, names: set[str]) -> Self:
        """Read it, without the faults that the table no longer has."""
        found = tomllib.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
        return cls(
            *(
                {what: day for what, day in found.get(part, {}).items() if what in names}
                for part in ("noticed", "unnoticed")
            )
        )

    def has(self, what: str) -> bool:
        return what in self.noticed or what in self.unnoticed

    def keep(self, what: str, *, noticed: bool) -> None:
        (self.unnoticed if noticed else self.noticed).pop(what, None)
        (self.noticed if noticed else self.unnoticed)[what] = dt.datetime.now(tz=dt.UTC).date()
        lines = ["# Written by `make mutants MODULE=faults`: when each fault was put in last."]
        for part, days in (("noticed", self.noticed), ("unnoticed", self.unnoticed)):
            lines += [
                "",
                f"[{part}]",
                *(f"{json.dumps(what, ensure_ascii=False)} = {days[what]}" for what in sorted(days)),
            ]
        RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"Of: {', '.join(table)}")
    parser.add_argument("--only", default="", help="Only changes of lines, or faults, that hold this text.")
    parser.add_argument(
        "--missing", action="store_true", help="Only faults without a result in tests/faults-result.toml."
    )
    parser.add_argument("--list", action="store_true", help="Print the changes and run nothing.")
    given = parser.parse_args()
    if set(given.names) - {*table, FAULTS} or not given.names:
        parser.error(f"choose from: {', '.join([*table, FAULTS])}")
    if given.list:
        for name in set(given.names) - {FAULTS}:
            for mutant in mutants(ROOT / table[name]["module"]):
                print(mutant.operator, mutant)
        return
    copy_tree()
    fine = [
        put_faults_in(only=given.only, missing=given.missing)
        if name == FAULTS
        else examine(name, table[name], only=given.only)
        for name in given.names
    ]
    sys.exit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
