"""Interfaces between services and the outside world, as Protocols, with the values they exchange."""
