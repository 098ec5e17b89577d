//! The constants of secp256k1: its order, its generator, and the endomorphism.

use num_bigint::{BigInt, BigUint};
use std::sync::OnceLock;

use super::eisenstein::Eisenstein;
use super::field::Fp;
use super::point::Point;
use super::Bytes;

pub struct Constants {
    pub n: BigUint,
    pub signed_n: BigInt,
    /// lambda * (x, y) = (beta * x, y)
    pub lambda: BigInt,
    pub beta: Fp,
    pub generator: Point,
    /// Of norm n, and zero mod n where omega is lambda.
    pub prime: Eisenstein,
}

pub fn constants() -> &'static Constants {
    static CONSTANTS: OnceLock<Constants> = OnceLock::new();
    CONSTANTS.get_or_init(|| {
        let hex = |text: &[u8]| BigUint::parse_bytes(text, 16).expect("a constant of the curve");
        let field = |text: &[u8]| Fp(limbs(&hex(text)));
        let n = hex(b"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");
        let lambda = hex(b"5363AD4CC05C30E0A5261C028812645A122E22EA20816678DF02967C1B23BD72");
        let generator = Point {
            x: field(b"79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798"),
            y: field(b"483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8"),
        };
        let prime = Eisenstein(
            BigInt::from(64502973549206556628585045361533709077u128),
            -BigInt::from(303414439467246543595250775667605759171u128),
        );
        Constants {
            signed_n: BigInt::from(n.clone()),
            n,
            lambda: BigInt::from(lambda),
            beta: field(b"7AE96A2B657C07106E64479EAC3434E99CF0497512F58995C1396C28719501EE"),
            generator,
            prime,
        }
    })
}

/// The four limbs of an integer below 2**256.
fn limbs(value: &BigUint) -> [u64; 4] {
    let mut limbs = [0; 4];
    limbs.iter_mut().zip(value.iter_u64_digits()).for_each(|(limb, digit)| *limb = digit);
    limbs
}

pub fn integer_bytes(value: &BigUint) -> Bytes {
    Fp(limbs(value)).bytes()
}

/// beta**power * x, for powers below three.
pub fn beta_times(x: &Fp, power: usize) -> Fp {
    let beta = &constants().beta;
    match power {
        0 => *x,
        1 => x.mul(beta),
        _ => x.mul(beta).mul(beta),
    }
}
