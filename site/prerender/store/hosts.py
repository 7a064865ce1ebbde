"""Several machines, each with its own folder of prerendered files.

Each has a name (`settings.PRERENDER_HOST`) and renders what is due there: a change is due on every machine.
A withdrawal does not wait for a render.
The machine on which a user withdraws content removes it at the commit; the others find it in a table (`Withdrawal`)
that their worker and their scheduler read every LOOKS_EVERY seconds, even while they do other work.

A machine that has been inactive for FORGOTTEN_AFTER is forgotten.
When it comes back, its folder may be out of date: it begins with an empty one, as a new machine does.
"""

import logging
import threading
from collections.abc import Collection
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.background.processes import SCHEDULER, WORKER
from core.publishing import routes
from core.scheduler import Job
from prerender import addresses, services, tasks
from prerender.models import PendingPath, PrerenderedPath, PrerenderHost, Withdrawal, this_host

log = logging.getLogger(__name__)
LOOKS_EVERY = 1.0  # seconds
FORGOTTEN_AFTER = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)


def attend() -> None:
    """Record that this machine is active, and remove what has been withdrawn on others.

    Two queries if there is nothing to do.
    """
    host = PrerenderHost.objects.filter(name=this_host()).first()
    if host is None:
        join()
    elif host.seen_at < timezone.now() - SEEN_EVERY:
        PrerenderHost.objects.filter(pk=host.pk).update(seen_at=timezone.now())
    take_away_withdrawn()


@transaction.atomic
def join() -> None:
    """Register this machine as a renderer with an empty folder, and have everything prerendered."""
    _host, is_new = PrerenderHost.objects.get_or_create(name=this_host())
    if is_new:
        log.warning("This machine renders from now on: %s. Its folder is rendered again.", this_host())
        PrerenderedPath.objects.all().delete()
        services.remove_strays()
        services.make_all_due()
        transaction.on_commit(tasks.render_everywhere)


def take_away_withdrawn() -> None:
    """Remove from the folder of this machine what was withdrawn on others, unless it has become public again.

    A package stays public, and is rendered again without a withdrawn file.
    """
    noted = dict(Withdrawal.objects.filter(host=this_host()).values_list("path", "pk"))
    if not noted:
        return
    public = addresses.locate_all(noted)
    packages = routes.packages_among(public)
    services.take_away([path for path in noted if path not in public or path in packages])
    services.make_packages_due(packages)
    # Not the rows noted meanwhile: their paths may have been rendered again since.
    Withdrawal.objects.filter(pk__in=noted.values()).delete()


def forget_inactive() -> None:
    """Forget machines that have been inactive for too long."""
    inactive = PrerenderHost.objects.filter(seen_at__lt=timezone.now() - FORGOTTEN_AFTER)
    for name in inactive.names():
        log.error("A machine has been inactive for %s, and is forgotten: %s", FORGOTTEN_AFTER, name)
        forget([name])


JOB = Job(name="prerender-hosts", title=_("Machines that have gone"), every=timedelta(hours=1), run=forget_inactive)


@transaction.atomic
def forget(names: Collection[str]) -> int:
    """Forget these machines and what is due on them.

    Returns how many of them there were.
    """
    found, _rows = PrerenderHost.objects.filter(name__in=names).delete()
    for rows in (PendingPath.everywhere, PrerenderedPath.everywhere, Withdrawal.objects):
        rows.filter(host__in=names).delete()
    tasks.drop(names)
    return found


def forget_others() -> str:
    """Forget the other machines after a restore, and return a message that names them.

    Their folders do not match the backup: each machine joins again, and renders everything.
    """
    others = PrerenderHost.objects.others().names()
    forget(others)
    return f"These machines begin with an empty folder: {', '.join(others)}." if others else ""


def accompany(process: str) -> None:
    """Attend to the folder of this machine in a separate thread."""
    if process in {WORKER, SCHEDULER} and this_host():
        threading.Thread(target=keep_attending, args=[threading.Event()], name="prerender-host", daemon=True).start()


def keep_attending(stopped: threading.Event) -> None:
    while not stopped.wait(LOOKS_EVERY):
        try:
            attend()
        except (DatabaseError, InterfaceError):
            log.debug("The database is unavailable: nothing can have been withdrawn since.")
            connections.close_all()
        except OSError as problem:
            log.error("What has been withdrawn could not be taken away: %s", problem)
