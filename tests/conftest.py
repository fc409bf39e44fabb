"""Fixtures that more than one folder of tests uses; being here also puts ``tests`` on the import path."""

from postgresql import postgresql_server

__all__ = ["postgresql_server"]
