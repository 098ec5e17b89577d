"""The world: sequencer, prover, watchers, publishers, traders; shells around pure functions."""

from novate.nodes.bundle import BUNDLE_BYTES_MAX, BatchBundle, BundleRefused
from novate.nodes.chain_file import read_option_chains
from novate.nodes.chain_market import ChainRefused, chain_listing, chain_market
from novate.nodes.csv_file import Exclusion, FileRefused
from novate.nodes.genesis import Genesis, domain_of
from novate.nodes.market_sample import SOURCE, TAKEN_AT, Quote, market_sample
from novate.nodes.operator import Audience, Operator, SettledBatch
from novate.nodes.option_chain import OptionChain
from novate.nodes.parity import parity_forward
from novate.nodes.portfolio import Portfolio, PortfolioPosition
from novate.nodes.portfolio_file import read_portfolio
from novate.nodes.price_history import (
    PriceHistory,
    aligned,
    joined,
    read_price_history,
    read_volatility_history,
)
from novate.nodes.prover import Progress, Proven, Prover, Stage, Unproven
from novate.nodes.publisher import Publisher
from novate.nodes.rebuilder import posted_statement, rebuild_from_chain
from novate.nodes.sequencer import InboxStuck, Sequencer
from novate.nodes.settler import Settler, posting_of
from novate.nodes.signing_journal import AlreadySigned, SigningJournal
from novate.nodes.smile_quotes import FitSource
from novate.nodes.surface_fitter import NothingToFit, SmileFit, SurfaceFit, fit_surface
from novate.nodes.tick_file import (
    TICK_FILE,
    ShownReports,
    TickFile,
    fingerprint,
    read_tick_file,
    write_tick_file,
)
from novate.nodes.tick_market import TickRefused, tick_market
from novate.nodes.tick_publisher import TickPublisher, feed_report, quote_confidence
from novate.nodes.trader import Trader
from novate.nodes.verification import Verified, require_claims, verify
from novate.nodes.walk import FILLS, INDEX_PRICES, OFFERED, LateChain, Person, Walk
from novate.nodes.wallet import Wallet
from novate.nodes.watcher import AttestationRefused, Watcher

__all__ = [
    "BUNDLE_BYTES_MAX",
    "FILLS",
    "INDEX_PRICES",
    "OFFERED",
    "SOURCE",
    "TAKEN_AT",
    "TICK_FILE",
    "AlreadySigned",
    "AttestationRefused",
    "Audience",
    "BatchBundle",
    "BundleRefused",
    "ChainRefused",
    "Exclusion",
    "FileRefused",
    "FitSource",
    "Genesis",
    "InboxStuck",
    "LateChain",
    "NothingToFit",
    "Operator",
    "OptionChain",
    "Person",
    "Portfolio",
    "PortfolioPosition",
    "PriceHistory",
    "Progress",
    "Proven",
    "Prover",
    "Publisher",
    "Quote",
    "Sequencer",
    "SettledBatch",
    "Settler",
    "ShownReports",
    "SigningJournal",
    "SmileFit",
    "Stage",
    "SurfaceFit",
    "TickFile",
    "TickPublisher",
    "TickRefused",
    "Trader",
    "Unproven",
    "Verified",
    "Walk",
    "Wallet",
    "Watcher",
    "aligned",
    "chain_listing",
    "chain_market",
    "domain_of",
    "feed_report",
    "fingerprint",
    "fit_surface",
    "joined",
    "market_sample",
    "parity_forward",
    "posted_statement",
    "posting_of",
    "quote_confidence",
    "read_option_chains",
    "read_portfolio",
    "read_price_history",
    "read_tick_file",
    "read_volatility_history",
    "rebuild_from_chain",
    "require_claims",
    "tick_market",
    "verify",
    "write_tick_file",
]
