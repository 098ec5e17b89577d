"""Reports of any kind that a publisher could sign."""

from typing import Final

from hypothesis import strategies as st

from novate.instruments import Underlying
from novate.oracle import ExpiryQuote, FeedReport, SourceQuote, Subject, TickReport
from novate.pricing import Svi
from novate.units import Instant, Multiplier, Price, Rate

AT: Final = 1_764_925_200
instants: Final = st.integers(AT - 10**6, AT).map(Instant)
prices: Final = st.integers(1, 2**31 - 1).map(Price)
subjects: Final = st.builds(
    Subject,
    st.integers(1, 2**16 - 1).map(Underlying),
    st.integers(1, 2**28 - 1).map(Multiplier),
)
smiles: Final = st.builds(
    Svi,
    st.integers(100, 2**27 - 1),
    st.integers(0, 600_000),
    st.integers(1 - 10**6, 10**6 - 1),
    st.integers(1 - 2**26, 2**26 - 1),
    st.integers(1, 2**26 - 1),
)
source_quotes: Final = st.builds(SourceQuote, st.integers(1, 2**16 - 1), prices, instants)
expiry_quotes: Final = st.builds(
    ExpiryQuote,
    st.integers(AT + 1, AT + 2**26 - 1).map(Instant),
    prices,
    st.integers(1 - 2**20, 2**20 - 1),
    smiles,
    st.integers(0, 10**6).map(Rate),
)
feed_reports: Final = st.builds(
    FeedReport,
    subjects,
    st.lists(source_quotes, min_size=1, max_size=3, unique_by=lambda one: one.source).map(
        lambda quotes: tuple(sorted(quotes, key=lambda one: one.source))
    ),
    st.lists(expiry_quotes, max_size=3, unique_by=lambda one: one.expiry).map(
        lambda quotes: tuple(sorted(quotes, key=lambda one: one.expiry))
    ),
)
tick_reports: Final = st.builds(
    TickReport,
    st.just(Instant(AT)),
    st.lists(feed_reports, min_size=1, max_size=3, unique_by=lambda one: one.subject).map(
        lambda feeds: tuple(sorted(feeds, key=lambda one: one.subject))
    ),
)
