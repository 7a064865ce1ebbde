"""The privacy scan: what a listed website discloses to others about its visitors. The modules, from bottom to top:

`network` decides where the scan may connect, `fetch` makes one request, `visit` looks at one website, `page` parses its HTML;
`trackers` and `rules` interpret the result; `services` stores it; `tasks` runs it in the background, never inside a request to this site.
"""
