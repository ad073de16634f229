//! Products and their stock.

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Numbered, Refusal, Timestamp};

use crate::values::{Money, ProductId, ProductName, Stock};

/// A product. Whenever all orders are settled, `stock` is `supplied` less what placed orders took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Product {
    pub(crate) id: ProductId,
    pub(crate) name: ProductName,
    pub(crate) stock: Stock,
    pub(crate) price: Money,
    /// The first stock and every change of it by hand.
    pub(crate) supplied: Stock,
}

/// What a product begins as.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewProduct {
    /// Its name.
    pub name: ProductName,
    /// What there is of it.
    pub stock: Stock,
    /// The price of one piece.
    pub price: Money,
}

/// What is changed by hand; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProductChange {
    /// The new name.
    pub name: Option<ProductName>,
    /// What there is of it now.
    pub stock: Option<Stock>,
    /// The new price; orders whose stock has been taken keep the old one.
    pub price: Option<Money>,
}

/// What may be asked of a product.
#[derive(Debug, Clone, PartialEq)]
pub enum ProductCommand {
    /// Begin to sell it.
    Create(ProductId, NewProduct),
    /// Change it by hand.
    Change(ProductChange),
    /// Take this many pieces.
    Take(Stock),
    /// Take this many pieces back.
    GiveBack(Stock),
}

impl Aggregate for Product {
    const KIND: &'static str = "product";
    const TABLE: &'static str = "inventories";
    type Command = ProductCommand;

    fn transition(state: Option<&Self>, command: ProductCommand, _now: Timestamp) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, ProductCommand::Create(id, NewProduct { name, stock, price })) => {
                Ok(Decision::silent(Product { id, name, stock, price, supplied: stock }))
            }
            (Some(product), ProductCommand::Create(..)) => Err(Refusal::Taken(format!("product {}", product.id))),
            (None, ProductCommand::Change(_)) => Err(Refusal::Missing("the product".to_owned())),
            (Some(product), ProductCommand::Change(change)) => product.change(change),
            (None, ProductCommand::Take(_) | ProductCommand::GiveBack(_)) => {
                Err(Refusal::Broken("stock of a product that does not exist".to_owned()))
            }
            (Some(product), ProductCommand::Take(pieces)) => product.with_stock(product.stock.minus(pieces)),
            (Some(product), ProductCommand::GiveBack(pieces)) => product.with_stock(product.stock.plus(pieces)),
        }
    }
}

impl Product {
    fn with_stock(&self, stock: Option<Stock>) -> Result<Decision<Self>, Refusal> {
        let stock = stock.ok_or_else(|| Refusal::Broken(format!("product {} has no such stock", self.id)))?;
        Ok(Decision::silent(Product { stock, ..self.clone() }))
    }

    fn change(&self, change: ProductChange) -> Result<Decision<Self>, Refusal> {
        let stock = change.stock.unwrap_or(self.stock);
        // What orders have taken stays taken: the supply changes by as much as the stock.
        let supplied = self
            .supplied
            .minus(self.stock)
            .and_then(|taken| taken.plus(stock))
            .ok_or_else(|| Refusal::Broken(format!("product {} has more stock than was ever supplied", self.id)))?;
        let changed = Product {
            id: self.id.clone(),
            name: change.name.unwrap_or_else(|| self.name.clone()),
            stock,
            price: change.price.unwrap_or(self.price),
            supplied,
        };
        Ok(if changed == *self { Decision::Unchanged } else { Decision::silent(changed) })
    }
}

impl Numbered for Product {
    type Draft = NewProduct;

    fn numbered(number: u64, draft: NewProduct) -> ProductCommand {
        ProductCommand::Create(number.into(), draft)
    }
}
