"""Lists of works that members import, however bad: each entry is named with its line, what is wrong and what is kept; time stays linear."""

import pytest

from network.publications import bibtex
from network.publications.csl import MAX_NAMES, kept, normal_doi
from network.publications.reading import MAX_CHARACTERS, MAX_ENTRIES, NotReadable, read
from tests.support.csl import problems

BIBTEX = r"""
% a comment
@string{jx = "Journal of " # "X"}
@comment{nothing here}
@article{a1, title={{\"U}ber das {V}erh\"{u}ten: 50\% \emph{now} \& then}, author={M{\"u}ller, J{\"o}rg and {Simon and Schuster}
  and Jane van der Doe and \'Eric Beno\^it}, journal=jx, year=2020, month=mar, pages={100--120}, number=3, doi={10.5555/A\_b}}
@book{b, title="A {"}quoted{"} book", year={in press}, publisher="P"}
@article{broken, title={no end
@misc{c, title={After}, url={javascript:alert(1)}, doi={nonsense}}
@misc{c, title={Same key}, title={Twice}, note="x}
@phdthesis(d, title={Paren}, date={1999-05-04}, school=Uni # { of } # unknown)
@article{e, author={X}}
@inproceedings{f, title=plain, editor={A and B}, year=1999, month=13}
"""
RIS = """stray
TY  - JOUR
TI  - First
AU  - Doe, Jane, Jr.
AU  - WHO
PY  - 2020/03/01/
SP  - 1
EP  - 9
SN  - 1234-5678
DO  - https://doi.org/10.5555/X
UR  - https://e.example/a
ER  -
TY - BOOK
T1 - No end
A1 - Doe
SP - 7
SN - 978-3-16-148410-0
TY  - RPRT
TI  - Last
 of all
ER  - """


def rows(text):
    return [(entry.number, entry.line, entry.kept.title, entry.problem) for entry in read(text).entries]


class TestBibtex:
    @pytest.mark.parametrize(
        ("written", "name"),
        [
            ("محمد, أ. م.", {"family": "محمد", "given": "أ. م."}),
            ("محمد، أحمد", {"family": "محمد", "given": "أحمد"}),
            ("م أحمد الخطيب", {"family": "الخطيب", "given": "م أحمد"}),
            ("عبد الله بن محمد", {"family": "محمد", "given": "عبد الله بن"}),
            ("بن محمد, أ.", {"family": "بن محمد", "given": "أ."}),
            ("von Goethe, J.", {"family": "Goethe", "given": "J.", "non-dropping-particle": "von"}),
        ],
    )
    def test_takes_no_word_for_a_particle_where_there_are_no_capitals(self, written, name):
        [entry] = read(f"@book{{b, title={{كتاب}}, author={{{written}}}}}").entries

        assert entry.kept.item["author"] == [name]

    def test_is_read_entry_by_entry(self):
        first, second, broken, *rest = read(BIBTEX).entries

        assert first.kept.item == {
            "type": "article-journal", "title": "Über das Verhüten: 50% now & then", "container-title": "Journal of X", "issue": "3",
            "page": "100-120", "issued": {"date-parts": [[2020, 3]]}, "DOI": "10.5555/a_b",
            "author": [
                {"family": "Müller", "given": "Jörg"}, {"literal": "Simon and Schuster"},
                {"family": "Doe", "given": "Jane", "non-dropping-particle": "van der"}, {"family": "Benoît", "given": "Éric"},
            ],
        }  # fmt: skip
        assert (second.kept.title, second.line) == ('A "quoted" book', 7)
        assert second.kept.remarks == ["The date is not one that we can read, and is left out."]
        assert (broken.line, broken.problem[:33]) == (8, "It does not end where it should: ")
        assert [entry.kept.title for entry in rest][:1] == ["After"]
        assert rest[0].kept.remarks == [
            "“nonsense” is not a DOI, and is left out.",
            "The address is not one that begins with https://, and is left out.",
        ]
        by_title = {entry.kept.title: entry.kept.item for entry in rest}
        assert by_title["Paren"]["issued"] == {"date-parts": [[1999, 5, 4]]}
        assert by_title["plain"]["issued"] == {"date-parts": [[1999]]}
        assert "It has no title." in next(entry for entry in rest if entry.name == "e").kept.remarks

    def test_runs_nothing_and_reads_no_file(self):
        [entry] = read(r"@misc{x, title={\input{/etc/passwd} \write18{id} \def\a{\a\a}\a safe}}").entries

        assert "root:" not in entry.kept.title
        assert "safe" in entry.kept.title

    @pytest.mark.parametrize(
        "value",
        [
            "{" * 3000 + "x" + "}" * 3000,
            r"\'" * 2000 + "x",
            r"\textbf" * 700 + "x",
            "x" * 100_000,
            "$" * 999 + "x",
        ],
    )
    def test_bombs_are_defused(self, value):
        for field in ("title", "author"):
            [entry] = read(f"@misc{{x, title={{t x}}, {field}={{{value}}}}}").entries
            assert len(str(entry.kept.item)) < 10_000

    def test_names_that_double_each_other_end_early(self):
        doubling = "".join(f"@string{{a{n} = a{n - 1} # a{n - 1}}}\n" for n in range(1, 300))
        [entry] = read('@string{a0 = "lol "}\n' + doubling + "@misc{x, title = a299}").entries

        assert entry.kept.title.startswith("lol lol")
        assert entry.kept.remarks == ["Title: too long, and cut off."]

    def test_writes_nothing_into_the_log(self, caplog):
        read(BIBTEX)

        assert caplog.records == []

    def test_a_broken_reader_leaves_the_text(self, monkeypatch):
        monkeypatch.setattr(bibtex, "_reader", lambda: 1 / 0)

        assert bibtex.plain(r"{\'E}ric") == r"\'Eric"


class TestRis:
    def test_is_read_entry_by_entry(self):
        first, second, third = read(RIS).entries

        assert first.kept.item == {
            "type": "article-journal", "title": "First", "page": "1-9", "ISSN": "1234-5678", "DOI": "10.5555/x",
            "URL": "https://e.example/a", "issued": {"date-parts": [[2020, 3, 1]]},
            "author": [{"family": "Doe", "given": "Jane", "suffix": "Jr."}, {"literal": "WHO"}],
        }  # fmt: skip
        assert second.kept.item == {
            "type": "book", "title": "No end", "page": "7", "ISBN": "978-3-16-148410-0", "author": [{"literal": "Doe"}],
        }  # fmt: skip
        assert (third.kept.title, third.line) == ("Last of all", 18)

    def test_names_what_it_cannot_read(self):
        long, odd = read(
            "TY  - JOUR\n" + "x\n" * 12_000 + "TY  - BOOK\nUR  - a;b\n more\nUR  - c\nAU  - a\nAU  - b"
        ).entries

        assert (long.line, long.problem) == (1, "It is longer than any entry can be.")
        assert odd.line == 12_002


class TestCslJson:
    def test_is_kept_by_a_list_of_fields(self):
        given = """{"items": [{"id": 7, "title": ["T"], "volume": 12, "abstract": "no", "issued": {"raw": "2020-02-30"},
                    "author": [{"family": "A", "x": {}}, 3, {"given": "G"}, "L", {}], "editor": {}, "ISBN": true, "language": "e n"}, 3, {}]}"""
        first, second, third = read(given).entries

        assert first.kept.item == {
            "type": "document", "title": "T", "volume": "12", "issued": {"date-parts": [[2020, 2]]},
            "author": [{"family": "A"}, {"literal": "G"}, {"literal": "L"}],
        }  # fmt: skip
        assert first.kept.remarks == [
            "ISBN: not readable, and left out.",
            "Authors: 2 names are left out.",
            "Editors: not readable, and left out.",
        ]
        assert (second.problem, third.is_work) == ("It is no item of CSL-JSON.", False)

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ('[{"title": "x"', "reading ends in line 1, at the 15. character"),
            ("[" * 100_000, "nested too deeply"),
            ('[{"volume": ' + "9" * 5000 + "}]", "numbers that are too long"),
            ("[]", "We have found no entry"),
            ("hello" * (MAX_CHARACTERS // 5 + 1), "This is too long for one import."),
            ("@a{\n" * 2_001, "These are too many entries for one import."),
            ("\n \n", "We have found no entry"),
        ],
    )
    def test_that_cannot_be_read_says_why(self, text, sentence):
        with pytest.raises(NotReadable, match=sentence):
            read(text)

    def test_is_valid_by_its_schema_whatever_was_given(self):
        items = [
            entry.kept.item | {"id": str(entry.number)}
            for text in (BIBTEX, RIS)
            for entry in read(text).entries
            if entry.is_work
        ]

        assert len(items) == 8
        assert problems(items) == []

    def test_has_limits(self):
        item = kept(
            {"title": "t" * 9000, "author": ["A"] * 500, "URL": "https://e.example/" + "x" * 900}
        ).item

        assert (len(item["title"]), len(item["author"]), "URL" in item) == (500, MAX_NAMES, False)


class TestDois:
    @pytest.mark.parametrize(
        ("written", "doi"),
        [
            ("10.5555/ABC", "10.5555/abc"),
            ("https://doi.org/10.5555/a.", "10.5555/a"),
            ("doi:10.1016/S0140-6736(05)1234-5", "10.1016/s0140-6736(05)1234-5"),
            ("(10.5555/a)", "10.5555/a"),
            ("10.5555", ""),
            ("https://e.example/", ""),
        ],
    )
    def test_have_one_form(self, written, doi):
        assert normal_doi(written) == doi

    def test_are_found_line_by_line(self):
        assert [
            (entry.line, entry.name, bool(entry.problem))
            for entry in read("10.5555/a,10.5555/b; x\n\nhello").entries
        ] == [
            (1, "10.5555/a", False),
            (1, "10.5555/b", False),
            (3, "hello", True),
        ]


class TestHundredMessyEntries:
    KINDS = (
        "@article{{k{n}, title={{Title {n}}}, year={{{n}x}}}}",
        "@article{{k{n}, title={{Title {n}}}, doi={{10.{n}}}}}",
        "@article{{k{n}, author={{Only {n}}}}}",
        "@article{{k{n}, title={{Open {n}}}, note={{",
        "@article{{same, title={{\\'Etude {n}}}, author={{{{\\'E}}cole {n}}}}}",
    )

    def test_are_each_named_with_their_line(self):
        text = "\n".join(self.KINDS[n % 5].format(n=n) for n in range(100))

        entries = read(text).entries

        assert [(entry.number, entry.line) for entry in entries] == [(n + 1, n + 1) for n in range(100)]
        assert sum(entry.is_work for entry in entries) == 60
        for n, entry in enumerate(entries):
            wrong = entry.problem or " ".join(entry.kept.remarks)
            assert bool(wrong) == (n % 5 != 4), n
        assert entries[4].kept.title == "Étude 4"

    def test_beyond_what_is_read_at_once_are_counted(self):
        reading = read("".join(f"@misc{{k{n}, title={{T}}}}\n" for n in range(MAX_ENTRIES + 3)))

        assert (len(reading.entries), reading.left_out) == (MAX_ENTRIES, 3)
        assert reading.rest.startswith("3 more entries were not read.")
        assert read("10.5555/a").rest == ""
