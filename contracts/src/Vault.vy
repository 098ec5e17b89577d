#pragma version 0.4.3
#pragma evm-version cancun
#pragma nonreentrancy on
"""
@title Vault: the collateral of one asset
@license Apache-2.0
@notice
    Holds one ERC-20-like token of 6 decimals, so one base unit is one millionth of the asset's unit
    and every amount here is in those. Tokens enter by `deposit` and leave by `claim` alone. Nobody
    owns this contract: there is no pause, no upgrade, no rescue of tokens.
    How far the settlement's word reaches is set by its verifier: see Settlement.verifier.
"""

from ethereum.ercs import IERC20
from interfaces import IInbox
from interfaces import IVault
import refusal

implements: IVault

interface IDecimals:
    def decimals() -> uint8: view

event Deposited:
    payer: indexed(address)
    owner: indexed(address)
    amount: uint64
    position: uint256

event Credited:
    owner: indexed(address)
    amount: uint64

event Claimed:
    owner: indexed(address)
    recipient: indexed(address)
    amount: uint256

DECIMALS: constant(uint8) = 6
# A balance inside stays below 2**63 (formats.md, section 9), whatever is deposited.
CAP_LIMIT: constant(uint256) = 2**63 - 1

token: public(immutable(address))
inbox: public(immutable(address))
settlement: public(immutable(address))
# Deposits are refused when they would lift the liabilities above this.
cap: public(immutable(uint256))
# What the vault owes: everything deposited and not yet claimed. The balance may exceed it (gifts),
# and nothing is ever computed from the balance but the difference that one transfer makes.
liabilities: public(uint256)
# The part of the liabilities that settled batches have given back to owners.
credited: public(uint256)
claimable: public(HashMap[address, uint256])


@deploy
def __init__(token_: address, inbox_: address, settlement_: address, cap_: uint256):
    """
    @param inbox_ The inbox, deployed before and pointing here.
    @param settlement_ The only contract that may credit; may be deployed after this one.
    @param cap_ Millionths of the asset's unit, below 2**63.
    """
    assert cap_ <= CAP_LIMIT, refusal.because("cap", cap_, CAP_LIMIT)
    assert staticcall IDecimals(token_).decimals() == DECIMALS, "token has not 6 decimals"
    assert staticcall IInbox(inbox_).vault() == self, "inbox belongs to another vault"
    token = token_
    inbox = inbox_
    settlement = settlement_
    cap = cap_


@external
def deposit(owner: address, amount: uint64) -> uint256:
    """
    @notice Pull `amount` from the caller and enter a deposit for `owner`. Anyone may call; the
            caller must have approved the vault. The first deposit gives the owner an account.
            Money leaves by a session key, which only the owner's own ECDSA signature registers: a
            deposit for a contract, or for any address without a private key, is stuck.
    @param amount Millionths of the asset's unit; the inbox refuses zero.
    @return The position of the record in the inbox.
    """
    micro: uint256 = convert(amount, uint256)
    assert self.liabilities + micro <= cap, refusal.because(
        "liabilities", self.liabilities + micro, cap
    )
    before: uint256 = staticcall IERC20(token).balanceOf(self)
    assert extcall IERC20(token).transferFrom(
        msg.sender, self, micro, default_return_value=True
    ), "token refused the transfer"
    received: uint256 = staticcall IERC20(token).balanceOf(self) - before
    assert received == micro, refusal.because("tokens received", received, micro)
    self.liabilities += micro
    position: uint256 = extcall IInbox(inbox).enqueue_deposit(owner, amount)
    log Deposited(payer=msg.sender, owner=owner, amount=amount, position=position)
    return position


@external
def credit(owner: address, amount: uint64):
    """
    @notice Let `owner` claim `amount` more. Only the settlement may call, for a proven withdrawal.
    @dev The sum of credits never exceeds what was deposited, whatever the settlement says.
    @param amount Millionths of the asset's unit.
    """
    assert msg.sender == settlement, "only the settlement may credit"
    micro: uint256 = convert(amount, uint256)
    credited: uint256 = self.credited + micro
    assert credited <= self.liabilities, refusal.because("credited", credited, self.liabilities)
    self.credited = credited
    self.claimable[owner] += micro
    log Credited(owner=owner, amount=amount)


@external
def claim(recipient: address) -> uint256:
    """
    @notice Pay all that the caller can claim to `recipient`. Only the owner's own call does this.
    @dev An owner to whom the token refuses transfers names another recipient; nobody else is held up.
    @return Millionths of the asset's unit paid; never zero.
    """
    assert recipient != empty(address) and recipient != self, "recipient cannot receive"
    amount: uint256 = self.claimable[msg.sender]
    assert amount != 0, "nothing to claim"
    self.claimable[msg.sender] = 0
    self.credited -= amount
    self.liabilities -= amount
    before: uint256 = staticcall IERC20(token).balanceOf(self)
    assert extcall IERC20(token).transfer(
        recipient, amount, default_return_value=True
    ), "token refused the transfer"
    paid: uint256 = before - staticcall IERC20(token).balanceOf(self)
    assert paid == amount, refusal.because("tokens paid", paid, amount)
    log Claimed(owner=msg.sender, recipient=recipient, amount=amount)
    return amount
