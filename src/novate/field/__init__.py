"""BabyBear words and the Poseidon2 hash over them: what ledger and circuits share."""

from novate.field.babybear import EXTENSION_RESIDUE, Element, P, Word, word
from novate.field.limbs import (
    address_elements,
    from_limbs16,
    from_signed_element,
    limbs16,
    limbs24,
    signed_element,
    word_bytes,
    word_from_bytes,
)
from novate.field.poseidon2 import EMPTY_SUBTREES, Tag, compress, compress_many, permute, sponge

__all__ = [
    "EMPTY_SUBTREES",
    "EXTENSION_RESIDUE",
    "Element",
    "P",
    "Tag",
    "Word",
    "address_elements",
    "compress",
    "compress_many",
    "from_limbs16",
    "from_signed_element",
    "limbs16",
    "limbs24",
    "permute",
    "signed_element",
    "sponge",
    "word",
    "word_bytes",
    "word_from_bytes",
]
