//! CSV: one example a line, a column of targets among columns of numbers.

mod targets;

use crate::dataset::Dataset;
use crate::dataset::assemble::non_finite;
use crate::error::{DataError, excerpt};
use crate::options::LoadOptions;

/// A table whose shape is known and whose cells are read as they are walked.
pub(crate) struct Table<'a> {
    bytes: &'a [u8],
    file: &'a str,
    delimiter: u8,
    /// The columns' names, if the first line holds them.
    pub header: Option<Vec<String>>,
    /// Number of columns.
    pub width: usize,
    /// The column of targets.
    pub label: usize,
    header_was_guessed: bool,
}

/// Whether the bytes begin as text does.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(4096)];
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // A character may be cut at the end of the excerpt.
        Err(e) if e.error_len().is_none() => std::str::from_utf8(&start[..e.valid_up_to()]).unwrap_or(""),
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
}

impl<'a> Table<'a> {
    /// Finds delimiter, header, width and label column.
    pub fn open(bytes: &'a [u8], file: &'a str, options: &LoadOptions) -> Result<Self, DataError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let delimiter = match options.delimiter {
            Some(c) => u8::try_from(c)
                .ok()
                .filter(u8::is_ascii)
                .ok_or_else(|| DataError::option(file, "the delimiter", "an ASCII character", c))?,
            None => likely_delimiter(bytes),
        };
        let header_was_guessed = options.header.is_none();
        let mut table = Self { bytes, file, delimiter, header: None, width: 0, label: 0, header_was_guessed };
        let mut start: Vec<Vec<String>> = Vec::new();
        let mut reader = table.reader();
        let mut record = csv::ByteRecord::new();
        while start.len() < 2 && reader.read_byte_record(&mut record).map_err(|e| table.broken(&e))? {
            start.push(record.iter().map(|cell| String::from_utf8_lossy(cell.trim_ascii()).into()).collect());
        }
        let Some(first) = start.first() else {
            return Err(DataError::malformed(file, "the file as a whole", "a line of cells", "blank lines"));
        };
        table.width = first.len();
        if table.width < 2 {
            let found = format!("one: {}", excerpt(&first[0]));
            return Err(DataError::malformed(file, "line 1 (read as CSV)", "two columns or more", found));
        }
        table.header = has_header(&start, options).then(|| first.clone());
        table.label = table.find_label(options)?;
        Ok(table)
    }

    /// Calls `visit` with the place and the cells of every line of data.
    pub fn rows<F>(&self, mut visit: F) -> Result<usize, DataError>
    where
        F: FnMut(&Row<'_>) -> Result<(), DataError>,
    {
        let mut reader = self.reader();
        let mut record = csv::ByteRecord::new();
        let mut count = 0;
        let mut is_header = self.header.is_some();
        while reader.read_byte_record(&mut record).map_err(|e| self.broken(&e))? {
            if std::mem::take(&mut is_header) {
                continue;
            }
            let row = Row { table: self, record: &record };
            if record.len() != self.width {
                let place = format!("line {}", row.line());
                let expected = format!("{} cells as in the first line", self.width);
                return Err(DataError::malformed(self.file, place, expected, record.len().to_string()));
            }
            visit(&row)?;
            count += 1;
        }
        Ok(count)
    }

    /// All columns but the label's as inputs, in order.
    pub fn into_dataset(self, name: String, options: &LoadOptions) -> Result<Dataset, DataError> {
        let mut inputs: Vec<f32> = Vec::new();
        let mut labels: Vec<(u64, String)> = Vec::new();
        let wanted = options.limit.unwrap_or(usize::MAX);
        let rows = self.rows(|row| {
            if labels.len() == wanted {
                return Ok(());
            }
            for column in (0..self.width).filter(|&column| column != self.label) {
                let value = row.number(column)?;
                let single = value as f32;
                if !single.is_finite() {
                    return Err(non_finite(self.file, row.place(column), value));
                }
                inputs.push(single);
            }
            labels.push((row.line(), row.text(self.label)?.to_owned()));
            Ok(())
        })?;
        if rows == 0 {
            let found = "nothing but the header";
            return Err(DataError::malformed(self.file, "line 2", "a line of data", found));
        }
        options.rows(rows, self.file)?;
        let (targets, class_names) = targets::convert(&self, &labels, options)?;
        let features = self.width - 1;
        let scaling = options.scaling.apply(&mut inputs, features, None);
        Ok(Dataset {
            name,
            inputs,
            input_shape: vec![features],
            vocabulary: None,
            targets,
            class_names,
            scaling,
        })
    }

    /// The name of a column, else its index.
    pub fn column(&self, column: usize) -> String {
        match self.header.as_ref().map(|names| &names[column]).filter(|name| !name.is_empty()) {
            Some(name) => format!("column {}", excerpt(name)),
            None => format!("column {column} (counted from 0)"),
        }
    }

    fn reader(&self) -> csv::Reader<&'a [u8]> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(self.bytes)
    }

    fn broken(&self, error: &csv::Error) -> DataError {
        DataError::malformed(self.file, "the table", "readable CSV", error.to_string())
    }

    fn find_label(&self, options: &LoadOptions) -> Result<usize, DataError> {
        let Some(wanted) = &options.label_column else {
            return Ok(self.width - 1);
        };
        let by_name = self.header.as_ref().and_then(|names| names.iter().position(|name| name == wanted));
        by_name.or_else(|| index_of(wanted, self.width)).ok_or_else(|| DataError::Missing {
            file: self.file.to_owned(),
            what: format!("column {}", excerpt(wanted)),
            found: match &self.header {
                Some(names) => names.iter().map(|name| excerpt(name)).collect::<Vec<_>>().join(", "),
                None => format!("columns 0 to {} without names", self.width - 1),
            },
        })
    }
}

/// One line of data.
pub(crate) struct Row<'r> {
    table: &'r Table<'r>,
    record: &'r csv::ByteRecord,
}

impl Row<'_> {
    /// The text of a cell, without blanks around it.
    pub fn text(&self, column: usize) -> Result<&str, DataError> {
        std::str::from_utf8(self.record[column].trim_ascii()).map_err(|_| {
            let found = crate::error::hex_excerpt(&self.record[column]);
            DataError::malformed(self.table.file, self.place(column), "UTF-8 text", found)
        })
    }

    /// The number in a cell, which may be NaN or infinite.
    pub fn number(&self, column: usize) -> Result<f64, DataError> {
        let text = self.text(column)?;
        text.parse().map_err(|_| {
            let unsure = self.table.header_was_guessed && self.table.header.is_none() && self.line() == 1;
            let expected =
                if unsure { "a number (or the option that line 1 is a header)" } else { "a number" };
            let found = if text.is_empty() { "an empty cell".into() } else { excerpt(text) };
            DataError::malformed(self.table.file, self.place(column), expected, found)
        })
    }

    /// Line and column in words.
    pub fn place(&self, column: usize) -> String {
        format!("line {}, {}", self.line(), self.table.column(column))
    }

    /// The line in the file, from 1; blank lines before a record count as well.
    pub fn line(&self) -> u64 {
        let Some(position) = self.record.position() else {
            return 0;
        };
        let rest = self.table.bytes.get(position.byte() as usize..).unwrap_or_default();
        let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).filter(|&&b| b == b'\n');
        position.line() + blank.count() as u64
    }
}

/// Comma, semicolon or tab, whichever the first line has most of.
fn likely_delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.split(|&b| b == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let count = |c: u8| line.iter().filter(|&&b| b == c).count();
    // The last of equals wins, and that is to be the comma.
    [b'\t', b';', b','].into_iter().max_by_key(|&c| count(c)).unwrap_or(b',')
}

/// Whether the first line names the columns: none of its features is a number, or
/// all are and only its label is none (as when columns are named 0, 1, …, label).
fn has_header(start: &[Vec<String>], options: &LoadOptions) -> bool {
    let first = &start[0];
    let label = match (&options.label_column, options.header) {
        (_, Some(stated)) => return stated,
        (None, None) => first.len() - 1,
        (Some(wanted), None) => match index_of(wanted, first.len()) {
            Some(label) => label,
            None => return true,
        },
    };
    let is_number = |cell: &str| cell.parse::<f64>().is_ok();
    let features = || first.iter().enumerate().filter(|&(i, cell)| i != label && !cell.is_empty());
    let numbers = features().filter(|(_, cell)| is_number(cell)).count();
    if numbers == 0 {
        return features().count() > 0;
    }
    let second_label = start.get(1).and_then(|row| row.get(label));
    numbers == features().count() && !is_number(&first[label]) && second_label.is_some_and(|c| is_number(c))
}

/// A column by index from 0, or by −1 for the last, −2 for the one before it.
fn index_of(text: &str, width: usize) -> Option<usize> {
    let index: i64 = text.parse().ok()?;
    let index = if index < 0 { index.checked_add(i64::try_from(width).ok()?)? } else { index };
    usize::try_from(index).ok().filter(|&i| i < width)
}
