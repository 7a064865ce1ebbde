"""What an alert leaves of a listing: whether people can rely on it, on a contact point and on its opening hours.

People who read "open now" in spite of an alert would call and get no answer.
The order, the finder, the services that are always available, and the coverage map share one rule.
"""

from helpline.records.programmes import ContactPoint, Programme
from helpline.vocabulary.codes import Alert, Channel

# Alerts that affect the whole listing.
NOT_TO_RELY_ON = frozenset({Alert.NO_NEW_PEOPLE, Alert.IN_DOUBT})
# Alerts that affect some of its channels.
# A text message uses the same line as a call, so it may not arrive.
DISTURBED = {
    Alert.PHONE_DISTURBED: frozenset({Channel.PHONE, Channel.SMS}),
    Alert.CHAT_DISTURBED: frozenset({Channel.CHAT}),
}


def reliable(programme: Programme) -> bool:
    """Return whether people who need an answer can rely on the listing, given its alert: at least one channel works."""
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
