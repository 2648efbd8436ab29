"""What requests hold, as types: decoded by msgspec, described in the OpenAPI."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from handrail.decide import Case, Client, Credential, Finding
from handrail.terms import InputError, find_place
from handrail.web.problems import Problem

T = TypeVar("T", bound=Struct)
#: Deeper JSON than this is refused before it is read.
DEPTH = 64

Technique = Annotated[
    str, Meta(description="soft_tissue, mobilization, thrust_spine or thrust_extremity", examples=["thrust_spine"])
]
Place = Annotated[
    str, Meta(description="ISO 3166-2 code of a state or province, or its name", examples=["US-FL", "Ontario"])
]
Day = Annotated[str, Meta(description="YYYY-MM-DD, or a whole YYYY-MM or YYYY; default: today")]


class CredentialBody(Struct, forbid_unknown_fields=True, kw_only=True, rename={}):
    """A credential. What is not given is assumed (valid, of this place, full register), and said."""

    profession: Annotated[str, Meta(description="A profession's id", examples=["massage_therapist"])]
    jurisdiction: Place | None = None
    register_class: str | None = None
    status: Annotated[str, Meta(description="active, expired, suspended, ...")] | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    compact: str | None = None
    endorsements: Annotated[list[str], Meta(max_length=50)] = msgspec.field(default_factory=list)
    training: dict[str, float] = msgspec.field(default_factory=dict)


class FindingBody(Struct, forbid_unknown_fields=True):
    """What was found: a contraindication's or red flag's id, where it sits, how surely a code means it."""

    id: str
    site: str | None = None
    match: Literal["exact", "broad"] = "exact"


class ClientBody(Struct, forbid_unknown_fields=True, kw_only=True):
    """The client of a visit. ``steps: null`` is a record (a claim line), whose steps are not known."""

    findings: Annotated[list[str | FindingBody], Meta(max_length=500)] = msgspec.field(default_factory=list)
    steps: Annotated[list[str], Meta(max_length=50)] | None = msgspec.field(default_factory=list)
    unscreened: Annotated[list[str], Meta(max_length=1000)] = msgspec.field(default_factory=list)
    age: float | None = None


class CaseBody(Struct, forbid_unknown_fields=True, kw_only=True):
    """A question, whole. Without a client it is about the profession, with one about the visit."""

    jurisdiction: Place
    technique: Technique
    credentials: Annotated[list[CredentialBody], Meta(min_length=1, max_length=20)]
    region: (
        Annotated[str, Meta(description="cervical, thoracic, lumbar, sacral or extremity")]
        | Annotated[list[str], Meta(max_length=5)]
        | None
    ) = None
    on: Day | None = None
    client: ClientBody | None = None
    met: Annotated[list[str], Meta(max_length=200, description="Needs that somebody confirms to be met")] = (
        msgspec.field(default_factory=list)
    )

    def case(self) -> Case:
        """The case.

        Raises:
            InputError: for anything that is not known.
        """
        held = [
            Credential(
                one.profession,
                jurisdiction=find_place(one.jurisdiction) if one.jurisdiction else None,
                register_class=one.register_class,
                status=one.status,
                valid_from=one.valid_from,
                valid_to=one.valid_to,
                compact=one.compact,
                endorsements=tuple(one.endorsements),
                training=one.training,
            )
            for one in self.credentials
        ]
        client = None
        if self.client is not None:
            found = tuple(
                Finding.of(one) if isinstance(one, str) else Finding(one.id, one.site, one.match)
                for one in self.client.findings
            )
            steps = self.client.steps
            client = Client(
                found, None if steps is None else tuple(steps), tuple(self.client.unscreened), self.client.age
            )
        region = self.region if not isinstance(self.region, list) else tuple(self.region) or None
        return Case(find_place(self.jurisdiction), self.technique, held, region, self.on, client, tuple(self.met))


class BatchBody(Struct, forbid_unknown_fields=True):
    """Many cases at once."""

    cases: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=10_000)]


class QuestionBody(Struct, forbid_unknown_fields=True):
    """A question in plain words, in English or French."""

    question: Annotated[str, Meta(min_length=1, max_length=2000, examples=["Who may crack my back in Ohio?"])]


class NamesBody(Struct, forbid_unknown_fields=True):
    """Names as they should stand on a paper. They are not stored."""

    client: Annotated[str, Meta(max_length=200)] | None = None
    practitioner: Annotated[str, Meta(max_length=200)] | None = None
    clinic: Annotated[str, Meta(max_length=200)] | None = None


class EntryBody(Struct, forbid_unknown_fields=True):
    """When a step was done, and by whom."""

    at: Annotated[str, Meta(max_length=100)]
    by: Annotated[str, Meta(max_length=200)] | None = None


class PaperBody(Struct, forbid_unknown_fields=True, kw_only=True):
    """A paper to be made of a case."""

    kind: Literal["consent", "referral", "record", "aftercare"]
    case: CaseBody
    format: Literal["pdf", "html"] = "pdf"
    language: Literal["en", "fr"] = "en"
    size: Literal["a4", "letter"] = "a4"
    names: NamesBody = msgspec.field(default_factory=NamesBody)
    entries: dict[str, EntryBody] = msgspec.field(default_factory=dict)


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """Decodes bodies of a kind; what is wrong with one is a Problem with the place of it."""
    made = msgspec.json.Decoder(kind)

    def decode(raw: bytes) -> T:
        check_depth(raw)
        try:
            return made.decode(raw)
        except msgspec.ValidationError as error:
            text, _, where = str(error).partition(" - at `")
            raise Problem(400, "Bad input", text, kind="bad-input", where=where.rstrip("`") or None) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Problem(400, "Bad input", "the body is not JSON", kind="bad-json") from None

    return decode


def check_depth(raw: bytes) -> None:
    """Refuses JSON that is nested too deep, before anything reads it.

    Raises:
        Problem: if it is.
    """
    if raw.count(b"[") + raw.count(b"{") <= DEPTH:
        return
    depth, within, escaped = 0, False, False
    for byte in raw:
        if within:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                within = False
        elif byte == 0x22:
            within = True
        elif byte in b"[{":
            depth += 1
            if depth > DEPTH:
                raise Problem(400, "Bad input", f"JSON nested deeper than {DEPTH}", kind="too-deep")
        elif byte in b"]}":
            depth -= 1


def problem_of(error: InputError | Problem) -> dict[str, Any]:
    """An error inside a batch, in the shape of a problem."""
    if isinstance(error, Problem):
        return error.as_dict()
    from handrail.web.problems import of_input

    return of_input(error).as_dict()
