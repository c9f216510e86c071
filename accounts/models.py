# SPDX-License-Identifier: EUPL-1.2
"""The account of a person who works with the portal. Rights come from memberships (partners), never from here."""

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from fami_portal.core.history import row_history
from fami_portal.core.services import acting


class UserManager(BaseUserManager["User"]):
    """Finds accounts by e-mail, whatever the case of its letters."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person with an account, known by the e-mail address."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Sessions opened before this moment are no longer valid (deactivation, change of roles).
    sessions_valid_from = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["given_name", "family_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_once")]
        triggers = [row_history(exclude=("password", "last_login", "email", "given_name", "family_name"))]

    class Privacy:
        internal = "id is_active created_at sessions_valid_from last_login password"
        personal = "email given_name family_name"

    def __str__(self) -> str:
        return f"{self.full_name} <{self.email}>"

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    def check_password(self, raw_password: str) -> bool:
        """Compare a password with the one kept.

        Warning: after a change of the hashing parameters a right password is hashed and written again. Django would
        do it outside a service transaction, where the history trigger refuses every write.
        """

        def rewrite(raw: str) -> None:
            self.set_password(raw)
            self._password = None
            with acting(self):
                self.save(update_fields=["password"])

        return check_password(raw_password, self.password, rewrite)

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.given_name
