# SPDX-License-Identifier: EUPL-1.2
"""Settings, read once from the environment. Every variable is listed in docs/operations.md."""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from fami_portal import embedded, env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = embedded.var()

DEBUG = env.flag("FAMI_DEBUG", False)
# Demonstration mode: console mail, demo sign-in list, secrets generated under var/. Never on a public machine.
DEMO = env.flag("FAMI_DEMO", False)
TESTING = env.flag("FAMI_TESTING", False)
# The demonstration tells of a school year that is over: its clock runs some whole weeks behind (fami_portal.core.clock).
CLOCK_SHIFT = embedded.demo_shift() if DEMO else timedelta()

SECRET_KEY = env.text("SECRET_KEY") or embedded.secret("django", "SECRET_KEY")
# The keys of the identities, newest first, and the one key of their fingerprints (fami_portal.core.vault).
VAULT_KEYS = env.keys(
    "FAMI_VAULT_KEYS",
    env.text("FAMI_VAULT_KEYS") or embedded.secret("vault", "FAMI_VAULT_KEYS", lambda: env.new_key("k1")),
)
FINGERPRINT_KEY = env.long_text(
    "FAMI_FINGERPRINT_KEY",
    env.text("FAMI_FINGERPRINT_KEY") or embedded.secret("fingerprint", "FAMI_FINGERPRINT_KEY"),
).encode()
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])
SITE_URL = env.text("SITE_URL", f"http://localhost:{env.number('PORT', 8000, minimum=1, maximum=65535)}")

INSTALLED_APPS = [
    "reporting",
    "privacy",
    "mediation",
    "beneficiaries",
    "actions",
    "partners",
    "accounts",
    "fami_portal.core",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "import_export",
    "pgtrigger",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
]

MIDDLEWARE = [
    "fami_portal.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "fami_portal.core.middleware.SessionLimitMiddleware",
    "fami_portal.core.middleware.SignInRequiredMiddleware",
    "fami_portal.core.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "fami_portal.urls"
WSGI_APPLICATION = "fami_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fami_portal.core.context_processors.portal",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
# What a filter says when it filters nothing.
FILTERS_EMPTY_CHOICE_LABEL = _("Any")

DATABASES = {
    "default": env.database("DATABASE_URL")
    | {
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": f"-c statement_timeout={env.number('DB_STATEMENT_TIMEOUT_MS', 0)} "
            f"-c lock_timeout={env.number('DB_LOCK_TIMEOUT_MS', 30_000)} "
            # Pages read one row with the ten that its names come from, written in a sensible order: weighing
            # all other orders took PostgreSQL up to forty times longer than reading them.
            "-c join_collapse_limit=5 "
            # The triggers ask whether they are to be ignored, and where the setting does not exist they catch an error
            # to learn it: for each row, and each time PostgreSQL goes through all checks of foreign keys that wait for
            # the commit. A transaction of n rows took a time that grew with n².
            "-c pgtrigger.ignore={}"
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = env.broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Europe/Rome"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Mail printed by the demonstration stays as it is, instead of becoming warnings.
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker for ever
# An act that asks for a job gives up at once on a broker that is down: the tick sends the job again.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
    "socket_connect_timeout": 3,
}
CELERY_TASK_ALWAYS_EAGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
# One tick for everything: what is due is decided by rows in the database, so two beats are harmless.
JOB_TICK_SECONDS = env.number("JOB_TICK_SECONDS", 15, minimum=1)
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "core.tick", "schedule": float(JOB_TICK_SECONDS), "options": {"expires": JOB_TICK_SECONDS}}
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.PortalAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {
    "login": "fami_portal.core.signin.LoginForm",
    "reset_password": "fami_portal.core.signin.ResetPasswordForm",
    "reset_password_from_key": "fami_portal.core.signin.ResetPasswordKeyForm",
    "change_password": "fami_portal.core.signin.ChangePasswordForm",
}
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "reset_password": "20/m/ip,5/m/key"}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# How many distinct recipients one person may read within an hour before the data protection officer hears of it.
READING_ALERT_PERSONS = env.number("FAMI_READING_ALERT", 200, minimum=1)
SESSION_IDLE_SECONDS = env.number("SESSION_IDLE_SECONDS", 30 * 60, minimum=60)
SESSION_ABSOLUTE_SECONDS = env.number("SESSION_ABSOLUTE_SECONDS", 8 * 3600, minimum=300)
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "fami_portal.views.csrf_failure"

# HTTPS is the rule; the embedded demonstration speaks plain HTTP on localhost.
HTTPS = env.flag("FAMI_HTTPS", not (DEBUG or DEMO or TESTING))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("FAMI_BEHIND_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Bootstrap Italia draws its small icons as data: images in its style sheet.
        "img-src": [SELF, "data:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

LANGUAGE_CODE = "it"
LANGUAGES = [("it", _("Italian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Rome"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["fami_portal.core.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "fami_portal.core.staticfiles.SelectedPackagesFinder",
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env.text("DOCUMENTS_ROOT", str(VAR_DIR / "documents"))},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "fami_portal.core.staticfiles.PortalStaticStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or TESTING
# Never in the clear on a disk (core/uploads.py).
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "fami_portal.core.uploads.EncryptedUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DOCUMENT_MAX_BYTES = env.number("DOCUMENT_MAX_BYTES", 10 * 1024 * 1024)
# Rows of one file to import: more of them are refused before the file is opened.
IMPORT_MAX_ROWS = env.number("IMPORT_MAX_ROWS", 50_000)

EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.console.EmailBackend"
    if DEMO or DEBUG
    else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "portale-fami@localhost")

# The name of the portal and of the body it belongs to, as the header and the footer show them.
PORTAL_NAME = env.text("PORTAL_NAME", "Portale FAMI")
PORTAL_BODY = env.text("PORTAL_BODY", "Regione Piemonte" if DEMO else "Regione")
PORTAL_BODY_URL = env.text("PORTAL_BODY_URL")
PORTAL_VERSION = "0.1.0"
ACCESSIBILITY_DECLARATION_URL = env.text("ACCESSIBILITY_DECLARATION_URL", "https://form.agid.gov.it/")
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL", "assistenza@portale-fami.example")

# Jobs run inside the commit that asks for them (tests); otherwise Celery carries their id.
JOBS_INLINE = env.flag("FAMI_JOBS_INLINE", False)
# How long a silent worker keeps its job before another one may take it; it renews every third of this.
JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 30, minimum=1)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "fami_portal.core.logs.RequestIdFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {
        "handlers": ["console"],
        "level": env.choice("LOG_LEVEL", env.LOG_LEVELS, "WARNING" if TESTING else "INFO"),
    },
}
