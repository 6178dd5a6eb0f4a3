//! Plain text as sequences of characters.

use crate::dataset::{Applied, Dataset, Targets};
use crate::error::DataError;
use crate::load::base_name;
use crate::options::LoadOptions;

/// Sequences of `context` characters, each with the characters that follow.
///
/// The vocabulary is the text's distinct characters in the order of their code points.
/// Sequence i begins at character i · `context`; what is left at the end is too short
/// and is not used.
pub(crate) fn parse(
    bytes: &[u8],
    file: &str,
    context: usize,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let place = format!("byte {}", e.valid_up_to());
        let found = format!("the byte {:02x}", bytes[e.valid_up_to()]);
        DataError::malformed(file, &place, "text in UTF-8", found)
    })?;
    let mut vocabulary: Vec<char> = text.chars().collect();
    vocabulary.sort_unstable();
    vocabulary.dedup();
    let tokens: Vec<u32> = text
        .chars()
        .map(|c| vocabulary.binary_search(&c).expect("each character is in the vocabulary") as u32)
        .collect();
    let stored = tokens.len().saturating_sub(1) / context.max(1);
    if stored == 0 {
        let expected = format!("more than {context} characters, the length of a sequence");
        return Err(DataError::mismatch(file, "the text", expected, tokens.len().to_string()));
    }
    let rows = options.rows(stored, file)?;
    Ok(Dataset {
        name: base_name(file),
        // Vocabularies are far smaller than 2²⁴, below which f32 holds whole numbers exactly.
        inputs: tokens[..rows * context].iter().map(|&t| t as f32).collect(),
        input_shape: vec![context],
        vocabulary: Some(vocabulary.len()),
        targets: Targets::Sequence {
            labels: tokens[1..=rows * context].to_vec(),
            count: vocabulary.len(),
            positions: context,
        },
        class_names: vocabulary.iter().map(char::to_string).collect(),
        scaling: Applied::AsStored,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_is_followed_by_the_next() {
        let data = parse("abcabdé".as_bytes(), "t.txt", 2, &LoadOptions::default()).unwrap();
        assert_eq!((data.len(), data.vocabulary), (3, Some(5)));
        assert_eq!(data.inputs, [0.0, 1.0, 2.0, 0.0, 1.0, 3.0]);
        let Targets::Sequence { labels, count, positions } = &data.targets else { panic!("a sequence") };
        assert_eq!((&labels[..], *count, *positions), (&[1, 2, 0, 1, 3, 4][..], 5, 2));
        assert_eq!(data.class_names, ["a", "b", "c", "d", "é"]);
        let chosen = data.select(&[2, 0]);
        assert_eq!(chosen.inputs, [1.0, 3.0, 0.0, 1.0]);
        assert!(matches!(&chosen.targets, Targets::Sequence { labels, .. } if labels == &[3, 4, 1, 2]));
        assert_eq!(data.select(&[0, 1, 2]).content_hash(), data.content_hash());
        assert_ne!(chosen.content_hash(), data.subset(2).unwrap().content_hash());
    }

    #[test]
    fn what_is_no_text_or_too_short_is_refused() {
        let say = |bytes: &[u8], context| {
            parse(bytes, "t", context, &LoadOptions::default()).unwrap_err().to_string()
        };
        assert!(say(b"ab\xff", 1).contains("byte 2"));
        assert!(say(b"abc", 3).contains("more than 3 characters"));
        assert!(say(b"", 1).contains("more than 1 characters"));
    }
}
