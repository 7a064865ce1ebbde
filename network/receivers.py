"""What follows from a change of an account or of an event."""

from allauth.account.signals import email_changed
from wagtail.signals import page_published

from core.declarations import Receiver
from network.events.services import follow_page
from network.members.account import follow_address
from network.models import EventPage

RECEIVERS = (
    Receiver(signal=email_changed, function=follow_address),
    Receiver(signal=page_published, function=follow_page, senders=(EventPage,)),
)
