"""Pictures of people and places in the colours of the site, drawn from parts by code: no photograph suits this subject.

`parts/` draws people and things, `scenes.py` says in a row of data what each picture shows, `compose.py` writes SVG.
`manage.py draw_illustrations` keeps the files in `static/illustrations/`.
"""
