//! From the bodies of `POST` and `PATCH /inventories` to products.

use shop::inventory::{NewProduct, ProductChange};
use shop::values::{Invalid, Money, ProductId, ProductName, Stock};
use whenever::http::{Body, Problem};

const LONGEST_TEXT: usize = 500;

/// The id, where the body gives one.
pub(crate) fn product_id(body: &Body) -> Result<Option<ProductId>, Problem> {
    body.id(&["id"])?.map(ProductId::new).transpose().map_err(|e| invalid(body, &e))
}

/// The product that the body describes; `stock` is required.
pub(crate) fn new_product(body: &Body) -> Result<NewProduct, Problem> {
    let change = change(body)?;
    Ok(NewProduct {
        name: change.name.unwrap_or_default(),
        stock: body.required("stock", change.stock)?,
        price: change.price.unwrap_or_default(),
    })
}

/// What the body changes.
pub(crate) fn change(body: &Body) -> Result<ProductChange, Problem> {
    let name = body.text(&["name", "productName"], LONGEST_TEXT)?;
    let stock = body.integer(&["stock"], 0..=Stock::MOST_GIVEN)?;
    let price = body.integer(&["price"], 0..=Money::MOST_GIVEN)?;
    Ok(ProductChange {
        name: name.map(ProductName::new).transpose().map_err(|e| invalid(body, &e))?,
        stock: stock.map(Stock::given).transpose().map_err(|e| invalid(body, &e))?,
        price: price.map(Money::given).transpose().map_err(|e| invalid(body, &e))?,
    })
}

fn invalid(body: &Body, e: &Invalid) -> Problem {
    body.wrong(&e.field, format!("must {}", e.must))
}
