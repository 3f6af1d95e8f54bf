"""The routes of the blueprint: from two parameters (or one and a two-layer reference) to a path."""
