"""What people read: both languages whole, words of the glossary only, typography, and colours that can be read."""

import re
import tomllib
from html import unescape

import pytest

from telephony.domain.accounts import Right, Role
from telephony.domain.calls.attempts import Result
from telephony.domain.calls.operators import OperatorState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.campaigns.dialing_options import OPTIONS, CallOrder, DialMode
from telephony.domain.evidence.recordings import ListeningReason
from telephony.domain.leads.preview import SkipReason
from telephony.domain.leads.shown_name import NameShown
from telephony.domain.numbers.errors import RejectReason
from telephony.services.lists import consent as list_terms
from telephony.services.lists.faults import RowFault
from telephony.services.lists.rows import DUPLICATE
from telephony.web.http.assets import STATIC, Assets
from telephony.web.http.rendering import TEMPLATES
from telephony.web.i18n.messages import words
from telephony.words import LANGUAGES
from tests.scenes.pages import Pages
from tests.web.conftest import Visit

BANNED = re.compile(
    r"d[ée]tenue?s?\b|\bprisons?\b|établissement|\bcellules? (?!manq|en trop)|écrou|surveill|\bcibles?\b|\bagents?\b|"
    r"blacklist|whitelist|\bkill|\babandonn(?:er|ée?s?)\b|\bdetain|\binmate|\bprisoner|\bjail|\bcorrectional",
    re.IGNORECASE,
)
USED = re.compile(r"""\bt(?:\.count)?\(\s*"([a-z_.0-9]+)"\s*(\+|[,)])""")


def test_every_text_has_french_and_english() -> None:
    assert words("fr").keys() == words("en").keys()


def test_placeholders_are_the_same_in_both_languages() -> None:
    for key in words("fr").keys():  # noqa: SIM118  Words is no mapping
        assert set(re.findall(r"{\w+}", words("fr")(key))) == set(re.findall(r"{\w+}", words("en")(key))), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_domain_has_a_text(language: str) -> None:
    t = words(language)
    families: dict[str, list[str]] = {
        "state": [*OperatorState],
        "desk.lead": [*OperatorState],
        "campaign.state": [*CampaignState],
        "outcome": [*Outcome],
        "result": [*Result],
        "mode": [*DialMode],
        "option": [option.name for option in OPTIONS if option.name != "power_tenths"],
        "option_value": [*CallOrder, *NameShown],
        "skip_reason": [*SkipReason],
        "reason": [*ListeningReason],
        "role": [*Role],
        "right": [*Right],
        "reject": [*RejectReason, *RowFault, *list_terms.SENTENCES, DUPLICATE],
    }
    missing = [f"{family}.{word}" for family, all_of in families.items() for word in all_of]
    assert [key for key in missing if not t.has(key)] == []


def test_every_text_used_by_a_page_exists_and_none_is_left_over() -> None:
    keys = words("fr").keys()
    sources = [*TEMPLATES.glob("*.html"), *TEMPLATES.parent.rglob("*.py")]
    text = "\n".join(path.read_text() for path in sources)
    exact = {key for key, end in USED.findall(text) if end != "+"}
    begun = {key for key, end in USED.findall(text) if end == "+"}
    plural = {key.rpartition(".")[0] for key in keys if key.endswith((".one", ".other"))}
    assert {key for key in exact if key not in keys and key not in plural} == set()
    prefixes = tuple(begun) + tuple(re.findall(r"""f["']([a-z_]+\.[a-z_.]*)\{""", text))
    quoted = set(re.findall(r'"([a-z_]+(?:\.[a-z_0-9]+)+)"', text))
    unused = {
        key
        for key in keys
        if key not in exact | quoted and key.rpartition(".")[0] not in exact and not key.startswith(prefixes)
    }
    assert unused == set()


def texts() -> list[tuple[str, str]]:
    return [(key, words(language)(key)) for language in LANGUAGES for key in words(language).keys()]  # noqa: SIM118


def test_no_text_uses_a_banned_word() -> None:
    assert [(key, text) for key, text in texts() if BANNED.search(text)] == []


def test_banned_words_are_found_when_they_are_there() -> None:
    for word in ("la prison", "une détenue", "Un agent", "cible", "blacklist", "abandonner"):
        assert BANNED.search(word)


def test_no_text_shouts() -> None:
    assert [text for _, text in texts() if "!" in text] == []


def test_french_puts_a_narrow_no_break_space_where_it_belongs() -> None:
    for key in words("fr").keys():  # noqa: SIM118
        text = words("fr")(key)
        assert not re.search(r"[^\u202f\s{(]?[ \u00a0][:;?!%»]|[^\u202f][:;?!»](?=\s|$)", text), (key, text)
        assert "'" not in text, (key, text)


@pytest.mark.slow
async def test_every_page_uses_the_houses_words_in_both_languages(visit: Visit, pages: Pages) -> None:
    recording_id = await pages.recording()
    await pages.recording("9911", sound=False)
    addresses = {
        "claire": ("/desk", "/floor"),
        "manager": ("/floor", "/lists", "/recordings"),
        "compliance": ("/recordings", f"/recordings/{recording_id}", "/recordings?q=zzz", "/nothing"),
    }
    for language in LANGUAGES:
        for username, paths in addresses.items():
            visitor = await visit()
            visitor.client.session.cookie_jar.update_cookies({"language": language})
            assert "lang" in (await visitor.get("/sign-in")).text
            await visitor.sign_in(username)
            for path in paths:
                text = unescape((await visitor.get(path)).text)
                assert f'<html lang="{language}"' in text
                assert not BANNED.search(text), path
                assert "R1" not in text.partition("<title>")[2].partition("</title>")[0]


async def test_language_and_display_are_chosen_and_kept(visit: Visit) -> None:
    visitor = await visit()
    await visitor.get("/sign-in")
    answer = await visitor.send("/preferences", language="en", theme="night", back="/sign-in")
    assert answer.headers["Location"] == "/sign-in"
    page = (await visitor.get("/sign-in")).text
    assert '<html lang="en" data-theme="night">' in page
    answer = await visitor.send("/preferences", language="xx", theme="<b>", back="//evil.example")
    assert answer.headers["Location"] == "/"
    assert '<html lang="en" data-theme="night">' in (await visitor.get("/sign-in")).text


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, other: str) -> float:
    lighter, darker = sorted((luminance(colour), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_formula_agrees_with_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


TOKENS = {
    name: (day, night)
    for name, day, night in re.findall(
        r"--([a-z-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)", (STATIC / "tokens.css").read_text()
    )
}


@pytest.mark.parametrize("display", [0, 1], ids=["day", "night"])
def test_every_pair_of_colours_can_be_read(display: int) -> None:
    colour = {name: pair[display] for name, pair in TOKENS.items()}
    states = ("ready", "talking", "wrap", "paused", "coach", "alert", "offline")
    pairs = [(state, f"{state}-ground") for state in states]
    pairs += [("text", ground) for ground in ("page", "ground", "raised", *(f"{state}-ground" for state in states))]
    pairs += [
        ("muted", "page"),
        ("muted", "ground"),
        ("muted", "raised"),
        ("act-text", "act"),
        ("act-text", "act-over"),
    ]
    pairs += [("link", "page"), ("link", "raised")]
    too_faint = {pair: contrast(colour[pair[0]], colour[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in too_faint.items() if ratio < 4.5} == {}
    for line in ("border", "focus"):
        assert contrast(colour[line], colour["page"]) >= 3
        assert contrast(colour[line], colour["raised"]) >= 3


def test_vendored_files_are_untouched_and_carry_their_licence() -> None:
    folder = STATIC / "vendor"
    listed = tomllib.loads((folder / "vendored.toml").read_text())["file"]
    assets = Assets()
    for vendored in listed:
        assert assets[f"vendor/{vendored['path']}"].integrity == f"sha384-{vendored['sha384']}"
        assert vendored["version"] in (folder / vendored["path"]).read_text()
        assert (folder / vendored["licence_file"]).read_text()
    known = {file["path"] for file in listed} | {file["licence_file"] for file in listed} | {"vendored.toml"}
    assert {path.name for path in folder.iterdir()} == known


def test_no_file_we_send_names_another_host() -> None:
    sent = [*TEMPLATES.glob("*.html"), *(path for path in STATIC.glob("*.*"))]
    for path in sent:
        addresses = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", path.read_text())
        assert [address for address in addresses if "www.w3.org" not in address] == [], path.name


def test_no_template_carries_inline_script_or_style() -> None:
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text()
        assert not re.search(r"<style|<script(?![^>]*src=)|\son[a-z]+=|\sstyle=", text), path.name


def test_scripts_and_styles_stay_small() -> None:
    assets = Assets()
    assert sum(len(assets[name].gzipped) for name in assets.names() if name.endswith((".js", ".css"))) < 110_000
