"""Pages to share: one for each country and listing, the same as a printable handout, and lists for partners to embed.

The finder's address reveals nothing.
These addresses name a country or a listing, and so does the browser history.
They are only linked under “share or print”, which warns of this, and in the results of a search that names them.
All of them are prerendered.
"""
