"""The ORM changes no public fact, and publishes none.

The scheduler finds changes that bypass the ORM.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from asgiref.sync import async_to_sync
from django.core import serializers
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction

from helpline.approval.rule import NotApprovedError
from helpline.jobs import JOBS
from helpline.models import ContactPoint, Programme, ProgrammeText, SupportLine
from tests.factories.helpline import ProgrammeFactory, ProgrammeTextFactory, SupportLineFactory
from tests.helpline.rows import point_of

pytestmark = pytest.mark.django_db
WRONG = "+493023125999"


def on_show():
    """Return everything that the public sees of listings, as it is stored."""
    live = {
        model: list(model.objects.filter(live=True).order_by("pk").values())
        for model in (Programme, SupportLine, ProgrammeText)
    }
    noted = {"latest_revision_id", "has_unpublished_changes", "last_published_at"}
    rows = {model: [{k: v for k, v in row.items() if k not in noted} for row in live[model]] for model in live}
    points = ContactPoint.objects.filter(programme__live=True).order_by("pk").values()
    return rows, list(points)


def another(point, programme=None, **facts):
    """Return an object with the row of a contact point, but other facts."""
    made = {"number": WRONG, "channel": "phone", **facts}
    return ContactPoint(programme=programme or point.programme, uuid=point.uuid, **made)


def conflicting(field):
    return {"update_conflicts": True, "unique_fields": ["uuid"], "update_fields": [field]}


def loaded(row, **facts):
    """Return the data of loaddata: a row with other facts."""
    (found,) = serializers.deserialize("python", serializers.serialize("python", [row]))
    for name, value in facts.items():
        setattr(found.object, name, value)
    return found


def instance(row, **facts):
    for name, value in facts.items():
        setattr(row, name, value)
    return row


def commit(programme, points):
    programme.contact_points.set(points)
    programme.contact_points.commit()


def number(point):
    return instance(point, number=WRONG)


def awaited(method, *args, **options):
    """Call a method of the asynchronous ORM.

    A manager hides that its methods are asynchronous.
    It runs in a separate thread, as a browser's loop may be running in this one, and with this thread's connection,
    which holds the rows.
    """
    ours = connections[DEFAULT_DB_ALIAS]

    async def call():
        return await method(*args, **options)

    def run():
        connections[DEFAULT_DB_ALIAS] = ours
        return async_to_sync(call)()

    ours.inc_thread_sharing()
    try:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(run).result()
    finally:
        ours.dec_thread_sharing()


WAYS = {
    "save": lambda p, c: number(c).save(),
    "save of a column": lambda p, c: number(c).save(update_fields=["number"]),
    "save without questions": lambda p, c: number(c).save_base(),
    "create": lambda p, c: ContactPoint.objects.create(programme=p, number=WRONG),
    "get or create": lambda p, c: ContactPoint.objects.get_or_create(programme=p, number=WRONG),
    "update or create": lambda p, c: ContactPoint.objects.update_or_create({"number": WRONG}, pk=c.pk),
    "update": lambda p, c: ContactPoint.objects.filter(pk=c.pk).update(number=WRONG),
    "insert of many": lambda p, c: ContactPoint.objects.bulk_create([ContactPoint(programme=p, number=WRONG)]),
    "insert over a row": lambda p, c: ContactPoint.objects.bulk_create([another(c)], **conflicting("number")),
    "insert over a row of another": lambda p, c: ContactPoint.objects.bulk_create(
        [another(c, ProgrammeFactory())], **conflicting("number")
    ),
    "delete": lambda p, c: c.delete(),
    "delete of many": lambda p, c: ContactPoint.objects.filter(pk=c.pk).delete(),
    "delete by the base manager": lambda p, c: ContactPoint._base_manager.filter(pk=c.pk).delete(),
    "children of the programme": lambda p, c: commit(p, [number(c)]),
    "no children of the programme": lambda p, c: commit(p, []),
    "another programme": lambda p, c: instance(c, programme=ProgrammeFactory()).save(),
    "save of the programme": lambda p, c: instance(p, website="https://other.example/").save(),
    "save of the programme without questions": lambda p, c: instance(p, website="https://other.example/").save_base(),
    "update of the programme": lambda p, c: Programme.objects.update(website="https://other.example/"),
    "update of the programme by the base manager": lambda p, c: Programme._base_manager.update(
        website="https://other.example/"
    ),
    "update of many programmes": lambda p, c: Programme.objects.bulk_update(
        [instance(p, website="https://other.example/")], ["website"]
    ),
    "insert over the programme": lambda p, c: Programme.objects.bulk_create(
        [Programme(uuid=p.uuid, name="Other", website="https://other.example/", live=False)],
        **conflicting("website"),
    ),
    "update or create of the programme": lambda p, c: Programme.objects.update_or_create(
        {"website": "https://other.example/"}, pk=p.pk
    ),
    "create of a programme on show": lambda p, c: Programme.objects.create(name="Other", live=True),
    "save of a line": lambda p, c: instance(SupportLine.objects.get(), number="116000").save_base(),
    "update of a line": lambda p, c: SupportLine._base_manager.update(number="116000"),
    "text of another programme": lambda p, c: ProgrammeFactory().texts.add(ProgrammeText.objects.get()),
    "update of a text": lambda p, c: ProgrammeText._base_manager.update(summary="Other words."),
    "save of a text": lambda p, c: instance(ProgrammeText.objects.get(), summary="Other words.").save_base(),
    "children of a programme saved with it": lambda p, c: instance(p, contact_points=[number(c)]).save(),
    "texts of another programme": lambda p, c: ProgrammeFactory().texts.set(ProgrammeText.objects.all()),
    # The same methods, asynchronous.
    "async save": lambda p, c: awaited(number(c).asave),
    "async save of the programme": lambda p, c: awaited(instance(p, website="https://other.example/").asave),
    "async create": lambda p, c: awaited(ContactPoint.objects.acreate, programme=p, number=WRONG),
    "async get or create": lambda p, c: awaited(ContactPoint.objects.aget_or_create, programme=p, number=WRONG),
    "async update or create": lambda p, c: awaited(ContactPoint.objects.aupdate_or_create, {"number": WRONG}, pk=c.pk),
    "async update": lambda p, c: awaited(ContactPoint.objects.filter(pk=c.pk).aupdate, number=WRONG),
    "async update of the programme by the base manager": lambda p, c: awaited(
        Programme._base_manager.aupdate, website="https://other.example/"
    ),
    "async update of many": lambda p, c: awaited(ContactPoint.objects.abulk_update, [number(c)], ["number"]),
    "async insert of many": lambda p, c: awaited(
        ContactPoint.objects.abulk_create, [ContactPoint(programme=p, number=WRONG)]
    ),
    "async insert over a row": lambda p, c: awaited(
        ContactPoint.objects.abulk_create, [another(c)], **conflicting("number")
    ),
    "async delete": lambda p, c: awaited(c.adelete),
    "async delete of many": lambda p, c: awaited(ContactPoint.objects.filter(pk=c.pk).adelete),
    "async text of another programme": lambda p, c: awaited(ProgrammeFactory().texts.aadd, ProgrammeText.objects.get()),
    "async texts of another programme": lambda p, c: awaited(
        ProgrammeFactory().texts.aset, ProgrammeText.objects.all()
    ),
}


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# Routes that bypass the ORM: database statements, and dumps, which are stored as they are.
PAST = {
    "a number": lambda p, c: sql("UPDATE helpline_contactpoint SET number = %s WHERE id = %s", WRONG, c.pk),
    "a contact point that is gone": lambda p, c: sql("DELETE FROM helpline_contactpoint WHERE id = %s", c.pk),
    "a contact point from elsewhere": lambda p, c: sql(
        "UPDATE helpline_contactpoint SET programme_id = %s WHERE id = %s",
        p.pk,
        point_of(ProgrammeFactory()).pk,
    ),
    "a website": lambda p, c: sql("UPDATE helpline_programme SET website = 'https://other.example/'"),
    "a draft on show": lambda p, c: sql(
        "UPDATE helpline_programme SET live = true WHERE id = %s", ProgrammeFactory(checked=True).pk
    ),
    "a forgotten version": lambda p, c: p.live_revision.delete(),
    "a version with other words": lambda p, c: sql(
        'UPDATE wagtailcore_revision SET content = content || \'{"region": "Graz"}\' WHERE id = %s',
        p.live_revision_id,
    ),
    "the number of a line": lambda p, c: sql("UPDATE helpline_supportline SET number = '116000'"),
    "the words of a text": lambda p, c: sql("UPDATE helpline_programmetext SET summary = 'Other words.'"),
    "a dump of a number": lambda p, c: loaded(c, number=WRONG).save(),
    "a dump of a programme": lambda p, c: loaded(p, website="https://other.example/").save(),
    "a dump of a programme on show": lambda p, c: loaded(Programme(name="Other", live=True)).save(),
    "a query without its class": lambda p, c: models.QuerySet(ContactPoint).update(number=WRONG),
}


@pytest.fixture
def published_records(shown):
    SupportLineFactory(approved=True)
    ProgrammeTextFactory(programme=shown, approved=True)
    return shown


def after(listing, way, seen):
    """Try a way, return the public facts afterwards, and undo it."""
    with transaction.atomic():
        programme = Programme.objects.get(pk=listing.pk)
        with suppress(NotApprovedError), transaction.atomic():
            way(programme, programme.contact_points.get())
        found = seen()
        transaction.set_rollback(True)
    return found


def hidden():
    """Run the job, and return whether it hid exactly the rows that differ."""
    job = next(job for job in JOBS if job.name == "helpline-integrity")
    found = list(job.items())
    for row in found:
        job.run(row)
    return len(found) == 1 and not type(found[0]).objects.get(pk=found[0].pk).live


class TestTheOrm:
    def test_changes_nothing_that_is_on_show(self, published_records):
        before = on_show()

        assert [name for name, way in WAYS.items() if after(published_records, way, on_show) != before] == []

    def test_is_tried_in_every_way_that_it_has(self, published_records):
        """All methods that Django marks as altering data are tried, asynchronous ones included.

        A new one is missed here.
        """
        tried = {name for way in (*WAYS.values(), commit) for name in way.__code__.co_names}
        ways = {
            name
            for kind in (ContactPoint, models.QuerySet, type(published_records.texts))
            for name in dir(kind)
            if not name.startswith("_") and getattr(getattr(kind, name), "alters_data", False)
        }

        assert {"asave", "aupdate", "abulk_create", "aset"} <= ways
        assert ways - tried == set()

    def test_is_looked_after_by_the_scheduler(self, published_records):
        """The job hides a row that was changed in any other way, so it is no longer public."""
        assert [name for name, way in PAST.items() if not after(published_records, way, hidden)] == []
