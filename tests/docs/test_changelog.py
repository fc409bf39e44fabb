"""Changes: one file each until a release gathers them, always under the same four headings."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "changelog.d"
HEADINGS = ["Added", "Changed", "Fixed", "Upgrade"]
NAME = re.compile(r"\+[a-z0-9-]+\.(added|changed|fixed|upgrade)\.md")
FRAGMENTS = sorted(path for path in FOLDER.iterdir() if path.name != "README.md")


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_named_for_its_heading_and_is_short(path: Path):
    assert NAME.fullmatch(path.name), "changelog.d/README.md says how a fragment is named"
    text = path.read_text(encoding="utf-8").strip()
    assert 0 < len(text) <= 600
    assert not text.startswith(("#", "- "))
    assert "\n\n" not in text


def test_the_changelog_uses_the_four_headings_in_their_order():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert releases
    for release in releases:
        headings = re.findall(r"^### (.+)$", release, re.MULTILINE)
        assert headings == [heading for heading in HEADINGS if heading in headings], release.splitlines()[0]


def test_a_release_gathers_every_fragment():
    words = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "9.9.9", "--date", "2026-12-01"]
    draft = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert draft.startswith("## 9.9.9 (2026-12-01)")
    shown = " ".join(draft.split())
    for path in FRAGMENTS:
        assert " ".join(path.read_text(encoding="utf-8").split()) in shown, path.name
