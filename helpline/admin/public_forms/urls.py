"""Forms of the helpline that need no sign-in: report a wrong listing, or answer whether a listing is still right."""

from django.urls import URLPattern, URLResolver, path

from core.desk import opened
from helpline.admin.public_forms import reconfirmation, reports

app_name = "helpline"

urlpatterns: list[URLPattern | URLResolver] = [
    path("report/", reports.choose, name="report-choose"),
    path("report/sent/", reports.sent, name="report-sent"),
    path("report/<uuid:uuid>/", reports.ReportView.as_view(), name="report"),
    path("still-right/thanks/", reconfirmation.thanks, name="answered"),
    path("still-right/<str:token>/", opened.move, {"to": "helpline:answer-here"}, name="answer"),
    path("still-right/opened/<str:key>/", reconfirmation.AnswerView.as_view(), name="answer-here"),
]
