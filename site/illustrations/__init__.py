"""Pictures of people and places in the colours of the site: no photograph suits this subject.

The files in `static/illustrations/` are committed, each with its light and dark colours; `scenes.py` is the table of
them.
"""
