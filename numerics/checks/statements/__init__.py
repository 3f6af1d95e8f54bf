"""One file per family of checks, found by `numerics.checks.registry`'s scan of this folder.

A family has a tuple `CHECKS`, a mapping `CONSTRUCTIONS` from the names under which `theory` declares constructions to
what runs them, or both.
"""
