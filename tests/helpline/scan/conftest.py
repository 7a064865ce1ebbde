from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.websites import Websites

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def running_websites() -> Iterator[Websites]:
    made = Websites()
    yield made
    made.close()


@pytest.fixture
def websites(running_websites: Websites) -> Websites:
    """Websites on this machine that behave well until a test says otherwise."""
    running_websites.reset()
    return running_websites
