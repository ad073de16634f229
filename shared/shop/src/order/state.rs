//! The order's state machine: PENDING is left once, and the first to end it wins.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use whenever::{Aggregate, Decision, Emission, Refusal, Timestamp};

use super::{DeadlineReached, OrderCancelled, OrderCreated, OrderModified, OrderPlaced, OrderRejected, Reason, Status};
use crate::values::{Address, Bill, CouponId, CustomerId, Lines, Modification, OrderId};

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub(crate) order_id: OrderId,
    pub(crate) customer_id: CustomerId,
    pub(crate) items: Lines,
    pub(crate) address: Address,
    #[serde(default, skip_serializing_if = "Modification::is_none")]
    pub(crate) modification: Modification,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coupon_id: Option<CouponId>,
    pub(crate) created_at: Timestamp,
    #[serde(flatten)]
    pub(crate) state: State,
}

/// Where an order stands, with what is known only there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "UPPERCASE", rename_all_fields = "camelCase")]
pub(crate) enum State {
    Pending {
        due_at: Timestamp,
    },
    Placed(Bill),
    Rejected {
        reason: Reason,
        message: String,
    },
    Cancelled {
        reason: Reason,
        message: String,
        /// Known where the order had been placed.
        #[serde(flatten)]
        bill: Option<Bill>,
    },
}

/// What a customer orders.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOrder {
    /// The order's id, new.
    pub order_id: OrderId,
    /// Who orders.
    pub customer_id: CustomerId,
    /// What is ordered.
    pub items: Lines,
    /// Where to.
    pub address: Address,
    /// The coupon to pay it with.
    pub coupon_id: Option<CouponId>,
    /// How long the order may stay PENDING.
    pub deadline: Duration,
}

/// What may be asked of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum OrderCommand {
    /// Begin it.
    Create(NewOrder),
    /// Delivery, stock and payment are done.
    Place(Bill),
    /// A step failed.
    Reject {
        /// Which one.
        reason: Reason,
        /// For people.
        message: String,
    },
    /// End it if it is PENDING after its deadline.
    ReachDeadline,
    /// The customer wants it delivered elsewhere.
    Modify(Address),
    /// The customer wants it no more.
    Cancel,
}

impl Order {
    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        match self.state {
            State::Pending { .. } => Status::Pending,
            State::Placed(_) => Status::Placed,
            State::Rejected { .. } => Status::Rejected,
            State::Cancelled { .. } => Status::Cancelled,
        }
    }

    /// What it costs, once it has been placed.
    pub(crate) fn bill(&self) -> Option<Bill> {
        match self.state {
            State::Placed(bill) => Some(bill),
            State::Cancelled { bill, .. } => bill,
            State::Pending { .. } | State::Rejected { .. } => None,
        }
    }

    fn becoming(&self, state: State) -> Self {
        Order { state, ..self.clone() }
    }
}

impl Aggregate for Order {
    const KIND: &'static str = "order";
    const TABLE: &'static str = "orders";
    type Command = OrderCommand;

    fn transition(state: Option<&Self>, command: OrderCommand, now: Timestamp) -> Result<Decision<Self>, Refusal> {
        match (state, command) {
            (None, OrderCommand::Create(new)) => {
                let order = Order {
                    order_id: new.order_id,
                    customer_id: new.customer_id,
                    items: new.items,
                    address: new.address,
                    modification: Modification::NONE,
                    coupon_id: new.coupon_id,
                    created_at: now,
                    state: State::Pending { due_at: now.plus(new.deadline) },
                };
                Ok(Decision::emitting(order, Emission::of::<OrderCreated>()))
            }
            (Some(order), OrderCommand::Create(_)) => Err(Refusal::Taken(format!("order {}", order.order_id))),
            (None, OrderCommand::Place(_) | OrderCommand::Reject { .. }) => {
                Err(Refusal::Broken("an event belongs to an order that was never created".to_owned()))
            }
            (None, OrderCommand::ReachDeadline) => Ok(Decision::Unchanged),
            (None, OrderCommand::Modify(_) | OrderCommand::Cancel) => Err(Refusal::Missing("the order".to_owned())),
            (Some(order), OrderCommand::Place(bill)) => Ok(order.place(bill)),
            (Some(order), OrderCommand::Reject { reason, message }) => Ok(order.reject(reason, message)),
            (Some(order), OrderCommand::ReachDeadline) => Ok(order.reach_deadline(now)),
            (Some(order), OrderCommand::Modify(address)) => order.modify(address),
            (Some(order), OrderCommand::Cancel) => order.cancel(),
        }
    }

    fn due_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Pending { due_at } => Some(due_at),
            _ => None,
        }
    }
}

impl Order {
    fn place(&self, bill: Bill) -> Decision<Self> {
        match self.state {
            State::Pending { .. } => {
                Decision::emitting(self.becoming(State::Placed(bill)), Emission::of::<OrderPlaced>())
            }
            _ => Decision::Unchanged,
        }
    }

    fn reject(&self, reason: Reason, message: String) -> Decision<Self> {
        match self.state {
            State::Pending { .. } => {
                Decision::emitting(self.becoming(State::Rejected { reason, message }), Emission::of::<OrderRejected>())
            }
            _ => Decision::Unchanged,
        }
    }

    fn reach_deadline(&self, now: Timestamp) -> Decision<Self> {
        match self.state {
            State::Pending { due_at } if now > due_at => {
                let message = "the order was not completed in time".to_owned();
                Decision::Changed {
                    state: self.becoming(State::Rejected { reason: Reason::Deadline, message }),
                    events: vec![
                        Emission::of::<DeadlineReached>().with("dueAt", due_at),
                        Emission::of::<OrderRejected>(),
                    ],
                }
            }
            _ => Decision::Unchanged,
        }
    }

    fn modify(&self, address: Address) -> Result<Decision<Self>, Refusal> {
        match self.state {
            State::Pending { .. } | State::Placed(_) if address == self.address => Ok(Decision::Unchanged),
            State::Pending { .. } | State::Placed(_) => {
                let modified = Order { address, modification: self.modification.next(), ..self.clone() };
                Ok(Decision::emitting(modified, Emission::of::<OrderModified>()))
            }
            State::Rejected { .. } => Err(Refusal::Forbidden("a rejected order cannot be modified".to_owned())),
            State::Cancelled { .. } => Err(Refusal::Forbidden("a cancelled order cannot be modified".to_owned())),
        }
    }

    fn cancel(&self) -> Result<Decision<Self>, Refusal> {
        match self.state {
            State::Pending { .. } | State::Placed(_) => {
                let cancelled = State::Cancelled {
                    reason: Reason::Customer,
                    message: "the customer cancelled the order".to_owned(),
                    bill: self.bill(),
                };
                let event = Emission::of::<OrderCancelled>().with("from", self.status());
                Ok(Decision::emitting(self.becoming(cancelled), event))
            }
            State::Rejected { .. } => Err(Refusal::Forbidden("a rejected order cannot be cancelled".to_owned())),
            State::Cancelled { .. } => Err(Refusal::Forbidden("the order is cancelled already".to_owned())),
        }
    }
}
