"""Signed messages as a table: digest and signature of an order, a request or a report, once for all
its uses."""

from __future__ import annotations

from collections.abc import Iterator

from novate.air import Row, Statement, Table, element, lookup, provide, vector
from novate.circuits.buses import DOMAIN, PERMUTATION, SIGNATURE, SIGNED
from novate.field import Tag

MESSAGE_ELEMENTS = 24


class SignedMessage(Table):
    """One message and the key that signed it a row; any number of transactions may rely on it.

    Soundness. The digest is the sponge over tag, domain and payload (three permutations, length and
    tag in the capacity), the domain is the statement's, and a signature over the digest exists
    under the key (bus `signature`). So whoever looks up `signed(tag, payload, key)` knows that the
    holder of the key signed this message for this chain and contract, as long as no collision of
    the sponge is known. It says all this by asking others; it has no sentence of its own. Neither
    tag nor payload has a range here: whoever relies on a message names its tag, and bounds what it
    reads.
    Determined: the digest by the message; which messages, by what was signed.
    """

    tag = element()
    domain = vector(element(), 11)
    payload = vector(element(), 12)
    key = vector(element(), 8)
    first_out, second_out, digest_out = (
        vector(element(), 16),
        vector(element(), 16),
        vector(element(), 16),
    )

    @classmethod
    def constrain(cls, row: Row) -> Iterator[Statement]:
        message = (row.tag, *row.domain, *row.payload)
        capacity = (MESSAGE_ELEMENTS, int(Tag.SIGNED), 0, 0, 0, 0, 0, 0)
        first, second, third = message[:8], message[8:16], message[16:]
        yield lookup(PERMUTATION, state=(*first, *capacity), out=row.first_out)
        yield lookup(PERMUTATION, state=(*second, *row.first_out[8:]), out=row.second_out)
        yield lookup(PERMUTATION, state=(*third, *row.second_out[8:]), out=row.digest_out)
        yield lookup(DOMAIN, domain=row.domain)
        yield lookup(SIGNATURE, digest=row.digest_out[:8], key=row.key)
        yield provide(SIGNED, tag=row.tag, payload=row.payload, key=row.key)
