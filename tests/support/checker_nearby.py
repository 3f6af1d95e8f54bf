"""What several folders of tests share."""

import pytest

from numerics.checker.check import check
from numerics.checker.errors import Unusable
from numerics.errors import InputError


@pytest.fixture
def checker_nearby(monkeypatch):
    """The checker in this process, for speed."""

    def checked(certificate, data, start, end, *, level=None, memory=None, effort=None, seconds=None):
        try:
            return check(certificate, data, start, end, level, int(memory * (1 << 30))).to_json()
        except Unusable as error:
            raise InputError(f"the independent checker could not run: {error}") from None

    monkeypatch.setattr("numerics.questions.checking.checked", checked)
