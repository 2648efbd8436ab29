"""Rewrites knowledge/icd_sites.yaml: where on the body an ICD-10-CM code sits, read from its own description.

Only codes whose site a row asks for are looked at: all injuries, and what rows of scope ``at_site`` list. A code
of the chapter of injuries (S) sits where its block is; another sits where its description says, and nowhere in
particular if it does not say. ``make docs`` runs this; simple-icd-10-cm gives the codes.
"""

from __future__ import annotations

import re
from pathlib import Path

import simple_icd_10_cm

from handrail.safety import contraindications_file
from handrail.terms import REGIONS, SITES

FILE = Path(__file__).parent.parent / "src" / "handrail" / "safety" / "knowledge" / "icd_sites.yaml"
SPINE = ("cervical", "thoracic", "lumbar", "sacral")
TRUNK = ("chest", "abdomen", "pelvis")
ORDER = (*REGIONS, *SITES)

#: Levels of the spine as descriptions write them. One that joins two counts as both.
LEVELS = {
    "occipito-atlanto-axial|atlanto": ("cervical",),
    "cervicothoracic": ("cervical", "thoracic"),
    "thoracolumbar": ("thoracic", "lumbar"),
    "lumbosacral": ("lumbar", "sacral"),
    "sacral|sacrum|sacro(?:iliac|coccygeal)|coccyx": ("sacral",),
    "cervical (?:region|disc|vertebra|spin)|high cervical|mid-cervical": ("cervical",),
    "thoracic (?:region|vertebra|spin)": ("thoracic",),
    "lumbar": ("lumbar",),
}
LIMB = (
    r"upper arm|\barms?\b|forearm|humer|elbow|radius|\bradial\b|\bulnar?\b|radioulnar|wrist|\bhands?\b|finger"
    r"|thumb|carpal|metacarp|phalan|\bhips?\b|femur|femor|thigh|knee|patell|popliteal|tibia|fibula|\blegs?\b"
    r"|ankle|\bfoot\b|\btoes?\b|toe\(s\)|heel|plantar|tarsal|tarsus|metatars|calcane|\btalus|limb|extremit|shoulder"
    r"|coxa|axilla(?!ry tail)|arteries of extrem"
)
#: Words and the sites that they mean, beside the levels of the spine. All that are found count.
WORDS = {
    LIMB: ("extremity",),
    r"clavic|sternoclavicular|shoulder girdle": ("cervical", "chest", "extremity"),
    r"scapula|axilla(?!ry tail)": ("chest", "extremity"),
    r"pelvic girdle|pelvic region|groin|inguinal|hip and pelvis|acetabul": ("pelvis", "extremity"),
    r"pelvi[cs]|ilium|ischium|pubi[cs]|buttock|perineum|\bgenital|penis|scrotum|testes|vagina|vulva|labi|\banus|\banal"
    r"|perianal": ("pelvis",),
    r"skull|\bfac(?:e|ial)\b|\bjaw\b|mandib|scalp|eyelid|\blip\b|\bear\b|\bnose\b|forehead|cheek": ("head",),
    r"(?<!radial )(?<!femoral )(?<!humeral )(?<!long )\bhead\b(?! of)": ("head",),
    r"\bneck\b(?! of)(?<!femoral neck)": ("cervical",),
    r"\bribs?\b|sternum|chest|thorax|thoracic wall|intrathoracic|breast|nipple": ("chest",),
    r"abdom|peritoneum|umbilic": ("abdomen",),
    r"lower back": ("lumbar",),
    r"upper back": ("thoracic",),
    r"(?<!upper )(?<!lower )\bback\b(?! of)": ("thoracic", "lumbar", "sacral"),
    r"trunk(?! \()": TRUNK,
    r"vertebra|\bspine\b|spondylopathy": SPINE,
}
#: Parts of a description that name a place which is not where the condition sits.
ASIDE = re.compile(r"\bexcept [^,\]]*|with(?:out)? penetration.*|including (?:shoulder|hip)\b", re.IGNORECASE)
_LEVELS = {re.compile(words, re.IGNORECASE): sites for words, sites in LEVELS.items()}
_WORDS = {re.compile(words, re.IGNORECASE): sites for words, sites in WORDS.items()}
#: Joints of the shoulder girdle lie at the chest and the neck as well as at the arm.
_GIRDLE = re.compile(r"clavic|sternoclavicular|shoulder girdle", re.IGNORECASE)


def sites_of(code: str, text: str) -> tuple[str, ...]:
    """Where a code sits, by its block or its description; empty if neither says."""
    bare = code.replace(".", "")
    text = ASIDE.sub("", text)
    if bare[0] == "S" and bare[1] in "01456789":
        return _of_injury(bare, text)
    found: set[str] = set()
    for pattern, sites in _LEVELS.items():
        if pattern.search(text) and bare[0] not in "EGI":
            found.update(sites)
            if bare[0] in "MQ":
                return _sorted(found)
    if bare.startswith("S2"):
        return ("thoracic",) if "thoracic" in found or bare.startswith("S220") else ("chest",)
    for pattern, sites in _WORDS.items():
        if pattern.search(text) and not (sites == SPINE and found):
            found.update(sites)
    if bare.startswith("S343"):  # the cauda equina
        found = {"lumbar", "sacral"}
    if bare[0] == "I":  # a vessel of the trunk or the neck runs through more than one region
        found = found if found == {"extremity"} else set()
    if bare.startswith(("E", "G54")):  # diabetes is everywhere; a plexus is not where what it serves is
        found = set()
    return _sorted(found)


def _of_injury(bare: str, text: str) -> tuple[str, ...]:
    if bare[1] in "01":
        return ("head",) if bare[1] == "0" else ("cervical",)
    if _GIRDLE.search(text):
        return _sorted({"cervical", "chest", "extremity"})
    return _sorted({"chest", "extremity"}) if "scapula" in text.lower() else ("extremity",)


def _sorted(sites: set[str]) -> tuple[str, ...]:
    return tuple(site for site in ORDER if site in sites)


def prefixes() -> dict[tuple[str, ...], list[str]]:
    """The shortest prefixes under which every code sits at the same place, by that place."""
    rows = contraindications_file().contraindications
    listed = tuple(
        {
            code.replace(".", "")
            for row in rows
            for code in row.icd10cm
            if row.scope == "at_site" or code.startswith("S")
        }
    )
    leaves: dict[str, tuple[str, ...]] = {}
    for code in simple_icd_10_cm.get_all_codes():
        bare = code.replace(".", "")
        if "-" not in code and simple_icd_10_cm.is_leaf(code):
            text = simple_icd_10_cm.get_description(code)
            leaves[bare] = sites_of(code, text) if bare.startswith(listed) else ()
    under: dict[str, set[tuple[str, ...]]] = {}
    for bare, sites in leaves.items():
        for length in range(3, len(bare) + 1):
            under.setdefault(bare[:length], set()).add(sites)
    agreed = {prefix: next(iter(sites)) for prefix, sites in under.items() if len(sites) == 1}
    table: dict[tuple[str, ...], list[str]] = {}
    for prefix, sites in sorted(agreed.items()):
        if sites and not any(prefix[:length] in agreed for length in range(3, len(prefix))):
            table.setdefault(sites, []).append(prefix)
    return dict(sorted(table.items(), key=lambda item: [ORDER.index(site) for site in item[0]]))


def document() -> str:
    """The file's text."""
    lines = [
        "# Where an ICD-10-CM code sits: prefixes (without the dot) under which every code names the same place.",
        "# Made by `make docs` from the descriptions in simple-icd-10-cm (scripts/icd_sites.py). Do not edit.",
        "# A code that is not here names no place, or none that Handrail knows.",
        "",
        "meta:",
        f"  release: '{contraindications_file().meta['icd10cm']['release']}'",
        "places:",
    ]
    for sites, codes in prefixes().items():
        lines.append(f"- sites: [{', '.join(sites)}]")
        line = "  codes: ["
        for code in codes:
            if len(line) + len(code) > 108:
                lines.append(line.rstrip())
                line = "    "
            line += f"{code}, "
        lines.append(f"{line.rstrip(', ')}]")
    return "\n".join(lines) + "\n"
