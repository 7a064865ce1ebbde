"""Lookups shared by the pages of a batch are made once per batch."""

import pytest

from core import memo


class TestPerBatch:
    @pytest.fixture
    def asked(self) -> list[tuple[str, str]]:
        return []

    @pytest.fixture
    def name_of(self, asked):
        @memo.per_batch
        def name_of(thing: str, *, language: str = "en") -> str:
            asked.append((thing, language))
            return f"{thing} in {language}"

        return name_of

    def test_looks_up_once_in_a_batch(self, name_of, asked):
        with memo.batch():
            assert [name_of("menu"), name_of("menu")] == ["menu in en"] * 2

        assert asked == [("menu", "en")]

    def test_looks_up_each_time_outside_of_one(self, name_of, asked):
        name_of("menu")
        name_of("menu")

        assert len(asked) == 2

    def test_starts_empty_in_each_batch(self, name_of, asked):
        for _ in range(2):
            with memo.batch():
                name_of("menu")

        assert len(asked) == 2

    def test_tells_arguments_apart(self, name_of):
        with memo.batch():
            assert [name_of("menu"), name_of("menu", language="de"), name_of("footer")] == [
                "menu in en",
                "menu in de",
                "footer in en",
            ]

    def test_tells_functions_apart(self, name_of):
        @memo.per_batch
        def address_of(thing: str) -> str:
            return f"/{thing}/"

        with memo.batch():
            assert (name_of("menu"), address_of("menu")) == ("menu in en", "/menu/")

    def test_caches_empty_results_as_well(self):
        asked = []

        @memo.per_batch
        def nothing() -> None:
            asked.append(1)

        with memo.batch():
            nothing()
            nothing()

        assert asked == [1]

    def test_tries_again_what_failed(self):
        answers = iter([ValueError("away"), "there"])

        @memo.per_batch
        def fetch() -> str:
            answer = next(answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

        with memo.batch():
            with pytest.raises(ValueError, match="away"):
                fetch()
            assert fetch() == "there"

    def test_keeps_a_batch_within_another_to_itself(self, name_of, asked):
        with memo.batch():
            name_of("menu")
            with memo.batch():
                name_of("menu")
            name_of("menu")

        assert len(asked) == 2
