"""The second checker of certificates: complete, slow, on fractions."""

from support.second_checker.archive import Refused as Refused
from support.second_checker.checker import CANNOT_TELL as CANNOT_TELL
from support.second_checker.checker import Verdict as Verdict
from support.second_checker.checker import check as check
