//! Keys and proofs of a program, over the SWIRL backend's CPU engine.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

use openvm_stark_backend::{
    codec::Encode,
    interaction::LogUpSecurityParameters,
    keygen::{types::MultiStarkVerifyingKey, MultiStarkKeygenBuilder},
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

use crate::program::{decode, ProgramError, Table};

pub type Config = BabyBearPoseidon2Config;
type Engine = BabyBearPoseidon2CpuEngine;
type Backend = openvm_cpu_backend::CpuBackend<Config>;

/// Keys of one program, or of the benchmark's AIRs, at one set of parameters.
pub struct Machine {
    pub(crate) engine: Engine,
    tables: Vec<Table>,
    key: DeviceMultiStarkProvingKey<Backend>,
    pub(crate) verifying_key: MultiStarkVerifyingKey<Config>,
    pub security_bits: f64,
}

/// Parameters of 100 proven bits, for stacked columns of `2**log_height` rows.
pub fn full_parameters(log_height: usize) -> SystemParams {
    app_params_with_100_bits_security(log_height)
}

/// The same parameters without grinding, which is luck: to measure what else a proof costs. Nothing verifies under them.
pub fn parameters_without_work(log_height: usize) -> SystemParams {
    let mut parameters = full_parameters(log_height);
    parameters.logup.pow_bits = 0;
    parameters.whir.mu_pow_bits = 0;
    parameters.whir.folding_pow_bits = 0;
    parameters.whir.query_phase_pow_bits = 0;
    parameters
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
}

/// What a caught panic said.
pub fn panic_text(cause: Box<dyn std::any::Any + Send>) -> String {
    match cause.downcast::<String>() {
        Ok(text) => *text,
        Err(cause) => cause
            .downcast::<&str>()
            .map_or_else(|_| "unknown cause".to_string(), |text| text.to_string()),
    }
}
