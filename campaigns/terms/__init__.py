"""The terminology checker: words to use, to use with caution, or to avoid, in each language, with their replacements.

`matching` folds words and finds terms in a text, `markup` reads and changes rich text.
`passages` iterates over all texts of a page or a record.
`checker` combines them: flagged terms, blockers, replacements and exceptions.
`exchange` reads and writes the list as a table.
In the admin, staff have the list and the reports (`admin`), the page for decisions on words (`deciding`)
and the checks beside a draft (`content_checks`).
"""
