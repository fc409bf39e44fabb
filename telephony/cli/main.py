"""The command's top: the options before the command, the list of commands, and how an error is said."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from telephony import __version__
from telephony.cli.attempts import attempts_app
from telephony.cli.bench import bench_app
from telephony.cli.campaigns import campaign_app
from telephony.cli.check import check
from telephony.cli.configuration import configuration_app
from telephony.cli.database import database_app
from telephony.cli.demo import demo
from telephony.cli.lab import lab_app
from telephony.cli.lists import list_app
from telephony.cli.people import account_app, operator_app
from telephony.cli.recordings import recordings_app
from telephony.cli.serve import serve
from telephony.cli.session import CONFIG_HELP, DEFAULT_CONFIG, remember
from telephony.errors import TelephonyError

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
app.add_typer(campaign_app)
app.add_typer(list_app)
app.add_typer(operator_app)
app.add_typer(account_app)
app.add_typer(attempts_app)
app.add_typer(recordings_app)
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
    """Take the options that stand before the command."""
    remember(config)


def main() -> None:
    """Run the command line; an error of ours is one sentence on standard error and a status of its own."""
    try:
        app()
    except TelephonyError as error:
        sys.stderr.write(f"telephony: {error}\n")
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        sys.exit(130)
