//! The named blocks of a flat parameter vector.

use std::ops::Range;

/// One named block of a flat vector: a weight matrix, a bias, a group of coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Unique name, in PyTorch's style for networks: `fc0.weight`.
    pub name: String,
    /// Shape of the block, row-major; `[out, in]` for a dense layer's weight.
    pub shape: Vec<usize>,
    /// Where the block lies in the flat vector.
    pub range: Range<usize>,
}

/// The blocks of a flat vector, in order and without gaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    blocks: Vec<Block>,
}

/// Why a name does not select anything in a [`Layout`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no block or layer is named {name:?}; there are {}", .known.join(", "))]
pub struct LayoutError {
    /// The name that was asked for.
    pub name: String,
    /// The names that exist.
    pub known: Vec<String>,
}

impl Layout {
    /// Lays blocks of the given names and shapes one after the other.
    pub fn new<N: Into<String>>(blocks: impl IntoIterator<Item = (N, Vec<usize>)>) -> Self {
        let mut start = 0;
        let blocks = blocks
            .into_iter()
            .map(|(name, shape)| {
                let end = start + shape.iter().product::<usize>();
                let range = start..end;
                start = end;
                Block { name: name.into(), shape, range }
            })
            .collect();
        Self { blocks }
    }

    /// A single block `x` of `n` coordinates.
    pub fn flat(n: usize) -> Self {
        Self::new([("x", vec![n])])
    }

    /// The blocks in order.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Length n of the flat vector.
    pub fn dimension(&self) -> usize {
        self.blocks.last().map_or(0, |b| b.range.end)
    }

    /// The range that a name selects: a block (`fc0.weight`), or a layer, which
    /// is the run of all blocks whose names begin with `name.` (`fc0`).
    pub fn select(&self, name: &str) -> Result<Range<usize>, LayoutError> {
        let prefix = format!("{name}.");
        let mut chosen = self.blocks.iter().filter(|b| b.name == name || b.name.starts_with(&prefix));
        let first = chosen.next().ok_or_else(|| LayoutError {
            name: name.to_owned(),
            known: self.blocks.iter().map(|b| b.name.clone()).collect(),
        })?;
        let end = chosen.next_back().map_or(first.range.end, |b| b.range.end);
        Ok(first.range.start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Layout {
        Layout::new([("fc0.weight", vec![3, 2]), ("fc0.bias", vec![3]), ("fc1.weight", vec![1, 3])])
    }

    #[test]
    fn blocks_lie_end_to_end() {
        let layout = layout();
        assert_eq!(layout.dimension(), 12);
        assert_eq!(layout.blocks()[2].range, 9..12);
        assert_eq!(Layout::default().dimension(), 0);
    }

    #[test]
    fn a_name_selects_a_block_or_a_layer() {
        let layout = layout();
        assert_eq!(layout.select("fc0"), Ok(0..9));
        assert_eq!(layout.select("fc0.bias"), Ok(6..9));
        let error = layout.select("fc").unwrap_err().to_string();
        assert!(error.contains("\"fc\"") && error.contains("fc1.weight"), "{error}");
    }
}
