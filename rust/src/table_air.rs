//! A table as an AIR: its nodes replayed over whatever the backend evaluates on.

use openvm_stark_backend::{interaction::InteractionBuilder, PartitionedBaseAir};
use p3_air::{
    Air, AirBuilder, AirBuilderWithPublicValues, BaseAir, BaseAirWithPublicValues, PairBuilder,
};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;

use crate::program::{Node, Table};

impl<F> BaseAir<F> for Table {
    fn width(&self) -> usize {
        self.width
    }
}

impl<F> BaseAirWithPublicValues<F> for Table {
    fn num_public_values(&self) -> usize {
        self.public_values
    }
}

impl<F> PartitionedBaseAir<F> for Table {}

impl<AB> Air<AB> for Table
where
    AB: AirBuilder + InteractionBuilder + PairBuilder + AirBuilderWithPublicValues,
    AB::F: PrimeCharacteristicRing + PrimeField32,
{
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let (Some(local), Some(next)) = (main.row_slice(0), main.row_slice(1)) else {
            return;
        };
        let mut values: Vec<AB::Expr> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let value = match *node {
                Node::Constant(c) => AB::Expr::from(AB::F::from_u32(c.as_canonical_u32())),
                Node::Local(i) => local[i].into(),
                Node::Next(i) => next[i].into(),
                Node::Public(i) => builder.public_values()[i].into(),
                Node::IsFirst => builder.is_first_row(),
                Node::IsLast => builder.is_last_row(),
                Node::IsTransition => builder.is_transition(),
                Node::Add(a, b) => values[a].clone() + values[b].clone(),
                Node::Sub(a, b) => values[a].clone() - values[b].clone(),
                Node::Mul(a, b) => values[a].clone() * values[b].clone(),
                Node::Neg(a) => -values[a].clone(),
            };
            values.push(value);
        }
        for &constraint in &self.constraints {
            builder.assert_zero(values[constraint].clone());
        }
        for message in &self.messages {
            let fields: Vec<AB::Expr> = message.fields.iter().map(|&i| values[i].clone()).collect();
            builder.push_interaction(
                message.bus,
                fields,
                values[message.count].clone(),
                message.weight,
            );
        }
    }
}
