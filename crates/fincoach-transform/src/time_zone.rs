//! Names of time zones.

use std::fmt;
use std::str::FromStr;

use fincoach_core::DataError;
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
pub struct TimeZone(chrono_tz::Tz);

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(chrono_tz::Tz::UTC);

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
