"""The inbox as its readers see it: what the base layer asks of the ledger."""

from dataclasses import dataclass

from eth_hash.auto import keccak

from novate.chain.deployment import Deployment
from novate.chain.failure import Inconsistent
from novate.chain.receipt import Address
from novate.field import Word, from_limbs16, word_from_bytes


@dataclass(frozen=True, slots=True)
class DepositRequest:
    """Collateral that the vault has received."""

    asset: int
    amount_e6: int


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """A session key that the owner has signed for; it may be no point of the curve."""

    slot: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One record of the inbox."""

    position: int
    owner: Address
    account: int
    request: DepositRequest | KeyRequest
    record: tuple[Word, Word, Word, Word]
    """What a batch that consumes it posts."""
    hash: bytes
    """Of the inbox up to and with this entry."""
    deadline: int
    """Unix seconds; later, a batch leaves it out only after consuming 256 records before it."""
    block: int


def read_inbox(deployment: Deployment) -> tuple[InboxEntry, ...]:
    """All entries so far, in order, with their chain of hashes checked.

    Raises: Inconsistent when the log is not the one that the contract's hash stands for.
    """
    entries: list[InboxEntry] = []
    before = bytes(32)
    for event in deployment.inbox.history("Enqueued", from_block=deployment.from_block):
        words = event["words"]
        position = len(entries)
        before = bytes(keccak(before + position.to_bytes(32, "big") + b"".join(words)))
        if (event["position"], event["hash"]) != (position, before):
            raise Inconsistent(
                f"inbox entry {event['position']} does not follow entry {position - 1}"
            )
        record = tuple(map(word_from_bytes, words))
        entries.append(
            InboxEntry(
                position=position,
                owner=event["owner"],
                account=event["account"],
                request=_request(record),
                record=(record[0], record[1], record[2], record[3]),
                hash=before,
                deadline=event["deadline"],
                block=event.log.block,
            )
        )
    stored = deployment.inbox.call("hash_at", len(entries))
    if stored != before:
        raise Inconsistent(f"after {len(entries)} inbox entries the contract's hash is another")
    return tuple(entries)


def _request(record: tuple[Word, ...]) -> DepositRequest | KeyRequest:
    kind, _, detail, *elements = (element for word in record for element in word)
    payload = elements[7:]
    match kind:
        case 1:
            return DepositRequest(asset=detail, amount_e6=from_limbs16(payload[:4]))
        case 2:
            return KeyRequest(detail, _coordinate(payload[:11]), _coordinate(payload[11:]))
        case _:
            raise Inconsistent(f"the inbox holds a record of unknown kind {kind}")


def _coordinate(limbs: list[int]) -> int:
    return sum(limb << (24 * i) for i, limb in enumerate(limbs))
