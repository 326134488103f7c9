//! Brings columns from the order of the file into that of the ledger.

use rayon::prelude::*;

/// The place in the ledger of each row of the file.
#[derive(Debug)]
pub(super) struct Places {
    n_rows: usize,
    /// Of each piece; without them rows stay where they are.
    pieces: Option<Vec<Vec<u32>>>,
}

impl Places {
    pub(super) const fn of_file(n_rows: usize) -> Self {
        Self { n_rows, pieces: None }
    }

    /// Places by account: `accounts` gives each row's, a piece at a time, and `starts` where each one's rows
    /// begin. Rows of one account keep their order.
    pub(super) fn by_account(
        mut accounts: Vec<Vec<u32>>,
        starts: &[u32],
        account: impl Fn(usize, u32) -> usize,
    ) -> Self {
        let mut next = starts.to_vec();
        let mut n_rows = 0;
        for (piece, rows) in accounts.iter_mut().enumerate() {
            n_rows += rows.len();
            for row in rows {
                let next = &mut next[account(piece, *row)];
                *row = *next;
                *next += 1;
            }
        }
        Self { n_rows, pieces: Some(accounts) }
    }

    /// Moves every row from its place to `moved[place]`.
    pub(super) fn then(self, moved: &[u32], lengths: &[usize]) -> Self {
        let pieces = match self.pieces {
            Some(mut pieces) => {
                pieces.par_iter_mut().flatten().for_each(|place| *place = moved[*place as usize]);
                pieces
            }
            None => {
                let mut rest = moved;
                let mut piece = |length: &usize| rest.split_off(..*length).unwrap_or_default().to_vec();
                lengths.iter().map(&mut piece).collect()
            }
        };
        Self { pieces: Some(pieces), ..self }
    }

    /// A column in the new order. `value` makes, for a piece, the function from what is stored there to what
    /// the ledger has.
    pub(super) fn bring<C: IntoIterator, U: Copy, F: Fn(C::Item) -> U>(
        &self,
        column: Vec<C>,
        blank: U,
        value: impl Fn(usize) -> F,
    ) -> Vec<U> {
        let Some(places) = &self.pieces else {
            let mut out = Vec::with_capacity(self.n_rows);
            for (piece, rows) in column.into_iter().enumerate() {
                out.extend(rows.into_iter().map(value(piece)));
            }
            return out;
        };
        let mut out = vec![blank; self.n_rows];
        for (piece, (rows, places)) in column.into_iter().zip(places).enumerate() {
            let value = value(piece);
            for (row, place) in rows.into_iter().zip(places) {
                out[*place as usize] = value(row);
            }
        }
        out
    }
}
