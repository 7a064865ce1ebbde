from django.utils.translation import gettext_lazy as _

from core import declarations


class HelplineConfig(declarations.AppConfig):
    name = "helpline"
    verbose_name = _("Helpline")

    jobs = "helpline.jobs.JOBS"
    metrics = "helpline.jobs.METRICS"
    public_models = (
        "helpline.models.Programme",
        "helpline.models.ProgrammeText",
        "helpline.models.ContactPoint",
        "helpline.models.SupportLine",
        "helpline.models.CountryLaw",
        "helpline.models.LawText",
        "helpline.models.PublicChange",
    )
    receivers = "helpline.receivers.RECEIVERS"
    routes = (
        "helpline.finder.publishing.ROUTES",
        "helpline.exchange.open_data.publishing.ROUTES",
        "helpline.finder.sharing.publishing.ROUTES",
    )
    header_policies = (
        "helpline.finder.publishing.HEADERS",
        "helpline.finder.sharing.publishing.HEADERS",
        "helpline.exchange.open_data.publishing.HEADERS",
    )
    size_classes = "helpline.finder.size_classes.SIZE_CLASSES"
    search_sources = (
        "helpline.finder.sharing.search.SOURCE",
        "helpline.exchange.open_data.publishing.SOURCE",
    )
    site_links = "helpline.finder.publishing.LINKS"
    highlights = "helpline.finder.publishing.HIGHLIGHTS"
    counted_pages = "helpline.finder.publishing.COUNTED"
    todos = (
        "helpline.admin.review_queue.todo.listing_todos",
        "helpline.admin.listed_sites.site_todos",
        "helpline.admin.help_pages.help_page_todos",
    )
    suggestions = "helpline.admin.review_queue.todo.SUGGESTIONS"
    admin_search = "helpline.admin.search.FINDABLES"
    one_person_changes = "helpline.records.facts.one_person_changes"
    wordings = "helpline.admin.viewsets.WORDINGS"
    mails = (
        "helpline.governance.reconfirmation.MAIL",
        "helpline.governance.mails.COMMENT",
        "helpline.governance.mails.MAILS",
        "helpline.admin.review_queue.todo.WEEKLY",
        "helpline.admin.help_pages.MAIL",
    )
