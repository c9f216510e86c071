# SPDX-License-Identifier: EUPL-1.2
"""The addresses of the portal. Each app mounts its own under the root, from its `urls.py`."""

from importlib.util import find_spec

from allauth.account import views as account
from django.conf import settings
from django.urls import include, path, re_path

from accounts.permissions import ROLES
from fami_portal import views


def sign_in_context() -> dict[str, object]:
    """Return what the sign-in page shows beside the form: in the demonstration, who can be tried."""
    if not settings.DEMO:
        return {}
    from reporting.demo.world import PASSWORD, USERS  # noqa: PLC0415  only where the demonstration is on

    return {
        "demo_users": [(ROLES[user.role].name, user.email, user.body) for user in USERS],
        "demo_password": PASSWORD,
    }


# allauth's own list opens pages that an invitation-only portal does not have (sign-up form, several addresses).
account_patterns = [
    path("login/", account.LoginView.as_view(extra_context=sign_in_context()), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("signup/", account.signup, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]

APPS = ("accounts", "partners", "actions", "beneficiaries", "mediation", "privacy", "reporting")

urlpatterns = [
    path("", views.home, name="home"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("account/", include(account_patterns)),
    path("", include("fami_portal.core.urls")),
    *(path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error
