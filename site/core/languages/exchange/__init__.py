"""Texts on their way to translators and back, as XLIFF 1.2 or PO.

`exporting.export(cells, …)` makes a file of the texts of pages and wordings in other languages.
`importing.start(…)` takes one back, and the worker decides text by text.
An import changes only what a translator could have typed: it publishes nothing.
"""
