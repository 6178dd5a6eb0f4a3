//! Numbers in saved state, kept to the last bit.
//!
//! A state that is saved and read back must continue to the same bytes, and it
//! may hold NaN or infinities; decimal text in JSON guarantees neither. Vectors
//! of state are therefore written as one string of hexadecimal IEEE 754 bits,
//! most significant digit first: 8 digits an entry for `f32`, 16 for `f64`.

use std::fmt::Write as _;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Scalar;

/// For one vector: `#[serde(with = "crate::exact")]`.
pub(crate) fn serialize<T: Scalar, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&encode(values))
}

/// The inverse of [`serialize`].
pub(crate) fn deserialize<'de, T: Scalar, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    decode(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// For several vectors: `#[serde(with = "crate::exact::rows")]`.
pub(crate) mod rows {
    use super::*;

    pub(crate) fn serialize<T: Scalar, S: Serializer>(
        rows: &[Vec<T>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        rows.iter().map(|row| encode(row)).collect::<Vec<_>>().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T: Scalar, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Vec<T>>, D::Error> {
        let rows = Vec::<String>::deserialize(deserializer)?;
        rows.iter().map(|row| decode(row)).collect::<Result<_, _>>().map_err(D::Error::custom)
    }
}

/// For one number: `#[serde(with = "crate::exact::one")]`.
pub(crate) mod one {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        super::serialize(&[*value], serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        match super::deserialize::<f64, D>(deserializer)?[..] {
            [value] => Ok(value),
            ref other => Err(D::Error::custom(format!("expected one number, found {}", other.len()))),
        }
    }
}

const fn digits<T>() -> usize {
    2 * size_of::<T>()
}

fn encode<T: Scalar>(values: &[T]) -> String {
    let mut text = String::with_capacity(values.len() * digits::<T>());
    for value in values {
        let wide = value.wide();
        // Writing to a String cannot fail.
        let _ = match digits::<T>() {
            8 => write!(text, "{:08x}", (wide as f32).to_bits()),
            _ => write!(text, "{:016x}", wide.to_bits()),
        };
    }
    text
}

fn decode<T: Scalar>(text: &str) -> Result<Vec<T>, String> {
    let width = digits::<T>();
    if !text.len().is_multiple_of(width) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(format!(
            "expected hexadecimal bits, {width} digits a number; found {} characters{}",
            text.len(),
            if text.is_ascii() { "" } else { " that are not all ASCII" }
        ));
    }
    let entry = |chunk: &str| {
        let bits = u64::from_str_radix(chunk, 16).map_err(|e| e.to_string())?;
        let wide = if width == 8 { f64::from(f32::from_bits(bits as u32)) } else { f64::from_bits(bits) };
        Ok(T::of(wide))
    };
    (0..text.len() / width).map(|i| entry(&text[i * width..(i + 1) * width])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_number_survives() {
        let values =
            [0.0, -0.0, 0.1, f64::MIN_POSITIVE / 8.0, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        let back: Vec<f64> = decode(&encode(&values)).unwrap();
        assert!(values.iter().zip(&back).all(|(a, b)| a.to_bits() == b.to_bits()));
        let narrow = [0.1f32, -f32::MIN_POSITIVE / 4.0, f32::INFINITY, f32::NAN];
        let back: Vec<f32> = decode(&encode(&narrow)).unwrap();
        assert!(narrow.iter().zip(&back).all(|(a, b)| a.to_bits() == b.to_bits()));
        assert_eq!(encode(&[1.0f32]), "3f800000");
    }

    #[test]
    fn damaged_text_is_refused() {
        assert!(decode::<f64>("3ff00").unwrap_err().contains("16 digits"));
        assert!(decode::<f32>("zzzzzzzz").unwrap_err().contains("hexadecimal"));
        assert!(decode::<f32>("ééé12").is_err());
        assert_eq!(decode::<f32>(""), Ok(vec![]));
    }
}
