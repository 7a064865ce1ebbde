"""Generator of materials: draws a design, its texts and the helpline's data of a country as files to print and post.

`formats` is the table of formats, `variants` defines the contents of an output.
`drawing` draws outputs in separate processes; `batches` does so in the worker and adds the files to their material.
"""
