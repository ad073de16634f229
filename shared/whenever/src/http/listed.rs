//! Lists that are spread over several partition keys of their index.

use super::call::wrong_page;
use super::{Call, PAGE, Problem};
use crate::item::{Item, LIST_SHARD, LIST_SHARDS, PK, list_shard};
use crate::ports::store::{Page, Query};

impl Call {
    /// A page of the items of `list` (see [`crate::Aggregate::listed_in`]) in `index` of `table`, shard after shard, each in the order
    /// of the index; the request's `next` says where it starts.
    ///
    /// # Errors
    ///
    /// As [`Call::page`].
    pub async fn listed(&self, table: &'static str, index: &'static str, list: &str) -> Result<Page, Problem> {
        let (mut shard, mut start) = match self.next()? {
            Some(next) => place(next, list).ok_or_else(wrong_page)?,
            None => (0, None),
        };
        let mut items: Vec<Item> = Vec::new();
        loop {
            let left = PAGE.saturating_sub(u32::try_from(items.len()).unwrap_or(PAGE));
            if left == 0 {
                return Ok(Page { items, next: Some(start.unwrap_or_else(|| beginning(shard, list))) });
            }
            let query = Query {
                table,
                index: Some(index),
                partition: Some((LIST_SHARD, list_shard(shard, list))),
                limit: Some(left),
                start,
                ..Query::default()
            };
            let page = self.page_from(query).await?;
            items.extend(page.items);
            start = page.next;
            if start.is_none() {
                shard += 1;
            }
            if shard == LIST_SHARDS {
                return Ok(Page { items, next: None });
            }
        }
    }
}

/// What `next` says where a page ends together with a shard.
fn beginning(shard: u8, list: &str) -> Item {
    Item::from_iter([(LIST_SHARD.to_owned(), list_shard(shard, list).into())])
}

/// The shard that `next` names, and where in it the page starts; `None` if it is no place in this list.
fn place(next: Item, list: &str) -> Option<(u8, Option<Item>)> {
    let named = next.get(LIST_SHARD)?;
    let shard = (0..LIST_SHARDS).find(|shard| *named == list_shard(*shard, list))?;
    Some((shard, next.contains_key(PK).then_some(next)))
}
