//! A claim that a signature is valid, and what its rows are made from.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::Zero;

use super::curve::{beta_times, constants, integer_bytes};
use super::digit::{digits, Pair};
use super::field::Fp;
use super::fixed::byte_of;
use super::lattice::{decomposition, Short};
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

/// A valid claim: `a*Q + b*R + 2*E*G = 0` with short a, b.
pub struct Prepared {
    pub z: Bytes,
    pub s: Bytes,
    pub key: Point,
    pub nonce: Point,
    /// The images mod n of the short scalars.
    pub a: BigUint,
    pub b: BigUint,
    /// E mod n, before it is spread over bytes.
    target: BigUint,
    /// The digits of both short scalars, most significant first.
    pub pairs: [Pair; 2 * ROWS],
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
        let (a, b) = decomposition(&v);
        let pairs = digits(a, b);
        let (a, b) = (image(a), image(b));
        let half = (n + 1u8) >> 1;
        let target = n - (u * &b % n * half % n);
        Ok(Self { z: claim.z, s: claim.s, key, nonce, a, b, target, pairs })
    }

    /// Bytes of E per ladder row, the spare one in row 0, and the byte of the start.
    pub fn fixed_bytes(&self, attempt: usize) -> ([u8; ROWS], u8) {
        let n = &constants().signed_n;
        let (start, spare) = (128 | (attempt & 127) as u8, (attempt >> 7) as u8);
        let taken = (BigInt::from(spare) << 64) + (BigInt::from(start) << 66);
        let rest: BigInt = BigInt::from(self.target.clone()) - taken;
        let bytes = integer_bytes(rest.mod_floor(n).magnitude());
        let mut fixed = [spare; ROWS];
        for (row, byte) in fixed.iter_mut().enumerate().skip(1) {
            *byte = bytes[byte_of(row)];
        }
        (fixed, start)
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

fn image(short: Short) -> BigUint {
    let constants = constants();
    let value = BigInt::from(short.0) + BigInt::from(short.1) * &constants.lambda;
    value.mod_floor(&constants.signed_n).magnitude().clone()
}
