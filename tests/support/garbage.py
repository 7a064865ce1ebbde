"""Frequency of Python's garbage collection while the tests run.

What is imported and collected (Django, Wagtail, six thousand tests) stays until the end, yet the collector would
walk through all of it again and again: that took a tenth of a worker's time.
So it is left out, and the collector runs less often, as long-running servers do it too.
Objects without references are freed immediately, as always: this is only about those that refer to one another.
"""

import gc
from collections.abc import Generator

import pytest

# New objects before the youngest generation is examined, and the ratios of the older ones.
# Python's own: 2,000, 10, 10.
THRESHOLDS = (500_000, 20, 1_000)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    gc.disable()
    result = yield
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()
    return result
