"""T5 with objects: valleys that no width removes without the skip connection, and what the skip does to them."""
