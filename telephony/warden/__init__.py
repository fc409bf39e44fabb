"""The warden: a small process beside the gate, as the gate's own Unix user, that ends what must not go on.

The controller's account at the gate can only look. What has to be cut there is cut here, over the gate's control
socket: a leg whose recording does not grow, a leg the controller has no permit for, and every leg when the controller
is gone. It knows no number, no person and no database. Judging calls is left to the controller's watch and tripwire.
"""
