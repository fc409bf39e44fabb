"""What people look at, kept up to date."""
