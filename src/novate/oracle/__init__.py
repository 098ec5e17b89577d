"""Many signed reports to one tick, or none: prices, forwards, smiles, and how far to trust them."""

from novate.oracle.agreed_expiry import AgreedExpiry
from novate.oracle.agreed_index import AgreedIndex
from novate.oracle.band import band_law
from novate.oracle.confidence import Trust, confidence_e6, confidence_law, part_law
from novate.oracle.encoding import (
    REPORT_ELEMENTS_MAX,
    decode_report,
    encode_report,
    report_elements,
)
from novate.oracle.feed import Feed
from novate.oracle.index import (
    ceiling_price_law,
    floor_price_law,
    index_price_e3,
)
from novate.oracle.mean import mean_law
from novate.oracle.median import below_law, lower_median, median_law, reach_law
from novate.oracle.parameters import Band, FeedParameters, OracleParameters, Source
from novate.oracle.refusal import (
    AgedReport,
    Equivocation,
    FutureReport,
    NoIndex,
    OlderReport,
    OutsideBand,
    PastReport,
    Refusal,
    SourceDropped,
    TooFewQuotes,
    TooFewReports,
    Uncovered,
    Unprecedented,
    UnregisteredSigner,
    WrongSignature,
)
from novate.oracle.report import ExpiryQuote, FeedReport, ReportRefused, SourceQuote, TickReport
from novate.oracle.settlement import (
    IndexSample,
    SettlementPrice,
    index_samples,
    observed_e3s,
    settlement_price,
)
from novate.oracle.signed_report import (
    SignedTickReport,
    is_report_signed,
    report_digest,
    sign_report,
)
from novate.oracle.staleness import age_law, freshness_law
from novate.oracle.subject import Subject
from novate.oracle.tick import NoTick, OracleTick, oracle_tick

__all__ = [
    "REPORT_ELEMENTS_MAX",
    "AgedReport",
    "AgreedExpiry",
    "AgreedIndex",
    "Band",
    "Equivocation",
    "ExpiryQuote",
    "Feed",
    "FeedParameters",
    "FeedReport",
    "FutureReport",
    "IndexSample",
    "NoIndex",
    "NoTick",
    "OlderReport",
    "OracleParameters",
    "OracleTick",
    "OutsideBand",
    "PastReport",
    "Refusal",
    "ReportRefused",
    "SettlementPrice",
    "SignedTickReport",
    "Source",
    "SourceDropped",
    "SourceQuote",
    "Subject",
    "TickReport",
    "TooFewQuotes",
    "TooFewReports",
    "Trust",
    "Uncovered",
    "Unprecedented",
    "UnregisteredSigner",
    "WrongSignature",
    "age_law",
    "band_law",
    "below_law",
    "ceiling_price_law",
    "confidence_e6",
    "confidence_law",
    "decode_report",
    "encode_report",
    "floor_price_law",
    "freshness_law",
    "index_price_e3",
    "index_samples",
    "is_report_signed",
    "lower_median",
    "mean_law",
    "median_law",
    "observed_e3s",
    "oracle_tick",
    "part_law",
    "reach_law",
    "report_digest",
    "report_elements",
    "settlement_price",
    "sign_report",
]
