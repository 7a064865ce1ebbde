"""Rate limits of the network's public forms."""

from core.doors.limits import Limit

JOIN_FROM_ADDRESS = Limit(name="join-from", times=20, seconds=60 * 60)
JOIN_WITH_EMAIL = Limit(name="join-with", times=3, seconds=60 * 60)
PROOFS_OF_MEMBER = Limit(name="proofs-of", times=10, seconds=60 * 60)
PROOFS_TO_EMAIL = Limit(name="proofs-to", times=3, seconds=60 * 60)
LINK_FROM_ADDRESS = Limit(name="link-from", times=20, seconds=60 * 60)
LINK_TO_EMAIL = Limit(name="link-to", times=3, seconds=60 * 60)
REGISTER_FROM_ADDRESS = Limit(name="register-from", times=20, seconds=60 * 60)
REGISTER_WITH_EMAIL = Limit(name="register-with", times=5, seconds=60 * 60)
