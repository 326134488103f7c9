//! A row on its way into a merged ledger.

/// Where a row comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    /// The input, by its rank among those that know the user.
    pub(super) rank: u32,
    /// The row within the user's rows of that input.
    pub(super) row: u32,
    next: u32,
}

const END: u32 = u32::MAX;

/// The rows that make up each item, as linked lists: most items have one.
#[derive(Debug, Default)]
pub(super) struct Origins(Vec<Origin>);

impl Origins {
    /// A list of one, named by its number.
    pub(super) fn push(&mut self, rank: u32, row: u32) -> u32 {
        self.0.push(Origin { rank, row, next: END });
        u32::try_from(self.0.len() - 1).unwrap_or(END)
    }

    /// Hangs the list of `more` behind that of `item`.
    pub(super) fn join(&mut self, item: &mut Item, more: &Item) {
        if let Some(last) = self.0.get_mut(item.last as usize) {
            last.next = more.first;
            item.last = more.last;
        }
    }

    pub(super) fn of(&self, item: &Item) -> impl Iterator<Item = Origin> + '_ {
        std::iter::successors(self.0.get(item.first as usize), |origin| self.0.get(origin.next as usize))
            .copied()
    }
}

/// What identifies a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) time: i64,
    pub(super) precise: bool,
    pub(super) amount: i64,
    pub(super) balance: Option<i64>,
    /// Number of the folded text.
    pub(super) text: u32,
    /// Number of the reference, 0 where there is none or one input has it twice.
    pub(super) reference: u32,
    pub(super) pending: bool,
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Item {
    pub(super) const fn day(&self) -> i64 {
        self.time.div_euclid(86_400)
    }

    /// Both have references of their own, which differ.
    pub(super) const fn surely_another(&self, other: &Self) -> bool {
        self.reference != 0 && other.reference != 0 && self.reference != other.reference
    }

    /// The one to identify both by: booked before pending, with a balance and a time before without.
    pub(super) fn better(self, other: Self) -> Self {
        let rank = |item: &Self| (!item.pending, item.balance.is_some(), item.reference != 0, item.precise);
        if rank(&other) > rank(&self) { other } else { self }
    }
}
