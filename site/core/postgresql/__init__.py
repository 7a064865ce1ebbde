"""PostgreSQL that nobody waits for without end.

Used as `ENGINE`, it is Django's backend with two kinds of limits. The server enforces `LIMITS`: how long a statement,
a lock or an idle transaction may last. A server that hangs enforces nothing, so we watch it ourselves (`waiting`): while it owes an answer
for longer than `PATIENCE`, it has to prove that it still answers anybody.
"""
