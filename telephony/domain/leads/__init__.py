"""Leads and lists: retries, quotas, callbacks, previews."""
