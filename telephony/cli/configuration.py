"""``telephony configuration``: write the configuration of pbx, gate and network rules from the settings."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from telephony.asterisk.firewall import render_firewall
from telephony.asterisk.installation import install_sounds, prepare_folders, write_configuration, write_rules
from telephony.asterisk.rendering import render_gate, render_pbx
from telephony.cli.session import AsJson, emit, settings
from telephony.errors import InputError, SettingsError

configuration_app = typer.Typer(
    name="configuration",
    no_args_is_help=True,
    help="Configuration of Asterisk and the network rules: write it from the settings.",
)


@configuration_app.command()
def write(
    firewall: Annotated[
        bool, typer.Option("--firewall", help="Also write and load the network rules (needs root and nftables).")
    ] = False,
    to: Annotated[Path | None, typer.Option(help="Write into this folder for inspection; install nothing.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the configuration of pbx and gate. Reload or restart Asterisk afterwards.

    Examples:
      telephony configuration write --to /tmp/rendered

      telephony configuration write --firewall
    """
    chosen = settings()
    both = (("pbx", chosen.pbx, render_pbx(chosen)), ("gate", chosen.gate, render_gate(chosen)))
    rules = render_firewall(chosen)
    if to is not None:
        _render_only(to, {name: files for name, _node, files in both}, rules)
        emit({"rendered": to}, f"rendered into {to}; it contains secrets: remove it after inspection", as_json=as_json)
        return
    for _name, node, files in both:
        prepare_folders(node)
        write_configuration(files, node.etc, node.user_id)
        install_sounds(node)
    lines = [f"{name}: {len(files)} files in {node.etc}" for name, node, files in both]
    if firewall:
        write_rules(rules, chosen.firewall.file)
        _load(chosen.firewall.file)
        lines.append(
            f"network rules: table inet {chosen.firewall.table} loaded from {chosen.firewall.file}; "
            "telephony-firewall.service loads the same file at every boot"
        )
    written = {name: {"folder": node.etc, "files": sorted(files)} for name, node, files in both}
    table, file = (chosen.firewall.table, chosen.firewall.file) if firewall else (None, None)
    emit({**written, "firewall_table": table, "firewall_file": file}, "\n".join(lines), as_json=as_json)


def _render_only(to: Path, parts: Mapping[str, Mapping[str, str]], rules: str) -> None:
    """Write what would be installed, readable by this user only."""
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
            "network rules: nft is not installed; install nftables, then run the command again with --firewall"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise SettingsError(
            "network rules: nft did not finish within 10 s; run nft list ruleset to see what is loaded"
        ) from error
    if done.returncode != 0:
        why = " ".join(done.stderr.split())
        raise SettingsError(f"network rules: nft refused them ({why}); run as root")
