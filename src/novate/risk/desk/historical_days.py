"""Days that desks remember, as moves: how far the price went and what volatility did.

Prices: from the open of the UTC day to its low, or its high in a rally, in the hourly histories of
BTC/USDT and ETH/USDT; on 2026-02-05 from the last option chain of the day before to the lowest.
Volatility: the 30-day index from its open to its high. Before there was one, a rise is assumed: two
thirds of itself in a fall, as BTC's in October 2025 and February 2026, and a fifth in a rally, as
in August 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from novate.risk.desk.moves import BadMoves, Moves

FALL_VOL_E6: Final = 660_000
RALLY_VOL_E6: Final = 200_000


@dataclass(frozen=True, slots=True)
class DayMove:
    """What one underlying did on a day, in millionths of itself."""

    spot_e6: int
    vol_e6: int
    is_vol_assumed: bool = False


def _assumed(spot_e6: int) -> DayMove:
    return DayMove(spot_e6, FALL_VOL_E6 if spot_e6 < 0 else RALLY_VOL_E6, is_vol_assumed=True)


HISTORICAL_DAYS: Final[Mapping[str, Mapping[str, DayMove]]] = {
    "2017-12-22": {"BTC": _assumed(-293_480), "ETH": _assumed(-354_570)},
    "2019-04-02": {"BTC": _assumed(181_790), "ETH": _assumed(172_470)},
    "2020-03-12": {"BTC": _assumed(-444_200), "ETH": _assumed(-479_990)},
    "2021-05-19": {"BTC": _assumed(-299_880), "ETH": _assumed(-440_610)},
    "2022-06-13": {"BTC": _assumed(-174_930)},
    "2024-08-05": {"BTC": _assumed(-157_510), "ETH": _assumed(-223_450)},
    "2025-10-10": {"BTC": DayMove(-169_050, 633_000), "ETH": DayMove(-241_660, 130_800)},
    "2026-02-05": {"BTC": DayMove(-126_480, 689_400), "ETH": DayMove(-124_200, 287_000)},
}
"""By day and symbol; an underlying that is missing has no price in the histories."""


def day_moves(symbol: str) -> tuple[tuple[str, ...], Moves]:
    """The days that an underlying has a price of, and its moves on them, volatility at 30 days.

    Raises: BadMoves for an underlying of which no day is remembered.
    """
    known = {day: moves[symbol] for day, moves in HISTORICAL_DAYS.items() if symbol in moves}
    if not known:
        raise BadMoves(f"no day of {symbol} is remembered; next: choose moves of your own")
    return tuple(known), Moves.of(
        [move.spot_e6 for move in known.values()],
        [move.vol_e6 for move in known.values()],
        is_by_tenor=True,
    )
