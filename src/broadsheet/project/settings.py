"""Django's settings, all read from `options.py`. There is one settings module, no tree."""

import os
import secrets
from pathlib import Path

from broadsheet.web.editions import EDITION_NAMES, WORDS
from broadsheet.web.headers import STRICT_TRANSPORT_SECURITY, is_https

from .databases import databases_at, databases_in
from .options import read_options

OPTION_VALUES = read_options(os.environ)

HOME: Path = OPTION_VALUES["HOME"]
PACKAGE = Path(__file__).resolve().parent.parent


def _read_secret_key() -> str:
    if OPTION_VALUES["SECRET_KEY"]:
        return str(OPTION_VALUES["SECRET_KEY"])
    path = HOME / "secret-key"
    if path.is_file():
        return path.read_text(encoding="utf-8").strip()
    # Before `init` has made an installation nothing is signed that has to outlive the process.
    return secrets.token_urlsafe(50)


SECRET_KEY = _read_secret_key()
DEBUG: bool = OPTION_VALUES["DEBUG"]
ALLOWED_HOSTS: list[str] = list(OPTION_VALUES["ALLOWED_HOSTS"])
SITE_URL: str = OPTION_VALUES["SITE_URL"].rstrip("/")
SITE_NAME: str = OPTION_VALUES["SITE_NAME"]
LOOK: Path | None = OPTION_VALUES["LOOK"]
PAGES_DIRECTORY = HOME / "pages"
PAGES_MEMORY_BYTES: int = OPTION_VALUES["PAGES_MEMORY_MB"] * 1024 * 1024
PAGES_DISK_BYTES: int = OPTION_VALUES["PAGES_DISK_MB"] * 1024 * 1024
PUBLIC_DIRECTORY = HOME / "public"
PUBLIC_COPIES: bool = OPTION_VALUES["PUBLIC_COPIES"]
PURGE_URLS: tuple[str, ...] = OPTION_VALUES["PURGE_URLS"]
#: What a change of content has to say before it is committed: project/wiring.py.
OUTBOX_TOLD_AT_ONCE = "broadsheet.project.wiring.tell_at_once"
VIEW_LOG_DIRECTORY = HOME / "view-log"
NUMBERS_DIRECTORY = HOME / "numbers"
VIEW_KEYS_DIRECTORY = HOME / "view-keys"
VIEW_WINDOW_MINUTES: int = OPTION_VALUES["VIEW_WINDOW_MINUTES"]
VIEW_LOG_DAYS: int = OPTION_VALUES["VIEW_LOG_DAYS"]
VIEWS_A_MINUTE: int = OPTION_VALUES["VIEWS_A_MINUTE"]
DATACENTRE_NETWORKS: Path | None = OPTION_VALUES["DATACENTRE_NETWORKS"]
INTAKE_DIRECTORY = HOME / "intake"
METRICS_FILE = HOME / "metrics"
TRUSTED_PROXIES: tuple[str, ...] = OPTION_VALUES["TRUSTED_PROXIES"]
WEB_PROCESSES: int = OPTION_VALUES["WEB_PROCESSES"]
FIRST_EDITIONS: tuple[str, ...] = OPTION_VALUES["EDITIONS"]
FIRST_TIME_ZONE: str = OPTION_VALUES["TIME_ZONE"]

INSTALLED_APPS = [
    "broadsheet.newsroom",
    "broadsheet.web",
    "broadsheet.operations",
    "broadsheet.wire",
    "broadsheet.themes",
    "broadsheet.readership",
    "broadsheet.articles",
    "broadsheet.outbox",
    "wagtail.contrib.table_block",
    "wagtail.contrib.typed_table_block",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",  # never modelsearch beside it: every index task would fail
    "wagtail.admin",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "broadsheet.newsroom.publishing_refused.SayWhatIsNotReady",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "broadsheet.newsroom.securing.DeskHeaders",
]

ROOT_URLCONF = "broadsheet.project.urls"
ASGI_APPLICATION = "broadsheet.project.server.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [LOOK / "templates"] if LOOK else [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASE_URL: str = OPTION_VALUES["DATABASE_URL"]
DATABASES = databases_at(DATABASE_URL) if DATABASE_URL else databases_in(HOME)
if DATABASE_URL:
    INSTALLED_APPS.append("django.contrib.postgres")  # for Wagtail's search
DATABASE_ROUTERS = ["broadsheet.project.databases.ReadershipRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
#: Those of the readers; the desk speaks `DESK_LANGUAGES`.
LANGUAGES = list(EDITION_NAMES.items())
DESK_LANGUAGES = [("en", "English"), ("uk", "Українська")]
LOCALE_PATHS = [PACKAGE / "locale"]
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
#: What the built-in section is called in an edition that the desk switches on.
NEWS_SECTION_NAMES = {code: words.news_section for code, words in WORDS.items()}
WAGTAILADMIN_PERMITTED_LANGUAGES = DESK_LANGUAGES
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/assets/"
STATIC_ROOT = str(HOME / "assets")
STATICFILES_DIRS = [
    *([LOOK / "assets"] if LOOK and (LOOK / "assets").is_dir() else []),
    PACKAGE / "web" / "assets",
    ("newsroom", PACKAGE / "newsroom" / "assets"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_URL = "/media/"
MEDIA_ROOT = str(HOME / "media")
#: nginx reads assets and pictures as a user of its own, whatever the program's umask.
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o755
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# Readers get no cookie: the desk's cookies are sent to the desk alone.
SESSION_COOKIE_PATH = "/desk/"
CSRF_COOKIE_PATH = "/desk/"
SESSION_COOKIE_SECURE = OPTION_VALUES["SECURE_COOKIES"]
CSRF_COOKIE_SECURE = OPTION_VALUES["SECURE_COOKIES"]
LOGIN_URL = "wagtailadmin_login"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
#: Django would say it only where it speaks HTTPS itself, which a proxy does.
DESK_TRANSPORT_SECURITY = STRICT_TRANSPORT_SECURITY if is_https(SITE_URL) else ""
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

WAGTAIL_SITE_NAME = SITE_NAME
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILIMAGES_IMAGE_MODEL = "broadsheet_articles.NewsImage"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "broadsheet.articles.indexing.search_backend"}}
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_EDITING_SESSION_PING_INTERVAL = 10_000
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # no third party learns who works at the desk
WAGTAIL_PASSWORD_RESET_ENABLED = False  # no mail is sent: `broadsheet user` gives a new password
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # what waits is on the dashboard
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []  # videos load from their provider on a click
#: Who reacts and what runs by the clock, handed down the ladder by name.
REACTIONS = "broadsheet.project.wiring.REACTIONS"
CLOCK = "broadsheet.project.wiring.CLOCK"
#: Who renders a preview: the reader's own page, handed down the ladder by name.
ARTICLE_PREVIEW = "broadsheet.web.previewing.preview_article"
#: What has to be so before an article is published: (article, revision) → raises what it is not.
PUBLISHING_CHECK = "broadsheet.newsroom.translation_states.check_ready"
TRANSLATOR: str = OPTION_VALUES["TRANSLATOR"]
TRANSLATOR_KEY: str = OPTION_VALUES["TRANSLATOR_KEY"]
TRANSLATOR_URL: str = OPTION_VALUES["TRANSLATOR_URL"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "format": "{asctime} {levelname:7} {name}: {message}",
            "style": "{",
            "datefmt": "%Y-%m-%d %H:%M:%S",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"broadsheet": {"level": "INFO"}, "django.server": {"level": "INFO"}},
}
