"""Deployments: wired at creation, found again by one address."""

import pytest

from novate.chain import (
    Contract,
    EmbeddedChain,
    Inconsistent,
    address_of,
    artifact,
    attach,
    create,
    create_token,
    created_address,
)

from .scene import (
    CONFIGURATION,
    DEPLOYER,
    GENESIS,
    NOW,
    PROGRAM,
    STRANGER,
    A,
    Scene,
    mock,
    opened,
    refused,
)


def test_a_system_is_found_by_its_settlement(funded: Scene) -> None:
    made = funded.deployment
    found = attach(funded.chain, made.settlement.address)
    for name in ("token", "vault", "inbox", "settlement", "verifier"):
        assert getattr(found, name).address == getattr(made, name).address
    assert found.program_hash == PROGRAM
    assert list(found.configuration_hash) == CONFIGURATION
    assert list(found.state_root) == GENESIS
    assert found.batch_number == 0


def test_a_contract_with_other_code_is_not_taken_for_ours(funded: Scene) -> None:
    for address in (funded.deployment.vault.address, A):
        with pytest.raises(Inconsistent, match="is not this package's Settlement"):
            attach(funded.chain, address)


def test_a_transaction_in_between_leaves_no_system_behind() -> None:
    class Busy(EmbeddedChain):
        """The deployer's key is used elsewhere after the first creation."""

        sent = 0

        def send(self, **arguments):  # type: ignore[no-untyped-def]
            self.sent += 1
            if self.sent == 3:
                create_token(self, DEPLOYER)
            return super().send(**arguments)

    with refused("inbox belongs to another vault"):
        opened(Busy(timestamp=NOW))


def test_addresses_of_creations_are_known_before() -> None:
    # The example everybody knows: geth's first contract of a development account.
    creator = bytes.fromhex("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0")
    expected = {
        0: "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d",
        1: "343c43a37d37dff08ae8c4a11544c718abb4fcf8",
        2: "f778b86fa74e846c4f0a1fbd1335fe81c00a0c91",
        3: "fffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c",
    }
    for nonce, address in expected.items():
        assert created_address(creator, nonce).hex() == address


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 255, 256, 300])
def test_addresses_agree_with_the_machine(nonce: int) -> None:
    chain = EmbeddedChain(timestamp=NOW)
    token = create_token(chain, DEPLOYER)
    while chain.nonce(address_of(STRANGER)) < nonce:
        token.send("approve", A, 1, sender=STRANGER)
    made = create_token(chain, STRANGER)
    assert made.address == created_address(address_of(STRANGER), nonce)


def settlement(scene: Scene, *, changes: dict[int, object]) -> Contract:
    """A settlement on a stand-in vault and inbox, with some arguments changed."""
    chain = scene.chain
    door = mock(chain, "Door")
    nonce = chain.nonce(address_of(DEPLOYER))
    at = created_address(address_of(DEPLOYER), nonce + 1)
    pointers = [door.address, door.address, at]
    for place, value in changes.items():
        if place < 3:
            pointers[place] = value  # type: ignore[call-overload]
    door.send("tell", *pointers, sender=DEPLOYER)
    arguments = [
        door.address,
        door.address,
        scene.deployment.verifier.address,
        PROGRAM,
        bytes(32),
        bytes(32),
    ]
    for place, value in changes.items():
        if place >= 3:
            arguments[place - 1] = value  # type: ignore[call-overload]
    return create(chain, artifact("Settlement"), *arguments, creator=DEPLOYER)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({0: A}, "inbox belongs to another vault"),
        ({1: A}, "vault uses another inbox"),
        ({2: A}, "vault belongs to another settlement"),
        ({3: A}, "verifier is not a contract"),
        ({5: b"\xff" * 32}, "configuration hash is not a word"),
        ({6: b"\xff" * 32}, "genesis root is not a word"),
    ],
)
def test_a_settlement_refuses_neighbours_that_do_not_point_back(
    scene: Scene, changes: dict[int, object], reason: str | None
) -> None:
    if reason is None:
        settlement(scene, changes=changes)
    else:
        with refused(reason):
            settlement(scene, changes=changes)


def test_a_name_without_contract_is_told(scene: Scene) -> None:
    with pytest.raises(Inconsistent, match="no Vault at 0x"):
        Contract(scene.chain, A, artifact("Vault").interface).call("liabilities")
