"""Every setting, and the only reader of the environment.

Names, defaults and meanings are listed in `.env.example`. A wrong or contradictory value stops
the start with one line that names the setting.
"""

import os
import secrets
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import environ
from django.urls import reverse_lazy

from jtelbridge import back_office, schedule
from jtelbridge.casts import (
    address,
    addresses,
    boolean,
    broker,
    database,
    is_loopback,
    mail_server,
    matching,
    number,
    org_url,
    region,
    webhook,
    words,
    zone,
)
from jtelbridge.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")


def refuse(name: str, why: str) -> NoReturn:
    sys.exit(f"jtelbridge: {name}: {why}")


def read(name: str, default: Any, cast: Callable[[str], Any] = str) -> Any:
    """The value of `name`, or of the file that `NAME_FILE` points to, or the default."""
    text = os.environ.get(name, "")
    file = os.environ.get(f"{name}_FILE", "")
    if text and file:
        refuse(name, f"is given twice, here and in {name}_FILE; remove one")
    if file:
        try:
            text = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            refuse(f"{name}_FILE", f"cannot be read ({error.strerror})")
    if not text:
        return default
    try:
        return cast(text)
    except (ValueError, TypeError, KeyError, OSError) as error:
        reason = str(error) if isinstance(error, ValueError) else f"not understood ({error})"
        refuse(name, reason or "not understood")


def made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse("VAR_DIR", f"{folder} cannot be made ({error.strerror})")
    return folder


def generated_secret() -> str:
    """A secret made once and kept beside the embedded database, readable by its owner alone."""
    file = VAR_DIR / "secret_key"
    if not file.is_file():
        draft = made(VAR_DIR) / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50), encoding="utf-8")
        try:
            os.link(draft, file)  # the first of several processes that start at once wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text(encoding="utf-8")


# --- where things are kept

VAR_DIR: Path = read("VAR_DIR", BASE_DIR / "var", Path)
_default_database = environ.Env.db_url_config(f"sqlite:///{VAR_DIR / 'jtelbridge.sqlite3'}")
DATABASES = {"default": read("DATABASE_URL", _default_database, database)}
EMBEDDED_DATABASE: bool = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if EMBEDDED_DATABASE:
    made(Path(DATABASES["default"]["NAME"]).parent)
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # FULL: with NORMAL a power loss can take back an acknowledged callback.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Statements are prepared once a connection; a pooler in between has to support that.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "tcp_user_timeout": 10_000,  # ms; else a silent network holds a request for minutes
        "server_side_binding": True,
        "prepare_threshold": 5,
        **DATABASES["default"].get("OPTIONS", {}),
    }
DATABASES["default"]["CONN_MAX_AGE"] = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- safety

DEBUG: bool = read("DEBUG", default=False, cast=boolean)
ALLOWED_HOSTS: list[str] = read("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], words)
CSRF_TRUSTED_ORIGINS: list[str] = read("CSRF_TRUSTED_ORIGINS", [], words)
SECRET_KEY: str = read("SECRET_KEY", "")
if not SECRET_KEY:
    if not EMBEDDED_DATABASE:
        refuse("SECRET_KEY", "is needed with DATABASE_URL; any 50 random characters will do")
    SECRET_KEY = generated_secret()
if len(SECRET_KEY) < 32:  # noqa: PLR2004 - Django's own check asks for 50, and only warns
    refuse("SECRET_KEY", "is too short; use at least 32 random characters")
if DEBUG and not all(is_loopback(host.strip("[]")) for host in ALLOWED_HOSTS):
    refuse("DEBUG", "may be true only while ALLOWED_HOSTS names this machine alone")
_secure = bool(CSRF_TRUSTED_ORIGINS) and all(o.startswith("https://") for o in CSRF_TRUSTED_ORIGINS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
TRUSTED_PROXIES: int = read("TRUSTED_PROXIES", 0, number(0, 10))
_proxied = _secure or TRUSTED_PROXIES > 0  # else anybody could claim to come through TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _proxied else None
X_FRAME_OPTIONS = "DENY"

# --- Django

ROOT_URLCONF = "jtelbridge.urls"
WSGI_APPLICATION = "jtelbridge.wsgi.application"
APPEND_SLASH = False  # the ACD's resources answer with and without; a POST is never redirected
INSTALLED_APPS = [
    "jtelbridge.apps.JtelbridgeConfig",
    "crm.apps.CrmConfig",
    "callbacks.apps.CallbacksConfig",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.simple_history",
    "django.contrib.admin.apps.SimpleAdminConfig",  # `urls.py` looks for screens; no other needs them
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "simple_history",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
# An installation that only stores callbacks leaves the conversation with Salesforce out.
INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in read("DISABLED_APPS", [], words)]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "jtelbridge.content_policy.ContentPolicyMiddleware",
    "jtelbridge.middleware.MachinesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",  # who changes the configuration
    "jtelbridge.middleware.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # people's sign-in alone: an ACD has a random secret
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Wrong passwords are counted by name and address together: so nobody locks others out from elsewhere.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "jtelbridge.sign_in.address_of"
AXES_LOCKOUT_CALLABLE = "jtelbridge.sign_in.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static_root"
STATIC_ROOT.mkdir(exist_ok=True)
# The image collects its static files when it is built; a checkout need not.
WHITENOISE_USE_FINDERS = not any(STATIC_ROOT.iterdir())
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
LOGGING = logging_config(read("LOG_LEVEL", "INFO", matching("DEBUG|INFO|WARNING|ERROR", "INFO")))
LOGGING_CONFIG = "jtelbridge.logs.configure"

# --- the interface for the ACD

JTEL_TIMEZONE: str = read("JTEL_TIMEZONE", "Europe/Berlin", zone)
JTEL_DEFAULT_REGION: str = read("JTEL_DEFAULT_REGION", "DE", region)
TIME_ZONE = JTEL_TIMEZONE
# Where an ACD that talked to Salesforce looks for each resource.
ACD_ALIAS_ROOT = "services/apexrest/jtelACD"
ACD_ALIASES = {
    "callbacks": "createCallback",
    "voicemails": "createVoiceMail",
    "callers": "getCallerInformation",
    "query": "query",
}
# What answers an accepted request; without the conversation nothing but "stored" is known.
ACD_RESPONDER = (
    "crm.responder.respond"
    if "crm.apps.CrmConfig" in INSTALLED_APPS
    else "callbacks.responders.stored"
)
ACD_TOKEN_MINUTES: int = read("ACD_TOKEN_MINUTES", 120, number(1, 1_440))
CALLBACK_DEDUPE_SECONDS: int = read("CALLBACK_DEDUPE_SECONDS", 120, number(0, 86_400))
WEB_THREADS: int = read("WEB_THREADS", 2, number(2, 1_000))
LIVE_CALLS_AT_ONCE: int = read("LIVE_CALLS_AT_ONCE", WEB_THREADS // 2, number(1, 500))
MAX_BODY_BYTES: int = read("MAX_BODY_BYTES", 1_048_576, number(1_024, 104_857_600))
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
ACD_REQUESTS_PER_SECOND: int = read("ACD_REQUESTS_PER_SECOND", 500, number(1, 100_000))
HELD_RELEASE_HOURS: int = read("HELD_RELEASE_HOURS", 24, number(0, 8_760))
RETENTION_DAYS: int = read("RETENTION_DAYS", 180, number(1, 36_500))
SIGHTINGS_SECONDS: int = read("SIGHTINGS_SECONDS", 15, number(0, 3_600))
REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_AUTHENTICATION_CLASSES": ["callbacks.authentication.AcdAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["callbacks.authentication.MayUseResource"],
    "DEFAULT_RENDERER_CLASSES": ["callbacks.renderers.FlatJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "callbacks.renderers.AlwaysJSON",
    "EXCEPTION_HANDLER": "callbacks.errors.answer_error",
    "DEFAULT_SCHEMA_CLASS": "jtelbridge.openapi.DescribedSchema",
}
SPECTACULAR_SETTINGS = {  # for `make openapi`; nothing of it is imported otherwise
    "OAS_VERSION": "3.1.1",
    "PREPROCESSING_HOOKS": ["jtelbridge.openapi.with_plain_paths"],
    "POSTPROCESSING_HOOKS": ["jtelbridge.openapi.complete"],
    "SORT_OPERATIONS": False,
}

# --- Salesforce

SALESFORCE_URL: str = read("SALESFORCE_URL", "", org_url)
SALESFORCE_CLIENT_ID: str = read("SALESFORCE_CLIENT_ID", "")
SALESFORCE_CLIENT_SECRET: str = read("SALESFORCE_CLIENT_SECRET", "")
SALESFORCE_USERNAME: str = read("SALESFORCE_USERNAME", "")
# Points to a file already, so that NAME_FILE is its only form.
SALESFORCE_PRIVATE_KEY: str = read("SALESFORCE_PRIVATE_KEY", "")
SALESFORCE_API_VERSION: str = read("SALESFORCE_API_VERSION", "62.0", matching(r"\d\d\.0", "62.0"))
SALESFORCE_KEY_FIELD: str = read(
    "SALESFORCE_KEY_FIELD", "Jtel_Callback_ID__c", matching(r"[A-Za-z]\w*", "Jtel_Callback_ID__c")
)
SALESFORCE_API_RESERVE: float = read("SALESFORCE_API_RESERVE", 0.2, number(0, 1, float))
if SALESFORCE_URL and not SALESFORCE_CLIENT_ID:
    refuse("SALESFORCE_CLIENT_ID", "is needed with SALESFORCE_URL")
if SALESFORCE_URL and not (SALESFORCE_CLIENT_SECRET or SALESFORCE_PRIVATE_KEY):
    refuse("SALESFORCE_CLIENT_SECRET", "is needed with SALESFORCE_URL, or a private key instead")
if SALESFORCE_CLIENT_SECRET and SALESFORCE_PRIVATE_KEY:
    refuse("SALESFORCE_PRIVATE_KEY_FILE", "contradicts SALESFORCE_CLIENT_SECRET; keep one")
if SALESFORCE_PRIVATE_KEY and not SALESFORCE_USERNAME:
    refuse("SALESFORCE_USERNAME", "is needed with SALESFORCE_PRIVATE_KEY_FILE")

# --- alerts

_mail: dict[str, Any] = read("EMAIL_URL", {}, mail_server)
EMAIL_BACKEND: str = _mail.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST: str = _mail.get("EMAIL_HOST") or ""
EMAIL_PORT: int = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER: str = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD: str = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS: bool = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = read("DEFAULT_FROM_EMAIL", "", address)
ALERT_EMAILS: list[str] = read("ALERT_EMAILS", [], addresses)
ALERT_LANGUAGE: str = read("ALERT_LANGUAGE", "en", matching("en|de", "en"))
ALERT_WEBHOOK_URL: str = read("ALERT_WEBHOOK_URL", "", webhook)
ALERT_WEBHOOK_SECRET: str = read(
    "ALERT_WEBHOOK_SECRET", "", matching(r"\S{16,}", "32 random characters")
)
if EMAIL_HOST and not DEFAULT_FROM_EMAIL:
    refuse("DEFAULT_FROM_EMAIL", "is needed with EMAIL_URL")
if ALERT_EMAILS and not EMAIL_HOST:
    refuse("EMAIL_URL", "is needed with ALERT_EMAILS")
if ALERT_WEBHOOK_URL and not ALERT_WEBHOOK_SECRET:
    refuse(
        "ALERT_WEBHOOK_SECRET", "is needed with ALERT_WEBHOOK_URL; any 32 random characters will do"
    )

# --- the broker: bells only, the rows are the queue

CELERY_BROKER_URL: str = read("CELERY_BROKER_URL", "filesystem://localhost", broker)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
if CELERY_BROKER_URL.startswith("filesystem:"):
    _messages, _control = made(VAR_DIR / "broker"), made(VAR_DIR / "broker-control")
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "polling_interval": 0.2,
        **dict.fromkeys(["data_folder_in", "data_folder_out"], str(_messages)),
        "control_folder": str(_control),
    }
elif CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5}
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None  # there are none, and so no job of Celery's own that clears them away
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "jtelbridge.beat:Scheduler"
CELERY_BEAT_SCHEDULE = schedule.beat_schedule(INSTALLED_APPS, ZoneInfo(JTEL_TIMEZONE))

# --- the back office

UNFOLD = back_office.UNFOLD
