"""Mirrors: copies of the prerendered site in other folders, for plain web servers without this software.

- `copying`: brings one folder up to date
- `pages`: changes that a page needs on a mirror
- `keeping`: starts a process that brings each mirror up to date in time, and reports how far behind it is
"""
