"""What a certificate's claim may be about: the questions, by the names that are written down."""

from __future__ import annotations

from enum import StrEnum


class Question(StrEnum):
    """Section 4 of the certificate's page says what each claims."""

    CONNECT = "connect"
    DEPTH = "depth"
    CERTIFY = "certify"
    ESCAPE = "escape"
    VALLEY = "valley"
    PASS = "pass"
