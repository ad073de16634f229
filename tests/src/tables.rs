//! Reading whole tables.

use shop::invariants::{self, Snapshot};
use whenever::item::Item;
use whenever::ports::Store as _;
use whenever::ports::store::{ItemKey, Query};
use whenever::{DynamoStore, Envelope, Settings};

use crate::{Shop, fail};

/// The contexts' tables, and what the template calls them.
const TABLES: &[(&str, &str)] = &[
    ("ORDERS_TABLE", "OrdersTable"),
    ("DELIVERIES_TABLE", "DeliveriesTable"),
    ("INVENTORIES_TABLE", "InventoriesTable"),
    ("ACCOUNTS_TABLE", "AccountsTable"),
    ("DATA_PLATFORM_TABLE", "DataPlatformTable"),
    ("COUPONS_TABLE", "CouponsTable"),
    ("CATALOG_TABLE", "CatalogTable"),
    ("TIMELINE_TABLE", "TimelineTable"),
];

impl Shop {
    /// Everything in the tables of all contexts.
    pub async fn snapshot(&self) -> Snapshot {
        let store = self.store();
        let mut items = Vec::new();
        for table in invariants::TABLES {
            items.extend(scan(&store, table).await);
        }
        Snapshot::read(items).unwrap_or_else(|e| fail(e))
    }

    /// Every event that was ever published.
    pub async fn all_events(&self) -> Vec<Envelope> {
        let items = scan(&self.store(), "timeline").await;
        let envelope = |item: Item| {
            let event = item.get("event").map(ToString::to_string).unwrap_or_default();
            Envelope::decode(event.as_bytes()).unwrap_or_else(|e| fail(format!("{e}: {event}")))
        };
        items.into_iter().map(envelope).collect()
    }

    /// An aggregate's item as its table holds it; `None` where there is none.
    pub async fn item(&self, table: &'static str, pk: &str) -> Option<Item> {
        let key = ItemKey { table, pk: pk.to_owned() };
        let items = self.store().load(&[key]).await.unwrap_or_else(|e| fail(e));
        items.into_iter().flatten().next()
    }

    /// How many items a table holds.
    pub async fn count(&self, table: &'static str) -> usize {
        scan(&self.store(), table).await.len()
    }

    fn store(&self) -> DynamoStore {
        self.store_as("local")
    }

    /// The tables as whoever has this access key sees them; a function's is its name.
    #[must_use]
    pub fn store_as(&self, access_key: &str) -> DynamoStore {
        let addresses = self.stage.addresses();
        let endpoint = ("AWS_ENDPOINT_URL_DYNAMODB", addresses.dynamodb.as_str());
        let client =
            [("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", access_key), ("AWS_SECRET_ACCESS_KEY", "local")];
        let settings: Settings = TABLES.iter().copied().chain(client).chain([endpoint]).collect();
        DynamoStore::from_settings(&settings).unwrap_or_else(|e| fail(e))
    }
}

async fn scan(store: &DynamoStore, table: &'static str) -> Vec<Item> {
    let mut query = Query { table, consistent: true, ..Query::default() };
    let mut items = Vec::new();
    loop {
        let page = store.query(query.clone()).await.unwrap_or_else(|e| fail(e));
        items.extend(page.items);
        match page.next {
            Some(next) => query.start = Some(next),
            None => return items,
        }
    }
}
