"""PostgreSQL with limits on every wait.

Used as `ENGINE`, it is Django's backend with two kinds of limits.
The server enforces `LIMITS`: how long a statement, a lock or an idle transaction may last.
A server that hangs enforces nothing, so the client watches it (`waiting`): if a response takes longer than `PATIENCE`,
the client checks whether the server still answers new connections.
"""
