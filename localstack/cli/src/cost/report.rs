//! The bill for people.

use super::bill::{Bill, ORDERS};
use crate::table::{Cell, Side, Table};
use crate::terminal::Paint;

/// What no line of the bill holds.
pub(super) const LEFT_OUT: &str = "the Kafka brokers themselves, data transfer, NAT and VPC endpoints, secrets and KMS keys, \
pollers beyond the minimum, cold starts, custom metrics, kept logs, the API's access logs, reads by customers, orders that end \
otherwise, free allowances. Streams cost nothing where Lambda reads them.";

/// The bill in tables.
pub(super) fn draw(bill: &Bill, rate: f64, paint: Paint) -> String {
    let title = format!("{} orders at {rate} a second", thousands(ORDERS));
    let mut text = format!("{}  ({:.1} hours)\n\n", paint.bold(title), bill.hours);
    let mut lines = Table::new(&[
        ("what", Side::Left),
        ("quantity", Side::Right),
        ("", Side::Left),
        ("price", Side::Right),
        ("USD", Side::Right),
        ("share", Side::Right),
    ]);
    for line in &bill.lines {
        let share = format!("{:.0} %", 100.0 * line.usd / bill.usd);
        lines.row([
            line.item.into(),
            amount(line.quantity).into(),
            line.unit.into(),
            line.price.as_str().into(),
            usd(line.usd),
            share.into(),
        ]);
    }
    lines.row(["all".into(), "".into(), "".into(), "".into(), usd(bill.usd), "100 %".into()]);
    text.push_str(&lines.draw("  ", paint));
    let mut functions = Table::new(&[
        ("requests, time and units of", Side::Left),
        ("invocations", Side::Right),
        ("ms", Side::Right),
        ("write units", Side::Right),
        ("read units", Side::Right),
        ("USD", Side::Right),
    ]);
    for function in &bill.functions {
        let units = function.units;
        let [invocations, ms, writes, reads] =
            [units.invocations, units.billed_ms, units.write_units, units.read_units].map(each);
        functions.row([function.name.as_str().into(), invocations, ms, writes, reads, usd(function.usd)]);
    }
    text.push_str(&format!("\n{}", functions.draw("  ", paint)));
    text.push_str(&paint.dim("  invocations, ms and units for each order, USD for all\n"));
    text
}

fn usd(usd: f64) -> Cell {
    format!("{usd:.2}").into()
}

fn each(number: f64) -> Cell {
    format!("{number:.2}").into()
}

/// Three digits or so, and what they count.
fn amount(quantity: f64) -> String {
    match quantity {
        millions if millions >= 1e6 => format!("{:.2} M", millions / 1e6),
        many if many >= 1e4 => thousands(many),
        few => format!("{few:.2}"),
    }
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::{amount, thousands};

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(thousands(1e6), "1,000,000");
        assert_eq!(
            (amount(20_900_000.0), amount(27_778.0), amount(27.78)),
            ("20.90 M".into(), "27,778".into(), "27.78".into())
        );
    }
}
