use fincoach_transform::*;
use std::fmt::Write;
fn main() {
    let mut text = String::from("Transaction Number,Transaction Date,Transaction Type,Transaction Description,Debit Amount,Credit Amount,Balance,Category,Location City,Location Country\n");
    for i in 0..300_000u32 {
        let d = 1 + (i / 100) % 28; let m = 1 + (i / 2800) % 12; let y = 2000 + i / 33600;
        writeln!(text, "{i},{d:02}/{m:02}/{y},DEB,SHOP {},{}.{:02},,{}.00,Groceries,Swansea,UK", i % 500, i % 90, i % 100, i).unwrap();
    }
    let mut best = f64::MAX;
    for _ in 0..7 {
        let t = std::time::Instant::now();
        let import = CsvReader::new(Layout::lloyds()).read_from(text.as_bytes(), "x").unwrap();
        best = best.min(t.elapsed().as_secs_f64());
        assert_eq!(import.ledger.len(), 300_000);
    }
    println!("best {best:.4} s");
}
