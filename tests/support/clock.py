"""Jobs of the clock, done by hand."""

from core.clock import Job, declared


def job(name: str) -> Job:
    return next(each for each in declared() if each.name == name)


def run(name: str) -> int:
    """Do what is due of a job, as the clock does: for each of its items. Return how many there were."""
    found = job(name)
    if found.items is None:
        found.run()
        return 1
    items = list(found.items())
    for item in items:
        found.run(item)
    return len(items)
