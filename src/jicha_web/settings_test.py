"""Settings of the tests: a data folder of their own, quick password hashes, tasks run at once."""

from __future__ import annotations

import os
import tempfile

_folder = tempfile.mkdtemp(prefix="jicha-web-test-")
os.environ.setdefault("JICHA_DATA", _folder)
os.environ.setdefault("JICHA_HTTPS", "0")
os.environ.setdefault("JICHA_SECRET_KEY", "a-key-for-tests-only-" + "x" * 50)

from jicha_web.settings import *  # noqa: E402, F403
from jicha_web.settings import DATABASES, STORAGES, STORE  # noqa: E402

(STORE / "static").mkdir(parents=True, exist_ok=True)
(STORE / "static").mkdir(exist_ok=True)  # whitenoise warns without it
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# hashed names need a manifest that only collectstatic writes
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = os.environ.get("JICHA_TEST_AXES") == "1"
if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": STORE / "test.sqlite3"}
