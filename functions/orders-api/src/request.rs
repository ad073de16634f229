//! From the bodies of requests to orders and addresses.

use std::time::Duration;

use shop::order::NewOrder;
use shop::values::{Address, CouponId, CustomerId, Invalid, Line, Lines, OrderId, ProductId, ProductName, Quantity};
use whenever::http::{Body, Problem};

const LONGEST_TEXT: usize = 500;

/// The order that the body describes: one product in its own fields, or a list of items.
pub(crate) fn new_order(body: &Body, id: &str, deadline: Duration) -> Result<NewOrder, Problem> {
    let customer = body.id(&["customerId", "userId"])?;
    Ok(NewOrder {
        order_id: OrderId::new(id).map_err(|e| invalid(body, &e))?,
        customer_id: match customer {
            Some(id) => CustomerId::new(id).map_err(|e| invalid(body, &e))?,
            None => CustomerId::anonymous(),
        },
        items: lines(body)?,
        address: address(body)?.unwrap_or_default(),
        coupon_id: body.id(&["couponId"])?.map(CouponId::new).transpose().map_err(|e| invalid(body, &e))?,
        deadline,
    })
}

/// The address that the body of a modification names.
pub(crate) fn new_address(body: &Body) -> Result<Address, Problem> {
    body.required("address", address(body)?)
}

fn address(body: &Body) -> Result<Option<Address>, Problem> {
    let address = body.text(&["address"], LONGEST_TEXT)?;
    address.map(Address::new).transpose().map_err(|e| invalid(body, &e))
}

fn lines(body: &Body) -> Result<Lines, Problem> {
    let lines = match body.list("items")? {
        Some(items) => items.iter().map(line).collect::<Result<Vec<_>, _>>()?,
        None => vec![line(body)?],
    };
    Lines::new(lines).map_err(|e| invalid(body, &e))
}

fn line(body: &Body) -> Result<Line, Problem> {
    let product_id = body.id(&["productId", "itemId"])?;
    let product_id = body.required("productId", product_id)?;
    let name = if body.has(&["quantity"]) { "quantity" } else { "qty" };
    let quantity = body.integer(&[name], 1..=Quantity::MAX.into())?;
    let quantity = body.required(name, quantity)?;
    let product_name = body.text(&["productName"], LONGEST_TEXT)?;
    Ok(Line {
        product_id: ProductId::new(product_id).map_err(|e| invalid(body, &e))?,
        product_name: product_name.map(ProductName::new).transpose().map_err(|e| invalid(body, &e))?,
        quantity: Quantity::new(quantity).map_err(|e| invalid(body, &e))?,
        price: None,
    })
}

fn invalid(body: &Body, e: &Invalid) -> Problem {
    body.wrong(&e.field, format!("must {}", e.must))
}
