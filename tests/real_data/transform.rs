//! The real seven-year export: figures of the quality report, true order, users.

use fincoach::core::{Category, Money};
use fincoach::transform::{CategoryMap, CsvReader, FileOrder, Import, Layout, Users};

use super::data;

pub(crate) const TESTS: super::Tests = &[
    (
        "the quality report of the real file is what pandas counts",
        the_quality_report_of_the_real_file_is_what_pandas_counts,
    ),
    ("the notebooks map leaves more rows as other", the_notebooks_map_leaves_more_rows_as_other),
    ("the uncategorised file is the same account", the_uncategorised_file_is_the_same_account),
    ("every balance follows from the one before", every_balance_follows_from_the_one_before),
    (
        "timelines give fifty users or the notebooks forty nine",
        timelines_give_fifty_users_or_the_notebooks_forty_nine,
    ),
    ("cleaning unifies the spellings of places", cleaning_unifies_the_spellings_of_places),
];

fn read(reader: &CsvReader, file: &str) -> Import {
    reader.read(data::file(file)).unwrap()
}

fn lloyds() -> CsvReader {
    CsvReader::new(Layout::lloyds())
}

fn the_quality_report_of_the_real_file_is_what_pandas_counts() {
    let quality = read(&lloyds(), "moneydata.csv").quality;
    assert_eq!((quality.rows_read, quality.rows_in_ledger), (6567, 6567));
    assert_eq!((quality.order, quality.balance_breaks), (FileOrder::NewestFirst, 0));
    assert_eq!((quality.rows_without_balance, quality.duplicates), (0, 48));
    assert_eq!(quality.first_date.to_string(), "2015-07-27");
    assert_eq!(quality.last_date.to_string(), "2022-07-25");
    assert_eq!((quality.money_in.rows, quality.money_in.total), (445, Money::from_minor(50_320_329)));
    assert_eq!((quality.money_out.rows, quality.money_out.total), (6122, Money::from_minor(51_117_892)));
    assert!((quality.money_in.mean - 113_079.391_011_235_96).abs() < 1e-9);
    assert!((quality.money_out.mean - 8_349.868_016_987_912).abs() < 1e-9);
    let blanks: Vec<u64> = quality.blanks.iter().map(|blanks| blanks.rows).collect();
    assert_eq!(blanks, [0, 0, 61, 0, 445, 6122, 0, 24, 672, 686]);
    let types: Vec<(Option<&str>, u64)> =
        quality.types.iter().map(|count| (count.text.as_deref(), count.rows)).collect();
    assert_eq!(types.len(), 14, "13 codes and the blank");
    assert_eq!(types[..3], [(Some("DEB"), 3268), (Some("BP"), 1167), (Some("DD"), 775)]);
    assert!(types.contains(&(None, 61)));
    assert_eq!(quality.raw_categories.len(), 31, "30 categories and the blank");
    let standard: Vec<u64> = quality.categories.iter().map(|count| count.rows).collect();
    assert_eq!(standard, [493, 448, 166, 533, 311, 1476, 144, 26, 1400, 443, 1127]);
}

fn the_notebooks_map_leaves_more_rows_as_other() {
    let import = read(&CsvReader::notebook(Layout::lloyds()), "moneydata.csv");
    let standard: Vec<u64> = import.quality.categories.iter().map(|count| count.rows).collect();
    assert_eq!(standard, [487, 448, 166, 474, 246, 1416, 144, 26, 1400, 305, 1455]);
}

fn the_uncategorised_file_is_the_same_account() {
    let plain = read(&lloyds(), "moneydata_uncategorised.csv");
    let full = read(&lloyds(), "moneydata.csv");
    assert_eq!((plain.quality.rows_read, plain.quality.balance_breaks), (6567, 0));
    assert_eq!(plain.quality.blanks.len(), 6);
    assert_eq!(plain.quality.raw_categories, []);
    let (a, b) = (plain.ledger.all(), full.ledger.all());
    assert_eq!((a.amounts(), a.balances(), a.times()), (b.amounts(), b.balances(), b.times()));
    assert!(a.categories().iter().all(|category| *category == Category::Other));
}

fn every_balance_follows_from_the_one_before() {
    let import = read(&lloyds(), "moneydata.csv");
    let rows = import.ledger.user(0);
    for (row, pair) in rows.balances().windows(2).enumerate() {
        assert_eq!(pair[0].unwrap() + rows.amounts()[row + 1], pair[1].unwrap(), "row {row}");
    }
    assert_eq!(rows.source_rows().first(), Some(&6567));
    assert_eq!(rows.source_rows().last(), Some(&1));
}

fn timelines_give_fifty_users_or_the_notebooks_forty_nine() {
    let timeline = read(&lloyds().with_users(Users::Timeline(50)), "moneydata.csv").ledger;
    let names: Vec<String> = (0..50).map(|user: u32| user.to_string()).collect();
    assert_eq!(timeline.users(), names);
    let notebook = read(&lloyds().with_users(Users::TimelineNotebook(50)), "moneydata.csv").ledger;
    assert_eq!(notebook.users(), &names[1..]);
    assert_eq!((timeline.len(), notebook.len()), (6567, 6567));
    let (first, last) = (timeline.user(0).len(), timeline.user(49).len());
    assert_eq!(notebook.user(48).len(), first + last);
}

fn cleaning_unifies_the_spellings_of_places() {
    let cities = |reader: CsvReader| {
        let ledger = read(&reader, "moneydata.csv").ledger;
        let mut cities: Vec<String> =
            ledger.all().iter().filter_map(|row| row.city.map(str::to_owned)).collect();
        cities.sort();
        cities.dedup();
        cities
    };
    let kept = cities(lloyds().with_categories(CategoryMap::notebook()));
    let tidy = cities(lloyds());
    assert_eq!(kept.len(), 58);
    assert!(tidy.contains(&"Swansea".to_owned()) && !tidy.contains(&"swansea".to_owned()));
    assert_eq!(tidy.len(), TIDY_CITIES);
}

const TIDY_CITIES: usize = 54;
