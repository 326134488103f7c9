//! What households buy, how often and for how much.

use fincoach_core::Category;

use crate::kind::{Kind, Role};

/// One sort of purchase.
pub(crate) struct Purchase {
    pub(crate) kind: Kind,
    /// Purchases a month of a household whose budget fits the prices.
    pub(crate) per_month: f64,
    /// Amounts in pounds at [`crate::quantile_curve::LEVELS`], read off the real account.
    pub(crate) quantiles: [f64; 9],
    /// How much more or less often each archetype buys it.
    pub(crate) mix: [f64; 5],
    /// Earliest and latest hour of the day.
    pub(crate) hours: (f64, f64),
    pub(crate) merchants: &'static [&'static str],
}

const fn card(raw_category: &'static str, category: Category) -> Kind {
    Kind::new("DEB", raw_category, category, Role::Purchase)
}

/// Supermarkets; the amounts of the weekly shop are the upper half of the quantiles, those of the shops
/// in between the lower half.
pub(crate) static GROCERY_QUANTILES: [f64; 9] = [1.67, 3.98, 5.11, 8.0, 13.03, 20.13, 34.25, 59.57, 270.99];

pub(crate) static SUPERMARKETS: [&str; 10] = [
    "TESCO STORES 3211",
    "SAINSBURYS S/MKTS",
    "LIDL GB",
    "ALDI 42 771",
    "ASDA STORES",
    "MORRISONS STORES",
    "CO-OP GROUP FOOD",
    "WAITROSE STORES",
    "ICELAND FOODS",
    "M&S SIMPLY FOOD",
];

pub(crate) const N_PURCHASES: usize = 11;

/// Position of the cash machine in [`PURCHASES`]: it gives notes of ten pounds.
pub(crate) const CASH: usize = 2;

/// Position of the online shop in [`PURCHASES`]: it gives money back now and then.
pub(crate) const ONLINE: usize = 0;

pub(crate) static PURCHASES: [Purchase; N_PURCHASES] = [
    Purchase {
        kind: card("Amazon", Category::Shopping),
        per_month: 14.0,
        quantiles: [1.33, 2.64, 3.49, 6.02, 11.15, 18.98, 35.66, 58.13, 118.35],
        mix: [0.75, 1.35, 0.9, 0.8, 1.0],
        hours: (7.0, 23.4),
        merchants: &["AMZNMktplace", "Amazon UK Marketpl", "AMAZON UK RETAIL", "AMZN Digital"],
    },
    Purchase {
        kind: card("Dine Out", Category::DineOut),
        per_month: 5.3,
        quantiles: [1.72, 2.65, 2.91, 4.52, 7.65, 16.62, 29.88, 38.32, 89.36],
        mix: [0.7, 1.3, 0.9, 0.65, 1.4],
        hours: (8.0, 23.0),
        merchants: &[
            "GREGGS",
            "COSTA COFFEE",
            "PRET A MANGER",
            "NANDOS",
            "STARBUCKS",
            "WETHERSPOON",
            "PIZZA EXPRESS",
            "DELIVEROO",
            "JUST EAT",
            "WAGAMAMA",
        ],
    },
    Purchase {
        kind: Kind::new("CPT", "Cash", Category::Other, Role::Purchase),
        per_month: 3.2,
        quantiles: [20.0, 30.0, 40.0, 40.0, 50.0, 50.0, 100.0, 100.0, 283.6],
        mix: [0.9, 0.9, 0.85, 1.35, 0.85],
        hours: (8.0, 22.0),
        merchants: &[
            "LNK TESCO EXPRESS",
            "LNK HIGH STREET",
            "LNK POST OFFICE",
            "LNK RAIL STATION",
            "LNK CO-OP",
        ],
    },
    Purchase {
        kind: card("Entertainment", Category::Entertainment),
        per_month: 1.6,
        quantiles: [4.28, 5.0, 5.0, 6.0, 7.99, 15.0, 24.24, 66.74, 169.07],
        mix: [0.75, 1.3, 0.9, 0.7, 1.3],
        hours: (10.0, 23.0),
        merchants: &[
            "CINEWORLD",
            "ODEON CINEMAS",
            "TICKETMASTER UK",
            "STEAM GAMES",
            "VUE CINEMAS",
            "ITUNES.COM/BILL",
        ],
    },
    Purchase {
        kind: card("Other Shopping", Category::Shopping),
        per_month: 2.6,
        quantiles: [2.5, 3.49, 3.9, 12.0, 17.95, 25.03, 65.0, 103.82, 299.2],
        mix: [0.85, 1.2, 0.9, 0.9, 1.15],
        hours: (9.0, 21.0),
        merchants: &[
            "WILKO RETAIL",
            "ARGOS LTD",
            "BOOTS",
            "T K MAXX",
            "IKEA LTD",
            "B & M RETAIL",
            "JOHN LEWIS",
            "ETSY.COM",
        ],
    },
    Purchase {
        kind: card("Clothes", Category::Shopping),
        per_month: 1.0,
        quantiles: [1.88, 2.69, 4.7, 7.0, 10.1, 17.99, 30.3, 39.55, 94.59],
        mix: [0.7, 1.4, 0.85, 0.7, 1.35],
        hours: (9.0, 22.0),
        merchants: &["PRIMARK", "ZARA", "H & M", "MARKS&SPENCER PLC", "ASOS.COM", "NEXT RETAIL"],
    },
    Purchase {
        kind: card("Travel", Category::Transport),
        per_month: 2.9,
        quantiles: [1.0, 2.02, 4.65, 8.01, 25.84, 87.32, 189.9, 303.29, 714.52],
        mix: [0.9, 0.9, 1.0, 0.85, 1.3],
        hours: (6.0, 22.5),
        merchants: &[
            "UBER   *TRIP",
            "TRAINLINE.COM",
            "NATIONAL EXPRESS",
            "SHELL SERVICE STN",
            "BP CONNECT",
            "RYANAIR",
        ],
    },
    Purchase {
        kind: card("Others", Category::Other),
        per_month: 2.2,
        quantiles: [0.1, 0.26, 0.5, 0.5, 1.5, 22.54, 28.0, 111.78, 575.0],
        mix: [1.0, 1.05, 1.0, 0.85, 1.15],
        hours: (9.0, 20.0),
        merchants: &["POST OFFICE COUNTE", "NON-GBP PURCH FEE", "PAYPAL PAYMENT", "SUMUP  *MARKET"],
    },
    Purchase {
        kind: Kind::new("FPO", "Services", Category::Other, Role::Purchase),
        per_month: 0.8,
        quantiles: [3.32, 5.8, 7.0, 10.0, 15.0, 39.42, 175.0, 512.92, 2800.0],
        mix: [0.9, 1.0, 1.0, 0.75, 1.2],
        hours: (8.0, 22.0),
        merchants: &["J SMITH", "WINDOW CLEANER", "SUMUP  *BARBER", "MUSIC LESSONS", "DOG WALKER", "M JONES"],
    },
    Purchase {
        kind: card("Home Improvement", Category::Other),
        per_month: 0.3,
        quantiles: [4.76, 7.54, 14.75, 19.5, 49.35, 200.0, 825.0, 825.0, 1223.32],
        mix: [1.15, 0.75, 1.15, 0.85, 1.05],
        hours: (8.0, 20.0),
        merchants: &["B & Q", "SCREWFIX DIRECT", "DUNELM", "HOMEBASE", "WICKES"],
    },
    Purchase {
        kind: card("Health", Category::Health),
        per_month: 0.6,
        quantiles: [2.0, 3.0, 4.5, 8.5, 14.0, 28.0, 60.0, 90.0, 180.0],
        mix: [1.0, 0.85, 1.05, 1.0, 1.05],
        hours: (8.5, 18.0),
        merchants: &["LLOYDSPHARMACY", "SPECSAVERS", "SUPERDRUG", "HOLLAND & BARRETT", "OSTEOPATH CLINIC"],
    },
];

/// How much more or less is bought in each month, January first: quiet after the holidays, busy before.
pub(crate) const SEASON: [f64; 12] = [0.85, 0.9, 0.97, 1.0, 0.98, 1.0, 1.04, 1.02, 0.95, 0.98, 1.1, 1.35];
