"""``telephony configuration``: write what the settings say for pbx, gate and network rules."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from telephony.asterisk.firewall import render_firewall
from telephony.asterisk.installation import install_sounds, prepare_folders, write_configuration, write_rules
from telephony.asterisk.rendering import render_gate, render_pbx
from telephony.cli.session import AsJson, settings, tell
from telephony.errors import InputError, SettingsError

configuration_app = typer.Typer(
    name="configuration",
    no_args_is_help=True,
    help="Asterisk's configuration and the network rules, from the settings.",
)


@configuration_app.command()
def write(
    firewall: Annotated[
        bool, typer.Option("--firewall", help="Write and load the network rules too (root, nftables).")
    ] = False,
    to: Annotated[Path | None, typer.Option(help="Only render into this folder, to look at; nothing else.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write both instances' configuration, each for its own user; reload or restart Asterisk afterwards.

    Examples:
      telephony configuration write --to /tmp/look

      telephony configuration write --firewall
    """
    chosen = settings()
    both = (("pbx", chosen.pbx, render_pbx(chosen)), ("gate", chosen.gate, render_gate(chosen)))
    rules = render_firewall(chosen)
    if to is not None:
        _render_only(to, {name: files for name, _node, files in both}, rules)
        tell({"rendered": to}, f"rendered into {to}; it holds secrets: remove it when you have looked", as_json=as_json)
        return
    for _name, node, files in both:
        prepare_folders(node)
        write_configuration(files, node.etc, node.user_id)
        install_sounds(node)
    said = [f"{name}: {len(files)} files in {node.etc}" for name, node, files in both]
    if firewall:
        write_rules(rules, chosen.firewall.file)
        _load(chosen.firewall.file)
        said.append(
            f"network rules: table inet {chosen.firewall.table} loaded from {chosen.firewall.file}; "
            "telephony-firewall.service loads the same file at every boot"
        )
    written = {name: {"folder": node.etc, "files": sorted(files)} for name, node, files in both}
    table, file = (chosen.firewall.table, chosen.firewall.file) if firewall else (None, None)
    tell({**written, "firewall_table": table, "firewall_file": file}, "\n".join(said), as_json=as_json)


def _render_only(to: Path, parts: Mapping[str, Mapping[str, str]], rules: str) -> None:
    """Write what would be installed, for this user's eyes alone."""
    try:
        for name, files in (*parts.items(), ("", {"firewall.nft": rules})):
            (to / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            for file, text in files.items():
                (to / name / file).touch(mode=0o600)
                (to / name / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{to}: cannot be written ({error.strerror}); choose another folder for --to") from error


def _load(file: Path) -> None:
    try:
        done = subprocess.run(["nft", "-f", str(file)], text=True, capture_output=True, check=False, timeout=10)
    except FileNotFoundError as error:
        raise SettingsError(
            "network rules: there is no nft here; install nftables, then give --firewall again"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise SettingsError("network rules: nft did not end within 10 s; nothing is known to be loaded") from error
    if done.returncode != 0:
        why = " ".join(done.stderr.split())
        raise SettingsError(f"network rules: nft refused them ({why}); run as root")
