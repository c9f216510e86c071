# SPDX-License-Identifier: EUPL-1.2
"""The 35 Ambiti of LAB'IMPACT in the demonstration, as plain values.

The programme's documents give their number and no names. The names are those of Ambiti that exist in Lombardia; that
these are the ones, which towns and bodies each has, its days and its money are invented. Two are facts of the
documents: the 29 municipalities of Offertasociale, and that it coordinates Seregno and Carate Brianza.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class AmbitoPlan:
    """One Ambito: code, chief town, how many towns it takes at most, its share in thousands of euro.

    `lead` names the body that leads it where this is not the municipality of the chief town.
    """

    code: str
    town: str
    towns: int
    thousands: int
    name: str = ""
    lead: str = ""

    @property
    def title(self) -> str:
        return self.name or f"Ambito di {self.town}"


LODI, OFFERTASOCIALE = "AMB-LODI", "AMB-VIM-TRE"
# The share of Offertasociale is that of its plan: its network has none beside it.
_ROWS = (
    (LODI, "Lodi", 60, 170, "Ambito di Lodi", "Azienda Speciale Consortile Servizi Intercomunali"),
    (OFFERTASOCIALE, "Vimercate", 29, 0, "Ambiti del Vimercatese e del Trezzese", "Offertasociale"),
    ("AMB-SER", "Seregno", 12, 120),
    ("AMB-CAR", "Carate Brianza", 12, 110),
    ("AMB-MON", "Monza", 12, 160),
    ("AMB-DES", "Desio", 12, 125),
    ("AMB-TRE", "Treviglio", 16, 110),
    ("AMB-DAL", "Dalmine", 14, 120),
    ("AMB-BG", "Bergamo", 14, 230),
    ("AMB-SRT", "Seriate", 12, 90),
    ("AMB-CRE", "Crema", 14, 130),
    ("AMB-CR", "Cremona", 14, 130),
    ("AMB-MN", "Mantova", 14, 140),
    ("AMB-PV", "Pavia", 12, 130),
    ("AMB-VIG", "Vigevano", 10, 90),
    ("AMB-VOG", "Voghera", 14, 80),
    ("AMB-LC", "Lecco", 14, 110),
    ("AMB-BEL", "Bellano", 14, 45),
    ("AMB-MER", "Merate", 14, 80),
    ("AMB-CO", "Como", 14, 150),
    ("AMB-CAN", "Cantù", 12, 90),
    ("AMB-ERB", "Erba", 12, 65),
    ("AMB-OLG", "Olgiate Comasco", 12, 70),
    ("AMB-VA", "Varese", 12, 130),
    ("AMB-GAL", "Gallarate", 12, 120),
    ("AMB-BUS", "Busto Arsizio", 12, 100),
    ("AMB-SAR", "Saronno", 12, 75),
    ("AMB-TRA", "Tradate", 12, 65),
    ("AMB-SO", "Sondrio", 14, 70),
    ("AMB-TIR", "Tirano", 12, 45),
    ("AMB-BS", "Brescia", 14, 290),
    ("AMB-REZ", "Rezzato", 12, 100, "Ambito di Brescia Est"),
    ("AMB-GAR", "Salò", 14, 95, "Ambito del Garda"),
    ("AMB-MI", "Milano", 1, 600),
)
# The 35th is the Ambito of the Martesana, where the demonstration tells of consultations and translations.
AMBITI = tuple(AmbitoPlan(*row) for row in _ROWS)
MARTESANA_THOUSANDS = 105
# Whom Offertasociale coordinates, at the second level.
COORDINATED = ("AMB-SER", "AMB-CAR")

VIMERCATESE_AND_TREZZESE = (
    "Agrate Brianza", "Aicurzio", "Arcore", "Bellusco", "Bernareggio", "Burago di Molgora", "Busnago", "Camparada",
    "Caponago", "Carnate", "Cavenago di Brianza", "Concorezzo", "Cornate d'Adda", "Correzzana", "Lesmo", "Mezzago",
    "Ornago", "Ronco Briantino", "Roncello", "Sulbiate", "Usmate Velate", "Vimercate",
    "Basiano", "Grezzago", "Masate", "Pozzo d'Adda", "Trezzano Rosa", "Trezzo sull'Adda", "Vaprio d'Adda",
)  # fmt: skip

# Of invented bodies: a cooperative is a pair of these words, a school one of the others with its town.
PLACES = ("Cortile", "Sentiero", "Mulino", "Portico", "Giardino", "Cantiere", "Approdo", "Crocevia", "Ballatoio")
MANNERS = ("Aperto", "Sereno", "Comune", "di Tutti")
SCHOOLS = ("I Gelsi", "Le Robinie", "Il Naviglio", "Cascina Verde", "I Pioppi", "Le Rogge", "La Filanda", "I Carpini")
# Euro of the central bodies, by name and action; what is left has nobody yet.
CENTRAL = (("Regione Lombardia", "03", 260_000), ("Anci Lombardia", "03", 130_000), ("Fondazione ISMU", "03", 140_000))
# How the plan of Offertasociale divides its 67,555 euro.
PLAN_EURO = (("01", 24_555), ("02", 43_000))
