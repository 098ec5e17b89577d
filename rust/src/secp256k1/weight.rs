//! Inequalities in the native field: weights exist exactly where a difference is not zero.

use super::field::{Fp, MODULUS};
use super::Bytes;

const ORDER: u64 = 0x7800_0001;
/// Groups of 24 bits in an integer.
pub const GROUPS: usize = 11;

fn element(value: i64) -> u64 {
    value.rem_euclid(ORDER as i64) as u64
}

fn element_inverse(value: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, value, ORDER - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % ORDER;
        }
        base = base * base % ORDER;
        exponent >>= 1;
    }
    result
}

fn image(bytes: &Bytes) -> u64 {
    bytes.iter().rev().fold(0, |total, &byte| (total * 256 + u64::from(byte)) % ORDER)
}

/// D**2 and 1 / (D*(D**2 - p**2)) for the difference D of two integers; zero when there is none.
pub fn difference_weights(left: &Fp, right: &Fp) -> (u32, u32) {
    let difference = element(image(&right.bytes()) as i64 - image(&left.bytes()) as i64);
    let square = difference * difference % ORDER;
    let p = image(&Fp(MODULUS).bytes());
    let rest = element(square as i64 - (p * p % ORDER) as i64);
    (square as u32, element_inverse(difference * rest % ORDER) as u32)
}

/// Weights with sum(weight * value) = 1: one inverse at the first value that is not zero.
pub fn weights<const N: usize>(values: [i64; N]) -> [u32; N] {
    let mut weights = [0; N];
    if let Some(i) = values.iter().position(|&value| value != 0) {
        weights[i] = element_inverse(element(values[i])) as u32;
    }
    weights
}

pub fn group_weights(left: &Bytes, right: &Bytes) -> [u32; GROUPS] {
    let group = |bytes: &Bytes, i: usize| {
        bytes[3 * i..(3 * i + 3).min(32)]
            .iter()
            .rev()
            .fold(0i64, |total, &byte| total * 256 + i64::from(byte))
    };
    weights(std::array::from_fn(|i| group(left, i) - group(right, i)))
}
