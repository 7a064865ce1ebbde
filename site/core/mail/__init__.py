"""The outbox: all email of the site goes through one table, and none is sent during a request.

    outbox.send(message, kind="…")           a finished message; one row for each recipient
    outbox.queue("…", about=member, …)       a message that is written on delivery, from the data at that time

Both write rows in the caller's transaction, so a mail exists only if that transaction is committed.
`core.mail.delivery` passes the rows to the mail server after the commit and deletes those that the server has accepted.
Django's default mailer is the outbox too (`core.mail.backend`), so Wagtail's own email takes the same route.
"""
