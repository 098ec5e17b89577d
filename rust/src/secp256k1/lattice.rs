//! Short scalars: the shortest vector of a lattice of rank two over Z[omega].

use num_bigint::{BigInt, BigUint};
use num_traits::{One, Zero};

use super::curve::constants;
use super::eisenstein::Eisenstein;

/// u + v*omega, of at most 66 bits each.
pub type Short = (i128, i128);

/// Times -omega, the unit of order six.
pub fn turned(short: Short) -> Short {
    (short.1, short.1 - short.0)
}

/// The shortest (a, b) with a + b*residue = 0 mod n, not divisible by 2.
pub fn decomposition(residue: &BigUint) -> (Short, Short) {
    let constants = constants();
    let n = &constants.signed_n;
    let residue = Eisenstein(-BigInt::from(residue.clone()), BigInt::zero());
    let one = residue.mul(&constants.prime.conjugate()).nearest(n);
    let zero = Eisenstein(BigInt::zero(), BigInt::zero());
    let unit = Eisenstein(BigInt::one(), BigInt::zero());
    let mut long = (constants.prime.clone(), zero);
    let mut short = (residue.sub(&one.mul(&constants.prime)), unit);
    let mut long_norm = long.0.norm() + long.1.norm();
    let mut short_norm = short.0.norm() + short.1.norm();
    while short_norm < long_norm {
        let first = long.0.mul(&short.0.conjugate());
        let second = long.1.mul(&short.1.conjugate());
        let q = Eisenstein(first.0 + second.0, first.1 + second.1).nearest(&short_norm);
        let next = (long.0.sub(&q.mul(&short.0)), long.1.sub(&q.mul(&short.1)));
        long = std::mem::replace(&mut short, next);
        long_norm = short_norm;
        short_norm = short.0.norm() + short.1.norm();
    }
    let narrow = |value: &BigInt| i128::try_from(value).expect("at most 66 bits");
    let mut a = (narrow(&long.0 .0), narrow(&long.0 .1));
    let mut b = (narrow(&long.1 .0), narrow(&long.1 .1));
    while (a.0 | a.1 | b.0 | b.1) & 1 == 0 {
        a = (a.0 >> 1, a.1 >> 1);
        b = (b.0 >> 1, b.1 >> 1);
    }
    (a, b)
}
