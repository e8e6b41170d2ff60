//! A codec that notices fields the contract does not know.
//!
//! protobuf decoders drop such fields in silence, and a fact that lost a field would be recorded as if it were whole.
//! prost writes a message in one form, so bytes that are that form hold nothing unknown; bytes that say the same in another way are
//! walked with the descriptors. (To compare lengths is not enough: a list of one number that is not packed is shorter than the form
//! prost writes, and makes room for an unknown field.)

use crate::{descriptors, v1};
use bytes::{Buf, Bytes};
use prost::{Message, Name, encoding};
use prost_reflect::{DynamicMessage, Value};
use std::marker::PhantomData;
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder},
};
use tonic_prost::ProstEncoder;

/// Members of its list that a message is decoded with, one more than any may have: two bytes that say "one more, and empty" become
/// some hundred in memory, and a list that is too long is refused whatever stands behind this member.
pub const LIST_DECODED_MAX: usize = 1_001;

/// A message with a list that grows with what its sender pleases.
pub trait Listed {
    /// The number of the field.
    const LIST: u32;
}

impl Listed for v1::PostRequest {
    const LIST: u32 = 2;
}

/// The bytes up to the member that is one too many; all of them where the list is shorter, or where they are no message.
fn bounded(bytes: Bytes, list: u32) -> Bytes {
    let (mut rest, mut members) = (bytes.clone(), 0);
    while rest.has_remaining() {
        let Ok((field, kind)) = encoding::decode_key(&mut rest) else { return bytes };
        if encoding::skip_field(kind, field, &mut rest, encoding::DecodeContext::default()).is_err() {
            return bytes;
        }
        members += usize::from(field == list);
        if members == LIST_DECODED_MAX {
            return bytes.slice(..bytes.len() - rest.remaining());
        }
    }
    bytes
}

/// A decoded message and, where its bytes held a field the contract does not know, the path to that field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strict<T> {
    /// The message as far as it is known.
    pub message: T,
    /// Path of the first unknown field, for example `events[0].subject.#9`.
    pub unknown_field: Option<String>,
}

impl<T: Message + Name + Default + Listed> Strict<T> {
    /// Decodes a message and looks for unknown fields.
    pub fn decode(bytes: impl Buf) -> Result<Self, prost::DecodeError> {
        let bytes = {
            let mut bytes = bytes;
            bounded(bytes.copy_to_bytes(bytes.remaining()), T::LIST)
        };
        let message = T::decode(bytes.clone())?;
        let unknown_field = if message.encode_to_vec() == bytes { None } else { unknown_field::<T>(&bytes)? };
        Ok(Self { message, unknown_field })
    }
}

fn unknown_field<T: Name>(bytes: &[u8]) -> Result<Option<String>, prost::DecodeError> {
    let Some(descriptor) = descriptors::pool().get_message_by_name(&T::full_name()) else {
        return Ok(None);
    };
    let message = DynamicMessage::decode(descriptor, bytes)?;
    Ok(first_unknown(&message).map(|path| path.trim_start_matches('.').to_owned()))
}

fn first_unknown(message: &DynamicMessage) -> Option<String> {
    if let Some(field) = message.unknown_fields().next() {
        return Some(format!(".#{}", field.number()));
    }
    message.fields().find_map(|(field, value)| match value {
        Value::Message(inner) => first_unknown(inner).map(|path| format!(".{}{path}", field.name())),
        Value::List(items) => items.iter().enumerate().find_map(|(index, item)| {
            let inner = item.as_message()?;
            first_unknown(inner).map(|path| format!(".{}[{index}]{path}", field.name()))
        }),
        Value::Map(entries) => entries.iter().find_map(|(_, item)| {
            let inner = item.as_message()?;
            first_unknown(inner).map(|path| format!(".{}{path}", field.name()))
        }),
        _ => None,
    })
}

/// Encodes answers with prost and decodes requests as [`Strict`].
#[derive(Debug)]
pub struct StrictCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for StrictCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for StrictCodec<T, Strict<U>>
where
    T: Message + Send + 'static,
    U: Message + Name + Default + Listed + Send + 'static,
{
    type Encode = T;
    type Decode = Strict<U>;
    type Encoder = ProstEncoder<T>;
    type Decoder = StrictDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::default()
    }

    fn decoder(&mut self) -> Self::Decoder {
        StrictDecoder(PhantomData)
    }
}

/// Decoder of [`StrictCodec`].
#[derive(Debug)]
pub struct StrictDecoder<U>(PhantomData<U>);

impl<U: Message + Name + Default + Listed> Decoder for StrictDecoder<U> {
    type Item = Strict<U>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Self::Item>, Status> {
        Strict::decode(buffer)
            .map(Some)
            .map_err(|error| Status::invalid_argument(format!("not a message of the contract: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Event, PostRequest, Subject};

    fn request() -> PostRequest {
        let subject = Subject { kind: "case".into(), system: "hall".into(), id: "1".into() };
        PostRequest {
            log: "370306".into(),
            events: vec![Event { subject: Some(subject), ..Event::default() }],
            ..PostRequest::default()
        }
    }

    #[test]
    fn a_known_message_is_whole() {
        let strict = Strict::<PostRequest>::decode(request().encode_to_vec().as_slice()).unwrap();
        assert_eq!(strict, Strict { message: request(), unknown_field: None });
    }

    #[test]
    fn an_explicit_default_is_no_unknown_field() {
        let mut bytes = request().encode_to_vec();
        bytes.extend([0x18, 0x00]); // mode = 0, written out
        assert_eq!(Strict::<PostRequest>::decode(bytes.as_slice()).unwrap().unknown_field, None);
    }

    #[test]
    fn an_unknown_field_is_named_wherever_it_stands() {
        let mut top = request().encode_to_vec();
        top.extend([0xf8, 0x07, 0x01]); // field 127
        assert_eq!(Strict::<PostRequest>::decode(top.as_slice()).unwrap().unknown_field.as_deref(), Some("#127"));

        let mut subject = request().events[0].subject.clone().unwrap().encode_to_vec();
        subject.extend([0x48, 0x01]); // field 9
        let mut event = vec![0x12, u8::try_from(subject.len()).unwrap()];
        event.extend(subject);
        let mut deep = vec![0x12, u8::try_from(event.len()).unwrap()];
        deep.extend(event);
        assert_eq!(Strict::<PostRequest>::decode(deep.as_slice()).unwrap().unknown_field.as_deref(), Some("events[0].subject.#9"));
    }

    #[test]
    fn a_list_that_is_too_long_is_not_decoded_to_its_end() {
        let decoded = |members: usize, before: &[u8]| {
            let bytes = [before, &[0x12, 0x00].repeat(members), &[0x18, 0x02]].concat();
            let message = Strict::<PostRequest>::decode(bytes.as_slice()).unwrap().message;
            (message.events.len(), message.mode)
        };
        assert_eq!(decoded(1_000, &[]), (1_000, 2));
        assert_eq!(decoded(4_000_000, &[]), (LIST_DECODED_MAX, 0), "what is behind it does not matter: it is refused");
        // Other fields that come again and again take nothing from the list.
        assert_eq!(decoded(3, &[0x0a, 0x01, b'a'].repeat(5_000)), (3, 2));
        assert!(Strict::<PostRequest>::decode([0x12, 0x7f].as_slice()).is_err());
    }

    #[test]
    fn a_shorter_form_makes_no_room_for_an_unknown_field() {
        let decode = |bytes: &[u8]| Strict::<PostRequest>::decode(bytes).unwrap();
        // Two events with a list of one number that is not packed: staff_posted { selection_basis: [1] }.
        let event = [0x12, 0x05, 0x92, 0x07, 0x02, 0x18, 0x01];
        let mut bytes = event.repeat(2);
        assert_eq!(decode(&bytes).unknown_field, None);
        bytes.extend([0x78, 0x01]); // field 15
        assert_eq!(decode(&bytes).message.encoded_len(), bytes.len(), "as long as the form prost writes");
        assert_eq!(decode(&bytes).unknown_field.as_deref(), Some("#15"));
    }
}
