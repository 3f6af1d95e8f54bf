"""T5 with objects: valleys behind a last hidden layer of width one, at every width before it, and what removes them."""
