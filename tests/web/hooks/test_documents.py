"""docs/cds-hooks.md says what there is, and its example gives what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from tests.web.hooks.doors import cards, client

from handrail.web import Settings
from handrail.web.hooks.cards import OVERRIDES
from handrail.web.hooks.services import NEEDED, SERVICES
from handrail.web.hooks.trust import ALGORITHMS

TEXT = (Path(__file__).parents[3] / "docs" / "cds-hooks.md").read_text(encoding="utf-8")


def _block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return found[1]


def test_every_service_is_documented():
    for service in SERVICES.values():
        assert f"| `{service.id}` | `{service.hook}` |" in TEXT


def test_every_setting_is_documented():
    for name in Settings.model_fields:
        if name.startswith("hooks_"):
            assert f"| `HANDRAIL_{name.upper()}` |" in TEXT


def test_every_override_reason_signature_and_needed_key_is_documented():
    for code in OVERRIDES:
        assert f"| `{code}` |" in TEXT
    for name in ALGORITHMS:
        assert re.search(rf"\b{name}\b", TEXT)
    for key in NEEDED:
        assert f"`{key}`" in TEXT


def test_the_example_gives_the_card_that_is_shown():
    (card,) = cards(client(), json.loads(_block("json")))
    assert f"\n    {card['summary']}\n" in TEXT
    assert card["indicator"] == "critical"
    labels = " ".join(one["label"] for one in card["suggestions"])
    for word in ("97124", "chiropractor", "osteopathic physician", "Refer to a physician"):
        assert word in labels


def test_the_file_of_clients_has_the_form_that_is_shown(tmp_path):
    from joserfc.jwk import ECKey

    from handrail.web.hooks.trust import Clients

    assert list(yaml.safe_load(_block("yaml"))) == ["audience", "clients"]
    (tmp_path / "clients.yaml").write_text(_block("yaml"))
    key = ECKey.generate_key("P-384", {"kid": "a"})
    (tmp_path / "ehr.jwks.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    clients = Clients.of(tmp_path / "clients.yaml")
    assert clients.base == "https://cds.example.org"
    assert list(clients.clients) == ["https://ehr.example.org/"]
