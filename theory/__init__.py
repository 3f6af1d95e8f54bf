"""The exact, symbolic side of skipscape: statements, constants and rates; no arrays, no networks.

`statements/` has one file per family, and nothing else lists them: `catalogue` scans that folder, `ledger` judges what
it finds. `statement`, `relations`, `symbols`, `evidence`, `arguments` and `proof` are what the families are written in,
`smt`, `algebra` and `exact` what proves and evaluates them.
"""
