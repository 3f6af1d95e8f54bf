"""The numeric side of skipscape: explicit networks, explicit paths, and what is certified about them."""
