"""One file per family of statements, found by `theory.catalogue`'s scan of this folder.

A family says what it has in attributes, each a tuple and each optional: `STATEMENTS` with their formulas in place;
`PROOFS`, functions without arguments that run a machine proof; `ARGUMENTS`, what these proofs establish; `FORMAL`, the
Coq theorems; `INSTANCES`, the evidence about given and drawn objects. The recipe is in `proofs_notes/contributing.md`.
"""
