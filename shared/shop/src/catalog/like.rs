//! Likes: whether a customer likes a product.

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Ask, Decision, Emission, Refusal, Timestamp};

use super::LikeChanged;
use crate::values::{CustomerId, ProductId, pair};

/// What one customer thinks of one product. It stays when it is liked no more, so that a like and its end each happen once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Like {
    pub(super) product_id: ProductId,
    pub(super) user_id: CustomerId,
    pub(super) liked: bool,
}

/// A customer likes a product.
#[must_use]
pub fn like(product_id: ProductId, user_id: CustomerId) -> Ask<Like> {
    Ask::first(Like::key(&product_id, &user_id), Like { product_id, user_id, liked: true })
}

/// A customer likes a product no more.
#[must_use]
pub fn unlike(product_id: ProductId, user_id: CustomerId) -> Ask<Like> {
    Ask::existing(Like::key(&product_id, &user_id), Like { product_id, user_id, liked: false })
}

impl Like {
    /// The id of what a customer thinks of a product.
    #[must_use]
    pub fn key(product_id: &ProductId, user_id: &CustomerId) -> String {
        pair(product_id.as_str(), user_id.as_str())
    }
}

impl Aggregate for Like {
    const KIND: &'static str = "like";
    const TABLE: &'static str = "catalog";
    /// What it is to become.
    type Command = Like;

    fn transition(state: Option<&Self>, wanted: Like, _now: Timestamp) -> Result<Decision<Self>, Refusal> {
        // Who has said nothing yet likes nothing yet.
        if state.is_some_and(|like| like.liked) == wanted.liked {
            return Ok(Decision::Unchanged);
        }
        let event = Emission::of::<LikeChanged>().keyed_by(wanted.product_id.as_str());
        Ok(Decision::emitting(wanted, event))
    }
}
