"""The public Python face, which `skipscape.py` re-exports: questions about arrays in memory, answers as `Result`."""
