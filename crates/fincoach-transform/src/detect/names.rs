//! What columns are called in the languages of banks.

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Purpose {
    Date,
    /// The day from which interest runs, the day of the purchase: a date beside the date.
    OtherDate,
    Time,
    Description,
    /// Who was paid or what for: the description where there is none.
    Party,
    Amount,
    Debit,
    Credit,
    Direction,
    Balance,
    Currency,
    Type,
    Category,
    City,
    Country,
    User,
    Account,
    Reference,
    Number,
    Fee,
    Status,
    /// Known, and of no use here: an amount in another currency, a rate.
    Foreign,
}

impl Purpose {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Date => "the date",
            Self::OtherDate => "another date",
            Self::Time => "the time of day",
            Self::Description => "the description",
            Self::Party => "the other party or a note",
            Self::Amount => "the amount",
            Self::Debit => "money that leaves",
            Self::Credit => "money that arrives",
            Self::Direction => "whether money leaves or arrives",
            Self::Balance => "the balance",
            Self::Currency => "the currency",
            Self::Type => "the type",
            Self::Category => "the category",
            Self::City => "the city",
            Self::Country => "the country",
            Self::User => "the user",
            Self::Account => "the account",
            Self::Reference => "the bank's number of the booking",
            Self::Number => "the number of the row",
            Self::Fee => "a fee",
            Self::Status => "whether the row is booked",
            Self::Foreign => "of no use here",
        }
    }
}

/// Names by purpose, the better ones first: small letters, words with one space between, no brackets.
const NAMES: &[(Purpose, &[&str])] = &[
    (
        Purpose::Date,
        &[
            "transaction date",
            "date",
            "booking date",
            "posting date",
            "posted date",
            "post date",
            "completed date",
            "date posted",
            "date completed",
            "buchungstag",
            "buchungsdatum",
            "buchung",
            "datum",
            "boekdatum",
            "boekingsdatum",
            "transactiedatum",
            "datum boeking",
            "date de comptabilisation",
            "date comptable",
            "date operation",
            "date de l operation",
            "date d operation",
            "fecha",
            "fecha operacion",
            "fecha de operacion",
            "f operacion",
            "fecha contable",
            "data",
            "data operazione",
            "data contabile",
            "data registrazione",
            "tarih",
            "dato",
            "bokforingsdag",
        ],
    ),
    (
        Purpose::OtherDate,
        &[
            "value date",
            "valuta",
            "valutadatum",
            "wertstellung",
            "wertstellungsdatum",
            "rentedatum",
            "started date",
            "date valeur",
            "date de valeur",
            "fecha valor",
            "f valor",
            "data valuta",
            "effective date",
            "settlement date",
        ],
    ),
    (
        Purpose::Time,
        &[
            "transaction time",
            "time",
            "uhrzeit",
            "zeit",
            "tijd",
            "tijdstip",
            "heure",
            "hora",
            "ora",
            "orario",
        ],
    ),
    (
        Purpose::Description,
        &[
            "transaction description",
            "description",
            "details",
            "narrative",
            "transaction details",
            "particulars",
            "beschreibung",
            "buchungstext",
            "verwendungszweck",
            "umsatztext",
            "text",
            "omschrijving",
            "naam omschrijving",
            "mededelingen",
            "libelle",
            "libelle operation",
            "libelle de l operation",
            "concepto",
            "descripcion",
            "movimiento",
            "descrizione",
            "causale",
            "descrizione operazione",
            "original description",
        ],
    ),
    (
        Purpose::Party,
        &[
            "payee",
            "name",
            "merchant",
            "merchant name",
            "partner name",
            "counter party",
            "counterparty",
            "counterparty name",
            "memo",
            "notes",
            "note",
            "message",
            "payment reference",
            "remittance information",
            "empfanger",
            "auftraggeber",
            "auftraggeber empfanger",
            "zahlungsempfanger",
            "zahlungspflichtiger",
            "beguenstigter zahlungspflichtiger",
            "begunstigter zahlungspflichtiger",
            "name zahlungsbeteiligter",
            "naam tegenpartij",
            "tegenpartij naam",
            "naam",
            "beneficiaire",
            "beneficiario",
            "ordinante",
            "beneficiario ordinante",
            "observaciones",
            "note operazione",
            "notes and tags",
        ],
    ),
    (
        Purpose::Amount,
        &[
            "amount",
            "transaction amount",
            "value",
            "net amount",
            "betrag",
            "umsatz",
            "bedrag",
            "bedrag eur",
            "montant",
            "importe",
            "importo",
            "cantidad",
            "monto",
            "importe eur",
            "belopp",
            "belob",
            "sum",
        ],
    ),
    (
        Purpose::Debit,
        &[
            "debit amount",
            "debit",
            "debits",
            "money out",
            "paid out",
            "outflow",
            "withdrawal",
            "withdrawals",
            "withdrawal amount",
            "out",
            "payments",
            "spent",
            "soll",
            "lastschrift",
            "ausgang",
            "belastung",
            "af",
            "uitgaven",
            "debito",
            "cargo",
            "cargos",
            "adeudo",
            "addebiti",
            "addebito",
            "uscite",
            "dare",
        ],
    ),
    (
        Purpose::Credit,
        &[
            "credit amount",
            "credit",
            "credits",
            "money in",
            "paid in",
            "inflow",
            "deposit",
            "deposits",
            "deposit amount",
            "in",
            "receipts",
            "received",
            "haben",
            "gutschrift",
            "eingang",
            "bij",
            "inkomsten",
            "credito",
            "abono",
            "abonos",
            "ingreso",
            "ingresos",
            "accrediti",
            "accredito",
            "entrate",
            "avere",
        ],
    ),
    (
        Purpose::Direction,
        &[
            "direction",
            "debit credit",
            "credit debit",
            "dr cr",
            "cr dr",
            "d c",
            "c d",
            "debit or credit",
            "credit debit indicator",
            "soll haben",
            "s h",
            "soll haben kennzeichen",
            "af bij",
            "bij af",
            "debet credit",
            "sens",
            "signo",
            "segno",
            "dare avere",
            "cdtdbtind",
            "plus minus",
            "sign",
        ],
    ),
    (
        Purpose::Balance,
        &[
            "balance",
            "running balance",
            "account balance",
            "balance after",
            "balance after transaction",
            "available balance",
            "closing balance",
            "saldo",
            "kontostand",
            "saldo nach buchung",
            "saldo na mutatie",
            "saldo na boeking",
            "solde",
            "solde apres operation",
            "saldo disponible",
            "saldo contabile",
            "saldo progressivo",
        ],
    ),
    (
        Purpose::Currency,
        &[
            "currency",
            "currency code",
            "ccy",
            "account currency",
            "wahrung",
            "waehrung",
            "valuta code",
            "munt",
            "muntsoort",
            "devise",
            "moneda",
            "divisa",
        ],
    ),
    (
        Purpose::Type,
        &[
            "transaction type",
            "type",
            "transaction code",
            "type code",
            "umsatzart",
            "buchungsart",
            "art",
            "code",
            "mutatiesoort",
            "soort",
            "type operation",
            "type d operation",
            "nature",
            "tipo",
            "tipo operazione",
            "tipo movimiento",
            "trans type",
        ],
    ),
    (
        Purpose::Category,
        &[
            "category",
            "spending category",
            "subcategory",
            "kategorie",
            "categorie",
            "categoria",
            "tag",
            "category split",
        ],
    ),
    (
        Purpose::City,
        &["location city", "city", "town", "stadt", "ort", "stad", "plaats", "ville", "ciudad", "citta"],
    ),
    (Purpose::Country, &["location country", "country", "land", "pays", "pais", "paese"]),
    (
        Purpose::User,
        &["user id", "user", "userid", "customer id", "customer", "client id", "nutzer", "kunde"],
    ),
    (
        Purpose::Account,
        &[
            "account",
            "account name",
            "account number",
            "account no",
            "account id",
            "iban",
            "konto",
            "kontonummer",
            "iban auftragskonto",
            "auftragskonto",
            "bezeichnung auftragskonto",
            "rekening",
            "rekeningnummer",
            "iban bban",
            "compte",
            "numero de compte",
            "cuenta",
            "conto",
            "numero conto",
        ],
    ),
    (
        Purpose::Reference,
        &[
            "transaction id",
            "id",
            "reference number",
            "transaction reference",
            "fitid",
            "booking id",
            "volgnr",
        ],
    ),
    (Purpose::Number, &["transaction number", "number", "no", "nr", "row", "line", "lfd nr", "check number"]),
    (Purpose::Fee, &["fee", "fees", "gebuhr", "gebuhren", "kosten", "frais", "comision", "commissione"]),
    (Purpose::Status, &["state", "status", "cleared", "zustand", "statut", "estado", "stato"]),
    (
        Purpose::Foreign,
        &[
            "original amount",
            "original currency",
            "foreign amount",
            "foreign currency",
            "exchange rate",
            "local amount",
            "local currency",
            "betrag in fremdwahrung",
            "fremdwahrung",
            "wechselkurs",
            "koers",
            "rate",
            "type foreign currency",
            "amount foreign currency",
        ],
    ),
];

/// A name as the table has it: small letters without accents, brackets or marks.
pub(super) fn plain(name: &str) -> String {
    let outside = name.find(['(', '[']).filter(|start| *start > 0).map_or(name, |start| &name[..start]);
    let letters = outside.chars().flat_map(char::to_lowercase).map(unaccented);
    let words: String = letters.map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

const fn unaccented(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        _ => letter,
    }
}

/// What a column of this name is for, and how good a name for it that is: 0 is the best.
pub(super) fn purpose(name: &str) -> Option<(Purpose, usize)> {
    let plain = plain(name);
    let exact = |name: &str| {
        NAMES.iter().find_map(|(purpose, names)| {
            names.iter().position(|known| *known == name).map(|rank| (*purpose, rank))
        })
    };
    exact(&plain).or_else(|| {
        // `Amount GBP`, `Betrag EUR`: the code of a currency at the end says nothing about the purpose.
        let (before, last) = plain.rsplit_once(' ')?;
        exact(before).filter(|_| last.len() == 3)
    })
}

/// Money out and in, in words; small letters.
const OUT: &[&str] = &[
    "debit",
    "debits",
    "dr",
    "d",
    "dbit",
    "db",
    "out",
    "outgoing",
    "money out",
    "withdrawal",
    "payment",
    "expense",
    "spend",
    "soll",
    "s",
    "ausgang",
    "belastung",
    "af",
    "debet",
    "sortie",
    "cargo",
    "adeudo",
    "addebito",
    "uscita",
    "dare",
    "-",
    "outflow",
];
const IN: &[&str] = &[
    "credit",
    "credits",
    "cr",
    "c",
    "crdt",
    "in",
    "incoming",
    "money in",
    "deposit",
    "income",
    "receive",
    "haben",
    "h",
    "eingang",
    "gutschrift",
    "bij",
    "credito",
    "entree",
    "abono",
    "ingreso",
    "accredito",
    "entrata",
    "avere",
    "+",
    "inflow",
];

/// Whether a word says that money leaves (`true`) or arrives (`false`); `None` for other words.
pub(super) fn leaves(word: &str) -> Option<bool> {
    let word = word.trim().to_lowercase();
    let known = |words: &[&str]| words.contains(&word.as_str());
    known(OUT).then_some(true).or_else(|| known(IN).then_some(false))
}

/// Whether a state says that a row is booked; `None` for other words.
pub(super) fn booked(word: &str) -> Option<bool> {
    const BOOKED: &[&str] = &[
        "completed",
        "booked",
        "posted",
        "settled",
        "executed",
        "success",
        "gebucht",
        "umsatz gebucht",
        "verwerkt",
        "geboekt",
        "comptabilise",
        "contabilizado",
        "contabilizzato",
    ];
    const OPEN: &[&str] = &[
        "pending",
        "reverted",
        "declined",
        "failed",
        "cancelled",
        "canceled",
        "reversed",
        "authorised",
        "authorized",
        "vorgemerkt",
        "umsatz vorgemerkt",
        "offen",
        "gereserveerd",
        "en attente",
        "pendiente",
        "in attesa",
    ];
    let word = plain(word);
    let known = |words: &[&str]| words.contains(&word.as_str());
    known(BOOKED).then_some(true).or_else(|| known(OPEN).then_some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_whatever_their_case_accents_and_brackets() {
        let of = |name| purpose(name).map(|(purpose, _)| purpose);
        for (name, expected) in [
            ("Transaction Date", Purpose::Date),
            ("Buchungstag", Purpose::Date),
            ("Valutadatum", Purpose::OtherDate),
            ("Libellé", Purpose::Description),
            ("Naam / Omschrijving", Purpose::Description),
            ("Amount (GBP)", Purpose::Amount),
            ("Betrag (EUR)", Purpose::Amount),
            ("Importe EUR", Purpose::Amount),
            ("Af Bij", Purpose::Direction),
            ("Paid out", Purpose::Debit),
            ("Entrate", Purpose::Credit),
            ("Saldo", Purpose::Balance),
            ("Währung", Purpose::Currency),
        ] {
            assert_eq!(of(name), Some(expected), "{name}");
        }
        assert_eq!(purpose("Sort Code"), None);
    }

    #[test]
    fn no_name_and_no_word_stands_for_two_things() {
        let all: Vec<&str> = NAMES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        for (at, name) in all.iter().enumerate() {
            assert!(!all[..at].contains(name), "{name} twice");
            assert_eq!(plain(name), **name, "{name} is not as it is looked up");
        }
        assert!(OUT.iter().all(|word| !IN.contains(word)));
    }
}
