"""Books drawn by Hypothesis, and one that desks know, on the small market of `scene`."""

from hypothesis import strategies as st

from novate.risk import Positions

from .scene import held, synthetic

SCENE = synthetic()
ROWS = len(SCENE.listing.instruments)


@st.composite
def books(draw: st.DrawFn, size: int = 20_000, most: int = 8) -> Positions:
    """One account of up to so many positions of up to 20 contracts either way; 0 is one too."""
    rows = draw(st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=most, unique=True))
    sizes = st.integers(-size, size)
    return held(*((row, draw(sizes)) for row in rows))


def condor() -> Positions:
    """Short a strangle in the middle expiry, its wings bought, hedged by the perpetual, and a
    calendar."""
    return held(
        (SCENE.put(2, 80), -10_000),
        (SCENE.call(2, 120), -10_000),
        (SCENE.put(2, 60), 10_000),
        (SCENE.call(2, 160), 10_000),
        (SCENE.call(1, 100), -2_000),
        (SCENE.call(3, 100), 2_000),
        (SCENE.perp, 1_500),
    )
