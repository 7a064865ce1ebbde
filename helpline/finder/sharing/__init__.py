"""What can be handed on: a page for each country and each listing, the same as a sheet of paper, a list for partners' own pages.

The finder's address says nothing. These name a country or a listing, so the history of a browser does too: nothing leads here but
what is under “share or print”, and it says so. All of it is printed.
"""
