"""Paths of others beside ours, on the same networks: what samples see of each, and what is certified of it."""
