#pragma version 0.4.3
#pragma evm-version cancun
"""
@title A USDC-like token for embedded chains and tests
@license Apache-2.0
@notice 6 decimals; its minter makes as much as it likes. Worth nothing: never list it on a real chain.
"""

from ethereum.ercs import IERC20

implements: IERC20

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    amount: uint256

name: public(constant(String[16])) = "Test USD Coin"
symbol: public(constant(String[8])) = "USDC"
decimals: public(constant(uint8)) = 6

minter: public(immutable(address))
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@deploy
def __init__():
    minter = msg.sender


@external
def mint(receiver: address, amount: uint256):
    """
    @notice Make `amount` base units for `receiver`. Only the minter may call.
    """
    assert msg.sender == minter, "only the minter may mint"
    self.totalSupply += amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=empty(address), receiver=receiver, amount=amount)


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice Let `spender` move up to `amount` base units of the caller's.
    """
    self.allowance[msg.sender][spender] = amount
    log Approval(owner=msg.sender, spender=spender, amount=amount)
    return True


@external
def transfer(receiver: address, amount: uint256) -> bool:
    """
    @notice Move `amount` base units of the caller's.
    """
    self._move(msg.sender, receiver, amount)
    return True


@external
def transferFrom(sender: address, receiver: address, amount: uint256) -> bool:
    """
    @notice Move `amount` base units within the caller's allowance.
    """
    assert amount <= self.allowance[sender][msg.sender], "allowance is too small"
    self.allowance[sender][msg.sender] -= amount
    self._move(sender, receiver, amount)
    return True


@internal
def _move(sender: address, receiver: address, amount: uint256):
    assert amount <= self.balanceOf[sender], "balance is too small"
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, amount=amount)
