//! The witness of secp256k1: integers of 32 little-endian bytes in, the columns of every row out.

use numpy::{PyArray2, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rayon::prelude::*;

use super::array::{integers, matrix};
use crate::secp256k1::{self as curve, Claim};

fn claims(columns: [PyReadonlyArray2<u8>; 5]) -> PyResult<Vec<Claim>> {
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
    Ok(z.zip(r).zip(s).zip(x.zip(y)).map(|(((z, r), s), (x, y))| Claim { z, r, s, x, y }).collect())
}

#[pyfunction]
pub fn secp256k1_witness<'py>(
    py: Python<'py>,
    z: PyReadonlyArray2<'py, u8>,
    r: PyReadonlyArray2<'py, u8>,
    s: PyReadonlyArray2<'py, u8>,
    x: PyReadonlyArray2<'py, u8>,
    y: PyReadonlyArray2<'py, u8>,
) -> PyResult<Bound<'py, PyDict>> {
    let claims = claims([z, r, s, x, y])?;
    let found = py.detach(|| curve::witness(&claims)).map_err(|(index, why)| {
        PyValueError::new_err(format!("signature {index} cannot be proven: {why:?}"))
    })?;
    let out = PyDict::new(py);
    for (name, values, columns) in [
        ("signature_wide", found.signatures.wide, curve::SIGNATURE_WIDE),
        ("joint_wide", found.joint_wide, curve::JOINT_WIDE),
        ("ladder_wide", found.ladder_wide, curve::LADDER_WIDE),
    ] {
        out.set_item(name, matrix(py, values.into_flattened(), 32 * columns)?)?;
    }
    for (name, values, columns) in [
        ("signature_small", found.signatures.small, curve::SIGNATURE_SMALL),
        ("ladder_small", found.ladder_small, curve::LADDER_SMALL),
    ] {
        out.set_item(name, matrix(py, values, columns)?)?;
    }
    for (name, values, columns) in [
        ("signature_weights", found.signatures.weights, curve::SIGNATURE_WEIGHTS),
        ("ladder_weights", found.ladder_weights, curve::LADDER_WEIGHTS),
    ] {
        out.set_item(name, matrix(py, values, columns)?)?;
    }
    Ok(out)
}

/// Why each signature cannot be proven, or None.
#[pyfunction]
pub fn secp256k1_refusals<'py>(
    py: Python<'py>,
    z: PyReadonlyArray2<'py, u8>,
    r: PyReadonlyArray2<'py, u8>,
    s: PyReadonlyArray2<'py, u8>,
    x: PyReadonlyArray2<'py, u8>,
    y: PyReadonlyArray2<'py, u8>,
) -> PyResult<Vec<Option<String>>> {
    let claims = claims([z, r, s, x, y])?;
    Ok(py.detach(|| {
        claims.par_iter().map(|claim| curve::refusal(claim).map(|why| format!("{why:?}"))).collect()
    }))
}

/// The fixed multiples of the generator: x, y and the slope to the next, 32 bytes each.
#[pyfunction]
pub fn secp256k1_fixed(py: Python<'_>) -> PyResult<Bound<'_, PyArray2<u8>>> {
    matrix(py, curve::fixed_table().into_flattened(), 32 * curve::FIXED_WIDE)
}
