"""Money, sizes, instants and hashes as people read them."""

from novate.field import Word, word_bytes
from novate.units import Price, Qty, Rate, Usd

CENT_E6 = 10_000


def money(amount: Usd) -> str:
    """`1,234.50 USDC`: two decimals, or all six where they say something."""
    whole, step = divmod(abs(amount.e6), 10**6)
    cents = f"{step:06d}" if step % CENT_E6 else f"{step // CENT_E6:02d}"
    return f"{'-' if amount.e6 < 0 else ''}{whole:,}.{cents} USDC"


def cents(amount: Usd) -> str:
    """`1,234.57`: to the nearest cent, without its unit, for columns that name it."""
    whole = (abs(amount.e6) + CENT_E6 // 2) // CENT_E6
    sign = "-" if amount.e6 < 0 and whole else ""
    return f"{sign}{whole // 100:,}.{whole % 100:02d}"


def change(amount: Usd) -> str:
    """Money that came or went, with its sign."""
    return f"{'+' if amount.e6 > 0 else ''}{money(amount)}"


def contracts(size: Qty) -> str:
    """`8.000`: the size without its unit."""
    return str(size).split()[0]


def price(value: Price) -> str:
    """`22.752 USD`."""
    return str(value).removesuffix(" per contract")


def percent(rate: Rate) -> str:
    """`0.05 %`."""
    return f"{rate.e6 / 10_000:.2f} %"


def hexadecimal(value: bytes | Word) -> str:
    """All of a hash, a root or an address."""
    return "0x" + (value if isinstance(value, bytes) else word_bytes(value)).hex()


def short(value: bytes | Word) -> str:
    """Enough of it to tell two apart."""
    text = hexadecimal(value)
    return f"{text[:10]}…{text[-4:]}"


def seconds(value: float) -> str:
    """`12.3 s`, `0.045 s`."""
    return f"{value:.1f} s" if value >= 1 else f"{value:.3f} s"
