"""The command line as a user meets it: real processes, their output, exit codes and errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from handrail.decide import Case, Credential, decide


def run(*arguments: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "handrail", *arguments],
        capture_output=True,
        text=True,
        input=stdin if stdin is not None else "",
        env={**os.environ, **environment},
        check=False,
    )


FLORIDA = ("--in", "US-FL", "--as", "massage_therapist", "--do", "thrust_spine")


def test_the_starting_question():
    done = run("ask", "Can a masseuse crack my back in Florida?")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "No. In Florida a massage therapist may not crack your back (a spinal thrust)." in done.stdout
    said = " ".join(done.stdout.split())
    assert "Fla. Stat." in said
    assert "chiropractor, osteopathic physician" in said
    assert "Physical therapist: probably not, not confirmed in the law's own text" in said
    assert "Law as known on 2026-11-22. Not legal or medical advice." in said
    assert "\033[" not in done.stdout  # plain when piped


def test_check_as_json_is_the_decision():
    done = run("check", *FLORIDA, "--on", "2026-11-24", "--json")
    case = Case("US-FL", "thrust_spine", [Credential("massage_therapist")], on="2026-11-24")
    assert json.loads(done.stdout) == json.loads(json.dumps(decide(case).as_dict()))


def test_a_place_may_be_given_by_name():
    by_code = run("check", "--in", "us-fl", *FLORIDA[2:], "--json")
    by_name = run("check", "--in", "Florida", *FLORIDA[2:], "--json")
    assert by_code.stdout == by_name.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*FLORIDA, "--exit-code"), 1),
        (FLORIDA, 0),
        (("--in", "US-FL", "--as", "chiropractor", "--do", "thrust_spine", "--exit-code"), 0),
        (("--in", "US-WA", "--as", "physical_therapist", "--do", "thrust_spine", "--exit-code"), 1),
    ],
)
def test_exit_codes(arguments, code):
    assert run("check", *arguments).returncode == code


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "--in", "US-FX", *FLORIDA[2:]), "US-FL"),
        (("check", "--in", "Floridda", *FLORIDA[2:]), "Florida"),
        (("check", *FLORIDA[:2], "--as", "chiropracter", "--do", "thrust_spine"), "Did you mean chiropractor"),
        (("check", *FLORIDA[:4], "--do", "thrust_spin"), "Did you mean thrust_spine"),
        (("check", *FLORIDA, "--region", "cervicle"), "cervical"),
        (("check", *FLORIDA, "--region", "extremity"), "Its regions: cervical"),
        (("check", *FLORIDA, "--with", "osteoporosys"), "osteoporosis"),
        (("check", *FLORIDA, "--with", "acute_fracture@knee"), "extremity"),
        (("check", *FLORIDA, "--done", "histroy"), "Did you mean history"),
        (("check", *FLORIDA, "--done", "vt_positional_vbi"), "cannot clear anybody"),
        (("check", *FLORIDA, "--on", "2026-02-30"), "YYYY-MM-DD"),
        (("check", *FLORIDA, "--status", "actve"), "Did you mean active"),
        (("check", *FLORIDA, "--training", "x"), "SUBJECT=HOURS"),
        (("check", *FLORIDA, "--record", "--done", "history"), "--record"),
        (("check", *FLORIDA, "--regoin", "lumbar"), "--region"),
        (("check", "--in", "US-FL"), "--as"),
        (("law", "show", "Atlantis"), "not a jurisdiction"),
        (("who", "--in", "US-FL", "--do", "crack"), "technique"),
        (("frobnicate",), "frobnicate"),
        (("ask", "What is the capital of France?"), ""),
    ],
)
def test_bad_input_is_one_line_that_helps(arguments, says):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("handrail: ")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_visit_lists_what_is_left_to_do():
    done = run(
        "check", "--in", "US-OR", "--as", "chiropractor", "--do", "thrust_spine", "--done", "history", "--json"
    )
    steps = {step["step"]: step["done"] for step in json.loads(done.stdout)["before"]}
    assert steps["history"] is True
    assert steps["consent"] is False


def test_ask_from_standard_input():
    done = run("ask", stdin="Can a chiropractor adjust my neck in Ohio?\n")
    assert done.returncode == 0
    assert "Ohio" in done.stdout


def test_a_question_to_be_asked_back_is_not_answered():
    done = run("ask", "Can a therapist crack my back in Ohio?")
    assert done.returncode == 2
    assert "massage therapist" in done.stdout
    assert "physical therapist" in done.stdout


def test_french_answers_in_french():
    done = run("ask", "Est-ce qu'un chiropraticien peut me faire craquer le cou en Ontario ?")
    assert done.returncode == 0
    assert "Oui" in done.stdout
    assert "Vérifier" in done.stdout


def test_who_lists_professions():
    done = run("who", "--in", "Texas", "--do", "thrust_spine", "--json")
    professions = {entry["profession"]: entry["verdict"] for entry in json.loads(done.stdout)["professions"]}
    assert professions["chiropractor"] == "permitted"


def test_without_a_command_the_help_is_shown():
    for arguments in ((), ("law",)):
        done = run(*arguments)
        assert done.returncode == 0
        assert "Usage: handrail" in done.stdout


def test_version_and_help():
    assert run("--version").stdout.startswith("handrail 0.")
    helped = run("check", "--help")
    assert "Example" in helped.stdout
    assert "--exit-code" in helped.stdout


def test_law_show_loses_nothing_of_a_rule():
    shown = " ".join(run("law", "show", "US-FL").stdout.split())
    from handrail.law import load

    for _, rule in load("US-FL").file.rules():
        for text in (rule.summary, rule.note, rule.source, rule.citation, rule.id):
            assert text is None or " ".join(text.split()) in shown


def test_a_cold_check_leaves_heavy_imports_out():
    code = (
        "import sys; from handrail.cli.run import run;"
        "run(['check', '--in', 'US-FL', '--as', 'chiropractor', '--do', 'thrust_spine']);"
        "print([m for m in ('pydantic', 'rapidfuzz', 'rich', 'hypothesis', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
