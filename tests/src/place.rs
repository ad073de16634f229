//! Products, accounts and orders for tests.

use serde_json::{Value, json};

use crate::Shop;

impl Shop {
    /// A new product that costs nothing; answers its id.
    pub async fn product(&self, stock: i64) -> String {
        self.priced_product(stock, 0).await
    }

    /// A new product; answers its id.
    pub async fn priced_product(&self, stock: i64, price: i64) -> String {
        let answer = self.post("/inventories", &json!({"name": "TV", "stock": stock, "price": price})).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        text(&answer.json()["id"])
    }

    /// A new account; answers its customer.
    pub async fn account(&self, balance: i64) -> String {
        let customer = self.unique("hong");
        let answer = self.post("/accounts", &json!({"id": customer, "balance": balance})).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        customer
    }

    /// An accepted order; answers its id.
    pub async fn order(&self, order: &Value) -> String {
        let answer = self.post("/orders", order).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        text(&answer.json()["orderId"])
    }

    /// An accepted order of one product by nobody in particular; answers its id.
    pub async fn order_of(&self, product: &str, quantity: i64) -> String {
        self.order(&json!({"productId": product, "qty": quantity})).await
    }

    /// What there is of a product now.
    pub async fn stock(&self, product: &str) -> i64 {
        self.get(&format!("/inventories/{product}")).await.json()["stock"].as_i64().unwrap_or(-1)
    }

    /// What is on an account now.
    pub async fn balance(&self, customer: &str) -> i64 {
        self.get(&format!("/accounts/{customer}")).await.json()["balance"].as_i64().unwrap_or(-1)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
