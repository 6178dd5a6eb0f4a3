//! Embeddings of tokens, and the way back.

use thalweg_graph::Value;

use crate::problem::network::Draw;
use crate::problem::network::net::Net;

/// Row xₜ of a table for every token: `name.weight` [vocabulary, width], drawn from a
/// Gaussian of this deviation. Gives [b, T, width], and the table.
pub fn embedding(
    net: &mut Net,
    name: &str,
    tokens: Value,
    (vocabulary, width): (usize, usize),
    deviation: f64,
) -> (Value, Value) {
    let table =
        net.within(name, |net| net.parameter("weight", &[vocabulary, width], Draw::Normal { deviation }));
    (net.b.take_rows(table, tokens), table)
}

/// Scores ⟨h, wᵥ⟩ of all tokens v by a table that is shared with the embedding (Press & Wolf 2017).
pub fn unembedding(net: &mut Net, h: Value, table: Value) -> Value {
    let last = net.shape(h).len() - 1;
    net.b.dot(h, last, table, 1)
}
