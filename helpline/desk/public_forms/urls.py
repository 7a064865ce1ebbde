"""Forms of the helpline that need no sign-in: report a wrong listing, or answer whether a listing is still right."""

from django.urls import URLPattern, URLResolver, path

from core.desk import opened
from helpline.desk.public_forms import answers, reporting

app_name = "helpline"

urlpatterns: list[URLPattern | URLResolver] = [
    path("report/", reporting.choose, name="report-choose"),
    path("report/sent/", reporting.sent, name="report-sent"),
    path("report/<uuid:uuid>/", reporting.ReportView.as_view(), name="report"),
    path("still-right/thanks/", answers.thanks, name="answered"),
    path("still-right/<str:token>/", opened.move, {"to": "helpline:answer-here"}, name="answer"),
    path("still-right/opened/<str:key>/", answers.AnswerView.as_view(), name="answer-here"),
]
