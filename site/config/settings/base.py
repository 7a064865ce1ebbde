"""Settings for production.

`dev` and `test` relax them; `production` completes them from the environment.
"""

import os
import zoneinfo
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config import languages
from config.formats.en import formats as british
from core.variables import read

ROOT = Path(__file__).resolve().parents[3]
# The parts that a site may have, and those that this one has: docs/operators/parts.md.
PARTS = ("helpline", "campaigns", "network")
APPS = read("WAYMARK_APPS", PARTS)
# Everything that the running site writes: the embedded database, media, prerendered pages, static files.
VAR = read("WAYMARK_VAR", ROOT / "var").resolve()

# --- The two sites (core/http/) -------------------------------------------------------------------------------------
port = os.environ.get("PORT", "8000")
private_port = os.environ.get("PRIVATE_PORT", port)
PUBLIC_URL = read("WAYMARK_PUBLIC_URL", f"http://localhost:{port}").rstrip("/")
PRIVATE_URL = read("WAYMARK_PRIVATE_URL", f"http://private.localhost:{private_port}").rstrip("/")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
PRIVATE_HOST = urlsplit(PRIVATE_URL).hostname or ""
# The same pages at a Tor address, announced by `Onion-Location` if set.
ONION_URL = read("WAYMARK_ONION_URL").rstrip("/")
ALLOWED_HOSTS = [host for host in (PUBLIC_HOST, PRIVATE_HOST, urlsplit(ONION_URL).hostname) if host]
CSRF_TRUSTED_ORIGINS = [PRIVATE_URL]
CSRF_FAILURE_VIEW = "core.http.errors.csrf_failure"
ROOT_URLCONF = "config.urls.private"
PUBLIC_URLCONF = "config.urls.public"
WAGTAILADMIN_BASE_URL = PRIVATE_URL
# The site that this process serves: `public`, `private` or `both` (set in wsgi.py).
# Empty in commands, the worker and the scheduler.
SITE = read("WAYMARK_SITE")

DEMO = False

INSTALLED_APPS = [
    *APPS,
    "home",
    "translating",
    "analytics",
    "operations",
    "users",
    "illustrations",
    "core",
    # wagtail-localize's own screens replace `wagtail.locales`.
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.settings",
    "wagtail.sites",
    "users.apps.PeopleConfig",  # wagtail.users, with our forms
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    # Django's widget templates, which our form renderer looks up like any other.
    "django.forms",
    # Last: its signal handlers run after the others', so it renders what those changed, such as the redirects of a
    # renamed page.
    "prerender",
]

MIDDLEWARE = [
    "core.http.headers.HeadersMiddleware",
    "core.http.middleware.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.http.middleware.UnavailableMiddleware",
    "core.http.middleware.ReplicaMiddleware",
    "core.assets.storage.StaticMiddleware",
    "prerender.middleware.PrerenderMiddleware",
    "core.admin.spreadsheets.SafeExportMiddleware",
    "core.admin.middleware.SessionMiddleware",
    "core.admin.middleware.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.admin.middleware.CsrfViewMiddleware",
    "core.admin.middleware.AuthenticationMiddleware",
    "core.admin.middleware.MessageMiddleware",
    "core.admin.middleware.ContentSecurityPolicyMiddleware",
    # allauth requires this very class; the public site's URLconf has none of its URLs.
    "allauth.account.middleware.AccountMiddleware",
    "users.sign_in.second_factor.SecondFactorMiddleware",
    "core.admin.middleware.FormErrorMiddleware",
]
# W003: our CsrfViewMiddleware is Django's, limited to the private site, but the check looks for Django's by name;
# `core.E001` checks ours.
# W002: `core.http.headers` sends X-Frame-Options, by site.
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W003"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "site/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "core.http.context.auth",
                "core.http.context.messages",
                "core.http.context.site",
                "wagtail.contrib.settings.context_processors.settings",
            ],
            "builtins": [
                "core.templatetags.core_tags",
                "home.templatetags.home_tags",
            ],
        },
    },
]
FORM_RENDERER = "core.admin.forms.FormRenderer"
WSGI_APPLICATION = "config.wsgi.application"

DATABASE_ROUTERS = ["core.postgresql.replica.ReplicaRouter"]
# Of the role that `upgrade` creates for the public site; empty: it signs in by the user of its process, or not at all.
PUBLIC_DATABASE_PASSWORD = read("WAYMARK_PUBLIC_DATABASE_PASSWORD")

# --- Storage --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = read("WAYMARK_STATIC", VAR / "static")  # part of the image in a container
STATICFILES_DIRS = [ROOT / "site/static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "core.assets.generated_files.FontFinder",  # makes the face of headings
    "core.assets.generated_files.IconFinder",  # draws the icons
]
MEDIA_URL = "/media/"
MEDIA_ROOT = read("WAYMARK_MEDIA", VAR / "media")  # all machines need the same uploads
# Storage of uploads, if several machines share them: `s3://bucket`, or `s3://bucket/folder`.
# MEDIA_ROOT then has copies.
endpoint = read("WAYMARK_STORAGE_ENDPOINT").rstrip("/")  # none: Amazon's own
STORAGE = {
    "address": read("WAYMARK_STORAGE"),
    "endpoint": endpoint,
    "region": read("AWS_DEFAULT_REGION", "us-east-1" if endpoint else ""),
    "key": read("WAYMARK_STORAGE_KEY"),
    "secret": read("WAYMARK_STORAGE_SECRET"),
}
PRERENDER_ROOT = VAR / "prerender"
# The name of this machine, if several have separate folders of prerendered files (prerender/hosts.py).
# Empty: there is one folder.
PRERENDER_HOST = read("WAYMARK_PRERENDER_HOST")
PRERENDER_BROTLI_QUALITY = 11  # the maximum: a page is rendered once and read often
# Number of processes that render pages.
PRERENDER_PROCESSES = read("WAYMARK_PRERENDER_PROCESSES", min(os.cpu_count() or 1, 4))
# Folders that are kept like the prerendered site, for other web servers (prerender/mirrors).
MIRRORS = read("WAYMARK_MIRRORS")
# The public sees only prerendered pages; development renders them on request instead.
RENDER_ON_REQUEST = False
STORAGES = {
    "default": {
        "BACKEND": "core.uploads.bucket.BucketStorage"
        if STORAGE["address"]
        else "django.core.files.storage.FileSystemStorage"
    },
    "staticfiles": {"BACKEND": "core.assets.storage.StaticStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Counts sign-in attempts for all processes together.
# Large enough not to be flushed by filling it.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        # The public site keeps nothing, and may neither write this table nor read it.
        "BACKEND": f"django.core.cache.backends.{'dummy.DummyCache' if SITE == 'public' else 'db.DatabaseCache'}",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
        # allauth counts by IP address: no key is stored unhashed.
        "KEY_FUNCTION": "core.http.limits.cache_key",
    },
    # No cache for renditions: querying their own table takes one query, a cache in the database would take five.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# Any queue: each machine with a separate folder of prerendered files has one (prerender/tasks.py).
TASKS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": [],
    }
}

# --- Languages ------------------------------------------------------------------------------------
TIME_ZONE = "Europe/Brussels"
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "config.formats"
# Languages without formats get the British ones; Django's default is American, with the month before the day.
DATE_FORMAT = british.DATE_FORMAT
TIME_FORMAT = british.TIME_FORMAT
DATETIME_FORMAT = british.DATETIME_FORMAT
SHORT_DATE_FORMAT = british.SHORT_DATE_FORMAT
SHORT_DATETIME_FORMAT = british.SHORT_DATETIME_FORMAT
FIRST_DAY_OF_WEEK = british.FIRST_DAY_OF_WEEK
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = languages.CHOICES
LANGUAGE_TABLE = languages.BY_CODE  # autonym, direction and fallback of each code
INTERFACE_LANGUAGES = languages.INTERFACE  # the languages of error pages
LOCALE_PATHS = [ROOT / "locale"]
WAGTAIL_I18N_ENABLED = True
WAGTAILADMIN_PERMITTED_LANGUAGES = languages.ADMIN
# By default wagtail-localize publishes source text at the other language's address.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
# Provider of machine translations: CLASS and OPTIONS of a provider of wagtail-localize's, as JSON.
# None by default.
WAGTAILLOCALIZE_MACHINE_TRANSLATOR = read("WAYMARK_MACHINE_TRANSLATOR")

# --- Wagtail --------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Waymark"
WAGTAILIMAGES_IMAGE_MODEL = "core.Picture"
WAGTAILIMAGES_IMAGE_FORM_BASE = "core.uploads.forms.PictureForm"
WAGTAILDOCS_DOCUMENT_MODEL = "core.UploadedDocument"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "core.uploads.forms.DocumentForm"
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILIMAGES_FORMAT_CONVERSIONS = {"jpeg": "webp", "png": "webp", "gif": "webp", "avif": "webp"}
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = [
    "pdf",
    "png",
    "jpg",
    "jpeg",
    "webp",
    "mp3",
    "mp4",
    "odt",
    "docx",
    "txt",
    "vtt",
    "zip",
]
# Films; everything else is read whole, and has other limits (core/uploads/cleaning.py).
WAGTAILDOCS_MAX_UPLOAD_SIZE = 500 * 1024 * 1024
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
# Shared passwords are kept in plain text.
WAGTAIL_PRIVATE_PAGE_OPTIONS = WAGTAILDOCS_PRIVATE_COLLECTION_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
# All languages share one index: no stemming, no stop words.
# `core.search` folds accents.
# A backend named `public` is what the public search uses instead: docs/operators/engines.md.
WAGTAILSEARCH_BACKENDS: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "core.search.backend", "SEARCH_CONFIG": "simple"}
}
WAGTAILADMIN_RICH_TEXT_EDITORS = {
    "default": {
        "WIDGET": "wagtail.admin.rich_text.DraftailRichTextArea",
        # No embeds: they would load third-party pages inside ours.
        "OPTIONS": {"features": ["bold", "italic", "h3", "ol", "ul", "link", "document-link"]},
    },
}

# --- People who sign in to the admin --------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
LOGIN_REDIRECT_URL = "users:start"
# Everyone with access to the admin needs a second factor.
# The demonstration requires none, and has only one password.
SECOND_FACTOR_REQUIRED = True
# How long a new or changed account approves nothing, and counts as one person with the user who changed it.
ACCOUNT_CHANGE_LASTS = timedelta(hours=72)
ACCOUNT_ADAPTER = "users.sign_in.adapters.AccountAdapter"
MFA_ADAPTER = "users.sign_in.adapters.SecondFactorAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# There is no sign-up.
# Without a password field here, the sign-in page sends a code instead of asking for one.
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # or strangers could make this site send mail to any address
ACCOUNT_RATE_LIMITS = {
    # allauth's own limits for an address or account would lock out its owner: users/sign_in/forms.py has better ones.
    "request_login_code": "20/m/ip",
    "login_failed": "10/m/ip",
    # Wrong codes of an app, by account and browser or network, and from all browsers that are new to an account.
    "second_factor": "5/5m/key,10/h/key,20/d/key",
    "second_factor_strangers": "100/d/key",
}
SIGN_IN_NEEDS_PROOF = True  # core/http/limits.py
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
SIGN_IN_STEP = 0.25  # seconds; sign-in forms are answered at multiples of this
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "users.sign_in.forms.SignInForm",
    "request_login_code": "users.sign_in.forms.CodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "users.sign_in.forms.PasskeyForm",
    "authenticate": "users.sign_in.forms.AppCodeForm",
    "reauthenticate": "users.sign_in.forms.AppCodeAgainForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = WAGTAIL_SITE_NAME
SESSION_ENGINE = "users.sign_in.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60  # since signing in
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
PASSWORD_RESET_TIMEOUT = 60 * 60  # of the link that `manage.py first_administrator` prints
# Wagtail's own ways to change a password or email address would bypass all of this.
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# Some systems list a zone `localtime`, which browsers do not support.
WAGTAIL_USER_TIME_ZONES = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC")
WAGTAILUSERS_PASSWORD_ENABLED = False

# --- Cookies (private site only) and headers (core/http/headers.py) -------------------------------
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # until the browser is closed
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- security.txt (RFC 9116), on both sites -------------------------------------------------------
SECURITY_CONTACT = read("WAYMARK_SECURITY_CONTACT", f"mailto:security@{PUBLIC_HOST}")

# --- Open data (helpline/exchange): the licence of the verified listings ---------------------------------------------
OPEN_DATA_LICENCE = dict(
    zip(
        ("code", "url"),
        read("WAYMARK_OPEN_DATA_LICENCE", "CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/").split(),
        strict=True,
    )
)

# --- The privacy scan of listed websites (helpline/scan) ----------------------------------------------------------
# The only requests that the site makes on its own, to ports 80 and 443 of the public internet.
SCAN_LISTED_SITES = read("WAYMARK_SCAN_SITES", True)

# --- ORCID (network/verification/orcid.py) --------------------------------------------------------
# It confirms members' iDs, if the operator has registered this site there.
ORCID = {
    "url": read("WAYMARK_ORCID_URL", "https://orcid.org").rstrip("/"),
    "client_id": read("WAYMARK_ORCID_CLIENT_ID"),
    "client_secret": read("WAYMARK_ORCID_CLIENT_SECRET"),
}
# --- DOIs (network/publications/registries.py) ----------------------------------------------------
# Resolver that returns the metadata of a publication for the DOI that a member enters.
# Without it, nothing is requested.
DOI_URL = read("WAYMARK_DOI_URL").rstrip("/")

# --- Analytics (site/analytics) -------------------------------------------------------------------
# How often pages are shown, without personal data.
# Off until the operator's data protection officer agrees.
analytics = read("WAYMARK_ANALYTICS", "0")
ANALYTICS = analytics != "0"
# Host and port of `manage.py analytics`.
# The numeric address, or every page shown would cost a DNS lookup.
COLLECTOR = analytics if ":" in analytics else f"127.0.0.1:{int(port) + 2}"

# --- Backups (operations/backups), and erasures (network/personal_data/services.py) ---------------
# A restored backup must not bring back erased data.
folder = read("WAYMARK_BACKUPS")
BACKUPS: dict[str, Any] = {
    # Whether backups are made by other means, so that no alert reports them missing.
    "elsewhere": folder == "elsewhere",
    "folder": Path(folder) if folder and folder != "elsewhere" else VAR / "backups",
    # Public keys of age, or of GnuPG, to which backups are encrypted.
    "recipients": read("WAYMARK_BACKUP_RECIPIENTS"),
    # The private key that signs them, in the process that makes them and in no other; empty: they are not signed.
    "signing_key": read("WAYMARK_BACKUP_SIGNING_KEY"),
    # At least as long as the oldest backup of the database.
    "kept": timedelta(days=read("WAYMARK_BACKUPS_KEPT", 90)),
}
# The file belongs beside the backups, not into them.
ERASURES_FILE = read("WAYMARK_ERASURES", VAR / "erasures.txt")

# --- Mail -----------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = read("WAYMARK_FROM_EMAIL", f"waymark@{PRIVATE_HOST}")
# All mail goes into the outbox (core/mail), and from there to the mail server.
MAILERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "core.mail.backend.OutboxBackend"},
    "server": {
        "BACKEND": "core.mail.smtp.EmailBackend",
        "OPTIONS": {
            "host": read("WAYMARK_MAIL_HOST"),
            "port": read("WAYMARK_MAIL_PORT", 587),
            "username": read("WAYMARK_MAIL_USER"),
            "password": read("WAYMARK_MAIL_PASSWORD"),
            "use_tls": read("WAYMARK_MAIL_TLS", True),
            "timeout": 10,
        },
    },
}

# --- Monitoring (operations/monitoring) -----------------------------------------------------------
# The port of each process for health checks, on an address that only this machine reaches by default. 0: none.
HEALTH: dict[str, Any] = {
    "host": os.environ.get("HOST") or "127.0.0.1",
    "port": read("WAYMARK_HEALTH_PORT", 0),
    # Number of processes that serve a site (scripts/container.sh).
    "processes": read("WAYMARK_WORKERS", 2),
}
# Recipients of alerts if something waits too long.
# Empty: all administrators.
ALERT_MAIL = read("WAYMARK_ALERT_MAIL")

# --- Logs -----------------------------------------------------------------------------------------
# No data about visitors or users, on either site; of an error its type, and on the private site its place in the code.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_trace": {"()": "core.http.logs.NoTrace"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["no_trace"],
            "formatter": read("WAYMARK_LOG_FORMAT", "plain"),
        },
        "null": {"class": "logging.NullHandler"},
    },
    "formatters": {
        "plain": {
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
        },
        "json": {"()": "core.http.logs.JsonFormatter"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Replaces Django's own handlers, which email and print requests.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": ["null"], "propagate": False},
        # The clients of search engines, whose logs would contain search queries.
        "opensearch": {"level": "CRITICAL"},
        "elasticsearch": {"level": "CRITICAL"},
        "elastic_transport": {"level": "CRITICAL"},
    },
}
