"""What strangers ask the helpline's desk, without signing in: to say that a listing is wrong, or that it is still right."""

from django.urls import URLPattern, URLResolver, path

from helpline.desk.public_forms import answers, reporting

app_name = "helpline"

urlpatterns: list[URLPattern | URLResolver] = [
    path("report/", reporting.choose, name="report-choose"),
    path("report/sent/", reporting.sent, name="report-sent"),
    path("report/<uuid:uuid>/", reporting.ReportView.as_view(), name="report"),
    path("still-right/thanks/", answers.thanks, name="answered"),
    path("still-right/<str:token>/", answers.AnswerView.as_view(), name="answer"),
]
