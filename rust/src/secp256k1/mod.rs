//! Witness of the secp256k1 tables: from signatures to the integers of every row.
//!
//! The algorithm and its soundness are told in `docs/internals/secp256k1.md`; the exact reference
//! is `tests/circuits/secp256k1_reference.py`, which this kernel equals value for value. Integers
//! leave as 32 little-endian bytes. Nothing here is secret, so nothing runs in constant time.

mod claim;
mod curve;
mod digit;
mod eisenstein;
mod field;
mod fixed;
mod joint;
mod ladder;
mod lattice;
mod point;
mod signature;
mod weight;
mod witness;

#[cfg(test)]
mod tests;

pub use claim::{refusal, Claim, Refusal};
pub use fixed::{fixed_table, FIXED_WIDE};
pub use joint::JOINT_WIDE;
pub use ladder::{LADDER_SMALL, LADDER_WEIGHTS, LADDER_WIDE};
pub use signature::{SIGNATURE_SMALL, SIGNATURE_WEIGHTS, SIGNATURE_WIDE};
pub use witness::{witness, Witness};

/// Rows of a ladder: two binary places of the short scalars and one byte of the long one each.
const ROWS: usize = 33;

/// A little-endian integer.
pub type Bytes = [u8; 32];
