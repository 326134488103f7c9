//! Small exports read whole: order, users, texts and the quality report.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Category, Direction, Money, TimePrecision};
use fincoach_transform::{
    CategoryMap, CsvReader, FileOrder, Import, Layout, OptionalColumn, TextCleaning, TextCount, TypeMap,
    Users,
};

const EXPORT: &str = "\
Transaction Number,Transaction Date,Transaction Type,Transaction Description,Debit Amount,Credit Amount,Balance,Category,Location City,Location Country
1,03/03/2024,DEB,LIDL,15.02,,954.98,Groceries ,swansea,UK
2,03/03/2024,FPO,BEN,10,,970.00,,Swansea,UK
3,02/03/2024,DEB,BUS,2.50,,980.00,Travel,Swansea,uk
4,02/03/2024,DEB,BUS,2.5,,982.50,Travel,Swansea ,UK
5,02/03/2024,,REFUND,,5.00,985.00,Amazon,,
6,01/03/2024,BGC,ACME PAY,,480,980.00,Paycheck,,
7,01/03/2024,DEP,CASH IN,,500,500.00,Cash,,
";

fn read(reader: &CsvReader, text: &str) -> Import {
    reader.read_from(text.as_bytes(), "export.csv").unwrap()
}

fn lloyds() -> CsvReader {
    CsvReader::new(Layout::lloyds())
}

fn counts(counts: &[TextCount]) -> Vec<(Option<&str>, u64)> {
    counts.iter().map(|count| (count.text.as_deref(), count.rows)).collect()
}

#[test]
fn every_row_arrives_whole_and_in_true_order() {
    let ledger = read(&lloyds(), EXPORT).ledger;
    let rows: Vec<_> = ledger.user(0).iter().collect();
    assert_eq!(rows.iter().map(|row| row.source_row).collect::<Vec<_>>(), [7, 6, 5, 4, 3, 2, 1]);
    let shop = rows[6];
    assert_eq!(shop.user, "0");
    assert_eq!(shop.time, NaiveDate::from_ymd_opt(2024, 3, 3).unwrap().into());
    assert_eq!(shop.precision, TimePrecision::Day);
    assert_eq!((shop.amount, shop.balance), (Money::from_minor(-1502), Some(Money::from_minor(95_498))));
    assert_eq!((shop.direction, shop.category), (Direction::Debit, Category::Groceries));
    assert_eq!(
        (shop.raw_type, shop.raw_category, shop.description),
        (Some("DEB"), Some("Groceries "), "LIDL")
    );
    assert_eq!((shop.city, shop.country), (Some("Swansea"), Some("UK")));
    let refund = rows[2];
    assert_eq!((refund.raw_type, refund.city, refund.direction), (None, None, Direction::Other));
    assert_eq!((rows[5].raw_category, rows[5].category), (None, Category::Other));
}

#[test]
fn the_quality_report_counts_what_is_there_and_what_is_not() {
    let quality = read(&lloyds(), EXPORT).quality;
    assert_eq!((quality.rows_read, quality.rows_in_ledger, quality.users, quality.accounts), (7, 7, 1, 1));
    assert_eq!(quality.order, FileOrder::NewestFirst);
    assert_eq!((quality.balance_breaks, quality.rows_without_balance, quality.duplicates), (0, 0, 1));
    assert_eq!(quality.first_date, NaiveDate::from_ymd_opt(2024, 3, 1).unwrap());
    assert_eq!(quality.last_date, NaiveDate::from_ymd_opt(2024, 3, 3).unwrap());
    assert_eq!((quality.money_in.rows, quality.money_in.total), (3, Money::from_minor(98_500)));
    assert_eq!((quality.money_out.rows, quality.money_out.total), (4, Money::from_minor(3_002)));
    assert_eq!(quality.money_out.mean, 750.5);
    let blanks: Vec<_> = quality.blanks.iter().map(|blanks| blanks.rows).collect();
    assert_eq!(blanks, [0, 0, 1, 0, 3, 4, 0, 1, 3, 3]);
    assert_eq!(
        counts(&quality.types),
        [(Some("DEB"), 3), (None, 1), (Some("BGC"), 1), (Some("DEP"), 1), (Some("FPO"), 1)]
    );
    assert_eq!(counts(&quality.raw_categories)[0], (Some("Travel"), 2));
    let by_category: Vec<u64> = quality.categories.iter().map(|count| count.rows).collect();
    assert_eq!(by_category, [1, 0, 0, 0, 2, 1, 0, 0, 0, 1, 2]);
}

#[test]
fn the_report_is_readable_and_survives_the_disk() {
    let quality = read(&lloyds(), EXPORT).quality;
    let text = quality.to_string();
    for part in
        ["7 rows read, 7 in the ledger", "newest first", "985.00 GBP in 3 rows", "\"Groceries \"", "(blank)"]
    {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let json = serde_json::to_string(&quality).unwrap();
    assert_eq!(serde_json::from_str::<fincoach_transform::QualityReport>(&json).unwrap(), quality);
}

#[test]
fn breaks_are_counted_and_listed_with_their_lines() {
    let broken = EXPORT.replace("982.50", "900.00");
    let quality = read(&lloyds(), &broken).quality;
    assert_eq!(quality.balance_breaks, 2);
    let breaks: Vec<_> = quality.first_breaks.iter().map(|at| (at.line, at.expected.minor())).collect();
    assert_eq!(breaks, [(5, 98_250), (4, 89_750)]);
    assert!(quality.to_string().contains("line 5: 900.00, expected 982.50"));
}

#[test]
fn the_notebooks_reader_changes_no_text() {
    let import = read(&CsvReader::notebook(Layout::lloyds()), EXPORT);
    let rows: Vec<_> = import.ledger.user(0).iter().collect();
    assert_eq!((rows[6].city, rows[6].category), (Some("swansea"), Category::Other));
    assert_eq!((rows[3].city, rows[4].country), (Some("Swansea "), Some("uk")));
    assert_eq!(rows[5].direction, Direction::Other);
}

#[test]
fn cleaning_follows_the_category_map_unless_told() {
    assert_eq!(lloyds().cleaning(), TextCleaning::Trim);
    assert_eq!(lloyds().with_categories(CategoryMap::notebook()).cleaning(), TextCleaning::Keep);
    assert_eq!(lloyds().with_types(TypeMap::notebook()).cleaning(), TextCleaning::Trim);
    let reader = lloyds().with_categories(CategoryMap::notebook()).with_cleaning(TextCleaning::Trim);
    assert_eq!(reader.cleaning(), TextCleaning::Trim);
    let text = serde_json::to_string(&reader).unwrap();
    assert_eq!(serde_json::from_str::<CsvReader>(&text).unwrap(), reader);
}

#[test]
fn line_ends_mark_quotes_and_blank_lines_do_not_matter() {
    let plain = read(&lloyds(), EXPORT);
    let mut quoted = String::from("\u{feff}");
    for line in EXPORT.lines() {
        let fields: Vec<String> = line.split(',').map(|field| format!("\"{field}\"")).collect();
        quoted += &format!("{}\r\n\r\n", fields.join(","));
    }
    for other in [EXPORT.replace('\n', "\r\n"), quoted, EXPORT.trim_end().to_owned()] {
        assert_eq!(read(&lloyds(), &other), plain);
    }
}

#[test]
fn another_delimiter_and_further_columns_are_read() {
    let text = EXPORT.replace(',', ";").replace("Number;", "Number;Note;");
    let text: String = text
        .lines()
        .enumerate()
        .map(
            |(n, line)| {
                if n == 0 { format!("{line}\n") } else { format!("{}\n", line.replacen(';', ";n;", 1)) }
            },
        )
        .collect();
    let import = read(&CsvReader::new(Layout::lloyds().with_delimiter(';')), &text);
    assert_eq!(import.ledger, read(&lloyds(), EXPORT).ledger);
    assert_eq!(import.quality.blanks.len(), 11);
}

#[test]
fn the_six_columns_of_the_bank_are_enough_and_so_are_four() {
    for keep in [vec![1, 2, 3, 4, 5, 6], vec![1, 3, 4, 5]] {
        let text: String = EXPORT
            .lines()
            .map(|line| {
                let fields: Vec<&str> = line.split(',').collect();
                let kept: Vec<&str> = keep.iter().map(|column| fields[*column]).collect();
                format!("{}\n", kept.join(","))
            })
            .collect();
        let import = read(&lloyds(), &text);
        let amounts = |import: &Import| import.ledger.all().amounts().to_vec();
        assert_eq!(amounts(&import), amounts(&read(&lloyds(), EXPORT)));
        assert_eq!(import.quality.raw_categories, []);
        assert!(import.quality.to_string().contains("no such column"));
    }
}

#[test]
fn times_of_day_are_kept_and_order_the_rows() {
    let text = "\
Transaction Date,Transaction Time,Transaction Description,Debit Amount,Credit Amount
01/03/2024,18:30,b,1,
01/03/2024,09:15:20,a,1,
02/03/2024,,c,1,
";
    let ledger = read(&lloyds(), text).ledger;
    let rows: Vec<_> = ledger.user(0).iter().map(|row| (row.description, row.precision)).collect();
    assert_eq!(rows, [("a", TimePrecision::Second), ("b", TimePrecision::Second), ("c", TimePrecision::Day)]);
    let date = NaiveDate::from_ymd_opt(2024, 3, 1).unwrap();
    assert_eq!(ledger.user(0).row(0).time, date.and_hms_opt(9, 15, 20).unwrap());
}

#[test]
fn accounts_of_one_file_have_their_own_order_and_chain() {
    let text = "\
Transaction Date,Transaction Description,Debit Amount,Credit Amount,Balance,User ID
02/03/2024,a2,1,,9,10
01/03/2024,b1,,5,5,9
01/03/2024,a1,,10,10,10
02/03/2024,b2,2,,3,9
02/03/2024,b3,3,,0,9
";
    let layout = Layout::lloyds().with_optional(OptionalColumn::User, "User ID");
    let by_layout = read(&CsvReader::new(layout.clone()), text);
    let by_rule = read(&lloyds().with_users("column:User ID".parse().unwrap()), text);
    assert_eq!(by_layout, by_rule);
    assert_eq!(by_rule.ledger.users(), ["9", "10"]);
    let texts: Vec<_> = by_rule.ledger.all().iter().map(|row| row.description).collect();
    assert_eq!(texts, ["b1", "b2", "b3", "a1", "a2"]);
    assert_eq!((by_rule.quality.order, by_rule.quality.balance_breaks), (FileOrder::Mixed, 0));
    assert_eq!(by_rule.quality.accounts, 2);
    let one = read(&CsvReader::new(layout).with_users(Users::One), text);
    assert_eq!((one.ledger.n_users(), one.quality.accounts), (1, 1));
}

#[test]
fn a_timeline_gives_every_row_to_its_span() {
    let timeline = read(&lloyds().with_users(Users::Timeline(2)), EXPORT);
    assert_eq!(timeline.ledger.users(), ["0", "1"]);
    assert_eq!((timeline.ledger.user(0).len(), timeline.ledger.user(1).len()), (2, 5));
    let notebook = read(&lloyds().with_users(Users::TimelineNotebook(2)), EXPORT);
    assert_eq!(notebook.ledger.users(), ["1"]);
    assert_eq!(notebook.ledger.len(), 7);
    let wide = read(&lloyds().with_users(Users::Timeline(usize::MAX)), EXPORT);
    assert_eq!(wide.ledger.users(), ["0", "1", "2"]);
    assert_eq!(notebook.quality.balance_breaks, 0);
}

#[test]
fn a_zero_in_the_other_column_is_no_second_amount() {
    let text = "\
Transaction Date,Transaction Description,Debit Amount,Credit Amount
01/03/2024,a,1.00,0.00
01/03/2024,b,0.00,2.00
01/03/2024,c,0,0.00
01/03/2024,d,0,
";
    let ledger = read(&lloyds(), text).ledger;
    assert_eq!(ledger.all().amounts().iter().map(|a| a.minor()).collect::<Vec<_>>(), [-100, 200, 0, 0]);
}
