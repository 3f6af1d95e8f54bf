"""The finder's maximum of the loss over a path."""
