//! The door to Python: arrays and bytes in, arrays, proofs and refusals out. Only here is PyO3
//! known, and only here is the interpreter's lock released.

mod array;
mod filler;
mod hash;
mod machine;
mod signature;
mod sums;

use pyo3::prelude::*;

#[pymodule]
fn _stark(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(hash::poseidon2_permute, module)?)?;
    module.add_function(wrap_pyfunction!(hash::poseidon2_compress, module)?)?;
    module.add_function(wrap_pyfunction!(hash::poseidon2_sponge, module)?)?;
    module.add_function(wrap_pyfunction!(hash::poseidon2_permute_many, module)?)?;
    module.add_function(wrap_pyfunction!(hash::poseidon2_compress_many, module)?)?;
    module.add_function(wrap_pyfunction!(signature::secp256k1_witness, module)?)?;
    module.add_function(wrap_pyfunction!(signature::secp256k1_refusals, module)?)?;
    module.add_function(wrap_pyfunction!(signature::secp256k1_fixed, module)?)?;
    module.add_function(wrap_pyfunction!(machine::bare_seconds, module)?)?;
    module.add_function(wrap_pyfunction!(machine::prove_seconds, module)?)?;
    module.add_function(wrap_pyfunction!(sums::grouped_sums, module)?)?;
    module.add_function(wrap_pyfunction!(sums::least_sums, module)?)?;
    module.add_class::<filler::Filler>()?;
    module.add_class::<machine::Machine>()?;
    module.add("ProofRefused", module.py().get_type::<machine::ProofRefused>())?;
    Ok(())
}
