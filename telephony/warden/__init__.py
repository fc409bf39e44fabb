"""The warden: a small process beside the gate, under the gate's Unix user, that cuts calls which must not go on.

The controller's account at the gate can only read. The warden cuts over the gate's control socket: a leg whose
recording does not grow, a leg without a permit, and every leg when the controller is gone. It knows no number, no
person and no database. The controller's watch and tripwire decide about all other calls.
"""
