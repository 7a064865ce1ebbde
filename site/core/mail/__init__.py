"""The outbox: all mail of the site goes through one table, and none is sent during a request.

    outbox.send(message, kind="…")           a message that is written already; one row for each recipient
    outbox.queue("…", about=member, …)       a mail that is written when it is delivered, from what is true then

Both write rows in the caller's transaction: a mail exists if, and only if, what it is about was committed. `core.mail.delivery` hands
the rows to the mail server after the commit and deletes what the server has taken. Django's default mailer is the outbox too
(`core.mail.backend`), so Wagtail's own mail takes the same way.
"""
