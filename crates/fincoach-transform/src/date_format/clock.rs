//! Times of day and offsets from UTC.

use fincoach_core::chrono::NaiveTime;

use super::digits;

/// A time of day with perhaps decimals of the second and an offset.
pub(super) fn clock_of(text: &str) -> Option<(NaiveTime, Option<i32>)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(text.len());
    let (time, mut rest) = text.split_at_checked(end)?;
    if let Some(decimals) = rest.strip_prefix('.') {
        let end = decimals.find(|c: char| !c.is_ascii_digit()).unwrap_or(decimals.len());
        rest = decimals.get(end..).filter(|_| end > 0)?;
    }
    Some((parse_time(time)?, offset_of(rest.trim_start())?))
}

/// Seconds east of UTC; the outer `None` for what is no offset.
fn offset_of(text: &str) -> Option<Option<i32>> {
    let (sign, digits_of) = match text.as_bytes().first() {
        None => return Some(None),
        Some(b'+') => (1, text.get(1..)?),
        Some(b'-') => (-1, text.get(1..)?),
        Some(_) => return matches!(text, "Z" | "z" | "UTC" | "GMT").then_some(Some(0)),
    };
    let (hours, minutes) = digits_of.split_once(':').or_else(|| digits_of.split_at_checked(2))?;
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes, 2..=2)? };
    let hours = digits(hours, 2..=2).filter(|hours| *hours <= 14 && minutes < 60)?;
    Some(Some(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?))
}

/// The time of day in `HH:MM` or `HH:MM:SS`.
pub(crate) fn parse_time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 1..=2)?;
    let minute = digits(parts.next()?, 2..=2)?;
    let second = parts.next().map_or(Some(0), |second| digits(second, 2..=2))?;
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_opt(hour, minute, second)
}
