//! What amounts are counted in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::DataError;

/// A currency: its ISO 4217 code and the decimals of its minor unit.
///
/// As text it is the code, with the decimals where they are not those of ISO 4217: `GBP`, `JPY`, `XTS:4`.
///
/// # Examples
/// ```
/// use fincoach_core::Currency;
/// let yen: Currency = "JPY".parse()?;
/// assert_eq!((yen.code(), yen.decimals(), yen.minor_per_major()), ("JPY", 0, 1.0));
/// assert_eq!("KWD".parse::<Currency>()?.decimals(), 3);
/// assert!("pounds".parse::<Currency>().is_err());
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

/// ISO 4217 codes whose minor unit is not a hundredth, with its decimals.
const UNUSUAL: [(&str, u8); 23] = [
    ("BHD", 3),
    ("BIF", 0),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

impl Currency {
    /// Pounds sterling.
    pub const GBP: Self = Self { code: *b"GBP", decimals: 2 };
    /// Euros.
    pub const EUR: Self = Self { code: *b"EUR", decimals: 2 };
    /// United States dollars.
    pub const USD: Self = Self { code: *b"USD", decimals: 2 };

    /// The code, three capital letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// The decimals of the minor unit, 0 to 6.
    #[must_use]
    pub const fn decimals(self) -> u8 {
        self.decimals
    }

    /// What one major unit is worth in minor ones.
    #[must_use]
    pub fn minor_per_major(self) -> f64 {
        f64::from(10_u32.pow(u32::from(self.decimals)))
    }

    /// The same code with other decimals, 0 to 6; more are taken as 6.
    #[must_use]
    pub const fn with_decimals(self, decimals: u8) -> Self {
        Self { decimals: if decimals > 6 { 6 } else { decimals }, ..self }
    }

    /// What stands before an amount: `£`, `€`, `$`, `¥`, or the code and a space.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::Currency;
    /// assert_eq!(Currency::GBP.sign(), "£");
    /// assert_eq!("SEK".parse::<Currency>()?.sign(), "SEK ");
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    #[must_use]
    pub fn sign(&self) -> String {
        match self.code() {
            "GBP" => "£".to_owned(),
            "EUR" => "€".to_owned(),
            "USD" => "$".to_owned(),
            "JPY" => "¥".to_owned(),
            code => format!("{code} "),
        }
    }

    fn of_code(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        let decimals =
            UNUSUAL.iter().find(|(unusual, _)| *unusual == code).map_or(2, |(_, decimals)| *decimals);
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self { code: bytes, decimals })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        match Self::of_code(self.code()) {
            Some(usual) if usual.decimals == self.decimals => Ok(()),
            _ => write!(f, ":{}", self.decimals),
        }
    }
}

impl FromStr for Currency {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        let currency = match text.split_once(':') {
            None => Self::of_code(text),
            Some((code, decimals)) => Self::of_code(code)
                .zip(decimals.parse().ok().filter(|decimals| *decimals <= 6))
                .map(|(currency, decimals)| currency.with_decimals(decimals)),
        };
        currency.ok_or_else(|| DataError::Inconsistent {
            what: "currency",
            reason: format!(
                "`{text}` is no code of three capital letters like GBP, or one with decimals like XTS:4"
            ),
        })
    }
}

impl TryFrom<String> for Currency {
    type Error = DataError;

    fn try_from(text: String) -> Result<Self, DataError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_are_read_as_they_are_written() {
        for text in ["GBP", "JPY", "KWD", "XTS:4", "JPY:2"] {
            assert_eq!(text.parse::<Currency>().unwrap().to_string(), text);
        }
        assert_eq!("JPY:0".parse::<Currency>().unwrap().to_string(), "JPY");
        for text in ["", "gbp", "GB", "GBPX", "G1P", "GBP:", "GBP:7", "GBP:-1", "£££"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }
}
