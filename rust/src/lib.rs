//! The prover of tables, the filler of traces, and a few kernels; `door` is what Python sees of them.

pub mod bare;
mod door;
pub mod evaluation;
pub mod filler;
pub mod grouped_sums;
pub mod least_sums;
pub mod machine;
pub mod poseidon2;
pub mod program;
pub mod proof_shape;
pub mod secp256k1;
mod table_air;
pub mod verification;
