//! The form of a state on disk: the rows it holds, counted again on the way in.

use chrono::NaiveDateTime;
use fincoach_core::{Category, Currency, DataError, Money, Transaction, chrono};
use serde::{Deserialize, Serialize};

use crate::state_user::UserState;
use crate::table_plan::moment;
use crate::window::Booking;
use crate::{Error, V1Params, V1State};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repr {
    params: V1Params,
    currency: Option<Currency>,
    users: Vec<UserRepr>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserRepr {
    user: String,
    n_before: usize,
    rows: Vec<RowRepr>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowRepr {
    time: i64,
    amount: Money,
    balance: Option<Money>,
    category: Category,
    description: Option<String>,
    city: Option<String>,
    source_row: u32,
}

impl From<V1State> for Repr {
    fn from(state: V1State) -> Self {
        let row = |row: &Booking| RowRepr {
            time: row.time,
            amount: Money::from_minor(row.pence),
            balance: row.balance.map(Money::from_minor),
            category: row.category,
            description: state.text(row.description),
            city: state.text(row.city),
            source_row: row.source_row,
        };
        let user = |name: &str, user: &UserState| UserRepr {
            user: name.to_owned(),
            n_before: user.n_before(),
            rows: user.rows().map(row).collect(),
        };
        let users = state.users.iter().map(|(name, state)| user(name, state)).collect();
        Self { users, currency: state.currency, params: state.params.clone() }
    }
}

impl TryFrom<Repr> for V1State {
    type Error = Error;

    fn try_from(repr: Repr) -> Result<Self, Error> {
        let mut state = Self::new(repr.params)?;
        state.currency = repr.currency;
        for user in repr.users {
            state.take(&user)?;
        }
        Ok(state)
    }
}

impl V1State {
    fn take(&mut self, user: &UserRepr) -> Result<(), Error> {
        if self.users.contains_key(user.user.as_str()) {
            return Err(DataError::Duplicate { what: "user", name: user.user.clone() }.into());
        }
        for row in &user.rows {
            let mut transaction = Transaction::new(&user.user, time(row, &user.user)?, row.amount);
            transaction.balance = row.balance;
            transaction.category = row.category;
            transaction.description = row.description.as_deref().unwrap_or("");
            transaction.city = row.city.as_deref();
            transaction.source_row = row.source_row;
            self.push(&transaction)?;
        }
        let state = self.users.get_mut(user.user.as_str()).filter(|state| state.n_before() == 0);
        let state =
            state.ok_or_else(|| inconsistent(&user.user, "has rows outside the look-back, or none"))?;
        state.set_n_before(user.n_before).ok_or_else(|| inconsistent(&user.user, "has too many rows"))
    }

    fn text(&self, number: u32) -> Option<String> {
        self.texts.get_index((number as usize).checked_sub(1)?).map(ToString::to_string)
    }
}

fn time(row: &RowRepr, user: &str) -> Result<NaiveDateTime, Error> {
    let time = moment(row.time);
    let exact = time.and_utc().timestamp() == row.time;
    if exact { Ok(time) } else { Err(inconsistent(user, "has a time beyond all calendars")) }
}

fn inconsistent(user: &str, reason: &str) -> Error {
    DataError::Inconsistent { what: "state of features", reason: format!("user `{user}` {reason}") }.into()
}
