//! The ladder: `2*(2*P + first) + second + fixed` on every row, for many claims in lockstep.

use super::claim::{Attempt, Prepared};
use super::field::{centred, invert_all, Fp};
use super::fixed::{entry, fixed_point, half, stream_of};
use super::joint::{Addend, Joints};
use super::point::Point;
use super::weight::difference_weights;
use super::{Bytes, ROWS};

/// x, y, first x y, second x y, fixed x y, slope and x of a, b, c, d, slope_e, x_out, y_out.
pub const LADDER_WIDE: usize = 19;
/// first: dq (2), dr (2), sign; second: the same; fixed half, fixed sign.
pub const LADDER_SMALL: usize = 12;
/// Square and inverse for first, second, fixed.
pub const LADDER_WEIGHTS: usize = 6;

/// The rows of one ladder.
#[derive(Default)]
pub struct Ladder {
    pub wide: Vec<Bytes>,
    pub small: Vec<i32>,
    pub weights: Vec<u32>,
    /// Some addition met equal abscissas: it needs another start.
    pub exceptional: bool,
}

/// What a ladder is made from: a claim, its joints, and the scalars of an attempt.
pub type Subject<'a> = (&'a Prepared, &'a Joints, Attempt);

/// The ladders of all subjects.
pub fn ladders(subjects: &[Subject]) -> Vec<Ladder> {
    let mut here: Vec<Point> =
        subjects.iter().map(|(_, _, attempt)| fixed_point(0, attempt.start)).collect();
    let mut lockstep = Lockstep(subjects.iter().map(|_| Ladder::default()).collect());
    for row in 0..ROWS {
        let addends = |place: usize| -> Vec<Addend> {
            let new = |(claim, joints, attempt): &Subject| {
                Addend::new(claim, joints, attempt.pairs[2 * row + place])
            };
            subjects.iter().map(new).collect()
        };
        let fixed: Vec<Fixed> =
            subjects.iter().map(|(_, _, attempt)| Fixed::new(row, attempt.fixed[row])).collect();
        here = lockstep.row(&here, &addends(0), &addends(1), &fixed);
    }
    lockstep.0
}

/// The multiple of the generator that a row adds: an entry of its table, and a sign.
struct Fixed {
    half: usize,
    sign: i8,
    entry: Point,
}

impl Fixed {
    fn new(row: usize, byte: u8) -> Self {
        let (half, sign) = half(byte);
        Self { half, sign, entry: entry(stream_of(row), half) }
    }
}

/// The sums of pairs of points, and their slopes.
struct Sums {
    slopes: Vec<Fp>,
    points: Vec<Point>,
}

/// Ladders side by side: one inversion serves one addition of all of them.
struct Lockstep(Vec<Ladder>);

impl Lockstep {
    fn add(&mut self, left: &[Point], right: &[Point]) -> Sums {
        let pairs = || left.iter().zip(right);
        let mut inverses: Vec<Fp> = pairs().map(|(a, b)| b.x.sub(&a.x)).collect();
        for (ladder, difference) in self.0.iter_mut().zip(&inverses) {
            ladder.exceptional |= *difference == Fp::ZERO;
        }
        invert_all(&mut inverses);
        let slopes: Vec<Fp> =
            pairs().zip(&inverses).map(|((a, b), inverse)| b.y.sub(&a.y).mul(inverse)).collect();
        let points = pairs().zip(&slopes).map(|((a, b), slope)| a.chord(b, slope)).collect();
        Sums { slopes, points }
    }

    /// Writes one row of every ladder; the points it ends at.
    fn row(
        &mut self,
        here: &[Point],
        first: &[Addend],
        second: &[Addend],
        fixed: &[Fixed],
    ) -> Vec<Point> {
        let signed = |addends: &[Addend]| addends.iter().map(Addend::signed).collect::<Vec<_>>();
        let entries: Vec<_> = fixed.iter().map(|fixed| fixed.entry.signed(fixed.sign)).collect();
        let a = self.add(here, &signed(first));
        let b = self.add(&a.points, here);
        let c = self.add(&b.points, &signed(second));
        let d = self.add(&c.points, &b.points);
        let out = self.add(&d.points, &entries);
        for (k, ladder) in self.0.iter_mut().enumerate() {
            let (p, t1, t2, u) = (&here[k], &first[k], &second[k], &fixed[k]);
            let points = [p, &t1.point, &t2.point, &u.entry];
            ladder.wide.extend(points.iter().flat_map(|point| [point.x.bytes(), point.y.bytes()]));
            for sums in [&a, &b, &c, &d, &out] {
                ladder.wide.extend([centred(&sums.slopes[k]), sums.points[k].x.bytes()]);
            }
            ladder.wide.push(out.points[k].y.bytes());
            for t in [t1, t2] {
                let labels = [t.dq.0, t.dq.1, t.dr.0, t.dr.1, t.sign];
                ladder.small.extend(labels.map(i32::from));
            }
            ladder.small.extend([u.half as i32, i32::from(u.sign)]);
            ladder.unequal(p, &t1.point);
            ladder.unequal(&b.points[k], &t2.point);
            ladder.unequal(&d.points[k], &u.entry);
        }
        out.points
    }
}

impl Ladder {
    /// Shows that two abscissas differ.
    fn unequal(&mut self, left: &Point, right: &Point) {
        let (square, weight) = difference_weights(&left.x, &right.x);
        self.exceptional |= weight == 0;
        self.weights.extend([square, weight]);
    }
}
