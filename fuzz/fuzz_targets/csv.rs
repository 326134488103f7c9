//! Any bytes as a delimited export; the first one chooses the layout.
#![no_main]

use fincoach_fuzz::check_csv;
use fincoach_transform::{DateFormat, Encoding, Layout, Minus, NumberFormat, SignRule};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let names = Layout::preset_names();
    let layout = match usize::from(*first) % (names.len() + 2) {
        at if at < names.len() => Layout::preset(names[at]).expect("shipped layouts are read"),
        at if at == names.len() => positions().with_encoding(Encoding::Utf16),
        _ => positions().with_encoding(Encoding::Windows1252).with_quote(None).with_skip_before(1),
    };
    check_csv(&layout, rest);
});

/// No header, German numbers, two columns of amounts, lines behind the rows.
fn positions() -> Layout {
    let numbers = NumberFormat::default()
        .with_decimal(',')
        .with_thousands('.')
        .with_symbol("€")
        .with_minus(Minus::Parentheses)
        .with_zeros_beyond();
    Layout::new(1, DateFormat::UK, 2, SignRule::DebitCredit { debit: 3.into(), credit: 4.into() })
        .with_delimiter(';')
        .with_skip_after(1)
        .with_numbers(numbers)
        .without_header()
}
