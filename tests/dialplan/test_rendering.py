"""What the rendered configuration holds and never holds; no server needed.

The golden files are the configuration of one small site, kept so that a change of the lock is seen in review.
Write them again with ``GOLDEN=write pytest tests/dialplan`` and read the difference.
"""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from telephony.asterisk.firewall import render_firewall
from telephony.asterisk.installation import install_sounds, prepare_folders, write_configuration
from telephony.asterisk.rendering import AMI_EVENTS, GATE_EVENTS, PBX_EVENTS, render_gate, render_pbx
from telephony.errors import SettingsError
from telephony.settings import Settings, settings_from

GOLDEN = Path(__file__).parent / "golden"


def tables(**changes: dict[str, Any]) -> dict[str, Any]:
    def node(name: str, user_id: int, host: str, port: int) -> dict[str, Any]:
        folders = {part: f"/srv/{name}/{part}" for part in ("etc", "lib", "spool", "run", "log")}
        return folders | {
            "user_id": user_id,
            "ami_host": host,
            "ami_port": port,
            "ami_secret": f"ami-secret-of-{name}",
            "rtp_start": 30000,
            "rtp_end": 33999,
        }

    trunks = [
        {"name": "north", "host": "192.0.2.10", "caller_ids": ["33199000000", "33199000001"], "channels": 30},
        {
            "name": "south-2",
            "host": "198.51.100.7",
            "port": 5080,
            "caller_ids": ["33261910000"],
            "channels": 8,
            "username": "line8",
            "secret": "secret-of-the-trunk",
        },
    ]
    base: dict[str, Any] = {
        "controller": {"agi_host": "127.0.0.1", "user_id": 900},
        "pbx": node("pbx", 901, "127.0.0.1", 5038)
        | {"sip_host": "10.1.0.2", "phones": "10.1.0.0/16"}
        | changes.get("pbx", {}),
        "gate": node("gate", 902, "127.0.0.1", 5039)
        | {"sip_host": "10.2.0.2", "sip_secret": "secret-of-the-link", "trunk_host": "203.0.113.2"}
        | changes.get("gate", {}),
        "trunks": changes.get("trunks", trunks),
        "seats": [{"number": n, "secret": f"secret-of-seat-{n:02}"} for n in (1, 2, 17)],
    }
    return base | {key: value for key, value in changes.items() if key not in base}


def settings(**changes: Any) -> Settings:
    return settings_from(tables(**changes))


@pytest.fixture
def site() -> Settings:
    return settings()


@pytest.fixture
def files(site: Settings) -> dict[str, str]:
    pbx = {f"pbx/{name}": text for name, text in render_pbx(site).items()}
    gate = {f"gate/{name}": text for name, text in render_gate(site).items()}
    return pbx | gate | {"firewall.nft": render_firewall(site)}


def dialplan(files: dict[str, str], name: str) -> list[str]:
    """Return the lines of a dialplan without comments."""
    lines = (line.split(" ;")[0].strip() for line in files[f"{name}/extensions.conf"].splitlines())
    return [line for line in lines if line and not line.startswith(";")]


def test_the_rendered_configuration_is_the_golden_one(files: dict[str, str]):
    if os.environ.get("GOLDEN") == "write":
        for name, text in files.items():
            (GOLDEN / name).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / name).write_text(text)
    by_name = {str(path.relative_to(GOLDEN)): path.read_text() for path in GOLDEN.rglob("*") if path.is_file()}
    assert sorted(by_name) == sorted(files)
    for name, text in files.items():
        assert text == by_name[name], name


@pytest.mark.parametrize("name", ["pbx", "gate"])
def test_no_extension_matches_what_somebody_types(name: str, files: dict[str, str]):
    patterns = [line for line in dialplan(files, name) if re.match(r"exten\s*=>\s*_", line)]
    assert [pattern.split(",")[0] for pattern in patterns] == ({"gate": ["exten => _p" + "X" * 36]}.get(name, []))
    for line in dialplan(files, name):
        assert not re.search(r"include\s*=>|switch\s*=>|ignorepat", line)


def test_only_the_gate_dials_and_without_options_that_open_a_way(files: dict[str, str]):
    assert not [line for line in dialplan(files, "pbx") if "Dial(" in line]
    dials = [line for line in dialplan(files, "gate") if "Dial(" in line]
    assert [re.search(r"Dial\((.*)\)", line)[1] for line in dials] == [
        "PJSIP/${CANON}@${TRUNK},${RINGS},irb(record^s^1)U(named)"
    ]


@pytest.mark.parametrize("name", ["pbx", "gate"])
def test_every_agi_is_bounded_before_and_judged_after(name: str, files: dict[str, str]):
    lines = dialplan(files, name)
    numbers = [index for index, line in enumerate(lines) if re.search(r"\bAGI\(", line)]
    assert len(numbers) == {"pbx": 2, "gate": 1}[name]
    for index in numbers:
        assert re.search(r"Set\(AGIEXITONHANGUP=yes\)", lines[index - 2])
        assert re.search(r"Set\(TIMEOUT\(absolute\)=[0-9.]+\)", lines[index - 1])
        before = lines[index - 12 : index]
        assert any("Set(VERDICT=)" in line for line in before)
        after = lines[index + 1 : index + 8]
        assert any('"${AGISTATUS}/${VERDICT}" = "SUCCESS/' in line and "${UNIQUEID}" in line for line in after)


def test_a_variable_from_the_controller_is_checked_before_an_expression_holds_it(files: dict[str, str]):
    lines = dialplan(files, "gate")
    agi = next(index for index, line in enumerate(lines) if "AGI(" in line)
    for name in ("VERDICT", "CANON", "CLI", "TRUNK", "RECUUID", "RINGS"):
        first = next(line for line in lines[agi + 1 :] if f"${{{name}}}" in line)
        assert first.startswith('same => n,GotoIf($[${REGEX("^'), name
        assert any(f"Set({name}=)" in line for line in lines[:agi]), name


FORBIDDEN = (
    "res_pjsip_refer",
    "res_pjsip_messaging",
    "func_shell",
    "app_system",
    "app_originate",
    "app_disa",
    "app_queue",
    "app_followme",
    "pbx_spool",
    "pbx_realtime",
    "res_ari",
    "res_http",
    "res_parking",
    "res_clioriginate",
    "res_manager_devicestate",
    "bridge_native_rtp",
    "res_config",
    "func_odbc",
    "chan_iax2",
    "app_transfer",
)


@pytest.mark.parametrize("name", ["pbx", "gate"])
def test_modules_are_listed_one_by_one_and_the_forbidden_are_not(name: str, files: dict[str, str]):
    lines = [line.split(";")[0].strip() for line in files[f"{name}/modules.conf"].splitlines()]
    assert "autoload = no" in lines
    loaded = [line.removeprefix("load = ") for line in lines if line.startswith("load")]
    assert len(loaded) == len(set(loaded))
    for module in (*FORBIDDEN, *({"pbx": ("app_dial.so", "app_chanspy"), "gate": ("registrar",)}[name])):
        assert not [line for line in loaded if module in line], module


def test_the_gates_account_has_no_class_that_acts(files: dict[str, str]):
    assert re.findall(r"^write = ([a-z,]+)", files["gate/manager.conf"], re.MULTILINE) == ["reporting"]
    assert re.findall(r"^write = ([a-z,]+)", files["pbx/manager.conf"], re.MULTILINE) == ["originate,call,reporting"]


@pytest.mark.parametrize("name", ["pbx", "gate"])
def test_only_wanted_events_are_sent(name: str, files: dict[str, str]):
    events = re.findall(
        r"^eventfilter\(action\(include\),name\((\w+)\)\) =$", files[f"{name}/manager.conf"], re.MULTILINE
    )
    assert tuple(events) == (*AMI_EVENTS, *(PBX_EVENTS if name == "pbx" else GATE_EVENTS))


@pytest.mark.parametrize("name", ["pbx", "gate"])
def test_every_endpoint_is_closed(name: str, files: dict[str, str]):
    sections = re.split(r"^\[", files[f"{name}/pjsip.conf"], flags=re.MULTILINE)
    endpoints = [section for section in sections if "type = endpoint" in section]
    assert len(endpoints) == {"pbx": 2, "gate": 3}[name]
    for section in endpoints:
        for line in (
            "direct_media = no",
            "allow_transfer = no",
            "allow_subscribe = no",
            "message_context = void",
            "disallow = all",
            "allow = alaw,ulaw",
            "rtp_timeout = 20",
        ):
            assert line in section, section
        # Towards the gate keys are offered; the gate takes them for a call whose verdict said so.
        mode = "rfc4733" if section.startswith("gate]") else "(none|inband)"
        assert re.search(rf"^dtmf_mode = {mode}\b", section, re.MULTILINE), section


def test_the_number_of_a_trunk_has_its_own_caller_ids_and_channels(files: dict[str, str]):
    text = files["gate/extensions.conf"]
    assert '"${TRUNK}/${CLI}" = "north/33199000001"]?Set(HOST=192.0.2.10:5060)' in text
    assert '"${TRUNK}/${CLI}" = "south-2/33261910000"]?Set(HOST=198.51.100.7:5080)' in text
    assert "north/33261910000" not in text
    assert '"${TRUNK}" = "south-2" & ${GROUP_COUNT(south-2@trunk)} >= 8' in text


def test_no_secret_of_one_instance_is_in_the_other(files: dict[str, str]):
    pbx = "".join(text for name, text in files.items() if name.startswith("pbx/"))
    gate = "".join(text for name, text in files.items() if name.startswith("gate/"))
    assert "ami-secret-of-gate" not in pbx
    assert "secret-of-the-trunk" not in pbx
    assert "192.0.2.10" not in pbx
    assert "198.51.100.7" not in pbx
    assert "ami-secret-of-pbx" not in gate
    assert "secret-of-seat" not in gate


@pytest.mark.parametrize(
    "changes",
    [
        {"gate": {"sip_secret": "0123456789abcdef;x"}},
        {"gate": {"sip_secret": "0123456789abcdef\nallow_transfer = yes"}},
        {"pbx": {"ami_secret": "0123456789abcdef,[x]"}},
        {"pbx": {"spool": "/srv/${SHELL(x)}"}},
        {"gate": {"spool": "/srv/a,b"}},
        {"pbx": {"phones": "everywhere"}},
        {"pbx": {"phones": "10.0.0.1/8"}},
        {"pbx": {"phones": "0.0.0.0/0"}},
        {"trunks": [{"name": "pbx", "host": "192.0.2.1", "caller_ids": ["33199000000"]}]},
        {"trunks": [{"name": "x", "host": "192.0.2.1", "caller_ids": ["33199000000"], "username": "u"}]},
        {
            "trunks": [
                {"name": "x", "host": "192.0.2.1", "caller_ids": ["33199000000"], "username": "u\nv", "secret": "s"}
            ]
        },
    ],
)
def test_a_value_with_a_meaning_of_its_own_is_refused_and_not_repeated(changes: dict[str, Any]):
    def render() -> None:
        site = settings(**changes)
        render_pbx(site), render_gate(site)

    with pytest.raises(SettingsError) as caught:
        render()
    assert "0123456789abcdef" not in str(caught.value)


def test_the_message_is_in_the_sites_language():
    assert "/nobody-fr)" in render_pbx(settings())["extensions.conf"]
    assert "/nobody-en)" in render_pbx(settings(site={"language": "en"}))["extensions.conf"]


def test_the_network_rules_name_users_by_number(site: Settings):
    text = render_firewall(site)
    assert "ip daddr 192.0.2.10 meta skuid != 902 reject" in text
    assert "ip daddr 198.51.100.7 meta skuid != 902 reject" in text
    assert "tcp dport 5038 meta skuid != 900 reject" in text
    assert "tcp dport 5039 meta skuid != 900 reject" in text
    assert "meta skuid 902 meta l4proto udp ip saddr 10.2.0.2 ip daddr != 10.1.0.2 ip daddr != 10.2.0.2 reject" in text
    assert (
        "meta skuid 901 meta l4proto != tcp ip daddr != 10.1.0.0/16 ip daddr != 10.1.0.2 ip daddr != 10.2.0.2 reject"
        in text
    )
    assert "table inet telephony_x {" in render_firewall(settings(firewall={"table": "telephony_x"}))
    for table in ("", "X", "a b", "a; flush ruleset", "é"):
        with pytest.raises(SettingsError, match=r"firewall\.table"):
            settings(firewall={"table": table})


def test_a_carriers_media_networks_are_closed_until_the_settings_name_them():
    trunk = {"name": "north", "host": "192.0.2.10", "caller_ids": ["33199000000"]}
    assert "203.0.113.64" not in render_firewall(settings(trunks=[trunk]))
    text = render_firewall(settings(trunks=[trunk | {"media": ["203.0.113.64/27"]}]))
    lines = [line.strip() for line in text.splitlines() if "203.0.113.64/27" in line]
    outside = "ip daddr != 192.0.2.10 ip daddr != 203.0.113.64/27"
    inside = "ip daddr != 10.1.0.2 ip daddr != 10.2.0.2 ip daddr != 203.0.113.2"
    assert lines == [
        "ip daddr 203.0.113.64/27 meta skuid != 902 reject",
        f"meta skuid 902 meta l4proto udp ip saddr 203.0.113.2 {outside} ip daddr != 203.0.113.2 reject",
        f"meta skuid 902 meta l4proto != tcp {inside} {outside} reject",
        "ip daddr 203.0.113.64/27 reject",
        "ip saddr 203.0.113.64/27 reject",
    ]


@pytest.mark.parametrize(
    ("network", "says"),
    [
        ("203.0.0.0/8", "wider than a carrier"),
        ("0.0.0.0/0", "wider than a carrier"),
        ("10.1.0.0/24", r"holds pbx\.phones"),
        ("10.2.0.2/32", r"holds gate\.sip_host"),
        ("127.0.0.0/16", r"holds pbx\.ami_host"),
        ("203.0.113.70/27", "not a valid IPv4 network"),
    ],
)
def test_a_media_network_that_is_not_a_carriers_is_refused(network: str, says: str):
    trunk = {"name": "north", "host": "192.0.2.10", "caller_ids": ["33199000000"], "media": [network]}
    with pytest.raises(SettingsError, match=says):
        settings(trunks=[trunk])


@pytest.mark.parametrize(
    ("chosen", "lines", "without"),
    [
        ({}, {"send_pai = yes", "send_rpid = no"}, ("from_user", "from_domain")),
        ({"send_pai": False, "send_rpid": True}, {"send_pai = no", "send_rpid = yes"}, ("from_user", "from_domain")),
        ({"username": "line8", "secret": "s" * 16}, {"from_user = line8", "send_pai = yes"}, ("from_domain",)),
        ({"username": "line8", "secret": "s" * 16, "from_user": "caller_id"}, {"send_pai = yes"}, ("from_user",)),
        ({"from_user": "us", "from_domain": "a.example"}, {"from_user = us", "from_domain = a.example"}, ()),
        ({"rtp_timeout_s": 60}, {"rtp_timeout = 60"}, ()),
    ],
)
def test_a_carrier_is_told_of_the_caller_as_its_trunk_says(
    chosen: dict[str, Any], lines: set[str], without: tuple[str, ...]
):
    trunk = {"name": "north", "host": "192.0.2.10", "caller_ids": ["33199000000"]}
    text = render_gate(settings(trunks=[trunk | chosen]))["pjsip.conf"]
    endpoint = next(part for part in text.split("\n[") if part.startswith("north]") and "type = endpoint" in part)
    written = {line.split(";")[0].strip() for line in endpoint.splitlines()}
    assert lines <= written
    assert not [line for line in written if line.startswith(without)]


def test_a_carrier_on_this_machine_closes_one_port_only():
    trunks = [{"name": "x", "host": "127.0.0.1", "port": 5099, "caller_ids": ["33199000000"]}]
    assert "ip daddr 127.0.0.1 udp dport 5099 meta skuid != 902 reject" in render_firewall(settings(trunks=trunks))


def test_files_are_written_for_one_user_and_replaced_whole(tmp_path: Path, files: dict[str, str]):
    folder = tmp_path / "etc"
    write_configuration({"pjsip.conf": "old", "rtp.conf": "old"}, folder, os.getuid())
    write_configuration({"pjsip.conf": "new", "rtp.conf": "new"}, folder, os.getuid())
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"pjsip.conf": "new", "rtp.conf": "new"}
    assert (folder / "pjsip.conf").stat().st_mode & 0o777 == 0o600
    assert (folder / "rtp.conf").stat().st_mode & 0o777 == 0o640
    assert folder.stat().st_mode & 0o777 == 0o750


def test_folders_and_messages_are_put_where_the_instance_looks(tmp_path: Path):
    own = {part: str(tmp_path / part) for part in ("etc", "lib", "spool", "run", "log")} | {"user_id": os.getuid()}
    gate_user = {"user_id": os.getuid() + 1}
    node = settings(pbx=own, gate=gate_user).pbx
    prepare_folders(node)
    install_sounds(node)
    assert (node.spool / "monitor").is_dir()
    assert (node.log / "cdr-csv").is_dir()
    assert sorted(path.name for path in (node.lib / "sounds").iterdir()) == ["nobody-en.alaw", "nobody-fr.alaw"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="file"):
        write_configuration({"x.conf": ""}, tmp_path / "file" / "etc", os.getuid())
