"""Whether a bundle shows what it claims: needs the program hash, and nothing else."""

from dataclasses import dataclass

from novate.air import Machine, ProofRefused, Security
from novate.circuits import public_values
from novate.ledger import DataSection, Statement, data_challenge, data_value
from novate.nodes.bundle import BatchBundle, BundleRefused, equal


@dataclass(frozen=True, slots=True)
class Verified:
    """A bundle that holds: the batch obeyed every rule, and this is the data it posts.

    That its old root, inbox and configuration are the chain's is for whoever knows the chain to
    say: the contract, and watchers.
    """

    statement: Statement
    section: DataSection
    security_bits: int


def verify(bundle: BatchBundle, machine: Machine, *, program_hash: bytes) -> Verified:
    """Verify a bundle against a program hash, at the machine's level of security.

    Raises: BundleRefused, saying what was expected and found.
    """
    require_claims(
        bundle,
        program_hash=program_hash,
        installed=machine.program.hash,
        security=machine.security,
    )
    section = matching_section(bundle.statement, bundle.data)
    try:
        machine.verify(bundle.proof, public_values(bundle.statement))
    except ProofRefused as refusal:
        raise BundleRefused(
            what="proof", expected="a proof of this statement", found=refusal
        ) from None
    return Verified(bundle.statement, section, machine.security_bits)


def require_claims(
    bundle: BatchBundle, *, program_hash: bytes, installed: bytes, security: Security
) -> None:
    """Go on only if the bundle says that it is of this program and level; needs no keys.

    Raises: BundleRefused.
    """
    if bundle.program_hash != program_hash:
        raise BundleRefused(
            what="program hash",
            expected=program_hash,
            found=bundle.program_hash,
            next_step="take the hash from the settlement contract; this file is of another program",
        )
    if installed != program_hash:
        raise BundleRefused(
            what="program of this installation",
            expected=program_hash,
            found=installed,
            next_step="install the version of novate whose program has that hash",
        )
    if bundle.security is not security:
        raise BundleRefused(
            what="level of the proof",
            expected=security.value,
            found=bundle.security.value,
            next_step="ask for a proof at full security; --development looks at the other kind",
        )


def matching_section(statement: Statement, data: bytes) -> DataSection:
    """The data section in posted bytes, if it is the one whose commitment the statement names.

    Raises: BundleRefused.
    """
    try:
        section = DataSection.parse(
            data,
            inbox=max(0, statement.inbox_to - statement.inbox_from),
            withdrawals=statement.withdrawals,
            chunks=statement.chunks,
        )
    except ValueError as error:
        raise BundleRefused(
            what="data section", expected="the records that the statement counts", found=error
        ) from None
    equal("commitment of the data", statement.commitment, section.commitment)
    challenge = data_challenge(data, section.commitment)
    equal("challenge", statement.challenge, challenge)
    equal("value at the challenge", statement.value, data_value(section.words, challenge))
    return section
