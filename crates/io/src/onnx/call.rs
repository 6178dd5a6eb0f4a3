//! A node with its arguments and attributes, as an operator's function sees it.

use std::cell::RefCell;

use super::array::{Array, Outcome};
use super::emitter::Tensor;
use super::program::{Node, Setting};

/// A node that is being translated.
pub(super) struct Call<'a> {
    pub node: &'a Node,
    /// The inputs; `None` where an optional one is left out.
    pub inputs: Vec<Option<Tensor>>,
    /// The attributes, those of an enclosing function put in.
    pub settings: Vec<(&'a str, &'a Setting)>,
    /// Version of the operators.
    pub opset: i64,
    /// Attributes that were asked for.
    pub asked: RefCell<Vec<&'static str>>,
}

impl Call<'_> {
    /// Input `i`, which must be there.
    pub fn arg(&self, i: usize) -> Outcome<&Tensor> {
        self.optional(i).ok_or_else(|| format!("input {i} is missing"))
    }

    /// Input `i`, if it is there.
    pub fn optional(&self, i: usize) -> Option<&Tensor> {
        self.inputs.get(i).and_then(Option::as_ref)
    }

    /// All inputs, of which there must be one at least.
    pub fn args(&self) -> Outcome<Vec<&Tensor>> {
        if self.inputs.is_empty() {
            return Err("there are no inputs".to_owned());
        }
        (0..self.inputs.len()).map(|i| self.arg(i)).collect()
    }

    /// Input `i`, whose elements must be known before the program runs.
    pub fn known(&self, i: usize) -> Outcome<&Array> {
        let depends =
            || format!("input {i} depends on the data; a constant is expected, or what shapes determine");
        self.arg(i)?.known().ok_or_else(depends)
    }

    /// The integers of input `i`, which must be known.
    pub fn known_ints(&self, i: usize) -> Outcome<Vec<i64>> {
        Ok(self.known(i)?.integers().map_err(|reason| format!("input {i}: {reason}"))?.to_vec())
    }

    /// The integers of input `i` if it is there.
    pub fn optional_ints(&self, i: usize) -> Outcome<Option<Vec<i64>>> {
        self.optional(i).map(|_| self.known_ints(i)).transpose()
    }

    /// The one element of input `i`, which must be known.
    pub fn known_number(&self, i: usize) -> Outcome<f64> {
        let array = self.known(i)?;
        match array.doubles()[..] {
            [number] => Ok(number),
            _ => Err(format!("input {i} has shape {:?}; one element is expected", array.shape)),
        }
    }

    /// Whether output `i` has a name, so that something may use it.
    pub fn wants(&self, i: usize) -> bool {
        self.node.outputs.get(i).is_some_and(|name| !name.is_empty())
    }

    fn setting(&self, name: &'static str) -> Option<&Setting> {
        self.asked.borrow_mut().push(name);
        self.settings.iter().find(|(own, _)| *own == name).map(|&(_, setting)| setting)
    }

    /// Attributes that change nothing here.
    pub fn ignore(&self, names: &[&'static str]) {
        self.asked.borrow_mut().extend(names);
    }

    pub fn int(&self, name: &'static str) -> Outcome<Option<i64>> {
        match self.setting(name) {
            None => Ok(None),
            Some(Setting::Int(value)) => Ok(Some(*value)),
            Some(_) => Err(format!("the attribute {name} is no integer")),
        }
    }

    pub fn int_or(&self, name: &'static str, default: i64) -> Outcome<i64> {
        Ok(self.int(name)?.unwrap_or(default))
    }

    /// An attribute that is 0 or 1.
    pub fn flag(&self, name: &'static str, default: bool) -> Outcome<bool> {
        match self.int(name)? {
            None => Ok(default),
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            Some(other) => Err(format!("the attribute {name} is {other}; 0 or 1 is expected")),
        }
    }

    /// A floating attribute. The format has them in 32 bits whatever the precision of
    /// the model; what is meant is taken to be the shortest decimal that gives those
    /// bits: 0.00001, not 0.00000999999974737875.
    pub fn float(&self, name: &'static str) -> Outcome<Option<f64>> {
        match self.setting(name) {
            None => Ok(None),
            Some(Setting::Float(value)) => Ok(Some(widened(*value))),
            Some(_) => Err(format!("the attribute {name} is no number")),
        }
    }

    pub fn float_or(&self, name: &'static str, default: f64) -> Outcome<f64> {
        Ok(self.float(name)?.unwrap_or(default))
    }

    pub fn ints(&self, name: &'static str) -> Outcome<Option<&[i64]>> {
        match self.setting(name) {
            None => Ok(None),
            Some(Setting::Ints(values)) => Ok(Some(values)),
            Some(_) => Err(format!("the attribute {name} is no list of integers")),
        }
    }

    pub fn floats(&self, name: &'static str) -> Outcome<Option<Vec<f64>>> {
        match self.setting(name) {
            None => Ok(None),
            Some(Setting::Floats(values)) => Ok(Some(values.iter().map(|&value| widened(value)).collect())),
            Some(_) => Err(format!("the attribute {name} is no list of numbers")),
        }
    }

    pub fn text_or<'s>(&'s self, name: &'static str, default: &'s str) -> Outcome<&'s str> {
        match self.setting(name) {
            None => Ok(default),
            Some(Setting::Text(text)) => Ok(text),
            Some(_) => Err(format!("the attribute {name} is no text")),
        }
    }

    pub fn array(&self, name: &'static str) -> Outcome<Option<&Array>> {
        match self.setting(name) {
            None => Ok(None),
            Some(Setting::Array(array)) => Ok(Some(array)),
            Some(_) => Err(format!("the attribute {name} is no tensor")),
        }
    }

    /// An attribute that nothing asked for, which therefore would be passed over.
    pub fn unread(&self) -> Option<&str> {
        let asked = self.asked.borrow();
        self.settings.iter().map(|(name, _)| *name).find(|name| !asked.contains(name))
    }
}

/// The double that is written like the shortest decimal of a 32-bit number.
fn widened(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

#[cfg(test)]
mod tests {
    use super::widened;

    #[test]
    fn floats_widen_to_the_decimal_that_was_meant() {
        assert_eq!(widened(1e-5), 1e-5);
        assert_eq!(widened(0.01), 0.01);
        assert_eq!(widened(0.25), 0.25);
        assert_eq!(widened(f32::NEG_INFINITY), f64::NEG_INFINITY);
        assert!(widened(f32::NAN).is_nan());
        for x in [std::f32::consts::PI, f32::MIN_POSITIVE, f32::MAX, -1.5e-40] {
            assert_eq!(widened(x) as f32, x);
        }
    }
}
