"""Checks of the database: whether it responds, has a supported version, and has up-to-date tables."""

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from core import version
from core.postgresql import failover, public_role, replica, schema
from operations import upgrading
from operations.backups import BackupError, encryption, postgres
from operations.diagnostics import DoctorFinding, doubtful, right, wrong
from prerender.models import RenderVersion

OLDEST = 15  # the version of PostgreSQL
SKEW = 5  # seconds between two clocks


def database() -> Iterator[DoctorFinding]:
    try:
        connection.ensure_connection()
    except OperationalError as problem:
        yield wrong(
            "Database",
            f"It does not respond: {str(problem).strip().splitlines()[0]}",
            meaning="Prerendered pages are shown; search, the private site and "
            "everything that people send say that it is not possible just now.",
            remedy="Start PostgreSQL, and look at DATABASE_URL. The site recovers by itself.",
        )
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('server_encoding'), "
            "pg_database_size(current_database()), now()"
        )
        server, encoding, size, now = cursor.fetchone()
    said = f"PostgreSQL {server}, {encoding}, {filesizeformat(size)}."
    if int(server.split(".")[0]) < OLDEST or encoding != "UTF8":
        yield wrong(
            "Database",
            f"{said} PostgreSQL {OLDEST} or newer is needed, and UTF8.",
            meaning="Some pages and texts cannot be kept.",
            remedy="Make a new cluster (`initdb --encoding=UTF8`), and restore a backup into it.",
        )
    else:
        yield right("Database", said)
    skew = abs((timezone.now() - now).total_seconds())
    if skew > SKEW:
        yield wrong(
            "Time",
            f"The clocks of this machine and of the database differ by {skew:.0f} seconds.",
            meaning="Things are published at the wrong moment, and links expire too early.",
            remedy="Switch on time synchronisation on both: `timedatectl set-ntp true`.",
        )
    else:
        yield right("Time", "This machine and the database agree about it.")


def tables() -> Iterator[DoctorFinding]:
    if not upgrading.has_site():
        yield wrong(
            "Tables",
            "The database is empty.",
            meaning="There is no site yet.",
            remedy="`manage.py upgrade` makes a new one; `manage.py restore FILE` brings back one from a backup.",
        )
        return
    pending = upgrading.pending_migrations()
    digest = RenderVersion.objects.values_list("digest", flat=True).first()
    if pending or (digest and digest != version.running()):
        yield wrong(
            "Version",
            f"This version ({version.running()}) is installed, and the "
            f"site is that of another one; {len(pending)} migrations wait.",
            meaning="Visitors see the pages that are there. Nothing is rendered, "
            "so changes in the admin do not appear.",
            remedy="`manage.py upgrade`, then restart the web processes, the worker and the scheduler.",
        )
    elif newer := upgrading.unknown_migrations(upgrading.applied_migrations()):
        yield doubtful(
            "Version",
            f"A newer version has been here: {', '.join(newer[:3])}.",
            meaning="What it added does no harm; what it took away is missing on the private site.",
            remedy="Install that version, or restore the backup from before the upgrade.",
        )
    else:
        yield right("Version", f"{version.running()}; no migration waits.")


def columns() -> Iterator[DoctorFinding]:
    """Compare the tables and columns with those of the models: a database can lack some although no migration waits."""
    if missing := schema.missing():
        yield wrong(
            "Columns",
            f"The database lacks {len(missing)} tables or columns that this version has: {', '.join(missing)}.",
            meaning="Pages and forms that use them fail.",
            remedy=(
                "Restore a backup that was made by this version. "
                "Load a demonstration again: delete its folder `var`, then `make demo`."
            ),
        )
    else:
        yield right("Columns", "The database has every table and column of this version.")


def programs() -> Iterator[DoctorFinding]:
    try:
        yield right("pg_dump", f"In {postgres.programs()}, and not older than the server.")
    except BackupError as problem:
        yield wrong(
            "pg_dump",
            str(problem).removesuffix(" Nothing was changed."),
            meaning="No backup can be made or restored.",
            remedy="Install the package named above.",
        )
    try:
        encryption.require_program(settings.BACKUPS["recipients"])
    except BackupError as problem:
        yield wrong(
            "Encryption",
            str(problem),
            meaning="The next backup fails.",
            remedy="Install the package named above, or put right WAYMARK_BACKUP_RECIPIENTS.",
        )


def servers() -> Iterator[DoctorFinding]:
    """Check each of the servers that DATABASE_URL names, if there are several."""
    there = failover.servers(connection.get_connection_params())
    if len(there) == 1:
        return
    found = failover.writable(there, connection.connect_to)  # type: ignore[attr-defined]
    for each, _choice in found:
        each.close()
    hosts = [choice.host for _each, choice in sorted(found, key=lambda each: each[1].timeline)]
    if len(hosts) > 1:
        yield wrong(
            "Servers",
            f"{len(hosts)} of them accept changes: {', '.join(hosts)}.",
            meaning="What people write goes to one or the other, and is missing in the other one.",
            remedy=f"Stop all but {hosts[-1]}, which was promoted last, "
            "and make them replicas of it: docs/operators/several-machines.md.",
        )
    elif hosts:
        yield right("Servers", f"{len(there)} are named, and {hosts[0]} accepts changes.")


def replication() -> Iterator[DoctorFinding]:
    """Check the replica, if there is one, by comparing twice: this process has no record of it."""
    if not replica.is_there():
        return
    meaning = "Searches on the public site read from the primary, so they show nothing old."
    try:
        before, there = (replica.position(alias) for alias in (replica.monitor.primary, replica.monitor.replica))
    except (DatabaseError, InterfaceError) as problem:
        yield wrong(
            "Replica",
            f"It does not respond: {str(problem).strip().splitlines()[0]}",
            meaning=meaning,
            remedy="Start it, and look at WAYMARK_REPLICA_URL. The site uses it again by itself.",
        )
        return
    if not there.is_replica and there.running_since != before.running_since:
        yield wrong(
            "Replica",
            "It was promoted, and accepts changes itself.",
            meaning=meaning,
            remedy="If it has replaced the primary, name it in DATABASE_URL. "
            "If not, rebuild it from the primary: docs/operators/several-machines.md.",
        )
    elif not replica.wait_until_replayed():
        missing = filesizeformat(max(0, before.bytes - there.bytes))
        yield wrong(
            "Replica",
            f"It is late: {missing} were missing, and have not come within {replica.LATE:.0f} seconds.",
            meaning=meaning,
            remedy="Ask it: `SELECT status, conninfo FROM pg_stat_wal_receiver`. "
            "No row: it has lost its primary, and its log says why.",
        )
    else:
        yield right("Replica", "It has everything that the primary has.")


def public_account() -> Iterator[DoctorFinding]:
    """Check that the public site reads with an account of its own, which can change nothing."""
    subject = "Public account"
    meaning = "Who breaks into the public site can change every number and read all messages."
    remedy = "docs/operators/first-steps.md, under *Least privilege*."
    if public_role.is_bypassed():
        yield wrong(
            subject,
            "The public site is connected with the account of the private site, which may do anything.",
            meaning=meaning,
            remedy=f"Give it {public_role.name()}: {remedy}",
        )
        return
    found = public_role.excess()
    if found is None:
        yield doubtful(subject, "There is none.", meaning=meaning, remedy=f"`manage.py upgrade` creates it: {remedy}")
    elif found.written or found.read:
        yield wrong(
            subject,
            f"{public_role.name()} may write {', '.join(found.written) or 'nothing'}, "
            f"and read {', '.join(found.read) or 'nothing'} without need.",
            meaning=meaning,
            remedy="`manage.py upgrade`.",
        )
    elif found.missing:
        yield wrong(
            subject,
            f"{public_role.name()} may not read {', '.join(found.missing)}.",
            meaning="Searches and lists of the public site fail.",
            remedy="`manage.py upgrade`.",
        )
    else:
        yield right(subject, f"{public_role.name()} reads {len(public_role.tables())} tables, and writes none.")


CHECKS = [database, servers, replication, columns, tables, public_account, programs]
