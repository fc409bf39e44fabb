"""The licence of this product, and of everything it installs."""

import tomllib
from importlib.metadata import metadata

import pytest

from tests.docs.licences import PAGE, ROOT, installed, is_allowed, licence_of, refreshed

INSTALLED = installed()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_licence_is_apache_2_and_goes_with_every_copy():
    assert PROJECT["license"] == "Apache-2.0"
    assert {"LICENSE", "NOTICE"} <= set(PROJECT["license-files"])
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert (ROOT / "NOTICE").read_text(encoding="utf-8").startswith("telephony\nCopyright 2026 ")


def test_every_direct_dependency_is_among_those_looked_at():
    direct = {
        metadata(line.split("[")[0].split(">")[0])["Name"].lower().replace("_", "-") for line in PROJECT["dependencies"]
    }
    assert direct <= set(INSTALLED)
    assert "pytest" not in INSTALLED
    assert {"pyst2", "six", "psycopg", "cffi", "markupsafe"} <= set(INSTALLED), "what a dependency brings counts too"


@pytest.mark.parametrize("name", INSTALLED)
def test_its_licence_goes_with_ours(name: str):
    assert is_allowed(licence_of(name)), f"{name} is under {licence_of(name)!r}: docs/licences.md says what is allowed"


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("unknown", False),
        ("Proprietary", False),
    ],
)
def test_alternatives_need_one_that_is_allowed_and_sums_need_all(expression: str, allowed: bool):
    assert is_allowed(expression) is allowed


def test_the_table_of_licences_is_that_of_what_is_installed():
    text = PAGE.read_text(encoding="utf-8")
    assert refreshed(text) == text, "run: python -m tests.docs.licences"
