//! Reading specifications: `name:sizes,option=value,flag`.

use std::str::FromStr;

use super::Entry;

/// Sizes beyond this are mistakes.
const LARGEST: usize = 1 << 24;

/// A specification that is being read: what is taken out of it is understood.
pub(in crate::problem::network) struct Text<'a> {
    /// What stands before the sizes and options.
    pub name: &'a str,
    sizes: Option<&'a str>,
    options: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Text<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut parts = text.split(',');
        let head = parts.next().unwrap_or_default();
        let (name, sizes) = match head.split_once(':') {
            Some((name, sizes)) => (name, Some(sizes)),
            None => (head, None),
        };
        let options = parts.map(|part| match part.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (part, None),
        });
        Self { name, sizes, options: options.collect() }
    }

    /// Sizes with dashes between them, after the colon.
    pub fn sizes(&self) -> Result<Vec<usize>, String> {
        let sizes = self.sizes.ok_or("expected sizes after a colon")?;
        sizes.split('-').map(size).collect()
    }

    /// Refuses sizes.
    pub fn no_sizes(&self) -> Result<(), String> {
        match self.sizes {
            None => Ok(()),
            Some(sizes) => Err(format!("it has no sizes to choose, found {sizes:?}")),
        }
    }

    /// Whether an option without a value is there.
    pub fn flag(&mut self, name: &str) -> Result<bool, String> {
        match self.take(name)? {
            None => Ok(false),
            Some(None) => Ok(true),
            Some(Some(value)) => Err(format!("{name} takes no value, found {value:?}")),
        }
    }

    /// The value of an option, if it is there.
    pub fn value<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        match self.take(name)? {
            None => Ok(None),
            Some(None) => Err(format!("{name} needs a value: {name}=…")),
            Some(Some(value)) => read(value).map(Some).map_err(|reason| format!("{name}: {reason}")),
        }
    }

    fn take(&mut self, name: &str) -> Result<Option<Option<&'a str>>, String> {
        let Some(at) = self.options.iter().position(|(option, _)| *option == name) else { return Ok(None) };
        let (_, value) = self.options.remove(at);
        match self.options.iter().any(|(option, _)| *option == name) {
            true => Err(format!("{name} is given twice")),
            false => Ok(Some(value)),
        }
    }

    /// Refuses what was not understood.
    pub fn finish(self, entry: &Entry) -> Result<(), String> {
        let Some((option, _)) = self.options.first() else { return Ok(()) };
        let known: Vec<&str> = entry.options.iter().map(|(name, _)| *name).collect();
        match known.is_empty() {
            true => Err(format!("it has no options, found {option:?}")),
            false => Err(format!("no option {option:?}; there are {}", known.join(", "))),
        }
    }
}

/// Reads a size.
pub fn size(text: &str) -> Result<usize, String> {
    number(text, 1, LARGEST)
}

/// Reads a whole number of a range.
pub fn number<T: FromStr + PartialOrd + Copy + std::fmt::Display>(
    text: &str,
    least: T,
    most: T,
) -> Result<T, String> {
    match text.parse::<T>() {
        Ok(n) if (least..=most).contains(&n) => Ok(n),
        _ => Err(format!("expected a size from {least} to {most}, found {text:?}")),
    }
}

/// Reads a shape: `3x32x32`.
pub fn shape(text: &str) -> Result<Vec<usize>, String> {
    let shape: Vec<usize> = text.split('x').map(size).collect::<Result<_, _>>()?;
    match shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n)) {
        Some(all) if all <= LARGEST => Ok(shape),
        _ => Err(format!("more than {LARGEST} numbers an example")),
    }
}

/// Reads one of some names.
pub fn choice<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, String> {
    choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        format!("expected {}, found {text:?}", names.join(", "))
    })
}
