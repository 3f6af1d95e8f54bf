"""Both checkers of certificates side by side: what one accepts or refuses the other must."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from numerics.checker.check import check
from numerics.checker.report import Report
from support import second_checker
from support.certificates import Change, Forge, Weights, text, write_network
from support.loss_oracles import IRRATIONAL


@dataclass
class BothCheckers:
    """Writes a path's certificate and asks both checkers, with the networks at the ends if they are given."""

    folder: Path
    ends: dict[str, tuple[str, int, Weights]] = field(default_factory=dict)

    def verdicts(self, forge: Forge, change: Change | None = None) -> tuple[Report, second_checker.Verdict]:
        cert, data = forge.write(self.folder / "path.cert", change), forge.write_data(self.folder / "data.npz")
        files = {which: write_network(self.folder / f"{which}.npz", *end) for which, end in self.ends.items()}
        networks = {
            which: {"class": kind, "bias": bias, "parameters": weights}
            for which, (kind, bias, weights) in self.ends.items()
        }
        report = check(cert, str(data), files.get("start"), files.get("end"))
        return report, second_checker.check(cert.read_bytes(), forge.x, forge.y, **networks)

    def accepts(self, forge: Forge, change: Change | None = None) -> None:
        """Assert that both checkers accept, and agree on the maximum."""
        report, verdict = self.verdicts(forge, change)
        assert (report.verdict, report.exit_status, report.refused) == ("PROVED", 0, None)
        assert (verdict.accepted, verdict.reason) == (True, "accepted")
        assert verdict.maximum is not None
        maximum = report.to_json()["maximum"]
        if forge.loss in IRRATIONAL:
            assert Fraction(maximum["lower"]) <= verdict.maximum <= Fraction(maximum["upper"])
        else:
            assert maximum["exact"] == text(verdict.maximum)

    def refuses(self, forge: Forge, change: Change | None = None) -> str:
        """Assert that both checkers refuse, as damage and not as a loss above a bound; the checker's reason."""
        report, verdict = self.verdicts(forge, change)
        assert (report.verdict, report.exit_status, verdict.accepted) == ("UNDECIDED", 1, False), verdict.reason
        assert report.refused
        return report.refused

    def refutes(self, forge: Forge, change: Change) -> None:
        """Assert that the checker refutes the bound that the certificate states, and that the other one refuses."""
        report, verdict = self.verdicts(forge, change)
        assert (report.verdict, report.exit_status, verdict.accepted) == ("REFUTED", 1, False), verdict.reason
        assert report.refused
