"""``telephony bench``: figures as ratios to a floor measured in the same run."""

import typer

bench_app = typer.Typer(name="bench", no_args_is_help=True, help="Benchmarks, each beside a floor of the same run.")
