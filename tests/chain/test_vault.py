"""Vault: collateral comes in exactly, leaves once, and only by the two doors."""

import pytest

from novate.chain import (
    CAP_MAX_E6,
    Contract,
    EmbeddedChain,
    address_of,
    artifact,
    claim,
    claimable_e6,
    create,
    created_address,
    deposit,
)

from .scene import (
    ALICE,
    BOB,
    DEPLOYER,
    NOW,
    STRANGER,
    USD,
    A,
    B,
    Scene,
    mock,
    opened,
    refused,
)


def test_a_deposit_moves_tokens_raises_liabilities_and_enters_the_inbox(scene: Scene) -> None:
    receipt = scene.fund(ALICE, 1_000 * USD)
    d = scene.deployment
    assert d.token.call("balanceOf", d.vault.address) == 1_000 * USD
    assert d.token.call("balanceOf", A) == 0
    assert d.vault.call("liabilities") == 1_000 * USD
    assert d.inbox.call("size") == 1
    (event,) = d.vault.events("Deposited", receipt.logs)
    assert (event["payer"], event["owner"], event["amount"], event["position"]) == (
        A,
        A,
        1_000 * USD,
        0,
    )


def test_a_deposit_may_be_made_for_somebody_else(scene: Scene) -> None:
    scene.deployment.token.send("mint", A, 5, sender=DEPLOYER)
    enqueued = deposit(scene.deployment, ALICE, amount_e6=5, owner=B)
    assert enqueued.account == scene.deployment.inbox.call("account_of", B) == 1
    assert scene.deployment.inbox.call("account_of", A) == 0


def test_deposits_that_cannot_be_are_refused(scene: Scene) -> None:
    d = scene.deployment
    d.token.send("mint", A, 10, sender=DEPLOYER)
    with refused("allowance is too small"):
        d.vault.send("deposit", A, 10, sender=ALICE)
    with refused("balance is too small"):
        deposit(d, ALICE, amount_e6=11)
    with refused("amount is zero"):
        deposit(d, ALICE, amount_e6=0)
    with refused("owner is the zero address"):
        deposit(d, ALICE, amount_e6=10, owner=bytes(20))
    with refused("no reason given"):  # 2**64 does not fit the argument
        d.vault.chain.send(
            sender=ALICE,
            to=d.vault.address,
            data=d.vault.interface.call("deposit", (A, 1))[:-32] + (2**64).to_bytes(32, "big"),
        )
    assert d.token.call("balanceOf", A) == 10
    assert d.inbox.call("size") == d.vault.call("liabilities") == 0


@pytest.mark.parametrize(("amount", "accepted"), [(99, True), (100, True), (101, False)])
def test_the_cap_is_inclusive_and_counts_what_is_owed(amount: int, accepted: bool) -> None:
    made = opened(EmbeddedChain(timestamp=NOW), cap_e6=1_000)
    made.fund(ALICE, 900)
    # A gift to the vault is no liability.
    made.deployment.token.send("mint", made.deployment.vault.address, 10_000, sender=DEPLOYER)
    if accepted:
        made.fund(BOB, amount)
        assert made.deployment.vault.call("liabilities") == 900 + amount
    else:
        with refused("liabilities: got 1001, allowed 1000"):
            made.fund(BOB, amount)


def test_an_owner_claims_once_what_was_credited(funded: Scene) -> None:
    d = funded.deployment
    funded.settle(funded.claim(pays=[(A, 100 * USD)]))
    paid = claim(d, ALICE)
    assert paid.amount_e6 == d.token.call("balanceOf", A) == 100 * USD
    assert claimable_e6(d, A) == d.vault.call("credited") == 0
    assert d.vault.call("liabilities") == d.token.call("balanceOf", d.vault.address) == 1_400 * USD
    with refused("nothing to claim"):
        claim(d, ALICE)


def test_a_claim_goes_where_the_owner_says_and_only_the_owner_says(funded: Scene) -> None:
    d = funded.deployment
    funded.settle(funded.claim(pays=[(A, 7)]))
    with refused("nothing to claim"):
        d.vault.send("claim", A, sender=STRANGER)
    for nowhere in (bytes(20), d.vault.address):
        with refused("recipient cannot receive"):
            claim(d, ALICE, recipient=nowhere)
    claim(d, ALICE, recipient=B)
    assert d.token.call("balanceOf", B) == 7


def test_only_the_settlement_credits(funded: Scene) -> None:
    for caller in (ALICE, DEPLOYER, STRANGER):
        with refused("only the settlement may credit"):
            funded.deployment.vault.send("credit", A, 1, sender=caller)


@pytest.fixture
def chain() -> EmbeddedChain:
    return EmbeddedChain(timestamp=NOW)


def vault_with(
    chain: EmbeddedChain, token: Contract, *, cap_e6: int = 10**12
) -> tuple[Contract, Contract]:
    """A vault on a given token whose settlement is a test contract that forwards calls."""
    door = mock(chain, "Door")
    nonce = chain.nonce(address_of(DEPLOYER))
    at = created_address(address_of(DEPLOYER), nonce + 1)
    inbox = create(chain, artifact("Inbox"), at, creator=DEPLOYER)
    vault = create(
        chain,
        artifact("Vault"),
        token.address,
        inbox.address,
        door.address,
        cap_e6,
        creator=DEPLOYER,
    )
    return vault, door


def credit(vault: Contract, door: Contract, owner: bytes, amount: int) -> None:
    """Credit as the settlement."""
    door.send("forward", vault.address, vault.interface.call("credit", (owner, amount)), sender=BOB)


def test_credits_never_exceed_what_was_deposited_whatever_the_settlement_says(
    chain: EmbeddedChain,
) -> None:
    token = mock(chain, "SilentToken")
    vault, door = vault_with(chain, token)
    token.send("mint", A, 100, sender=DEPLOYER)
    vault.send("deposit", A, 100, sender=ALICE)
    credit(vault, door, A, 60)
    with refused("credited: got 101, allowed 100"):
        credit(vault, door, B, 41)
    credit(vault, door, B, 40)


def test_a_token_without_return_value_works(chain: EmbeddedChain) -> None:
    token = mock(chain, "SilentToken")
    vault, door = vault_with(chain, token)
    token.send("mint", A, 100, sender=DEPLOYER)
    vault.send("deposit", A, 100, sender=ALICE)
    credit(vault, door, A, 30)
    vault.send("claim", B, sender=ALICE)
    assert token.call("balanceOf", vault.address) == 70
    assert token.call("balanceOf", B) == 30


def test_a_token_that_takes_a_fee_is_refused_both_ways(chain: EmbeddedChain) -> None:
    token = mock(chain, "HostileToken", 6)
    vault, door = vault_with(chain, token)
    token.send("mint", A, 1_000, sender=DEPLOYER)
    token.send("misbehave", 1, 0, True, sender=DEPLOYER)
    with refused("tokens received: got 99, allowed 100"):
        vault.send("deposit", A, 100, sender=ALICE)
    token.send("misbehave", 0, 0, True, sender=DEPLOYER)
    vault.send("deposit", A, 100, sender=ALICE)
    credit(vault, door, A, 50)
    token.send("misbehave", 0, 1, True, sender=DEPLOYER)
    with refused("tokens paid: got 51, allowed 50"):
        vault.send("claim", A, sender=ALICE)


def test_a_token_that_answers_false_is_refused(chain: EmbeddedChain) -> None:
    token = mock(chain, "HostileToken", 6)
    vault, door = vault_with(chain, token)
    token.send("mint", A, 1_000, sender=DEPLOYER)
    vault.send("deposit", A, 100, sender=ALICE)
    credit(vault, door, A, 50)
    token.send("misbehave", 0, 0, False, sender=DEPLOYER)
    with refused("token refused the transfer"):
        vault.send("deposit", A, 100, sender=ALICE)
    with refused("token refused the transfer"):
        vault.send("claim", A, sender=ALICE)
    assert vault.call("claimable", A) == 50


@pytest.mark.parametrize("entered", ["deposit", "claim", "credit", "claimable"])
@pytest.mark.parametrize("outer", ["deposit", "claim"])
def test_nothing_of_the_vault_can_be_called_during_a_transfer(
    chain: EmbeddedChain, outer: str, entered: str
) -> None:
    token = mock(chain, "HostileToken", 6)
    vault, door = vault_with(chain, token)
    for holder in (A, token.address):
        token.send("mint", holder, 1_000, sender=DEPLOYER)
    vault.send("deposit", A, 100, sender=ALICE)
    # The token is itself an owner with something to claim, so that its call would not fail anyway.
    credit(vault, door, A, 40)
    credit(vault, door, token.address, 40)
    arguments = {"deposit": (B, 5), "claim": (B,), "credit": (B, 5), "claimable": (B,)}[entered]
    token.send(
        "call_back", vault.address, vault.interface.call(entered, arguments), sender=DEPLOYER
    )
    if outer == "deposit":
        vault.send("deposit", A, 10, sender=ALICE)
    else:
        vault.send("claim", A, sender=ALICE)
    assert token.call("attempts") == 1
    assert token.call("reentered") is False
    assert vault.call("liabilities") == (110 if outer == "deposit" else 60)
    assert vault.call("credited") == (80 if outer == "deposit" else 40)


def test_the_constructor_names_what_does_not_fit(chain: EmbeddedChain) -> None:
    door = mock(chain, "Door")  # it has 6 decimals and answers for an inbox
    code = artifact("Vault")
    with refused("cap: got 9223372036854775808, allowed 9223372036854775807"):
        create(
            chain,
            code,
            door.address,
            door.address,
            door.address,
            CAP_MAX_E6 + 1,
            creator=DEPLOYER,
        )
    with refused("inbox belongs to another vault"):
        create(chain, code, door.address, door.address, door.address, 1, creator=DEPLOYER)
    token = mock(chain, "HostileToken", 18)
    with refused("token has not 6 decimals"):
        create(chain, code, token.address, door.address, door.address, 1, creator=DEPLOYER)
