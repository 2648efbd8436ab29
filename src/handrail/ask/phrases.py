"""The sentences of an answer, in English and French. Every surface (terminal, page, card) speaks these."""

from __future__ import annotations

from handrail.ask.question import Language
from handrail.terms import PROFESSIONS, REGIONS, STEPS, TECHNIQUES, Leaning, Verdict

_VERB = {
    "en": {
        "soft_tissue": "massage {part}",
        "mobilization": "mobilize {part}",
        "thrust_spine": "crack {part}",
        "thrust_extremity": "crack {part}",
    },
    "fr": {
        "soft_tissue": "masser {part}",
        "mobilization": "mobiliser {part}",
        "thrust_spine": "faire craquer {part}",
        "thrust_extremity": "faire craquer {part}",
    },
}
_WHOLE = {
    "en": {
        "soft_tissue": "you",
        "mobilization": "your joints",
        "thrust_spine": "your back",
        "thrust_extremity": "the joints of your arms and legs",
    },
    "fr": {
        "soft_tissue": "votre corps",
        "mobilization": "vos articulations",
        "thrust_spine": "votre dos",
        "thrust_extremity": "les articulations de vos bras et jambes",
    },
}
_PART = {
    "en": {
        "cervical": "your neck",
        "thoracic": "your upper back",
        "lumbar": "your low back",
        "sacral": "your pelvis",
        "extremity": "your arms and legs",
    },
    "fr": {
        "cervical": "votre cou",
        "thoracic": "le haut de votre dos",
        "lumbar": "le bas de votre dos",
        "sacral": "votre bassin",
        "extremity": "vos bras et jambes",
    },
}
_FORMAL = {
    "en": {
        "soft_tissue": "soft tissue work",
        "mobilization": "joint mobilization",
        "thrust_spine": "a spinal thrust",
        "thrust_extremity": "a thrust to a limb joint",
    },
    "fr": {
        "soft_tissue": "travail des tissus mous",
        "mobilization": "mobilisation articulaire",
        "thrust_spine": "une manipulation vertébrale",
        "thrust_extremity": "une manipulation d'une articulation périphérique",
    },
}
_LABELS = {
    "en": {
        "why": "Why",
        "who": "Who may",
        "instead": "Instead",
        "needs": "Needs",
        "limits": "Limits",
        "first": "First",
        "note": "Note",
        "also": "Also",
        "check": "Check",
    },
    "fr": {
        "why": "Pourquoi",
        "who": "Qui peut",
        "instead": "À la place",
        "needs": "Il faut",
        "limits": "Limites",
        "first": "D'abord",
        "note": "Note",
        "also": "Aussi",
        "check": "Vérifier",
    },
}
_SURE = {
    "en": {
        "statute": "read in the statute",
        "regulation": "read in the regulation",
        "regulator_guidance": "the regulator says so",
        "attorney_general": "read in an attorney general's opinion",
        "court": "read in a court's decision",
        "follows": "follows from the definitions",
        "unread": "reported; the text itself was not read",
        "secondary": "second-hand",
        "nothing": "not found",
        "source": "source: {source}",
    },
    "fr": {
        "statute": "lu dans la loi",
        "regulation": "lu dans le règlement",
        "regulator_guidance": "l'organisme de réglementation le dit",
        "attorney_general": "lu dans un avis du procureur général",
        "court": "lu dans un jugement",
        "follows": "découle des définitions",
        "unread": "rapporté ; le texte lui-même n'a pas été lu",
        "secondary": "de seconde main",
        "nothing": "rien trouvé",
        "source": "source : {source}",
    },
}
_HEADLINE = {
    "en": {
        "permitted": "Yes. In {place} {who} may {act}.",
        "conditional": "Yes, on conditions. In {place} {who} may {act} once what is listed under Needs is met.",
        "permitted_by_law": "By law yes, but health is not weighed here. In {place} {who} may {act}.",
        "conditional_by_law": (
            "By law yes, on conditions; health is not weighed here. "
            "In {place} {who} may {act} once what is listed under Needs is met."
        ),
        "yes": "Probably yes, not confirmed. In {place} {who} is reported to be allowed to {act}.",
        "yes_by_law": (
            "By law probably yes, not confirmed; health is not weighed here. "
            "In {place} {who} is reported to be allowed to {act}."
        ),
        "none": "Not known. Whether in {place} {who} may {act} was not found, or the law does not say.",
        "no": "Probably not, not confirmed. In {place} {who} is reported not to be allowed to {act}.",
        "prohibited": "No. In {place} {who} may not {act}.",
        "prohibited_here": "No, not here. {Who} must not {act}: see why.",
        "urgent": "Stop. Medical care comes first: call emergency services now.",
        "changes": "It depends on the day. In {place} the answer changes within {on}.",
    },
    "fr": {
        "permitted": "Oui. {place} : {who} peut {act}.",
        "conditional": "Oui, sous conditions. {place} : {who} peut {act} une fois rempli ce qui suit.",
        "permitted_by_law": "Selon la loi oui, mais la santé n'est pas examinée ici. {place} : {who} peut {act}.",
        "conditional_by_law": (
            "Selon la loi oui, sous conditions ; la santé n'est pas examinée ici. "
            "{place} : {who} peut {act} une fois rempli ce qui suit."
        ),
        "yes": "Probablement oui, non confirmé. {place} : on rapporte que {who} peut {act}.",
        "yes_by_law": (
            "Selon la loi probablement oui, non confirmé ; la santé n'est pas examinée ici. "
            "{place} : on rapporte que {who} peut {act}."
        ),
        "none": "On ne sait pas. {place} : rien n'a été trouvé qui dise si {who} peut {act}, ou la loi se tait.",
        "no": "Probablement non, non confirmé. {place} : on rapporte que {who} ne peut pas {act}.",
        "prohibited": "Non. {place} : {who} ne peut pas {act}.",
        "prohibited_here": "Non, pas ici. {Who} ne doit pas {act} : voir pourquoi.",
        "urgent": "Arrêtez. Les soins médicaux d'abord : appelez les urgences maintenant.",
        "changes": "Cela dépend du jour. {place} : la réponse change au cours de {on}.",
    },
}
#: The keys of first sentences.
HEADLINES = frozenset(_HEADLINE["en"])
_STANDING = {
    "en": {
        "permitted": "yes",
        "conditional": "on conditions",
        "yes": "probably yes, not confirmed in the law's own text",
        "none": "not known",
        "no": "probably not, not confirmed in the law's own text",
        "prohibited": "no",
        "urgent": "medical care first",
    },
    "fr": {
        "permitted": "oui",
        "conditional": "sous conditions",
        "yes": "probablement oui, non confirmé dans le texte de la loi",
        "none": "on ne sait pas",
        "no": "probablement non, non confirmé dans le texte de la loi",
        "prohibited": "non",
        "urgent": "soins médicaux d'abord",
    },
}
_MORE = {
    "en": {
        "first": "before {act}: {steps}",
        "first_done": "done: {done}; still to do: {steps}",
        "check": "the licence at {regulator}",
        "check_url": "the licence at {regulator}: {url}",
        "and_more": "and {number} more",
        "check_none": "no regulator of this profession was found here",
        "nobody": "nobody that Handrail could confirm",
        "nobody_client": "nobody, for this client",
        "nothing": "nothing that Handrail could confirm",
        "footer": "Law as known on {day}. Not legal or medical advice.",
        "depends": (
            "It depends on the place. Of {count} states, provinces and territories: "
            "yes in {yes}, on conditions in {conditional}, not confirmed in {open}, no in {no}."
        ),
        "where": "Where are you? Add a state, province or territory for an answer with its law.",
        "and": " and ",
    },
    "fr": {
        "first": "avant {act} : {steps}",
        "first_done": "fait : {done} ; reste à faire : {steps}",
        "check": "le permis auprès de : {regulator}",
        "check_url": "le permis auprès de : {regulator}, {url}",
        "and_more": "et {number} autres",
        "check_none": "aucun organisme de réglementation de cette profession n'a été trouvé ici",
        "nobody": "personne que Handrail ait pu confirmer",
        "nobody_client": "personne, pour ce client",
        "nothing": "rien que Handrail ait pu confirmer",
        "footer": (
            "Droit connu au {day}. Ni avis juridique ni avis médical. "
            "Les résumés et citations sont en anglais, comme dans la recherche."
        ),
        "depends": (
            "Cela dépend du lieu. Sur {count} États, provinces et territoires : "
            "oui dans {yes}, sous conditions dans {conditional}, non confirmé dans {open}, non dans {no}."
        ),
        "where": "Où êtes-vous ? Ajoutez un État, une province ou un territoire pour une réponse avec sa loi.",
        "and": " et ",
    },
}


def label(key: str, language: Language) -> str:
    """The name of a line of the answer."""
    return _LABELS[language][key]


def more(key: str, language: Language, **words: object) -> str:
    """One of the other sentences."""
    return _MORE[language][key].format(**words)


def headline(key: str, language: Language, *, place: str, who: str, act: str, on: str) -> str:
    """The first sentence of the answer."""
    return _HEADLINE[language][key].format(place=place, who=who, Who=who[:1].upper() + who[1:], act=act, on=on)


def stands(verdict: Verdict, leaning: Leaning | None, language: Language) -> str:
    """A verdict in a few words."""
    return _STANDING[language][leaning.value if leaning else verdict.value]


def sure(key: str, language: Language, **words: object) -> str:
    """How sure an answer is."""
    return _SURE[language][key].format(**words)


def act(technique: str, regions: tuple[str, ...], language: Language) -> str:
    """What would be done, plainly and then by its name: ``crack your back (a spinal thrust)``."""
    parts = [_PART[language][region] for region in regions]
    if technique == "thrust_extremity" or not parts:
        parts = [_WHOLE[language][technique]]
    verb = _VERB[language][technique].format(part=more("and", language).join(parts))
    return f"{verb} ({_FORMAL[language][technique]})"


def formal(technique: str, language: Language) -> str:
    """A technique's own name."""
    return _FORMAL[language][technique]


def plain(technique: str, language: Language) -> str:
    """A technique in plain words."""
    about = TECHNIQUES[technique]
    return about.plain if language == "en" else about.plain_fr


def profession(name: str, language: Language, *, article: bool = False) -> str:
    """A profession's name, with its article if wanted."""
    about = PROFESSIONS[name]
    word = about.name if language == "en" else about.name_fr
    if not article:
        return word
    if language == "fr":
        return f"un ou une {word}" if name != "unlicensed_person" else f"une {word}"
    return f"{'an' if word[0] in 'aeio' else 'a'} {word}"


def region(name: str, language: Language) -> str:
    """A region's everyday name."""
    return REGIONS[name].name if language == "en" else REGIONS[name].name_fr


def step(name: str, text: str, language: Language) -> str:
    """A step's name; what is no step of the vocabulary keeps its own text."""
    if name not in STEPS:
        return text
    return STEPS[name].name if language == "en" else STEPS[name].name_fr
