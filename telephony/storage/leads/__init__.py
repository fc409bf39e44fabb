"""Leads, lists, callbacks, quotas, previews."""
