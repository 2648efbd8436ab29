"""``handrail risk``: formats, files and mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from handrail.cli.risk import EPILOG, risk
from handrail.terms import InputError

app = typer.Typer()
app.command(epilog=EPILOG)(risk)
NECK = ["--do", "thrust_spine", "--region", "cervical"]


def run(*arguments: str) -> object:
    return typer.main.get_command(app).main(list(arguments), standalone_mode=False)


def test_piped_it_is_plain_text(capsys):
    assert run(*NECK) == 0
    out = capsys.readouterr().out
    assert out.startswith("Published harms of spinal thrust: neck")
    assert "\033[" not in out
    assert "Sources" in out


def test_text_to_a_file(tmp_path: Path):
    run(*NECK, "--out", str(tmp_path / "risk.txt"))
    assert "Carnes" in (tmp_path / "risk.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "start"), [("risk.svg", b"<svg"), ("risk.png", b"\x89PNG")])
def test_the_name_of_the_file_says_the_format(tmp_path: Path, name, start):
    pytest.importorskip("vl_convert")
    pytest.importorskip("altair")
    run(*NECK, "--out", str(tmp_path / name))
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_file_is_overwritten_only_with_force(tmp_path: Path):
    file = tmp_path / "risk.txt"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="--force"):
        run(*NECK, "--out", str(file))
    assert file.read_text(encoding="utf-8") == "mine"
    run(*NECK, "--out", str(file), "--force")
    assert file.read_text(encoding="utf-8") != "mine"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--do", "thrust_spin"], "Did you mean thrust_spine"),
        (["--do", "thrust_spine", "--region", "extremity"], "Its regions"),
        ([*NECK, "--format", "pdf"], "not a known format"),
        ([*NECK, "--out", "/nowhere/at/all.txt"], "cannot be written"),
    ],
)
def test_mistakes_are_one_line(arguments, says):
    with pytest.raises(InputError, match=says) as error:
        run(*arguments)
    assert "\n" not in str(error.value)
