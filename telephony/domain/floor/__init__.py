"""What people see: the floor, the operator's desk, the call they are in."""
