"""Every width in novate, with the arithmetic behind it; circuits read the same lines.

A name ending in `_BITS` says that a quantity is below `2**bits`; a signed quantity has its
magnitude below it.
"""

from typing import Final

# What people name.

PRICE_BITS: Final = 34
"""Price of one contract in milli-USD: below 17,179,869.184 USD."""

STRIKE_BITS: Final = PRICE_BITS
"""Strike of one contract in milli-USD."""

INDEX_BITS: Final = 34
"""Index price in milli-USD per unit of the underlying: below 17,179,869.184 USD."""

MULTIPLIER_BITS: Final = 28
"""Milli-units of the underlying in one contract: below 268,435.456 units."""

QTY_BITS: Final = 27
"""Milli-contracts of an order, a fill or a position: below 134,217.728 contracts."""

RATE_BITS: Final = 20
"""A rate in millionths: below 104.8576 %."""

VOL_BITS: Final = 24
"""An annual volatility in millionths: below 1677.7216 %. `VOL_MAX_E6` is what may be named."""

VOL_MAX_E6: Final = 10_000_000
"""The highest volatility: 1000 %, below 2**24 millionths."""

TENOR_BITS: Final = 26
"""Seconds until an expiry: below 776 days."""

YEAR_S: Final = 31_536_000
"""Seconds in a year of 365 days, below 2**25: how the market annualises a volatility."""

SETTLEMENT_WINDOW_S: Final = 1_800
"""The half hour before an expiry over which its settlement price is averaged."""

TIME_BITS: Final = 32
"""Seconds since 1970: until the year 2106."""

EXPIRY_BITS: Final = TIME_BITS
"""Expiry of an option, an order or a request."""

NONCE_BITS: Final = 30
"""Nonce of an order slot; one field element holds 30 bits because 2**30 < p = 2**31 - 2**27 + 1."""

CHAIN_ID_BITS: Final = 64
"""Chain id of the base layer."""

# Where things are.

ACCOUNT_BITS: Final = 24
"""Account numbers, with those the venue keeps for itself."""

TRADER_BITS: Final = 23
"""Accounts of traders: 1 .. 2**23 - 1, the lower half of all accounts."""

SLOT_BITS: Final = 8
"""Words of an account. 24 + 8 = 32 bits: the depth of the state tree."""

TREE_DEPTH: Final = ACCOUNT_BITS + SLOT_BITS
"""Levels of hashing between a word and the state root."""

INSTRUMENT_BITS: Final = 22
"""Instrument ids, from 1. The account of an instrument is 2**23 + 2**22 + id < 2**24."""

UNDERLYING_BITS: Final = 16
"""Ids of currencies with an index price."""

COMPARTMENT_BITS: Final = 16
"""Numbers of compartments."""

KEY_SLOTS: Final = 4
"""Session keys of an account, in slots 1 .. 4."""

POSITION_SLOT_BITS: Final = 6
"""Positions of an account: 64."""

ORDER_SLOT_BITS: Final = 7
"""Order slots of an account: 128."""

POSITION_SLOTS: Final = 1 << POSITION_SLOT_BITS
ORDER_SLOTS: Final = 1 << ORDER_SLOT_BITS

PUBLISHERS_MAX: Final = 16
"""Registered publishers of index prices."""

FEEDS_MAX: Final = 16
"""Feeds of a report: what is listed on one underlying with one multiplier."""

SOURCES_MAX: Final = 16
"""Sources of the index price of a feed."""

SOURCE_BITS: Final = 16
"""Ids of sources, from 1."""

SOURCE_WEIGHT_BITS: Final = 10
"""Weight of a source. Sixteen weights times prices: 4 + 10 + 31 = 45 bits."""

EXPIRIES_MAX: Final = 32
"""Expiries of a feed in one report."""

RECORDS_BITS: Final = 24
"""Withdrawals, or changed words, of one batch as a proof counts them: one field element each. What
a batch can post is far below it.
"""

CURSOR_BITS: Final = 30
"""The inbox cursor, how many entries were consumed: one field element, and it never wraps."""

INBOX_ENTRIES: Final = (1 << CURSOR_BITS) - 1
"""Entries an inbox ever holds, at positions 0 .. 2**30 - 2: after the last the cursor is 2**30 - 1
and still has its width. The contract refuses one more.
"""

# Money, in micro-USDC.

AMOUNT_BITS: Final = 64
"""An amount as the base layer and a signed request can write it."""

USD_BITS: Final = 63
"""A balance, what is locked of it, and the supply. Every balance is at most the supply, and a
deposit that would lift the supply to 2**63 is refused, so no sum of balances leaves 63 bits.
"""

NOTIONAL_BITS: Final = PRICE_BITS + QTY_BITS
"""Price or strike times quantity, exact: milli-USD x milli-contracts = micro-USD. 34 + 27 = 61
bits: a premium, the lock of one position, the payoff of one put. Balance plus premium: 2**63 +
2**61 < 2**64.
"""

RATE_SCALE: Final = 10**6
"""A rate of one."""

FEE_BITS: Final = 62
"""2**61 x 2**20 / 10**6 < 2**61 x 1.05 < 2**62."""

FEE_LAW_BITS: Final = NOTIONAL_BITS + RATE_BITS + 1
"""premium x rate < 2**81, fee x 10**6 < 2**81 + 10**6: every sum in the law stays below 2**82."""

PAYOFF_SCALE: Final = 1000
"""Milli-contracts in a contract."""

INTRINSIC_BITS: Final = STRIKE_BITS + 10
"""Intrinsic value of one put in micro-USD: at most strike x 1000 < 2**34 x 2**10 = 2**44."""

MONEYNESS_BITS: Final = INDEX_BITS + MULTIPLIER_BITS
"""index x multiplier < 2**(34 + 28) = 2**62, and strike x 1000 < 2**44, so either side of the
moneyness is below 2**62 and every sum in its law fits a signed 64-bit integer.
"""

PAYOFF_LAW_BITS: Final = INTRINSIC_BITS + QTY_BITS + 1
"""For a put: intrinsic x size < 2**71, payoff x 1000 < 2**71 + 1000: every sum in the law stays
below 2**72.
"""

# Payoffs as data: constant + slope x S + the sum of turn x max(0, S - strike), S in USD.

STEEPNESS_MAX: Final = 8
"""Slope and turns of a payoff, magnitudes added up: a condor has 4. An instrument of steepness n
moves at most as n futures and calls do.
"""

PAYOFF_CONSTANT_BITS: Final = STRIKE_BITS + 3
"""Constant of a payoff in milli-USD, a sum of eight strikes; the magnitude."""

CONTRACT_VALUE_BITS: Final = PRICE_BITS + 10
"""S, index x multiplier in micro-USD, of a contract that has a `Price`: 2**34 x 1000 < 2**44."""

PAYOFF_VALUE_BITS: Final = PAYOFF_CONSTANT_BITS + 10 + 1
"""What such a contract pays in micro-USD; the magnitude: a constant below 2**37 x 1000 < 2**47,
steepness x S at most 8 x 2**44 = 2**47, and their sum.
"""

LEAST_PAYOFF_BITS: Final = 60
"""The least that all options of an account pay, in micro-USDC; the magnitude. With cash and what is
still to be paid, each below 2**62, it fits a signed 64-bit integer or is refused.
"""

# Volatility and risk.

SVI_LEVEL_BITS: Final = 27
"""Level of a smile, a variance per year in millionths; the magnitude, for a steep smile lies below
zero. The highest variance is 10**2 = 100 < 2**27 millionths.
"""

SVI_SLOPE_BITS: Final = 24
"""Slope of a smile's wings in millionths: below 16.777216."""

SVI_PLACE_BITS: Final = 26
"""Centre of a smile (the magnitude) and its width, in millionths of standardised log-moneyness:
below 67.108864.
"""

SVI_Z_MAX: Final = 64
"""Standardised log-moneyness beyond which a smile is level."""

FRACTION_BITS: Final = 28
"""Binary places of a number inside `pricing`: Q28, one step is 2**-28 = 3.7e-9."""

CONTRACT_BITS: Final = 31
"""Forward of a contract that is margined, in milli-USD: below 2,147,483.648 USD. Three times as
much, more than in the farthest scenario, is below 2**33, and so a price.
"""

CROWDED_BITS: Final = 46
"""Net delta at which a position is crowded, in micro-USD: below 70 million USD. Twice as much times
a rate: 2**47 x 2**16 = 2**63.
"""

RISK_ENTRY_BITS: Final = 35
"""What one contract gains or loses in one scenario, in milli-USD; the magnitude. 35 + 27 bits of
quantity = 62: an entry times a position fits a signed 64-bit integer.
"""

GROSS_NOTIONAL_BITS: Final = 53
"""Sum over an account of size times forward, in micro-USD: below 9.007 billion USD. An entry is at
most twice the forward, so every sum of an account over a scenario stays below 2**54.
"""

# Funding, liquidation and what follows it.

FUNDING_RATE_BITS: Final = 16
"""A funding rate over eight hours, its dampener and its cap, in millionths: below 6.5536 %."""

FUNDING_BITS: Final = CONTRACT_BITS + FUNDING_RATE_BITS
"""What a contract pays over eight hours in nano-USD; the magnitude: a rate times the index, 31 + 16
= 47 bits. Times the 3600 < 2**12 seconds that one tick counts at most: 59 bits.
"""

FUNDING_INDEX_BITS: Final = 54
"""What a contract has paid since it was listed, in nano-USD; the magnitude: below 18 million USD.
The move between two instants is below 2**55 < 10**6 x 2**35.1, and its milli-USD times a quantity
below 2**(35.1 + 27): a payment fits a signed 64-bit integer.
"""

FUNDING_LAW_BITS: Final = FUNDING_INDEX_BITS + 1 + QTY_BITS + 1
"""size x move < 2**82, payment x 10**6 < 2**82 + 10**6: every sum in the law stays below 2**83."""

MAINTENANCE_BITS: Final = GROSS_NOTIONAL_BITS + 3
"""Maintenance margin of an account in micro-USDC: a scan of losses up to twice the gross notional
and of basis, and charges that are each below the gross notional.
"""

SLICE_BITS: Final = 30
"""Binary places of the part of an account that is taken over, of a haircut and of what is left of
a claim: one field element. Quantities have 27 bits, so a step is less than 1/8 milli-contract.
"""

SLICE_LAW_BITS: Final = SLICE_BITS + 22 + MAINTENANCE_BITS
"""A part times a rate below four times a maintenance margin: 30 + 22 + 56 = 108 bits."""

CHARGE_LAW_BITS: Final = MAINTENANCE_BITS + USD_BITS + 1
"""A relief times an equity: 56 + 63 = 119 bits; with the rest, below 2**120."""

OPEN_INTEREST_BITS: Final = TRADER_BITS + QTY_BITS
"""All contracts that are held of one instrument on one side, in milli-contracts: 23 + 27 = 50 bits.
"""

LOT_SHARE_LAW_BITS: Final = QTY_BITS + OPEN_INTEREST_BITS + 1
"""Lots to close times lots so far: 27 + 50 = 77 bits; with start and rest, below 2**78."""

DEFICIT_BITS: Final = 62
"""What a bankrupt account lacks, or has left, in micro-USDC; the magnitude."""

DEFICIT_LAW_BITS: Final = DEFICIT_BITS + QTY_BITS + 1
"""A deficit times a quantity: 62 + 27 = 89 bits; with the rest, below 2**90."""

HAIRCUT_LAW_BITS: Final = USD_BITS + SLICE_BITS + 1
"""An amount times a rate in 2**-30: 63 + 30 = 93 bits; with the rest, below 2**94."""

CREDIT_LAW_BITS: Final = 2 * USD_BITS + 1
"""A deposit times all cash of a compartment: 63 + 63 = 126 bits; with the rest, below 2**127."""
