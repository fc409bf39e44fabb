"""Permits: made in one place, in one shape, for seconds."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import telephony
from telephony.domain.calls.permits import PermitRequest, give_permit
from telephony.ids import AttemptId, CampaignId, LeadId, ListId, Number, RecordingId, is_permit_id

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
REQUEST = PermitRequest(
    AttemptId("a"),
    RecordingId("r"),
    CampaignId(1),
    ListId(1),
    LeadId(1),
    Number("33199001234"),
    "33199000000",
    "carrier",
    "gate",
)


def test_a_permit_is_p_and_36_digits_and_lives_for_seconds():
    permit = give_permit(REQUEST, "7" * 36, NOW, timedelta(seconds=10))
    assert is_permit_id(permit.permit_id)
    assert permit.expires_at == NOW + timedelta(seconds=10)
    assert permit.number == "33199001234"


@pytest.mark.parametrize("digits", ["", "7" * 35, "7" * 37, "7" * 35 + "x", "٧" * 36, "７" * 36])
def test_anything_else_is_not_a_permit_id(digits: str):
    with pytest.raises(ValueError, match="36 decimal digits"):
        give_permit(REQUEST, digits, NOW, timedelta(seconds=10))


def test_naive_times_are_refused():
    with pytest.raises(ValueError, match="aware UTC"):
        give_permit(REQUEST, "7" * 36, NOW.replace(tzinfo=None), timedelta(seconds=10))


def test_permits_are_made_in_one_module_and_read_back_in_storage_only():
    makers = set()
    root = Path(telephony.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name == "DialPermit":
                    makers.add(path.relative_to(root).as_posix())
    assert {maker for maker in makers if not maker.startswith("storage/")} == {"domain/calls/permits.py"}
