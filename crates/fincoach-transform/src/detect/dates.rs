//! How the dates of a column are written.

use std::sync::OnceLock;

use fincoach_core::chrono::NaiveDate;

use super::question::Question;
use crate::{DateFormat, DateOrder};

/// Values looked at before a form is tried on all of them.
const FIRST: usize = 20;
/// Bytes of the longest date with a time and an offset, generously.
const LONGEST: usize = 48;

/// The forms that read most values of a column.
#[derive(Clone, Debug)]
pub(super) struct Dates {
    /// The best form, and those no value tells from it.
    pub(super) forms: Vec<DateFormat>,
    /// Values the best form reads.
    pub(super) n_read: usize,
    /// Values there are.
    pub(super) n_filled: usize,
    /// A value that the best form reads and another order does not.
    pub(super) proof: Option<(usize, String)>,
    /// The first value the best form does not read.
    pub(super) first_unread: Option<(usize, String)>,
}

impl Dates {
    /// Whether at least four in five values are dates.
    pub(super) fn hold(&self) -> bool {
        self.n_read > 0 && self.n_read * 5 >= self.n_filled * 4
    }

    /// Whether at least half of the values are dates, as where a few lines are no rows.
    pub(super) fn half_hold(&self) -> bool {
        self.n_read > 0 && self.n_read * 2 >= self.n_filled
    }

    /// The form, once nothing else fits or an order is told.
    pub(super) fn form(&self, order: Option<DateOrder>) -> Option<DateFormat> {
        match (self.forms.as_slice(), order) {
            ([only], _) => Some(*only),
            (several, Some(order)) => several.iter().find(|form| form.order() == order).copied(),
            _ => None,
        }
    }

    /// The question for the order, where values do not tell it.
    pub(super) fn question(&self, column: &str, values: &[(usize, &str)]) -> Question {
        let example = values
            .iter()
            .find(|(_, text)| self.forms.windows(2).any(|pair| pair[0].parse(text) != pair[1].parse(text)))
            .or(values.first())
            .map_or(String::new(), |(_, text)| (*text).to_owned());
        let hints = self.forms.iter().map(|form| {
            let dates: Vec<NaiveDate> = values.iter().filter_map(|(_, text)| form.parse(text)).collect();
            format!("as {form} {} % of the steps between rows run one way", one_way(&dates))
        });
        Question::DateOrder {
            column: column.to_owned(),
            example,
            formats: self.forms.clone(),
            hint: hints.collect::<Vec<_>>().join(", "),
        }
    }
}

/// The share of steps in the commoner direction, in per cent; equal dates go both ways.
fn one_way(dates: &[NaiveDate]) -> usize {
    let steps = dates.windows(2);
    let n = steps.len().max(1);
    let up = steps.clone().filter(|pair| pair[0] <= pair[1]).count();
    let down = steps.filter(|pair| pair[0] >= pair[1]).count();
    if dates.len() < 2 { 100 } else { up.max(down) * 100 / n }
}

/// The forms that could be the ones of these values, given with their lines; blanks are left out before.
pub(super) fn dates(values: &[(usize, &str)]) -> Option<Dates> {
    // Texts that are no dates are most of a file: only those that may be one are tried in every form.
    let may_be = |text: &&str| text.len() <= LONGEST && text.bytes().any(|byte| byte.is_ascii_digit());
    let first: Vec<&str> = values.iter().take(FIRST).map(|(_, text)| *text).filter(may_be).collect();
    let alive =
        candidates().iter().copied().filter(|form| first.iter().any(|text| form.parse(text).is_some()));
    let mut read: Vec<(DateFormat, Vec<bool>)> = alive
        .map(|form| (form, values.iter().map(|(_, text)| form.parse(text).is_some()).collect()))
        .collect();
    let count = |read: &[bool]| read.iter().filter(|read| **read).count();
    // Stable: the first of equals stays first.
    read.sort_by_key(|(_, read)| std::cmp::Reverse(count(read)));
    let (best, reads) = read.first()?;
    let rival = |other: &[bool]| other.iter().zip(reads).any(|(other, best)| *other && !*best);
    let open =
        |other: &[bool]| count(other) == count(reads) || rival(other) && count(other) * 2 >= other.len();
    let others = read.iter().skip(1);
    let forms: Vec<DateFormat> = std::iter::once(*best)
        .chain(others.clone().filter(|(_, read)| open(read)).map(|(form, _)| *form))
        .collect();
    let at = |place: Option<usize>| {
        place.and_then(|place| values.get(place)).map(|(line, text)| (*line, (*text).to_owned()))
    };
    let only = || reads.iter().position(|read| *read).filter(|_| read.len() == 1);
    let proof = others.clone().find_map(|(_, other)| (0..other.len()).find(|at| reads[*at] && !other[*at]));
    let proof = proof.or_else(only);
    Some(Dates {
        n_read: count(reads),
        n_filled: values.len(),
        proof: at(proof),
        first_unread: at(reads.iter().position(|read| !read)),
        forms,
    })
}

/// Every form of [`DateFormat`] that exports use, the commonest first; worked out once.
fn candidates() -> &'static [DateFormat] {
    static FORMS: OnceLock<Vec<DateFormat>> = OnceLock::new();
    FORMS.get_or_init(|| forms().collect())
}

fn forms() -> impl Iterator<Item = DateFormat> {
    const DATES: [&str; 3] = ["dd/mm/yyyy", "mm/dd/yyyy", "yyyy/mm/dd"];
    const COMPACT: [&str; 6] = ["yyyymmdd", "ddmmyyyy", "mmddyyyy", "yymmdd", "ddmmyy", "mmddyy"];
    let separated = ["/", "-", ".", " "].into_iter().flat_map(|separator| {
        DATES.into_iter().flat_map(move |date| {
            let date = date.replace('/', separator);
            let name = date.replace("mm", "mmm");
            [date.replace("yyyy", "yy"), name.replace("yyyy", "yy"), date, name]
        })
    });
    let plain = separated.chain(COMPACT.map(str::to_owned));
    plain
        .flat_map(|date| [date.clone(), format!("{date} hh:mm"), format!("{date}Thh:mm")])
        .filter_map(|text| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Dates {
        let values: Vec<(usize, &str)> = texts.iter().enumerate().map(|(at, text)| (at + 2, *text)).collect();
        dates(&values).unwrap()
    }

    fn forms(texts: &[&str]) -> Vec<String> {
        of(texts).forms.iter().map(DateFormat::to_string).collect()
    }

    #[test]
    fn a_day_above_twelve_settles_the_order() {
        assert_eq!(forms(&["01/02/2024", "25/02/2024"]), ["dd/mm/yyyy"]);
        assert_eq!(forms(&["01/02/2024", "02/25/2024"]), ["mm/dd/yyyy"]);
        assert_eq!(of(&["01/02/2024", "25/02/2024"]).proof, Some((3, "25/02/2024".to_owned())));
        assert_eq!(forms(&["2024-01-02"]), ["yyyy-mm-dd"]);
        assert_eq!(forms(&["2 Jan 2024"]), ["dd mmm yyyy"]);
        assert_eq!(forms(&["Jan 2, 2024"]), ["mmm dd, yyyy"]);
        assert_eq!(forms(&["20240102"]), ["yyyymmdd"]);
        assert_eq!(forms(&["2024-01-02T10:00:00Z"]), ["yyyy-mm-ddThh:mm"]);
    }

    #[test]
    fn days_up_to_twelve_leave_it_open() {
        assert_eq!(forms(&["01/02/2024", "12/12/2024"]), ["dd/mm/yyyy", "mm/dd/yyyy"]);
        assert_eq!(forms(&["01.02.03"]), ["dd.mm.yy", "mm.dd.yy", "yy.mm.dd"]);
    }

    #[test]
    fn rows_of_both_orders_leave_it_open() {
        assert_eq!(forms(&["25/02/2024", "02/25/2024"]).len(), 2);
    }
}
