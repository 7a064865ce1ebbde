"""Two-person approval of every listing and every help page.

`versions` says what a version holds and how two differ, `authorship` who wrote what in it, `rule` who may publish it. `mixins` are the
bases of the models to which the rule applies, and of their querysets; `models` holds the approvals given. The checklist that a second person
answers is in `helpline.governance.review`.
"""
