//! Any bytes as a table of daily values; the first one chooses its form and how gaps are filled.
#![no_main]

use fincoach_forecast::{Error, Fill, Frequency, LongColumns, Panel};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let fill = [Fill::Zero, Fill::Carry, Fill::Median, Fill::SeasonMedian][usize::from(first % 4)];
    let frequency = if first & 4 == 0 { Frequency::Daily } else { Frequency::Weekly };
    let read = if first & 8 == 0 {
        Panel::read_wide(rest, frequency, fill)
    } else {
        Panel::read_long(rest, &LongColumns::default(), fill)
    };
    match read {
        Ok(panel) => check(&panel),
        Err(error) => check_error(&error),
    }
});

/// What was read is a panel: of one calendar, finite, at least 0, and the same whatever of it is cut off and kept.
fn check(panel: &Panel) {
    assert!(!panel.categories().is_empty());
    for series in panel.series() {
        assert!(series.n_days() > 0 && !series.user().is_empty());
        assert_eq!(series.values().ncols(), panel.categories().len());
        assert!(series.values().iter().all(|value| value.is_finite() && *value >= 0.0));
        let unseen = (0..series.n_days()).flat_map(|day| (0..panel.categories().len()).map(move |at| (day, at)));
        assert_eq!(unseen.filter(|(day, at)| !series.is_observed(*day, *at)).count(), series.n_gaps());
    }
    let Some((first, last)) = panel.span() else { return };
    assert!(first <= last);
    assert_eq!(&panel.until(last), panel, "all days are known on the last");
    assert!(panel.until(first).n_users() > 0, "somebody begins on the first");
}

fn check_error(error: &Error) {
    assert!(!error.to_string().is_empty());
}
