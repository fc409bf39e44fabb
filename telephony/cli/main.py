"""Entry point: the global options, the list of commands, and how errors are printed."""

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
from telephony.cli.amd import amd_app
from telephony.cli.attempts import attempt_app
from telephony.cli.bench.servers import bench_app
from telephony.cli.campaigns.commands import campaign_app
from telephony.cli.check import check
from telephony.cli.configuration import configuration_app
from telephony.cli.database import database_app
from telephony.cli.demo import demo
from telephony.cli.do_not_call import do_not_call_app
from telephony.cli.incidents import incident_app
from telephony.cli.lab import lab_app
from telephony.cli.leads import callback_app, lead_app, quota_app
from telephony.cli.ledger import ledger_app
from telephony.cli.lists import list_app
from telephony.cli.lock import lock, unlock
from telephony.cli.people import account_app, operator_app
from telephony.cli.previews import preview_app
from telephony.cli.prove import prove
from telephony.cli.recordings import recording_app
from telephony.cli.results import result_app
from telephony.cli.rules import rules_app
from telephony.cli.serve import serve
from telephony.cli.session import CONFIG_HELP, DEFAULT_CONFIG, set_config_path
from telephony.cli.simulate import simulate
from telephony.cli.trunks import trunk_app
from telephony.cli.warden import warden
from telephony.cli.whitelist import whitelist_app
from telephony.errors import TelephonyError

INTERNAL: Final = 70
"""Exit status of an internal error (EX_SOFTWARE)."""

app = typer.Typer(
    name="telephony",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Control outbound calling on Asterisk: campaigns, dialing policy, recordings and evidence.",
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
app.add_typer(callback_app)
app.add_typer(quota_app)
app.add_typer(trunk_app)
app.add_typer(amd_app)
app.add_typer(preview_app)
app.add_typer(whitelist_app)
app.add_typer(rules_app)
app.add_typer(do_not_call_app)
app.add_typer(operator_app)
app.add_typer(account_app)
app.add_typer(attempt_app)
app.add_typer(result_app)
app.add_typer(recording_app)
app.add_typer(incident_app)
app.add_typer(ledger_app)
app.add_typer(configuration_app)
app.add_typer(database_app)
app.add_typer(lab_app)
app.add_typer(bench_app)


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"telephony {__version__}")
        raise typer.Exit


@app.callback()
def options(
    config: Annotated[Path, typer.Option(envvar="TELEPHONY_CONFIG", help=CONFIG_HELP)] = DEFAULT_CONFIG,
    _version_asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Read the global options and send the log to standard error, away from tables and JSON."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        # Looked up at each line, so that a standard error replaced later gets the log too.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    set_config_path(config)


def main() -> None:
    """Run the command line. An error is one line on standard error with an exit status of its own."""
    _replace_unprintable()
    # SIGTERM is handled like Ctrl-C, so that unfinished work is undone.
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except TelephonyError as error:
        _print_error(str(error))
        sys.exit(error.exit_status)
    except typer.TyperException as error:
        # There is no message when a group was given without a command: the help was printed.
        if error.format_message().strip():
            _print_error(f"{_one_line(error.format_message())} (see --help of the command)")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _print_error("cancelled; nothing more was done")
        sys.exit(130)
    except BrokenPipeError:  # the reader, e.g. `head`, has closed the pipe
        sys.stdout = None  # nothing can be flushed
        sys.exit(0)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            _print_internal(error)
        _print_error("no space left on the disk of the output; free some space, then try again")
        sys.stdout = None  # do not flush again at exit
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the outermost frame: people never see a stack trace
        _print_internal(error)


def _replace_unprintable() -> None:
    """Print "?" for a character that the terminal's encoding does not have, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _print_internal(error: Exception) -> NoReturn:
    _print_error(f"internal error: {type(error).__name__} at {_place(error)}; please report it with this line")
    sys.exit(INTERNAL)


def _print_error(message: str) -> None:
    sys.stderr.write(f"telephony: {message}\n")


def _one_line(message: str) -> str:
    return " ".join(message.replace("Value error, ", "").split()).rstrip(".")


def _place(error: Exception) -> str:
    """Return file and line of the error. Its text is left out: it may contain personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "telephony" in Path(frame.filename).parts] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
