//! What a booking is.

use fincoach_core::{Category, Direction};

/// What decides whether a booking is made when money is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Money in: always.
    Income,
    /// Rent, bills: savings are drawn on first; returned unpaid when they do not suffice.
    Essential,
    /// Bought by choice: declined beyond the overdraft; counts as discretionary.
    Purchase,
    /// Food: as a purchase, but no one's choice.
    Grocery,
    /// Put aside: left out unless it can be afforded.
    Saving,
}

/// A type code, the two categories and the role that go together.
#[derive(Debug, PartialEq)]
pub(crate) struct Kind {
    pub(crate) code: &'static str,
    pub(crate) raw_category: &'static str,
    pub(crate) category: Category,
    pub(crate) role: Role,
}

impl Kind {
    pub(crate) const fn new(
        code: &'static str,
        raw_category: &'static str,
        category: Category,
        role: Role,
    ) -> Self {
        Self { code, raw_category, category, role }
    }

    /// The bank's word for the type code.
    pub(crate) fn direction(&self) -> Direction {
        match self.code {
            "BGC" | "DEP" | "FPI" => Direction::Credit,
            _ => Direction::Debit,
        }
    }

    /// Whether it is put aside of the household's own choice, not by standing order or rounding.
    pub(crate) fn is_extra_saving(&self) -> bool {
        self.role == Role::Saving && self.code == "FPO" && self.raw_category == "Savings"
    }

    /// Whether it is paid by card, at a place.
    pub(crate) fn is_card(&self) -> bool {
        self.code == "DEB"
    }
}

pub(crate) static SALARY: Kind = Kind::new("BGC", "Paycheck", Category::Income, Role::Income);
pub(crate) static SIDE_INCOME: Kind =
    Kind::new("FPI", "Supplementary Income", Category::Income, Role::Income);
pub(crate) static WINDFALL: Kind = Kind::new("BGC", "Supplementary Income", Category::Income, Role::Income);
pub(crate) static INTEREST: Kind = Kind::new("DEP", "Interest", Category::Income, Role::Income);
pub(crate) static REFUND: Kind = Kind::new("DEP", "Amazon", Category::Shopping, Role::Income);
pub(crate) static FROM_SAVINGS: Kind = Kind::new("FPI", "Savings", Category::Savings, Role::Income);
pub(crate) static TO_SAVINGS: Kind = Kind::new("SO", "Savings", Category::Savings, Role::Saving);
pub(crate) static EXTRA_SAVING: Kind = Kind::new("FPO", "Savings", Category::Savings, Role::Saving);
pub(crate) static ROUND_UP: Kind = Kind::new("BP", "Savings", Category::Savings, Role::Saving);
pub(crate) static INVESTMENT: Kind = Kind::new("FPO", "Investment", Category::Savings, Role::Saving);
pub(crate) static RENT: Kind = Kind::new("SO", "Rent", Category::Bills, Role::Essential);
pub(crate) static MORTGAGE: Kind = Kind::new("DD", "Mortgage", Category::Bills, Role::Essential);
pub(crate) static BILL: Kind = Kind::new("DD", "Bills", Category::Bills, Role::Essential);
pub(crate) static ACCOUNT_FEE: Kind = Kind::new("PAY", "Bills", Category::Bills, Role::Essential);
pub(crate) static INSURANCE: Kind = Kind::new("DD", "Insurance", Category::Health, Role::Essential);
pub(crate) static GYM: Kind = Kind::new("DD", "Fitness", Category::Fitness, Role::Essential);
pub(crate) static PHONE: Kind = Kind::new("DD", "Other Shopping", Category::Shopping, Role::Essential);
pub(crate) static SUBSCRIPTION: Kind =
    Kind::new("DEB", "Entertainment", Category::Entertainment, Role::Essential);
pub(crate) static GROCERIES: Kind = Kind::new("DEB", "Groceries", Category::Groceries, Role::Grocery);
pub(crate) static REPAIR: Kind = Kind::new("FPO", "Services", Category::Other, Role::Essential);
pub(crate) static BOILER: Kind = Kind::new("FPO", "Home Improvement", Category::Other, Role::Essential);
pub(crate) static DENTIST: Kind = Kind::new("DEB", "Health", Category::Health, Role::Essential);
