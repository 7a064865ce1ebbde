"""Mirrors: copies of the prerendered site in other folders, for web servers that know nothing of this software.

- `copying`: brings one folder up to date
- `pages`: what a page says differently there
- `keeping`: has each mirror brought up to date in time, by a process of its own, and knows how far behind it is
"""
