//! Quotients of wide laws: a sum of digits divided by a modulus, cut into limbs.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use p3_baby_bear::BabyBear;
use p3_field::PrimeCharacteristicRing;

use super::check::signed;

pub struct Quotient {
    /// Bit position and node of each digit; values are centred around zero.
    digits: Vec<(u32, usize)>,
    /// Cell, bit position and width of each limb.
    limbs: Vec<(usize, u32, u32)>,
    modulus: BigInt,
    bound: BigInt,
}

impl Quotient {
    /// No digit and no limb lies at or above this position.
    pub const BITS_MAX: usize = 4096;

    pub fn new(
        digits: Vec<(u32, usize)>,
        limbs: Vec<(usize, u32, u32)>,
        modulus: Vec<u32>,
        bound: Vec<u32>,
    ) -> Self {
        let positive = |words| BigInt::from_biguint(Sign::Plus, BigUint::new(words));
        Self { digits, limbs, modulus: positive(modulus), bound: positive(bound) }
    }

    pub fn nodes(&self) -> Vec<usize> {
        self.digits.iter().map(|digit| digit.1).collect()
    }

    /// Divide and write the limbs; what does not fit them is lost, and the law will not hold.
    pub fn fill(&self, values: &[BabyBear], cells: &mut [BabyBear]) {
        let last = self.digits.iter().map(|digit| digit.0).max().unwrap_or(0);
        // words of 32 bits, each the sum of a few digits of 31: no i64 overflows
        let mut words = vec![0i64; last as usize / 32 + 3];
        for &(position, node) in &self.digits {
            let (at, rest) = (position as usize / 32, position % 32);
            let wide = i128::from(signed(values[node])) << rest;
            words[at] += (wide & 0xFFFF_FFFF) as i64;
            words[at + 1] += (wide >> 32) as i64;
        }
        let mut carry = 0i64;
        let mut magnitude = Vec::with_capacity(words.len());
        for word in &words {
            let sum = word + carry;
            magnitude.push((sum & 0xFFFF_FFFF) as u32);
            carry = sum >> 32;
        }
        let mut total = BigInt::from_biguint(Sign::Plus, BigUint::new(magnitude));
        total += BigInt::from(carry) << (32 * words.len());
        let quotient = total.div_floor(&self.modulus) + &self.bound;
        let bytes = quotient.to_biguint().map(|q| q.to_bytes_le()).unwrap_or_default();
        for &(cell, position, bits) in &self.limbs {
            let (at, rest) = (position as usize / 8, position % 8);
            let joined = (0..3)
                .rev()
                .fold(0u32, |sum, i| sum << 8 | u32::from(bytes.get(at + i).copied().unwrap_or(0)));
            cells[cell] = BabyBear::from_u32((joined >> rest) & ((1 << bits) - 1));
        }
    }
}
