use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::curve::{constants, integer_bytes};
use super::point::{double_scalar, Point};
use super::*;

fn bytes(value: &BigUint) -> Bytes {
    integer_bytes(value)
}

/// A valid signature of `z` by private key `d` and nonce `k`.
fn claim(d: u64, k: u64, z: u64) -> Claim {
    let c = constants();
    let [d, k, z] = [d, k, z].map(BigUint::from);
    let zero = BigUint::zero();
    let point = |scalar: &BigUint| {
        double_scalar(scalar, &c.generator, &zero, &c.generator).expect("not zero")
    };
    let (key, nonce) = (point(&d), point(&k));
    let r = BigUint::from_bytes_le(&nonce.x.bytes()) % &c.n;
    let s = k.modinv(&c.n).expect("not zero") * (&z + &r * d) % &c.n;
    Claim { z: bytes(&z), r: bytes(&r), s: bytes(&s), x: key.x.bytes(), y: key.y.bytes() }
}

fn end() -> Point {
    let c = constants();
    let short =
        (BigUint::one() << 256) - 1u8 + (BigUint::from(255u8) << 64) + (BigUint::from(255u8) << 66);
    let scalar = &c.n - short % &c.n;
    double_scalar(&scalar, &c.generator, &BigUint::zero(), &c.generator).expect("not zero")
}

#[test]
fn every_ladder_ends_at_the_constant() {
    let claims: Vec<_> = (1..200).map(|i| claim(i * 7919 + 1, i * 104729 + 5, i * 31)).collect();
    let witness = witness(&claims).expect("valid signatures");
    let end = [end().x.bytes(), end().y.bytes()];
    for ladder in witness.ladder_wide.chunks_exact(ROWS * LADDER_WIDE) {
        assert_eq!(ladder[ladder.len() - 2..], end);
    }
}

#[test]
fn the_prime_lies_over_n() {
    let c = constants();
    assert_eq!(c.prime.norm(), c.signed_n);
    assert!((&c.prime.0 + &c.prime.1 * &c.lambda).is_multiple_of(&c.signed_n));
}

#[test]
fn a_key_that_is_the_start_takes_another_start() {
    // The first ladder starts at G; with this key some first rows add the start to itself.
    let attempts: Vec<_> = (1..60).map(|i| claim(1, i * 13 + 2, i)).collect();
    let witness = witness(&attempts).expect("valid signatures");
    let starts: Vec<_> =
        witness.signatures.small.chunks_exact(SIGNATURE_SMALL).map(|row| row[0]).collect();
    assert!(starts.contains(&128) && starts.contains(&129));
}

#[test]
fn refusals_are_named() {
    let good = claim(11, 17, 23);
    assert_eq!(refusal(&good), None);
    assert_eq!(refusal(&claim(11, 11, 23)), Some(Refusal::NonceIsKey));
    assert_eq!(refusal(&Claim { z: [9; 32], ..good }), Some(Refusal::Invalid));
    assert_eq!(refusal(&Claim { s: [0; 32], ..claim(11, 17, 23) }), Some(Refusal::OutOfRange));
    assert_eq!(refusal(&Claim { s: [255; 32], ..claim(11, 17, 23) }), Some(Refusal::OutOfRange));
    assert_eq!(refusal(&Claim { x: [1; 32], ..claim(11, 17, 23) }), Some(Refusal::KeyNotOnCurve));
    assert_eq!(refusal(&Claim { x: [255; 32], ..claim(11, 17, 23) }), Some(Refusal::KeyNotOnCurve));
}
