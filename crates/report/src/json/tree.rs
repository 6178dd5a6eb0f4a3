//! The serde serializer behind [`super::tree`].

use super::JsonError;
use serde::ser::{self, Serialize, Serializer};
use serde_json::{Map, Value};

/// Serializes into a [`Value`] without losing what is not finite.
pub(super) struct Tree;

impl ser::Error for JsonError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        JsonError::Custom(message.to_string())
    }
}

macro_rules! plain {
    ($($method:ident: $type:ty),+) => {
        $(fn $method(self, v: $type) -> Result<Value, JsonError> { Ok(Value::from(v)) })+
    };
}

impl Serializer for Tree {
    type Ok = Value;
    type Error = JsonError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = List;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    plain!(serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64);
    plain!(serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_str: &str);

    fn serialize_i128(self, v: i128) -> Result<Value, JsonError> {
        match (i64::try_from(v), u64::try_from(v)) {
            (Ok(v), _) => Ok(Value::from(v)),
            (_, Ok(v)) => Ok(Value::from(v)),
            _ => Err(JsonError::Integer(v.to_string())),
        }
    }

    fn serialize_u128(self, v: u128) -> Result<Value, JsonError> {
        u64::try_from(v).map(Value::from).map_err(|_| JsonError::Integer(v.to_string()))
    }

    fn serialize_f32(self, v: f32) -> Result<Value, JsonError> {
        // The shortest text of the f32, read as f64, prints as that same text.
        let wide = v.to_string().parse::<f64>().unwrap_or(f64::from(v));
        self.serialize_f64(wide)
    }

    fn serialize_f64(self, v: f64) -> Result<Value, JsonError> {
        Ok(match serde_json::Number::from_f64(v) {
            Some(number) => Value::Number(number),
            None => Value::from(crate::real::name(v)),
        })
    }

    fn serialize_char(self, v: char) -> Result<Value, JsonError> {
        Ok(Value::from(v.to_string()))
    }

    fn serialize_bytes(self, v: &[u8]) -> Result<Value, JsonError> {
        Ok(Value::from(v))
    }

    fn serialize_none(self) -> Result<Value, JsonError> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, JsonError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, JsonError> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, JsonError> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &str, _: u32, variant: &'static str) -> Result<Value, JsonError> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &str, value: &T) -> Result<Value, JsonError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, JsonError> {
        Ok(wrap(Some(variant), value.serialize(self)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<List, JsonError> {
        Ok(List { items: Vec::with_capacity(length.unwrap_or(0)), variant: None })
    }

    fn serialize_tuple(self, length: usize) -> Result<List, JsonError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &str, length: usize) -> Result<List, JsonError> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<List, JsonError> {
        Ok(List { items: Vec::with_capacity(length), variant: Some(variant) })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, JsonError> {
        Ok(Entries::default())
    }

    fn serialize_struct(self, _: &str, _: usize) -> Result<Entries, JsonError> {
        Ok(Entries::default())
    }

    fn serialize_struct_variant(
        self,
        _: &str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries, JsonError> {
        Ok(Entries { variant: Some(variant), ..Entries::default() })
    }
}

/// An array that grows.
pub(super) struct List {
    items: Vec<Value>,
    variant: Option<&'static str>,
}

macro_rules! list {
    ($($trait:ident::$method:ident),+) => {
        $(impl ser::$trait for List {
            type Ok = Value;
            type Error = JsonError;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
                self.items.push(value.serialize(Tree)?);
                Ok(())
            }
            fn end(self) -> Result<Value, JsonError> {
                Ok(wrap(self.variant, Value::Array(self.items)))
            }
        })+
    };
}

list!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

/// An object that grows.
#[derive(Default)]
pub(super) struct Entries {
    map: Map<String, Value>,
    key: Option<String>,
    variant: Option<&'static str>,
}

macro_rules! entries {
    ($($trait:ident),+) => {
        $(impl ser::$trait for Entries {
            type Ok = Value;
            type Error = JsonError;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), JsonError> {
                self.map.insert(key.to_owned(), value.serialize(Tree)?);
                Ok(())
            }
            fn end(self) -> Result<Value, JsonError> {
                Ok(wrap(self.variant, Value::Object(self.map)))
            }
        })+
    };
}

entries!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = JsonError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), JsonError> {
        self.key = Some(match key.serialize(Tree)? {
            Value::String(text) => text,
            Value::Number(number) if !number.is_f64() => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(_) => return Err(JsonError::Key("a fraction")),
            Value::Null => return Err(JsonError::Key("nothing")),
            Value::Array(_) => return Err(JsonError::Key("a sequence")),
            Value::Object(_) => return Err(JsonError::Key("a map")),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), JsonError> {
        let key = self.key.take().expect("serde calls serialize_key before serialize_value");
        self.map.insert(key, value.serialize(Tree)?);
        Ok(())
    }

    fn end(self) -> Result<Value, JsonError> {
        Ok(Value::Object(self.map))
    }
}

fn wrap(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(name) => Value::Object(Map::from_iter([(name.to_owned(), value)])),
        None => value,
    }
}
