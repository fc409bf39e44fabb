"""Settings that were renamed: refused with the new key, beside whatever else is wrong."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from telephony.errors import SettingsError
from telephony.settings import Settings, settings_from
from telephony.settings.load import RENAMED
from telephony.shipped import shipped

EXAMPLE = (shipped("config") / "telephony.example.toml").read_text(encoding="utf-8")
MOVES = {
    "dialing.ring_s": "dialing.ring_timeout_s",
    "dialing.keep_raw": "recording.keep_raw",
    "pbx.sip_address": "pbx.sip_host",
    "trunks.address": "trunks.host",
    "desk": "preview",
}


def example() -> dict[str, Any]:
    return tomllib.loads(re.sub(r'^(\w*secret) = ""$', r'\1 = "0123456789abcdef0123"', EXAMPLE, flags=re.MULTILINE))


def refusal(tables: Mapping[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        settings_from(tables, "telephony.toml", MOVES)
    return str(refused.value).removeprefix("telephony.toml: ").split("; ")


def test_an_old_key_is_refused_with_the_new_one():
    tables = example()
    tables["dialing"]["ring_s"] = tables["dialing"].pop("ring_timeout_s")
    with pytest.raises(
        SettingsError, match=r"^settings: dialing\.ring_s: renamed to dialing\.ring_timeout_s; change the key"
    ):
        settings_from(tables, renamed=MOVES)


def test_a_key_that_moved_to_another_table_is_refused_with_its_place():
    tables = example()
    tables["dialing"]["keep_raw"] = True
    assert refusal(tables)[0] == "dialing.keep_raw: renamed to recording.keep_raw"


def test_a_renamed_table_is_one_sentence_whatever_it_holds():
    tables = example()
    tables["desk"] = {"look_s": 30, "skips_per_hour": 2}
    assert refusal(tables)[0] == "desk: renamed to preview"
    assert len(refusal(tables)) == 2


def test_in_a_list_of_tables_the_row_is_named():
    tables = example()
    tables["trunks"][0]["address"] = tables["trunks"][0].pop("host")
    assert refusal(tables)[:2] == [
        "trunks.0.address: renamed to trunks.0.host",
        "change the key and check its value",
    ]
    assert not [sentence for sentence in refusal(tables) if "missing" in sentence], "one fault, one sentence"


def test_it_stands_beside_what_else_is_wrong():
    tables = example()
    tables["pbx"]["sip_address"] = tables["pbx"].pop("sip_host")
    tables["pbx"]["whatever"] = 1
    del tables["gate"]["ami_secret"]
    tables["dialing"]["ring_timeout_s"] = 3
    sentences = refusal(tables)
    assert "pbx.sip_address: renamed to pbx.sip_host" in sentences
    assert "pbx.whatever: unknown setting" in sentences
    assert "gate.ami_secret: missing" in sentences
    assert any(sentence.startswith("dialing.ring_timeout_s: ") for sentence in sentences)
    assert "pbx.sip_host: missing" not in sentences


def test_an_old_key_beside_the_new_one_is_refused_too():
    tables = example()
    tables["dialing"]["ring_s"] = 30
    assert refusal(tables)[0] == "dialing.ring_s: renamed to dialing.ring_timeout_s"


def known_keys() -> set[str]:
    """Every key of the settings and every table of them, as errors write them without rows."""
    keys = set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                keys |= {f"{name}.{key}" for key in kind.model_fields}
    return keys


def test_every_new_key_in_the_table_exists_and_no_old_one_does():
    known = known_keys()
    assert {"dialing.poll_s", "trunks.host", "preview"} <= known
    assert set(RENAMED.values()) <= known
    assert not set(RENAMED) & known
