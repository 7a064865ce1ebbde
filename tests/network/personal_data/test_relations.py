"""The export and erasure of each relation to a member are defined, and follow the definition."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from network.checks import relation_errors
from network.members import services as members
from network.models import Member
from network.personal_data.export import PARTS, everything_about
from network.personal_data.relations import RELATIONS
from tests.factories.network import MemberFactory, with_everything

pytestmark = pytest.mark.django_db


def relations():
    """Return all foreign keys to a member by label, including those without a reverse accessor."""
    fields = Member._meta.get_fields(include_hidden=True)
    found = [field.field for field in fields if field.is_relation and field.auto_created]
    return {f"{field.model._meta.label}.{field.name}": field for field in found}


def rows(field, member):
    return field.model._default_manager.filter(**{field.name: member})


class TestTable:
    def test_has_every_relation_of_the_models(self):
        renamed = {label.replace("Practice.owner", "Practice.keeper"): row for label, row in RELATIONS.items()}

        assert list(relation_errors(RELATIONS)) == []
        assert [error.id for error in relation_errors(renamed)] == ["network.E001", "network.E002"]

    @pytest.mark.parametrize("label", RELATIONS)
    def test_exports_each_or_says_why_not(self, label):
        relation = RELATIONS[label]

        assert bool(relation.part) != bool(relation.left_out)
        assert not relation.part or relation.part in PARTS

    def test_is_met_by_a_member_who_has_everything(self):
        member = with_everything(MemberFactory(listed=True))

        assert [label for label, field in relations().items() if not rows(field, member).exists()] == []


class TestExport:
    def test_has_something_of_every_relation_and_nothing_of_a_stranger(self):
        member, stranger = with_everything(MemberFactory(listed=True)), MemberFactory(listed=True)

        exported, bare = everything_about(member), everything_about(stranger)

        parts = {relation.part for relation in RELATIONS.values() if relation.part} - {"inbox"}
        assert {part for part in parts if not exported[part]} == set()
        assert {part for part in parts if bare[part]} == set()
        assert len(exported["inbox"]["shares"]) == 2
        json.dumps(exported, cls=DjangoJSONEncoder)

    def test_has_the_practices_that_a_member_owns_and_those_that_they_run(self):
        member = with_everything(MemberFactory(listed=True))

        exported = everything_about(member)

        [owned], [run] = exported["practices_owned"], exported["practices"]
        assert owned["practice"] == run["practice"]
        assert (run["part"], owned["answers"][0]["answer"]) == ("runs", "We have changed that.")


class TestErasure:
    def test_deletes_every_row_but_those_that_survive_for_a_reason(self):
        member = with_everything(MemberFactory(listed=True))
        kept = {label: list(rows(field, member).values_list("pk", flat=True)) for label, field in relations().items()}

        members.leave(member=member)

        left = {
            label
            for label, field in relations().items()
            if field.model._default_manager.filter(pk__in=kept[label]).exists()
        }
        assert left == {label for label, relation in RELATIONS.items() if relation.survives}
        for label in left:
            field = relations()[label]
            assert set(field.model._default_manager.filter(pk__in=kept[label]).values_list(field.name, flat=True)) == {
                None
            }
