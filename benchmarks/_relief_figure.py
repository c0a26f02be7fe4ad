"""Figure of the relief comparison: by how much later the others' last and mean first batch are."""

from __future__ import annotations

from pathlib import Path

from benchmarks.harness import Row

__all__ = ["draw"]

_SHOWN = {
    "people_served_by_deadline": "People served in time (ours ÷ theirs)",
    "t_all": "Last first batch (theirs ÷ ours)",
    "weighted_first_batch": "Person-hours until the first batch (theirs ÷ ours)",
}


def draw(rows: list[Row], path: Path) -> None:
    """One panel a level, a group of bars a case; above 1 our plan is better."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np

    kept = [row for row in rows if row.measure in _SHOWN]
    cases = list(dict.fromkeys(row.case for row in kept))
    peers = list(dict.fromkeys(row.peer_name for row in kept))
    figure, panels = plt.subplots(1, len(_SHOWN), figsize=(5 * len(_SHOWN), 0.6 * len(cases) + 2), sharey=True)
    for panel, (measure, title) in zip(panels, _SHOWN.items(), strict=True):
        for k, peer in enumerate(peers):
            ratio = {row.case: row.ratio for row in kept if row.measure == measure and row.peer_name == peer}
            widths = [np.nan if ratio.get(case) is None else ratio[case] for case in cases]
            panel.barh(np.arange(len(cases)) + 0.27 * (k - 1), widths, 0.25, label=peer)
        panel.axvline(1.0, color="black", linewidth=0.8)
        panel.set_title(title, fontsize=10)
        panel.set_yticks(range(len(cases)), cases)
        panel.invert_yaxis()
    panels[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=150, metadata={"Software": None} if path.suffix == ".png" else None)
    plt.close(figure)
