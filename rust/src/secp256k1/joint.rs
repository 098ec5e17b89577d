//! The multiples of key and nonce point that a ladder adds: one of the two, or their sum up to units.

use super::claim::Prepared;
use super::curve::beta_times;
use super::digit::{times, unit, Digit, Pair, UNITS};
use super::field::{centred, invert_all, Fp};
use super::point::Point;
use super::Bytes;

/// qx, qy, ux, uy, slope, x, y, x_beta, x_beta2.
pub const JOINT_WIDE: usize = 9;
const JOINTS: usize = 6;

/// Slope and point of Q + u*R for the six units u, by power of omega, then plus, minus.
pub type Joints = [(Fp, Point); JOINTS];

/// The joints of all claims, at the price of one inversion.
pub fn joints(prepared: &[Prepared]) -> Vec<Joints> {
    let addends = |claim: &Prepared| -> [Point; JOINTS] {
        std::array::from_fn(|i| claim.nonce_times(i / 2).signed(if i % 2 == 0 { 1 } else { -1 }))
    };
    let mut inverses: Vec<Fp> = prepared
        .iter()
        .flat_map(|claim| addends(claim).map(|addend| addend.x.sub(&claim.key.x)))
        .collect();
    invert_all(&mut inverses);
    prepared
        .iter()
        .zip(inverses.chunks_exact(JOINTS))
        .map(|(claim, inverses)| {
            let addends = addends(claim);
            std::array::from_fn(|i| {
                let slope = addends[i].y.sub(&claim.key.y).mul(&inverses[i]);
                (slope, claim.key.chord(&addends[i], &slope))
            })
        })
        .collect()
}

pub fn joint_rows(claim: &Prepared, joints: &Joints, wide: &mut Vec<Bytes>) {
    for (i, (slope, sum)) in joints.iter().enumerate() {
        let u = claim.nonce_times(i / 2);
        wide.extend([&claim.key.x, &claim.key.y, &u.x, &u.y].map(Fp::bytes));
        wide.extend([centred(slope), sum.x.bytes(), sum.y.bytes()]);
        wide.extend([beta_times(&sum.x, 1).bytes(), beta_times(&sum.x, 2).bytes()]);
    }
}

/// A multiple as the bus `multiple` offers it, and the sign with which a row takes it.
#[derive(Clone, Copy)]
pub struct Addend {
    pub dq: Digit,
    pub dr: Digit,
    pub point: Point,
    pub sign: i8,
}

impl Addend {
    pub fn new(claim: &Prepared, joints: &Joints, pair: Pair) -> Self {
        match (unit(pair.0), unit(pair.1)) {
            (None, None) => unreachable!("digits are never both zero"),
            (None, Some((power, sign))) => {
                Self { dq: (0, 0), dr: UNITS[power], point: claim.nonce_times(power), sign }
            }
            (Some((power, sign)), None) => {
                let point = Point { x: beta_times(&claim.key.x, power), y: claim.key.y };
                Self { dq: UNITS[power], dr: (0, 0), point, sign }
            }
            (Some((power, sign)), Some((other, other_sign))) => {
                let index = 2 * ((other + 3 - power) % 3) + usize::from(sign != other_sign);
                let sum = &joints[index].1;
                let point = Point { x: beta_times(&sum.x, power), y: sum.y };
                Self { dq: UNITS[power], dr: times(sign * other_sign, UNITS[other]), point, sign }
            }
        }
    }

    /// The point as the ladder adds it.
    pub fn signed(&self) -> Point {
        self.point.signed(self.sign)
    }
}
