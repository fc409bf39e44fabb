"""The composition root: builds every part from settings, starts them in order, stops them in the reverse order.

``controller`` is the running service, ``workbench`` what one command needs, ``check`` what ``telephony check`` runs.
"""
