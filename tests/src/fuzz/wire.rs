//! Bytes of protobuf as a tree of fields, known to no contract, so that a field deep inside can be changed and the lengths around
//! it still fit.

/// A field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub number: u32,
    pub value: Value,
}

/// What a field holds, by its form on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Varint(u64),
    Eight([u8; 8]),
    Four([u8; 4]),
    Bytes(Vec<u8>),
    /// Bytes that read as fields.
    Fields(Vec<Field>),
}

/// Deepest nesting that is read as fields.
const DEPTH_MAX: u32 = 12;
/// Highest number that is taken for one of a field, so that few texts are taken for fields.
const NUMBER_MAX: u64 = 400;

/// The fields of a message; none where the bytes are no message.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<Field>> {
    read_deep(bytes, 0)
}

fn read_deep(mut bytes: &[u8], depth: u32) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let number = u32::try_from(Some(key >> 3).filter(|number| (1..=NUMBER_MAX).contains(number))?).ok()?;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut bytes)?),
            1 => Value::Eight(take(&mut bytes, 8)?.try_into().ok()?),
            2 => {
                let len = usize::try_from(varint(&mut bytes)?).ok()?;
                let inner = take(&mut bytes, len)?;
                let fields = if depth < DEPTH_MAX && !inner.is_empty() { read_deep(inner, depth + 1) } else { None };
                fields.map_or_else(|| Value::Bytes(inner.to_vec()), Value::Fields)
            }
            5 => Value::Four(take(&mut bytes, 4)?.try_into().ok()?),
            _ => return None,
        };
        fields.push(Field { number, value });
    }
    Some(fields)
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(taken)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// The bytes of a message.
pub(super) fn write(fields: &[Field]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Field { number, value } in fields {
        let key = |form: u64| u64::from(*number) << 3 | form;
        match value {
            Value::Varint(value) => {
                put(&mut bytes, key(0));
                put(&mut bytes, *value);
            }
            Value::Eight(value) => {
                put(&mut bytes, key(1));
                bytes.extend(value);
            }
            Value::Four(value) => {
                put(&mut bytes, key(5));
                bytes.extend(value);
            }
            Value::Bytes(value) => put_bytes(&mut bytes, key(2), value),
            Value::Fields(fields) => put_bytes(&mut bytes, key(2), &write(fields)),
        }
    }
    bytes
}

fn put_bytes(bytes: &mut Vec<u8>, key: u64, value: &[u8]) {
    put(bytes, key);
    put(bytes, value.len() as u64);
    bytes.extend(value);
}

/// Writes a varint.
pub(super) fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push((value & 0x7f) as u8);
}

/// How many fields there are, at any depth.
pub(super) fn count(fields: &[Field]) -> usize {
    fields.iter().map(|field| if let Value::Fields(inner) = &field.value { 1 + count(inner) } else { 1 }).sum()
}

/// Changes the `n`th field of the tree, given the list that holds it and its place there.
pub(super) fn change_nth(fields: &mut Vec<Field>, n: &mut usize, change: &mut dyn FnMut(&mut Vec<Field>, usize)) -> bool {
    for index in 0..fields.len() {
        if *n == 0 {
            change(fields, index);
            return true;
        }
        *n -= 1;
        if let Value::Fields(inner) = &mut fields[index].value
            && change_nth(inner, n, change)
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_written_again() {
        let inner = Field { number: 3, value: Value::Varint(u64::MAX) };
        let text = Field { number: 1, value: Value::Bytes(b"\xff\xff".to_vec()) };
        let message = vec![text, Field { number: 2, value: Value::Fields(vec![inner.clone(), inner]) }];
        assert_eq!(read(&write(&message)), Some(message.clone()));
        assert_eq!(count(&message), 4);
        assert_eq!(read(b"\x08"), None);
    }
}
