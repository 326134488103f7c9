//! Descriptions as banks write them, and the merchants behind.

use proptest::prelude::*;

use super::{AliasMatch, MerchantAlias, MerchantNormaliser};

/// Description, city, merchant.
const TABLE: [(&str, &str, &str); 70] = [
    // United Kingdom
    ("TESCO STORES 3051", "", "Tesco"),
    ("TESCO STORES 4628 LEEDS GB", "", "Tesco"),
    ("TESCO BANK", "", "Tesco Bank"),
    ("TESCO MOBILE 0345", "", "Tesco Mobile"),
    ("LIDL GB  NOTTINGHA", "Nottingham", "Lidl"),
    ("SAINSBURYS S/MKTS CD 1234", "", "Sainsbury's"),
    ("SAINSBURY'S S/MKT", "", "Sainsbury's"),
    ("M&S SIMPLY FOOD SS", "Swansea", "Marks & Spencer"),
    ("MARKS&SPENCER PLC", "", "Marks & Spencer"),
    ("CO-OP GROUP 010661", "", "Co-op"),
    ("Subway 32610 Midla", "Nottingham", "SUBWAY"),
    ("SUBWAY 26377 CORNE", "Nottingham", "SUBWAY"),
    ("GREGGS PLC", "", "Greggs"),
    ("CAFFE NERO 650 NOT", "Nottingham", "Caffè Nero"),
    ("KFC NOTTINGHAM", "Nottingham", "KFC"),
    ("ZARA SWANSEA", "Swansea", "ZARA"),
    ("UNIV OF NOTTINGHAM", "Nottingham", "UNIV OF NOTTINGHAM"),
    ("SWANSEA UNIVERSITY", "Swansea", "SWANSEA UNIVERSITY"),
    ("C C SWANSEA", "Swansea", "C C SWANSEA"),
    ("POUNDLAND LTD 1718", "Nottingham", "POUNDLAND"),
    ("POUNDSTRETCHER 270", "", "POUNDSTRETCHER"),
    ("THE GYM LTD", "Swansea", "THE GYM"),
    ("COSMIC KITCHEN LIM", "Nottingham", "COSMIC KITCHEN"),
    ("IQRA SWANSEA LIMIT", "Swansea", "IQRA"),
    ("PREMIER INN4401262", "", "PREMIER INN"),
    ("WAITROSE 833", "Nottingham", "Waitrose"),
    ("SHAWS #0677", "Swansea", "SHAWS"),
    ("COFFEE#1 SWANSEA", "Swansea", "COFFEE#1"),
    ("200 DEGREES", "Nottingham", "200 DEGREES"),
    ("R LAWRENCE  02APR22", "", "R LAWRENCE"),
    ("CARD PAYMENT TO BOOTS 1234 ON 12/03/2022", "", "BOOTS"),
    ("DIRECT DEBIT PAYMENT TO VODAFONE LTD REF 7012345678-1001, MANDATE NO 0004", "", "VODAFONE"),
    ("CONTACTLESS PAYMENT PRET A MANGER LONDON ON 02 MAR 2024", "London", "Pret A Manger"),
    ("TFL TRAVEL CH TFL.GOV.UK/CP", "", "Transport for London"),
    ("O2", "", "O2"),
    ("101823784", "Swansea", "101823784"),
    ("*EASTERN AVENUE RE", "Swansea", "EASTERN AVENUE RE"),
    // Processors and web shops
    ("AMZNMktplace", "", "Amazon"),
    ("AMZN Mktp UK*MI93A", "Swansea", "Amazon"),
    ("Amazon.co.uk*M78CB", "Nottingham", "Amazon"),
    ("AMZ*Dealsdirect247", "", "Amazon"),
    ("Amazon Prime*2S40E", "", "Amazon Prime"),
    ("PAYPAL *VIMEO INC", "", "VIMEO"),
    ("PAYPAL PAYMENT", "", "PAYPAL PAYMENT"),
    ("SQ *TIKI BAR", "Nottingham", "TIKI BAR"),
    ("SumUp  *Taxi first", "Plymouth", "TAXI FIRST"),
    ("IZ *Friska Ltd", "Bristol", "FRISKA"),
    ("ZETTLE_*BLUE DOG", "", "BLUE DOG"),
    ("UBER   *TRIP", "Roma", "Uber"),
    ("UBER* TRIP", "", "Uber"),
    ("UBER   *EATS", "", "Uber Eats"),
    ("AIRBNB * HM9YBKEXN", "", "Airbnb"),
    ("DELIVEROOCOUK", "", "Deliveroo"),
    ("WWW.GOODENERGY.CO.", "", "GOODENERGY"),
    ("ETSY.COM - AURAGRA", "", "ETSY - AURAGRA"),
    ("SKYPE.COM/GO/BILL", "", "SKYPE"),
    ("EXPEDIA 7260559230", "", "Expedia"),
    // European Union
    ("KARTENZAHLUNG REWE SAGT DANKE 45123456//BERLIN/DE", "", "Rewe"),
    ("DM DROGERIEMARKT GMBH MUENCHEN DE", "", "DM DROGERIEMARKT"),
    ("SATURN ELECTRO-HANDELSGES. MBH KÖLN", "", "SATURN ELECTRO-HANDELSGES"),
    ("PAIEMENT CB CARREFOUR CITY PARIS 14:32", "Paris", "CARREFOUR CITY"),
    ("ALBERT HEIJN 1521 AMSTERDAM NLD", "", "ALBERT HEIJN"),
    ("CHEF EXPRESS S.P.A", "Roma", "CHEF EXPRESS"),
    ("DEEDEES ApS", "Aarhus", "DEEDEES"),
    ("HOTEL PRAGUE", "Prague", "HOTEL PRAGUE"),
    // United States
    ("PURCHASE AUTHORIZED ON 03/12 SHELL OIL 57444 AUSTIN TX CARD 4921", "", "SHELL OIL"),
    ("TST* THE LOCAL DINER SEATTLE WA", "", "THE LOCAL DINER"),
    ("WAL-MART #5260 HOUSTON TX", "", "Walmart"),
    ("TARGET 00012345 MINNEAPOLIS MN", "", "TARGET"),
    ("SWEETGREEN BOSTON MA XX4921", "", "SWEETGREEN"),
];

#[test]
fn descriptions_give_their_merchants() {
    let merchants = MerchantNormaliser::default();
    let wrong: Vec<_> = TABLE
        .iter()
        .map(|(text, city, name)| {
            (text, name, merchants.normalise(text, Some(*city).filter(|city| !city.is_empty())))
        })
        .filter(|(_, name, got)| *name != got)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_not_alike_stays_apart() {
    let merchants = MerchantNormaliser::default();
    for (one, other) in [
        ("TESCO STORES 1", "TESCO BANK"),
        ("GOOD ENERGY LTD", "GOOD FOOD LTD"),
        ("HOTEL LONDON", "HOTEL PARIS"),
        ("LNK TESCO FABIAN W", "TESCO STORES 4628"),
        ("UNIVERSITY OF OXFORD", "UNIVERSITY OF CAMBRIDGE"),
        ("PAYPAL *VIMEO INC", "PAYPAL *CARL DAVIE"),
        ("47", "48"),
    ] {
        assert_ne!(merchants.normalise(one, None), merchants.normalise(other, None), "{one}, {other}");
    }
}

#[test]
fn names_of_the_user_win() {
    let merchants = MerchantNormaliser::default()
        .with_alias(MerchantAlias::new("amazon", "The River"))
        .with_alias(MerchantAlias::new("Tiki Bar", "Friday").with_how(AliasMatch::Whole))
        .with_place("Nether Wallop")
        .with_processor("MyPay");
    assert_eq!(merchants.normalise("AMAZON.CO.UK*1", None), "The River");
    assert_eq!(merchants.normalise("the river", None), "The River");
    assert_eq!(merchants.normalise("SQ *TIKI BAR", None), "Friday");
    assert_eq!(merchants.normalise("MYPAY *CORNER SHOP NETHER WALLOP", None), "CORNER SHOP");
    let text = serde_json::to_string(&merchants).unwrap();
    assert_eq!(serde_json::from_str::<MerchantNormaliser>(&text).unwrap(), merchants);
    let few: MerchantNormaliser =
        serde_json::from_str(r#"{"aliases": [{"pattern": "tamba", "name": "Dance"}]}"#).unwrap();
    assert_eq!(few.normalise("TAMBA TAM", None), "Dance");
    assert_eq!(few.normalise("AMZNMKTPLACE", None), "Amazon", "the built-in names are still there");
    assert!(serde_json::from_str::<MerchantNormaliser>(r#"{"alias": []}"#).is_err());
}

#[test]
fn a_ledger_keeps_its_descriptions() {
    use fincoach_core::chrono::NaiveDate;
    use fincoach_core::{Ledger, Money, Transaction};
    let mut builder = Ledger::builder();
    for (text, city) in [("KFC NOT", Some("Nottingham")), ("KFC NOT", None), ("", None)] {
        let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
        let mut row = Transaction::new("0", day, Money::from_minor(-1));
        (row.description, row.city) = (text, city);
        builder.push(&row).unwrap();
    }
    let ledger = MerchantNormaliser::default().name_merchants(builder.finish()).unwrap();
    let rows: Vec<_> = ledger.all().iter().map(|row| (row.description, row.merchant)).collect();
    assert_eq!(rows, [("KFC NOT", Some("KFC")), ("KFC NOT", Some("KFC NOT")), ("", None)]);
}

/// Descriptions made of the pieces that rules look for, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "TESCO",
        "stores",
        "3051",
        "LTD",
        "GB",
        "London",
        "SQ *",
        "PAYPAL",
        "*",
        "CD",
        "4921",
        "REF",
        "12/03",
        "MAR",
        "Amazon.co.uk",
        "WWW.ABC.CO.",
        "XX1234",
        "UNIV",
        "OF",
        "ß",
        "é",
        "#",
        "-",
        ".",
        "INN44012",
        "CARD PAYMENT TO",
        "POS",
        "TX",
        "Leeds",
        "NEW YORK",
        "&",
        "m",
        "9",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn naming_twice_is_naming_once(text in prop_oneof![pieces(), ".{0,24}"], city in prop::option::of("[A-Za-z/ ]{0,8}")) {
        let merchants = MerchantNormaliser::default();
        let name = merchants.normalise(&text, city.as_deref());
        prop_assert_eq!(name.is_empty(), text.is_empty());
        prop_assert_eq!(merchants.normalise(&name, city.as_deref()), name.clone());
        prop_assert_eq!(merchants.normalise(&text, city.as_deref()), name);
    }
}
