//! Gzip around any other format.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::error::DataError;

/// The content of a gzip stream, or the bytes as they are if they are none.
///
/// No more than `limit` bytes are ever decoded, so that a small file cannot fill the memory.
pub(crate) fn unwrap<'a>(bytes: &'a [u8], file: &str, limit: u64) -> Result<Cow<'a, [u8]>, DataError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.into());
    }
    let place = "gzip stream";
    let content = read_at_most(MultiGzDecoder::new(bytes), limit)
        .map_err(|e| DataError::malformed(file, place, "a complete gzip stream", e.to_string()))?
        .ok_or_else(|| DataError::TooLarge { file: file.to_owned(), place: place.to_owned(), limit })?;
    Ok(content.into())
}

/// Reads to the end; `None` if there are more than `limit` bytes.
pub(crate) fn read_at_most(reader: impl Read, limit: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut content)?;
    Ok((content.len() as u64 <= limit).then_some(content))
}

#[cfg(test)]
pub(crate) fn compress(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_bytes_pass_and_gzip_is_decoded() {
        assert_eq!(&*unwrap(b"plain", "f", 3).unwrap(), b"plain");
        assert_eq!(&*unwrap(&compress(b"content"), "f", 7).unwrap(), b"content");
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = compress(&vec![0; 50 << 20]);
        assert!(bomb.len() < 100_000);
        let error = unwrap(&bomb, "bomb.gz", 1 << 20).unwrap_err();
        assert!(matches!(error, DataError::TooLarge { limit: 0x10_0000, .. }), "{error}");
    }

    #[test]
    fn a_cut_or_damaged_stream_is_an_error() {
        let whole = compress(b"some content that is long enough to be cut in the middle");
        for end in [3, 12, whole.len() / 2, whole.len() - 1] {
            let error = unwrap(&whole[..end], "cut.gz", 1000).unwrap_err().to_string();
            assert!(error.starts_with("cut.gz, gzip stream: expected a complete gzip stream"), "{error}");
        }
        let mut damaged = whole.clone();
        damaged[whole.len() - 6] ^= 1;
        assert!(unwrap(&damaged, "damaged.gz", 1000).is_err(), "the checksum is verified");
    }
}
