//! Members → a tar archive → zstd. The same members give the same bytes.

use std::io::{self, Read};

use ring::digest::{SHA256, digest};
use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// The SHA-256 of a text, in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Packs members in their order; `time` (seconds since 1970) is that of each.
///
/// # Errors
/// When a name does not fit into the header of a tar archive.
pub(super) fn pack(members: &[(String, Vec<u8>)], time: u64) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(crate::num::wide(bytes.len()));
        header.set_mode(0o600);
        header.set_mtime(time);
        tar.append_data(&mut header, name, bytes.as_slice())?;
    }
    Ok(compress(&tar.into_inner()?))
}

/// The encoder is young, and a bundle is often all that is left of an incident: what it wrote is read again, and stored plainly if it
/// does not come out the same.
fn compress(bytes: &[u8]) -> Vec<u8> {
    let packed = compress_to_vec(bytes, CompressionLevel::Fastest);
    if gives(&packed, bytes) { packed } else { compress_to_vec(bytes, CompressionLevel::Uncompressed) }
}

fn gives(packed: &[u8], mut expected: &[u8]) -> bool {
    let Ok(mut decoder) = StreamingDecoder::new(packed) else { return false };
    let mut space = vec![0; 64 * 1024];
    loop {
        match decoder.read(&mut space) {
            Ok(0) => return expected.is_empty(),
            Ok(count) => {
                let Some((head, rest)) = expected.split_at_checked(count) else { return false };
                if space.get(..count) != Some(head) {
                    return false;
                }
                expected = rest;
            }
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out_again() {
        let text: Vec<u8> =
            (0..100_000u32).flat_map(|number| format!("line {} of a log\n", number % 977).into_bytes()).collect();
        let noise: Vec<u8> =
            (0..300_000u32).map(|number| u8::try_from(number.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
        for bytes in [&[][..], b"x", &text, &noise] {
            let packed = compress(bytes);
            assert!(gives(&packed, bytes));
            assert!(!gives(&packed, b"something else"));
        }
        assert!(compress(&text).len() < text.len() / 4, "{} of {}", compress(&text).len(), text.len());
    }

    #[test]
    fn a_digest_is_that_of_the_standard() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
