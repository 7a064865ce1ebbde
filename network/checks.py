"""System checks of the network.

A relation to a member that `RELATIONS` lacks fails `manage.py check`.
"""

from collections.abc import Iterator, Mapping

from django.core.checks import CheckMessage, Error, register
from django.db.models import ForeignObjectRel

from network.models import Member
from network.personal_data.relations import RELATIONS, Relation


@register()
def check_relations(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    yield from relation_errors(RELATIONS)


def relation_errors(table: Mapping[str, Relation]) -> Iterator[CheckMessage]:
    """Yield an error for each foreign key to a member that the table lacks, and for each row without one."""
    fields = Member._meta.get_fields(include_hidden=True)
    keys = [relation.field for relation in fields if isinstance(relation, ForeignObjectRel)]
    labels = {f"{key.model._meta.label}.{key.name}" for key in keys}
    for label in sorted(labels - table.keys()):
        yield Error(
            f"{label} refers to a member and is in no row of RELATIONS.",
            hint="Add it to network/personal_data/relations.py: which part of the export has it, or why none has.",
            id="network.E001",
        )
    for label in sorted(table.keys() - labels):
        yield Error(f"RELATIONS has {label}, which no model has.", id="network.E002")
