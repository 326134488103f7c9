//! The order of user names.

use std::cmp::Ordering;

/// Compares names as people read them: runs of digits by value, everything else by character.
///
/// So `2` comes before `10` and `household-9` before `household-10`. Equal values with different leading
/// zeros fall back to plain comparison, so that the order stays total. It is the order of users in a ledger.
///
/// # Examples
/// ```
/// let mut users = vec!["10", "anna", "9"];
/// users.sort_by(|a, b| fincoach_core::natural_cmp(a, b));
/// assert_eq!(users, ["9", "10", "anna"]);
/// ```
#[must_use]
pub fn natural_cmp(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    while let (Some(&p), Some(&q)) = (x.first(), y.first()) {
        let (step_x, step_y, order) = if p.is_ascii_digit() && q.is_ascii_digit() {
            let (m, n) = (digit_run(x), digit_run(y));
            (m, n, compare_numbers(&x[..m], &y[..n]))
        } else {
            (1, 1, p.cmp(&q))
        };
        if order != Ordering::Equal {
            return order;
        }
        x = &x[step_x..];
        y = &y[step_y..];
    }
    x.len().cmp(&y.len()).then_with(|| a.cmp(b))
}

fn digit_run(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn compare_numbers(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (without_leading_zeros(a), without_leading_zeros(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|digit| **digit == b'0').count()..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_ordered_by_value() {
        let mut names = vec!["10", "9", "household-10", "household-9", "1", "a", "01"];
        names.sort_by(|a, b| natural_cmp(a, b));
        assert_eq!(names, ["01", "1", "9", "10", "a", "household-9", "household-10"]);
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in "[a0-2]{0,6}", b in "[a0-2]{0,6}", c in "[a0-2]{0,6}") {
            prop_assert_eq!(natural_cmp(&a, &b), natural_cmp(&b, &a).reverse());
            prop_assert_eq!(natural_cmp(&a, &b) == Ordering::Equal, a == b);
            if natural_cmp(&a, &b).is_le() && natural_cmp(&b, &c).is_le() {
                prop_assert!(natural_cmp(&a, &c).is_le());
            }
        }
    }
}
