"""Draws materials: a design, its words in each language, and what the helpline says of a country become files to print and post.

`formats` is the table of what can be drawn, `variants` says what is on one, `drawing` draws them in processes of their own, and `batches` does
that in the worker and hands the files to their material.
"""
