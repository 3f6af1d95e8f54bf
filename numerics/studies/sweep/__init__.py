"""Tables: what the bounds say beside what is certified, and how deviations fall with width."""
