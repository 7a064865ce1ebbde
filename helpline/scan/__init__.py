"""The privacy scan: what a listed website tells others about those who open it. From bottom to top:

`network` knows where the scan may connect to, `fetch` makes one request, `visit` looks at one website, `page` reads what it sent;
`trackers` and `rules` say what that means; `services` writes it down and `tasks` is how it runs: never inside a request of ours.
"""
