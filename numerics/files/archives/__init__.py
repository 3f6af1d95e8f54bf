"""Named arrays from `.npz` and `.safetensors` files: by content, never pickled, memory predicted before it is taken.

What is read is written in section 8 of `proofs_notes/certificate.md`; the checker reads the same, by its own code.
"""

from __future__ import annotations

from numerics.files.archives.npy import array_in
from numerics.files.archives.read import read_npz, read_safetensors, source_of
from numerics.files.archives.source import Loaded, Source
from numerics.files.archives.zips import members_of

__all__ = ["Loaded", "Source", "array_in", "members_of", "read_npz", "read_safetensors", "source_of"]
