//! Witness of the secp256k1 tables: from signatures to the integers of every row.
//!
//! The algorithm and its soundness are told in `docs/internals/secp256k1.md`; the exact reference
//! is `tests/circuits/secp256k1_reference.py`, which this kernel equals value for value. Integers
//! leave as 32 little-endian bytes. Nothing here is secret, so nothing runs in constant time.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{One, Zero};
use rayon::prelude::*;
use std::sync::OnceLock;

pub const ROWS: usize = 33;
pub const JOINTS: usize = 6;
pub const STREAMS: usize = 4;
pub const FIXED_ENTRIES: usize = 128;
/// z, qx, qy, rx, ry, s, qx2, rx2, qx_beta, qx_beta2, rx_beta, rx_beta2, a, b.
pub const SIGNATURE_WIDE: usize = 14;
/// start byte; then per ladder row alpha (2), rho (2), fixed byte.
pub const SIGNATURE_SMALL: usize = 1 + 5 * ROWS;
/// One weight per 24-bit group for qy - ry, qy - (p - ry) and rx - n; one per piece of b.
pub const SIGNATURE_WEIGHTS: usize = 3 * GROUPS + 6;
/// qx, qy, ux, uy, slope, x, y, x_beta, x_beta2.
pub const JOINT_WIDE: usize = 9;
/// x, y, first x y, second x y, fixed x y, slope and x of a, b, c, d, slope_e, x_out, y_out.
pub const LADDER_WIDE: usize = 19;
/// first: dq (2), dr (2), sign; second: the same; fixed half, fixed sign.
pub const LADDER_SMALL: usize = 12;
/// Square and inverse for first, second, fixed.
pub const LADDER_WEIGHTS: usize = 6;
/// x, y and the centred slope to the next entry.
pub const FIXED_WIDE: usize = 3;
const GROUPS: usize = 11;
const ELEMENT_ORDER: u64 = 0x7800_0001;
/// Signatures that share one inversion per addition.
const LOCKSTEP: usize = 64;

type Bytes = [u8; 32];

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

/// All tables, signature after signature, rows first.
#[derive(Default)]
pub struct Witness {
    pub signature_wide: Vec<Bytes>,
    pub signature_small: Vec<i32>,
    pub signature_weights: Vec<u32>,
    pub joint_wide: Vec<Bytes>,
    pub ladder_wide: Vec<Bytes>,
    pub ladder_small: Vec<i32>,
    pub ladder_weights: Vec<u32>,
}

impl Witness {
    fn append(&mut self, mut other: Witness) {
        self.signature_wide.append(&mut other.signature_wide);
        self.signature_small.append(&mut other.signature_small);
        self.signature_weights.append(&mut other.signature_weights);
        self.joint_wide.append(&mut other.joint_wide);
        self.ladder_wide.append(&mut other.ladder_wide);
        self.ladder_small.append(&mut other.ladder_small);
        self.ladder_weights.append(&mut other.ladder_weights);
    }
}

/// The rows of every claim, or the first claim that cannot be proven and why.
pub fn witness(claims: &[Claim]) -> Result<Witness, (usize, Refusal)> {
    let parts: Vec<_> = claims
        .par_chunks(LOCKSTEP)
        .enumerate()
        .map(|(chunk, claims)| {
            let prepared = claims
                .iter()
                .enumerate()
                .map(|(i, claim)| prepare(claim).map_err(|why| (chunk * LOCKSTEP + i, why)))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(chunk_witness(&prepared))
        })
        .collect::<Result<_, (usize, Refusal)>>()?;
    let mut all = Witness::default();
    parts.into_iter().for_each(|part| all.append(part));
    Ok(all)
}

/// Whether a claim is valid, and provable, in the order of the checks.
pub fn refusal(claim: &Claim) -> Option<Refusal> {
    prepare(claim).err()
}

/// `fixed`: x, y, slope per entry; `STREAMS` streams of `FIXED_ENTRIES`.
pub fn fixed_table() -> Vec<Bytes> {
    let mut rows = Vec::with_capacity(STREAMS * FIXED_ENTRIES * FIXED_WIDE);
    for stream in &constants().fixed {
        let step = stream[0].add(&stream[0]).expect("no point has order two");
        for entry in stream {
            // Odd multiples of B below 256 never meet the step 2B.
            let slope = step.y.sub(&entry.y).mul(&step.x.sub(&entry.x).inverse());
            rows.extend([entry.x.bytes(), entry.y.bytes(), centred(&slope)]);
        }
    }
    rows
}

// The base field.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fp([u64; 4]);

const MODULUS: [u64; 4] = [0xFFFF_FFFE_FFFF_FC2F, u64::MAX, u64::MAX, u64::MAX];
const FOLD: u64 = 0x1_0000_03D1;

impl Fp {
    const ZERO: Fp = Fp([0; 4]);
    const ONE: Fp = Fp([1, 0, 0, 0]);

    fn from_u64(value: u64) -> Fp {
        Fp([value, 0, 0, 0])
    }

    /// None for a value that is not below p.
    fn from_bytes(bytes: &Bytes) -> Option<Fp> {
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
            *limb = chunk.iter().rev().fold(0, |total, &byte| total << 8 | u64::from(byte));
        }
        let value = Fp(limbs);
        (value.reduced() == value).then_some(value)
    }

    fn bytes(&self) -> Bytes {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    /// The same value below p, from one below 2**256.
    fn reduced(&self) -> Fp {
        let (sum, carry) = plus(self.0, [FOLD, 0, 0, 0]);
        if carry {
            Fp(sum)
        } else {
            *self
        }
    }

    fn add(&self, other: &Fp) -> Fp {
        let (sum, carry) = plus(self.0, other.0);
        if carry {
            Fp(plus(sum, [FOLD, 0, 0, 0]).0)
        } else {
            Fp(sum).reduced()
        }
    }

    fn neg(&self) -> Fp {
        if *self == Fp::ZERO {
            *self
        } else {
            Fp(minus(MODULUS, self.0).0)
        }
    }

    fn sub(&self, other: &Fp) -> Fp {
        let (difference, borrow) = minus(self.0, other.0);
        if borrow {
            Fp(minus(difference, [FOLD, 0, 0, 0]).0)
        } else {
            Fp(difference)
        }
    }

    fn mul(&self, other: &Fp) -> Fp {
        let mut wide = [0u64; 8];
        for i in 0..4 {
            let mut carry = 0u128;
            for j in 0..4 {
                carry += u128::from(self.0[i]) * u128::from(other.0[j]) + u128::from(wide[i + j]);
                wide[i + j] = carry as u64;
                carry >>= 64;
            }
            wide[i + 4] = carry as u64;
        }
        // 2**256 = FOLD mod p: fold the upper half, then what is above 2**256 once more.
        let mut low = [0u64; 4];
        let mut carry = 0u128;
        for i in 0..4 {
            carry += u128::from(wide[i + 4]) * u128::from(FOLD) + u128::from(wide[i]);
            low[i] = carry as u64;
            carry >>= 64;
        }
        let top = carry * u128::from(FOLD);
        let (sum, overflow) = plus(low, [top as u64, (top >> 64) as u64, 0, 0]);
        if overflow {
            Fp(plus(sum, [FOLD, 0, 0, 0]).0)
        } else {
            Fp(sum).reduced()
        }
    }

    fn square(&self) -> Fp {
        self.mul(self)
    }

    fn power(&self, exponent: [u64; 4]) -> Fp {
        let mut result = Fp::ONE;
        for limb in exponent.iter().rev() {
            for bit in (0..64).rev() {
                result = result.square();
                if limb >> bit & 1 == 1 {
                    result = result.mul(self);
                }
            }
        }
        result
    }

    /// Zero for zero.
    fn inverse(&self) -> Fp {
        self.power(minus(MODULUS, [2, 0, 0, 0]).0)
    }
}

fn plus(a: [u64; 4], b: [u64; 4]) -> ([u64; 4], bool) {
    let mut sum = [0; 4];
    let mut carry = false;
    for i in 0..4 {
        let (first, one) = a[i].overflowing_add(b[i]);
        let (second, two) = first.overflowing_add(u64::from(carry));
        sum[i] = second;
        carry = one | two;
    }
    (sum, carry)
}

fn minus(a: [u64; 4], b: [u64; 4]) -> ([u64; 4], bool) {
    let mut difference = [0; 4];
    let mut borrow = false;
    for i in 0..4 {
        let (first, one) = a[i].overflowing_sub(b[i]);
        let (second, two) = first.overflowing_sub(u64::from(borrow));
        difference[i] = second;
        borrow = one | two;
    }
    (difference, borrow)
}

/// Inverts all values at the price of one inversion; a zero stays zero.
fn invert_all(values: &mut [Fp]) {
    let mut products = Vec::with_capacity(values.len());
    let mut product = Fp::ONE;
    for value in values.iter() {
        products.push(product);
        if *value != Fp::ZERO {
            product = product.mul(value);
        }
    }
    let mut inverse = product.inverse();
    for (value, before) in values.iter_mut().zip(products).rev() {
        if *value != Fp::ZERO {
            let next = inverse.mul(value);
            *value = inverse.mul(&before);
            inverse = next;
        }
    }
}

/// The bytes of slope + MIDDLE: each byte less 127 is a digit in [-127, 128].
fn centred(slope: &Fp) -> Bytes {
    slope.add(&Fp([0x7F7F_7F7F_7F7F_7F7F; 4])).bytes()
}

// Points.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Point {
    x: Fp,
    y: Fp,
}

impl Point {
    fn is_on_curve(&self) -> bool {
        self.y.square() == self.x.square().mul(&self.x).add(&Fp::from_u64(7))
    }

    fn signed(&self, sign: i8) -> Point {
        Point { x: self.x, y: if sign < 0 { self.y.neg() } else { self.y } }
    }

    /// None for the neutral element.
    fn add(&self, other: &Point) -> Option<Point> {
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
    fn chord(&self, other: &Point, slope: &Fp) -> Point {
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
fn double_scalar(u: &BigUint, a: &Point, v: &BigUint, b: &Point) -> Option<Point> {
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

// Constants.

struct Constants {
    n: BigUint,
    signed_n: BigInt,
    lambda: BigInt,
    beta: Fp,
    generator: Point,
    prime: Eisenstein,
    fixed: [Vec<Point>; STREAMS],
}

fn constants() -> &'static Constants {
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
        let zero = BigUint::zero();
        let fixed = std::array::from_fn(|stream| {
            let weight = BigUint::one() << (62 * stream);
            let base = double_scalar(&weight, &generator, &zero, &generator).expect("weight < n");
            let step = base.add(&base).expect("no point has order two");
            let mut entries = vec![base];
            while entries.len() < FIXED_ENTRIES {
                let last = entries[entries.len() - 1];
                entries.push(last.add(&step).expect("odd multiples below 256"));
            }
            entries
        });
        // Norm n, and u + v*lambda = 0 mod n.
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
            fixed,
        }
    })
}

/// The four limbs of an integer below 2**256.
fn limbs(value: &BigUint) -> [u64; 4] {
    let mut limbs = [0; 4];
    limbs.iter_mut().zip(value.iter_u64_digits()).for_each(|(limb, digit)| *limb = digit);
    limbs
}

fn integer_bytes(value: &BigUint) -> Bytes {
    Fp(limbs(value)).bytes()
}

// Short scalars: Z[omega], omega**2 + omega + 1 = 0.

/// u + v*omega.
#[derive(Clone, Debug)]
struct Eisenstein(BigInt, BigInt);

impl Eisenstein {
    fn mul(&self, other: &Eisenstein) -> Eisenstein {
        let vv = &self.1 * &other.1;
        Eisenstein(&self.0 * &other.0 - &vv, &self.0 * &other.1 + &self.1 * &other.0 - vv)
    }

    fn sub(&self, other: &Eisenstein) -> Eisenstein {
        Eisenstein(&self.0 - &other.0, &self.1 - &other.1)
    }

    fn conjugate(&self) -> Eisenstein {
        Eisenstein(&self.0 - &self.1, -&self.1)
    }

    fn norm(&self) -> BigInt {
        (&self.0 - &self.1) * &self.0 + &self.1 * &self.1
    }

    /// The nearest Eisenstein integer to self / divisor.
    fn nearest(&self, divisor: &BigInt) -> Eisenstein {
        let (u, i) = self.0.div_mod_floor(divisor);
        let (v, j) = self.1.div_mod_floor(divisor);
        let (right, up) = (&i - divisor, &j - divisor);
        let mut best: Option<(BigInt, usize)> = None;
        for (corner, (x, y)) in
            [(&i, &j), (&i, &up), (&right, &j), (&right, &up)].into_iter().enumerate()
        {
            let norm = (x - y) * x + y * y;
            if best.as_ref().is_none_or(|(least, _)| norm < *least) {
                best = Some((norm, corner));
            }
        }
        let corner = best.map_or(0, |(_, corner)| corner);
        Eisenstein(u + (corner >> 1), v + (corner & 1))
    }
}

type Short = (i128, i128);

/// The shortest (a, b) with a + b*residue = 0 mod n, not divisible by 2.
fn decomposition(residue: &BigUint) -> (Short, Short) {
    let constants = constants();
    let n = &constants.signed_n;
    let residue = Eisenstein(-BigInt::from(residue.clone()), BigInt::zero());
    let one = residue.mul(&constants.prime.conjugate()).nearest(n);
    let zero = Eisenstein(BigInt::zero(), BigInt::zero());
    let unit = Eisenstein(BigInt::one(), BigInt::zero());
    let mut long = (constants.prime.clone(), zero);
    let mut short = (residue.sub(&one.mul(&constants.prime)), unit);
    let mut long_norm = long.0.norm() + long.1.norm();
    let mut short_norm = short.0.norm() + short.1.norm();
    while short_norm < long_norm {
        let first = long.0.mul(&short.0.conjugate());
        let second = long.1.mul(&short.1.conjugate());
        let q = Eisenstein(first.0 + second.0, first.1 + second.1).nearest(&short_norm);
        let next = (long.0.sub(&q.mul(&short.0)), long.1.sub(&q.mul(&short.1)));
        long = std::mem::replace(&mut short, next);
        long_norm = short_norm;
        short_norm = short.0.norm() + short.1.norm();
    }
    let narrow = |value: &BigInt| i128::try_from(value).expect("at most 66 bits");
    let mut a = (narrow(&long.0 .0), narrow(&long.0 .1));
    let mut b = (narrow(&long.1 .0), narrow(&long.1 .1));
    while (a.0 | a.1 | b.0 | b.1) & 1 == 0 {
        a = (a.0 >> 1, a.1 >> 1);
        b = (b.0 >> 1, b.1 >> 1);
    }
    (a, b)
}

type Digit = (i8, i8);

/// A digit of a and one of b: each zero or a unit, never both zero.
type Pair = (Digit, Digit);

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

fn times(sign: i8, digit: Digit) -> Digit {
    (sign * digit.0, sign * digit.1)
}

/// Most significant first.
fn digits(mut a: Short, mut b: Short) -> [Pair; 2 * ROWS] {
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
const UNITS: [Digit; 3] = [(1, 0), (0, 1), (-1, -1)];

/// The power of omega and the sign that make a unit; None for zero.
fn unit(digit: Digit) -> Option<(usize, i8)> {
    UNITS.iter().enumerate().find_map(|(power, &unit)| match digit {
        _ if digit == unit => Some((power, 1)),
        _ if digit == times(-1, unit) => Some((power, -1)),
        _ => None,
    })
}

// From a claim to what the ladder needs.

struct Prepared {
    z: Bytes,
    s: Bytes,
    key: Point,
    nonce: Point,
    a: BigUint,
    b: BigUint,
    target: BigUint,
    pairs: [Pair; 2 * ROWS],
}

fn scalar(bytes: &Bytes) -> Option<BigUint> {
    let value = BigUint::from_bytes_le(bytes);
    (!value.is_zero() && value < constants().n).then_some(value)
}

fn prepare(claim: &Claim) -> Result<Prepared, Refusal> {
    let constants = constants();
    let n = &constants.n;
    let key = match (Fp::from_bytes(&claim.x), Fp::from_bytes(&claim.y)) {
        (Some(x), Some(y)) => Point { x, y },
        _ => return Err(Refusal::KeyNotOnCurve),
    };
    if !key.is_on_curve() {
        return Err(Refusal::KeyNotOnCurve);
    }
    let (Some(r), Some(s)) = (scalar(&claim.r), scalar(&claim.s)) else {
        return Err(Refusal::OutOfRange);
    };
    let z = BigUint::from_bytes_le(&claim.z);
    let inverse = s.modinv(n).ok_or(Refusal::OutOfRange)?;
    let (u, v) = (&z * &inverse % n, &r * &inverse % n);
    let nonce = double_scalar(&u, &constants.generator, &v, &key).ok_or(Refusal::Invalid)?;
    if BigUint::from_bytes_le(&nonce.x.bytes()) % n != r {
        return Err(Refusal::Invalid);
    }
    if nonce.y == key.y || nonce.y == key.y.neg() {
        return Err(Refusal::NonceIsKey);
    }
    let (a, b) = decomposition(&v);
    let image = |c: Short| {
        let value = BigInt::from(c.0) + BigInt::from(c.1) * &constants.lambda;
        value.mod_floor(&constants.signed_n).magnitude().clone()
    };
    let pairs = digits(a, b);
    let (a, b) = (image(a), image(b));
    let half = (n + 1u8) >> 1;
    let target = n - (u * &b % n * half % n);
    Ok(Prepared { z: claim.z, s: claim.s, key, nonce, a, b, target, pairs })
}

impl Prepared {
    /// Bytes of E per ladder row, the spare one in row 0, and the byte of the start.
    fn fixed_bytes(&self, attempt: usize) -> ([u8; ROWS], u8) {
        let n = &constants().signed_n;
        let (start, spare) = (128 | (attempt & 127) as u8, (attempt >> 7) as u8);
        let taken = (BigInt::from(spare) << 64) + (BigInt::from(start) << 66);
        let rest: BigInt = BigInt::from(self.target.clone()) - taken;
        let bytes = integer_bytes(rest.mod_floor(n).magnitude());
        let mut fixed = [spare; ROWS];
        for (row, byte) in fixed.iter_mut().enumerate().skip(1) {
            *byte = bytes[8 * stream_of(row) + (ROWS - 1 - row) / STREAMS];
        }
        (fixed, start)
    }

    /// omega**power * R.
    fn nonce_times(&self, power: usize) -> Point {
        Point { x: beta_times(&self.nonce.x, power), y: self.nonce.y }
    }
}

fn stream_of(row: usize) -> usize {
    (ROWS - 1 - row) % STREAMS
}

fn beta_times(x: &Fp, power: usize) -> Fp {
    let beta = &constants().beta;
    match power {
        0 => *x,
        1 => x.mul(beta),
        _ => x.mul(beta).mul(beta),
    }
}

/// (h, sign) of the digit 2*byte - 255 = sign * (2h + 1).
fn half(byte: u8) -> (usize, i8) {
    if byte >= 128 {
        (usize::from(byte - 128), 1)
    } else {
        (usize::from(127 - byte), -1)
    }
}

fn fixed_point(stream: usize, byte: u8) -> Point {
    let (h, sign) = half(byte);
    constants().fixed[stream][h].signed(sign)
}

// Rows.

/// Q + u*R for the six units u, by power of omega, then plus, minus.
type Joints = [(Fp, Point); JOINTS];

fn joints(prepared: &[Prepared]) -> Vec<Joints> {
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

/// A multiple as the bus `multiple` offers it, and the sign with which a row takes it.
#[derive(Clone, Copy)]
struct Addend {
    dq: Digit,
    dr: Digit,
    point: Point,
    sign: i8,
}

fn addend(claim: &Prepared, joints: &Joints, pair: Pair) -> Addend {
    match (unit(pair.0), unit(pair.1)) {
        (None, None) => unreachable!("digits are never both zero"),
        (None, Some((power, sign))) => {
            Addend { dq: (0, 0), dr: UNITS[power], point: claim.nonce_times(power), sign }
        }
        (Some((power, sign)), None) => {
            let point = Point { x: beta_times(&claim.key.x, power), y: claim.key.y };
            Addend { dq: UNITS[power], dr: (0, 0), point, sign }
        }
        (Some((power, sign)), Some((other, other_sign))) => {
            let index = 2 * ((other + 3 - power) % 3) + usize::from(sign != other_sign);
            let sum = &joints[index].1;
            let point = Point { x: beta_times(&sum.x, power), y: sum.y };
            Addend { dq: UNITS[power], dr: times(sign * other_sign, UNITS[other]), point, sign }
        }
    }
}

#[derive(Default)]
struct Ladder {
    wide: Vec<Bytes>,
    small: Vec<i32>,
    weights: Vec<u32>,
    exceptional: bool,
}

fn chunk_witness(prepared: &[Prepared]) -> Witness {
    let joints = joints(prepared);
    let mut attempts = vec![0; prepared.len()];
    let mut done: Vec<Option<Ladder>> = prepared.iter().map(|_| None).collect();
    loop {
        let open: Vec<usize> = (0..prepared.len()).filter(|&i| done[i].is_none()).collect();
        if open.is_empty() {
            break;
        }
        for (&i, ladder) in open.iter().zip(ladders(prepared, &joints, &attempts, &open)) {
            if ladder.exceptional {
                attempts[i] += 1;
                assert!(attempts[i] < 1 << 15, "32,768 starts, each with an exceptional addition");
            } else {
                done[i] = Some(ladder);
            }
        }
    }
    let mut witness = Witness::default();
    for (i, ladder) in done.into_iter().flatten().enumerate() {
        signature_row(&prepared[i], attempts[i], &mut witness);
        joint_rows(&prepared[i], &joints[i], &mut witness.joint_wide);
        witness.ladder_wide.extend(ladder.wide);
        witness.ladder_small.extend(ladder.small);
        witness.ladder_weights.extend(ladder.weights);
    }
    witness
}

/// The ladders of the open claims, in lockstep: one inversion serves one addition of all of them.
fn ladders(
    prepared: &[Prepared],
    joints: &[Joints],
    attempts: &[usize],
    open: &[usize],
) -> Vec<Ladder> {
    let bytes: Vec<_> = open.iter().map(|&i| prepared[i].fixed_bytes(attempts[i])).collect();
    let mut here: Vec<Point> = bytes.iter().map(|(_, start)| fixed_point(0, *start)).collect();
    let mut ladders: Vec<Ladder> = open.iter().map(|_| Ladder::default()).collect();
    let mut denominators = vec![Fp::ZERO; open.len()];
    // Adds pairwise: the slopes, and the sums in place of the left points.
    let mut add_all = |left: &mut [Point], right: &[Point], ladders: &mut [Ladder]| -> Vec<Fp> {
        for ((denominator, a), b) in denominators.iter_mut().zip(left.iter()).zip(right) {
            *denominator = b.x.sub(&a.x);
        }
        for (ladder, denominator) in ladders.iter_mut().zip(&denominators) {
            ladder.exceptional |= *denominator == Fp::ZERO;
        }
        invert_all(&mut denominators);
        let slopes: Vec<Fp> = denominators
            .iter()
            .zip(left.iter().zip(right))
            .map(|(inverse, (a, b))| b.y.sub(&a.y).mul(inverse))
            .collect();
        for ((a, b), slope) in left.iter_mut().zip(right).zip(&slopes) {
            *a = a.chord(b, slope);
        }
        slopes
    };
    for row in 0..ROWS {
        let addends = |place: usize| -> Vec<Addend> {
            open.iter()
                .map(|&i| addend(&prepared[i], &joints[i], prepared[i].pairs[2 * row + place]))
                .collect()
        };
        let (first, second) = (addends(0), addends(1));
        let fixed: Vec<Point> =
            bytes.iter().map(|(b, _)| fixed_point(stream_of(row), b[row])).collect();
        let signed = |addends: &[Addend]| -> Vec<Point> {
            addends.iter().map(|addend| addend.point.signed(addend.sign)).collect()
        };
        let mut a = here.clone();
        let slope_a = add_all(&mut a, &signed(&first), &mut ladders);
        let mut b = a.clone();
        let slope_b = add_all(&mut b, &here, &mut ladders);
        let mut c = b.clone();
        let slope_c = add_all(&mut c, &signed(&second), &mut ladders);
        let mut d = c.clone();
        let slope_d = add_all(&mut d, &b, &mut ladders);
        let mut out = d.clone();
        let slope_e = add_all(&mut out, &fixed, &mut ladders);
        for (k, ladder) in ladders.iter_mut().enumerate() {
            let (p, t1, t2) = (&here[k], &first[k], &second[k]);
            let (h, sign) = half(bytes[k].0[row]);
            let u = &constants().fixed[stream_of(row)][h];
            ladder.wide.extend(
                [p, &t1.point, &t2.point, u].iter().flat_map(|q| [q.x.bytes(), q.y.bytes()]),
            );
            for (slope, point) in [(&slope_a, &a), (&slope_b, &b), (&slope_c, &c), (&slope_d, &d)] {
                ladder.wide.extend([centred(&slope[k]), point[k].x.bytes()]);
            }
            ladder.wide.extend([centred(&slope_e[k]), out[k].x.bytes(), out[k].y.bytes()]);
            for t in [t1, t2] {
                let labels = [t.dq.0, t.dq.1, t.dr.0, t.dr.1, t.sign];
                ladder.small.extend(labels.map(i32::from));
            }
            ladder.small.extend([h as i32, i32::from(sign)]);
            for (left, right) in [(p, &t1.point), (&b[k], &t2.point), (&d[k], u)] {
                let (square, weight) = difference_weights(&left.x, &right.x);
                ladder.exceptional |= weight == 0;
                ladder.weights.extend([square, weight]);
            }
        }
        here = out;
    }
    ladders
}

fn signature_row(claim: &Prepared, attempt: usize, witness: &mut Witness) {
    let (q, r) = (&claim.key, &claim.nonce);
    witness.signature_wide.extend([
        claim.z,
        q.x.bytes(),
        q.y.bytes(),
        r.x.bytes(),
        r.y.bytes(),
        claim.s,
    ]);
    witness.signature_wide.extend([q.x.square().bytes(), r.x.square().bytes()]);
    for x in [&q.x, &r.x] {
        witness.signature_wide.extend([beta_times(x, 1).bytes(), beta_times(x, 2).bytes()]);
    }
    witness.signature_wide.extend([integer_bytes(&claim.a), integer_bytes(&claim.b)]);
    let (fixed, start) = claim.fixed_bytes(attempt);
    witness.signature_small.push(i32::from(start));
    let mut pieces = [0i64; 6];
    for (row, (pair, byte)) in claim.pairs.chunks_exact(2).zip(fixed).enumerate() {
        let combined = |one: Digit, two: Digit| [2 * one.0 + two.0, 2 * one.1 + two.1];
        let [alpha, rho] = [combined(pair[0].0, pair[1].0), combined(pair[0].1, pair[1].1)];
        witness.signature_small.extend(alpha.into_iter().chain(rho).map(i32::from));
        witness.signature_small.push(i32::from(byte));
        for part in 0..2 {
            let piece = &mut pieces[2 * (row / 11) + part];
            *piece = 4 * *piece + i64::from(rho[part]);
        }
    }
    let minus_y = r.y.neg().bytes();
    let n = integer_bytes(&constants().n);
    for (left, right) in [(q.y.bytes(), r.y.bytes()), (q.y.bytes(), minus_y), (r.x.bytes(), n)] {
        witness.signature_weights.extend(group_weights(&left, &right));
    }
    witness.signature_weights.extend(weights(pieces));
}

fn joint_rows(claim: &Prepared, joints: &Joints, wide: &mut Vec<Bytes>) {
    for (i, (slope, sum)) in joints.iter().enumerate() {
        let u = claim.nonce_times(i / 2);
        wide.extend([&claim.key.x, &claim.key.y, &u.x, &u.y].map(Fp::bytes));
        wide.extend([centred(slope), sum.x.bytes(), sum.y.bytes()]);
        wide.extend([beta_times(&sum.x, 1).bytes(), beta_times(&sum.x, 2).bytes()]);
    }
}

// Inequalities in the native field.

fn element(value: i64) -> u64 {
    value.rem_euclid(ELEMENT_ORDER as i64) as u64
}

fn element_inverse(value: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, value, ELEMENT_ORDER - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % ELEMENT_ORDER;
        }
        base = base * base % ELEMENT_ORDER;
        exponent >>= 1;
    }
    result
}

fn image(bytes: &Bytes) -> u64 {
    bytes.iter().rev().fold(0, |total, &byte| (total * 256 + u64::from(byte)) % ELEMENT_ORDER)
}

/// D**2 and 1 / (D*(D**2 - p**2)) for the difference D of two integers; zero when there is none.
fn difference_weights(left: &Fp, right: &Fp) -> (u32, u32) {
    let difference = element(image(&right.bytes()) as i64 - image(&left.bytes()) as i64);
    let square = difference * difference % ELEMENT_ORDER;
    let p = image(&Fp(MODULUS).bytes());
    let rest = element(square as i64 - (p * p % ELEMENT_ORDER) as i64);
    (square as u32, element_inverse(difference * rest % ELEMENT_ORDER) as u32)
}

/// Weights with sum(weight * value) = 1: one inverse at the first value that is not zero.
fn weights<const N: usize>(values: [i64; N]) -> [u32; N] {
    let mut weights = [0; N];
    if let Some(i) = values.iter().position(|&value| value != 0) {
        weights[i] = element_inverse(element(values[i])) as u32;
    }
    weights
}

fn group_weights(left: &Bytes, right: &Bytes) -> [u32; GROUPS] {
    let group = |bytes: &Bytes, i: usize| {
        bytes[3 * i..(3 * i + 3).min(32)]
            .iter()
            .rev()
            .fold(0i64, |total, &byte| total * 256 + i64::from(byte))
    };
    weights(std::array::from_fn(|i| group(left, i) - group(right, i)))
}

#[cfg(test)]
mod tests {
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
        let short = (BigUint::one() << 256) - 1u8
            + (BigUint::from(255u8) << 64)
            + (BigUint::from(255u8) << 66);
        let scalar = &c.n - short % &c.n;
        double_scalar(&scalar, &c.generator, &BigUint::zero(), &c.generator).expect("not zero")
    }

    #[test]
    fn every_ladder_ends_at_the_constant() {
        let claims: Vec<_> =
            (1..200).map(|i| claim(i * 7919 + 1, i * 104729 + 5, i * 31)).collect();
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
            witness.signature_small.chunks_exact(SIGNATURE_SMALL).map(|row| row[0]).collect();
        assert!(starts.contains(&128) && starts.contains(&129));
    }

    #[test]
    fn refusals_are_named() {
        let good = claim(11, 17, 23);
        assert_eq!(refusal(&good), None);
        assert_eq!(refusal(&claim(11, 11, 23)), Some(Refusal::NonceIsKey));
        assert_eq!(refusal(&Claim { z: [9; 32], ..good }), Some(Refusal::Invalid));
        assert_eq!(refusal(&Claim { s: [0; 32], ..claim(11, 17, 23) }), Some(Refusal::OutOfRange));
        assert_eq!(
            refusal(&Claim { s: [255; 32], ..claim(11, 17, 23) }),
            Some(Refusal::OutOfRange)
        );
        assert_eq!(
            refusal(&Claim { x: [1; 32], ..claim(11, 17, 23) }),
            Some(Refusal::KeyNotOnCurve)
        );
        assert_eq!(
            refusal(&Claim { x: [255; 32], ..claim(11, 17, 23) }),
            Some(Refusal::KeyNotOnCurve)
        );
    }
}
