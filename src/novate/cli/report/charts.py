"""The charts of the report, each an element of the page."""

from typing import Final

import numpy as np

from novate.cli.desk.by_expiry import ExpiryLine
from novate.cli.desk.holding import Holding
from novate.cli.desk.profiles import held_strikes_e3
from novate.cli.desk.ways import way_words
from novate.cli.report.theme import (
    FIRST,
    GAIN,
    INK,
    LOSS,
    MUTED,
    PAPER,
    SECOND,
    figure,
    svg,
    thousands,
)
from novate.risk import GRID, Explanation, Profile, RiskTable, scenario_moves_e6
from novate.units import Integers

WIDE: Final = 7.4
"""Inches: the text width of an A4 page, so that sizes of type are those on paper."""

SMALL: Final = 7.5


def payoff_chart(symbol: str, holding: Holding, found: Profile) -> str:
    """Profit and loss over the price of the underlying, at expiry and today."""
    price = found.price_e3 / 1000
    with figure(WIDE, 2.9) as drawn:
        axes = drawn.subplots()
        first, last = found.at_first_e6 / 1e6, found.at_expiry_e6 / 1e6
        axes.fill_between(price, first, 0, where=first > 0, color=GAIN, alpha=0.16, lw=0)
        axes.fill_between(price, first, 0, where=first < 0, color=LOSS, alpha=0.16, lw=0)
        axes.plot(price, last, color=MUTED, lw=0.9, label="every expiry at this price")
        if found.first_group:
            label = f"at {holding.group_name(found.first_group)}, later ones priced anew"
            axes.plot(price, first, color=FIRST, label=label)
        axes.plot(price, found.today_e6 / 1e6, color=SECOND, ls=(0, (4, 2)), label="today")
        axes.axhline(0, color=MUTED, lw=0.8)
        index = holding.market.table.market.index_e3 / 1000
        axes.axvline(index, color=MUTED, lw=0.8, ls=(0, (1, 2)))
        axes.text(
            index, 1.02, f"index {index:,.0f}", transform=axes.get_xaxis_transform(), ha="center",
            color=MUTED, fontsize=SMALL,
        )  # fmt: skip
        strikes = held_strikes_e3(holding) / 1000
        strikes = strikes[(strikes >= price[0]) & (strikes <= price[-1])]
        if len(strikes):
            # Above the axis, where no label stands.
            axes.plot(
                strikes, np.full(len(strikes), 0.025), "|", color=INK, ms=7,
                transform=axes.get_xaxis_transform(), label="strikes held",
            )  # fmt: skip
        axes.set_xlim(price[0], price[-1])
        axes.set_xlabel(f"{symbol}, USD")
        axes.set_ylabel("profit and loss, USDC")
        axes.xaxis.set_major_formatter(thousands)
        axes.yaxis.set_major_formatter(thousands)
        drawn.legend(loc="outside lower center", ncols=4)
        return svg(drawn, f"payoff-{symbol}", f"Payoff of {symbol} positions over the price")


def heat_map(name: str, spot_e6: Integers, vol_e6: Integers, profit_e6: Integers) -> str:
    """Profit and loss over moves of spot, across, and of volatility, down: (X, Y)."""
    profit = profit_e6.T / 1e6
    largest = max(float(np.abs(profit).max()), 1.0)
    with figure(WIDE, 0.34 * len(vol_e6) + 0.75) as drawn:
        axes = drawn.subplots()
        for row, column in np.ndindex(*profit.shape):
            value = float(profit[row, column])
            shade = 0.75 * (abs(value) / largest) ** 0.6
            colour = GAIN if value > 0 else LOSS
            axes.barh(row, 1, 1, column - 0.5, color=colour, alpha=shade, ec=PAPER, lw=1)
            axes.text(
                column, row, compact(value), ha="center", va="center", color=INK, fontsize=SMALL
            )
        axes.set_xlim(-0.5, len(spot_e6) - 0.5)
        axes.set_ylim(len(vol_e6) - 0.5, -0.5)
        axes.set_xticks(range(len(spot_e6)), [_signed(move) for move in spot_e6.tolist()])
        axes.set_yticks(range(len(vol_e6)), [_signed(move) for move in vol_e6.tolist()])
        axes.set_xlabel("spot, %")
        axes.set_ylabel("volatility, %")
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        return svg(drawn, f"stress-{name}", f"Stress of {name}: profit and loss over moves")


def scenario_bars(symbol: str, holding: Holding, found: Explanation) -> str:
    """What every way to lose counts in initial margin, those that decide marked."""
    table = holding.market.table
    order = _reading_order(table, len(found.loss_e6))
    deciding = {way: _deciding(found, way) for way in order}
    profit = -found.loss_e6[order] / 1e6
    with figure(WIDE, 0.16 * len(order) + 0.55) as drawn:
        axes = drawn.subplots()
        places = np.arange(len(order))
        axes.barh(
            places,
            profit,
            color=[GAIN if one > 0 else LOSS for one in profit],
            height=0.72,
            alpha=0.85,
        )
        for place, way in enumerate(order):
            value, decides = float(profit[place]), deciding[way]
            axes.annotate(
                compact(value),
                (value, place), xytext=(3 if value >= 0 else -3, 0), textcoords="offset points",
                ha="left" if value >= 0 else "right", va="center", fontsize=SMALL,
                color=INK if decides else MUTED, fontweight="bold" if decides else "normal",
            )  # fmt: skip
        names = [deciding[way] + way_words(table, way) for way in order]
        axes.set_yticks(places, names, fontsize=SMALL)
        for label, way in zip(axes.get_yticklabels(), order, strict=True):
            label.set_color(INK if deciding[way] else MUTED)
            label.set_fontweight("bold" if deciding[way] else "normal")
        low, high = min(float(profit.min()), 0.0), max(float(profit.max()), 0.0)
        pad = 0.14 * max(high - low, 1.0)
        axes.set_xlim(low - pad, high + pad)
        axes.set_ylim(len(order) - 0.4, -0.6)
        axes.axvline(0, color=MUTED, lw=0.8)
        axes.xaxis.set_major_formatter(thousands)
        axes.set_xlabel("profit and loss, USDC")
        axes.grid(axis="y", visible=False)
        return svg(drawn, f"scenarios-{symbol}", f"Profit and loss of {symbol} in each scenario")


def _deciding(found: Explanation, way: int) -> str:
    """Which margin a way decides."""
    decides = (way == found.binding, way == found.maintenance_binding)
    return {
        (True, True): "decides:  ",
        (True, False): "decides initial:  ",
        (False, True): "decides maintenance:  ",
    }.get(decides, "")


def _reading_order(table: RiskTable, ways: int) -> list[int]:
    """From the lowest spot to the highest, volatility down before up; then all the others."""
    moves = scenario_moves_e6(table.shocks).tolist()
    grid = {
        way: (moves[way], one.vol, one.is_buffered)
        for way, one in enumerate(GRID)
        if not one.is_tail
    }
    return [*sorted(grid, key=grid.__getitem__), *(way for way in range(ways) if way not in grid)]


def parts_bars(symbol: str, parts: dict[str, tuple[float, float]]) -> str:
    """What initial and maintenance margin are made of, stacked; USDC by label."""
    shades = (1.0, 0.72, 0.5, 0.34)
    with figure(WIDE, 1.6 + 0.2 * -(-len(parts) // 3)) as drawn:
        axes = drawn.subplots()
        left = np.zeros(2)
        for place, (label, amounts) in enumerate(parts.items()):
            colour = FIRST if place < len(shades) else SECOND
            is_less = min(amounts) < 0
            axes.barh(
                [0, 1],
                amounts,
                left=left,
                color=PAPER if is_less else colour,
                edgecolor=MUTED if is_less else None,
                hatch="////" if is_less else None,
                height=0.6,
                label=label,
                alpha=shades[place % len(shades)],
            )
            left += amounts
        longest = sum((np.maximum(amounts, 0) for amounts in parts.values()), np.zeros(2))
        for place, whole in enumerate(left):
            axes.annotate(
                compact(float(whole)), (float(longest[place]), place), xytext=(4, 0),
                textcoords="offset points", va="center", fontsize=SMALL,
            )  # fmt: skip
        axes.set_yticks([0, 1], ["initial", "maintenance"])
        axes.set_ylim(1.5, -0.5)
        axes.set_xlim(0, max(float(np.max(longest)), 1.0) * 1.1)
        axes.xaxis.set_major_formatter(thousands)
        axes.set_xlabel("USDC")
        axes.grid(axis="y", visible=False)
        drawn.legend(loc="outside lower center", ncols=3)
        return svg(drawn, f"parts-{symbol}", f"Parts of the margin of {symbol} positions")


def expiry_bars(symbol: str, lines: list[ExpiryLine], together: float) -> str:
    """Initial margin of each expiry as if alone, and of all of them together."""
    names = [*(line.name for line in lines), "together"]
    amounts = [*(line.initial.e6 / 1e6 for line in lines), together]
    with figure(WIDE, 0.27 * len(names) + 0.6) as drawn:
        axes = drawn.subplots()
        colours = [FIRST] * len(lines) + [SECOND]
        axes.barh(range(len(names)), amounts, color=colours, height=0.66, alpha=0.85)
        for place, amount in enumerate(amounts):
            axes.annotate(
                compact(amount), (amount, place), xytext=(4, 0), textcoords="offset points",
                va="center", fontsize=SMALL,
            )  # fmt: skip
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlim(0, max(*amounts, 1.0) * 1.12)
        axes.xaxis.set_major_formatter(thousands)
        axes.set_xlabel("initial margin, USDC")
        axes.grid(axis="y", visible=False)
        return svg(drawn, f"expiries-{symbol}", f"Initial margin of {symbol} by expiry")


def compact(value: float) -> str:
    """`-49.8k`, `1.25m`, `812`: what fits a cell."""
    size = abs(value)
    if round(size) == 0:
        return "0"
    for scale, unit in ((1e6, "m"), (1e3, "k")):
        if size >= scale * (0.9995 if unit == "k" else 0.99995):
            digits = 0 if size >= 100 * scale else 1 if size >= 10 * scale else 2
            return f"{value / scale:,.{digits}f}{unit}"
    return f"{value:,.0f}"


def _signed(part_e6: int) -> str:
    return f"{part_e6 / 10_000:+g}" if part_e6 else "0"
