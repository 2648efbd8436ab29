"""The documents say what the program does: options, fields, examples, links."""

from __future__ import annotations

import doctest
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from handrail import Case, Credential, ask, decide
from handrail.law import model
from handrail.safety import code_files, evidence
from handrail.safety import model as safety_model
from handrail.safety.questions import QuestionsFile

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
REGISTRY = re.compile(r"(pypi|files\.pythonhosted|registry\.npmjs|deb\.debian)\.org")


def _generator():
    spec = importlib.util.spec_from_file_location("docs_generator", ROOT / "scripts" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_documents_are_up_to_date():
    for path, text in _generator().documents().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: run `make docs`"


@pytest.mark.parametrize(
    "kind",
    [
        model.LawFile,
        model.Profession,
        model.Rule,
        model.Condition,
        model.Prerequisite,
        model.Requirement,
        model.ReservedAct,
        model.Term,
    ],
)
def test_every_field_of_the_law_format_is_documented(kind):
    text = (DOCS / "law-format.md").read_text(encoding="utf-8")
    for field in msgspec.structs.fields(kind):
        assert f"`{field.encode_name}`" in text, f"{kind.__name__}.{field.encode_name}"


@pytest.mark.parametrize(
    "words", [model.Effect, model.Basis, model.Regulated, model.ConditionClass, model.ConditionType]
)
def test_every_word_of_the_law_format_is_documented(words):
    text = (DOCS / "law-format.md").read_text(encoding="utf-8")
    for word in words:
        assert f"`{word.value}`" in text, f"{words.__name__}.{word}"


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for module in (safety_model, evidence, code_files, sys.modules[QuestionsFile.__module__])
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__module__ == module.__name__
    ],
    ids=lambda kind: kind.__name__,
)
def test_every_field_of_the_clinical_files_is_documented(kind):
    text = (DOCS / "safety-format.md").read_text(encoding="utf-8")
    for field in msgspec.structs.fields(kind):
        assert f"`{field.encode_name}`" in text or f"## {field.encode_name}.yaml" in text, field.encode_name


def test_every_field_of_the_json_is_documented():
    text = (DOCS / "json.md").read_text(encoding="utf-8")
    decision = decide(Case("US-WA", "thrust_spine", [Credential("physical_therapist")])).as_dict()
    answer = ask("Can a masseuse crack my back in Florida?").as_dict()
    fields = {*decision, *decision["reasons"][0], *answer, *answer["question"], *answer["answers"][0]["card"]}
    for field in fields:
        assert re.search(rf"[`{{ ]{field}[`,}} ]", text), field


def test_every_field_of_a_screening_is_documented():
    from datetime import date

    from handrail.intake import Evidence, SetAside, Unrecognised, read, screen

    text = (DOCS / "json.md").read_text(encoding="utf-8")
    record = read(b'{"resourceType": "Patient", "birthDate": "1980"}', "record")
    whole = screen(record, on=date(2026, 11, 24), technique="thrust_spine").as_dict()
    fields = {*whole, *Evidence._fields, *Unrecognised._fields, *SetAside._fields}
    for field in fields:
        assert re.search(rf"[`{{ ]{field}[`,}} ]", text), field


def test_every_command_of_make_is_in_help():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split():
        assert f"make {target}" in done.stdout


def test_the_python_examples_run():
    result = doctest.testfile(str(DOCS / "python.md"), module_relative=False, encoding="utf-8")
    assert result.attempted >= 10
    assert result.failed == 0


def test_the_readme_shows_what_the_program_prints():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"```console\n\$ make run\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    done = subprocess.run(
        [sys.executable, "-m", "handrail", "ask", "Can a masseuse crack my back in Florida?"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown[1].strip() == done.stdout.strip()


COMMANDS = re.findall(
    r"^(?:\.venv/bin/)?handrail (.*)$",
    "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]),
    re.MULTILINE,
)
#: Commands that serve until they are stopped; tests/web/test_server.py and tests/web/mcp run them.
SERVE = ("serve", "mcp")
#: Commands about a clinic's store: run in this order, in one store.
CLINIC = ("init", "service", "user add", "user role", "key", "roster import", "roster export", "roster expiring")
ROSTER = """\
practitioner_id,name,profession,jurisdiction,status
p1,A. Bo,chiropractor,US-WA,active
"""


def _run(command: str, folder: Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    import shlex

    return subprocess.run(
        [sys.executable, "-m", "handrail", *shlex.split(command, comments=True)],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        input=given or "",
    )


@pytest.mark.parametrize(
    "command", [one for one in COMMANDS if one.split()[0] not in (*SERVE, "clinic", "log")], ids=lambda one: one
)
def test_every_command_in_the_documents_runs(command, tmp_path):
    done = _run(command, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() or list(tmp_path.iterdir())


def test_every_command_about_a_clinic_runs(tmp_path):
    """The examples of `handrail clinic` and `handrail log`, one after the other."""
    about = [one for one in dict.fromkeys(COMMANDS) if one.split()[0] in ("clinic", "log")]
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")

    def place(one: str) -> int:
        words = one.removeprefix("clinic ")
        return next((n for n, start in enumerate(CLINIC) if words.startswith(start)), len(CLINIC))

    first = sorted((one for one in about if place(one) < len(CLINIC)), key=place)
    log = [one for one in about if one.startswith("log ")]
    log.sort(key=lambda one: "verify" in one)  # it needs the anchor
    check = [one for one in about if one.startswith("clinic check")]
    last = [one for one in about if one.startswith(("clinic backup", "clinic restore"))]
    last.sort(key=lambda one: "restore" in one)
    assert {*first, *log, *check, *last} == set(about)
    switched = ["log on", f"{check[0]} --client c-0042"]
    for one in [*first, *switched, *check, *log, *last]:
        given = None
        if one.startswith("clinic roster export"):
            one = one.replace("roster.csv", "exported.csv")
        if one.startswith(("clinic init", "clinic user add")):
            one, given = f"{one} --password-stdin", "a long sentence 4 the door\n"
        done = _run(one, tmp_path, given)
        assert done.returncode == 0, f"{one}: {done.stderr}"


def test_links_between_documents_lead_somewhere():
    for path in [*ROOT.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_no_file_names_a_package_registry():
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in tracked.decode().split("\0"):
        path = ROOT / name
        if path.is_file() and path.name != "test_docs.py":
            assert not REGISTRY.search(path.read_text(encoding="utf-8", errors="ignore")), name
