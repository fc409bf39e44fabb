"""Install rendered configuration, folders and sounds where an Asterisk instance finds them.

Files with secrets are readable only by the instance's own user. ``rendering`` creates the content. Asterisk is not
started or reloaded here.
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
"""The gate's group may remove recordings, so that a controller that is not root can finish them."""


def write_configuration(files: Mapping[str, str], folder: Path, user_id: int) -> None:
    """Write rendered files into ``folder``, each replaced atomically.

    Args:
        files: file name to text.
        folder: ``astetcdir``; created when missing.
        user_id: numeric Unix user (and group) that owns the files; needs root for another user.

    Raises:
        SettingsError: the folder cannot be written or its owner cannot be changed.
    """
    try:
        _own_folder(folder, user_id)
        for name, text in files.items():
            _replace(folder / name, text, 0o600 if name in _SECRET_FILES else 0o640, user_id)
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be written ({error.strerror}); run as root or as its owner") from error


def write_rules(rules: str, file: Path) -> None:
    """Write the network rules that the next boot loads, atomically and readable only by root.

    Args:
        rules: an ``nft -f`` script.
        file: ``firewall.file`` of the settings; its folder must exist.

    Raises:
        SettingsError: the file cannot be written.
    """
    try:
        _replace(file, rules, 0o600, os.geteuid())
    except OSError as error:
        raise SettingsError(f"{file}: cannot be written ({error.strerror}); run as root, make its folder") from error


def prepare_folders(node: AsteriskSettings) -> None:
    """Create the instance's own folders, owned by its user; existing folders keep their content.

    Raises:
        SettingsError: a folder cannot be created or its owner cannot be changed.
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
    """Copy the announcements that the dialplan plays into ``lib/sounds``.

    Raises:
        SettingsError: the folder cannot be written or its owner cannot be changed.
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
