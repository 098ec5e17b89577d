#pragma version 0.4.3
"""
@title Refusals with their operands
@license Apache-2.0
@notice Vyper 0.4.3 has no custom errors, so a refusal is a reason string that carries its numbers.
"""


@internal
@pure
def because(what: String[40], got: uint256, allowed: uint256) -> String[220]:
    """
    @notice "<what>: got <got>, allowed <allowed>". The unit is the one of the refused argument.
    """
    return concat(what, ": got ", uint2str(got), ", allowed ", uint2str(allowed))
