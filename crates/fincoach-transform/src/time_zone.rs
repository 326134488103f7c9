//! Names of time zones.

use std::fmt;
use std::str::FromStr;

use chrono_tz::Tz;
use fincoach_core::DataError;
use fincoach_core::chrono::{Duration, NaiveDateTime, TimeZone as _};
use serde::{Deserialize, Serialize};

/// A time zone by its IANA name, such as `Europe/London` or `UTC`.
///
/// # Examples
/// ```
/// use fincoach_transform::TimeZone;
/// let london: TimeZone = "Europe/London".parse()?;
/// assert_eq!(london.name(), "Europe/London");
/// assert!("Europe/Londn".parse::<TimeZone>().is_err());
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone(Tz);

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TimeZone {
    type Err = DataError;

    fn from_str(name: &str) -> Result<Self, DataError> {
        let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        name.parse().map(Self).map_err(|_| DataError::unknown("time zone", name, names()))
    }
}

impl TryFrom<String> for TimeZone {
    type Error = DataError;

    fn try_from(name: String) -> Result<Self, DataError> {
        name.parse()
    }
}

impl From<TimeZone> for String {
    fn from(zone: TimeZone) -> Self {
        zone.name().to_owned()
    }
}

/// From the times of a file to those of a person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Zones {
    /// Zone of the file, where it differs from the person's.
    file: Option<Tz>,
    local: Option<Tz>,
}

impl Zones {
    pub(crate) fn of(file: Option<TimeZone>, local: Option<TimeZone>) -> Self {
        Self {
            file: file.filter(|file| Some(*file) != local).map(|zone| zone.0),
            local: local.map(|zone| zone.0),
        }
    }

    /// The person's local time for a written one, by its offset from UTC or else the zone of the file.
    ///
    /// An hour that a clock went through twice is taken for the first; `None` for one that it left out.
    pub(crate) fn local(&self, written: NaiveDateTime, offset: Option<i32>) -> Option<NaiveDateTime> {
        let Some(local) = self.local else { return Some(written) };
        let utc = match (offset, self.file) {
            (Some(offset), _) => written.checked_sub_signed(Duration::seconds(i64::from(offset)))?,
            (None, Some(file)) => file.from_local_datetime(&written).earliest()?.naive_utc(),
            (None, None) => return Some(written),
        };
        Some(local.from_utc_datetime(&utc).naive_local())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(file: Option<&str>, person: Option<&str>, written: &str, offset: Option<i32>) -> Option<String> {
        let zone = |name: Option<&str>| name.map(|name| name.parse().unwrap());
        let written: NaiveDateTime = written.parse().unwrap();
        Zones::of(zone(file), zone(person)).local(written, offset).map(|time| time.to_string())
    }

    #[test]
    fn times_become_local_in_summer_and_winter() {
        let london = Some("Europe/London");
        let utc = Some("UTC");
        assert_eq!(local(utc, london, "2024-07-01T23:30:00", None).unwrap(), "2024-07-02 00:30:00");
        assert_eq!(local(utc, london, "2024-01-01T23:30:00", None).unwrap(), "2024-01-01 23:30:00");
        assert_eq!(local(None, london, "2024-07-01T23:30:00", Some(0)).unwrap(), "2024-07-02 00:30:00");
        assert_eq!(local(utc, london, "2024-07-01T23:30:00", Some(7200)).unwrap(), "2024-07-01 22:30:00");
        assert_eq!(local(utc, None, "2024-07-01T23:30:00", Some(0)).unwrap(), "2024-07-01 23:30:00");
        assert_eq!(local(None, london, "2024-07-01T23:30:00", None).unwrap(), "2024-07-01 23:30:00");
    }

    #[test]
    fn hours_that_clocks_repeat_or_leave_out() {
        let (london, utc) = (Some("Europe/London"), Some("UTC"));
        // 2024-10-27: 01:30 comes twice, first at 00:30 UTC. 2024-03-31: 01:30 does not come at all.
        assert_eq!(local(london, utc, "2024-10-27T01:30:00", None).unwrap(), "2024-10-27 00:30:00");
        assert_eq!(local(london, utc, "2024-03-31T01:30:00", None), None);
        // The same zone on both sides: nothing to convert, nothing to refuse.
        assert_eq!(local(london, london, "2024-03-31T01:30:00", None).unwrap(), "2024-03-31 01:30:00");
    }

    #[test]
    fn an_unknown_zone_names_the_nearest() {
        let error = "Europe/Londn".parse::<TimeZone>().unwrap_err();
        assert!(error.to_string().contains("`Europe/London`"), "{error}");
    }
}
