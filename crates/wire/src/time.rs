//! `google.protobuf.Timestamp` with the canonical proto3 JSON form.
//!
//! The contract keeps times to the microsecond; [`Timestamp::to_jiff`] refuses what is finer or out of range.

use jiff::Timestamp as Instant;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: seconds of UTC since 1970 and nanoseconds of that second, 0 to 999,999,999.
#[derive(Clone, Copy, PartialEq, Eq, Hash, ::prost::Message)]
pub struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds of the second.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

/// Why a time of the contract is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeError {
    /// Finer than a microsecond.
    TooFine,
    /// Outside the years 1 to 9999, or nanoseconds out of range.
    OutOfRange,
}

/// 0001-01-01T00:00:00Z, the first second protobuf allows.
const SECONDS_MIN: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z, the last one.
const SECONDS_MAX: i64 = 253_402_300_799;

impl Timestamp {
    /// The same point in time, to the microsecond.
    pub fn to_jiff(self) -> Result<Instant, TimeError> {
        let instant = self.exact().ok_or(TimeError::OutOfRange)?;
        if self.nanos % 1_000 != 0 {
            return Err(TimeError::TooFine);
        }
        Ok(instant)
    }

    /// From whole microseconds since 1970.
    pub fn from_micros(micros: i64) -> Self {
        Self { seconds: micros.div_euclid(1_000_000), nanos: i32::try_from(micros.rem_euclid(1_000_000) * 1_000).unwrap_or(0) }
    }

    fn exact(self) -> Option<Instant> {
        let in_range = (SECONDS_MIN..=SECONDS_MAX).contains(&self.seconds) && (0..1_000_000_000).contains(&self.nanos);
        if !in_range {
            return None;
        }
        Instant::new(self.seconds, self.nanos).ok()
    }
}

impl From<Instant> for Timestamp {
    fn from(instant: Instant) -> Self {
        Self::from_micros(instant.as_microsecond())
    }
}

impl Serialize for Timestamp {
    /// RFC 3339 in UTC with 0, 3, 6 or 9 digits of fraction, as proto3 JSON asks.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let instant = self.exact().ok_or_else(|| serde::ser::Error::custom("timestamp out of range"))?;
        let digits = match self.nanos {
            0 => 0,
            n if n % 1_000_000 == 0 => 3,
            n if n % 1_000 == 0 => 6,
            _ => 9,
        };
        serializer.collect_str(&format_args!("{instant:.digits$}"))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let instant: Instant = text.parse().map_err(serde::de::Error::custom)?;
        let nanos = instant.as_nanosecond();
        let whole = |n: i128| i64::try_from(n).map_err(serde::de::Error::custom);
        Ok(Self {
            seconds: whole(nanos.div_euclid(1_000_000_000))?,
            nanos: i32::try_from(nanos.rem_euclid(1_000_000_000)).map_err(serde::de::Error::custom)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_canonical() {
        let table = [
            ((0, 0), "\"1970-01-01T00:00:00Z\""),
            ((1_776_651_120, 0), "\"2026-04-20T02:12:00Z\""),
            ((1, 500_000_000), "\"1970-01-01T00:00:01.500Z\""),
            ((1, 500_000), "\"1970-01-01T00:00:01.000500Z\""),
            ((-1, 999_999_000), "\"1969-12-31T23:59:59.999999Z\""),
            ((1, 1), "\"1970-01-01T00:00:01.000000001Z\""),
        ];
        for ((seconds, nanos), json) in table {
            let time = Timestamp { seconds, nanos };
            assert_eq!(serde_json::to_string(&time).unwrap(), json);
            assert_eq!(serde_json::from_str::<Timestamp>(json).unwrap(), time, "{json}");
        }
        let offset: Timestamp = serde_json::from_str("\"2026-04-20T10:12:00+08:00\"").unwrap();
        assert_eq!(offset.seconds, 1_776_651_120);
    }

    #[test]
    fn refuses_what_is_no_time_of_the_contract() {
        assert_eq!(Timestamp { seconds: 1, nanos: 1 }.to_jiff(), Err(TimeError::TooFine));
        assert_eq!(Timestamp { seconds: SECONDS_MAX + 1, nanos: 0 }.to_jiff(), Err(TimeError::OutOfRange));
        assert_eq!(Timestamp { seconds: 1, nanos: -1 }.to_jiff(), Err(TimeError::OutOfRange));
        assert_eq!(Timestamp::from_micros(-1).to_jiff().unwrap().as_microsecond(), -1);
    }
}
