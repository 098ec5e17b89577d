"""What the model asked as it was frozen: figures that no run makes again.

Parameters and columns were frozen at commit 427ca56, and commit 7ece9ec measured them; c2d30b3 did
so again, with the same digits. Decision 12 then raised initial margin.
"""

from typing import Any

PUBLISHED, DRAWN = "chains_published", "chains_drawn_synthetic"
COMMIT = "427ca56"
_NONE = (0, 0.0)
_MEASURED = {
    ("choice", PUBLISHED, "BTC"): (3.800, _NONE, _NONE),
    ("choice", PUBLISHED, "ETH"): (4.132, _NONE, _NONE),
    ("choice", DRAWN, "BTC"): (4.582, (42, 24.332), (136, 130.691)),
    ("choice", DRAWN, "ETH"): (4.857, (18, 14.345), (67, 65.661)),
    ("held out", PUBLISHED, "BTC"): (4.083, _NONE, _NONE),
    ("held out", PUBLISHED, "ETH"): (4.388, _NONE, _NONE),
    ("held out", DRAWN, "BTC"): (4.119, _NONE, (12, 0.502)),
    ("held out", DRAWN, "ETH"): (5.219, _NONE, (13, 7.683)),
}
"""Mean initial margin, then breaches and shortfall at 6 and at 12 hours."""


def at_the_freeze(stretch: str, kind: str, underlying: str) -> dict[str, Any]:
    """In the form of a model's figures today."""
    mean, *at = _MEASURED[stretch, kind, underlying]
    return {"initial": {"mean": mean}} | {
        f"{hours}h": {"breaches": breaches, "shortfall": shortfall}
        for hours, (breaches, shortfall) in zip((6, 12), at, strict=True)
    }
