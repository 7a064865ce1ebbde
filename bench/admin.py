"""Measure pages of the admin beside Wagtail's own for the same work, in turns.

Given is the 95th percentile of the processor time, without PostgreSQL's.

    python bench/admin.py [--rounds 40]

Runs in a temporary folder, with the settings of the demonstration.
Wagtail's own are a plain `SnippetViewSet` for the same rows and the same fields, and its list of the same pages.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import scratch  # noqa: E402
from bench.table import Row, machine, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from django.urls import URLPattern, URLResolver

GOAL = "1.50 x"
ROWS = 50
ROUNDS = 40
PLAIN = "plain"


class Addresses:
    """A URLconf: that of the private site, and Wagtail's own views of the same models."""

    def __init__(self) -> None:
        from django.urls import include, path
        from wagtail.admin.auth import require_admin_access
        from wagtail.utils.urlpatterns import decorate_urlpatterns

        from config.urls import private

        viewsets = {viewset.url_namespace: viewset for viewset in plain_viewsets()}
        own: list[URLPattern | URLResolver] = [
            path(f"admin/{name}/", include((viewset.get_urlpatterns(), name))) for name, viewset in viewsets.items()
        ]
        self.urlpatterns = [*decorate_urlpatterns(own, require_admin_access), *private.urlpatterns]
        self.handler403, self.handler404 = private.handler403, private.handler404
        self.handler400, self.handler500 = private.handler400, private.handler500


def plain_viewsets() -> Iterator[Any]:
    """Yield the viewsets that Wagtail makes of our models, with the default columns of a list and the same fields."""
    from wagtail.snippets.views.snippets import SnippetViewSet

    from campaigns.models import Material, Theme

    for model in (Material, Theme):
        ours = model.snippet_viewset
        fields = {
            "model": model,
            "url_namespace": f"{PLAIN}-{model._meta.model_name}",
            "url_prefix": f"{PLAIN}-{model._meta.model_name}",
            "list_per_page": ours.list_per_page,
            "edit_handler": ours.get_edit_handler(),
        }
        yield type(f"Plain{model.__name__}", (SnippetViewSet,), fields)()


def measure(rounds: int = ROUNDS, *, rows: int = ROWS) -> str:
    """Return the table.

    Replaces all pages: use only with a scratch database.
    """
    from django.conf import settings
    from django.test import Client, override_settings
    from django.urls import reverse

    from tests.factories.campaigns import MaterialFactory, ThemeFactory
    from tests.factories.users import UserFactory

    pages = build_pages(rows)
    material = MaterialFactory.create_batch(rows)[0]
    theme = ThemeFactory.create_batch(rows)[0]
    client = Client(headers={"host": settings.PRIVATE_HOST})
    client.force_login(UserFactory(is_superuser=True))
    with override_settings(ROOT_URLCONF=Addresses()):
        pairs = {f"{rows} pages, with their translations": (reverse("wagtailadmin_explore", args=[pages]),
                                                            f"{reverse('translation_table')}?kind=pages")}  # fmt: skip
        for row, kind in ((material, "materials"), (theme, "themes")):
            ours, plain = type(row).snippet_viewset.url_namespace, f"{PLAIN}-{type(row)._meta.model_name}"
            pairs[f"{rows} {kind}"] = (reverse(f"{plain}:list"), reverse(f"{ours}:list"))
            pairs[f"the form of one of the {kind}"] = tuple(
                reverse(f"{name}:edit", args=[row.pk]) for name in (plain, ours)
            )
        found = [Row(what, *in_turns(client, pair, rounds), "ms", GOAL) for what, pair in pairs.items()]
    return table(found, first="Wagtail's own", second="ours")


def build_pages(rows: int) -> int:
    """Build this many pages below a home page, translated into one language, and return the key of the home page."""
    from wagtail.models import Page

    from bench import translations
    from tests.factories.core import HomePageFactory, StandardPageFactory
    from tests.translating.conftest import translated
    from translating import states

    (german,) = translations.build_languages(1)
    Page.objects.filter(depth__gt=1).delete()
    home = HomePageFactory(parent=Page.objects.get(depth=1))
    translated(home, german)
    for number in range(rows):
        translated(StandardPageFactory(parent=home, slug=f"page-{number}"), german)
    states.write_noted()
    return int(home.pk)


def in_turns(client: Client, addresses: tuple[str, ...], rounds: int) -> list[float]:
    """Return the 95th percentile of each address in milliseconds of the processor, all asked for in each round."""
    took: dict[str, list[float]] = {address: [] for address in addresses}
    gc.freeze()
    for number in range(rounds + 1):
        gc.collect()  # so that no page pays for the garbage of the one before
        for address in addresses:
            started = time.process_time()
            answer = client.get(address)
            if answer.status_code != 200:
                raise RuntimeError(f"{address} answers {answer.status_code}.")
            if number:  # the first fills the caches
                took[address].append((time.process_time() - started) * 1000)
    return [percentile(each) for each in took.values()]


def percentile(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    with scratch.site():
        print(f"\n{measure(chosen.rounds)}\n\n{machine()}")


if __name__ == "__main__":
    main()
