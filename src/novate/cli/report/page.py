"""Pieces of the page: tables, tiles and figures, with every text made safe."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from novate.cli.report.style import STYLE

MARK: Final = "<!-- a risk report of novate -->"
"""In the first line of every report, so that one may be written over and nothing else."""


def page(title: str, body: Iterable[str]) -> str:
    """The whole file: nothing in it refers to anything outside."""
    return "\n".join(
        [
            f"<!doctype html>{MARK}",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style></head><body><main>",
            *body,
            "</main></body></html>\n",
        ]
    )


def tiles(figures: Iterable[tuple[str, str, str, str]]) -> str:
    """Key figures: label, value, its unit, and a class for its colour."""
    cells = "".join(
        f'<div class="tile"><span>{escape(label)}</span><b class="{kind}">{escape(value)} '
        f"<small>{escape(unit)}</small></b></div>"
        for label, value, unit, kind in figures
    )
    return f'<div class="tiles">{cells}</div>'


def heading(level: int, text: str, kind: str = "") -> str:
    """A heading."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<h{level}{attribute}>{escape(text)}</h{level}>"


def paragraph(text: str, kind: str = "") -> str:
    """Words."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{escape(text)}</p>"


def chart(svg: str, caption: str) -> str:
    """A drawing and what it shows."""
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def html_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    total: Sequence[str] | None = None,
    marked: int | None = None,
    words: Sequence[int] = (),
) -> str:
    """A table; `marked` is a row that stands out, `words` are columns of text and not figures."""
    head = _cells("th", headings, words)
    body = [
        _row(row, ' class="marked"' if place == marked else "", words)
        for place, row in enumerate(rows)
    ]
    if total is not None:
        body.append(_row(total, ' class="total"', words))
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _row(cells: Sequence[str], attribute: str, words: Sequence[int]) -> str:
    return f"<tr{attribute}>{_cells('td', cells, words)}</tr>"


def _cells(tag: str, texts: Sequence[str], words: Sequence[int]) -> str:
    return "".join(
        f"<{tag}{' class=words' if place in words else ''}>{escape(text)}</{tag}>"
        for place, text in enumerate(texts)
    )


def listing(items: Iterable[str]) -> str:
    """A list of remarks."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
