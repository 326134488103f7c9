use super::*;
use crate::{Error, Minus};

/// A layout with every field away from its default.
fn full() -> Layout {
    let amount = SignRule::Directed {
        amount: "Amount".into(),
        direction: 4.into(),
        money_out: vec!["Af".into()],
        money_in: vec!["Bij".into()],
    };
    Layout::new("Date", "dd mmm yyyy".parse().unwrap(), "Name", amount)
        .with_delimiter('\t')
        .with_quote(Some('\''))
        .with_encoding(Encoding::Windows1252)
        .with_skip_before(3)
        .with_skip_after(1)
        .with_descriptions(["Name", "Note"])
        .with_signs_inverted()
        .with_numbers(
            NumberFormat::default()
                .with_decimal(',')
                .with_thousands('.')
                .with_symbol("€")
                .with_minus(Minus::Trailing),
        )
        .with_currency(Currency::EUR)
        .with_status(StatusRule::new("State", ["done"]).with_not_booked(["open"]))
        .with_file_zone(TimeZone::UTC)
        .with_local_zone("Europe/Amsterdam".parse().unwrap())
        .with_optional(OptionalColumn::User, "User ID")
        .with_optional(OptionalColumn::Balance, 7)
}

#[test]
fn a_layout_survives_the_disk() {
    let positions = SignRule::Signed { amount: 3.into() };
    let positions = Layout::new(1, DateFormat::ISO, 2, positions).with_quote(None).without_header();
    for layout in [Layout::lloyds().with_delimiter('\t'), full(), positions] {
        let json = serde_json::to_string(&layout).unwrap();
        assert_eq!(serde_json::from_str::<Layout>(&json).unwrap(), layout);
        let toml = layout.to_toml().unwrap();
        assert_eq!(Layout::from_toml(&toml).unwrap(), layout, "{toml}");
    }
}

#[test]
fn a_layout_is_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.toml");
    std::fs::write(&path, full().to_toml().unwrap()).unwrap();
    assert_eq!(Layout::load(&path).unwrap(), full());
    assert!(matches!(Layout::load(folder.path().join("none.toml")), Err(Error::Io { .. })));
    std::fs::write(&path, "date = 1\n\ndelimiter = 5\n").unwrap();
    let message = Layout::load(&path).unwrap_err().to_string();
    assert!(message.contains("bank.toml: line 3: "), "{message}");
}

const SMALL: &str = "date = \"D\"\ndate_format = \"dd/mm/yyyy\"\ndescription = \"T\"\n";

#[test]
fn what_is_wrong_in_a_layout_is_named_with_its_line() {
    let signed = "amount.signed.amount = \"A\"\n";
    assert!(Layout::from_toml(&format!("{SMALL}{signed}")).is_ok());
    for (text, line, hint) in [
        (format!("{SMALL}{signed}delimitr = \";\"\n"), 5, "delimitr"),
        (format!("{SMALL}{signed}optional.ballance = \"B\"\n"), 5, "ballance"),
        (format!("{SMALL}amount.signed.amonut = \"A\"\n"), 4, "amonut"),
        (format!("{SMALL}{signed}numbers.decimals = \",\"\n"), 5, "decimals"),
        (format!("{SMALL}{signed}quote = \"ab\"\n"), 5, "one character"),
        (format!("{SMALL}{signed}local_zone = \"Europe/Londn\"\n"), 5, "Europe/London"),
        (SMALL.replace("dd/", "tt/"), 2, "tt/mm/yyyy"),
        (format!("{SMALL}{signed}x = = 1\n"), 5, ""),
    ] {
        let error = Layout::from_toml(&text).unwrap_err();
        let Error::LayoutFile { line: found, message, .. } = &error else { panic!("{error}") };
        assert_eq!(*found, line, "{text}{error}");
        assert!(message.contains(hint), "{text}{error}");
    }
    let error = Layout::from_toml(SMALL).unwrap_err();
    assert!(error.to_string().contains("amount"), "{error}");
}

#[test]
fn an_unknown_field_in_json_is_refused() {
    let text = r#"{"date": "D", "date_format": "dd/mm/yyyy", "description": "T",
        "amount": {"debit_credit": {"debit": "Out", "credit": "In"}}"#;
    assert!(serde_json::from_str::<Layout>(&format!("{text}}}")).is_ok());
    assert!(serde_json::from_str::<Layout>(&format!("{text}, \"delimitr\": \";\"}}")).is_err());
}

#[test]
fn every_preset_is_known_by_its_name() {
    assert!(Layout::preset_names().iter().all(|name| Layout::preset(name).is_ok()));
}

#[test]
fn a_delimiter_that_cannot_separate_is_refused() {
    for delimiter in ['"', '\n', '\r', '5', 'x', 'é'] {
        assert!(Layout::lloyds().with_delimiter(delimiter).delimiter_byte().is_err(), "{delimiter:?}");
    }
    assert_eq!(Layout::lloyds().with_delimiter('\t').delimiter_byte(), Ok(b'\t'));
    assert!(Layout::lloyds().with_quote(Some(',')).check().is_err());
    assert!(Layout::lloyds().with_quote(Some('\'')).check().is_ok());
}

#[test]
fn parts_that_do_not_go_together_are_refused() {
    let directed = |out: &[&str], into: &[&str]| {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let (money_out, money_in) = (words(out), words(into));
        let (amount, direction) = ("A".into(), "D".into());
        Layout::lloyds().with_amount(SignRule::Directed { amount, direction, money_out, money_in }).check()
    };
    assert!(directed(&["debit"], &["credit"]).is_ok());
    assert!(directed(&["debit"], &["Debit "]).is_err());
    assert!(directed(&[], &["credit"]).is_err());
    assert!(directed(&["debit"], &[]).is_err());
    assert!(Layout::lloyds().without_header().check().is_err());
    assert!(Layout::lloyds().with_optional(OptionalColumn::Balance, 0).check().is_err());
    assert!(Layout::lloyds().with_descriptions(Vec::<Column>::new()).check().is_err());
    assert!(Layout::lloyds().with_status(StatusRule::new("S", Vec::<String>::new())).check().is_err());
}

#[test]
fn a_layout_written_by_hand_is_read() {
    let text = r#"
        delimiter = ";"
        encoding = "windows-1252"
        date = "Buchungstag"
        date_format = "dd.mm.yy"
        description = ["Beguenstigter", "Verwendungszweck"]
        currency = "EUR"
        amount.signed.amount = "Betrag"
        numbers = { decimal = ",", thousands = "." }
        optional = { type = "Buchungstext" }
    "#;
    let numbers = NumberFormat::default().with_decimal(',').with_thousands('.');
    let amount = SignRule::Signed { amount: "Betrag".into() };
    let format = DateFormat::new(crate::DateOrder::DayMonthYear, Some('.')).with_two_digit_years();
    let layout = Layout::new("Buchungstag", format, "Beguenstigter", amount)
        .with_delimiter(';')
        .with_encoding(Encoding::Windows1252)
        .with_descriptions(["Beguenstigter", "Verwendungszweck"])
        .with_currency(Currency::EUR)
        .with_numbers(numbers)
        .with_optional(OptionalColumn::Type, "Buchungstext");
    assert_eq!(Layout::from_toml(text).unwrap(), layout);
}
