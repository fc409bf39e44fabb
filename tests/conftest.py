"""Fixtures that more than one folder of tests uses; being here also puts ``tests`` on the import path.

Properties have no deadline: how long an example takes says nothing about the product on a loaded machine.
"""

from hypothesis import settings
from postgresql import postgresql_server

from tests.effort import LONG

__all__ = ["postgresql_server"]

settings.register_profile("untimed", deadline=None)
settings.register_profile("long", deadline=None, derandomize=True)
settings.load_profile("long" if LONG else "untimed")
