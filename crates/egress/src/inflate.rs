//! Decompresses bodies in small pieces, so that the decompressed size can be limited.

use std::io::{self, Write as _};

use bytes::{Buf as _, Bytes};
use flate2::write::{MultiGzDecoder, ZlibDecoder};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use crate::Error;

/// Compressed bytes that are decoded at a time. Deflate expands them at most about a thousandfold.
const STEP: usize = 1024;

enum Decoder {
    Gzip(MultiGzDecoder<Vec<u8>>),
    Zlib(ZlibDecoder<Vec<u8>>),
}

/// The decoder of one body.
pub(crate) struct Inflate {
    decoder: Decoder,
    input: Bytes,
}

impl Inflate {
    /// The decoder for the response's headers; `None` for a body that is not compressed.
    ///
    /// # Errors
    ///
    /// If the compression was not requested.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Error> {
        let Some(encoding) = headers.get(CONTENT_ENCODING) else { return Ok(None) };
        let encoding = encoding.to_str().unwrap_or("?").trim().to_ascii_lowercase();
        let decoder = match encoding.as_str() {
            "" | "identity" => return Ok(None),
            "gzip" | "x-gzip" => Decoder::Gzip(MultiGzDecoder::new(Vec::new())),
            "deflate" => Decoder::Zlib(ZlibDecoder::new(Vec::new())),
            _ => return Err(Error::Encoding("it is compressed in a way that was not asked for".to_owned())),
        };
        Ok(Some(Self { decoder, input: Bytes::new() }))
    }

    /// Takes more compressed bytes, once [`Self::next_piece`] has nothing left.
    pub(crate) fn feed(&mut self, chunk: Bytes) {
        self.input = chunk;
    }

    /// The next decompressed piece; never empty, at most about a megabyte.
    pub(crate) fn next_piece(&mut self) -> Result<Option<Bytes>, Error> {
        while !self.input.is_empty() {
            let step = self.input.split_to(STEP.min(self.input.remaining()));
            self.write(&step).map_err(|error| wrong(&error))?;
            if let Some(piece) = self.take() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// The rest of the data at the body's end.
    ///
    /// # Errors
    ///
    /// If the compressed data ends early.
    pub(crate) fn finish(&mut self) -> Result<Option<Bytes>, Error> {
        let finished = match &mut self.decoder {
            Decoder::Gzip(decoder) => decoder.try_finish(),
            Decoder::Zlib(decoder) => decoder.try_finish(),
        };
        finished.map_err(|error| wrong(&error))?;
        Ok(self.take())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.decoder {
            Decoder::Gzip(decoder) => decoder.write_all(bytes),
            Decoder::Zlib(decoder) => decoder.write_all(bytes),
        }
    }

    fn take(&mut self) -> Option<Bytes> {
        let output = match &mut self.decoder {
            Decoder::Gzip(decoder) => decoder.get_mut(),
            Decoder::Zlib(decoder) => decoder.get_mut(),
        };
        if output.is_empty() { None } else { Some(std::mem::take(output).into()) }
    }
}

fn wrong(error: &io::Error) -> Error {
    Error::Encoding(format!("it does not decompress ({})", error.kind()))
}
