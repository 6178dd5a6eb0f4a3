//! Reading and writing numbers that may not be finite.
//!
//! JSON has no NaN and no infinity. Here they are the strings `"NaN"`, `"inf"`
//! and `"-inf"`, and read back as what they were; on reading, `null` in the
//! place of a number is taken for NaN as well. Use as
//! `#[serde(with = "thalweg_report::real")]` on an `f64`, and
//! [`real::vec`](mod@vec) or [`real::option`](option) on a `Vec<f64>` or an
//! `Option<f64>`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes a number, or its name where it is not finite.
pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Real(*value).serialize(serializer)
}

/// Reads a number, or the name of one that is not finite.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Real::deserialize(deserializer)?.0)
}

/// The same for `Vec<f64>`.
pub mod vec {
    use super::*;

    /// Writes each number, or its name where it is not finite.
    pub fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|v| Real(*v)))
    }

    /// Reads each number, or the name of one that is not finite.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        Ok(Vec::<Real>::deserialize(deserializer)?.into_iter().map(|r| r.0).collect())
    }
}

/// The same for `Option<f64>`, where `null` means that there is no value.
pub mod option {
    use super::*;

    /// Writes the number, its name where it is not finite, or `null` for none.
    pub fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(Real).serialize(serializer)
    }

    /// Reads what [`serialize`] wrote.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Real>::deserialize(deserializer)?.map(|r| r.0))
    }
}

/// `NaN`, `inf` or `-inf`.
pub(crate) fn name(value: f64) -> &'static str {
    match value {
        v if v.is_nan() => "NaN",
        v if v > 0.0 => "inf",
        _ => "-inf",
    }
}

/// The number of that name.
pub(crate) fn named(name: &str) -> Option<f64> {
    Some(match name {
        "NaN" => f64::NAN,
        "inf" => f64::INFINITY,
        "-inf" => f64::NEG_INFINITY,
        _ => return None,
    })
}

/// A number in the convention above.
#[derive(Clone, Copy)]
pub(crate) struct Real(pub(crate) f64);

impl Serialize for Real {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.is_finite() {
            true => serializer.serialize_f64(self.0),
            false => serializer.serialize_str(name(self.0)),
        }
    }
}

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Real;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number, \"NaN\", \"inf\", \"-inf\" or null")
            }

            fn visit_f64<E>(self, v: f64) -> Result<Real, E> {
                Ok(Real(v))
            }

            fn visit_i64<E>(self, v: i64) -> Result<Real, E> {
                Ok(Real(v as f64))
            }

            fn visit_u64<E>(self, v: u64) -> Result<Real, E> {
                Ok(Real(v as f64))
            }

            fn visit_unit<E>(self) -> Result<Real, E> {
                Ok(Real(f64::NAN))
            }

            fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Real, E> {
                named(v).map(Real).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(v), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    #[derive(Debug, serde::Serialize, serde::Deserialize)]
    struct Sample {
        #[serde(with = "super")]
        one: f64,
        #[serde(with = "super::vec")]
        many: Vec<f64>,
        #[serde(with = "super::option")]
        some: Option<f64>,
        #[serde(with = "super::option")]
        none: Option<f64>,
    }

    #[test]
    fn reads_back_what_is_not_finite() {
        let sample = Sample {
            one: f64::NEG_INFINITY,
            many: vec![1.5, f64::NAN, f64::INFINITY, -0.0],
            some: Some(f64::NAN),
            none: None,
        };
        let text = serde_json::to_string(&sample).unwrap();
        assert_eq!(text, r#"{"one":"-inf","many":[1.5,"NaN","inf",-0.0],"some":"NaN","none":null}"#);
        let back: Sample = serde_json::from_str(&text).unwrap();
        assert_eq!(format!("{back:?}"), format!("{sample:?}"));
    }

    #[test]
    fn names_what_it_expected() {
        let error = serde_json::from_str::<Sample>(r#"{"one":"many"}"#).unwrap_err().to_string();
        assert!(error.contains("invalid value: string \"many\", expected a number"), "{error}");
    }
}
