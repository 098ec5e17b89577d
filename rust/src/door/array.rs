//! Field elements and rows of cells, as integers and numpy arrays on Python's side.

use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2, PyUntypedArrayMethods};
use p3_baby_bear::BabyBear;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use rayon::prelude::*;

pub fn element(value: u32) -> PyResult<BabyBear> {
    if value < BabyBear::ORDER_U32 {
        Ok(BabyBear::from_u32(value))
    } else {
        let limit = BabyBear::ORDER_U32;
        Err(PyValueError::new_err(format!(
            "{value} is not an element: it must lie in [0, {limit})"
        )))
    }
}

pub fn elements(values: &[u32]) -> PyResult<Vec<BabyBear>> {
    values.iter().map(|&value| element(value)).collect()
}

pub fn fixed<const N: usize>(values: &[u32]) -> PyResult<[BabyBear; N]> {
    let found = values.len();
    elements(values)?
        .try_into()
        .map_err(|_| PyValueError::new_err(format!("expected {N} elements, found {found}")))
}

/// The rows of a matrix of canonical elements with the expected number of columns.
pub fn rows<'a>(array: &'a PyReadonlyArray2<u32>, columns: usize) -> PyResult<&'a [u32]> {
    let values = contiguous(array, columns)?;
    match values.par_iter().find_first(|&&value| value >= BabyBear::ORDER_U32) {
        Some(value) => Err(PyValueError::new_err(format!("{value} is not a canonical element"))),
        None => Ok(values),
    }
}

/// Rows of 32 bytes each.
pub fn integers(array: &PyReadonlyArray2<u8>) -> PyResult<Vec<[u8; 32]>> {
    Ok(contiguous(array, 32)?
        .chunks_exact(32)
        .map(|row| {
            let mut bytes = [0; 32];
            bytes.copy_from_slice(row);
            bytes
        })
        .collect())
}

fn contiguous<'a, T: numpy::Element>(
    array: &'a PyReadonlyArray2<T>,
    columns: usize,
) -> PyResult<&'a [T]> {
    let found = array.shape()[1];
    if found != columns {
        return Err(PyValueError::new_err(format!("expected {columns} columns, found {found}")));
    }
    array.as_slice().map_err(|_| PyValueError::new_err("the array must be contiguous, rows first"))
}

pub fn matrix<T: numpy::Element>(
    py: Python<'_>,
    values: Vec<T>,
    columns: usize,
) -> PyResult<Bound<'_, PyArray2<T>>> {
    let count = values.len() / columns;
    numpy::ndarray::Array2::from_shape_vec((count, columns), values)
        .map(|array| array.into_pyarray(py))
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// Canonical integers as elements.
pub fn cells(values: &[u32]) -> Vec<BabyBear> {
    values.par_iter().map(|&value| BabyBear::from_u32(value)).collect()
}
