//! Poseidon2: one state at a time, or many on all cores.

use numpy::{PyArray2, PyReadonlyArray2};
use p3_baby_bear::BabyBear;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::prelude::*;

use super::array::{element, elements, fixed, matrix, rows};
use crate::poseidon2::{canonical, compress, permute, sponge, State, Word};

#[pyfunction]
pub fn poseidon2_permute(state: Vec<u32>) -> PyResult<Vec<u32>> {
    let mut state: State = fixed(&state)?;
    permute(&mut state);
    Ok(canonical(&state))
}

#[pyfunction]
pub fn poseidon2_compress(left: Vec<u32>, right: Vec<u32>) -> PyResult<Vec<u32>> {
    Ok(canonical(&compress(&fixed(&left)?, &fixed(&right)?)))
}

#[pyfunction]
pub fn poseidon2_sponge(tag: u32, values: Vec<u32>) -> PyResult<Vec<u32>> {
    if values.is_empty() {
        return Err(PyValueError::new_err("the sponge needs at least one element"));
    }
    let _ = element(tag)?;
    Ok(canonical(&sponge(tag, &elements(&values)?)))
}

#[pyfunction]
pub fn poseidon2_permute_many<'py>(
    py: Python<'py>,
    states: PyReadonlyArray2<'py, u32>,
) -> PyResult<Bound<'py, PyArray2<u32>>> {
    let values = rows(&states, 16)?;
    let out = py.detach(|| {
        values
            .par_chunks_exact(16)
            .flat_map_iter(|row| {
                let mut state: State = core::array::from_fn(|i| BabyBear::from_u32(row[i]));
                permute(&mut state);
                state.map(|x| x.as_canonical_u32())
            })
            .collect()
    });
    matrix(py, out, 16)
}

#[pyfunction]
pub fn poseidon2_compress_many<'py>(
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
                let l: Word = core::array::from_fn(|i| BabyBear::from_u32(l[i]));
                let r: Word = core::array::from_fn(|i| BabyBear::from_u32(r[i]));
                compress(&l, &r).map(|x| x.as_canonical_u32())
            })
            .collect()
    });
    matrix(py, out, 8)
}
