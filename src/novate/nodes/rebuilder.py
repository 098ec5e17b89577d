"""The whole state from genesis and what the chain has logged; nobody is asked."""

from novate.chain import Deployment, PostedBatch, read_batches
from novate.ledger import (
    VERSION,
    DataMismatch,
    DataSection,
    Head,
    Statement,
    advance,
    data_challenge,
    data_value,
    inbox_hash,
)
from novate.nodes.genesis import Genesis, domain_of


def rebuild_from_chain(deployment: Deployment, genesis: Genesis) -> Head:
    """The head after every settled batch.

    Raises: DataMismatch when the logged data does not lead from root to root; ValueError when it
    cannot be read; chain.Inconsistent when batches are missing.
    """
    head = genesis.head(domain_of(deployment))
    for posted in read_batches(deployment):
        head = advance(head, posted_statement(head, posted), posted.posting.data)
    return head


def posted_statement(head: Head, posted: PostedBatch) -> Statement:
    """The statement that the contract built for a batch on this head.

    Raises: DataMismatch unless its hash is the one that was attested.
    """
    posting = posted.posting
    section = DataSection.parse(
        posting.data,
        inbox=posting.inbox_to - posted.inbox_from,
        withdrawals=posting.withdrawals,
        chunks=posted.chunks,
    )
    hash_after = head.inbox_hash
    for position, record in enumerate(section.inbox, start=posted.inbox_from):
        hash_after = inbox_hash(hash_after, position, record)
    challenge = data_challenge(posting.data, posting.commitment)
    state = head.state
    statement = Statement(
        version=VERSION,
        batch_number=posting.batch_number,
        chain_id=state.domain.chain_id,
        contract=state.domain.contract,
        old_root=posted.old_root,
        new_root=posting.new_root,
        inbox_from=posted.inbox_from,
        inbox_to=posting.inbox_to,
        inbox_hash_before=head.inbox_hash,
        inbox_hash_after=hash_after,
        configuration_hash=state.configuration.hash,
        window_start=posting.window_start,
        window_end=posting.window_end,
        withdrawals=posting.withdrawals,
        chunks=posted.chunks,
        supply_before=state.venue.supply_e6,
        supply_after=posting.supply_after_e6,
        commitment=posting.commitment,
        challenge=challenge,
        value=data_value(section.words, challenge),
    )
    if statement.hash != posted.statement_hash:
        raise DataMismatch(
            batch_number=posting.batch_number,
            field="statement hash",
            claimed=posted.statement_hash.hex(),
            rebuilt=statement.hash.hex(),
        )
    return statement
