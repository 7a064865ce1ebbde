"""URLs of the helpline on the private site: forms for visitors without sign-in.

`localized` are below each language.
"""

from django.urls import URLPattern, URLResolver, include, path

from core import links
from helpline.admin import public_forms

urlpatterns: list[URLPattern | URLResolver] = []
_forms = [
    path("report/", public_forms.choose, name="report-choose"),
    path("report/sent/", public_forms.sent, name="report-sent"),
    path("report/<uuid:uuid>/", public_forms.ReportView.as_view(), name="report"),
    path("reconfirmation/thanks/", public_forms.thanks, name="answered"),
    path("reconfirmation/<str:token>/", links.move_token, {"to": "helpline:answer-here"}, name="answer"),
    path("reconfirmation/opened/<str:key>/", public_forms.AnswerView.as_view(), name="answer-here"),
]
localized: list[URLPattern | URLResolver] = [path("", include((_forms, "helpline")))]
