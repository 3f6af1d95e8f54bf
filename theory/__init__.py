"""The exact, symbolic side of skipscape: statements, constants and rates; no arrays, no networks."""
