"""Two-person approval of every listing and every help page.

`versions` defines the content of a version and how two versions differ, `authorship` finds the author of each change,
and `rule` decides who may publish it.
`mixins` has the base classes of the models to which the rule applies, and of their querysets.
`models` holds the approvals.
The checklist that a second person answers is in `helpline.governance.review`.
"""
