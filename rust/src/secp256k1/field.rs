//! The base field of the curve: integers below `p = 2**256 - 2**32 - 977` in four limbs.

use super::Bytes;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fp(pub [u64; 4]);

pub const MODULUS: [u64; 4] = [0xFFFF_FFFE_FFFF_FC2F, u64::MAX, u64::MAX, u64::MAX];
const FOLD: u64 = 0x1_0000_03D1;

impl Fp {
    pub const ZERO: Fp = Fp([0; 4]);
    pub const ONE: Fp = Fp([1, 0, 0, 0]);

    pub fn from_u64(value: u64) -> Fp {
        Fp([value, 0, 0, 0])
    }

    /// None for a value that is not below p.
    pub fn from_bytes(bytes: &Bytes) -> Option<Fp> {
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
            *limb = chunk.iter().rev().fold(0, |total, &byte| total << 8 | u64::from(byte));
        }
        let value = Fp(limbs);
        (value.reduced() == value).then_some(value)
    }

    pub fn bytes(&self) -> Bytes {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    /// The same value below p, from one below 2**256.
    fn reduced(&self) -> Fp {
        let (sum, carry) = plus(self.0, [FOLD, 0, 0, 0]);
        if carry {
            Fp(sum)
        } else {
            *self
        }
    }

    pub fn add(&self, other: &Fp) -> Fp {
        let (sum, carry) = plus(self.0, other.0);
        if carry {
            Fp(plus(sum, [FOLD, 0, 0, 0]).0)
        } else {
            Fp(sum).reduced()
        }
    }

    pub fn neg(&self) -> Fp {
        if *self == Fp::ZERO {
            *self
        } else {
            Fp(minus(MODULUS, self.0).0)
        }
    }

    pub fn sub(&self, other: &Fp) -> Fp {
        let (difference, borrow) = minus(self.0, other.0);
        if borrow {
            Fp(minus(difference, [FOLD, 0, 0, 0]).0)
        } else {
            Fp(difference)
        }
    }

    pub fn mul(&self, other: &Fp) -> Fp {
        let mut wide = [0u64; 8];
        for i in 0..4 {
            let mut carry = 0u128;
            for j in 0..4 {
                carry += u128::from(self.0[i]) * u128::from(other.0[j]) + u128::from(wide[i + j]);
                wide[i + j] = carry as u64;
                carry >>= 64;
            }
            wide[i + 4] = carry as u64;
        }
        // 2**256 = FOLD mod p: fold the upper half, then what is above 2**256 once more.
        let mut low = [0u64; 4];
        let mut carry = 0u128;
        for i in 0..4 {
            carry += u128::from(wide[i + 4]) * u128::from(FOLD) + u128::from(wide[i]);
            low[i] = carry as u64;
            carry >>= 64;
        }
        let top = carry * u128::from(FOLD);
        let (sum, overflow) = plus(low, [top as u64, (top >> 64) as u64, 0, 0]);
        if overflow {
            Fp(plus(sum, [FOLD, 0, 0, 0]).0)
        } else {
            Fp(sum).reduced()
        }
    }

    pub fn square(&self) -> Fp {
        self.mul(self)
    }

    fn power(&self, exponent: [u64; 4]) -> Fp {
        let mut result = Fp::ONE;
        for limb in exponent.iter().rev() {
            for bit in (0..64).rev() {
                result = result.square();
                if limb >> bit & 1 == 1 {
                    result = result.mul(self);
                }
            }
        }
        result
    }

    /// Zero for zero.
    pub fn inverse(&self) -> Fp {
        self.power(minus(MODULUS, [2, 0, 0, 0]).0)
    }
}

fn plus(a: [u64; 4], b: [u64; 4]) -> ([u64; 4], bool) {
    let mut sum = [0; 4];
    let mut carry = false;
    for i in 0..4 {
        let (first, one) = a[i].overflowing_add(b[i]);
        let (second, two) = first.overflowing_add(u64::from(carry));
        sum[i] = second;
        carry = one | two;
    }
    (sum, carry)
}

fn minus(a: [u64; 4], b: [u64; 4]) -> ([u64; 4], bool) {
    let mut difference = [0; 4];
    let mut borrow = false;
    for i in 0..4 {
        let (first, one) = a[i].overflowing_sub(b[i]);
        let (second, two) = first.overflowing_sub(u64::from(borrow));
        difference[i] = second;
        borrow = one | two;
    }
    (difference, borrow)
}

/// Inverts all values at the price of one inversion; a zero stays zero.
pub fn invert_all(values: &mut [Fp]) {
    let mut products = Vec::with_capacity(values.len());
    let mut product = Fp::ONE;
    for value in values.iter() {
        products.push(product);
        if *value != Fp::ZERO {
            product = product.mul(value);
        }
    }
    let mut inverse = product.inverse();
    for (value, before) in values.iter_mut().zip(products).rev() {
        if *value != Fp::ZERO {
            let next = inverse.mul(value);
            *value = inverse.mul(&before);
            inverse = next;
        }
    }
}

/// The bytes of slope + MIDDLE: each byte less 127 is a digit in [-127, 128].
pub fn centred(slope: &Fp) -> Bytes {
    slope.add(&Fp([0x7F7F_7F7F_7F7F_7F7F; 4])).bytes()
}
