//! The door to Python: a program of tables in, keys and proofs out; and the hash kernels.

pub mod bare;
pub mod filler;
pub mod machine;
pub mod poseidon2;
pub mod probe;
pub mod program;
pub mod quotient;
pub mod secp256k1;

use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2, PyUntypedArrayMethods};
use p3_baby_bear::BabyBear;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use rayon::prelude::*;

use machine::{development_parameters, full_parameters};
use poseidon2::{canonical, compress, permute, sponge};

create_exception!(_stark, ProofRefused, PyException);

fn element(value: u32) -> PyResult<BabyBear> {
    if value < BabyBear::ORDER_U32 {
        Ok(BabyBear::from_u32(value))
    } else {
        let limit = BabyBear::ORDER_U32;
        Err(PyValueError::new_err(format!(
            "{value} is not an element: it must lie in [0, {limit})"
        )))
    }
}

fn elements(values: &[u32]) -> PyResult<Vec<BabyBear>> {
    values.iter().map(|&value| element(value)).collect()
}

fn fixed<const N: usize>(values: &[u32]) -> PyResult<[BabyBear; N]> {
    let found = values.len();
    elements(values)?
        .try_into()
        .map_err(|_| PyValueError::new_err(format!("expected {N} elements, found {found}")))
}

#[pyfunction]
fn poseidon2_permute(state: Vec<u32>) -> PyResult<Vec<u32>> {
    let mut state: poseidon2::State = fixed(&state)?;
    permute(&mut state);
    Ok(canonical(&state))
}

#[pyfunction]
fn poseidon2_compress(left: Vec<u32>, right: Vec<u32>) -> PyResult<Vec<u32>> {
    Ok(canonical(&compress(&fixed(&left)?, &fixed(&right)?)))
}

#[pyfunction]
fn poseidon2_sponge(tag: u32, values: Vec<u32>) -> PyResult<Vec<u32>> {
    if values.is_empty() {
        return Err(PyValueError::new_err("the sponge needs at least one element"));
    }
    let _ = element(tag)?;
    Ok(canonical(&sponge(tag, &elements(&values)?)))
}

/// The rows of a matrix of canonical elements with the expected number of columns.
fn rows<'a>(array: &'a PyReadonlyArray2<u32>, columns: usize) -> PyResult<&'a [u32]> {
    if array.shape()[1] != columns {
        let found = array.shape()[1];
        return Err(PyValueError::new_err(format!("expected {columns} columns, found {found}")));
    }
    let values = array
        .as_slice()
        .map_err(|_| PyValueError::new_err("the array must be contiguous, rows first"))?;
    match values.iter().find(|&&value| value >= BabyBear::ORDER_U32) {
        Some(value) => Err(PyValueError::new_err(format!("{value} is not a canonical element"))),
        None => Ok(values),
    }
}

fn matrix(py: Python<'_>, values: Vec<u32>, columns: usize) -> PyResult<Bound<'_, PyArray2<u32>>> {
    let count = values.len() / columns;
    numpy::ndarray::Array2::from_shape_vec((count, columns), values)
        .map(|array| array.into_pyarray(py))
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

#[pyfunction]
fn poseidon2_permute_many<'py>(
    py: Python<'py>,
    states: PyReadonlyArray2<'py, u32>,
) -> PyResult<Bound<'py, PyArray2<u32>>> {
    let values = rows(&states, 16)?;
    let out = py.detach(|| {
        values
            .par_chunks_exact(16)
            .flat_map_iter(|row| {
                let mut state: poseidon2::State =
                    core::array::from_fn(|i| BabyBear::from_u32(row[i]));
                permute(&mut state);
                state.map(|x| x.as_canonical_u32())
            })
            .collect()
    });
    matrix(py, out, 16)
}

#[pyfunction]
fn poseidon2_compress_many<'py>(
    py: Python<'py>,
    left: PyReadonlyArray2<'py, u32>,
    right: PyReadonlyArray2<'py, u32>,
) -> PyResult<Bound<'py, PyArray2<u32>>> {
    let (left, right) = (rows(&left, 8)?, rows(&right, 8)?);
    if left.len() != right.len() {
        let (a, b) = (left.len() / 8, right.len() / 8);
        return Err(PyValueError::new_err(format!("{a} left words but {b} right words")));
    }
    let out = py.detach(|| {
        left.par_chunks_exact(8)
            .zip(right.par_chunks_exact(8))
            .flat_map_iter(|(l, r)| {
                let l: poseidon2::Word = core::array::from_fn(|i| BabyBear::from_u32(l[i]));
                let r: poseidon2::Word = core::array::from_fn(|i| BabyBear::from_u32(r[i]));
                compress(&l, &r).map(|x| x.as_canonical_u32())
            })
            .collect()
    });
    matrix(py, out, 8)
}

/// Keys of one program at one security level.
#[pyclass(frozen)]
struct Machine {
    inner: machine::Machine,
}

#[pymethods]
impl Machine {
    #[new]
    fn new(py: Python<'_>, program: &[u8], full: bool, log_height: usize) -> PyResult<Self> {
        if !(12..=24).contains(&log_height) {
            return Err(PyValueError::new_err(format!(
                "log_height {log_height} is outside 12..24"
            )));
        }
        let parameters =
            if full { full_parameters(log_height) } else { development_parameters(log_height) };
        let inner = py
            .detach(|| machine::Machine::new(program, parameters))
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Self { inner })
    }

    /// Proven bits of security, by the backend's calculator, from the verifying key.
    #[getter]
    fn security_bits(&self) -> f64 {
        self.inner.security_bits
    }

    fn prove(
        &self,
        py: Python<'_>,
        traces: Vec<PyReadonlyArray2<u32>>,
        public_values: Vec<Vec<u32>>,
    ) -> PyResult<Vec<u8>> {
        let tables = self.inner.tables();
        if traces.len() != tables.len() || public_values.len() != tables.len() {
            return Err(PyValueError::new_err(format!(
                "expected {} traces and lists of public values, found {} and {}",
                tables.len(),
                traces.len(),
                public_values.len()
            )));
        }
        let mut sources = Vec::new();
        for (trace, table) in traces.iter().zip(tables) {
            if !trace.shape()[0].is_power_of_two() {
                return Err(PyValueError::new_err(format!(
                    "table {}: {} rows, expected a power of two",
                    table.name,
                    trace.shape()[0]
                )));
            }
            sources.push((rows(trace, table.width)?, table.width));
        }
        let public_values =
            public_values.iter().map(|v| elements(v)).collect::<PyResult<Vec<_>>>()?;
        let proof = py.detach(|| {
            let matrices = sources
                .iter()
                .map(|(values, width)| {
                    let values = values.par_iter().map(|&v| BabyBear::from_u32(v)).collect();
                    RowMajorMatrix::new(values, *width)
                })
                .collect();
            self.inner.prove(matrices, public_values)
        });
        proof.map_err(PyRuntimeError::new_err)
    }

    fn verify(&self, py: Python<'_>, proof: &[u8], public_values: Vec<Vec<u32>>) -> PyResult<()> {
        py.detach(|| self.inner.verify(proof, &public_values))
            .map_err(|error| ProofRefused::new_err(error.to_string()))
    }
}

type BrokenTuple = (usize, usize, usize);
type VerdictTuple = (Vec<BrokenTuple>, Vec<BrokenTuple>, bool);
type UnbalancedTuple = (u16, Vec<u32>, i64, usize, usize);

/// Fills and checks the traces of one program.
#[pyclass(frozen)]
struct Filler {
    inner: filler::Filler,
}

impl Filler {
    fn traces(&self, arrays: &[PyReadonlyArray2<u32>]) -> PyResult<Vec<filler::Cells>> {
        let tables = self.inner.tables();
        if arrays.len() != tables.len() {
            let (expected, found) = (tables.len(), arrays.len());
            return Err(PyValueError::new_err(format!(
                "expected {expected} traces, found {found}"
            )));
        }
        arrays
            .iter()
            .zip(tables)
            .map(|(array, table)| {
                let values = rows(array, table.width)?;
                Ok(values.par_iter().map(|&v| BabyBear::from_u32(v)).collect())
            })
            .collect()
    }

    fn publics(&self, values: &[Vec<u32>]) -> PyResult<Vec<Vec<BabyBear>>> {
        let tables = self.inner.tables();
        let same = values.len() == tables.len()
            && values.iter().zip(tables).all(|(v, t)| v.len() == t.public_values);
        if !same {
            return Err(PyValueError::new_err("public values of another shape than the program's"));
        }
        values.iter().map(|v| elements(v)).collect()
    }
}

#[pymethods]
impl Filler {
    #[new]
    fn new(program: &[u8], plan: &[u8]) -> PyResult<Self> {
        let inner = filler::Filler::new(program, plan)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Self { inner })
    }

    fn fill<'py>(
        &self,
        py: Python<'py>,
        traces: Vec<PyReadonlyArray2<u32>>,
        public_values: Vec<Vec<u32>>,
    ) -> PyResult<Vec<Bound<'py, PyArray2<u32>>>> {
        let mut cells = self.traces(&traces)?;
        let publics = self.publics(&public_values)?;
        py.detach(|| self.inner.fill(&mut cells, &publics))
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        cells
            .into_iter()
            .zip(self.inner.tables())
            .map(|(cells, table)| {
                let values = cells.par_iter().map(|x| x.as_canonical_u32()).collect();
                matrix(py, values, table.width)
            })
            .collect()
    }

    fn check(
        &self,
        py: Python<'_>,
        traces: Vec<PyReadonlyArray2<u32>>,
        public_values: Vec<Vec<u32>>,
        limit: usize,
    ) -> PyResult<(Vec<BrokenTuple>, Vec<UnbalancedTuple>)> {
        let cells = self.traces(&traces)?;
        let publics = self.publics(&public_values)?;
        let (broken, unbalanced) = py
            .detach(|| self.inner.check(&cells, &publics, limit))
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok((
            broken.into_iter().map(|b| (b.table, b.constraint, b.row)).collect(),
            unbalanced.into_iter().map(|u| (u.bus, u.fields, u.surplus, u.table, u.row)).collect(),
        ))
    }

    /// What each mutant of satisfied traces breaks: constraints, messages, and whether any message changed.
    ///
    /// A mutant is a list of (table, row, cell, value); `mend` fills carries and multiplicities again.
    fn probe(
        &self,
        py: Python<'_>,
        traces: Vec<PyReadonlyArray2<u32>>,
        public_values: Vec<Vec<u32>>,
        mutants: Vec<Vec<(usize, usize, usize, u32)>>,
        mend: bool,
    ) -> PyResult<Vec<VerdictTuple>> {
        let cells = self.traces(&traces)?;
        let publics = self.publics(&public_values)?;
        let verdicts = py
            .detach(|| self.inner.probe(&cells, &publics, &mutants, mend))
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(verdicts.into_iter().map(|v| (v.constraints, v.messages, v.spoke)).collect())
    }
}

/// Proves the two hand-written AIRs of the benchmark, which have the layout of these traces.
#[pyfunction]
fn bare_prove(
    py: Python<'_>,
    log_height: usize,
    mixed: PyReadonlyArray2<u32>,
    bytes: PyReadonlyArray2<u32>,
) -> PyResult<Vec<u8>> {
    let mut matrices = Vec::new();
    for (trace, width) in [(&mixed, 1 + 3 * bare::FACTORS), (&bytes, 6)] {
        let values = rows(trace, width)?.par_iter().map(|&v| BabyBear::from_u32(v)).collect();
        matrices.push(RowMajorMatrix::new(values, width));
    }
    py.detach(|| {
        machine::Machine::bare(full_parameters(log_height))
            .map_err(|error| error.to_string())?
            .prove(matrices, vec![Vec::new(), Vec::new()])
    })
    .map_err(PyRuntimeError::new_err)
}

/// Rows of 32 bytes each.
fn integers(array: &PyReadonlyArray2<u8>) -> PyResult<Vec<[u8; 32]>> {
    if array.shape()[1] != 32 {
        let found = array.shape()[1];
        return Err(PyValueError::new_err(format!("expected rows of 32 bytes, found {found}")));
    }
    let values = array
        .as_slice()
        .map_err(|_| PyValueError::new_err("the array must be contiguous, rows first"))?;
    Ok(values
        .chunks_exact(32)
        .map(|row| {
            let mut bytes = [0; 32];
            bytes.copy_from_slice(row);
            bytes
        })
        .collect())
}

fn claims(columns: [PyReadonlyArray2<u8>; 5]) -> PyResult<Vec<secp256k1::Claim>> {
    let mut parts = Vec::new();
    for column in &columns {
        parts.push(integers(column)?.into_iter());
    }
    let [z, r, s, x, y] =
        <[_; 5]>::try_from(parts).map_err(|_| PyValueError::new_err("expected five columns"))?;
    let lengths = [z.len(), r.len(), s.len(), x.len(), y.len()];
    if lengths.iter().any(|&length| length != lengths[0]) {
        return Err(PyValueError::new_err(format!("columns of different lengths: {lengths:?}")));
    }
    Ok(z.zip(r)
        .zip(s)
        .zip(x.zip(y))
        .map(|(((z, r), s), (x, y))| secp256k1::Claim { z, r, s, x, y })
        .collect())
}

fn shaped<'py, T: numpy::Element>(
    py: Python<'py>,
    values: Vec<T>,
    columns: usize,
) -> PyResult<Bound<'py, PyArray2<T>>> {
    let count = values.len() / columns;
    numpy::ndarray::Array2::from_shape_vec((count, columns), values)
        .map(|array| array.into_pyarray(py))
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// Witness of the secp256k1 tables: integers of 32 little-endian bytes in, the columns of every row out.
#[pyfunction]
fn secp256k1_witness<'py>(
    py: Python<'py>,
    z: PyReadonlyArray2<'py, u8>,
    r: PyReadonlyArray2<'py, u8>,
    s: PyReadonlyArray2<'py, u8>,
    x: PyReadonlyArray2<'py, u8>,
    y: PyReadonlyArray2<'py, u8>,
) -> PyResult<Bound<'py, pyo3::types::PyDict>> {
    let claims = claims([z, r, s, x, y])?;
    let found = py.detach(|| secp256k1::witness(&claims)).map_err(|(index, why)| {
        PyValueError::new_err(format!("signature {index} cannot be proven: {why:?}"))
    })?;
    let bytes = |values: Vec<[u8; 32]>| values.into_iter().flatten().collect::<Vec<u8>>();
    let out = pyo3::types::PyDict::new(py);
    use secp256k1 as s;
    out.set_item(
        "signature_wide",
        shaped(py, bytes(found.signature_wide), 32 * s::SIGNATURE_WIDE)?,
    )?;
    out.set_item("signature_small", shaped(py, found.signature_small, s::SIGNATURE_SMALL)?)?;
    out.set_item("signature_weights", shaped(py, found.signature_weights, s::SIGNATURE_WEIGHTS)?)?;
    out.set_item("joint_wide", shaped(py, bytes(found.joint_wide), 32 * s::JOINT_WIDE)?)?;
    out.set_item("ladder_wide", shaped(py, bytes(found.ladder_wide), 32 * s::LADDER_WIDE)?)?;
    out.set_item("ladder_small", shaped(py, found.ladder_small, s::LADDER_SMALL)?)?;
    out.set_item("ladder_weights", shaped(py, found.ladder_weights, s::LADDER_WEIGHTS)?)?;
    Ok(out)
}

/// Why each signature cannot be proven, or None.
#[pyfunction]
fn secp256k1_refusals<'py>(
    py: Python<'py>,
    z: PyReadonlyArray2<'py, u8>,
    r: PyReadonlyArray2<'py, u8>,
    s: PyReadonlyArray2<'py, u8>,
    x: PyReadonlyArray2<'py, u8>,
    y: PyReadonlyArray2<'py, u8>,
) -> PyResult<Vec<Option<String>>> {
    let claims = claims([z, r, s, x, y])?;
    Ok(py.detach(|| {
        claims
            .par_iter()
            .map(|claim| secp256k1::refusal(claim).map(|why| format!("{why:?}")))
            .collect()
    }))
}

/// The fixed multiples of the generator: x, y and the slope to the next, 32 bytes each.
#[pyfunction]
fn secp256k1_fixed(py: Python<'_>) -> PyResult<Bound<'_, PyArray2<u8>>> {
    let values: Vec<u8> = secp256k1::fixed_table().into_iter().flatten().collect();
    shaped(py, values, 32 * secp256k1::FIXED_WIDE)
}

#[pymodule]
fn _stark(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(poseidon2_permute, module)?)?;
    module.add_function(wrap_pyfunction!(poseidon2_compress, module)?)?;
    module.add_function(wrap_pyfunction!(poseidon2_sponge, module)?)?;
    module.add_function(wrap_pyfunction!(poseidon2_permute_many, module)?)?;
    module.add_function(wrap_pyfunction!(poseidon2_compress_many, module)?)?;
    module.add_function(wrap_pyfunction!(secp256k1_witness, module)?)?;
    module.add_function(wrap_pyfunction!(secp256k1_refusals, module)?)?;
    module.add_function(wrap_pyfunction!(secp256k1_fixed, module)?)?;
    module.add_function(wrap_pyfunction!(bare_prove, module)?)?;
    module.add_class::<Filler>()?;
    module.add_class::<Machine>()?;
    module.add("ProofRefused", module.py().get_type::<ProofRefused>())?;
    Ok(())
}
