"""The privacy scan: data that a listed website discloses to others about its visitors.

The modules, from bottom to top: `visit` fetches one website with the requests of `core.outgoing`, and `page` parses its
HTML.
`trackers` and `rules` interpret the result.
`services` stores it.
`tasks` runs it in the background, never inside a request to this site.
"""
