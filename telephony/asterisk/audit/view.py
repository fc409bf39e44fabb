"""One instance as the rules see it: its dialplan and endpoints, as written or as running. Values only."""

import re
from dataclasses import dataclass
from typing import Final

from telephony.asterisk.audit.accounts import Accounts, Endpoint, Kind, written_accounts
from telephony.asterisk.audit.conf import Configuration, read_configuration
from telephony.asterisk.audit.dialplan import Dialplan, written_dialplan
from telephony.asterisk.audit.evidence import Instance, Role

_GLOBAL: Final = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class View:
    """The input of the rules about calls."""

    instance: Instance
    plan: Dialplan
    accounts: Accounts
    globals: dict[str, str]

    @property
    def role(self) -> Role:
        """The instance's role."""
        return self.instance.role

    def with_globals(self, text: str) -> str:
        """Return the text with those global variables replaced that the dialplan does not set."""
        return _GLOBAL.sub(lambda match: self.globals.get(match[1], match[0]), text)

    def endpoint(self, name: str) -> Endpoint | None:
        """Return the endpoint of that name."""
        return self.accounts.endpoints.get(name)

    def contexts_of(self, *kinds: Kind) -> set[str]:
        """Return the contexts that calls and messages from these kinds of endpoints enter."""
        sections = [endpoint.section for endpoint in self.accounts.of(*kinds)]
        calls = {section.exact("context") or "default" for section in sections}
        return calls | {section.exact("message_context") for section in sections} - {""}


def written_view(instance: Instance) -> View:
    """Return the view of an instance's files."""
    pjsip = read_configuration(instance.files, "pjsip.conf")
    plan = written_dialplan(instance.files)
    accounts = written_accounts(pjsip, instance.role, instance.gates, plan.is_empty)
    return View(instance, plan, accounts, global_variables(read_configuration(instance.files, "extensions.conf"), plan))


def global_variables(configuration: Configuration, plan: Dialplan) -> dict[str, str]:
    """Return the global variables that the dialplan does not set again."""
    section = configuration.named("globals")
    # Entries have lower-case names only, so both spellings are kept.
    values = {} if section is None else {entry.key: entry.value for entry in section.entries}
    is_set = {re.split(r"[=(]", step.data)[0].strip("_ ").lower() for step in plan.steps() if step.app.lower() == "set"}
    constants = {key: value for key, value in values.items() if key not in is_set}
    return constants | {key.upper(): value for key, value in constants.items()}
