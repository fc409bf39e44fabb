"""The law of telephone campaigns as dated data, and the one pure decision over it.

``table_fr``, ``table_gb`` and ``table_us`` hold the rules as rows with their validity and reference; ``provisions``
says what a row is; ``places`` tells which law and which clock a number falls under; ``decision`` judges one number at
one moment and says when a rule of time will allow it. Nothing here is legal advice. The lock's own rules (permit,
list, whitelist, trunk) are left to ``telephony.domain.rules.decision``, reading the facts to services and storage.
"""
