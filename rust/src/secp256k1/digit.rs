//! Digits of two short scalars at once: at each binary place a pair of zeros or units, never both zero.

use super::lattice::Short;
use super::ROWS;

/// u + v*omega: zero, or one of the six units.
pub type Digit = (i8, i8);

/// A digit of a and one of b: each zero or a unit, never both zero.
pub type Pair = (Digit, Digit);

fn unit_like(a: Short) -> Digit {
    match (a.0 & 1, a.1 & 1) {
        (0, 0) => (0, 0),
        (1, 0) => (1, 0),
        (0, _) => (0, 1),
        _ => (-1, -1),
    }
}

fn halved(a: Short, digit: Digit) -> Short {
    ((a.0 - i128::from(digit.0)) >> 1, (a.1 - i128::from(digit.1)) >> 1)
}

pub fn times(sign: i8, digit: Digit) -> Digit {
    (sign * digit.0, sign * digit.1)
}

/// Most significant first.
pub fn digits(mut a: Short, mut b: Short) -> [Pair; 2 * ROWS] {
    let mut pairs = [((0, 0), (0, 0)); 2 * ROWS];
    for pair in pairs[1..].iter_mut().rev() {
        for (s, t) in [(1, 1), (1, -1), (-1, 1), (-1, -1)] {
            *pair = (times(s, unit_like(a)), times(t, unit_like(b)));
            let (c, d) = (halved(a, pair.0), halved(b, pair.1));
            if (c.0 | c.1 | d.0 | d.1) & 1 == 1 {
                (a, b) = (c, d);
                break;
            }
        }
    }
    pairs[0] = ((a.0 as i8, a.1 as i8), (b.0 as i8, b.1 as i8));
    pairs
}

/// omega**power as a digit.
pub const UNITS: [Digit; 3] = [(1, 0), (0, 1), (-1, -1)];

/// The power of omega and the sign that make a unit; None for zero.
pub fn unit(digit: Digit) -> Option<(usize, i8)> {
    UNITS.iter().enumerate().find_map(|(power, &unit)| match digit {
        _ if digit == unit => Some((power, 1)),
        _ if digit == times(-1, unit) => Some((power, -1)),
        _ => None,
    })
}
