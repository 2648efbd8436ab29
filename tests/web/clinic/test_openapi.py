"""Every address of the clinic under ``/v1``, asked anything by an owner: no error of ours, none undocumented."""

from __future__ import annotations

import contextlib
from unittest import SkipTest as Skipped

import pytest
import schemathesis
from hypothesis import Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.web.malformed import LET_BE, SOAK

#: Requests to each address, as described and not as described.
MANY = 500 if SOAK else 8
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_no_answer_is_undocumented(app, keys, mode: GenerationMode):
    made = schemathesis.openapi.from_asgi("/v1/openapi.json", app)
    doors = [found.ok() for found in made.include(path_regex="^/v1/clinic").get_all_operations()]
    assert len(doors) >= 20
    for door in doors:

        @settings(max_examples=MANY, deadline=None, suppress_health_check=LET_BE, phases=[Phase.generate])
        @given(case=door.as_strategy(generation_mode=mode))
        def ask(case) -> None:
            answer = case.call(headers=keys["owner"])
            case.validate_response(answer, checks=CHECKS)
            assert answer.status_code < 500

        # An address without parameters cannot be asked wrongly.
        with contextlib.suppress(Unsatisfiable, Skipped):
            ask()
