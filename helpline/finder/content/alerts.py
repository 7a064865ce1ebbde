"""What an alert makes unreliable: people who read "open now" would call and get no answer.

One rule for the finder, for what is always available, and for the gap map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpline.vocabulary.codes import Alert, Channel

if TYPE_CHECKING:
    from helpline.records.contact_points import ContactPoint
    from helpline.records.programmes import Programme

# Alerts that affect the whole listing.
NOT_TO_RELY_ON = frozenset({Alert.NO_NEW_PEOPLE, Alert.IN_DOUBT})
# Alerts that affect some of its channels. A text message uses the same line as a call, so it may not arrive.
DISTURBED = {
    Alert.PHONE_DISTURBED: frozenset({Channel.PHONE, Channel.SMS}),
    Alert.CHAT_DISTURBED: frozenset({Channel.CHAT}),
}


def reliable(programme: Programme) -> bool:
    """Return whether people who need an answer can rely on the listing, as far as its alert says: some way to make contact works."""
    if programme.alert in NOT_TO_RELY_ON:
        return False
    disturbed = DISTURBED.get(Alert(programme.alert), frozenset())
    channels = {point.channel for point in programme.contact_points.all()} if disturbed else set()
    return not channels or not channels <= disturbed


def usable(programme: Programme, point: ContactPoint) -> bool:
    """Return whether this contact point is unaffected by the alert of its listing."""
    return reliable(programme) and point.channel not in DISTURBED.get(Alert(programme.alert), frozenset())


def keeps_hours(programme: Programme, point: ContactPoint) -> bool:
    """Return whether the opening hours of this contact point can be relied on."""
    return usable(programme, point) and programme.alert != Alert.SHORT_HOURS
