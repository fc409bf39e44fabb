"""The check-up of an installation."""
