//! A program of tables as it arrives from the language: one byte string, decoded once.
//!
//! Encoding: little-endian `u32`s and length-prefixed UTF-8 strings. Names travel with the program so that its hash
//! covers them; only the arithmetic matters here.

use p3_baby_bear::BabyBear;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use thiserror::Error;

pub const MAGIC: &[u8; 8] = b"novate-1";
/// No program of ours comes near; a length beyond it is a damaged encoding.
const LENGTH_MAX: usize = 1 << 24;

/// The backend walks expressions by recursion and adds up degrees unseen. Ours are 223 deep, of degree 3.
const DEPTH_MAX: usize = 2048;
const DEGREE_MAX: usize = 16;

#[derive(Debug, Error)]
pub enum ProgramError {
    #[error("the program ends at byte {found}, expected at least {expected}")]
    Truncated { expected: usize, found: usize },
    #[error("the program does not begin with {expected:?}")]
    Magic { expected: &'static str },
    #[error("a length of {found} exceeds the limit of {expected}")]
    Length { expected: usize, found: usize },
    #[error("{found} bytes remain after the last table")]
    Trailing { found: usize },
    #[error("table {table}: node {node} refers to {found}, expected below {expected}")]
    Reference { table: String, node: usize, expected: usize, found: usize },
    #[error("table {table}: unknown operation {found}")]
    Operation { table: String, found: u32 },
    #[error("table {table} has no cells")]
    Empty { table: String },
    #[error("table {table}: node {node} is {found} operations deep, expected at most {expected}")]
    Depth { table: String, node: usize, expected: usize, found: usize },
    #[error("table {table}: node {node} has degree {found}, expected at most {expected}")]
    Degree { table: String, node: usize, expected: usize, found: usize },
    #[error("a name is not UTF-8")]
    Name,
    #[error("key generation: {0}")]
    Keygen(String),
}

#[derive(Clone, Copy, Debug)]
pub enum Node {
    Constant(BabyBear),
    Local(usize),
    Next(usize),
    Public(usize),
    IsFirst,
    IsLast,
    IsTransition,
    Add(usize, usize),
    Sub(usize, usize),
    Mul(usize, usize),
    Neg(usize),
}

/// How many operations lie below a node, and its degree.
#[derive(Clone, Copy)]
struct Growth {
    depth: usize,
    degree: usize,
}

impl Node {
    /// The growth of a node from that of the nodes before it, to which its operands were decoded to refer.
    fn growth(self, before: &[Growth]) -> Growth {
        let of =
            |index: usize| before.get(index).copied().unwrap_or(Growth { depth: 0, degree: 0 });
        let above = |a: Growth, b: Growth| 1 + a.depth.max(b.depth);
        match self {
            Node::Constant(_) | Node::Public(_) => Growth { depth: 1, degree: 0 },
            Node::Local(_) | Node::Next(_) | Node::IsFirst | Node::IsLast | Node::IsTransition => {
                Growth { depth: 1, degree: 1 }
            }
            Node::Neg(a) => Growth { depth: 1 + of(a).depth, degree: of(a).degree },
            Node::Add(a, b) | Node::Sub(a, b) => {
                let (a, b) = (of(a), of(b));
                Growth { depth: above(a, b), degree: a.degree.max(b.degree) }
            }
            Node::Mul(a, b) => {
                let (a, b) = (of(a), of(b));
                Growth { depth: above(a, b), degree: a.degree + b.degree }
            }
        }
    }
}

#[derive(Clone, Debug)]
pub struct Message {
    pub bus: u16,
    pub count: usize,
    pub weight: u32,
    pub fields: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub width: usize,
    pub public_values: usize,
    pub nodes: Vec<Node>,
    pub constraints: Vec<usize>,
    pub messages: Vec<Message>,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ProgramError> {
        let end = self.at.saturating_add(count);
        let found = self.bytes.len();
        let slice =
            self.bytes.get(self.at..end).ok_or(ProgramError::Truncated { expected: end, found })?;
        self.at = end;
        Ok(slice)
    }

    fn u32(&mut self) -> Result<u32, ProgramError> {
        let mut four = [0u8; 4];
        four.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(four))
    }

    fn length(&mut self) -> Result<usize, ProgramError> {
        let found = self.u32()? as usize;
        if found > LENGTH_MAX {
            return Err(ProgramError::Length { expected: LENGTH_MAX, found });
        }
        Ok(found)
    }

    fn name(&mut self) -> Result<String, ProgramError> {
        let length = self.length()?;
        String::from_utf8(self.take(length)?.to_vec()).map_err(|_| ProgramError::Name)
    }
}

pub fn decode(bytes: &[u8]) -> Result<Vec<Table>, ProgramError> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take(8)? != MAGIC {
        return Err(ProgramError::Magic { expected: "novate-1" });
    }
    let buses = reader.length()?;
    for _ in 0..buses {
        reader.name()?;
    }
    let count = reader.length()?;
    let tables = (0..count).map(|_| table(&mut reader, buses)).collect::<Result<Vec<_>, _>>()?;
    match bytes.len() - reader.at {
        0 => Ok(tables),
        found => Err(ProgramError::Trailing { found }),
    }
}

fn table(reader: &mut Reader, buses: usize) -> Result<Table, ProgramError> {
    let name = reader.name()?;
    let width = reader.length()?;
    if width == 0 {
        return Err(ProgramError::Empty { table: name });
    }
    for _ in 0..width {
        reader.name()?;
    }
    let public_values = reader.length()?;
    let count = reader.length()?;
    let mut nodes = Vec::new();
    let mut growths = Vec::new();
    for index in 0..count {
        let node = node(reader, &name, index, width, public_values)?;
        let growth = node.growth(&growths);
        if growth.depth > DEPTH_MAX {
            let (expected, found) = (DEPTH_MAX, growth.depth);
            return Err(ProgramError::Depth { table: name, node: index, expected, found });
        }
        if growth.degree > DEGREE_MAX {
            let (expected, found) = (DEGREE_MAX, growth.degree);
            return Err(ProgramError::Degree { table: name, node: index, expected, found });
        }
        growths.push(growth);
        nodes.push(node);
    }
    let below = |found: usize, expected: usize| {
        if found < expected {
            Ok(found)
        } else {
            Err(ProgramError::Reference { table: name.clone(), node: count, expected, found })
        }
    };
    let mut constraints = Vec::new();
    for _ in 0..reader.length()? {
        reader.name()?;
        constraints.push(below(reader.u32()? as usize, count)?);
    }
    let mut messages = Vec::new();
    for _ in 0..reader.length()? {
        let bus = below(reader.u32()? as usize, buses.min(u16::MAX as usize))? as u16;
        let message_count = below(reader.u32()? as usize, count)?;
        let weight = reader.u32()?;
        let mut fields = Vec::new();
        for _ in 0..reader.length()? {
            fields.push(below(reader.u32()? as usize, count)?);
        }
        messages.push(Message { bus, count: message_count, weight, fields });
    }
    Ok(Table { name, width, public_values, nodes, constraints, messages })
}

fn node(
    reader: &mut Reader,
    table: &str,
    index: usize,
    width: usize,
    public_values: usize,
) -> Result<Node, ProgramError> {
    let (operation, a, b) = (reader.u32()?, reader.u32()?, reader.u32()?);
    let below = |found: u32, expected: usize| {
        let found = found as usize;
        if found < expected {
            Ok(found)
        } else {
            Err(ProgramError::Reference { table: table.to_string(), node: index, expected, found })
        }
    };
    Ok(match operation {
        0 => Node::Constant(BabyBear::from_usize(below(a, BabyBear::ORDER_U32 as usize)?)),
        1 => Node::Local(below(a, width)?),
        2 => Node::Next(below(a, width)?),
        3 => Node::Public(below(a, public_values)?),
        4 => Node::IsFirst,
        5 => Node::IsLast,
        6 => Node::IsTransition,
        7 => Node::Add(below(a, index)?, below(b, index)?),
        8 => Node::Sub(below(a, index)?, below(b, index)?),
        9 => Node::Mul(below(a, index)?, below(b, index)?),
        10 => Node::Neg(below(a, index)?),
        found => return Err(ProgramError::Operation { table: table.to_string(), found }),
    })
}
