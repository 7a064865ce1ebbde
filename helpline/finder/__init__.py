"""What the public sees of the helpline. `content` makes it from rows alone: no request, no clock, no queries."""
