"""Public pages of the helpline.

`content` builds them from rows alone: no request, no clock, no queries.
"""
