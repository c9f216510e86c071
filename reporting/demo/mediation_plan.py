# SPDX-License-Identifier: EUPL-1.2
"""The mediation service of the demonstration as plain values: mediators, hours, requests. Every person is invented."""

from dataclasses import dataclass
from datetime import date

from actions.enums import MediationRequestKind
from mediation.enums import (
    AccountUse,
    CaseKind,
    Gender,
    Intervention,
    LanguageLevel,
    MediatorProfile,
    Mode,
    QualificationKind,
    Urgency,
)

MEDIANDO = "Cooperativa sociale Mediando"
PONTE = "Cooperativa sociale Ponte Chiaro"
# The networks whose mediation the demonstration tells, each with its coordinator and what it is asked.
COORDINATORS = {"ATS-1-TO": "rete", "ATS-1-TOS": "rete", "ATS-2-TO": "rete.servizi"}
# Who provides mediators without being a partner: an adherent of the network, outside its budget.
ADHERENTS = {"ATS-1-TO": (MEDIANDO,), "ATS-1-TOS": (MEDIANDO, PONTE)}
YEAR = (date(2018, 9, 1), date(2019, 8, 31))
L, Q, W, K = LanguageLevel, QualificationKind, Intervention, MediationRequestKind
NATIVE = L.MOTHER_TONGUE


@dataclass(frozen=True)
class MediatorPlan:
    """One entry of the register: `account` is the first part of the address of its account, if it has one."""

    key: str
    given_name: str
    family_name: str
    body: str
    languages: tuple[tuple[str, str, str], ...]
    account: str = ""
    gender: str = Gender.FEMALE
    profile: str = MediatorProfile.MEDIATOR
    home: str = "Torino"
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    yearly_maximum: int | None = None
    # Kind, title, hours, issued on, expires on.
    qualifications: tuple[tuple[str, str, int | None, date, date | None], ...] = ()


_COURSE = (Q.COURSE, "Corso per mediatori interculturali", 600, date(2014, 6, 20), None)
_RECORD = (Q.CRIMINAL_RECORD, "Certificato del casellario giudiziale", None, date(2018, 9, 10), date(2020, 9, 9))
# This one is about to expire: the page of the mediator and the register say so.
_RECORD_ENDING = (
    Q.CRIMINAL_RECORD,
    "Certificato del casellario giudiziale",
    None,
    date(2018, 6, 12),
    date(2019, 6, 11),
)

MEDIATORS: tuple[MediatorPlan, ...] = (
    MediatorPlan(
        "nadia",
        "Nadia",
        "Altomare",
        MEDIANDO,
        (("ary", NATIVE, "Casablanca"), ("ar", L.C2, ""), ("fr", L.C1, "")),
        account="mediatrice",
        profile=MediatorProfile.BOTH,
        yearly_maximum=18_000,
        qualifications=(_COURSE, _RECORD_ENDING),
    ),
    MediatorPlan(
        "lin",
        "Lin",
        "Pietrachiara",
        MEDIANDO,
        (("zh", NATIVE, "Wenzhou"), ("yue", L.B2, "")),
        account="mediatrice.lin",
        qualifications=(_COURSE, _RECORD),
    ),
    MediatorPlan(
        "mirela",
        "Mirela",
        "Torrebruna",
        MEDIANDO,
        (("ro", NATIVE, ""), ("mo", NATIVE, "")),
        account="mediatrice.mirela",
        days=(0, 2, 4),
        qualifications=(_COURSE, _RECORD),
    ),
    MediatorPlan(
        "ousmane",
        "Ousmane",
        "Campolargo",
        MEDIANDO,
        (("wo", NATIVE, ""), ("fr", L.C2, ""), ("ff", L.C1, "")),
        account="mediatore.ousmane",
        gender=Gender.MALE,
        qualifications=(_COURSE, _RECORD),
    ),
    MediatorPlan(
        "samira",
        "Samira",
        "Ripabianca",
        PONTE,
        (("ary", NATIVE, "Khouribga"), ("arz", L.C1, ""), ("fr", L.B2, "")),
        account="mediatrice.samira",
        qualifications=(_COURSE, _RECORD),
    ),
    MediatorPlan(
        "pilar",
        "Pilar",
        "Montelungo",
        PONTE,
        (("es", NATIVE, "Perù"), ("pt", L.C1, "Brasile")),
        account="mediatrice.pilar",
        profile=MediatorProfile.BOTH,
        days=(1, 3, 4),
        qualifications=((Q.DEGREE, "Laurea in mediazione linguistica", None, date(2012, 3, 15), None), _RECORD),
    ),
    MediatorPlan(
        "ardit",
        "Ardit",
        "Valsecca",
        MEDIANDO,
        (("sq", NATIVE, ""),),
        gender=Gender.MALE,
        home="Moncalieri",
        qualifications=((Q.EXPERIENCE, "Otto anni di mediazione nei servizi", None, date(2011, 1, 10), None), _RECORD),
    ),
    MediatorPlan(
        "irina",
        "Irina",
        "Colmonte",
        MEDIANDO,
        (("uk", NATIVE, ""), ("ru", NATIVE, "")),
        home="Collegno",
        qualifications=(_COURSE, _RECORD),
    ),
    MediatorPlan(
        "blessing",
        "Blessing",
        "Acquaviva",
        PONTE,
        (("en", NATIVE, "Nigeria"), ("pcm", NATIVE, ""), ("bin", L.C1, "")),
        days=(0, 1, 3),
        qualifications=(_COURSE, _RECORD),
    ),
)


@dataclass(frozen=True)
class AccountPlan:
    """Hours granted to a network (its common pool) or to one of its bodies."""

    network: str
    kind: str
    hours: int
    body: str = ""
    use: str = AccountUse.ON_CALL
    # A second grant some months later.
    later: int = 0


ACCOUNTS: tuple[AccountPlan, ...] = (
    AccountPlan("ATS-1-TO", K.SCHOOL, 90, later=30),
    AccountPlan("ATS-1-TO", K.SCHOOL, 20, use=AccountUse.URGENCY),
    # More than 80 per cent of it is taken, and that of Le Rondini is nearly empty.
    AccountPlan("ATS-1-TO", K.SCHOOL, 13, body="I Tigli"),
    AccountPlan("ATS-1-TO", K.SCHOOL, 4, body="Le Rondini"),
    AccountPlan("ATS-1-TOS", K.SCHOOL, 80),
    AccountPlan("ATS-1-TOS", K.SCHOOL, 12, use=AccountUse.URGENCY),
    AccountPlan("ATS-1-TOS", K.SCHOOL, 10, body="La Quercia"),
    AccountPlan("ATS-2-TO", K.SERVICE, 110, later=25),
    AccountPlan("ATS-2-TO", K.SERVICE, 24, body="Servizi sociali associati di Settimo"),
    AccountPlan("ATS-2-TO", K.COMMUNITY, 60, use=AccountUse.PLANNED),
)


@dataclass(frozen=True)
class Case:
    """One request: who asks, in which language, who mediates on which day (counted from today), how it ends.

    `end` is the last state it reaches, or the exit that it takes. `asked` is on which day it was asked, counted from
    today; without it twelve days before the session, two on the fast lane.
    """

    body: str
    language: str
    mediator: str
    day: int
    end: str = "validated"
    minutes: int = 60
    sessions: int = 1
    what: tuple[str, ...] = (W.FAMILY_TALK,)
    urgency: str = Urgency.ORDINARY
    asked: int | None = None
    mode: str = Mode.IN_PERSON
    case_kind: str = CaseKind.FAMILY
    group: bool = False
    # Minutes that the sessions lasted beyond (or below) what was asked, each.
    longer: int = 0
    refused_by: str = ""

    @property
    def is_fast(self) -> bool:
        return self.urgency != Urgency.ORDINARY


NEW, URGENT = Urgency.NEW_ARRIVAL, Urgency.URGENT
_TIGLI, _BORGO, _PARCO, _RONDINI, _RIVA = "I Tigli", "Borgo Fiorito", "Parco Grande", "Le Rondini", "Riva Verde"
_QUERCIA, _PRATI, _BETULLE, _COLLE, _FARO = "La Quercia", "Via dei Prati", "Le Betulle", "Colle Sereno", "Il Faro"
_DORA, _RIVOLI = "Consorzio dei servizi sociali Dora Verde", "Sportello sociale intercomunale di Rivoli"
_SETTIMO, _SALUTE = "Servizi sociali associati di Settimo", "Distretto sanitario Torino ovest (dimostrativo)"

CASES: dict[str, tuple[Case, ...]] = {
    "ATS-1-TO": (
        Case(_TIGLI, "ary", "nadia", -196, minutes=90, what=(W.FIRST_WELCOME, W.FIRST_TALK), urgency=NEW),
        Case(_TIGLI, "zh", "lin", -168, what=(W.FAMILY_TALK,)),
        Case(_BORGO, "ary", "samira", -160, minutes=120, sessions=2, refused_by="nadia", what=(W.EDUCATION_PLAN,)),
        Case(_RONDINI, "ro", "mirela", -150, minutes=90, longer=-15),
        Case(_PARCO, "es", "pilar", -128, what=(W.GUIDANCE,)),
        Case(_TIGLI, "ary", "nadia", -112, minutes=180, sessions=2, what=(W.EDUCATION_PLAN,)),
        Case(_RIVA, "sq", "ardit", -100, end="validated", what=(W.CRITICAL_SITUATION,)),
        Case(_RONDINI, "en", "blessing", -86, minutes=120, group=True, what=(W.CLASS_ASSEMBLY,)),
        Case(_BORGO, "zh", "lin", -75, urgency=NEW, what=(W.FIRST_WELCOME,), minutes=90),
        Case(_PARCO, "ary", "samira", -61, end="not_held"),
        Case(_TIGLI, "wo", "ousmane", -47, minutes=90),
        Case(_RIVA, "fr", "ousmane", -40, end="cancelled_late"),
        Case(_BORGO, "ro", "mirela", -33, end="cancelled_in_time"),
        Case(_TIGLI, "bn", "", -20, end="unmet", asked=-34),
        Case(_RIVA, "ary", "nadia", -12, end="validated", mode=Mode.PHONE),
        Case(_PARCO, "zh", "lin", -9, end="countersigned", what=(W.EVALUATION_HANDOVER,), minutes=90),
        Case(_TIGLI, "ary", "nadia", -6, end="reported", minutes=90),
        Case(_BORGO, "es", "pilar", -5, end="countersigned"),
        Case(_RIVA, "ary", "nadia", -2, end="held", what=(W.WRITTEN_COMMUNICATION,)),
        Case(_TIGLI, "ary", "nadia", 0, end="confirmed", minutes=90, what=(W.FAMILY_TALK, W.GUIDANCE)),
        Case(_PARCO, "ary", "nadia", 7, end="proposed", asked=-3),
        Case(_BORGO, "zh", "lin", 9, end="proposed", asked=-4),
        Case(_TIGLI, "zh", "lin", 8, end="confirmed", asked=-6),
        Case(_RIVA, "ro", "mirela", 12, end="rescheduled", asked=-7),
        Case(_PARCO, "ro", "mirela", 14, end="taken_in_charge", asked=-4),
        Case(_RIVA, "es", "pilar", 15, end="authorised", asked=-3),
        Case(_TIGLI, "ary", "nadia", 2, end="authorised", asked=-1, urgency=NEW, what=(W.FIRST_WELCOME,), minutes=90),
        Case(_BORGO, "ary", "samira", 13, end="to_complete", asked=-5),
        Case(_TIGLI, "es", "pilar", 14, end="submitted", asked=-1),
        Case(_TIGLI, "ary", "nadia", 20, end="draft", asked=0),
    ),
    "ATS-1-TOS": (
        Case(_QUERCIA, "ary", "nadia", -182, minutes=90, urgency=NEW, what=(W.FIRST_WELCOME,)),
        Case(_PRATI, "ro", "mirela", -141, minutes=90),
        Case(_COLLE, "sq", "ardit", -118),
        Case(_BETULLE, "zh", "lin", -90, minutes=120, sessions=2, what=(W.EDUCATION_PLAN,)),
        Case(_QUERCIA, "ary", "samira", -68, longer=15, refused_by="nadia"),
        Case(_FARO, "en", "blessing", -54, end="not_held"),
        Case(_PRATI, "ti", "", -26, end="unmet", asked=-40),
        Case(_COLLE, "es", "pilar", -19, end="rejected"),
        Case(_FARO, "uk", "irina", -16, end="expired"),
        Case(_BETULLE, "ro", "mirela", -8, end="countersigned"),
        Case(_QUERCIA, "ary", "nadia", 5, end="confirmed", minutes=90),
        Case(_FARO, "ary", "nadia", 10, end="proposed", asked=-3),
        Case(_COLLE, "ur", "", 11, end="assigning", asked=-6),
        Case(_PRATI, "sq", "ardit", 16, end="authorised", asked=-2),
        Case(_BETULLE, "zh", "lin", 12, end="declined", asked=-3),
    ),
    "ATS-2-TO": (
        Case(_DORA, "ary", "nadia", -175, minutes=120, sessions=2, what=(W.PARENTING_SUPPORT,)),
        Case(_SETTIMO, "ro", "mirela", -146, what=(W.SERVICE_TALK,)),
        Case(_RIVOLI, "uk", "irina", -120, what=(W.SERVICE_TALK,), case_kind=CaseKind.ADULT),
        Case(_SALUTE, "en", "blessing", -104, minutes=90, what=(W.SERVICE_TALK,), case_kind=CaseKind.ADULT),
        Case(_SETTIMO, "ary", "samira", -82, minutes=180, sessions=2, what=(W.NEED_READING, W.HOME_VISIT)),
        Case(_DORA, "es", "pilar", -63, what=(W.NETWORK_MEETING,)),
        Case(_SALUTE, "zh", "lin", -44, urgency=URGENT, minutes=90, what=(W.SERVICE_TALK,)),
        Case(_RIVOLI, "wo", "ousmane", -30, what=(W.ACCOMPANIMENT,), case_kind=CaseKind.UNACCOMPANIED_MINOR),
        Case(_DORA, "sq", "ardit", -23, end="cancelled_in_time", what=(W.SERVICE_TALK,)),
        Case(_SETTIMO, "ary", "nadia", -10, end="countersigned", minutes=90, what=(W.HOME_VISIT,)),
        Case(_RIVOLI, "ro", "mirela", -7, end="reported", what=(W.SERVICE_TALK,)),
        Case(_SALUTE, "ary", "samira", 3, end="confirmed", what=(W.SERVICE_TALK,)),
        Case(_SETTIMO, "ary", "nadia", 6, end="proposed", asked=-2, what=(W.SERVICE_TALK,)),
        Case(_DORA, "uk", "irina", 13, end="authorised", asked=-2, what=(W.NEED_READING,)),
        Case(_SETTIMO, "ti", "", 12, end="assigning", asked=-5, what=(W.SERVICE_TALK,)),
    ),
}
