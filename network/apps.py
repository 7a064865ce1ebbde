from django.utils.translation import gettext_lazy as _

from core import declarations


class NetworkConfig(declarations.AppConfig):
    name = "network"
    verbose_name = _("Network")

    jobs = "network.jobs.JOBS"
    companions = "network.personal_data.services.accompany"
    public_models = (
        "network.models.Category",
        "network.models.Member",
        "network.models.MemberWords",
        "network.models.ListingChange",
        "network.models.Event",
        "network.models.Opportunity",
        "network.models.Practice",
        "network.models.PracticeText",
        "network.models.PracticeMember",
        "network.models.Publication",
        "network.models.EvidenceCriterion",
        "network.models.EvidenceReview",
        "network.models.EvidenceAssessment",
    )
    receivers = ("network.members.account.ADDRESS_CHANGED", "network.events.services.PAGE_PUBLISHED")
    routes = "network.routes.ROUTES"
    header_policies = "network.routes.HEADERS"
    search_sources = "network.directory.search.SOURCES"
    todos = "network.admin.tasks.TODOS"
    suggestions = "network.admin.tasks.SUGGESTIONS"
    admin_search = "network.admin.members.MEMBERS"
    areas = "network.directory.views.MEMBERS_AREA"
    erasure_lists = "network.personal_data.services.LIST"
    wordings = "network.practices.texts.WORDINGS"
    mails = "network.messages.services.MAILS"
    starter_data = (
        "network.vocabulary.services.seed_review_templates",
        "network.groups.services.seed_group_files",
        "network.vocabulary.services.seed_categories",
    )
    # End links before erasing: an erased member has no links left to end.
    after_restore = ("network.members.services.end_links", "network.members.services.erase_restored")
