//! Keys of one program at one security level: proofs out of traces, and refusals of what is none.

use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use p3_baby_bear::BabyBear;
use p3_matrix::dense::RowMajorMatrix;
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use std::time::Instant;

use super::array::{cells, elements, rows};
use crate::bare;
use crate::machine::{self, development_parameters, full_parameters, parameters_without_work};

create_exception!(_stark, ProofRefused, PyException);

/// Keys of one program at one security level.
#[pyclass(frozen)]
pub struct Machine {
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
        let (traces, public_values) = statement(&self.inner, &traces, &public_values)?;
        py.detach(|| self.inner.prove(matrices(&traces), public_values))
            .map_err(PyRuntimeError::new_err)
    }

    fn verify(&self, py: Python<'_>, proof: &[u8], public_values: Vec<Vec<u32>>) -> PyResult<()> {
        py.detach(|| self.inner.verify(proof, &public_values))
            .map_err(|error| ProofRefused::new_err(error.to_string()))
    }
}

/// Rows of a trace, and how many cells a row has.
type Trace<'a> = (&'a [u32], usize);

/// Traces and public values of a program, if they have its shape.
fn statement<'a>(
    machine: &machine::Machine,
    traces: &'a [PyReadonlyArray2<u32>],
    public_values: &[Vec<u32>],
) -> PyResult<(Vec<Trace<'a>>, Vec<Vec<BabyBear>>)> {
    let tables = machine.tables();
    if traces.len() != tables.len() || public_values.len() != tables.len() {
        return Err(PyValueError::new_err(format!(
            "expected {} traces and lists of public values, found {} and {}",
            tables.len(),
            traces.len(),
            public_values.len()
        )));
    }
    let mut found = Vec::new();
    for (trace, table) in traces.iter().zip(tables) {
        let height = trace.shape()[0];
        if !height.is_power_of_two() {
            return Err(PyValueError::new_err(format!(
                "table {}: {height} rows, expected a power of two",
                table.name
            )));
        }
        found.push((rows(trace, table.width)?, table.width));
    }
    Ok((found, public_values.iter().map(|v| elements(v)).collect::<PyResult<_>>()?))
}

fn matrices(traces: &[Trace]) -> Vec<RowMajorMatrix<BabyBear>> {
    traces.iter().map(|&(values, width)| RowMajorMatrix::new(cells(values), width)).collect()
}

/// Seconds that a proof of these traces takes.
fn seconds(
    machine: &machine::Machine,
    traces: &[Trace],
    public_values: Vec<Vec<BabyBear>>,
) -> PyResult<f64> {
    let matrices = matrices(traces);
    let began = Instant::now();
    machine.prove(matrices, public_values).map_err(PyRuntimeError::new_err)?;
    Ok(began.elapsed().as_secs_f64())
}

/// Seconds that a proof at full parameters takes, its grinding aside: what the cost model measures.
#[pyfunction]
pub fn prove_seconds(
    py: Python<'_>,
    program: &[u8],
    log_height: usize,
    traces: Vec<PyReadonlyArray2<u32>>,
    public_values: Vec<Vec<u32>>,
) -> PyResult<f64> {
    let machine = py
        .detach(|| machine::Machine::new(program, parameters_without_work(log_height)))
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    let (traces, public_values) = statement(&machine, &traces, &public_values)?;
    py.detach(|| seconds(&machine, &traces, public_values))
}

/// The same for the two hand-written AIRs of the benchmark, which have the layout of these traces.
#[pyfunction]
pub fn bare_seconds(
    py: Python<'_>,
    log_height: usize,
    mixed: PyReadonlyArray2<u32>,
    bytes: PyReadonlyArray2<u32>,
) -> PyResult<f64> {
    let mut traces = Vec::new();
    for (trace, width) in [(&mixed, bare::MIXED_WIDTH), (&bytes, bare::BYTES_WIDTH)] {
        traces.push((rows(trace, width)?, width));
    }
    py.detach(|| {
        let machine = machine::Machine::bare(parameters_without_work(log_height))
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        seconds(&machine, &traces, vec![Vec::new(); 2])
    })
}
