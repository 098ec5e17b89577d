"""The base layer seen from Python: contracts, embedded machines, JSON-RPC, deposits and batches."""

from novate.chain.artifact import Artifact, artifact
from novate.chain.attestation import Attestation, attest, attestation_message, attested_proof
from novate.chain.base_layer import Chain, address_of, created_address
from novate.chain.contract import Contract, create
from novate.chain.deployment import CAP_MAX_E6, Deployment, attach, create_token, deploy
from novate.chain.embedded import DEVELOPMENT_CHAIN_ID, EmbeddedChain
from novate.chain.failure import (
    ChainFailure,
    Halted,
    Inconsistent,
    NodeError,
    Reverted,
    Unreachable,
)
from novate.chain.inbox import DepositRequest, InboxEntry, KeyRequest, read_inbox
from novate.chain.interface import Event, Interface
from novate.chain.posting import PostedBatch, Posting, read_batches, settle
from novate.chain.receipt import Address, Block, Log, Receipt
from novate.chain.rpc import RpcChain
from novate.chain.wallet import (
    Claimed,
    Enqueued,
    claim,
    claimable_e6,
    deposit,
    register_key,
    registration_message,
)

__all__ = [
    "CAP_MAX_E6",
    "DEVELOPMENT_CHAIN_ID",
    "Address",
    "Artifact",
    "Attestation",
    "Block",
    "Chain",
    "ChainFailure",
    "Claimed",
    "Contract",
    "Deployment",
    "DepositRequest",
    "EmbeddedChain",
    "Enqueued",
    "Event",
    "Halted",
    "InboxEntry",
    "Inconsistent",
    "Interface",
    "KeyRequest",
    "Log",
    "NodeError",
    "PostedBatch",
    "Posting",
    "Receipt",
    "Reverted",
    "RpcChain",
    "Unreachable",
    "address_of",
    "artifact",
    "attach",
    "attest",
    "attestation_message",
    "attested_proof",
    "claim",
    "claimable_e6",
    "create",
    "create_token",
    "created_address",
    "deploy",
    "deposit",
    "read_batches",
    "read_inbox",
    "register_key",
    "registration_message",
    "settle",
]
