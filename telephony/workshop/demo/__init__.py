"""``telephony demo``: the whole product on three real Asterisk instances, with robot operators and a live board."""
