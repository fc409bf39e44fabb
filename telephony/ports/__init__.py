"""What services need from the outside, as Protocols, with the values that cross them."""
