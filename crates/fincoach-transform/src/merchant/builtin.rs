//! The lists a normaliser starts from.

use super::alias::{AliasMatch, MerchantAlias};

/// Payment processors and card readers that stand before the merchant, with a star or an underscore between.
pub(super) const PROCESSORS: [&str; 20] = [
    "PAYPAL", "PP", "SQ", "SUMUP", "ZETTLE", "IZETTLE", "IZ", "ZTL", "WPY", "STRIPE", "TST", "PY", "SP",
    "EB", "MS", "SKR", "BLS", "CKO", "NBX", "GPAY",
];

/// What banks write before the merchant; longer phrases first.
pub(super) const LEADING: [&str; 32] = [
    "RECURRING PAYMENT AUTHORIZED ON",
    "PURCHASE AUTHORIZED ON",
    "DIRECT DEBIT PAYMENT TO",
    "PAYMENT AUTHORISED TO",
    "CONTACTLESS PAYMENT",
    "DEBIT CARD PURCHASE",
    "FASTER PAYMENT TO",
    "PAIEMENT PAR CARTE",
    "STANDING ORDER TO",
    "SEPA-LASTSCHRIFT",
    "BILL PAYMENT TO",
    "CARD PAYMENT TO",
    "DIRECT DEBIT TO",
    "SEPA LASTSCHRIFT",
    "BETAALAUTOMAAT",
    "COMPRA TARJETA",
    "KARTENZAHLUNG",
    "PAGAMENTO POS",
    "CARD PURCHASE",
    "VISA PURCHASE",
    "DIRECT DEBIT",
    "LASTSCHRIFT",
    "PAIEMENT CB",
    "POS PURCHASE",
    "CONTACTLESS",
    "PAYMENT TO",
    "CHECKCARD",
    "POS DEBIT",
    "VISA DEBIT",
    "ACHAT CB",
    "PENDING",
    "POS",
];

/// Legal forms, and what is left of them where a bank cuts the text.
pub(super) const LEGAL_FORMS: [&str; 36] = [
    "LTD", "LIMITED", "LIMITE", "LIMIT", "LIMI", "LIM", "LT", "PLC", "LLP", "LLC", "INC", "CORP", "CIC",
    "GMBH", "MBH", "AG", "KG", "OHG", "EV", "SA", "SAS", "SARL", "SRL", "SPA", "SL", "SLU", "BV", "NV", "AB",
    "OY", "APS", "A/S", "SRO", "KFT", "PTY", "ULC",
];

/// Countries as they stand at the end of a description. Codes that are words of a language (`IT`, `NO`, `AT`) are
/// left out.
pub(super) const COUNTRIES: [&str; 22] = [
    "GB", "UK", "GBR", "NI", "US", "USA", "DE", "DEU", "FR", "FRA", "IE", "IRL", "NL", "NLD", "ES", "ESP",
    "ITA", "LUX", "CH", "PL", "IRELAND", "GERMANY",
];

/// The states of the USA, taken off only after a place.
pub(super) const STATES: [&str; 51] = [
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS",
    "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC",
    "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
];

/// Larger cities of the UK, the EU and the USA.
pub(super) const PLACES: [&str; 100] = [
    "LONDON",
    "BIRMINGHAM",
    "MANCHESTER",
    "LEEDS",
    "LIVERPOOL",
    "SHEFFIELD",
    "BRISTOL",
    "NOTTINGHAM",
    "LEICESTER",
    "COVENTRY",
    "NEWCASTLE",
    "SUNDERLAND",
    "BRIGHTON",
    "PLYMOUTH",
    "SOUTHAMPTON",
    "PORTSMOUTH",
    "READING",
    "DERBY",
    "YORK",
    "OXFORD",
    "CAMBRIDGE",
    "NORWICH",
    "EXETER",
    "BATH",
    "SWANSEA",
    "CARDIFF",
    "NEWPORT",
    "EDINBURGH",
    "GLASGOW",
    "ABERDEEN",
    "DUNDEE",
    "BELFAST",
    "MILTON KEYNES",
    "DUBLIN",
    "CORK",
    "GALWAY",
    "BERLIN",
    "HAMBURG",
    "MUENCHEN",
    "MÜNCHEN",
    "MUNICH",
    "KOELN",
    "KÖLN",
    "COLOGNE",
    "FRANKFURT",
    "STUTTGART",
    "DUESSELDORF",
    "DÜSSELDORF",
    "LEIPZIG",
    "DRESDEN",
    "HANNOVER",
    "BREMEN",
    "NUERNBERG",
    "NÜRNBERG",
    "BONN",
    "WIEN",
    "VIENNA",
    "ZURICH",
    "ZÜRICH",
    "GENEVE",
    "PARIS",
    "LYON",
    "MARSEILLE",
    "TOULOUSE",
    "BORDEAUX",
    "LILLE",
    "NICE",
    "BRUXELLES",
    "BRUSSELS",
    "ANTWERPEN",
    "AMSTERDAM",
    "ROTTERDAM",
    "UTRECHT",
    "LUXEMBOURG",
    "MADRID",
    "BARCELONA",
    "VALENCIA",
    "SEVILLA",
    "LISBOA",
    "LISBON",
    "PORTO",
    "ROMA",
    "MILANO",
    "TORINO",
    "PRAHA",
    "PRAGUE",
    "WARSZAWA",
    "KRAKOW",
    "BUDAPEST",
    "KOBENHAVN",
    "STOCKHOLM",
    "OSLO",
    "HELSINKI",
    "NEW YORK",
    "LOS ANGELES",
    "CHICAGO",
    "HOUSTON",
    "SEATTLE",
    "BOSTON",
    "SAN FRANCISCO",
];

/// `(name, patterns)` of chains whose spellings differ in more than noise. What only shares the first word
/// (`TESCO BANK`) has its own line above.
const ALIASES: [(&str, &[&str]); 42] = [
    ("Amazon Prime", &["AMAZON PRIME", "AMAZON UK PRIME", "AMZN PRIME", "PRIME VIDEO"]),
    ("AWS", &["AMAZON WEB SERVICES", "AWS"]),
    ("Amazon", &["AMAZON", "AMZN", "AMZNMKTPLACE", "AMZ*", "WWW.AMAZON"]),
    ("Audible", &["AUDIBLE", "ADBL*"]),
    ("Tesco Bank", &["TESCO BANK", "TESCO PERSONAL FIN"]),
    ("Tesco Mobile", &["TESCO MOBILE"]),
    ("Tesco", &["TESCO", "TESCO-STORES"]),
    ("Sainsbury's Bank", &["SAINSBURYS BANK", "SAINSBURY'S BANK", "SAINSBURYS BAN"]),
    ("Sainsbury's", &["SAINSBURYS", "SAINSBURY'S", "SAINSBURY S", "SAINSBURY", "JS ONLINE GROCERY"]),
    ("M&S Bank", &["M&S BANK", "MARKS & SPENCER BANK"]),
    ("Marks & Spencer", &["MARKS&SPENCER", "MARKS & SPENCER", "MARKS AND SPENCER", "M&S", "M & S"]),
    ("Morrisons", &["MORRISONS", "WM MORRISON", "WM MORRISONS", "WM MORRISON'S"]),
    ("Co-op Bank", &["CO-OP BANK", "CO-OPERATIVE BANK"]),
    (
        "Co-op",
        &["CO-OP GROUP", "COOP GROUP", "CO-OPERATIVE FOOD", "CO-OPERATIVE GROUP", "THE COOPERATIVE FOOD"],
    ),
    ("Waitrose", &["WAITROSE"]),
    ("Asda", &["ASDA"]),
    ("Lidl", &["LIDL"]),
    ("Aldi", &["ALDI"]),
    ("Ikea", &["IKEA"]),
    ("Greggs", &["GREGGS"]),
    ("Starbucks", &["STARBUCKS"]),
    ("Costa Coffee", &["COSTA COFFEE"]),
    ("Caffè Nero", &["CAFFE NERO", "CAFFÈ NERO"]),
    ("Pret A Manger", &["PRET A MANGER"]),
    ("McDonald's", &["MCDONALDS", "MCDONALD'S", "MCDONALD S"]),
    ("Domino's", &["DOMINO'S PIZZA", "DOMINOS PIZZA", "DOMINO S PIZZA"]),
    ("Uber Eats", &["UBER EATS", "UBER *EATS", "UBER*EATS", "UBEREATS"]),
    ("Uber", &["UBER"]),
    ("Booking.com", &["HOTEL ON BOOKING", "HOTEL AT BOOKING", "BOOKING.COM", "BOOKINGUK"]),
    ("Airbnb", &["AIRBNB"]),
    ("Expedia", &["EXPEDIA"]),
    ("easyJet", &["EASYJET"]),
    ("Ryanair", &["RYANAIR"]),
    ("KLM", &["KLM"]),
    ("Transport for London", &["TFL TRAVEL", "TFL.GOV.UK", "TFL CPC", "LUL TICKET MACHINE"]),
    ("Netflix", &["NETFLIX"]),
    ("Spotify", &["SPOTIFY"]),
    ("Apple", &["APPLE.COM", "ITUNES", "ITUNES.COM"]),
    ("Walmart", &["WAL-MART", "WALMART", "WM SUPERCENTER"]),
    ("Whole Foods", &["WHOLE FOODS", "WHOLEFDS"]),
    ("Rewe", &["REWE"]),
    ("Edeka", &["EDEKA"]),
];

/// Chains whose name runs on without a space.
const RUN_ON: [(&str, &str); 4] = [
    ("Deliveroo", "DELIVEROO"),
    ("Trading 212", "TRADING212"),
    ("Booking.com", "BOOKING.C"),
    ("GetYourGuide", "GETYOURGUIDE"),
];

pub(super) fn aliases() -> Vec<MerchantAlias> {
    let by_word = ALIASES
        .iter()
        .flat_map(|(name, patterns)| patterns.iter().map(|pattern| MerchantAlias::new(*pattern, *name)));
    let run_on =
        RUN_ON.iter().map(|(name, pattern)| MerchantAlias::new(*pattern, *name).with_how(AliasMatch::Prefix));
    by_word.chain(run_on).collect()
}
