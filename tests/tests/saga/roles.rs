//! Each function's role allows what its code needs, and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use localstack::template::Template;
use localstack::{Options, roles};
use serde_json::json;
use tokio::sync::OnceCell;
use whenever::ports::Store as _;
use whenever::ports::store::{Query, StoreError};

use crate::STAGE;

/// Parameters of every kind of deployment that decides about permissions.
const DEPLOYMENTS: [&str; 6] = [
    "",
    "SubnetIds=subnet-1,subnet-2 SecurityGroupIds=sg-1",
    "KafkaAuthentication=SCRAM KafkaSecretArn=arn:aws:secretsmanager:us-east-1:000000000000:secret:shop-1",
    "KafkaAuthentication=SCRAM KafkaSecretArn=arn:aws:secretsmanager:us-east-1:000000000000:secret:shop-1 \
     KafkaSecretKeyArn=arn:aws:kms:us-east-1:000000000000:key/1 SubnetIds=subnet-1 SecurityGroupIds=sg-1 \
     KafkaCaSecretArn=arn:aws:secretsmanager:us-east-1:000000000000:secret:ca-1",
    "KafkaKind=MSK KafkaAuthentication=IAM KafkaClusterArn=arn:aws:kafka:us-east-1:000000000000:cluster/shop/1-1 \
     KafkaBootstrapServers=b-1.shop.example:9098 SubnetIds=subnet-1 SecurityGroupIds=sg-1",
    "KafkaKind=MSK KafkaAuthentication=SCRAM KafkaClusterArn=arn:aws:kafka:us-east-1:000000000000:cluster/shop/1-1 \
     KafkaBootstrapServers=b-1.shop.example:9096 SubnetIds=subnet-1 SecurityGroupIds=sg-1 \
     KafkaSecretArn=arn:aws:secretsmanager:us-east-1:000000000000:secret:AmazonMSK_shop-1 \
     KafkaSecretKeyArn=arn:aws:kms:us-east-1:000000000000:key/1",
];

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")
}

/// What each function needs, by its own program.
async fn told() -> &'static [roles::Told] {
    static TOLD: OnceCell<Vec<roles::Told>> = OnceCell::const_new();
    let ask = || async {
        let options = Options { template: Some(path()), ..Options::default() };
        roles::told(&options).await.unwrap_or_else(|e| panic!("{e}"))
    };
    TOLD.get_or_init(ask).await
}

fn compare(text: &str, parameters: &str, told: &[roles::Told]) -> Vec<String> {
    let parameters = parameters.split_whitespace().filter_map(|parameter| parameter.split_once('='));
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let template = Template::parse(text, path().parent().unwrap(), &parameters).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(told.len(), template.functions.len());
    roles::compare(&template, told).iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn each_role_allows_what_its_function_needs_and_nothing_else() {
    let (text, told) = (std::fs::read_to_string(path()).unwrap(), told().await);
    for parameters in DEPLOYMENTS {
        let findings = compare(&text, parameters, told);
        assert!(findings.is_empty(), "with {parameters}:\n{}", findings.join("\n"));
    }
}

#[tokio::test]
async fn a_role_that_allows_less_or_more_is_found() {
    let (text, told) = (std::fs::read_to_string(path()).unwrap(), told().await);
    let orders = "arn:aws:dynamodb:us-east-1:000000000000:table/OrdersTable";
    let place_order =
        "Action: [dynamodb:GetItem, dynamodb:BatchGetItem, dynamodb:PutItem], Resource: !GetAtt OrdersTable.Arn";
    let changes = [
        (
            "dynamodb:PutItem], ",
            "dynamodb:PutItem, dynamodb:DeleteItem], ",
            format!("allows dynamodb:DeleteItem on {orders}"),
        ),
        ("dynamodb:GetItem, ", "", format!("lacks dynamodb:GetItem on {orders}")),
        ("OrdersTable", "AccountsTable", format!("lacks dynamodb:PutItem on {orders}")),
        ("OrdersTable.Arn", "OrdersTable.StreamArn", format!("lacks dynamodb:PutItem on {orders}")),
        ("!GetAtt OrdersTable.Arn", "\"*\"", "allows dynamodb:PutItem on *".to_owned()),
        ("dynamodb:PutItem", "dynamodb:Put*", "allows dynamodb:Put*; name the actions".to_owned()),
    ];
    let role = text.find("\n  PlaceOrderRole:").unwrap();
    let at = role + text[role..].find(place_order).unwrap();
    let (before, rest) = text.split_at(at);
    for (was, becomes, finding) in changes {
        let changed = format!("{before}{}{}", place_order.replacen(was, becomes, 1), &rest[place_order.len()..]);
        let findings = compare(&changed, "", told).join("\n");
        let wanted = format!("place-order: PlaceOrderRole {finding}");
        assert!(findings.contains(&wanted), "{wanted:?} is not among\n{findings}");
        assert!(findings.lines().all(|line| line.starts_with("place-order: ")), "{findings}");
    }
    let managed = text[role..].replacen(
        "      Policies:",
        "      ManagedPolicyArns: [arn:aws:iam::aws:policy/A]\n      Policies:",
        1,
    );
    let findings = compare(&format!("{}{managed}", &text[..role]), "", told);
    assert!(matches!(&findings[..], [one] if one.contains("has the policy arn:aws:iam::aws:policy/A")), "{findings:?}");
}

/// HTTP functions are told what they need, so it could be too much. Here they use all of it.
#[tokio::test]
async fn http_functions_use_all_that_they_say_they_need() {
    let shop = STAGE.enter().await;
    let (product, customer) = (shop.product(10).await, shop.account(0).await);
    let orders = [(); 2].map(|()| json!({"customerId": customer, "productId": product, "qty": 1}));
    for order in &orders {
        let order = shop.order(order).await;
        shop.placed(&order).await;
        shop.get(&format!("/orders/{order}/events")).await;
        shop.post(&format!("/deliveries/{order}/complete"), &json!({})).await;
    }
    for _ in 0..2 {
        let coupon = shop.coupon(&json!({"quantity": 5})).await;
        shop.request_coupon(&customer, &coupon).await;
        shop.user_coupon(&customer, &coupon).await;
        shop.get(&format!("/coupons/{coupon}/users")).await;
    }
    shop.post(&format!("/products/{product}/likes"), &json!({"userId": customer})).await;
    let lists = ["/orders", "/deliveries", "/inventories"].map(str::to_owned);
    let own = [format!("/orders?customerId={customer}"), format!("/users/{customer}/coupons")];
    for path in lists.into_iter().chain(own).chain([format!("/products/{product}/metrics")]) {
        let answer = shop.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    let parameters = BTreeMap::new();
    let template = Template::read(&path(), &parameters).unwrap_or_else(|e| panic!("{e}"));
    let mut unused = Vec::new();
    for told in told().await.iter().filter(|told| told.function.ends_with("-api")) {
        let (needed, used) = (roles::on_tables(&template, told).unwrap(), shop.used(&told.function));
        unused.extend(needed.difference(&used).map(|permission| format!("{}: {permission}", told.function)));
    }
    assert!(unused.is_empty(), "said to be needed, and not used:\n{}", unused.join("\n"));
    shop.leave().await;
}

#[tokio::test]
async fn the_local_stack_holds_functions_to_their_roles_and_says_what_is_not_allowed() {
    let shop = STAGE.enter().await;
    let all = Query { table: "orders", ..Query::default() };
    shop.store_as("local").query(all.clone()).await.unwrap();
    shop.store_as("orders-api").query(all.clone()).await.unwrap();
    let denied = shop.store_as("place-order").query(all).await;
    // A role can be mended while records wait.
    let Err(StoreError::Unavailable(why)) = denied else { panic!("{denied:?}") };
    assert!(why.starts_with("AccessDeniedException: User: arn:aws:sts::"), "{why}");
    assert!(
        why.contains("PlaceOrderRole/place-order is not authorized to perform: dynamodb:Scan on resource: "),
        "{why}"
    );
    assert!(why.contains("table/OrdersTable"), "{why}");
    shop.leave().await;
}
