//! Coupons for tests: creating them, asking for them, looking at who has them.

use serde_json::{Value, json};

use crate::{Answer, Shop};

impl Shop {
    /// A new coupon; answers its id.
    pub async fn coupon(&self, terms: &Value) -> String {
        let answer = self.post("/coupons", terms).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Asks for a coupon.
    pub async fn request_coupon(&self, user: &str, coupon: &str) -> Answer {
        let answer = self.post("/api/v1/coupon/request-issue", &json!({"userId": user, "couponId": coupon})).await;
        assert_eq!((answer.status, answer.text()), (200, ""));
        answer
    }

    /// What became of a customer's request, once it has been handled.
    pub async fn user_coupon(&self, user: &str, coupon: &str) -> Value {
        let path = format!("/coupons/{coupon}/users/{user}");
        self.until(async || self.get(&path).await, |answer| answer.status == 200).await.json()
    }

    /// A customer who has been issued this coupon and has this balance; answers the customer.
    pub async fn holder(&self, coupon: &str, balance: i64) -> String {
        let customer = self.account(balance).await;
        self.request_coupon(&customer, coupon).await;
        let issued = self.user_coupon(&customer, coupon).await;
        assert_eq!(issued["status"], "ISSUED", "{issued}");
        customer
    }

    /// A coupon as `GET /coupons/{id}` shows it.
    pub async fn show_coupon(&self, coupon: &str) -> Value {
        self.get(&format!("/coupons/{coupon}")).await.json()
    }

    /// Everything in the list at this path, page by page.
    pub async fn whole_list(&self, path: &str, name: &str) -> Vec<Value> {
        let (mut found, mut next) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}{next}")).await.json();
            found.extend(page[name].as_array().cloned().unwrap_or_default());
            match page["next"].as_str() {
                Some(token) => next = format!("?next={token}"),
                None => return found,
            }
        }
    }
}
