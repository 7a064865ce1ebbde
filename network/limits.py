"""Rate limits of the network's public forms, and of what members write to each other."""

from core.doors.limits import Limit

JOIN_FROM_ADDRESS = Limit(name="join-from", times=20, seconds=60 * 60)
JOIN_WITH_EMAIL = Limit(name="join-with", times=3, seconds=60 * 60)
PROOFS_OF_MEMBER = Limit(name="proofs-of", times=10, seconds=60 * 60)
PROOFS_TO_EMAIL = Limit(name="proofs-to", times=3, seconds=60 * 60)
LINK_FROM_ADDRESS = Limit(name="link-from", times=20, seconds=60 * 60)
LINK_TO_EMAIL = Limit(name="link-to", times=3, seconds=60 * 60)
# For each side that writes, and for each two: in a day, whether or not what they write arrives.
CONVERSATIONS_OF_MEMBER = Limit(name="conversations-of", times=10, seconds=24 * 60 * 60)
MESSAGES_OF_MEMBER = Limit(name="messages-of", times=60, seconds=24 * 60 * 60)
MESSAGES_IN_PAIR = Limit(name="messages-in", times=15, seconds=24 * 60 * 60)
REGISTER_FROM_ADDRESS = Limit(name="register-from", times=20, seconds=60 * 60)
REGISTER_WITH_EMAIL = Limit(name="register-with", times=5, seconds=60 * 60)
