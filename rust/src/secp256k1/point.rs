//! Points of the curve: affine ones, and Jacobian ones for products with a scalar.

use num_bigint::BigUint;

use super::field::Fp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    pub x: Fp,
    pub y: Fp,
}

impl Point {
    pub fn is_on_curve(&self) -> bool {
        self.y.square() == self.x.square().mul(&self.x).add(&Fp::from_u64(7))
    }

    pub fn signed(&self, sign: i8) -> Point {
        Point { x: self.x, y: if sign < 0 { self.y.neg() } else { self.y } }
    }

    /// None for the neutral element.
    pub fn add(&self, other: &Point) -> Option<Point> {
        let slope = if self.x != other.x {
            other.y.sub(&self.y).mul(&other.x.sub(&self.x).inverse())
        } else if self.y == other.y {
            let square = self.x.square();
            square.add(&square).add(&square).mul(&self.y.add(&self.y).inverse())
        } else {
            return None;
        };
        Some(self.chord(other, &slope))
    }

    /// The third point of the line of this slope through both, negated.
    pub fn chord(&self, other: &Point, slope: &Fp) -> Point {
        let x = slope.square().sub(&self.x).sub(&other.x);
        Point { x, y: slope.mul(&self.x.sub(&x)).sub(&self.y) }
    }
}

/// (X / Z**2, Y / Z**3); the neutral element has Z = 0.
#[derive(Clone, Copy)]
struct Jacobian {
    x: Fp,
    y: Fp,
    z: Fp,
}

impl Jacobian {
    fn double(&self) -> Jacobian {
        let a = self.x.square();
        let b = self.y.square();
        let c = b.square();
        let xb = self.x.mul(&b);
        let d = xb.add(&xb).add(&xb).add(&xb);
        let e = a.add(&a).add(&a);
        let x = e.square().sub(&d).sub(&d);
        let c2 = c.add(&c);
        let c4 = c2.add(&c2);
        let y = e.mul(&d.sub(&x)).sub(&c4).sub(&c4);
        let yz = self.y.mul(&self.z);
        Jacobian { x, y, z: yz.add(&yz) }
    }

    fn add(&self, other: &Point) -> Jacobian {
        if self.z == Fp::ZERO {
            return Jacobian { x: other.x, y: other.y, z: Fp::ONE };
        }
        let zz = self.z.square();
        let h = other.x.mul(&zz).sub(&self.x);
        let r = other.y.mul(&zz).mul(&self.z).sub(&self.y);
        if h == Fp::ZERO {
            let neutral = Jacobian { x: Fp::ONE, y: Fp::ONE, z: Fp::ZERO };
            return if r == Fp::ZERO { self.double() } else { neutral };
        }
        let hh = h.square();
        let hhh = hh.mul(&h);
        let v = self.x.mul(&hh);
        let x = r.square().sub(&hhh).sub(&v).sub(&v);
        let y = r.mul(&v.sub(&x)).sub(&self.y.mul(&hhh));
        Jacobian { x, y, z: self.z.mul(&h) }
    }

    fn affine(&self) -> Option<Point> {
        if self.z == Fp::ZERO {
            return None;
        }
        let inverse = self.z.inverse();
        let square = inverse.square();
        Some(Point { x: self.x.mul(&square), y: self.y.mul(&square).mul(&inverse) })
    }
}

/// u*a + v*b with one chain of doublings.
pub fn double_scalar(u: &BigUint, a: &Point, v: &BigUint, b: &Point) -> Option<Point> {
    let both = a.add(b);
    let mut total = Jacobian { x: Fp::ONE, y: Fp::ONE, z: Fp::ZERO };
    for bit in (0..u.bits().max(v.bits())).rev() {
        total = total.double();
        match (u.bit(bit), v.bit(bit)) {
            (true, false) => total = total.add(a),
            (false, true) => total = total.add(b),
            (true, true) => total = both.map_or(total, |sum| total.add(&sum)),
            (false, false) => {}
        }
    }
    total.affine()
}
