"""``handrail intake``: at a real terminal, with answers from a file, and as FHIR."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest

from handrail.intake.questionnaire import questionnaire

LIMB = ["--do", "thrust_extremity", "--region", "extremity"]
FIRST, SECOND, THIRD = (one.question for one in questionnaire("thrust_extremity", ("extremity",)).questions[:3])


class Terminal:
    """A run of the command at a pseudo-terminal: waits for a prompt, then types."""

    def __init__(self, *arguments: str) -> None:
        self.main, side = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "handrail", "intake", *arguments],
            stdin=side,
            stdout=side,
            stderr=side,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40", "NO_COLOR": "1"},
            close_fds=True,
        )
        os.close(side)
        self.text = ""

    def read(self, until: str | None = "> ") -> str:
        """What is shown until the prompt, or until the end."""
        new, end = "", time.monotonic() + 60
        while time.monotonic() < end:
            if until is not None and new.endswith(until):
                break
            if not select.select([self.main], [], [], 0.5)[0]:
                continue
            try:
                data = os.read(self.main, 65536)
            except OSError:  # the other side is closed
                break
            if not data:
                break
            new += data.decode()
        self.text += new
        return " ".join(new.split())

    def say(self, *answers: str) -> str:
        """Types answers, and gives what is shown after the last."""
        shown = ""
        for answer in answers:
            os.write(self.main, f"{answer}\n".encode())
            shown = self.read()
        return shown

    def end(self, *answers: str) -> str:
        """Types the last answers and gives all that is shown then; the exit code must be 0."""
        self.say(*answers[:-1])
        if answers:
            os.write(self.main, f"{answers[-1]}\n".encode())
        shown = self.read(None)
        os.close(self.main)
        assert self.process.wait(timeout=60) == 0
        return shown


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "handrail", "intake", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def test_back_help_and_stop_and_nothing_is_stored(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    terminal = Terminal(*LIMB)
    shown = terminal.read()
    assert FIRST.en in shown
    assert re.search(r"\b1 of \d+", shown)
    assert "Not understood" in terminal.say("perhaps")
    shown = terminal.say("n")
    assert SECOND.en in shown
    assert "2 of" in shown
    shown = terminal.say("b")
    assert FIRST.en in shown
    assert "answered so far: No" in shown
    assert "This is the first question" in terminal.say("b")
    assert SECOND.en in terminal.say("d")
    assert "no more to say" in terminal.say("?")
    shown = terminal.end("n", "q")
    assert "not every question" in shown
    assert "nothing was answered with yes" in shown
    assert list(tmp_path.iterdir()) == []


def test_stop_and_go_on(tmp_path):
    file = tmp_path / "answers.json"
    first = Terminal(*LIMB, "--save", str(file))
    first.read()
    first.end("n", "n", "q")
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["status"] == "in-progress"
    assert [item["linkId"] for item in kept["item"]] == [FIRST.id, SECOND.id]
    second = Terminal(*LIMB, "--answers", str(file), "--save", str(file), "--in", "US-FL", "--as", "chiropractor")
    shown = second.read()
    assert THIRD.en in shown
    assert "3 of" in shown
    asked = questionnaire("thrust_extremity", ("extremity",)).questions
    broken = next(one.question for one in asked if one.question.id == "bone_broken")
    while broken.en not in shown:
        shown = second.say("n")
    shown = second.say("y")
    fresh = next(one.question for one in asked if one.question.id == "acute_fracture")
    assert fresh.en in shown
    shown = second.say("y")
    number = re.search(r"(\d+) arm or leg", shown)
    assert number
    second.say(number[1])
    last = [one for one in asked if one.depth == 0]
    place = last.index(next(one for one in last if one.question.id == "bone_broken"))
    shown = second.end(*["n"] * (len(last) - place - 1))
    assert "Acute or unhealed fracture (arm or leg)" in shown
    assert "every question to the client was answered" in shown
    assert "Prohibited" in shown or "PROHIBITED" in shown or "Not " in shown
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["status"] == "completed"
    again = run(*LIMB, "--answers", str(file))
    assert again.returncode == 0
    assert "every question to the client was answered" in again.stdout
    assert oct(file.stat().st_mode)[-2:] == "00"


def test_an_emergency_stops_at_once(tmp_path):
    file = tmp_path / "answers.json"
    terminal = Terminal(*LIMB, "--save", str(file))
    terminal.read()
    shown = terminal.end("y")
    assert "call emergency services now" in shown
    assert json.loads(file.read_text(encoding="utf-8"))["status"] == "in-progress"
    again = run(*LIMB, "--answers", str(file), "--in", "US-FL", "--as", "chiropractor")
    assert "call emergency services now" in again.stdout


def test_the_end_of_the_input_keeps_the_answers(tmp_path):
    file = tmp_path / "answers.json"
    terminal = Terminal(*LIMB, "--save", str(file))
    terminal.read()
    terminal.say("d")
    os.write(terminal.main, b"\x04")
    terminal.end()
    (item,) = json.loads(file.read_text(encoding="utf-8"))["item"]
    assert item["answer"][0]["valueCoding"]["code"] == "asked-unknown"


def test_in_french(tmp_path):
    terminal = Terminal(*LIMB, "--lang", "fr")
    shown = terminal.read()
    assert FIRST.fr in shown
    assert "1 sur" in shown
    assert SECOND.fr in terminal.say("non")
    assert "appelez les secours" in terminal.end("o")


def test_the_practitioners_part(tmp_path):
    terminal = Terminal(*LIMB, "--practitioner")
    assert "Do you find" in terminal.read() or "Do you see" in terminal.text
    assert "not every question to the client" in terminal.end("q")


def test_without_a_terminal_it_needs_answers_or_fhir():
    done = run(*LIMB)
    assert done.returncode == 2
    assert done.stderr == "handrail: asks at a terminal, and there is none. Give --answers FILE, or --fhir\n"
    done = run(*LIMB, "--fhir", "--lang", "fr")
    assert done.returncode == 0
    made = json.loads(done.stdout)
    assert (made["resourceType"], made["language"], made["item"][0]["text"]) == ("Questionnaire", "fr", FIRST.fr)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fhir", "--save", "x.json"], "only prints"),
        (["--done", "history", "--fhir"], "both --in and --as"),
        (["--answers", "missing.json"], "missing.json"),
        (["--lang", "de", "--fhir"], "no language"),
        (["--in", "US-FL", "--fhir"], "both --in and --as"),
        (["--in", "US-FL", "--as", "chiropracter", "--fhir"], "Did you mean"),
        (["--done", "historie", "--fhir", "--in", "US-FL", "--as", "chiropractor"], "Did you mean history"),
    ],
)
def test_bad_input_is_one_line(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*LIMB, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_is_there_already_is_not_overwritten(tmp_path):
    file = tmp_path / "answers.json"
    file.write_text("{}", encoding="utf-8")
    terminal = Terminal(*LIMB, "--save", str(file))
    shown = terminal.read(None)
    os.close(terminal.main)
    assert terminal.process.wait(timeout=60) == 2
    assert "is there already" in shown
    assert file.read_text(encoding="utf-8") == "{}"
