"""The law of telephone campaigns as dated data, and the one pure decision over it.

``table_fr``, ``table_gb`` and ``table_us`` contain the rules as rows with their validity and reference; ``provisions``
defines a row; ``places`` finds the law and the time zone of a number; ``decision`` decides on one number at one time
and returns when a rule about time will allow it. Nothing here is legal advice. The lock's own rules (permit, list,
whitelist, trunk) are left to ``telephony.domain.rules.decision``, reading the facts to services and storage.
"""
