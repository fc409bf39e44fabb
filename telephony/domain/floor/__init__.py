"""What people look at: the floor, the desk, the call they are in."""
