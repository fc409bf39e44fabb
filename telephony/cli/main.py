"""The command's top: the options before the command, the list of commands, and how an error is said."""

import errno
import io
import logging
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Annotated, Final, NoReturn

import structlog
import typer

from telephony import __version__
from telephony.cli.amd import machine_app
from telephony.cli.attempts import attempts_app
from telephony.cli.bench.servers import bench_app
from telephony.cli.campaigns.commands import campaign_app
from telephony.cli.check import check
from telephony.cli.configuration import configuration_app
from telephony.cli.database import database_app
from telephony.cli.demo import demo
from telephony.cli.do_not_call import opposition_app
from telephony.cli.incidents import incident_app
from telephony.cli.lab import lab_app
from telephony.cli.leads import callbacks_app, lead_app, quota_app
from telephony.cli.ledger import ledger_app
from telephony.cli.lists import list_app
from telephony.cli.lock import lock, unlock
from telephony.cli.people import account_app, operator_app
from telephony.cli.previews import preview_app
from telephony.cli.prove import prove
from telephony.cli.recordings import recordings_app
from telephony.cli.results import result_app
from telephony.cli.rules import rules_app
from telephony.cli.serve import serve
from telephony.cli.session import CONFIG_HELP, DEFAULT_CONFIG, remember
from telephony.cli.simulate import simulate
from telephony.cli.trunks import trunk_app
from telephony.cli.warden import warden
from telephony.cli.whitelist import whitelist_app
from telephony.errors import TelephonyError

INTERNAL: Final = 70
"""Exit status of a fault of ours (EX_SOFTWARE)."""

app = typer.Typer(
    name="telephony",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A telephony controller beside Asterisk: permits, a dialer, recordings that prove themselves.",
    epilog="Example: telephony --config /etc/telephony/telephony.toml campaign list",
)
app.command()(serve)
app.command()(check)
app.command()(demo)
app.command()(simulate)
app.command()(prove)
app.command()(warden)
app.command()(lock)
app.command()(unlock)
app.add_typer(campaign_app)
app.add_typer(list_app)
app.add_typer(lead_app)
app.add_typer(callbacks_app)
app.add_typer(quota_app)
app.add_typer(trunk_app)
app.add_typer(machine_app)
app.add_typer(preview_app)
app.add_typer(whitelist_app)
app.add_typer(rules_app)
app.add_typer(opposition_app)
app.add_typer(operator_app)
app.add_typer(account_app)
app.add_typer(attempts_app)
app.add_typer(result_app)
app.add_typer(recordings_app)
app.add_typer(incident_app)
app.add_typer(ledger_app)
app.add_typer(configuration_app)
app.add_typer(database_app)
app.add_typer(lab_app)
app.add_typer(bench_app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"telephony {__version__}")
        raise typer.Exit


@app.callback()
def options(
    config: Annotated[Path, typer.Option(envvar="TELEPHONY_CONFIG", help=CONFIG_HELP)] = DEFAULT_CONFIG,
    _version_asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before the command; what is logged stays out of tables and JSON."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        # Looked up at each line: whoever replaces standard error afterwards gets the log too.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    remember(config)


def main() -> None:
    """Run the command line; whatever goes wrong is one sentence on standard error and a status of its own."""
    _show_what_can_be_shown()
    # Being told to end is being given up: what is half done is undone as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except TelephonyError as error:
        _say(str(error))
        sys.exit(error.exit_status)
    except typer.TyperException as error:
        # Without a message the help was printed instead: a group was named and none of its commands.
        if error.format_message().strip():
            _say(f"{_sentence(error.format_message())} (--help after the command tells more)")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _say("given up; nothing more was done")
        sys.exit(130)
    except BrokenPipeError:  # the reader, say `head`, has seen enough
        sys.stdout = None  # nothing is left to flush into
        sys.exit(0)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            _say_internal(error)
        _say("no room left on the disk that the output goes to; make room, then try again")
        sys.stdout = None  # what was not written is not tried again on the way out
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the outermost frame: a person never gets a stack trace
        _say_internal(error)


def _show_what_can_be_shown() -> None:
    """Let a terminal of another alphabet show "?" for a letter it does not have, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _say_internal(error: Exception) -> NoReturn:
    _say(f"internal error: {type(error).__name__} at {_place(error)}; please report it with this line")
    sys.exit(INTERNAL)


def _say(sentence: str) -> None:
    sys.stderr.write(f"telephony: {sentence}\n")


def _sentence(message: str) -> str:
    return " ".join(message.replace("Value error, ", "").split()).rstrip(".")


def _place(error: Exception) -> str:
    """Return where it happened; the error's own text stays out, because it may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "telephony" in Path(frame.filename).parts] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
