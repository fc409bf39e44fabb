"""Whitelist rules as rows: their columns, the conversion to ``NumberRule``, and the rules that match a number."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from telephony.domain.rules.whitelist import NewRule, NumberRule, beginnings
from telephony.ids import Number
from telephony.storage.tables import number_rules
from telephony.storage.tables.rows import made

_RULE: Final = tuple(number_rules.c[field.name] for field in fields(NewRule))
_KEPT: Final = tuple(
    number_rules.c[field.name] for field in fields(NumberRule) if field.name not in {"rule_id", "rule"}
)
RULES: Final = select(number_rules.c.rule_id, *_RULE, *_KEPT)
_TOUCHING: Final = RULES.where(number_rules.c.digits.in_(bindparam("digits", expanding=True)))


def rule_of(row: Sequence[Any]) -> NumberRule:
    """Return a row of a rule's columns as a ``NumberRule``."""
    own = len(_RULE) + 1
    values = {column.name: value for column, value in zip(_KEPT, row[own:], strict=True)}
    rule = made("number_rules", row[0], NewRule, row[1:own])
    return made("number_rules", row[0], NumberRule, (row[0], rule), **values)


def rules_touching(connection: Connection, numbers: Sequence[Number]) -> dict[Number, list[NumberRule]]:
    """Return every rule that matches each number, whatever its dates, scope and state; shorter prefixes first."""
    digits = {beginning for number in numbers for beginning in beginnings(number)}
    by_digits: dict[str, list[NumberRule]] = {}
    for row in connection.execute(_TOUCHING, {"digits": sorted(digits)}) if digits else ():
        rule = rule_of(row)
        by_digits.setdefault(rule.rule.digits, []).append(rule)
    return {
        number: [rule for start in beginnings(number) for rule in by_digits.get(start, ()) if rule.matches(number)]
        for number in numbers
    }
