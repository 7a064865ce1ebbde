"""Relations of other rows to a member: the part of the export that contains each, and the effect of erasing the member.

A system check compares the table with the models, so that a new relation cannot be forgotten.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A foreign key to a member: the part of the export that contains its rows, or the reason for none.

    Rows that outlive the member have a reason for that, too.
    """

    part: str = ""
    left_out: str = ""
    # Empty: rows are deleted with the member.
    survives: str = ""


RELATIONS: Final = {
    "network.MemberWords.member": Relation(left_out="Derived from what the member shows, for the search."),
    "network.Publication.member": Relation(part="publications"),
    "network.Verification.member": Relation(part="verifications"),
    "network.Verification.nominator": Relation(part="nominations_given"),
    "network.Inbox.member": Relation(part="inbox"),
    "network.InboxShare.organisation": Relation(part="inbox"),
    "network.InboxShare.colleague": Relation(part="inbox"),
    "network.Conversation.starter": Relation(part="conversations"),
    "network.Conversation.recipient": Relation(part="conversations"),
    "network.Message.sender": Relation(part="conversations"),
    "network.Message.author": Relation(
        part="written_for_organisations",
        survives="The message belongs to the organisation that it was written for.",
    ),
    "network.MemberBlock.blocker": Relation(part="blocked"),
    "network.MemberBlock.blocked": Relation(left_out="Who has blocked the member is the business of those."),
    "network.ConversationReport.reporter": Relation(part="reports"),
    "network.ProposedTexts.member": Relation(part="proposed"),
    "network.ReviewEntry.member": Relation(part="review"),
    "network.Opportunity.owner": Relation(part="opportunities"),
    "network.Match.member": Relation(part="matches"),
    "network.Match.taken_up_by": Relation(part="contacts"),
    "network.DigestEmailSubscription.member": Relation(part="digest_email"),
    "network.Registration.member": Relation(part="events"),
    "network.GroupMembership.member": Relation(part="groups"),
    "network.Practice.owner": Relation(
        part="practices_owned",
        survives="The record belongs to the registry. It no longer says who owned it.",
    ),
    "network.PracticeMember.member": Relation(part="practices"),
}
