//! Reads a bank export into a [`Ledger`](fincoach_core::Ledger): every row in its true order, with exact money,
//! standard categories, users, and a report of what the file lacks.
//!
//! ```
//! use fincoach_core::{Category, Money};
//! use fincoach_transform::{CsvReader, FileOrder, Layout};
//!
//! let export = "\
//! Transaction Date,Transaction Type,Transaction Description,Debit Amount,Credit Amount,Balance,Category
//! 02/03/2024,DEB,LIDL GB,15.02,,984.98,Groceries
//! 01/03/2024,DD,LANDLORD,500,,1000.00,Rent
//! 01/03/2024,BGC,ACME LTD PAY,,1500,1500.00,Paycheck
//! ";
//! let import = CsvReader::new(Layout::lloyds()).read_from(export.as_bytes(), "march.csv")?;
//! let rows: Vec<_> = import.ledger.user(0).iter().collect();
//! assert_eq!(rows[0].description, "ACME LTD PAY"); // newest-first was turned round
//! assert_eq!(rows[1].category, Category::Bills);
//! assert_eq!(rows[2].amount, Money::from_minor(-1502));
//! assert_eq!(import.quality.order, FileOrder::NewestFirst);
//! assert_eq!(import.quality.balance_breaks, 0);
//! # Ok::<(), fincoach_transform::Error>(())
//! ```
//!
//! # Map
//! - The form of an export: [`Layout`], [`Column`], [`SignRule`], [`OptionalColumn`], [`DateFormat`],
//!   [`DateOrder`], [`NumberFormat`], [`Minus`], [`StatusRule`], [`Encoding`], [`TimeZone`].
//! - Which form an unknown export has: [`detect`], [`detect_from`], [`Detection`], [`ExportFormat`], [`Finding`],
//!   [`Topic`], [`Question`], [`Answer`], [`SignReading`].
//! - What its texts mean: [`CategoryMap`], [`TypeMap`], [`Matching`], [`TextCleaning`].
//! - Whose rows are whose: [`Users`].
//! - Rows that cannot be read: [`RowPolicy`], [`Refused`], [`NotBooked`].
//! - Reading: [`CsvReader`], [`Import`], [`Error`], [`Place`], [`QuoteFault`].
//! - What was found: [`QualityReport`], [`FileOrder`], [`BalanceBreak`], [`ColumnBlanks`], [`TextCount`],
//!   [`CategoryCount`], [`Flow`].
//! - After reading: [`merge`] joins overlapping imports, [`MerchantNormaliser`] names merchants alike, then
//!   [`match_transfers`] and [`link_refunds`], in this order, tell what is neither income nor spending.
//! - Statement files (OFX, QIF, MT940, camt.053; a cargo feature each): [`StatementReader`], [`StatementFormat`],
//!   [`StatementReport`], [`StatementSummary`].
//! - Categories for exports that have none: [`CategoriserParams`], [`Categoriser`], [`Guess`], [`Choice`],
//!   [`LabelledRows`]; the user's own word: [`UserRules`], [`CategoryRule`], [`TextTest`], [`AmountSign`]; both
//!   together: [`CategoryFiller`], [`FillReport`], [`CategorySource`]; how good it is: [`CategoriserEvaluation`],
//!   [`CategoriserReport`], [`CategoriserScores`], [`CoveragePoint`], [`Baseline`], [`Spread`].
//! - Writing: [`write_transactions_csv`].
//!
//! # Limits
//! LF or CRLF, one currency per file, records up to 1 MiB; statement files up to 64 MiB. Nothing is guessed: a row
//! that does not have the form the layout says ends the read, unless a [`RowPolicy`] lets such rows pass and lists
//! them.

mod amount_text;
mod categoriser;
mod category_map;
mod cleaning;
mod column;
mod columns;
mod csv_reader;
mod date_format;
mod decoded;
mod detect;
mod encoding;
mod engine;
mod error;
mod fields;
mod held_back;
mod layout;
mod merchant;
mod merge;
mod number_format;
mod optional_column;
mod order;
mod plan;
mod policy;
mod presets;
mod quality;
mod quality_text;
mod record;
mod refunds;
mod sign_rule;
mod statement;
mod status_rule;
mod text_map;
mod time_zone;
mod transfers;
mod type_map;
mod users;
mod words;
mod write;

pub use categoriser::{
    AmountSign, Baseline, Categoriser, CategoriserEvaluation, CategoriserParams, CategoriserReport,
    CategoriserScores, CategoryFiller, CategoryRule, CategorySource, Choice, CoveragePoint, FillReport,
    Guess, LabelledRows, Spread, TextTest, UserRules,
};
pub use category_map::CategoryMap;
pub use cleaning::TextCleaning;
pub use column::Column;
pub use csv_reader::{CsvReader, Import};
pub use date_format::{DateFormat, DateOrder};
pub use detect::{
    Answer, Detection, ExportFormat, Finding, Question, SignReading, Topic, detect, detect_from,
};
pub use encoding::Encoding;
pub use error::{Error, Place, QuoteFault};
pub use layout::Layout;
pub use merchant::{AliasMatch, MerchantAlias, MerchantNormaliser};
pub use merge::{InputRows, MergeConflict, MergeReport, Merged, Respelling, merge};
pub use number_format::{Minus, NumberFormat};
pub use optional_column::OptionalColumn;
pub use order::FileOrder;
pub use policy::{NotBooked, Refused, RowPolicy};
pub use quality::{BalanceBreak, CategoryCount, ColumnBlanks, Flow, QualityReport, TextCount};
pub use refunds::{
    PartialRefunds, RefundKind, RefundLink, RefundParams, RefundReport, Refunds, link_refunds,
};
pub use sign_rule::SignRule;
pub use statement::{StatementFormat, StatementReader, StatementReport, StatementSummary};
pub use status_rule::StatusRule;
pub use text_map::Matching;
pub use time_zone::TimeZone;
pub use transfers::{
    AmbiguousTransfer, OwnAccount, TransferPair, TransferParams, TransferReport, Transfers, match_transfers,
};
pub use type_map::TypeMap;
pub use users::Users;
pub use write::write_transactions_csv;
