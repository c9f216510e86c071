# SPDX-License-Identifier: EUPL-1.2
"""The territory of networks: which municipalities, whose, and what is done in each of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from partners.enums import SCHOOL_KINDS, Coverage, NetworkKind
from partners.models import Municipality, Network, NetworkMember, Organisation

# Coordination has few levels; a walk up or down the tree stops here whatever the data say.
MAX_LEVELS = 10

ProgrammeProvider = Callable[[Collection[int]], Mapping[int, Collection[int]]]
_programmes: list[ProgrammeProvider] = []


def register_programmes_of_networks(provider: ProgrammeProvider) -> None:
    """Let the app that knows the programmes say for which each network works: ids by id of the network, one query."""
    if provider not in _programmes:
        _programmes.append(provider)


def programmes_of_networks(networks: Collection[int]) -> dict[int, set[int]]:
    """Return the ids of the programmes for which each network works."""
    found: dict[int, set[int]] = {pk: set() for pk in networks}
    for provider in _programmes:
        for pk, programmes in provider(networks).items():
            found.setdefault(pk, set()).update(programmes)
    return found


def related_networks(network: Network) -> set[int]:
    """Return the ids of the networks above and below one in the coordination, with its own."""
    rows: dict[int, int | None] = dict(Network.objects.exclude(parent=None).order_by().values_list("pk", "parent_id"))
    rows[network.pk] = network.parent_id
    related, above = {network.pk}, network.parent_id
    for _level in range(MAX_LEVELS):
        if above is None:
            break
        related.add(above)
        above = rows.get(above)
    below = {network.pk}
    for _level in range(MAX_LEVELS):
        below = {pk for pk, parent in rows.items() if parent in below} - related
        if not below:
            break
        related |= below
    return related


def rival_areas(network: Network, municipalities: Collection[int]) -> dict[int, Network]:
    """Return the municipalities among some that another Ambito has, with it, where both cannot have them.

    Both cannot when they exist in the same time and work for a same programme (or neither for any yet), and neither
    coordinates the other. Only Ambiti divide the land among themselves; other networks may share a town.
    """
    if network.kind != NetworkKind.TERRITORIAL_AREA or not municipalities:
        return {}
    others = Network.objects.filter(kind=NetworkKind.TERRITORIAL_AREA, municipalities__in=municipalities)
    if network.starts_on:
        others = others.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=network.starts_on))
    if network.ends_on:
        others = others.filter(Q(starts_on__isnull=True) | Q(starts_on__lte=network.ends_on))
    found = {other.pk: other for other in others.exclude(pk__in=related_networks(network)).order_by("name", "pk")}
    if not found:
        return {}
    work = programmes_of_networks([network.pk, *found])
    own = work[network.pk]
    rivals = {pk for pk in found if work[pk] & own or not (work[pk] or own)}
    pairs = Network.municipalities.through.objects.filter(network__in=rivals, municipality__in=municipalities)
    return {place: found[pk] for pk, place in pairs.order_by("pk").values_list("network_id", "municipality_id")}


MAX_FOUND = 100


def find_municipalities(text: str, *, without: Collection[int] = ()) -> tuple[QuerySet[Municipality], int]:
    """Return the municipalities that a search finds, by name, at most `MAX_FOUND`, and how many there are in all.

    Words between commas are searched apart: part of a name, an ISTAT code, or the letters of a province.
    """
    wanted = Q(pk__in=[])
    for word in (" ".join(part.split()) for part in text.split(",")):
        if word.isdigit():
            wanted |= Q(code__startswith=word)
        elif len(word) == 2:
            wanted |= Q(province=word.upper()) | Q(name__iexact=word)
        elif word:
            wanted |= Q(name__icontains=word)
    found = Municipality.objects.filter(wanted).exclude(pk__in=without).order_by("name", "code")
    total = found.count()
    # The form looks in it again for what was ticked: a query that is cut cannot be filtered.
    first = list(found.values_list("pk", flat=True)[:MAX_FOUND])
    return Municipality.objects.filter(pk__in=first).order_by("name", "code"), total


# --- coverage -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlaceFigure:
    """What an app above counts in each municipality: a heading, and the numbers by id of the municipality.

    `shows_work` says that a municipality with some is reached by the work of the networks.
    """

    label: Any
    numbers: Mapping[int, int]
    shows_work: bool = True


FigureProvider = Callable[[Any, Collection[int]], PlaceFigure | None]
_figures: list[FigureProvider] = []


def register_place_figure(provider: FigureProvider) -> None:
    """Add a column to the territory: called with the person and ids of networks; one query; None shows nothing."""
    if provider not in _figures:
        _figures.append(provider)


@dataclass(frozen=True)
class PlaceRow:
    """A municipality with what is there."""

    place: Municipality
    networks: Sequence[Network]
    schools: int
    bodies: int
    numbers: Sequence[int]
    coverage: Coverage


@dataclass(frozen=True)
class Territory:
    """The municipalities of some networks, by name, the headings of what the apps above count, and the sums."""

    rows: Sequence[PlaceRow]
    labels: Sequence[Any]

    def with_coverage(self, coverage: Coverage) -> int:
        """Return how many municipalities are covered so."""
        return sum(row.coverage == coverage for row in self.rows)


def networks_of_territory(user: Any, network: Network) -> QuerySet[Network]:
    """Return a network with those that it coordinates, at any level, as far as the person sees them."""
    rows = list(Network.objects.exclude(parent=None).order_by().values_list("pk", "parent_id"))
    inside, level = {network.pk}, {network.pk}
    for _level in range(MAX_LEVELS):
        level = {pk for pk, parent in rows if parent in level} - inside
        if not level:
            break
        inside |= level
    return Network.objects.visible_to(user).filter(pk__in=inside)


def territory_of(user: Any, networks: QuerySet[Network], *, today: date) -> Territory:
    """Return the municipalities of some networks with what is there, in a constant number of queries.

    Schools are those the portal knows, sites included; bodies are those in the networks today. A municipality is
    reached where work is done or asked for, present where only a body of the networks has its seat.
    """
    shown = {network.pk: network for network in networks.order_by("name", "pk")}
    pairs = Network.municipalities.through.objects.filter(network__in=shown).order_by("pk")
    of_place: dict[int, list[Network]] = {}
    for network_id, place_id in pairs.values_list("network_id", "municipality_id"):
        of_place.setdefault(place_id, []).append(shown[network_id])
    members = NetworkMember.objects.on(today).filter(network__in=shown).values("organisation")
    there = Organisation.objects.filter(municipality__in=of_place).order_by().values_list("municipality")
    seats = {
        place: (schools, bodies)
        for place, schools, bodies in there.annotate(
            schools=Count("pk", filter=Q(kind__in=SCHOOL_KINDS)), bodies=Count("pk", filter=Q(pk__in=members))
        )
    }
    figures = [figure for provider in _figures if (figure := provider(user, [*shown])) is not None]
    rows = []
    for place in Municipality.objects.filter(pk__in=of_place).order_by("name", "code"):
        worked = any(figure.shows_work and figure.numbers.get(place.pk) for figure in figures)
        schools, bodies = seats.get(place.pk, (0, 0))
        rows.append(
            PlaceRow(
                place,
                of_place[place.pk],
                schools,
                bodies,
                [figure.numbers.get(place.pk, 0) for figure in figures],
                Coverage.REACHED if worked else Coverage.PRESENT if bodies else Coverage.NOT_REACHED,
            )
        )
    return Territory(rows, [figure.label for figure in figures])
