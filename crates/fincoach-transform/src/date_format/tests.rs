use proptest::prelude::*;

use super::*;
use crate::Error;

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        "25/07",
        "25/07/22",
        "31/02/2022",
        "00/01/2022",
        "25-07-2022",
        "25/07/2022 ",
        "25/07/20222",
        "a5/07/2022",
        "25/07/2022/1",
        "25/07/1899",
        "25/07/2200",
        "25/07/9999",
        "+5/07/2022",
        "２５/07/2022",
    ] {
        assert_eq!(DateFormat::UK.parse(text), None, "{text}");
    }
    assert!(DateFormat::UK.parse("5/7/2022").is_some());
    assert!(DateFormat::UK.parse("29/02/2024").is_some());
}

#[test]
fn formats_are_read_as_they_are_written() {
    for text in [
        "dd/mm/yyyy",
        "mm/dd/yyyy",
        "yyyy-mm-dd",
        "dd.mm.yyyy",
        "yyyymmdd",
        "ddmmyy",
        "dd mmm yyyy",
        "dd-mmm-yy",
        "mmm dd, yyyy",
        "yyyy-mm-dd hh:mm",
        "yyyy-mm-ddThh:mm",
        "dd mmm yyyy hh:mm",
    ] {
        let format: DateFormat = text.parse().unwrap();
        assert_eq!(format.to_string(), text);
        let json = serde_json::to_string(&format).unwrap();
        assert_eq!(serde_json::from_str::<DateFormat>(&json).unwrap(), format);
    }
    for text in [
        "",
        "ddmm",
        "dd/mm",
        "dd/mm-yyyy",
        "yy/dd/mm",
        "dd/mm/yyyy/",
        "dd/dd/yyyy",
        "dd/mm/yyyyhh:mm",
        "d/m/y",
    ] {
        assert!(matches!(text.parse::<DateFormat>(), Err(Error::DateFormat { .. })), "{text}");
    }
}

fn date(format: &str, text: &str) -> Option<String> {
    format.parse::<DateFormat>().unwrap().parse(text).map(|date| date.to_string())
}

#[test]
fn dates_without_separators_and_with_two_digit_years() {
    assert_eq!(date("yyyymmdd", "20240305").unwrap(), "2024-03-05");
    assert_eq!(date("ddmmyy", "050324").unwrap(), "2024-03-05");
    assert_eq!(date("dd/mm/yy", "5/3/68").unwrap(), "2068-03-05");
    assert_eq!(date("dd/mm/yy", "05/03/69").unwrap(), "1969-03-05");
    assert_eq!(date("ddmmmyyyy", "05Mar2024").unwrap(), "2024-03-05");
    for (format, text) in [
        ("yyyymmdd", "2024035"),
        ("yyyymmdd", "2024-03-05"),
        ("yyyymmdd", "202403é"),
        ("dd/mm/yy", "05/03/2024"),
    ] {
        assert_eq!(date(format, text), None, "{format} {text}");
    }
}

#[test]
fn months_have_english_names() {
    for text in ["05 Mar 2024", "5 march 2024", "05 MAR 2024", "5 Mar. 2024"] {
        assert_eq!(date("dd mmm yyyy", text).unwrap(), "2024-03-05", "{text}");
    }
    for text in ["Mar 5, 2024", "March 05 2024"] {
        assert_eq!(date("mmm dd, yyyy", text).unwrap(), "2024-03-05", "{text}");
    }
    assert_eq!(date("dd-mmm-yy", "05-Sept-24").unwrap(), "2024-09-05");
    for text in ["05 03 2024", "05 Ma 2024", "05 Marc 2024", "05 Mär 2024", "05 Mar, 2024", "05 Mar  2024"] {
        assert_eq!(date("dd mmm yyyy", text), None, "{text}");
    }
}

#[test]
fn a_time_behind_the_date_may_have_an_offset() {
    let stamp = |format: &str, text: &str| {
        let format: DateFormat = format.parse().unwrap();
        format.stamp(text).map(|stamp| {
            let (time, offset) = stamp.clock.unwrap();
            (stamp.date.to_string(), time.to_string(), offset)
        })
    };
    let of = |time: &str, offset| Some(("2024-03-05".to_owned(), time.to_owned(), offset));
    let spaced = "yyyy-mm-dd hh:mm:ss";
    assert_eq!(stamp(spaced, "2024-03-05 14:03:22"), of("14:03:22", None));
    assert_eq!(stamp(spaced, "2024-03-05 14:03"), of("14:03:00", None));
    assert_eq!(stamp(spaced, "2024-03-05 14:03:22 UTC"), of("14:03:22", Some(0)));
    assert_eq!(stamp(spaced, "2024-03-05 14:03:22.123456 -0530"), of("14:03:22", Some(-19_800)));
    let iso = "yyyy-mm-ddThh:mm";
    assert_eq!(stamp(iso, "2024-03-05T14:03:22Z"), of("14:03:22", Some(0)));
    assert_eq!(stamp(iso, "2024-03-05T14:03:22.5+01:00"), of("14:03:22", Some(3600)));
    assert_eq!(stamp(iso, "2024-03-05T14:03+02"), of("14:03:00", Some(7200)));
    assert_eq!(stamp("dd mmm yyyy hh:mm", "05 Mar 2024 9:03"), of("09:03:00", None));
    for text in [
        "2024-03-05",
        "2024-03-05 14",
        "2024-03-05  14:03",
        "2024-03-05T14:03",
        "2024-03-05 24:00",
        "2024-03-05 14:03:22.",
        "2024-03-05 14:03 PM",
        "2024-03-05 14:03+15:00",
        "2024-03-05 14:03+01:60",
        "2024-03-05 14:03 CET",
        ":",
        " :",
        "2024-03-05 14:03:22+1",
    ] {
        assert_eq!(stamp(spaced, text), None, "{text}");
    }
}

#[test]
fn times_of_day_have_minutes_and_perhaps_seconds() {
    assert_eq!(parse_time("09:05"), NaiveTime::from_hms_opt(9, 5, 0));
    assert_eq!(parse_time("23:59:59"), NaiveTime::from_hms_opt(23, 59, 59));
    for text in ["", "9", "24:00", "12:60", "12:5", "12:00:60", "12:00:00:00", "12.00"] {
        assert_eq!(parse_time(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn every_date_comes_back(days in 0_u64..109_573) {
        let date = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + fincoach_core::chrono::Days::new(days);
        prop_assert_eq!(DateFormat::UK.parse(&date.format("%d/%m/%Y").to_string()), Some(date));
        prop_assert_eq!(DateFormat::ISO.parse(&date.format("%Y-%m-%d").to_string()), Some(date));
        for (format, form) in [
            ("yyyymmdd", "%Y%m%d"),
            ("mm.dd.yyyy", "%m.%d.%Y"),
            ("dd mmm yyyy", "%d %b %Y"),
            ("mmm dd, yyyy", "%B %-d, %Y"),
            ("yyyy-mm-ddThh:mm", "%Y-%m-%dT00:00:00Z"),
        ] {
            let format: DateFormat = format.parse().unwrap();
            prop_assert_eq!(format.parse(&date.format(form).to_string()), Some(date), "{}", format);
        }
    }

    #[test]
    fn no_text_makes_the_parsers_panic(text in "[0-9/:é T.,Z+-]{0,14}|[dmyhT:é -]{0,12}") {
        let _ = (DateFormat::UK.parse(&text), DateFormat::ISO.parse(&text), parse_time(&text));
        for format in ["yyyymmdd", "dd mmm yy", "yyyy-mm-ddThh:mm", "mmm dd, yyyy hh:mm"] {
            let _ = format.parse::<DateFormat>().unwrap().stamp(&text);
        }
        if let Ok(format) = text.parse::<DateFormat>() {
            prop_assert_eq!(format.to_string().parse::<DateFormat>().unwrap(), format);
        }
    }
}
