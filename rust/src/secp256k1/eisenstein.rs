//! Z[omega], `omega**2 + omega + 1 = 0`: omega acts on points as the endomorphism does.

use num_bigint::BigInt;
use num_integer::Integer;

/// u + v*omega.
#[derive(Clone, Debug)]
pub struct Eisenstein(pub BigInt, pub BigInt);

impl Eisenstein {
    pub fn mul(&self, other: &Eisenstein) -> Eisenstein {
        let vv = &self.1 * &other.1;
        Eisenstein(&self.0 * &other.0 - &vv, &self.0 * &other.1 + &self.1 * &other.0 - vv)
    }

    pub fn sub(&self, other: &Eisenstein) -> Eisenstein {
        Eisenstein(&self.0 - &other.0, &self.1 - &other.1)
    }

    pub fn conjugate(&self) -> Eisenstein {
        Eisenstein(&self.0 - &self.1, -&self.1)
    }

    pub fn norm(&self) -> BigInt {
        (&self.0 - &self.1) * &self.0 + &self.1 * &self.1
    }

    /// The nearest Eisenstein integer to self / divisor.
    pub fn nearest(&self, divisor: &BigInt) -> Eisenstein {
        let (u, i) = self.0.div_mod_floor(divisor);
        let (v, j) = self.1.div_mod_floor(divisor);
        let (right, up) = (&i - divisor, &j - divisor);
        let mut best: Option<(BigInt, usize)> = None;
        for (corner, (x, y)) in
            [(&i, &j), (&i, &up), (&right, &j), (&right, &up)].into_iter().enumerate()
        {
            let norm = (x - y) * x + y * y;
            if best.as_ref().is_none_or(|(least, _)| norm < *least) {
                best = Some((norm, corner));
            }
        }
        let corner = best.map_or(0, |(_, corner)| corner);
        Eisenstein(u + (corner >> 1), v + (corner & 1))
    }
}
