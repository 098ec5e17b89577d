//! The row of a signature: its integers, its digits, and the weights of its inequalities.

use super::claim::{Attempt, Prepared};
use super::curve::{beta_times, constants, integer_bytes};
use super::digit::Digit;
use super::weight::{group_weights, weights, GROUPS};
use super::{Bytes, ROWS};

/// z, qx, qy, rx, ry, s, qx2, rx2, qx_beta, qx_beta2, rx_beta, rx_beta2, a, b.
pub const SIGNATURE_WIDE: usize = 14;
/// start byte; then per ladder row alpha (2), rho (2), fixed byte.
pub const SIGNATURE_SMALL: usize = 1 + 5 * ROWS;
/// One weight per 24-bit group for qy - ry, qy - (p - ry) and rx - n; one per piece of b.
pub const SIGNATURE_WEIGHTS: usize = 3 * GROUPS + PIECES;
const PIECES: usize = 6;

/// Rows of signatures: their integers, their digits and their weights.
#[derive(Default)]
pub struct Signatures {
    pub wide: Vec<Bytes>,
    pub small: Vec<i32>,
    pub weights: Vec<u32>,
}

pub fn signature_row(claim: &Prepared, attempt: &Attempt, rows: &mut Signatures) {
    integers(claim, attempt, rows);
    rows.small.push(i32::from(attempt.start));
    let mut pieces = [0i64; PIECES];
    for (row, (pair, byte)) in attempt.pairs.chunks_exact(2).zip(attempt.fixed).enumerate() {
        let combined = |one: Digit, two: Digit| [2 * one.0 + two.0, 2 * one.1 + two.1];
        let [alpha, rho] = [combined(pair[0].0, pair[1].0), combined(pair[0].1, pair[1].1)];
        rows.small.extend(alpha.into_iter().chain(rho).map(i32::from));
        rows.small.push(i32::from(byte));
        for part in 0..2 {
            let piece = &mut pieces[2 * (row / 11) + part];
            *piece = 4 * *piece + i64::from(rho[part]);
        }
    }
    inequalities(claim, pieces, rows);
}

fn integers(claim: &Prepared, attempt: &Attempt, rows: &mut Signatures) {
    let (q, r) = (&claim.key, &claim.nonce);
    let wide = &mut rows.wide;
    wide.extend([claim.z, q.x.bytes(), q.y.bytes(), r.x.bytes(), r.y.bytes(), claim.s]);
    wide.extend([q.x.square().bytes(), r.x.square().bytes()]);
    for x in [&q.x, &r.x] {
        wide.extend([beta_times(x, 1).bytes(), beta_times(x, 2).bytes()]);
    }
    wide.extend([integer_bytes(&attempt.a), integer_bytes(&attempt.b)]);
}

/// Shows that Q is neither R nor -R, that r is not n, and that b is not zero.
fn inequalities(claim: &Prepared, pieces: [i64; PIECES], rows: &mut Signatures) {
    let (q, r) = (&claim.key, &claim.nonce);
    let minus_y = r.y.neg().bytes();
    let n = integer_bytes(&constants().n);
    for (left, right) in [(q.y.bytes(), r.y.bytes()), (q.y.bytes(), minus_y), (r.x.bytes(), n)] {
        rows.weights.extend(group_weights(&left, &right));
    }
    rows.weights.extend(weights(pieces));
}
