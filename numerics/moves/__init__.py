"""The moves of the proof, each a pure function from a network to one segment or a short path."""
