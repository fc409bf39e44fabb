"""The five public campaigns over leads that differ: anyone may use them while building a lead order.

Lists are about as long as the team can work through in the days there are: each lead about 2.3 times.
"""

from typing import Final

from telephony.simulation.lead_days import Campaign
from telephony.simulation.people import BUSINESS, Population
from telephony.simulation.scenarios import B2B, HOUR, MIXED, SURVEY, Scenario

_CONSUMER_HOURS: Final = ((0.0, 3 * HOUR), (4 * HOUR, 10 * HOUR))
"""10-13 and 14-20."""
_OFFICE_HOURS: Final = ((0.0, 3 * HOUR), (5 * HOUR, 9 * HOUR))
"""9-12 and 14-18."""
_NOMINAL: Final = 0.15
"""Only the drift around it is used; the leads bring their own chances."""

LEAD_CAMPAIGNS: Final = (
    Campaign(
        Scenario("7 survey, mixed list", 7, SURVEY, _NOMINAL, _CONSUMER_HOURS, opens_hour=10.0),
        Population(
            {
                ("mobile", "customers"): 0.35,
                ("mobile", "bought"): 0.20,
                ("mobile", "old"): 0.10,
                ("landline", "customers"): 0.15,
                ("landline", "bought"): 0.15,
                ("overseas", "customers"): 0.05,
            }
        ),
        leads=7_600,
        days=4,
    ),
    Campaign(
        Scenario("12 b2b, office hours", 12, B2B, _NOMINAL, _OFFICE_HOURS, opens_hour=9.0),
        Population(
            {
                ("mobile", "directory"): 0.20,
                ("mobile", "old"): 0.10,
                ("landline", "directory"): 0.35,
                ("landline", "old"): 0.25,
                ("non_geographic", "directory"): 0.10,
            },
            BUSINESS,
        ),
        leads=10_500,
        days=3,
    ),
    Campaign(
        Scenario("12 mixed, bought list", 12, MIXED, _NOMINAL, _CONSUMER_HOURS, opens_hour=10.0),
        Population(
            {
                ("mobile", "customers"): 0.20,
                ("mobile", "bought"): 0.30,
                ("mobile", "old"): 0.20,
                ("landline", "customers"): 0.05,
                ("landline", "bought"): 0.15,
                ("landline", "old"): 0.10,
            }
        ),
        leads=16_500,
        days=4,
    ),
    Campaign(
        Scenario("24 survey, landlines", 24, SURVEY, _NOMINAL, _CONSUMER_HOURS, opens_hour=10.0),
        Population(
            {
                ("landline", "customers"): 0.35,
                ("landline", "bought"): 0.30,
                ("landline", "old"): 0.25,
                ("overseas", "customers"): 0.10,
            }
        ),
        leads=23_000,
        days=4,
    ),
    Campaign(
        Scenario("24 b2b, few answer", 24, B2B, _NOMINAL, _CONSUMER_HOURS, opens_hour=10.0),
        Population(
            {
                ("mobile", "bought"): 0.45,
                ("mobile", "customers"): 0.10,
                ("mobile", "old"): 0.25,
                ("landline", "bought"): 0.20,
            },
            level=0.5,
        ),
        leads=35_000,
        days=3,
    ),
)
