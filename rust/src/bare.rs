//! Two hand-written AIRs with the shape of a table of the language: the yardstick of the benchmark.
//!
//! `Mixed`: a flag, then 32 factors a (16 bits, one lookup each), 32 factors b, 32 products c. `Bytes`: the counted table
//! that the lookups meet. Same cells, lookups and degrees as the language lowers; written as one would by hand.

use std::sync::Arc;

use openvm_stark_backend::{interaction::InteractionBuilder, AirRef, PartitionedBaseAir};
use openvm_stark_sdk::config::baby_bear_poseidon2::BabyBearPoseidon2Config;
use p3_air::{Air, AirBuilder, BaseAir, BaseAirWithPublicValues};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;

pub const FACTORS: usize = 32;
pub const MIXED_WIDTH: usize = 1 + 3 * FACTORS;
pub const BYTES_WIDTH: usize = 6;

struct Mixed;
struct Bytes;

impl<F> BaseAir<F> for Mixed {
    fn width(&self) -> usize {
        MIXED_WIDTH
    }
}
impl<F> BaseAirWithPublicValues<F> for Mixed {}
impl<F> PartitionedBaseAir<F> for Mixed {}

impl<AB: AirBuilder + InteractionBuilder> Air<AB> for Mixed {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let (Some(local), Some(next)) = (main.row_slice(0), main.row_slice(1)) else {
            return;
        };
        let real: AB::Expr = local[0].into();
        builder.assert_zero(real.clone() * (real.clone() - AB::Expr::ONE));
        let falls = next[0].into() * (AB::Expr::ONE - real.clone());
        let transition = builder.is_transition();
        builder.assert_zero(transition * falls);
        for i in 1..=FACTORS {
            let product = local[i].into() * local[FACTORS + i].into();
            builder.assert_zero(local[2 * FACTORS + i].into() - product);
            builder.push_interaction(0, [local[i].into()], real.clone(), 1);
        }
    }
}

impl<F> BaseAir<F> for Bytes {
    fn width(&self) -> usize {
        BYTES_WIDTH
    }
}
impl<F> BaseAirWithPublicValues<F> for Bytes {}
impl<F> PartitionedBaseAir<F> for Bytes {}

impl<AB: AirBuilder + InteractionBuilder> Air<AB> for Bytes {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let (Some(local), Some(next)) = (main.row_slice(0), main.row_slice(1)) else {
            return;
        };
        let cell = |i: usize| -> AB::Expr { local[i].into() };
        let (first, last) = (builder.is_first_row(), builder.is_last_row());
        let step = builder.is_transition();
        let (one, top) = (AB::Expr::ONE, AB::Expr::from_u32(255));
        for i in 0..2 {
            builder.assert_zero(first.clone() * cell(i));
            builder.assert_zero(last.clone() * (cell(i) - top.clone()));
        }
        builder.assert_zero(cell(2) * (cell(2) - one.clone()));
        builder.assert_zero(cell(3) - step);
        let counted = next[1].into() - (one.clone() - cell(2)) * (cell(1) + one);
        builder.assert_zero(cell(3) * counted);
        builder.assert_zero(cell(3) * (next[0].into() - cell(0) - cell(2)));
        builder.assert_zero(cell(2) * (cell(1) - top));
        builder.push_interaction(1, [cell(0), cell(1)], -cell(4), 0);
        let both = cell(0) * AB::Expr::from_u32(256) + cell(1);
        builder.push_interaction(0, [both], -cell(5), 0);
    }
}

/// The two AIRs, in the order of their traces.
pub fn airs() -> Vec<AirRef<BabyBearPoseidon2Config>> {
    vec![Arc::new(Mixed), Arc::new(Bytes)]
}
