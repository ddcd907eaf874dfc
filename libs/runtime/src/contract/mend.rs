//! Finds strings that are not UTF-8 in an encoded message, and puts U+FFFD where they are broken.
//!
//! The decoder of a stream gives up for good at the first such string, and one bad item must not end a stream. So the
//! items of a stream arrive mended: a handler that sees U+FFFD has a malformed item before it.

use prost::encoding::{WireType, decode_key, decode_varint, encode_varint};
use prost_reflect::{Kind, MessageDescriptor};

/// As deep as the decoder goes.
const DEPTH_MAX: usize = 100;

/// Not a protobuf message.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is not protobuf")]
pub(super) struct Broken;

/// What became of a message that was not in order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mended {
    pub(super) bytes: Vec<u8>,
    /// The first field that was not UTF-8.
    pub(super) field: String,
}

/// Nothing when all strings are UTF-8.
pub(super) fn mend(
    descriptor: &MessageDescriptor,
    message: &[u8],
) -> Result<Option<Mended>, Broken> {
    walk(descriptor, message, 0)
}

fn walk(
    descriptor: &MessageDescriptor,
    message: &[u8],
    depth: usize,
) -> Result<Option<Mended>, Broken> {
    if DEPTH_MAX < depth {
        return Err(Broken);
    }
    let mut mended: Option<Mended> = None;
    let mut copied = 0;
    let mut rest = message;
    while !rest.is_empty() {
        let (number, wire_type) = decode_key(&mut rest).map_err(|_| Broken)?;
        if !is_expected(descriptor, number, wire_type) {
            return Err(Broken);
        }
        let skipped = match wire_type {
            WireType::Varint => decode_varint(&mut rest).map(|_| 0).map_err(|_| Broken)?,
            WireType::SixtyFourBit => 8,
            WireType::ThirtyTwoBit => 4,
            WireType::LengthDelimited => {
                let before = message.len() - rest.len();
                let length = decode_varint(&mut rest).map_err(|_| Broken)?;
                let length = usize::try_from(length).map_err(|_| Broken)?;
                let value = rest.get(..length).ok_or(Broken)?;
                if let Some(Mended { bytes, field }) = mend_field(descriptor, number, value, depth)?
                {
                    let out = mended.get_or_insert(Mended { bytes: Vec::new(), field });
                    out.bytes.extend_from_slice(&message[copied..before]);
                    encode_varint(bytes.len() as u64, &mut out.bytes);
                    out.bytes.extend_from_slice(&bytes);
                    copied = message.len() - rest.len() + length;
                }
                length
            }
            // Nothing of ours has groups.
            WireType::StartGroup | WireType::EndGroup => return Err(Broken),
        };
        rest = rest.get(skipped..).ok_or(Broken)?;
    }
    if let Some(out) = &mut mended {
        out.bytes.extend_from_slice(&message[copied..]);
    }
    Ok(mended)
}

/// Whether the decoder takes a field of this number in this form. A number nobody knows may have any.
fn is_expected(descriptor: &MessageDescriptor, number: u32, wire_type: WireType) -> bool {
    let Some(field) = descriptor.get_field(number) else { return true };
    let packed = field.is_list() && wire_type == WireType::LengthDelimited;
    packed || field.kind().wire_type() == wire_type
}

fn mend_field(
    descriptor: &MessageDescriptor,
    number: u32,
    value: &[u8],
    depth: usize,
) -> Result<Option<Mended>, Broken> {
    let Some(field) = descriptor.get_field(number) else { return Ok(None) };
    let kind = field.kind();
    if kind == Kind::String && std::str::from_utf8(value).is_err() {
        let bytes = String::from_utf8_lossy(value).into_owned().into_bytes();
        return Ok(Some(Mended { bytes, field: field.name().to_owned() }));
    }
    let Some(held) = kind.as_message() else { return Ok(None) };
    let mended = walk(held, value, depth + 1)?;
    Ok(mended.map(|Mended { bytes, field: inner }| Mended {
        bytes,
        field: format!("{}.{inner}", field.name()),
    }))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;
    use prost_reflect::DescriptorPool;

    use super::*;

    #[test]
    fn a_message_in_order_is_left_alone() {
        check(b"\x0a\x03\xc3\xa6x", expect!["untouched"]);
        check(b"", expect!["untouched"]);
    }

    #[test]
    fn a_broken_string_is_named_and_mended() {
        check(b"\x0a\x02a\xff", expect![[r#"name: \n\x04a\xef\xbf\xbd"#]]);
    }

    #[test]
    fn a_broken_string_inside_is_found_and_the_rest_is_kept() {
        // A name, a message type with a name, a package.
        check(
            b"\x0a\x01f\x22\x03\x0a\x01\xff\x12\x01p",
            expect![[r#"message_type.name: \n\x01f\"\x05\n\x03\xef\xbf\xbd\x12\x01p"#]],
        );
    }

    #[test]
    fn what_is_not_protobuf_is_said_to_be_so() {
        for broken in [
            &b"\x0a\x05x"[..],
            b"\xff",
            b"\x0b",
            b"\x09\x00",
            b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        ] {
            assert_eq!(mend(&descriptor(), broken), Err(Broken), "{broken:?}");
        }
    }

    #[test]
    fn a_number_where_text_should_be_is_not_protobuf_of_this_message() {
        assert_eq!(mend(&descriptor(), b"\x08\x01"), Err(Broken));
    }

    proptest! {
        #[test]
        fn what_is_mended_needs_no_mending(message in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(Some(mended)) = mend(&descriptor(), &message) {
                prop_assert_eq!(mend(&descriptor(), &mended.bytes), Ok(None));
            }
        }
    }

    fn check(message: &[u8], expected: Expect) {
        let shown = match mend(&descriptor(), message).unwrap() {
            None => "untouched".to_owned(),
            Some(Mended { bytes, field }) => format!("{field}: {}", bytes.escape_ascii()),
        };
        expected.assert_eq(&shown);
    }

    /// A message with strings and messages in it that is always at hand.
    fn descriptor() -> MessageDescriptor {
        let pool = DescriptorPool::global();
        pool.get_message_by_name("google.protobuf.FileDescriptorProto").unwrap()
    }
}
