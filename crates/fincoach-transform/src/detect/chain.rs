//! The running balance as a proof.

use fincoach_core::chrono::NaiveDateTime;

/// A row of one account: when, how much and the balance beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) time: NaiveDateTime,
    pub(super) amount: i64,
    pub(super) balance: i64,
}

/// How far a chain holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) held: usize,
    pub(super) steps: usize,
    pub(super) newest_first: bool,
}

impl Held {
    /// Nine in ten steps, and at least two, prove it.
    pub(super) const fn proves(self) -> bool {
        self.steps >= 2 && self.held * 10 >= self.steps * 9
    }

    /// The share in words.
    pub(super) fn shown(self) -> String {
        let tenths = self.held * 1000 / self.steps.max(1);
        let order = if self.newest_first { "newest first" } else { "oldest first" };
        format!("holds for {}.{} % of {} steps, {order}", tenths / 10, tenths % 10, self.steps)
    }
}

/// How far `balance[i] = balance[i-1] + sign · amount[i]` holds in the better of the two readings of a file.
pub(super) fn chain(accounts: &[Vec<Step>], sign: i64) -> Held {
    let mut total = [0_usize; 2];
    let mut steps = 0;
    for rows in accounts {
        steps += rows.len().saturating_sub(1);
        let mut forward = rows.clone();
        let mut backward: Vec<Step> = rows.iter().rev().copied().collect();
        forward.sort_by_key(|step| step.time);
        backward.sort_by_key(|step| step.time);
        total[0] += held(&forward, sign);
        total[1] += held(&backward, sign);
    }
    let newest_first = total[1] > total[0] || total[1] == total[0] && falls(accounts);
    Held { held: total[0].max(total[1]), steps, newest_first }
}

fn held(rows: &[Step], sign: i64) -> usize {
    let follows = |pair: &&[Step]| {
        let after = sign.checked_mul(pair[1].amount).and_then(|amount| pair[0].balance.checked_add(amount));
        after == Some(pair[1].balance)
    };
    rows.windows(2).filter(follows).count()
}

/// Whether the dates of the file go down more often than up.
fn falls(accounts: &[Vec<Step>]) -> bool {
    let pairs = || accounts.iter().flat_map(|rows| rows.windows(2));
    let down = pairs().filter(|pair| pair[0].time > pair[1].time).count();
    down > pairs().filter(|pair| pair[0].time < pair[1].time).count()
}

#[cfg(test)]
mod tests {
    use fincoach_core::chrono::NaiveDate;

    use super::*;

    fn steps(rows: &[(u32, i64, i64)]) -> Vec<Vec<Step>> {
        let date = |day| NaiveDateTime::from(NaiveDate::from_ymd_opt(2024, 1, day).unwrap());
        vec![
            rows.iter()
                .map(|(day, amount, balance)| Step { time: date(*day), amount: *amount, balance: *balance })
                .collect(),
        ]
    }

    #[test]
    fn a_chain_is_found_both_ways_and_with_both_signs() {
        let rows = [(1, 5, 5), (1, 2, 7), (2, -3, 4), (3, 1, 5)];
        let held = chain(&steps(&rows), 1);
        assert_eq!(held, Held { held: 3, steps: 3, newest_first: false });
        let mut turned = rows;
        turned.reverse();
        assert_eq!(chain(&steps(&turned), 1), Held { held: 3, steps: 3, newest_first: true });
        let negated = rows.map(|(day, amount, balance)| (day, -amount, balance));
        assert!(chain(&steps(&negated), -1).proves() && !chain(&steps(&negated), 1).proves());
    }
}
