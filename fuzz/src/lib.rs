//! What must hold for every import that succeeds, whatever the bytes were.

use fincoach_core::Money;
use fincoach_transform::Import;

/// Panics where an import contradicts itself.
pub fn check_import(import: &Import) {
    let Import { ledger, quality, .. } = import;
    assert!(!ledger.all().times().is_empty(), "an import has rows");
    assert_eq!(quality.rows_in_ledger as usize, ledger.len(), "every row is counted");
    for user in 0..ledger.n_users() {
        let view = ledger.user(user);
        assert!(view.times().is_sorted(), "the rows of a user are in order of time");
    }
    let (mut money_in, mut money_out) = (Money::ZERO, Money::ZERO);
    for amount in ledger.all().amounts() {
        if amount.is_negative() { money_out += -*amount } else { money_in += *amount }
    }
    assert_eq!((quality.money_in.total, quality.money_out.total), (money_in, money_out), "sums agree");
    assert!(!quality.to_string().is_empty());
}
