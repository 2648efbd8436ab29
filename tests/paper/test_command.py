"""``handrail paper``: files, languages and mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from handrail.cli.paper import KINDS, paper_app
from handrail.terms import InputError

NECK = ("--in", "US-FL", "--as", "chiropractor", "--do", "thrust_spine", "--region", "cervical")
FOUND = ("--with", "osteoporosis", "--done", "history", "--on", "2026-11-24")


def run(*arguments: str) -> object:
    return typer.main.get_command(paper_app).main(list(arguments), standalone_mode=False)


@pytest.mark.parametrize("kind", KINDS)
def test_each_paper_as_html(kind, tmp_path: Path, capsys):
    out = tmp_path / "paper.html"
    assert run(kind, *NECK, *FOUND, "--lang", "fr", "--size", "letter", "--out", str(out)) == 0
    html = out.read_text(encoding="utf-8")
    assert '<html lang="fr">' in html
    assert "size: letter" in html
    assert capsys.readouterr().out == f"{out}: {kind}, conditional\n"


def test_as_pdf_with_names_and_entries(tmp_path: Path):
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        pytest.skip("WeasyPrint cannot be loaded")
    out = tmp_path / "record.pdf"
    run(
        "record", *NECK, *FOUND, "--client-name", "A. Client", "--entry", "history=10:05 J. Roe", "--out", str(out)
    )
    assert out.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("consent", *NECK, "--out", "paper.txt"), "must end in .pdf or .html"),
        (("consent", *NECK, "--lang", "de", "--out", "{}/a.html"), "not a language"),
        (("consent", *NECK, "--size", "a5", "--out", "{}/a.html"), "not a size"),
        (("consent", *NECK, "--with", "osteoporosys", "--out", "{}/a.html"), "osteoporosis"),
        (("consent", *NECK, "--with", "ces_saddle", "--out", "{}/a.html"), "medical care comes first"),
        (("referral", *NECK, "--out", "{}/a.html"), "nothing was found"),
        (("record", *NECK, "--entry", "history", "--out", "{}/a.html"), "STEP=TIME PERSON"),
        (("consent", *NECK, "--entry", "history=10:05", "--out", "{}/a.html"), "belongs to the visit record"),
        (("aftercare", *NECK, "--out", "{}/no/such/a.html"), "cannot be written"),
        (("aftercare", *NECK, "--client-name", "x" * 300, "--out", "{}/a.html"), "longer than"),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(arguments, says, tmp_path: Path):
    with pytest.raises(InputError, match=says) as error:
        run(*(argument.replace("{}", str(tmp_path)) for argument in arguments))
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_overwritten_only_with_force(tmp_path: Path):
    out = tmp_path / "a.html"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="--force"):
        run("aftercare", *NECK, "--out", str(out))
    assert out.read_text(encoding="utf-8") == "mine"
    run("aftercare", *NECK, "--out", str(out), "--force")
    assert out.read_text(encoding="utf-8") != "mine"
