"""Recording files: reading what the gate wrote, making the finished file, keeping it by id. Knows no database and no Asterisk."""
