"""What an alert makes doubtful: whoever reads "open now" would call, and nobody would answer.

One rule for the finder, for what is there at any hour, and for the map of gaps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpline.vocabulary.codes import Alert, Channel

if TYPE_CHECKING:
    from helpline.records.contact_points import ContactPoint
    from helpline.records.programmes import Programme

# The whole listing.
NOT_TO_RELY_ON = frozenset({Alert.NO_NEW_PEOPLE, Alert.IN_DOUBT})
# Some of its channels. A text message takes the same line as a call: nobody knows whether it arrives.
DISTURBED = {
    Alert.PHONE_DISTURBED: frozenset({Channel.PHONE, Channel.SMS}),
    Alert.CHAT_DISTURBED: frozenset({Channel.CHAT}),
}


def reliable(programme: Programme) -> bool:
    """Whether somebody who needs an answer can rely on the listing, as far as its alert says."""
    return programme.alert not in NOT_TO_RELY_ON


def usable(programme: Programme, point: ContactPoint) -> bool:
    """Whether the alert of the listing leaves this way of making contact as it is."""
    return reliable(programme) and point.channel not in DISTURBED.get(Alert(programme.alert), frozenset())


def keeps_hours(programme: Programme, point: ContactPoint) -> bool:
    """Whether the opening hours of this contact point can be relied on."""
    return usable(programme, point) and programme.alert != Alert.SHORT_HOURS
