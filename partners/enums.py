# SPDX-License-Identifier: EUPL-1.2
"""Kinds of bodies and of networks, from the partnership practice of FAMI (reference: domain, section 6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrganisationKind(models.TextChoices):
    """The kinds of bodies that take part in a programme."""

    REGION = "region", _("Region")
    MUNICIPALITY = "municipality", _("Municipality")
    SPECIAL_AGENCY = "special_agency", _("Special or consortium agency")
    HEALTH_AUTHORITY = "health_authority", _("Health authority (ASL, ASST)")
    SCHOOL = "school", _("School")
    ADULT_EDUCATION_CENTRE = "adult_education_centre", _("Adult education centre (CPIA)")
    UNIVERSITY = "university", _("University or research institute")
    COOPERATIVE = "cooperative", _("Social cooperative")
    THIRD_SECTOR = "third_sector", _("Third-sector body (APS, ODV, foundation)")
    MIGRANT_ASSOCIATION = "migrant_association", _("Association of migrants or second generations")
    TRAINING_AGENCY = "training_agency", _("Training agency")
    PREFECTURE = "prefecture", _("Prefecture")
    EMPLOYMENT_CENTRE = "employment_centre", _("Employment centre (CPI)")
    MINISTRY = "ministry", _("Ministry")
    OTHER_PUBLIC = "other_public", _("Other public body")
    OTHER_PRIVATE = "other_private", _("Other private body")


# Kinds that are always public, and always private; the others may be either (schools: state or recognised).
PUBLIC_KINDS = frozenset(
    {
        OrganisationKind.REGION,
        OrganisationKind.MUNICIPALITY,
        OrganisationKind.SPECIAL_AGENCY,
        OrganisationKind.HEALTH_AUTHORITY,
        OrganisationKind.ADULT_EDUCATION_CENTRE,
        OrganisationKind.PREFECTURE,
        OrganisationKind.EMPLOYMENT_CENTRE,
        OrganisationKind.MINISTRY,
        OrganisationKind.OTHER_PUBLIC,
    }
)
PRIVATE_KINDS = frozenset(
    {
        OrganisationKind.COOPERATIVE,
        OrganisationKind.THIRD_SECTOR,
        OrganisationKind.MIGRANT_ASSOCIATION,
        OrganisationKind.OTHER_PRIVATE,
    }
)
SCHOOL_KINDS = frozenset({OrganisationKind.SCHOOL, OrganisationKind.ADULT_EDUCATION_CENTRE})


class Nature(models.TextChoices):
    """Public or private, as the networks are described."""

    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Private")


class InformalReason(models.TextChoices):
    """Why a body has no tax code: informal groups, and bodies that a definition names before their code is known."""

    BEING_FOUNDED = "being_founded", _("Being founded")
    INFORMAL_GROUP = "informal_group", _("Informal group without statute")
    FOREIGN_BODY = "foreign_body", _("Body founded abroad, without an Italian tax code")
    NOT_COLLECTED = "not_collected", _("Tax code not collected yet")


class NetworkKind(models.TextChoices):
    """What holds a network together."""

    TEMPORARY_ASSOCIATION = "temporary_association", _("Temporary association of purpose")
    TERRITORIAL_AREA = "territorial_area", _("Territorial area (Ambito)")
    SINGLE_BODY = "single_body", _("Single body")


class NetworkRole(models.TextChoices):
    """The part of a body in a network."""

    LEAD = "lead", _("Lead")
    MEMBER = "member", _("Member")
    ADHERENT = "adherent", _("Adherent (no budget)")
    TECHNICAL_ASSISTANCE = "technical_assistance", _("Technical assistance")
    EVALUATOR = "evaluator", pgettext_lazy("body", "Evaluator")


# Who has a budget in the network and carries out its actions; the others join in, help or look on.
WORKING_ROLES = frozenset({NetworkRole.LEAD, NetworkRole.MEMBER})


class ExitReason(models.TextChoices):
    """Why the stay of a body ended, as the reports on a partnership say it."""

    WITHDRAWN = "withdrawn", _("It withdrew")
    WORK_DONE = "work_done", _("Its work is done")
    MERGED = "merged", _("Merged into another body")
    EXCLUDED = "excluded", _("Excluded by the network")
    CHANGED_PART = "changed_part", _("It goes on with another part")
    OTHER = "other", _("Other")


class DeedKind(models.TextChoices):
    """The deeds by which a network is made and changed."""

    ASSOCIATION_DEED = "association_deed", _("Deed of temporary association (ATS)")
    PARTNERSHIP_AGREEMENT = "agreement", _("Partnership agreement")
    PROTOCOL = "protocol", _("Protocol of understanding")
    ACCESSION = "accession", _("Accession of a body")
    EXIT = "exit", _("Exit of a body")
    LEAD_CHANGE = "lead_change", _("Change of the lead")
    OTHER = "other", _("Other deed")


class Coverage(models.TextChoices):
    """How far the work of some networks reaches a municipality of theirs."""

    REACHED = "reached", _("Reached: work is done or asked for there")
    PRESENT = "present", _("A body has its seat there, no work yet")
    NOT_REACHED = "not_reached", _("Not reached")
