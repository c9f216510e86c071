# SPDX-License-Identifier: EUPL-1.2
"""The reference lists: countries, languages, municipalities; filled by `manage.py load_reference_lists`."""

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
