"""What can be shared: a page for each country and listing, the same as a printable handout, and lists for partners to embed.

The finder's address reveals nothing. These addresses name a country or a listing, and so does the browser history: the only links to
them are under “share or print”, which says so, and among the results of a search that names them. All of them are rendered.
"""
