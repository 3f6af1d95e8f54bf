"""The ledger of `theory`, run and shown: its answer, its tables, its graph, and the Coq run behind `--formal`."""
