"""Who would do it and where, from Practitioner, PractitionerRole and Location. Plain words are not read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from handrail.decide import Credential
from handrail.terms import PROFESSIONS, InputError
from handrail.terms.billing import Codes
from handrail.web.hooks.reading import NUCC, codings, items, mapping, reference, text
from handrail.web.hooks.request import Call, Resource

DEGREES = ("http://terminology.hl7.org/CodeSystem/v2-0360", "http://terminology.hl7.org/CodeSystem/v2-2.7-0360")
_COUNTRIES = {"US": "US", "USA": "US", "UNITED STATES": "US", "CA": "CA", "CAN": "CA", "CANADA": "CA"}


class Hands(NamedTuple):
    """Whose hands: the credentials, or why they are not known."""

    credentials: tuple[Credential, ...]
    unknown: str = ""
    roles: tuple[Resource, ...] = ()


class Where(NamedTuple):
    """The jurisdiction, or why it is not known, and what said so."""

    place: str | None
    unknown: str = ""
    assumed: bool = False


def user(call: Call, codes: Codes) -> Hands:
    """The user of the call, as the prefetched data describe them."""
    kind = call.user.partition("/")[0]
    if kind not in ("Practitioner", "PractitionerRole"):
        return Hands((), "the user is not a practitioner")
    found = _described(call.user, call)
    if not found:
        return Hands((), "nothing that was sent describes the practitioner (prefetch: user, practitioner, roles)")
    return _hands(found, codes)


def performer(call: Call, work: dict[str, Any], path: str, codes: Codes) -> Hands:
    """Who would do what is ordered or booked: those it names, else the user."""
    named = [name for name in _performers(work, path) if not name.startswith(("Patient/", "RelatedPerson/"))]
    people = [name for name in named if name.startswith(("Practitioner/", "PractitionerRole/", "#"))]
    if not named:
        asked = _taxonomies(work.get("performerType"), f"{path}.performerType")
        if asked:
            return _resolve(asked, [], [], codes, ())
        return user(call, codes)
    if len(people) != len(named) or len(people) > 1:
        return Hands((), "it names somebody else to do it, of whom no profession can be told")
    contained = {
        f"#{one.get('id')}": Resource(str(one.get("resourceType")), one, f"{path}.contained[{number}]")
        for number, given in enumerate(items(work.get("contained"), f"{path}.contained"))
        if (one := mapping(given, f"{path}.contained[{number}]"))
    }
    found = [contained[people[0]]] if people[0] in contained else _described(people[0], call)
    if not found:
        return Hands((), "it names somebody to do it whom nothing that was sent describes")
    return _hands(found, codes)


def _performers(work: dict[str, Any], path: str) -> list[str]:
    if work.get("resourceType") in ("Appointment", "Encounter"):
        field, key = "participant", "actor" if work["resourceType"] == "Appointment" else "individual"
        actors = [
            reference(mapping(one, f"{path}.{field}[{n}]").get(key), f"{path}.{field}[{n}].{key}")
            for n, one in enumerate(items(work.get(field), f"{path}.{field}"))
        ]
        return [name for name in actors if name.startswith(("Practitioner/", "PractitionerRole/"))]
    given = items(work.get("performer"), f"{path}.performer")
    # A performer by identifier alone is somebody, and not known.
    return [reference(one, f"{path}.performer[{n}]") or "?/" for n, one in enumerate(given)]


def _described(name: str, call: Call) -> list[Resource]:
    """The resources that describe a person: the one named, and those that are tied to it."""
    pool = call.pool
    first = pool.get(name)
    found = [first] if first else []
    people = {name}
    if first and first.kind == "PractitionerRole":
        tied = reference(first.data.get("practitioner"), f"{first.path}.practitioner")
        people.add(tied)
        found += [pool[tied]] if tied in pool else []
    if name == call.user and name.startswith("PractitionerRole/"):
        # The client itself says whose id these are.
        for one in call.prefetch.get("practitioner", []):
            if one.kind == "Practitioner" and (not first or one.name in people):
                people.add(one.name)
                found.append(one)
    for one in pool.values():
        if one.kind == "PractitionerRole" and one.name != name:
            tied = reference(one.data.get("practitioner"), f"{one.path}.practitioner")
            if tied in people:
                found.append(one)
    return list({one.name: one for one in found}.values())


def _hands(found: list[Resource], codes: Codes) -> Hands:
    taxonomies: list[tuple[str, date | None, date | None]] = []
    letters: list[str] = []
    degrees: list[str] = []
    roles = []
    for one in found:
        if one.kind == "PractitionerRole":
            if one.data.get("active") is False:
                continue
            roles.append(one)
            for field in ("code", "specialty"):
                taxonomies += _taxonomies(one.data.get(field), f"{one.path}.{field}")
        elif one.kind == "Practitioner":
            for number, given in enumerate(items(one.data.get("qualification"), f"{one.path}.qualification")):
                at = f"{one.path}.qualification[{number}]"
                held = mapping(given, at)
                first, last = _days(held.get("period"), f"{at}.period")
                for coding in codings(held.get("code"), f"{at}.code"):
                    if coding.system == NUCC:
                        taxonomies.append((coding.code, first, last))
                    elif coding.system in DEGREES:
                        degrees.append(coding.code)
            for number, given in enumerate(items(one.data.get("name"), f"{one.path}.name")):
                at = f"{one.path}.name[{number}]"
                letters += [
                    text(s, f"{at}.suffix") for s in items(mapping(given, at).get("suffix"), f"{at}.suffix")
                ]
    return _resolve(taxonomies, degrees, letters, codes, tuple(roles))


def _taxonomies(given: Any, path: str) -> list[tuple[str, date | None, date | None]]:
    concepts = given if isinstance(given, list) else [given] if given is not None else []
    return [
        (coding.code, None, None)
        for number, one in enumerate(concepts)
        for coding in codings(one, f"{path}[{number}]")
        if coding.system == NUCC
    ]


def _resolve(
    taxonomies: Iterable[tuple[str, date | None, date | None]],
    degrees: list[str],
    letters: list[str],
    codes: Codes,
    roles: tuple[Resource, ...],
) -> Hands:
    """The professions that are left. A code that fits several needs letters or a degree to choose."""
    held: dict[str, tuple[date | None, date | None]] = {}
    open_: list[tuple[str, ...]] = []
    unmapped = False
    for code, first, last in taxonomies:
        possible = codes.professions_of_taxonomy(code)
        if possible is None:
            unmapped = True
            continue
        chosen = possible[0] if len(possible) == 1 else None
        chosen = chosen or codes.profession_by_letters(" ".join((*degrees, *letters)), possible)
        if chosen is None:
            open_.append(possible)
        elif chosen not in held or (first, last) != (None, None):
            held[chosen] = (first, last)
    # A degree alone (MD, DO) is what its code says; letters after a name only choose.
    for degree in degrees:
        name = codes.credentials.get(degree.replace(".", "").upper())
        if name:
            held.setdefault(name, (None, None))
    credentials = tuple(
        Credential(name, valid_from=first, valid_to=last)
        for name, (first, last) in held.items()
        if name in PROFESSIONS
    )
    if credentials:
        return Hands(credentials, roles=roles)
    if held:
        return Hands((), "the law files do not speak of this practitioner's profession", roles)
    if open_:
        names = " or ".join(PROFESSIONS[n].name if n in PROFESSIONS else n.replace("_", " ") for n in open_[0])
        return Hands((), f"the practitioner's code fits several professions ({names})", roles)
    if unmapped:
        return Hands((), "the practitioner's taxonomy code is not in Handrail's map", roles)
    return Hands((), "no code says what the practitioner's profession is (NUCC taxonomy, or a degree)", roles)


def _days(period: Any, path: str) -> tuple[date | None, date | None]:
    held = mapping(period, path)
    days = []
    for name in ("start", "end"):
        given = text(held.get(name), f"{path}.{name}")
        try:
            days.append(date.fromisoformat(given[:10]) if len(given) >= 10 else None)
        except ValueError:
            raise InputError("is no day", where=f"{path}.{name}", hint="Write it as YYYY-MM-DD") from None
    first, last = days
    return (first, last) if not first or not last or first <= last else (None, last)


def where(call: Call, work: dict[str, Any] | None, path: str, hands: Hands, codes: Codes, default: str) -> Where:
    """The jurisdiction: of what is ordered or booked, else of the practitioner's roles, else the setting's."""
    pool = call.pool
    places: list[str | None] = []
    named = _locations(work, path) if work else []
    for name in named:
        one = pool.get(name)
        places += [_place(one, codes)] if one and one.kind == "Location" else []
    if named and not any(places):
        return Where(None, "the place that it names is not described, or none that Handrail knows")
    if not named:
        for role in hands.roles:
            for number, given in enumerate(items(role.data.get("location"), f"{role.path}.location")):
                one = pool.get(reference(given, f"{role.path}.location[{number}]"))
                places += [_place(one, codes)] if one and one.kind == "Location" else []
    found = set(places)
    if None in found:
        return Where(None, "the practitioner works at a place that Handrail does not know, or has no address")
    if len(found) > 1:
        return Where(
            None, "the practitioner works in several jurisdictions, and nothing says in which of them this is"
        )
    if found:
        return Where(found.pop())
    if default:
        return Where(default, assumed=True)
    return Where(None, "nothing that was sent says in which state or province this is (Location.address)")


def _locations(work: dict[str, Any], path: str) -> list[str]:
    kind = work.get("resourceType")
    if kind == "Appointment":
        given = [
            (mapping(one, f"{path}.participant[{n}]").get("actor"), f"{path}.participant[{n}].actor")
            for n, one in enumerate(items(work.get("participant"), f"{path}.participant"))
        ]
    elif kind == "Encounter":
        given = [
            (mapping(one, f"{path}.location[{n}]").get("location"), f"{path}.location[{n}].location")
            for n, one in enumerate(items(work.get("location"), f"{path}.location"))
        ]
    else:
        field = "locationReference"
        given = [(one, f"{path}.{field}[{n}]") for n, one in enumerate(items(work.get(field), f"{path}.{field}"))]
    return [name for one, at in given if (name := reference(one, at)).startswith("Location/")]


def _place(location: Resource, codes: Codes) -> str | None:
    address = mapping(location.data.get("address"), f"{location.path}.address")
    state = text(address.get("state"), f"{location.path}.address.state").strip()
    country = text(address.get("country"), f"{location.path}.address.country").strip()
    if not state:
        return None
    if country:
        code = _COUNTRIES.get(country.upper())
        found = (codes.place(f"{code}-{state}") or codes.place(state)) if code else None
        return found if found and found.startswith(f"{code}-") else None
    return codes.place(state)
