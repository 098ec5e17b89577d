//! Multiples of the generator: entry h of stream j is `(2h + 1) * 2**(62 j) * G`.

use num_bigint::BigUint;
use num_traits::{One, Zero};
use std::sync::OnceLock;

use super::curve::constants;
use super::field::centred;
use super::point::{double_scalar, Point};
use super::{Bytes, ROWS};

/// x, y and the centred slope to the next entry.
pub const FIXED_WIDE: usize = 3;
const STREAMS: usize = 4;
const ENTRIES: usize = 128;

/// x, y, slope per entry; stream after stream.
pub fn fixed_table() -> Vec<Bytes> {
    let mut rows = Vec::with_capacity(STREAMS * ENTRIES * FIXED_WIDE);
    for stream in streams() {
        let step = stream[0].add(&stream[0]).expect("no point has order two");
        for entry in stream {
            // Odd multiples of B below 256 never meet the step 2B.
            let slope = step.y.sub(&entry.y).mul(&step.x.sub(&entry.x).inverse());
            rows.extend([entry.x.bytes(), entry.y.bytes(), centred(&slope)]);
        }
    }
    rows
}

fn streams() -> &'static [Vec<Point>; STREAMS] {
    static FIXED: OnceLock<[Vec<Point>; STREAMS]> = OnceLock::new();
    FIXED.get_or_init(|| std::array::from_fn(entries))
}

fn entries(stream: usize) -> Vec<Point> {
    let generator = &constants().generator;
    let weight = BigUint::one() << (62 * stream);
    let base = double_scalar(&weight, generator, &BigUint::zero(), generator).expect("weight < n");
    let step = base.add(&base).expect("no point has order two");
    let mut entries = vec![base];
    while entries.len() < ENTRIES {
        let last = entries[entries.len() - 1];
        entries.push(last.add(&step).expect("odd multiples below 256"));
    }
    entries
}

/// The stream from which a ladder row takes its multiple.
pub fn stream_of(row: usize) -> usize {
    (ROWS - 1 - row) % STREAMS
}

/// The place in E, least significant first, of the byte that a ladder row takes.
pub fn byte_of(row: usize) -> usize {
    8 * stream_of(row) + (ROWS - 1 - row) / STREAMS
}

/// (h, sign) of the digit 2*byte - 255 = sign * (2h + 1).
pub fn half(byte: u8) -> (usize, i8) {
    if byte >= 128 {
        (usize::from(byte - 128), 1)
    } else {
        (usize::from(127 - byte), -1)
    }
}

pub fn entry(stream: usize, half: usize) -> Point {
    streams()[stream][half]
}

pub fn fixed_point(stream: usize, byte: u8) -> Point {
    let (h, sign) = half(byte);
    entry(stream, h).signed(sign)
}
