//! Where the messages in the bytes of a request begin and end: five bytes before each, the last four of which are its length.

/// Bytes before a message.
const HEAD: usize = 5;

/// Counts what of a request is held on its way to the decoder.
#[derive(Default)]
pub(super) struct Frames {
    head: [u8; HEAD],
    /// Bytes of the head that have come.
    headed: usize,
    /// Bytes of the message that have yet to come.
    left: usize,
    /// Bytes of the message under way.
    under_way: usize,
    /// Bytes of whole messages that were not taken yet.
    whole: usize,
}

impl Frames {
    /// More bytes came.
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while let Some(&byte) = bytes.first() {
            if self.headed < HEAD {
                self.head[self.headed] = byte;
                self.headed += 1;
                self.under_way += 1;
                bytes = &bytes[1..];
                let [_, length @ ..] = self.head;
                self.left = u32::from_be_bytes(length) as usize;
            } else {
                let some = self.left.min(bytes.len());
                self.left -= some;
                self.under_way += some;
                bytes = &bytes[some..];
            }
            if self.headed == HEAD && self.left == 0 {
                self.whole += self.under_way;
                (self.headed, self.under_way) = (0, 0);
            }
        }
    }

    /// More is asked for, so whatever was whole has been taken: a decoder reads on only when it has no message left, and a message
    /// that waits to enter is not read past.
    pub(super) fn taken(&mut self) {
        self.whole = 0;
    }

    /// Whether a message is whole and was not taken.
    pub(super) fn has_whole(&self) -> bool {
        self.whole > 0
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        self.whole + self.under_way
    }

    /// Whether a message has begun and is not whole.
    pub(super) fn is_within(&self) -> bool {
        self.under_way > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart_however_they_are_cut() {
        let messages = [&[0, 0, 0, 0, 3, 1, 2, 3][..], &[0, 0, 0, 0, 0], &[0, 0, 0, 1, 0], &[7; 256]].concat();
        for size in 1..messages.len() {
            let mut frames = Frames::default();
            for piece in messages.chunks(size) {
                assert!(frames.held() < messages.len());
                frames.push(piece);
            }
            assert!(!frames.is_within() && frames.held() == messages.len(), "in pieces of {size}");
        }
        let mut frames = Frames::default();
        frames.push(&messages[..8]);
        assert_eq!((frames.held(), frames.is_within()), (8, false));
        frames.taken();
        frames.push(&messages[8..20]);
        assert_eq!((frames.held(), frames.is_within()), (12, true));
        frames.taken();
        assert_eq!((frames.held(), frames.is_within()), (7, true), "what is under way stays");
    }
}
