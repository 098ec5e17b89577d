//! What meets a stranger's bytes: every way in which they can fail to be a proof, and the order in which it is looked for.
//!
//! Length, then the lengths inside, then decoding, then idle work, then public values, then the proof itself. Nothing
//! on the way depends on a number of the bytes' own choosing, and a panic of the backend is one more refusal.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::slice::from_ref;

use openvm_stark_backend::{codec::Decode, proof::Proof, StarkEngine, SystemParams};
use p3_baby_bear::BabyBear;
use p3_field::PrimeField32;
use thiserror::Error;

use crate::machine::{panic_text, Config, Machine};
use crate::proof_shape::{ProofShape, ShapeError};

/// A proof of ours is a few megabytes; nothing larger is decoded.
pub const PROOF_BYTES_MAX: usize = 32 << 20;

#[derive(Debug, Error)]
pub enum VerifyError {
    #[error("proof of {found} bytes, expected at most {expected}")]
    TooLong { expected: usize, found: usize },
    #[error("the proof has another shape: {0}")]
    Shape(#[from] ShapeError),
    #[error("the proof cannot be decoded: {0}")]
    Decoding(String),
    #[error("public values of {found} tables, expected {expected}")]
    PublicTables { expected: usize, found: usize },
    #[error("table {table}: public value {index} is {found}, expected {expected}")]
    PublicValue { table: String, index: usize, expected: u32, found: u32 },
    #[error("table {table}: {found} public values, expected {expected}")]
    PublicCount { table: String, expected: usize, found: usize },
    #[error("the proof carries the work {found} where none is asked for, expected 0")]
    IdleWork { found: u32 },
    #[error("the proof does not hold: {0}")]
    Refused(String),
    #[error("the verifier stopped on a malformed proof: {0}")]
    Panicked(String),
}

impl Machine {
    /// Accepts exactly the proofs of these public values under this program and these parameters.
    pub fn verify(&self, bytes: &[u8], public_values: &[Vec<u32>]) -> Result<(), VerifyError> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(VerifyError::TooLong { expected: PROOF_BYTES_MAX, found: bytes.len() });
        }
        let verdict = catch_unwind(AssertUnwindSafe(|| self.verify_short(bytes, public_values)));
        verdict.unwrap_or_else(|cause| Err(VerifyError::Panicked(panic_text(cause))))
    }

    fn verify_short(&self, bytes: &[u8], public_values: &[Vec<u32>]) -> Result<(), VerifyError> {
        ProofShape::of(&self.verifying_key).check(bytes)?;
        let proof = Proof::<Config>::decode_from_bytes(bytes)
            .map_err(|error| VerifyError::Decoding(error.to_string()))?;
        self.no_idle_work(&proof)?;
        self.same_public_values(&proof.public_values, public_values)?;
        self.engine
            .verify(&self.verifying_key, &proof)
            .map_err(|error| VerifyError::Refused(error.to_string()))
    }

    /// A proof of work of 0 bits is never looked at by the backend: it must be 0, so that no proof has a twin.
    fn no_idle_work(&self, proof: &Proof<Config>) -> Result<(), VerifyError> {
        let SystemParams { whir, logup, .. } = &self.verifying_key.inner.params;
        let found = &proof.whir_proof;
        let works = [
            (logup.pow_bits, from_ref(&proof.gkr_proof.logup_pow_witness)),
            (whir.mu_pow_bits, from_ref(&found.mu_pow_witness)),
            (whir.folding_pow_bits, &found.folding_pow_witnesses),
            (whir.query_phase_pow_bits, &found.query_phase_pow_witnesses),
        ];
        let idle = works.iter().filter(|(bits, _)| *bits == 0).flat_map(|(_, work)| work.iter());
        match idle.map(BabyBear::as_canonical_u32).find(|&work| work != 0) {
            Some(found) => Err(VerifyError::IdleWork { found }),
            None => Ok(()),
        }
    }

    fn same_public_values(
        &self,
        found: &[Vec<BabyBear>],
        expected: &[Vec<u32>],
    ) -> Result<(), VerifyError> {
        let tables = self.tables();
        for count in [expected.len(), found.len()] {
            if count != tables.len() {
                return Err(VerifyError::PublicTables { expected: tables.len(), found: count });
            }
        }
        for ((table, found), expected) in tables.iter().zip(found).zip(expected) {
            let table = table.name.clone();
            if found.len() != expected.len() {
                let (expected, found) = (expected.len(), found.len());
                return Err(VerifyError::PublicCount { table, expected, found });
            }
            for (index, (found, &expected)) in found.iter().zip(expected).enumerate() {
                let found = found.as_canonical_u32();
                if found != expected {
                    return Err(VerifyError::PublicValue { table, index, expected, found });
                }
            }
        }
        Ok(())
    }
}
