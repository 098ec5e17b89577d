//! The traces of one program: filled, checked, and probed for what a change would break.

use numpy::{PyArray2, PyReadonlyArray2};
use p3_baby_bear::BabyBear;
use p3_field::PrimeField32;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::prelude::*;

use super::array::{cells, elements, matrix, rows};
use crate::evaluation::Cells;
use crate::filler::{self, FillError};

/// Table, constraint or message, row.
type BrokenTuple = (usize, usize, usize);
/// Broken constraints, unbalanced messages, and whether any message changed.
type VerdictTuple = (Vec<BrokenTuple>, Vec<BrokenTuple>, bool);
/// Bus, fields, surplus, and the table and row where the message was last seen.
type UnbalancedTuple = (u16, Vec<u32>, i64, usize, usize);

/// Fills and checks the traces of one program.
#[pyclass(frozen)]
pub struct Filler {
    inner: filler::Filler,
}

fn refused(error: FillError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

impl Filler {
    fn traces(&self, arrays: &[PyReadonlyArray2<u32>]) -> PyResult<Vec<Cells>> {
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
            .map(|(array, table)| Ok(cells(rows(array, table.width)?)))
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
        Ok(Self { inner: filler::Filler::new(program, plan).map_err(refused)? })
    }

    fn fill<'py>(
        &self,
        py: Python<'py>,
        traces: Vec<PyReadonlyArray2<u32>>,
        public_values: Vec<Vec<u32>>,
    ) -> PyResult<Vec<Bound<'py, PyArray2<u32>>>> {
        let mut cells = self.traces(&traces)?;
        let publics = self.publics(&public_values)?;
        py.detach(|| self.inner.fill(&mut cells, &publics)).map_err(refused)?;
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
        let (broken, unbalanced) =
            py.detach(|| self.inner.check(&cells, &publics, limit)).map_err(refused)?;
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
        let verdicts =
            py.detach(|| self.inner.probe(&cells, &publics, &mutants, mend)).map_err(refused)?;
        Ok(verdicts.into_iter().map(|v| (v.constraints, v.messages, v.spoke)).collect())
    }
}
