"""Installation: putting rendered configuration, folders and sounds where an Asterisk instance finds them.

Files with secrets are readable by the instance's own user alone. Deciding what is in the files is left to
``rendering``; starting and reloading Asterisk to whoever runs it.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from telephony.errors import SettingsError
from telephony.settings.models import AsteriskSettings
from telephony.shipped import shipped

_SECRET_FILES: Final = frozenset({"extensions.conf", "manager.conf", "pjsip.conf", "warden.toml"})
_FOLDER_MODE: Final = 0o750
_SPOOL_MODE: Final = 0o2770
"""The gate's group may take recordings out: that is how a controller that is not root finishes them."""


def write_configuration(files: Mapping[str, str], folder: Path, user_id: int) -> None:
    """Write rendered files into ``folder``, each replaced in one step.

    Args:
        files: file name to text.
        folder: ``astetcdir``; made when missing.
        user_id: numeric Unix user (and group) the files belong to; needs root when it is someone else.

    Raises:
        SettingsError: the folder cannot be written or given away.
    """
    try:
        _own_folder(folder, user_id)
        for name, text in files.items():
            _replace(folder / name, text, 0o600 if name in _SECRET_FILES else 0o640, user_id)
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be written ({error.strerror}); run as root or as its owner") from error


def write_rules(rules: str, file: Path) -> None:
    """Write the network rules where the next boot loads them from, in one step, for root's eyes.

    Args:
        rules: an ``nft -f`` script.
        file: ``firewall.file`` of the settings; its folder must be there.

    Raises:
        SettingsError: the file cannot be written.
    """
    try:
        _replace(file, rules, 0o600, os.geteuid())
    except OSError as error:
        raise SettingsError(f"{file}: cannot be written ({error.strerror}); run as root, make its folder") from error


def prepare_folders(node: AsteriskSettings) -> None:
    """Make the instance's own folders, with its user as owner; those that exist are left with their content.

    Raises:
        SettingsError: a folder cannot be made or given away.
    """
    try:
        for folder in (node.etc, node.lib, node.spool, node.spool / "monitor", node.run, node.log):
            _own_folder(folder, node.user_id)
        for folder in (node.log / "cdr-csv",):
            _own_folder(folder, node.user_id)
        (node.spool / "monitor").chmod(_SPOOL_MODE)
    except OSError as error:
        raise SettingsError(f"{error.filename}: cannot be made ({error.strerror}); run as root") from error


def install_sounds(node: AsteriskSettings) -> None:
    """Copy the messages that the dialplan plays into ``lib/sounds``.

    Raises:
        SettingsError: the folder cannot be written or given away.
    """
    folder = node.lib / "sounds"
    try:
        _own_folder(folder, node.user_id)
        for source in sorted((shipped("dialplan") / "sounds").glob("*.alaw")):
            target = folder / source.name
            shutil.copyfile(source, target)
            target.chmod(0o640)
            _give(target, node.user_id)
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be written ({error.strerror}); run as root") from error


def _own_folder(folder: Path, user_id: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(_FOLDER_MODE)
    _give(folder, user_id)


def _replace(path: Path, text: str, mode: int, user_id: int) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.chmod(mode)
    _give(beside, user_id)
    beside.replace(path)


def _give(path: Path, user_id: int) -> None:
    if path.stat().st_uid != user_id:
        os.chown(path, user_id, user_id)
