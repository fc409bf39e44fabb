"""AMI and AGI bytes to messages and back, without I/O."""
