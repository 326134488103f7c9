//! Rows that repeat another of the same time.

use fincoach_core::{Money, Symbol};

/// Groups up to this size are compared pair by pair.
const FEW: usize = 16;

/// The number of rows, of one account and in the order of time, beyond the first with the same time, description
/// and amount.
pub(super) fn duplicates(times: &[i64], amounts: &[Money], descriptions: &[Symbol]) -> u64 {
    let (mut start, mut found) = (0, 0);
    let mut keys = Vec::new();
    for instant in times.chunk_by(|a, b| a == b) {
        let rows = start..start + instant.len();
        start = rows.end;
        if rows.len() > 1 {
            found += repeated(&amounts[rows.clone()], &descriptions[rows], &mut keys);
        }
    }
    found
}

fn repeated(amounts: &[Money], descriptions: &[Symbol], keys: &mut Vec<(Money, Symbol)>) -> u64 {
    if amounts.len() <= FEW {
        let repeats = |row: &usize| {
            (0..*row)
                .any(|before| amounts[before] == amounts[*row] && descriptions[before] == descriptions[*row])
        };
        return (1..amounts.len()).filter(repeats).count() as u64;
    }
    keys.clear();
    keys.extend(amounts.iter().copied().zip(descriptions.iter().copied()));
    keys.sort_unstable();
    keys.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_are_counted_alike() {
        let symbols: Vec<Symbol> = (0..3).map(Symbol::from_index).collect();
        for n in [1, 2, 16, 17, 40] {
            let amounts: Vec<Money> = (0..n).map(|row| Money::from_minor(row % 4)).collect();
            let descriptions: Vec<Symbol> = (0..n).map(|row| symbols[row as usize % 3]).collect();
            let times = vec![5; amounts.len()];
            // Twelve pairs there are; beyond them every row repeats one.
            assert_eq!(duplicates(&times, &amounts, &descriptions), (n as u64).saturating_sub(12), "{n}");
        }
        let amounts = vec![Money::ZERO; 3];
        assert_eq!(duplicates(&[1, 1, 2], &amounts, &symbols[..1].repeat(3)), 1);
    }
}
