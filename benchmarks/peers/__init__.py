"""Margin models of other venues, to compare ours with: floats, and no part of the product.

Each module says which published parameters it uses, what was verified, and what is emulated.
"""

from benchmarks.peers.deribit_portfolio import DeribitPortfolio
from benchmarks.peers.deribit_standard import DeribitStandard
from benchmarks.peers.derive_pmrm2 import DerivePmrm2
from benchmarks.peers.derive_standard import DeriveStandard
from benchmarks.peers.interface import (
    Books,
    Kind,
    MisshapenScene,
    Model,
    Requirement,
    Scene,
)
from benchmarks.peers.span import Span

__all__ = [
    "PEERS",
    "Books",
    "DeribitPortfolio",
    "DeribitStandard",
    "DerivePmrm2",
    "DeriveStandard",
    "Kind",
    "MisshapenScene",
    "Model",
    "Requirement",
    "Scene",
    "Span",
]

PEERS: tuple[Model, ...] = (
    DerivePmrm2(),
    DeriveStandard(),
    DeribitPortfolio(),
    DeribitStandard(),
    Span(),
)
"""Every model with its published parameters, accounts in US dollars, BTC or ETH."""
