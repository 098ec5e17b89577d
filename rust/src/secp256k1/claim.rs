//! A claim that a signature is valid, and what its rows are made from.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::Zero;

use super::curve::{beta_times, constants, integer_bytes};
use super::digit::{digits, Pair};
use super::field::Fp;
use super::fixed::byte_of;
use super::lattice::{decomposition, turned, Short};
use super::point::{double_scalar, Point};
use super::{Bytes, ROWS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    KeyNotOnCurve,
    OutOfRange,
    Invalid,
    /// R is a unit times the key: the nonce is the private key times a sixth root of one.
    NonceIsKey,
}

pub struct Claim {
    pub z: Bytes,
    pub r: Bytes,
    pub s: Bytes,
    pub x: Bytes,
    pub y: Bytes,
}

/// Whether a claim is valid, and provable, in the order of the checks.
pub fn refusal(claim: &Claim) -> Option<Refusal> {
    Prepared::new(claim).err()
}

/// A valid claim: `a*Q + b*R + 2*E*G = 0` with short a, b, and E = -b*u/2 for u = z/s.
pub struct Prepared {
    pub z: Bytes,
    pub s: Bytes,
    pub key: Point,
    pub nonce: Point,
    u: BigUint,
    short: (Short, Short),
}

impl Prepared {
    pub fn new(claim: &Claim) -> Result<Self, Refusal> {
        let n = &constants().n;
        let key = key(claim)?;
        let (Some(r), Some(s)) = (scalar(&claim.r), scalar(&claim.s)) else {
            return Err(Refusal::OutOfRange);
        };
        let z = BigUint::from_bytes_le(&claim.z);
        let inverse = s.modinv(n).ok_or(Refusal::OutOfRange)?;
        let (u, v) = (&z * &inverse % n, &r * &inverse % n);
        let nonce = nonce(&u, &v, &key, &r)?;
        Ok(Self { z: claim.z, s: claim.s, key, nonce, u, short: decomposition(&v) })
    }

    /// omega**power * R.
    pub fn nonce_times(&self, power: usize) -> Point {
        Point { x: beta_times(&self.nonce.x, power), y: self.nonce.y }
    }
}

fn key(claim: &Claim) -> Result<Point, Refusal> {
    match (Fp::from_bytes(&claim.x), Fp::from_bytes(&claim.y)) {
        (Some(x), Some(y)) if (Point { x, y }).is_on_curve() => Ok(Point { x, y }),
        _ => Err(Refusal::KeyNotOnCurve),
    }
}

fn scalar(bytes: &Bytes) -> Option<BigUint> {
    let value = BigUint::from_bytes_le(bytes);
    (!value.is_zero() && value < constants().n).then_some(value)
}

/// R = u*G + v*Q, if its x is r and it is no unit times the key.
fn nonce(u: &BigUint, v: &BigUint, key: &Point, r: &BigUint) -> Result<Point, Refusal> {
    let constants = constants();
    let nonce = double_scalar(u, &constants.generator, v, key).ok_or(Refusal::Invalid)?;
    if BigUint::from_bytes_le(&nonce.x.bytes()) % &constants.n != *r {
        return Err(Refusal::Invalid);
    }
    if nonce.y == key.y || nonce.y == key.y.neg() {
        return Err(Refusal::NonceIsKey);
    }
    Ok(nonce)
}

/// The scalars of one try to find a ladder without an exceptional addition.
pub struct Attempt {
    /// The images mod n of the short scalars.
    pub a: BigUint,
    pub b: BigUint,
    /// The digits of both short scalars, most significant first.
    pub pairs: [Pair; 2 * ROWS],
    /// A byte of E per ladder row, the spare one in row 0.
    pub fixed: [u8; ROWS],
    /// The byte of the start.
    pub start: u8,
}

impl Attempt {
    /// Another start, and the short scalars times another unit: of the last row no start knows.
    pub fn new(claim: &Prepared, number: usize) -> Self {
        let (mut a, mut b) = claim.short;
        for _ in 0..number % 6 {
            (a, b) = (turned(a), turned(b));
        }
        let pairs = digits(a, b);
        let (a, b) = (image(a), image(b));
        let (start, spare) = (128 | (number & 127) as u8, (number >> 7) as u8);
        let fixed = fixed_bytes(&claim.u, &b, start, spare);
        Self { a, b, pairs, fixed, start }
    }
}

fn image(short: Short) -> BigUint {
    let constants = constants();
    let value = BigInt::from(short.0) + BigInt::from(short.1) * &constants.lambda;
    value.mod_floor(&constants.signed_n).magnitude().clone()
}

/// The bytes of E less what start and spare byte contribute.
fn fixed_bytes(u: &BigUint, b: &BigUint, start: u8, spare: u8) -> [u8; ROWS] {
    let constants = constants();
    let n = &constants.n;
    let half = (n + 1u8) >> 1;
    let target = BigInt::from(n - (u * b % n * half % n));
    let taken = (BigInt::from(spare) << 64) + (BigInt::from(start) << 66);
    let rest: BigInt = target - taken;
    let bytes = integer_bytes(rest.mod_floor(&constants.signed_n).magnitude());
    let mut fixed = [spare; ROWS];
    for (row, byte) in fixed.iter_mut().enumerate().skip(1) {
        *byte = bytes[byte_of(row)];
    }
    fixed
}
