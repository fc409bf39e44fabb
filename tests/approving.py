"""The second person of the tests: a list is loaded by one person and approved by another, as the product asks."""

from telephony.app.wiring.services import Services
from telephony.domain.accounts import Role
from telephony.services.lists.importer import ImportReport

OFFICER = "second.person"


async def approve(bench: Services, report: ImportReport) -> None:
    """Approve a list that was just loaded, as a compliance officer of the tests' own."""
    officer = await bench.store.accounts.by_username(OFFICER)
    if officer is None:
        officer, _ = await bench.accounts.create(OFFICER, "Second person", Role.COMPLIANCE)
    await bench.whitelist.approve_list(report.list.list_id, officer)
