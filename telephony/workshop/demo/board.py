"""The board in the terminal: operators, lines, outcomes and pace, drawn from the product's own floor."""

from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from telephony.workshop.demo.verdict import Verdict, outcome_words

STATES = {
    "offline": ("·", "dim"),
    "ready": ("○", "green"),
    "absent": ("◌", "dim"),
    "preview": ("◇", "cyan"),
    "reserved": ("◐", "cyan"),
    "talking": ("●", "bold blue"),
    "wrap_up": ("◆", "yellow"),
    "paused": ("‖", "magenta"),
}


def draw(floor: dict[str, Any] | None, elapsed_s: float, note: str) -> RenderableType:
    """Draw the board once.

    Args:
        floor: the API's floor, or None when the controller does not answer.
        elapsed_s: seconds since the campaign was started.
        note: the present step, or "".
    """
    title = f"telephony demo   {elapsed_s:5.0f} s   {note}"
    if floor is None:
        return Panel(Text("the controller does not answer"), title=title)
    return Panel(Group(_seats(floor), *(_campaign(campaign) for campaign in floor["campaigns"])), title=title)


def _seats(floor: dict[str, Any]) -> RenderableType:
    table = Table.grid(padding=(0, 3))
    now = datetime.now(UTC)
    cells = []
    for seat in floor["seats"]:
        shape, style = STATES.get(seat["state"], ("?", ""))
        since = datetime.fromisoformat(seat["since_at"])
        cells.append(
            Text(f"{seat['seat']:02d} {seat['operator']:<8}", end="")
            + Text(f"{shape} {seat['state']:<8} {max(0, (now - since).seconds):>3} s", style=style)
        )
    for start in range(0, len(cells), 3):
        table.add_row(*cells[start : start + 3])
    return table


def _campaign(campaign: dict[str, Any]) -> RenderableType:
    outcomes = "  ".join(f"{word} {campaign['outcomes'].get(word, 0)}" for word in outcome_words())
    done, leads = campaign["done"], max(1, campaign["leads"])
    bar = "█" * (30 * done // leads)
    text = (
        f"\n{campaign['name']}  {bar:<30} {done}/{campaign['leads']} leads\n"
        f"lines {campaign['lines']}   talking {campaign['talking']}   {campaign['calls_per_minute']} calls/min\n"
        f"{outcomes}\nabandoned {campaign['abandoned']} of {campaign['answered']} answered\n{campaign['pace']['en']}"
    )
    return Text(text)


def summary(verdict: Verdict, elapsed_s: float) -> Table:
    """Draw the summary at the end."""
    table = Table(title="summary", title_justify="left")
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_row("leads", str(verdict.progress.leads))
    table.add_row("attempts", str(verdict.attempts))
    for word in outcome_words():
        if verdict.outcomes.get(word):
            table.add_row(f"  {word}", str(verdict.outcomes[word]))
    table.add_row("trunk legs (the gate's own records)", str(verdict.proof.trunk_legs))
    table.add_row("  without permit", str(verdict.proof.without_permit))
    table.add_row("  without recording", str(verdict.proof.without_recording))
    table.add_row("recordings with audio", str(verdict.recorded))
    for operator, (count, total) in sorted(verdict.talks.items()):
        table.add_row(f"  {operator}", f"{count} talks, {total.total_seconds():.0f} s")
    table.add_row("results chosen", str(sum(verdict.progress.results.values())))
    table.add_row("dialled for", f"{elapsed_s:.0f} s")
    if verdict.crash is not None and verdict.crash.calls is not None:
        settled = "not within the time limit" if verdict.crash.settled_s is None else f"{verdict.crash.settled_s:.1f} s"
        table.add_row("controller killed after", f"{verdict.crash.at_s:g} s")
        table.add_row("  calls under way then", str(verdict.crash.calls))
        table.add_row("  each ended or taken over after", settled)
    return table
