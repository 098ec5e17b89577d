"""The ledger's rules told again as tables, name for name: the program of a batch and its traces."""

from novate.circuits.batch import batch_inputs, batch_trace, program, public_values
from novate.circuits.secp256k1 import TABLES as SIGNATURE_TABLES

__all__ = ["SIGNATURE_TABLES", "batch_inputs", "batch_trace", "program", "public_values"]
