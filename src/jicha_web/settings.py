"""Settings of the application. Everything that differs between installations is an environment variable.

JICHA_DATA           the data folder of `jicha load` and `jicha screen`; the application keeps its own files in DATA/app
JICHA_DATABASE_URL   postgresql://user:password@host:5432/name; absent: SQLite in DATA/app/jicha.sqlite3
JICHA_SECRET_KEY     or JICHA_SECRET_KEY_FILE; absent: made once, readable by its owner only, in DATA/app/secret_key
JICHA_HOSTS          host names served, comma-separated (default: this machine only)
JICHA_HTTPS          0 allows plain http, for this machine and for a demonstration only (default 1)
JICHA_HSTS_SECONDS   for how long browsers refuse plain http for this host name (default 2592000, 30 days; 0: never)
JICHA_HSTS_SUBDOMAINS 1 for all names below it as well (default 0)
JICHA_SQLITE_FULL    1 waits for the disk at every commit (default 0: a power failure may lose the last commits)
JICHA_AS_OF          the day on which a demonstration begins (YYYY-MM-DD); its days then pass; absent: the clock
JICHA_TILE_URL       a tile server of the own network for maps; absent: no tiles
JICHA_MAIL_URL       smtp://user:password@host:25, smtp+starttls://…:587, smtps://…:465; absent: files in DATA/app/mail
JICHA_MAIL_FROM      the sender of mail (default jicha@localhost)
JICHA_PUBLIC_URL     https://host where people open the application: mail leads there; absent: mail has no link
JICHA_BEHIND_PROXY   1 believes a reverse proxy's X-Forwarded-Proto and -For; only where one sets them (default 0)
JICHA_TIME_ZONE      of days and deadlines (default Asia/Shanghai)
JICHA_MEMORY         of a screening in the background (default 4GB)
"""

from __future__ import annotations

import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("JICHA_DATA", "demo/data")).resolve()
STORE = DATA / "app"


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() not in {"0", "false", "no", ""}


def _secret_key() -> str:
    if file := os.environ.get("JICHA_SECRET_KEY_FILE"):
        return Path(file).read_text(encoding="utf-8").strip()
    if key := os.environ.get("JICHA_SECRET_KEY"):
        return key
    path = STORE / "secret_key"
    if not path.exists():
        STORE.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
                new.write(secrets.token_urlsafe(64))
        except FileExistsError:  # another process made it meanwhile
            pass
    return path.read_text(encoding="utf-8").strip()


def _begun() -> str:
    """Return the instant since which a demonstration's day counts, kept with the store: its time never runs back.

    The clock's time on a day that stood still did, at every midnight: nothing recurred until the evening, and what a
    run proved lay before the case had asked for it.
    """
    if not AS_OF:
        return ""
    path = STORE / "demonstration.json"
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        if kept["as_of"] == AS_OF:
            return kept["since"]
    since = datetime.now(UTC).isoformat()
    STORE.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}")  # another process may make it at the same time
    new.write_text(json.dumps({"as_of": AS_OF, "since": since}), encoding="utf-8")
    new.replace(path)
    return since


def _database() -> dict[str, object]:
    url = os.environ.get("JICHA_DATABASE_URL", "")
    if url:
        part = urlsplit(url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": part.path.lstrip("/"),
            "USER": unquote(part.username or ""),
            "PASSWORD": unquote(part.password or ""),
            "HOST": part.hostname or "",
            "PORT": part.port or "",
            # Compiling a query takes longer than any page's query runs. A row read through an index costs little more
            # than one read in order: the default is that of a turning disk, and reads whole tables for small lists.
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 8}, "options": "-c jit=off -c random_page_cost=1.1"},
            "CONN_HEALTH_CHECKS": True,
        }
    synchronous = "FULL" if _flag("JICHA_SQLITE_FULL", False) else "NORMAL"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": STORE / "jicha.sqlite3",
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            # a deferred transaction that turns into a writer fails at once instead of waiting
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": f"PRAGMA journal_mode=WAL;PRAGMA synchronous={synchronous};PRAGMA cache_size=-65536;"
            "PRAGMA temp_store=MEMORY",
        },
    }


SECRET_KEY = _secret_key()
DEBUG = False
HTTPS = _flag("JICHA_HTTPS", True)
BEHIND_PROXY = _flag("JICHA_BEHIND_PROXY", False)
ALLOWED_HOSTS = [h for h in os.environ.get("JICHA_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if HTTPS and not host.startswith("[")]
AS_OF = os.environ.get("JICHA_AS_OF", "")
AS_OF_SINCE = _begun()
TILE_URL = os.environ.get("JICHA_TILE_URL", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "jicha_web.operation",
    "jicha_web.organisation",
    "jicha_web.history",
    "jicha_web.jobs",
    "jicha_web.runs",
    "jicha_web.findings",
    "jicha_web.cases",
    "jicha_web.field",
    "jicha_web.assess",
    "jicha_web.proof",
    "jicha_web.library",
    "jicha_web.overview",
    "jicha_web.api",
    "jicha_web.pages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "jicha_web.pages.security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jicha_web.organisation.middleware.Acting",
    "jicha_web.organisation.middleware.SignInFirst",
    "jicha_web.pages.security.NoNul",
    "jicha_web.pages.errors.CoreRefuses",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_USER_MODEL = "organisation.Person"
ROOT_URLCONF = "jicha_web.urls"
WSGI_APPLICATION = "jicha_web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jicha_web.pages.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "jicha_web.pages.tags"],
            "loaders": [("django.template.loaders.cached.Loader", [
                "django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader",
            ])],
        },
    }
]  # fmt: skip
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [HERE / "locale"]
TIME_ZONE = os.environ.get("JICHA_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = STORE / "static"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_MAX_AGE = 7 * 86_400  # the addresses carry the hash of the content
WHITENOISE_USE_FINDERS = True  # nothing to collect on a laptop; an image may collect and turn it off
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": STORE / "files"}},
    "staticfiles": {"BACKEND": "jicha_web.pages.assets.HashedStorage"},
}
MEDIA_ROOT = STORE / "files"  # never served by path: photos and documents go through views that know the scope
MAX_UPLOAD_BYTES = 12 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o600

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
CSRF_FAILURE_VIEW = "jicha_web.pages.errors.csrf_failed"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "pages/locked_out.html"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "jicha_web.organisation.addresses.client_address"

SESSION_COOKIE_AGE = 8 * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
# For the own name alone: browsers would refuse http for every machine below it for as long, and an intranet's name
# belongs on no public list. What cannot be taken back for so long is for the utility to ask for.
SECURE_HSTS_SECONDS = int(os.environ.get("JICHA_HSTS_SECONDS", str(30 * 86_400))) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and _flag("JICHA_HSTS_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # they ask for subdomains and the public list
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

EMAIL_FILE_PATH = STORE / "mail"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
if _mail := os.environ.get("JICHA_MAIL_URL", ""):
    _part = urlsplit(_mail)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_USE_SSL, EMAIL_USE_TLS = _part.scheme == "smtps", _part.scheme == "smtp+starttls"
    EMAIL_HOST = _part.hostname or "localhost"
    EMAIL_PORT = _part.port or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
    EMAIL_TIMEOUT = 20  # seconds; the thread that mails also beats for the job at work
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_part.username or ""), unquote(_part.password or "")
DEFAULT_FROM_EMAIL = os.environ.get("JICHA_MAIL_FROM", "jicha@localhost")
PUBLIC_URL = os.environ.get("JICHA_PUBLIC_URL", "").rstrip("/")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
