from tests.factories.core import StandardPageFactory


class TestStandardPage:
    def test_shows_its_introduction_to_the_public(self, home, public, settings):
        settings.PRESS_RENDERS_ON_REQUEST = True
        StandardPageFactory(parent=home, slug="about", introduction="Who we are.")

        response = public.get("/en/about/")

        assert "Who we are." in response.content.decode()
