//! Grouped sums and their leasts: arrays in, arrays out.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use numpy::{PyArrayMethods, PyUntypedArrayMethods};
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;

use crate::grouped_sums::{grouped_sums as sum, Holdings, Refusal, Table};
use crate::least_sums::{least_sums as least, Chains};

type Vector<'py> = Bound<'py, PyArray1<i64>>;
type Matrix<'py> = Bound<'py, PyArray2<i64>>;

/// Sums by group, the group of each, where each owner's groups begin, sums by owner.
#[pyfunction]
pub fn grouped_sums<'py>(
    py: Python<'py>,
    cells: PyReadonlyArray2<'py, i64>,
    sized: usize,
    group: PyReadonlyArray1<'py, i64>,
    row: PyReadonlyArray1<'py, i64>,
    weight: PyReadonlyArray1<'py, i64>,
    start: PyReadonlyArray1<'py, i64>,
) -> PyResult<(Matrix<'py>, Vector<'py>, Vector<'py>, Matrix<'py>)> {
    let width = cells.shape()[1];
    let table = Table { cells: cells.as_slice()?, width, sized, group: group.as_slice()? };
    let holdings =
        Holdings { row: row.as_slice()?, weight: weight.as_slice()?, start: start.as_slice()? };
    let sums = py.detach(|| sum(&table, &holdings)).map_err(told)?;
    let matrix = |values: Vec<i64>| {
        let rows = values.len() / width;
        values.into_pyarray(py).reshape([rows, width])
    };
    Ok((
        matrix(sums.by_group)?,
        sums.group.into_pyarray(py),
        sums.first.into_pyarray(py),
        matrix(sums.by_owner)?,
    ))
}

/// For each owner the sum of the leasts of his groups, and 1 where there is one.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
pub fn least_sums<'py>(
    py: Python<'py>,
    value: PyReadonlyArray1<'py, i64>,
    slope: PyReadonlyArray1<'py, i64>,
    first: PyReadonlyArray1<'py, i64>,
    place: PyReadonlyArray1<'py, i64>,
    turn: PyReadonlyArray1<'py, i64>,
    group: PyReadonlyArray1<'py, i64>,
    dips: PyReadonlyArray1<'py, i64>,
    row: PyReadonlyArray1<'py, i64>,
    weight: PyReadonlyArray1<'py, i64>,
    start: PyReadonlyArray1<'py, i64>,
) -> PyResult<(Vector<'py>, Vector<'py>)> {
    let chains = Chains {
        value: value.as_slice()?,
        slope: slope.as_slice()?,
        first: first.as_slice()?,
        place: place.as_slice()?,
        turn: turn.as_slice()?,
        group: group.as_slice()?,
        dips: dips.as_slice()?,
    };
    let holdings =
        Holdings { row: row.as_slice()?, weight: weight.as_slice()?, start: start.as_slice()? };
    let found = py.detach(|| least(&chains, &holdings)).map_err(told)?;
    let sums: Vec<i64> = found.iter().map(|one| one.unwrap_or(0)).collect();
    let is_found: Vec<i64> = found.iter().map(|one| i64::from(one.is_some())).collect();
    Ok((sums.into_pyarray(py), is_found.into_pyarray(py)))
}

fn told(refusal: Refusal) -> PyErr {
    match refusal {
        Refusal::Overflow { .. } => PyOverflowError::new_err(refusal.to_string()),
        _ => PyValueError::new_err(refusal.to_string()),
    }
}
