from django.utils.translation import gettext_lazy as _

from core import declarations


class CoreConfig(declarations.AppConfig):
    name = "core"
    verbose_name = _("Shared parts")

    jobs = "core.scheduler.jobs.JOBS"
    companions = "core.postgresql.replica.accompany"
    metrics = "core.monitoring.metrics.METRICS"
    receivers = "core.publishing.redirects.RECEIVERS"
    routes = "core.publishing.references.ROUTES"
    public_models = (
        "django.contrib.contenttypes.models.ContentType",
        "wagtail.models.Locale",
        "wagtail.models.Site",
        "wagtail.models.PageViewRestriction",
        "wagtail.models.ReferenceIndex",
        "wagtail.search.models.IndexEntry",
        "core.models.LanguageState",
        "core.models.SiteSettings",
        "core.models.ExitAddress",
        "core.models.Picture",
        "core.models.Rendition",
        "core.models.UploadedDocument",
        "wagtail_localize.models.Translation",
        "wagtail_localize.models.TranslationSource",
        "wagtail_localize.models.TranslationContext",
        "wagtail_localize.models.String",
        "wagtail_localize.models.StringSegment",
        "wagtail_localize.models.StringTranslation",
    )
    one_person_changes = "core.models.settings.one_person_changes"
    admin_search = "core.admin.search.PAGES"
    mails = "core.mail.outbox.NOTICE"
    after_restore = ("core.scheduler.jobs.end_sessions", "core.mail.outbox.give_up_restored")
