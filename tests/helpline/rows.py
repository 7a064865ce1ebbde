"""Rows of listings, and numbers of queries."""

from contextlib import contextmanager

from helpline.models import ContactPoint
from tests.support.queries import queries


def is_public(listing):
    return type(listing).objects.public().filter(pk=listing.pk).exists()


def point_of(programme):
    return ContactPoint.objects.get(programme=programme)


@contextmanager
def same_queries(action):
    """Assert that `action` takes as many queries after the rows within are made as before."""
    action()  # so that its caches do not count
    few = queries(action)
    yield
    assert queries(action) == few
