"""A picture is rendered once in each size, also when several processes need it at the same time."""

import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from core.models import Picture, Rendition
from tests.factories.campaigns import PictureFactory


@pytest.mark.django_db(transaction=True)
class TestRendition:
    @pytest.mark.parametrize("filters", [("max-32x32",), ("width-32", "width-48")])
    def test_is_drawn_once_when_two_want_it(self, monkeypatch, filters):
        picture = PictureFactory()
        drawn: list[str] = []
        draw = Picture.generate_rendition_file

        def draw_slowly(self, filter, **kwargs):  # noqa: A002
            drawn.append(filter.spec)
            time.sleep(0.3)  # the other thread requests it meanwhile
            return draw(self, filter, **kwargs)

        monkeypatch.setattr(Picture, "generate_rendition_file", draw_slowly)

        def want() -> None:
            try:
                Picture.objects.get(pk=picture.pk).get_renditions(*filters)
            finally:
                connection.close()

        readers = [threading.Thread(target=want) for _ in range(2)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()

        assert sorted(drawn) == sorted(filters)
        assert Rendition.objects.count() == len(filters)
        assert len([*(Path(settings.MEDIA_ROOT) / "images").iterdir()]) == len(filters)
