//! Holds functions to their roles: what a call would do is compared with what the role of its caller allows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::request::Request;
use crate::roles::Permission;
use crate::template::{Function, Role, Template, arn};

/// The roles of those functions whose permissions the template says; everybody else may do everything.
#[derive(Debug, Default)]
pub(super) struct Guard(HashMap<String, Held>);

/// A function that is held to its role.
#[derive(Debug)]
struct Held {
    role: Role,
    /// What of it was ever used.
    used: Mutex<BTreeSet<Permission>>,
}

/// What is not allowed, in IAM's words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Denied(String);

impl Guard {
    /// Guards against what these functions may not do.
    pub(super) fn of(template: &Template) -> Self {
        let held = |function: &Function| Some((function.name.clone(), Held::to(function.permissions.whole()?.clone())));
        Guard(template.functions.iter().filter_map(held).collect())
    }

    /// Whether whoever signed the request may do all that it asks for. A function's access key is its name.
    pub(super) fn check(&self, authorization: &str, operation: &str, request: &[u8]) -> Result<(), Denied> {
        let Some((name, held)) = access_key(authorization).and_then(|key| self.0.get_key_value(key)) else {
            return Ok(());
        };
        // What cannot be read is refused by the store, with what is wrong with it.
        let Ok(request) = serde_json::from_slice::<Request<'_>>(request) else { return Ok(()) };
        for permission in request.wants(operation) {
            let Permission { action, resource } = &permission;
            if !held.role.allows(action, resource) {
                let who = arn::session(&held.role.logical_id, name);
                return Err(Denied(format!(
                    "User: {who} is not authorized to perform: {action} on resource: {resource} because no identity-based policy \
                     allows the {action} action"
                )));
            }
            held.used().insert(permission);
        }
        Ok(())
    }

    /// What a function has used of its role.
    pub(super) fn used(&self, function: &str) -> BTreeSet<Permission> {
        self.0.get(function).map(|held| held.used().clone()).unwrap_or_default()
    }
}

impl Held {
    fn to(role: Role) -> Self {
        Held { role, used: Mutex::default() }
    }

    fn used(&self) -> MutexGuard<'_, BTreeSet<Permission>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Denied {
    /// As DynamoDB answers it, with status 400.
    pub(super) fn to_json(&self) -> String {
        let body = BTreeMap::from([
            ("__type", "com.amazon.coral.service#AccessDeniedException"),
            ("Message", self.0.as_str()),
        ]);
        serde_json::json!(body).to_string()
    }
}

/// `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/dynamodb/aws4_request, …`
fn access_key(authorization: &str) -> Option<&str> {
    authorization.split_once("Credential=")?.1.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{Effect, Statement};

    fn guard(allowed: &[(&str, &str)]) -> Guard {
        let statement = |(action, resource): &(&str, &str)| Statement {
            effect: Effect::Allow,
            actions: vec![format!("dynamodb:{action}")],
            resources: vec![resource.replace("T/", "arn:aws:dynamodb:us-east-1:000000000000:table/")],
            conditional: false,
        };
        let statements = allowed.iter().map(statement).collect();
        let role = Role { logical_id: "PlaceOrderRole".to_owned(), managed: Vec::new(), statements };
        Guard(HashMap::from([("place-order".to_owned(), Held::to(role))]))
    }

    fn check(guard: &Guard, who: &str, operation: &str, request: &str) -> Result<(), Denied> {
        let signed = format!("AWS4-HMAC-SHA256 Credential={who}/20260101/us-east-1/dynamodb/aws4_request, Signature=x");
        guard.check(&signed, operation, request.as_bytes())
    }

    #[test]
    fn a_function_may_do_what_its_role_allows_and_others_may_do_everything() {
        let guard = guard(&[("PutItem", "T/orders")]);
        let put = r#"{"TableName": "orders", "Item": {"pk": {"S": "1"}}}"#;
        assert_eq!(check(&guard, "place-order", "PutItem", put), Ok(()));
        let Denied(why) = check(&guard, "place-order", "DeleteItem", put).unwrap_err();
        assert!(why.contains("PlaceOrderRole/place-order is not authorized to perform: dynamodb:DeleteItem"), "{why}");
        assert!(why.contains("table/orders"), "{why}");
        check(&guard, "place-order", "PutItem", &put.replace("orders", "accounts")).unwrap_err();
        let used: Vec<_> = guard.used("place-order").into_iter().map(|used| used.action).collect();
        assert_eq!(used, ["dynamodb:PutItem"]);
        for other in ["local", "", "AKIA"] {
            assert_eq!(check(&guard, other, "DeleteItem", put), Ok(()));
        }
    }

    #[test]
    fn an_index_is_a_resource_of_its_own() {
        let guard = guard(&[("Query", "T/orders/index/due")]);
        assert_eq!(check(&guard, "place-order", "Query", r#"{"TableName": "orders", "IndexName": "due"}"#), Ok(()));
        check(&guard, "place-order", "Query", r#"{"TableName": "orders"}"#).unwrap_err();
        check(&guard, "place-order", "Query", r#"{"TableName": "orders", "IndexName": "customer"}"#).unwrap_err();
    }

    #[test]
    fn every_table_of_a_batch_and_every_part_of_a_transaction_counts() {
        let guard = guard(&[("BatchGetItem", "T/orders"), ("PutItem", "T/orders"), ("PutItem", "T/accounts")]);
        let get = |tables: &str| {
            check(&guard, "place-order", "BatchGetItem", &format!(r#"{{"RequestItems": {{{tables}}}}}"#))
        };
        assert_eq!(get(r#""orders": {"Keys": []}"#), Ok(()));
        get(r#""orders": {"Keys": []}, "accounts": {"Keys": []}"#).unwrap_err();
        let write = |parts: &str| {
            check(&guard, "place-order", "TransactWriteItems", &format!(r#"{{"TransactItems": [{parts}]}}"#))
        };
        let puts = r#"{"Put": {"TableName": "orders", "Item": {}}}, {"Put": {"TableName": "accounts", "Item": {}}}"#;
        assert_eq!(write(puts), Ok(()));
        write(&format!(r#"{puts}, {{"ConditionCheck": {{"TableName": "orders", "Key": {{}}}}}}"#)).unwrap_err();
        write(&format!(r#"{puts}, {{"Put": {{"TableName": "coupons", "Item": {{}}}}}}"#)).unwrap_err();
    }
}
