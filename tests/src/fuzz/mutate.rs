//! Mutations of inputs, by their form: a message stays one, and JSON stays JSON, so that what is wrong is wrong in one place and
//! the readers get far. Now and then the bytes themselves are changed, whatever they are.

use super::wire::{self, Field, Value as Wire};
use serde_json::Value;
use std::collections::BTreeSet;
use xiaoer::splitmix::SplitMix;

/// How inputs are mutated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A message of protobuf.
    Proto,
    /// A byte that chooses a call, and the message of its request.
    Call,
    /// JSON.
    Json,
    /// Text, or bytes of no form.
    Text,
}

/// A text that a sender writes where none may stand that is repeated to anyone: no refusal and no error may hold it.
pub(super) const CANARY: &str = "CANARY-370303";

/// Texts at the edges of what readers expect.
const WORDS: [&str; 40] = [
    "",
    CANARY,
    "a\u{7f}b",
    "\u{0}",
    "长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长长",
    "0000-01-01",
    "1899-12-31",
    "1900-01-01",
    "2025-02-29",
    "2026-04-20",
    "2026-05-12",
    "2200-12-31",
    "9999-12-31",
    "-000001-01-01",
    "20260420",
    "2026-04-20T10:12:00Z",
    "2026-04-20T10:12:00.123456789+08:00",
    "1900-01-01T00:00:00Z",
    "2200-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:60Z",
    "00000000-0000-0000-0000-000000000000",
    "01890a5d-ac96-774b-bcce-b302099a8057",
    "01890A5D-AC96-774B-BCCE-B302099A8057",
    "11370306XXXX00019K",
    "case",
    "log",
    "unit",
    "item",
    "xiaoer",
    "370306",
    "Asia/Shanghai",
    "UTC",
    "+1",
    "-1",
    "0",
    "18446744073709551616",
    "1e400",
    "NaN",
    "{",
    "*",
];

/// Numbers at the edges.
const NUMBERS: [u64; 17] = [
    0,
    1,
    2,
    7,
    127,
    128,
    999_999_999,
    1_000_000_000,
    i32::MAX as u64,
    1 << 31,
    u32::MAX as u64,
    1 << 32,
    253_402_300_800,
    i64::MAX as u64,
    1 << 63,
    // -1, and the first second of the year 1.
    u64::MAX,
    (-62_135_596_801_i64) as u64,
];

/// Draws mutations, always the same for a seed and a list of inputs.
#[derive(Debug)]
pub(super) struct Mutator {
    random: SplitMix,
    words: Vec<Vec<u8>>,
}

impl Mutator {
    /// From a seed; the words of the inputs join those of [`WORDS`].
    pub fn new(seed: u64, inputs: &[Vec<u8>]) -> Self {
        let mut words: BTreeSet<Vec<u8>> = WORDS.iter().map(|word| word.as_bytes().to_vec()).collect();
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.' | b'<' | b'/' | b'[');
        for input in inputs {
            words.extend(input.split(|byte| !is_word(byte)).filter(|word| (1..=40).contains(&word.len())).map(<[u8]>::to_vec));
        }
        Self { random: SplitMix::new(seed), words: words.into_iter().collect() }
    }

    /// One of the inputs, changed.
    pub fn mutate(&mut self, form: Form, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.random.pick(inputs).clone();
        let other = self.random.pick(inputs).clone();
        if self.random.below(12) == 0 {
            return self.bytes(input, &other);
        }
        for _ in 0..=self.random.below(3) {
            input = match form {
                Form::Proto => self.message(&input, &other),
                Form::Call => self.call(&input, &other),
                Form::Json => self.json(&input, &other),
                Form::Text => self.bytes(input, &other),
            };
        }
        input
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.random.below(len as u64)).unwrap_or(0)
    }

    fn word(&mut self) -> Vec<u8> {
        match self.random.below(12) {
            0 => {
                let word = self.random.pick(&self.words).clone();
                word.repeat(1 + self.index(300))
            }
            1 => [self.random.pick(&self.words).clone(), self.random.pick(&self.words).clone()].concat(),
            2..7 => self.random.pick(&WORDS).as_bytes().to_vec(),
            _ => self.random.pick(&self.words).clone(),
        }
    }

    fn number(&mut self) -> u64 {
        match self.random.below(4) {
            0 => self.random.below(100),
            1 => self.random.next_u64() >> self.random.below(64),
            _ => *self.random.pick(&NUMBERS),
        }
    }

    /// Bytes of no form: some are changed, left out, put in, doubled, or come from elsewhere.
    fn bytes(&mut self, mut input: Vec<u8>, other: &[u8]) -> Vec<u8> {
        for _ in 0..=self.random.below(3) {
            let at = self.index(input.len() + 1);
            let end = (at + 1 + self.index(16)).min(input.len());
            match self.random.below(9) {
                0 if at < input.len() => input[at] ^= 1 << self.random.below(8),
                1 if at < input.len() => input[at] = self.random.next_u64() as u8,
                2 => drop(input.drain(at..end)),
                3 => input.truncate(at),
                4 => {
                    let piece = input[at..end].repeat(1 + self.index(100));
                    input.splice(at..at, piece);
                }
                5 if !other.is_empty() => {
                    let from = self.index(other.len());
                    let to = (from + self.index(64)).min(other.len());
                    input.splice(at..end, other[from..to].iter().copied());
                }
                6 => {
                    let number = self.number().to_string();
                    self.replace_word(&mut input, at, number.into_bytes());
                }
                _ => {
                    let word = self.word();
                    if self.random.below(2) == 0 {
                        self.replace_word(&mut input, at, word);
                    } else {
                        input.splice(at..at, word);
                    }
                }
            }
        }
        input
    }

    /// Puts a word in the place of the one that stands around a byte.
    fn replace_word(&mut self, input: &mut Vec<u8>, at: usize, word: Vec<u8>) {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.' | 0x80..);
        let begin = input[..at].iter().rposition(|byte| !is_word(byte)).map_or(0, |before| before + 1);
        let end = input[at..].iter().position(|byte| !is_word(byte)).map_or(input.len(), |len| at + len);
        input.splice(begin..end, word);
    }

    fn call(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let Some((&call, message)) = input.split_first() else { return vec![self.random.next_u64() as u8] };
        let call = if self.random.below(20) == 0 { self.random.next_u64() as u8 } else { call };
        let mut bytes = vec![call];
        bytes.extend(self.message(message, other.get(1..).unwrap_or_default()));
        bytes
    }

    /// A message with one of its fields changed, at any depth.
    fn message(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let Some(mut fields) = wire::read(input) else { return self.bytes(input.to_vec(), other) };
        let donor = wire::read(other).unwrap_or_default();
        let count = wire::count(&fields);
        if count == 0 {
            fields.push(self.field(&donor));
            return wire::write(&fields);
        }
        let mut n = self.index(count);
        wire::change_nth(&mut fields, &mut n, &mut |siblings, at| self.change_field(siblings, at, &donor));
        wire::write(&fields)
    }

    fn change_field(&mut self, siblings: &mut Vec<Field>, at: usize, donor: &[Field]) {
        match self.random.below(24) {
            0 => drop(siblings.remove(at)),
            1 => siblings.insert(at, siblings[at].clone()),
            2 => siblings[at].number = 1 + u32::try_from(self.random.below(130)).unwrap_or(0),
            3 => {
                let with = self.index(siblings.len());
                siblings.swap(at, with);
            }
            4 => {
                let field = self.field(donor);
                siblings.insert(at, field);
            }
            // A field of the same number from elsewhere fits where this one stood.
            5..9 => {
                if let Some(found) = self.of_number(donor, siblings[at].number) {
                    siblings[at] = found;
                }
            }
            _ => self.change_value(&mut siblings[at].value, donor),
        }
    }

    fn change_value(&mut self, value: &mut Wire, donor: &[Field]) {
        match value {
            Wire::Varint(number) => {
                *value = match self.random.below(12) {
                    0 | 3 | 4 => Wire::Varint(number.wrapping_add(1)),
                    1 => Wire::Varint(number.wrapping_sub(1)),
                    // Lists of numbers are written packed, and read either way.
                    2 => {
                        let mut packed = Vec::new();
                        wire::put(&mut packed, *number);
                        Wire::Bytes(packed)
                    }
                    _ => Wire::Varint(self.number()),
                };
            }
            Wire::Eight(bytes) => *bytes = self.number().to_le_bytes(),
            Wire::Four(bytes) => *bytes = (self.number() as u32).to_le_bytes(),
            Wire::Bytes(bytes) => {
                *bytes = match self.random.below(4) {
                    0 => self.bytes(bytes.clone(), &[]),
                    _ => self.word(),
                };
            }
            Wire::Fields(fields) => match self.random.below(8) {
                0 => fields.clear(),
                1 => *value = Wire::Bytes(self.word()),
                _ => {
                    let field = self.field(donor);
                    fields.push(field);
                }
            },
        }
    }

    /// A field of the donor, or one that is drawn.
    fn field(&mut self, donor: &[Field]) -> Field {
        let count = wire::count(donor);
        if count > 0 && self.random.below(3) > 0 {
            let (mut n, mut found) = (self.index(count), None);
            wire::change_nth(&mut donor.to_vec(), &mut n, &mut |siblings, at| found = Some(siblings[at].clone()));
            if let Some(found) = found {
                return found;
            }
        }
        let number = 1 + u32::try_from(self.random.below(130)).unwrap_or(0);
        let value = match self.random.below(5) {
            0 | 1 => Wire::Varint(self.number()),
            2 => Wire::Eight(self.number().to_le_bytes()),
            3 => Wire::Four((self.number() as u32).to_le_bytes()),
            _ => Wire::Bytes(self.word()),
        };
        Field { number, value }
    }

    fn of_number(&mut self, donor: &[Field], number: u32) -> Option<Field> {
        let mut found = Vec::new();
        let mut lists = vec![donor];
        while let Some(list) = lists.pop() {
            for field in list {
                if field.number == number {
                    found.push(field);
                }
                if let Wire::Fields(inner) = &field.value {
                    lists.push(inner);
                }
            }
        }
        let at = self.index(found.len());
        found.get(at).map(|field| (*field).clone())
    }

    /// JSON with one of its values changed, at any depth.
    fn json(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let Ok(mut value) = serde_json::from_slice::<Value>(input) else { return self.bytes(input.to_vec(), other) };
        let donor = serde_json::from_slice(other).unwrap_or(Value::Null);
        let n = self.index(json_count(&value));
        self.change_json(&mut value, n, &donor);
        let mut bytes = value.to_string().into_bytes();
        // A key that stands twice has no form as a value.
        if self.random.below(10) == 0 && bytes.starts_with(b"{") && bytes.len() > 2 {
            let again = bytes[1..bytes.len() - 1].to_vec();
            bytes.splice(1..1, again.into_iter().chain(*b","));
        }
        bytes
    }

    fn change_json(&mut self, value: &mut Value, n: usize, donor: &Value) {
        if n == 0 {
            *value = self.json_instead(value, donor);
            return;
        }
        let mut left = n - 1;
        match value {
            Value::Array(items) => {
                for at in 0..items.len() {
                    let count = json_count(&items[at]);
                    if left >= count {
                        left -= count;
                        continue;
                    }
                    match self.random.below(5) {
                        0 => drop(items.remove(at)),
                        1 => items.insert(at, items[at].clone()),
                        _ => self.change_json(&mut items[at], left, donor),
                    }
                    return;
                }
            }
            Value::Object(fields) => {
                let keys: Vec<_> = fields.keys().cloned().collect();
                for key in keys {
                    let count = json_count(&fields[&key]);
                    if left >= count {
                        left -= count;
                        continue;
                    }
                    match self.random.below(8) {
                        0 => drop(fields.remove(&key)),
                        1 => {
                            let field = fields.remove(&key).unwrap_or_default();
                            let name = String::from_utf8_lossy(&self.word()).into_owned();
                            fields.insert(name, field);
                        }
                        2 => {
                            if let Some((name, field)) = self.json_field(donor) {
                                fields.insert(name, field);
                            }
                        }
                        _ => {
                            if let Some(field) = fields.get_mut(&key) {
                                self.change_json(field, left, donor);
                            }
                        }
                    }
                    return;
                }
            }
            _ => {}
        }
    }

    /// What stands in a value's place.
    fn json_instead(&mut self, value: &Value, donor: &Value) -> Value {
        match self.random.below(10) {
            0 => Value::Null,
            1 => Value::Bool(self.random.below(2) == 0),
            2 => Value::from(self.number()),
            3 => Value::from(self.number() as i64),
            4 => Value::from(f64::from_bits(self.random.next_u64())),
            5 => Value::Array(vec![value.clone(); self.index(300)]),
            6 => self.json_field(donor).map_or(Value::Null, |(_, field)| field),
            _ => Value::String(String::from_utf8_lossy(&self.word()).into_owned()),
        }
    }

    /// A field of an object somewhere in the donor.
    fn json_field(&mut self, donor: &Value) -> Option<(String, Value)> {
        let mut found = Vec::new();
        let mut values = vec![donor];
        while let Some(value) = values.pop() {
            match value {
                Value::Object(fields) => {
                    found.extend(fields);
                    values.extend(fields.values());
                }
                Value::Array(items) => values.extend(items),
                _ => {}
            }
        }
        let at = self.index(found.len());
        found.get(at).map(|(name, field)| ((*name).clone(), (*field).clone()))
    }
}

/// How many values there are, at any depth.
fn json_count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(json_count).sum(),
        Value::Object(fields) => fields.values().map(json_count).sum::<usize>(),
        _ => 0,
    }
}
