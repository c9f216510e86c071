# SPDX-License-Identifier: EUPL-1.2
"""The reference lists: countries, languages, municipalities and the closed lists of the official sheets.

Filled by `manage.py load_reference_lists`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.validators import validate_municipality_code


class Country(models.Model):
    """A country with its label in the official sheets of the fund."""

    code = models.CharField(_("ISO code"), max_length=2, unique=True)
    name = models.CharField(_("name"), max_length=100)
    official_label = models.CharField(_("official label"), max_length=100)
    is_third_country = models.BooleanField(_("third country"))

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")

    class Privacy:
        public = "id code name official_label is_third_country"

    def __str__(self) -> str:
        return self.name


class Language(models.Model):
    """A language that people ask for, with its Italian name."""

    code = models.CharField(_("ISO code"), max_length=8, unique=True)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("language")
        verbose_name_plural = _("languages")

    class Privacy:
        public = "id code name"

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """A municipality with its ISTAT code."""

    code = models.CharField(_("ISTAT code"), max_length=6, unique=True, validators=[validate_municipality_code])
    name = models.CharField(_("name"), max_length=100)
    province = models.CharField(_("province"), max_length=2)
    region = models.CharField(_("region"), max_length=40)

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        indexes = [models.Index(fields=["region", "name"], name="partners_municipality_region")]

    class Privacy:
        public = "id code name province region"

    def __str__(self) -> str:
        return f"{self.name} ({self.province})"


class OfficialValue(models.Model):
    """One value of a closed list of the official sheets, with the very words that the fund expects."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    official_label = models.CharField(_("official label"), max_length=150)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.official_label


class PermitKind(OfficialValue):
    """A kind of permit to stay. Which of them a programme admits is said in its definition."""

    class Meta:
        verbose_name = _("kind of permit")
        verbose_name_plural = _("kinds of permit")

    class Privacy:
        public = "id code official_label position"


class EducationTitle(OfficialValue):
    """A level of education (ISCED, as the sheets call it)."""

    class Meta:
        verbose_name = _("level of education")
        verbose_name_plural = _("levels of education")

    class Privacy:
        public = "id code official_label position"


class OriginWork(OfficialValue):
    """A class of work in the country of origin."""

    class Meta:
        verbose_name = _("work in the country of origin")
        verbose_name_plural = _("kinds of work in the country of origin")

    class Privacy:
        public = "id code official_label position"


class TargetSpecific(OfficialValue):
    """A particular condition of a recipient, as a flag: of a vulnerability never which one."""

    class Meta:
        verbose_name = _("particular condition")
        verbose_name_plural = _("particular conditions")

    class Privacy:
        public = "id code official_label position"
