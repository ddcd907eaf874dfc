//! gRPC's framing of messages: a flag, a length of four bytes, the message.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

const HEADER_BYTES: usize = 5;

/// Why bytes are not messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error("the message is compressed")]
    Compressed,
    #[error("the message is longer than it may be")]
    TooLong { bytes: usize },
}

/// Cuts a stream of bytes into messages.
#[derive(Debug)]
pub(super) struct Frames {
    buffer: BytesMut,
    message_bytes_max: usize,
}

/// One message as gRPC sends it.
pub(super) fn encode(message: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(HEADER_BYTES + message.len());
    bytes.put_u8(0);
    // A message is bounded far below 4 GiB by whoever made it.
    bytes.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    bytes.put_slice(message);
    bytes.freeze()
}

impl Frames {
    pub(super) fn new(message_bytes_max: usize) -> Frames {
        Frames { buffer: BytesMut::new(), message_bytes_max }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message, if it is there already.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        if self.buffer.len() < HEADER_BYTES {
            return Ok(None);
        }
        let flag = self.buffer[0];
        let length = (&self.buffer[1..HEADER_BYTES]).get_u32() as usize;
        if self.message_bytes_max < length {
            return Err(Broken::TooLong { bytes: length });
        }
        if flag != 0 {
            return Err(Broken::Compressed);
        }
        if self.buffer.len() < HEADER_BYTES + length {
            return Ok(None);
        }
        self.buffer.advance(HEADER_BYTES);
        Ok(Some(self.buffer.split_to(length).freeze()))
    }

    /// Says whether something is left that is not a whole message.
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_message_too_long_is_refused_by_its_header_alone() {
        let mut frames = Frames::new(3);
        frames.push(&encode(b"four")[..HEADER_BYTES]);
        assert_eq!(frames.next(), Err(Broken::TooLong { bytes: 4 }));
    }

    #[test]
    fn a_compressed_message_is_refused() {
        let mut frames = Frames::new(3);
        frames.push(&[1, 0, 0, 0, 0]);
        assert_eq!(frames.next(), Err(Broken::Compressed));
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_same_messages_come_out(
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..9),
            cut in 1usize..9,
        ) {
            let bytes: Vec<u8> = messages.iter().flat_map(|it| encode(it)).collect();
            let mut frames = Frames::new(9);
            let mut out = Vec::new();
            for part in bytes.chunks(cut) {
                frames.push(part);
                while let Some(message) = frames.next().unwrap() {
                    out.push(message.to_vec());
                }
            }
            prop_assert_eq!(out, messages);
            prop_assert!(frames.is_empty());
        }
    }
}
