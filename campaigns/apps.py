from django.utils.translation import gettext_lazy as _

from core import declarations


class CampaignsConfig(declarations.AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    jobs = "campaigns.jobs.JOBS"
    public_models = (
        "campaigns.models.Material",
        "campaigns.models.MaterialText",
        "campaigns.models.MaterialFile",
        "campaigns.models.Theme",
        "campaigns.models.Design",
        "campaigns.models.StudioOutput",
        "campaigns.models.RetiredOutput",
        "campaigns.models.Partner",
        "campaigns.models.PartnerText",
    )
    receivers = "campaigns.stories.toolkits.RECEIVERS"
    routes = (
        "campaigns.sharing.routes.ROUTES",
        "campaigns.materials.routes.ROUTES",
        "campaigns.following.routes.ROUTES",
        "campaigns.partners.routes.ROUTES",
        "campaigns.stories.routes.ROUTES",
        "campaigns.results.open_data.ROUTES",
    )
    search_sources = "campaigns.materials.library.SOURCE"
    highlights = "campaigns.stories.highlights.HIGHLIGHTS"
    counted_pages = "campaigns.materials.kits.COUNTED"
    replaced_files = "campaigns.studio.recall.replaced"
    todos = (
        "campaigns.launches.admin.LAUNCHES_HELD",
        "campaigns.partners.admin.REPORTS",
        "campaigns.terms.confirming.UNCONFIRMED",
    )
    suggestions = "campaigns.admin_search.SUGGESTIONS"
    admin_search = "campaigns.admin_search.FINDABLES"
    wordings = "campaigns.wordings.WORDINGS"
    publication_checks = "campaigns.terms.checker.blockers"
    publication_remedies = "campaigns.terms.deciding.remedies"
    one_person_changes = "campaigns.stories.one_person.changes"
    programme_changed = "campaigns.studio.recall.programme_changed"
    mails = "campaigns.launches.mail.LAUNCHED"
    starter_data = "campaigns.terms.exchange.seed"
