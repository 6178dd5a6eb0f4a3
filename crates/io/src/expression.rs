//! Formulas as functions.

mod emit;
mod grammar;
mod names;

use thalweg_lab::problem::analytic::Function;

/// The function that a formula describes: `100*(y-x^2)^2 + (1-x)^2`.
///
/// Variables are `x`, `y`, `z`, as many as occur in this order, or `x1`, `x2`, … `xn`, all of which occur.
/// There are numbers (`2`, `.5`, `1e-3`), `pi` and `e`, the operators `+ - * /` and `^` (or `**`), which is evaluated from
/// the right and binds more tightly than a sign, parentheses, and the functions `sqrt exp log log2 log10 sin cos
/// tan atan sinh cosh tanh abs` and `pow min max` of two arguments. Products are written with `*`.
///
/// Arithmetic is in f64. Derivatives are those of the formula: exact up to rounding, and NaN where it has none, such as
/// a root's at 0. The start is 0 in each coordinate. A power with a whole constant exponent is a product; another
/// one needs a base that is not negative.
///
/// ```
/// use thalweg_io::expression;
///
/// let function = expression("100*(y-x^2)^2 + (1-x)^2")?;
/// assert_eq!(function.dimension(), 2);
/// let error = expression("1 + 2 * (x -").unwrap_err().to_string();
/// assert!(error.starts_with("column 13: expected a number, a variable, a function or (, found the end"));
/// # Ok::<(), thalweg_io::ExpressionError>(())
/// ```
///
/// # Errors
/// If the text is no formula, says at which column.
pub fn expression(text: &str) -> Result<Function, ExpressionError> {
    let fault = |fault| ExpressionError::new(text, fault);
    let tree = grammar::parse(text).map_err(fault)?;
    let (dimension, coordinates) = names::resolve(&tree).map_err(fault)?;
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Function::formula(name, dimension, move |x| emit::emit(&tree, &coordinates, x)))
}

/// Why a text is not a formula.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: expected {expected}, found {found}\n  {excerpt}\n  {:>caret$}", "^")]
pub struct ExpressionError {
    /// Where in its line, counted in characters from 1.
    pub column: usize,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// The line, or the part of it around the column.
    pub excerpt: String,
    /// Where in the excerpt, counted from 1.
    pub caret: usize,
}

/// Characters of a line that are shown before the column and after it.
const SHOWN: usize = 40;

impl ExpressionError {
    fn new(text: &str, fault: Fault) -> Self {
        let before = text.get(..fault.at).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[start..].chars().count() + 1;
        let skipped = column.saturating_sub(SHOWN + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let excerpt = line.chars().skip(skipped).take(2 * SHOWN).collect();
        Self { column, expected: fault.expected, found: fault.found, excerpt, caret: column - skipped }
    }
}

/// An error at a byte of the text.
#[derive(Clone, Debug)]
struct Fault {
    at: usize,
    expected: String,
    found: String,
}

/// A formula: each node after those that it refers to; the last is the whole.
#[derive(Clone, Debug, Default)]
struct Tree {
    nodes: Vec<Node>,
    root: usize,
    /// Names of variables, each with the byte at which it is first written.
    names: Vec<(String, usize)>,
}

/// A number, a name by its place in the list, or an operation on nodes by theirs.
#[derive(Clone, Copy, Debug)]
enum Node {
    Number(f64),
    Name(usize),
    Negative(usize),
    Binary(Operator, usize, usize),
    Call(Call, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Minimum,
    Maximum,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Sqrt,
    Exp,
    Log,
    Log2,
    Log10,
    Sin,
    Cos,
    Tan,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Abs,
}

#[cfg(test)]
mod tests;
