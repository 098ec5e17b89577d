#pragma version 0.4.3
#pragma evm-version cancun
"""
@title A token that misbehaves on command
@license Apache-2.0
@notice For tests: takes a fee, lies about success, or calls somebody back during a transfer.
"""

decimals: public(uint8)
balanceOf: public(HashMap[address, uint256])

# Base units that the receiver does not get, and that the sender loses besides.
fee_in: public(uint256)
fee_out: public(uint256)
# What transfers answer.
answer: public(bool)
# Whom to call, with what, before tokens move; and whether that call went through.
target: public(address)
payload: public(Bytes[4096])
reentered: public(bool)
attempts: public(uint256)


@deploy
def __init__(decimals_: uint8):
    self.decimals = decimals_
    self.answer = True


@external
def mint(receiver: address, amount: uint256):
    self.balanceOf[receiver] += amount


@external
def misbehave(fee_in: uint256, fee_out: uint256, answer: bool):
    self.fee_in = fee_in
    self.fee_out = fee_out
    self.answer = answer


@external
def call_back(target: address, payload: Bytes[4096]):
    self.target = target
    self.payload = payload


@external
def approve(spender: address, amount: uint256) -> bool:
    return True


@external
def transfer(receiver: address, amount: uint256) -> bool:
    return self._move(msg.sender, receiver, amount)


@external
def transferFrom(sender: address, receiver: address, amount: uint256) -> bool:
    return self._move(sender, receiver, amount)


@internal
def _move(sender: address, receiver: address, amount: uint256) -> bool:
    if self.target != empty(address):
        self.attempts += 1
        self.reentered = raw_call(self.target, self.payload, revert_on_failure=False)
    self.balanceOf[sender] -= amount + self.fee_out
    self.balanceOf[receiver] += amount - self.fee_in
    return self.answer
