//! Keys, proofs and verification of a program, over the SWIRL backend's CPU engine.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

use openvm_stark_backend::{
    codec::{Decode, Encode},
    interaction::LogUpSecurityParameters,
    keygen::{types::MultiStarkVerifyingKey, MultiStarkKeygenBuilder},
    proof::Proof,
    prover::{
        AirProvingContext, DeviceDataTransporter, DeviceMultiStarkProvingKey, ProvingContext,
    },
    soundness::SoundnessCalculator,
    AirRef, StarkEngine, SystemParams, WhirProximityStrategy,
};
use openvm_stark_sdk::config::{
    app_params_with_100_bits_security,
    baby_bear_poseidon2::{BabyBearPoseidon2Config, BabyBearPoseidon2CpuEngine},
};
use p3_baby_bear::BabyBear;
use p3_field::PrimeField32;
use p3_matrix::dense::RowMajorMatrix;
use thiserror::Error;

use crate::program::{decode, ProgramError, Table};

type Config = BabyBearPoseidon2Config;
type Engine = BabyBearPoseidon2CpuEngine;
type Backend = openvm_cpu_backend::CpuBackend<Config>;

/// A proof of ours is a few megabytes; nothing larger is decoded.
pub const PROOF_BYTES_MAX: usize = 32 << 20;

#[derive(Debug, Error)]
pub enum VerifyError {
    #[error("proof of {found} bytes, expected at most {expected}")]
    TooLong { expected: usize, found: usize },
    #[error("the proof cannot be decoded: {0}")]
    Decoding(String),
    #[error("public values of {found} tables, expected {expected}")]
    PublicTables { expected: usize, found: usize },
    #[error("table {table}: public value {index} is {found}, expected {expected}")]
    PublicValue { table: String, index: usize, expected: u32, found: u32 },
    #[error("table {table}: {found} public values, expected {expected}")]
    PublicCount { table: String, expected: usize, found: usize },
    #[error("the proof carries work that nobody asked for, expected 0")]
    IdleWork,
    #[error("the proof does not hold: {0}")]
    Refused(String),
    #[error("the verifier stopped on a malformed proof: {0}")]
    Panicked(String),
}

pub struct Machine {
    engine: Engine,
    tables: Vec<Table>,
    key: DeviceMultiStarkProvingKey<Backend>,
    verifying_key: MultiStarkVerifyingKey<Config>,
    pub security_bits: f64,
}

/// Parameters of 100 proven bits, for stacked columns of `2**log_height` rows.
pub fn full_parameters(log_height: usize) -> SystemParams {
    app_params_with_100_bits_security(log_height)
}

/// Small and quick, worth nothing to anybody but a developer: the calculator says how little.
pub fn development_parameters(log_height: usize) -> SystemParams {
    let logup = LogUpSecurityParameters {
        max_interaction_count: BabyBear::ORDER_U32,
        log_max_message_length: 7,
        pow_bits: 0,
    };
    SystemParams::new(
        1,
        4,
        log_height.saturating_sub(4),
        2048,
        10,
        0,
        0,
        WhirProximityStrategy::UniqueDecoding,
        20,
        logup,
        3,
        0,
        4,
    )
}

impl Machine {
    /// Keys of a program. Every table is required: a proof that leaves one out is refused.
    pub fn new(program: &[u8], parameters: SystemParams) -> Result<Self, ProgramError> {
        let tables = decode(program)?;
        let airs = tables.iter().map(|table| Arc::new(table.clone()) as AirRef<Config>).collect();
        Self::of(airs, tables, parameters)
    }

    /// Keys of the hand-written AIRs of the benchmark.
    pub fn bare(parameters: SystemParams) -> Result<Self, ProgramError> {
        Self::of(crate::bare::airs(), Vec::new(), parameters)
    }

    fn of(
        airs: Vec<AirRef<Config>>,
        tables: Vec<Table>,
        parameters: SystemParams,
    ) -> Result<Self, ProgramError> {
        let engine: Engine = StarkEngine::new(parameters);
        let mut builder = MultiStarkKeygenBuilder::new(engine.config().clone());
        for air in airs {
            builder.add_required_air(air);
        }
        let generated = catch_unwind(AssertUnwindSafe(|| builder.generate_pk()))
            .map_err(|cause| ProgramError::Keygen(panic_text(cause)))?;
        let key = generated.map_err(|error| ProgramError::Keygen(error.to_string()))?;
        let verifying_key = key.get_vk();
        let security_bits = SoundnessCalculator::calculate_from_vk(&verifying_key).total_bits;
        let key = engine.device().transport_pk_to_device(&key);
        Ok(Self { engine, tables, key, verifying_key, security_bits })
    }

    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// A proof for one trace and one list of public values per table, in program order.
    ///
    /// Nothing is checked while proving: traces that break a constraint give bytes that do not verify, or an error.
    pub fn prove(
        &self,
        traces: Vec<RowMajorMatrix<BabyBear>>,
        public_values: Vec<Vec<BabyBear>>,
    ) -> Result<Vec<u8>, String> {
        let contexts = traces
            .into_iter()
            .zip(public_values)
            .map(|(trace, values)| AirProvingContext::simple(trace, values))
            .enumerate()
            .collect();
        let proof = catch_unwind(AssertUnwindSafe(|| {
            self.engine.prove(&self.key, ProvingContext::new(contexts))
        }))
        .map_err(panic_text)?
        .map_err(|error| error.to_string())?;
        proof.encode_to_vec().map_err(|error| error.to_string())
    }

    /// Accepts exactly the proofs of these public values under this program and these parameters.
    pub fn verify(&self, bytes: &[u8], public_values: &[Vec<u32>]) -> Result<(), VerifyError> {
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(VerifyError::TooLong { expected: PROOF_BYTES_MAX, found: bytes.len() });
        }
        let verdict = catch_unwind(AssertUnwindSafe(|| self.verify_decoded(bytes, public_values)));
        verdict.unwrap_or_else(|cause| Err(VerifyError::Panicked(panic_text(cause))))
    }

    fn verify_decoded(&self, bytes: &[u8], public_values: &[Vec<u32>]) -> Result<(), VerifyError> {
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
        let idle = |bits: usize, work: &[BabyBear]| {
            bits > 0 || work.iter().all(|witness| witness.as_canonical_u32() == 0)
        };
        let expected = idle(logup.pow_bits, &[proof.gkr_proof.logup_pow_witness])
            && idle(whir.mu_pow_bits, &[found.mu_pow_witness])
            && idle(whir.folding_pow_bits, &found.folding_pow_witnesses)
            && idle(whir.query_phase_pow_bits, &found.query_phase_pow_witnesses);
        if expected {
            Ok(())
        } else {
            Err(VerifyError::IdleWork)
        }
    }

    fn same_public_values(
        &self,
        found: &[Vec<BabyBear>],
        expected: &[Vec<u32>],
    ) -> Result<(), VerifyError> {
        if found.len() != self.tables.len() || expected.len() != self.tables.len() {
            return Err(VerifyError::PublicTables {
                expected: self.tables.len(),
                found: found.len(),
            });
        }
        for ((table, found), expected) in self.tables.iter().zip(found).zip(expected) {
            let table = table.name.clone();
            if found.len() != expected.len() {
                return Err(VerifyError::PublicCount {
                    table,
                    expected: expected.len(),
                    found: found.len(),
                });
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

fn panic_text(cause: Box<dyn std::any::Any + Send>) -> String {
    match cause.downcast::<String>() {
        Ok(text) => *text,
        Err(cause) => cause
            .downcast::<&str>()
            .map_or_else(|_| "unknown cause".to_string(), |text| text.to_string()),
    }
}
