# SPDX-License-Identifier: EUPL-1.2
"""The invented world of the demonstration: bodies, networks, people with an account.

Every name is invented; municipalities are real places of Piemonte. The shape is that of the founding document:
action 1 has 9 networks with 42 schools and 17 private bodies, action 2 has 3 with 11 public and 8 private bodies,
action 4 has 2 with 7 private bodies and 1 public body; action 3 is carried out by IRES Piemonte alone.
"""

from dataclasses import dataclass
from datetime import date

from partners.enums import NetworkKind, OrganisationKind

# As its official definition names it.
EVALUATOR = "FIERI – Forum Internazionale ed Europeo di Ricerche sull’Immigrazione"
PROGRAMME = "interazioni-in-piemonte-2"
# A plan comes after the programme that it belongs to.
DEFINITIONS = (
    "interazioni-in-piemonte-2.yaml",
    "labimpact.yaml",
    "labimpact-2-lodi.yaml",
    "lab-impact-offertasociale.yaml",
)
CLOSED_PERIODS = ("2018-Q4", "2019-Q1")
MINISTRY = "Ministero dell'Interno"
LODI = "Azienda Speciale Consortile Servizi Intercomunali"
# The demo partner has not recorded the last weeks yet.
BEHIND = "Cooperativa sociale Ponte Chiaro"
BEHIND_SINCE = date(2019, 6, 1)
OPEN_PERIOD = "2019-Q2"
# The school that registers its own pupils and shares their names; one of its labs ended early enough to end that too.
SHARING_SCHOOL = "Istituto comprensivo I Tigli - Torino"
ENDED_LAB = "Laboratorio interculturale - I Tigli - Torino"
ENDED_ON = date(2019, 4, 16)
SCHOOL_YEAR = (date(2018, 10, 1), date(2019, 6, 14))
PASSWORD = "dimostrazione"  # noqa: S105  of invented accounts, printed on purpose


@dataclass(frozen=True)
class Body:
    """One invented body: name, kind, municipality by its ISTAT name."""

    name: str
    kind: OrganisationKind
    town: str


@dataclass(frozen=True)
class NetworkPlan:
    """One network with its lead first."""

    code: str
    name: str
    action: str
    kind: NetworkKind
    bodies: tuple[Body, ...]


SCHOOL, CITY, COOP, ETS, ASSOC, HEALTH, CONSORTIUM, TRAINING = (
    OrganisationKind.SCHOOL,
    OrganisationKind.MUNICIPALITY,
    OrganisationKind.COOPERATIVE,
    OrganisationKind.THIRD_SECTOR,
    OrganisationKind.MIGRANT_ASSOCIATION,
    OrganisationKind.HEALTH_AUTHORITY,
    OrganisationKind.SPECIAL_AGENCY,
    OrganisationKind.TRAINING_AGENCY,
)


def _schools(*pairs: str) -> tuple[Body, ...]:
    return tuple(
        Body(f"Istituto comprensivo {name} - {town}", SCHOOL, town)
        for name, town in (pair.split(" @ ") for pair in pairs)
    )


def _bodies(kind: OrganisationKind, prefix: str, *pairs: str) -> tuple[Body, ...]:
    return tuple(Body(f"{prefix} {name}".strip(), kind, town) for name, town in (pair.split(" @ ") for pair in pairs))


def _coops(*pairs: str) -> tuple[Body, ...]:
    return _bodies(COOP, "Cooperativa sociale", *pairs)


def _ets(*pairs: str) -> tuple[Body, ...]:
    return _bodies(ETS, "Associazione di promozione sociale", *pairs)


_ACTION_1 = (
    (
        "ATS-1-TO",
        "ATS Scuole aperte Torino",
        _coops("Ponte Chiaro @ Torino"),
        _schools(
            "I Tigli @ Torino",
            "Borgo Fiorito @ Torino",
            "Parco Grande @ Torino",
            "Le Rondini @ Torino",
            "Riva Verde @ Torino",
        ),
        _ets("Il Cortile @ Torino"),
    ),
    (
        "ATS-1-TOS",
        "ATS Cintura sud",
        (),
        _schools(
            "La Quercia @ Moncalieri",
            "Via dei Prati @ Nichelino",
            "Le Betulle @ Carmagnola",
            "Colle Sereno @ Chieri",
            "Il Faro @ Pinerolo",
        ),
        _coops("Filo d'Acqua @ Moncalieri", "Terra Mobile @ Nichelino"),
    ),
    (
        "ATS-1-TON",
        "ATS Canavese e Torino nord",
        (),
        _schools(
            "Dora Baltea @ Ivrea",
            "Il Girasole @ Chivasso",
            "Campo Lungo @ Settimo Torinese",
            "Le Valli @ Ciriè",
            "Monte Chiaro @ Rivoli",
        ),
        _coops("Pietra Viva @ Ivrea") + _ets("Passo Lento @ Settimo Torinese"),
    ),
    (
        "ATS-1-CN",
        "ATS Granda accogliente",
        _coops("Le Stagioni @ Cuneo"),
        _schools(
            "Alpi Marittime @ Cuneo",
            "Il Viale @ Fossano",
            "Le Fontane @ Saluzzo",
            "La Rocchetta @ Savigliano",
            "Belvedere @ Mondovì",
        ),
        _ets("Mani Intrecciate @ Cuneo"),
    ),
    (
        "ATS-1-LG",
        "ATS Langhe e Roero",
        (),
        _schools("Le Colline @ Alba", "Il Sentiero @ Alba", "Il Melograno @ Bra", "San Fiore @ Bra"),
        _coops("Vigna Nuova @ Alba", "Orto e Pane @ Bra"),
    ),
    (
        "ATS-1-AT",
        "ATS Asti si incontra",
        (),
        _schools(
            "Le Torri @ Asti",
            "Campo Sereno @ Asti",
            "La Barbera @ Nizza Monferrato",
            "Il Noce @ Canelli",
            "Ponte Verde @ Asti",
        ),
        _coops("Tre Ponti @ Asti", "Nuovo Cammino @ Canelli"),
    ),
    (
        "ATS-1-AL",
        "ATS Alessandria e Monferrato",
        _coops("Due Fiumi @ Alessandria"),
        _schools(
            "La Cittadella Nuova @ Alessandria",
            "Il Tanaro @ Alessandria",
            "Le Rose @ Casale Monferrato",
            "Il Castagno @ Novi Ligure",
            "Le Mura @ Tortona",
        ),
        _ets("Voci in Cerchio @ Casale Monferrato"),
    ),
    (
        "ATS-1-NO",
        "ATS Novarese",
        (),
        _schools("Le Risaie @ Novara", "Il Gelso @ Novara", "Agogna @ Borgomanero", "Lago Aperto @ Arona"),
        _coops("Acqua e Riso @ Novara", "Casa Comune @ Borgomanero"),
    ),
    (
        "ATS-1-VC",
        "ATS Vercelli e Biella",
        (),
        _schools("Il Canale @ Vercelli", "La Sesia @ Borgosesia", "La Lana @ Biella", "Il Telaio @ Cossato"),
        _coops("Trama Sociale @ Biella"),
    ),
)


NETWORKS: tuple[NetworkPlan, ...] = (
    *(
        NetworkPlan(code, name, "01", NetworkKind.TEMPORARY_ASSOCIATION, (*lead, *schools, *others))
        for code, name, lead, schools, others in _ACTION_1
    ),
    NetworkPlan(
        "ATS-2-TO",
        "ATS Servizi per tutti - Torino",
        "02",
        NetworkKind.TEMPORARY_ASSOCIATION,
        (
            Body("Consorzio dei servizi sociali Dora Verde", CONSORTIUM, "Collegno"),
            Body("Sportello sociale intercomunale di Rivoli", CITY, "Rivoli"),
            Body("Servizi sociali associati di Settimo", CITY, "Settimo Torinese"),
            Body("Distretto sanitario Torino ovest (dimostrativo)", HEALTH, "Collegno"),
            *_coops("Ponte Chiaro @ Torino", "Casa Aperta @ Collegno", "Mediando @ Torino"),
        ),
    ),
    NetworkPlan(
        "ATS-2-CA",
        "ATS Servizi per tutti - Cuneo e Asti",
        "02",
        NetworkKind.TEMPORARY_ASSOCIATION,
        (
            Body("Consorzio socio-assistenziale Valli Alte", CONSORTIUM, "Cuneo"),
            Body("Servizi sociali associati di Alba e Bra", CITY, "Alba"),
            Body("Servizi sociali associati dell'Astigiano", CITY, "Asti"),
            Body("Distretto sanitario Asti centro (dimostrativo)", HEALTH, "Asti"),
            *_coops("Le Stagioni @ Cuneo", "Parole in Mezzo @ Asti", "Tetto e Lavoro @ Cuneo"),
        ),
    ),
    NetworkPlan(
        "ATS-2-NV",
        "ATS Servizi per tutti - Novara e VCO",
        "02",
        NetworkKind.TEMPORARY_ASSOCIATION,
        (
            Body("Consorzio dei servizi sociali Due Laghi", CONSORTIUM, "Verbania"),
            Body("Servizi sociali associati del Novarese", CITY, "Novara"),
            Body("Servizi sociali associati dell'Ossola", CITY, "Domodossola"),
            *_coops("Acqua e Riso @ Novara", "Lago e Monte @ Verbania"),
        ),
    ),
    NetworkPlan(
        "ATS-4-OC",
        "ATS Partecipare - Torino e Cuneo",
        "04",
        NetworkKind.TEMPORARY_ASSOCIATION,
        (
            *_ets("Rete di Piazza @ Torino"),
            Body("Ufficio mondialità della Città di mezzo", CITY, "Torino"),
            *_ets("Il Cortile @ Torino", "Radio di Quartiere @ Torino"),
            *_coops("Mediando @ Torino"),
        ),
    ),
    NetworkPlan(
        "ATS-4-OR",
        "ATS Partecipare - Piemonte orientale",
        "04",
        NetworkKind.TEMPORARY_ASSOCIATION,
        (
            *_ets("Orizzonti Vicini @ Novara", "Voci in Cerchio @ Casale Monferrato"),
            *_coops("Trama Sociale @ Biella"),
        ),
    ),
)

# IRES alone carries out action 3; its network is not one of the 14 associations of purpose.
SINGLE_NETWORK = ("IRES-3", "IRES Piemonte - azione 3", "03")

ASSOCIATIONS = tuple(
    name.split(" @ ")
    for name in (
        "Associazione Baobab Giovani @ Torino",
        "Donne del Maghreb in Piemonte @ Torino",
        "Comunità peruviana Inti @ Torino",
        "Nuove Generazioni Torino @ Torino",
        "Associazione Teranga @ Torino",
        "Casa Romena delle Arti @ Torino",
        "Amici del Bengala @ Torino",
        "Associazione Nilo Azzurro @ Moncalieri",
        "Ponte Albania Piemonte @ Cuneo",
        "Associazione Sahel Cuneo @ Cuneo",
        "Donne del Punjab @ Alba",
        "Associazione Atlante @ Asti",
        "Giovani del Mondo Asti @ Asti",
        "Comunità ucraina Kalyna @ Novara",
        "Associazione Teranga Novara @ Novara",
        "Amici della Costa d'Avorio @ Novara",
        "Associazione Minerva Donne @ Vercelli",
        "Radici Marocco Biella @ Biella",
        "Seconde Generazioni Biella @ Biella",
        "Comunità ecuadoriana Mitad @ Alessandria",
        "Associazione Ganesh @ Casale Monferrato",
        "Donne senegalesi Jigeen @ Verbania",
        "Comunità cinese Loto @ Torino",
        "Associazione Nur @ Domodossola",
    )
)
INFORMAL_GROUPS = ("Gruppo madri della scuola Le Rondini @ Torino", "Gruppo giovani Porta Nuova Mondo @ Torino")


@dataclass(frozen=True)
class DemoUser:
    """One person of the demonstration: who, in which body, with which role, coordinating which networks."""

    email: str
    given_name: str
    family_name: str
    role: str
    body: str
    networks: tuple[str, ...] = ()


DOMAIN = "@demo.portale-fami.example"
# The networks of LAB'IMPACT come after the others, and with them who coordinates several of them.
SECOND_LEVEL = DemoUser(
    f"offertasociale{DOMAIN}",
    "Silvia",
    "Adda Nova",
    "network_coordinator",
    "Offertasociale",
    ("AMB-VIM-TRE", "AMB-SER", "AMB-CAR"),
)
USERS: tuple[DemoUser, ...] = (
    DemoUser(f"regione{DOMAIN}", "Marta", "Valperga", "regional_coordinator", "Regione Piemonte"),
    DemoUser(f"assistenza{DOMAIN}", "Pietro", "Collinasco", "technical_assistance", "IRES Piemonte"),
    DemoUser(
        f"rete{DOMAIN}",
        "Elena",
        "Montefiore",
        "network_coordinator",
        "Cooperativa sociale Ponte Chiaro",
        ("ATS-1-TO", "ATS-1-TOS"),
    ),
    DemoUser(
        f"rete.servizi{DOMAIN}",
        "Davide",
        "Roccaverde",
        "network_coordinator",
        "Consorzio dei servizi sociali Dora Verde",
        ("ATS-2-TO",),
    ),
    DemoUser(
        f"rete.associazioni{DOMAIN}",
        "Sara",
        "Campolungo",
        "network_coordinator",
        "Associazione di promozione sociale Rete di Piazza",
        ("ATS-4-OC", "ATS-4-OR"),
    ),
    DemoUser(f"partner{DOMAIN}", "Giulia", "Pratolungo", "partner_operator", "Cooperativa sociale Ponte Chiaro"),
    DemoUser(f"partner.ires{DOMAIN}", "Luca", "Serravalle", "partner_operator", "IRES Piemonte"),
    DemoUser(
        f"partner.associazioni{DOMAIN}",
        "Amina",
        "Fontanarossa",
        "partner_operator",
        "Associazione di promozione sociale Rete di Piazza",
    ),
    DemoUser(f"docente{DOMAIN}", "Paolo", "Vigneto", "teacher", "Istituto comprensivo I Tigli - Torino"),
    DemoUser(f"scuola{DOMAIN}", "Chiara", "Poggioalto", "school_contact", "Istituto comprensivo I Tigli - Torino"),
    DemoUser(f"dirigente{DOMAIN}", "Franca", "Belcolle", "school_head", "Istituto comprensivo I Tigli - Torino"),
    DemoUser(f"servizi{DOMAIN}", "Ivan", "Torrechiara", "service_operator", "Servizi sociali associati di Settimo"),
    DemoUser(f"mediatrice{DOMAIN}", "Nadia", "Altomare", "mediator", "Cooperativa sociale Mediando"),
    DemoUser(f"consulente{DOMAIN}", "Renata", "Pianeta", "consultant", "Cooperativa sociale Mediando"),
    DemoUser(f"sportello{DOMAIN}", "Omar", "Ripalta", "desk_operator", "Cooperativa sociale Casa Aperta"),
    DemoUser(f"valutazione{DOMAIN}", "Bianca", "Lagoscuro", "evaluator", EVALUATOR),
    DemoUser(f"controllo{DOMAIN}", "Tullio", "Pietramala", "auditor", MINISTRY),
    DemoUser(f"privacy{DOMAIN}", "Livia", "Montesanto", "data_protection_officer", "Regione Piemonte"),
    DemoUser(f"amministrazione{DOMAIN}", "Ugo", "Casalborgo", "administrator", "Regione Piemonte"),
    # Of the programmes of Lombardia: of the last one, who trains operators in Lodi.
    DemoUser(f"lombardia{DOMAIN}", "Ines", "Montechiaro", "regional_coordinator", "Regione Lombardia"),
    DemoUser(f"lodi{DOMAIN}", "Rocco", "Valdadda", "partner_operator", LODI),
    SECOND_LEVEL,
)
