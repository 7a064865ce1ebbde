"""The terminology checker: which words of the field we use, use with caution, or avoid, in each language, and what stands in for them.

`matching` folds words and finds terms in a text, `markup` reads and changes rich text, `passages` knows every text of a page or a record,
`checker` puts them together: what is found, why it may not be published, how it is replaced or kept. `exchange` reads and writes the list as
a table. Staff see the list and the reports (`admin`), the page that asks about words (`deciding`) and the checks beside a draft (`content_checks`).
"""
