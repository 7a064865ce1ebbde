"""The demonstration after its database has died."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.demonstration]


class TestDemonstration:
    def test_every_rendered_address_still_answers(self, demonstration_alone):
        before = {path: demonstration_alone.get(path).status for path in demonstration_alone.addresses()}

        with demonstration_alone.without_database():
            after = {path: demonstration_alone.get(path).status for path in before}
            # The workers take turns: one that has not needed the database before must not start it, either.
            searches = [demonstration_alone.get("/de/search/?q=Hilfe") for _ in range(20)]
            private = demonstration_alone.get("/account/login/", host="private")
        recovered = demonstration_alone.wait_for("/de/search/?q=Hilfe", seconds=120)

        assert after == before
        assert {path: status for path, status in before.items() if status not in {200, 301}} == {}
        assert {search.status for search in searches} == {503}
        assert searches[0].header("Retry-After")
        assert 'lang="de"' in searches[0].text
        assert private.status == 503
        assert recovered.status == 200
