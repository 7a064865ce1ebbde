"""The broker: Redis or Valkey, which hands out tasks to workers. Only where WAYMARK_REDIS_URL names one (decision 0057).

The table of django-tasks-db stays what is relied on: a task is committed or rolled back with what it is for, and is claimed, taken over
and given up as without a broker (`core/worker.py`). The broker holds nothing but primary keys, a set for each queue, sorted by urgency,
so that each worker gets another one and none has to search the table. It may be away, be emptied or lose a key with the worker that had it: whoever
wants a task looks at the table every LOOK_EVERY seconds and hands over what is ready, and takes it from there while the broker is away.
"""

from __future__ import annotations

import logging
import time
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.tasks import DEFAULT_TASK_QUEUE_NAME
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from redis import Redis

log = logging.getLogger(__name__)

KEY = "waymark:tasks {queue}"
# Seconds that one answer may take, and for how long a broker that gave none is left alone.
PATIENCE, REST = 1.0, 10.0
LOOK_EVERY = 15.0  # seconds
# Tasks that one look hands over, the most urgent first.
MOST = 10_000

type Row = tuple[str, UUID, int, datetime]
ROW = ("queue_name", "pk", "priority", "enqueued_at")


def is_configured() -> bool:
    return bool(settings.REDIS_URL)


def connect() -> Redis:
    """Return a client that waits no longer than PATIENCE. Raises ImportError without the extra `redis`, and ValueError for what is no address."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=PATIENCE,
        socket_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )


def in_table(queues: Collection[str]) -> UUID | None:
    """Return the most urgent of the tasks that are ready in these queues, as the database has it."""
    return DBTaskResult.objects.ready().filter(queue_name__in=queues).values_list("pk", flat=True).first()


def score(priority: int, enqueued_at: datetime) -> float:
    """Return where a task is in the sorted set: by priority, then by age. Exact, for it is less than 2**53."""
    return (100 - priority) * 10**13 + int(enqueued_at.timestamp() * 1000)


class Broker:
    """This process's connection to the broker."""

    def __init__(self) -> None:
        self.client = connect()
        self.rests_until = self.looks_at = 0.0
        self.is_away = False

    def hand_over(self, rows: Iterable[Row]) -> None:
        """Tell the broker of tasks that are ready. Does nothing while it is away: they are in the table."""
        scores: dict[str, dict[str, float]] = {}
        for queue, key, priority, at in rows:
            scores.setdefault(KEY.format(queue=queue), {})[str(key)] = score(priority, at)
        for name, some in scores.items():
            self._ask(partial(self.client.zadd, name, some))

    def take(self, queues: Collection[str]) -> UUID | None:
        """Return the task to do next, and nobody else gets it; while the broker is away, the first in the table. None if nothing is waiting.

        `queues`: whose tasks this worker does. Those that it shares with others come last.
        """
        if time.monotonic() >= self.looks_at:
            self.looks_at = time.monotonic() + LOOK_EVERY
            ready = DBTaskResult.objects.ready().filter(queue_name__in=queues)
            self.hand_over(ready.values_list(*ROW)[:MOST])
        for queue in sorted(queues, key=lambda queue: queue == DEFAULT_TASK_QUEUE_NAME):
            found = self._ask(partial(self.client.zpopmin, KEY.format(queue=queue)))
            if self.is_away:
                return in_table(queues)
            try:
                if found:
                    return UUID(found[0][0].decode())
            except ValueError:
                log.error("Something else writes to a sorted set of tasks of the broker.")
        return None

    def _ask(self, question: Any) -> Any:
        """Ask the broker, unless it is to be left alone; return None if it does not answer."""
        from redis import RedisError

        if time.monotonic() < self.rests_until:
            return None
        try:
            answer = question()
        except RedisError as error:
            # Its message may name an address, and is not written.
            if not self.is_away:
                log.error(
                    "The broker does not answer (%s). Tasks are taken from the database.",
                    type(error).__name__,
                )
            self.is_away, self.rests_until = True, time.monotonic() + REST
            self.looks_at = self.rests_until  # whatever it knew may be gone
            return None
        if self.is_away:
            log.error("The broker is back.")
            self.is_away = False
        return answer


def problem() -> str:
    """Return in a word why the broker does not answer; empty if it does, or if there is none."""
    if not is_configured():
        return ""
    from redis import RedisError

    try:
        connect().ping()
    except RedisError as error:
        return type(error).__name__
    return ""


@cache
def current() -> Broker:
    """Return the broker of this process."""
    return Broker()


class BrokerBackend(DatabaseBackend):
    """Keeps tasks in the database, and tells the broker of each once it is committed."""

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        result: Any = super().enqueue(task, args, kwargs)
        if task.run_after is None:
            row = result.db_result
            rows = [(row.queue_name, row.pk, row.priority, row.enqueued_at)]
            transaction.on_commit(partial(tell, rows), robust=True)
        return result


def tell(rows: list[Row]) -> None:
    current().hand_over(rows)
