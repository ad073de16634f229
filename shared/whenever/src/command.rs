//! Commands: what a policy or an HTTP call asks of aggregates, and which of them it touches.

use std::any::Any;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::ports::store::ItemKey;
use crate::{Aggregate, Refusal, Tables, World};

/// A decision still to be made: which aggregates it needs, and what it asks of them.
///
/// `execute` may run several times for one event (whenever a commit loses a race); it must depend on the world alone.
pub trait Command: Send + Sync {
    /// The tables of all aggregates that it may touch: what a function's role must allow is known before any event comes.
    fn tables() -> Tables
    where
        Self: Sized;

    /// The aggregates that `execute` reads or changes. It sees no others.
    fn touches(&self) -> Touches;

    /// Applies commands to the aggregates of `world`.
    ///
    /// # Errors
    ///
    /// [`Refusal`] undoes all that this execution applied.
    fn execute(&self, world: &mut World) -> Result<(), Refusal>;

    /// What it is known by once it has been carried out, where only a marker keeps it from happening again: see [`crate::once`].
    fn marker(&self) -> Option<&str> {
        None
    }
}

/// What an event asks for, if it asks for anything.
impl<C: Command> Command for Option<C> {
    fn tables() -> Tables {
        C::tables()
    }

    fn touches(&self) -> Touches {
        self.as_ref().map(Command::touches).unwrap_or_default()
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        self.as_ref().map_or(Ok(()), |command| command.execute(world))
    }

    fn marker(&self) -> Option<&str> {
        self.as_ref().and_then(Command::marker)
    }
}

/// Names one aggregate among all tables.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AggregateKey {
    /// The context's table.
    pub table: &'static str,
    /// What it is.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
}

impl AggregateKey {
    /// The key of `A` number `id`.
    #[must_use]
    pub fn of<A: Aggregate>(id: &str) -> Self {
        AggregateKey { table: A::TABLE, kind: A::KIND, id: id.to_owned() }
    }

    /// The value of the item's partition key: `order#42`.
    #[must_use]
    pub fn pk(&self) -> String {
        format!("{}#{}", self.kind, self.id)
    }

    /// Where its item stands.
    pub(crate) fn item(&self) -> ItemKey {
        ItemKey { table: self.table, pk: self.pk() }
    }
}

/// An aggregate's state without its type.
pub(crate) type State = Arc<dyn Any + Send + Sync>;

/// How a state without its type is read from attributes and written to them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Codec {
    pub(crate) decode: fn(Map<String, Value>) -> Result<State, serde_json::Error>,
    pub(crate) encode: fn(&State) -> Option<Encoded>,
}

/// A state as attributes, with what the framework indexes it by.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) attributes: Map<String, Value>,
    pub(crate) due_at: Option<crate::Timestamp>,
    pub(crate) listed_in: Option<String>,
    pub(crate) expires_at: Option<crate::Timestamp>,
}

impl Codec {
    fn of<A: Aggregate>() -> Self {
        Codec {
            decode: |attributes| {
                let state: A = serde_json::from_value(Value::Object(attributes))?;
                Ok(Arc::new(state))
            },
            encode: |state| {
                let state = state.downcast_ref::<A>()?;
                match serde_json::to_value(state) {
                    Ok(Value::Object(attributes)) => Some(Encoded {
                        attributes,
                        due_at: state.due_at(),
                        listed_in: state.listed_in(),
                        expires_at: state.expires_at(),
                    }),
                    _ => None,
                }
            },
        }
    }
}

/// How an aggregate is brought into the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Taken for absent without a read; if the item exists, the write's condition fails and brings it.
    New,
    /// Read, strongly consistent.
    Load,
}

#[derive(Debug, Clone)]
pub(crate) struct Touch {
    pub(crate) key: AggregateKey,
    pub(crate) access: Access,
    pub(crate) codec: Codec,
}

/// The aggregates that a command touches.
#[derive(Debug, Clone, Default)]
pub struct Touches(pub(crate) Vec<Touch>);

impl Touches {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Needs `A` number `id` as it stands in the table.
    #[must_use]
    pub fn load<A: Aggregate>(self, id: impl AsRef<str>) -> Self {
        self.with::<A>(id.as_ref(), Access::Load)
    }

    /// Is most likely the first to write `A` number `id`: saves the read.
    #[must_use]
    pub fn create<A: Aggregate>(self, id: impl AsRef<str>) -> Self {
        self.with::<A>(id.as_ref(), Access::New)
    }

    fn with<A: Aggregate>(mut self, id: &str, access: Access) -> Self {
        let key = AggregateKey::of::<A>(id);
        match self.0.iter_mut().find(|touch| touch.key == key) {
            Some(touch) if access == Access::Load => touch.access = access,
            Some(_) => {}
            None => self.0.push(Touch { key, access, codec: Codec::of::<A>() }),
        }
        self
    }
}

/// Asks one thing of one aggregate.
#[derive(Debug, Clone)]
pub struct Ask<A: Aggregate> {
    id: String,
    access: Access,
    command: A::Command,
}

impl<A: Aggregate> Ask<A> {
    /// Asks `command` of the `A` that is there.
    #[must_use]
    pub fn existing(id: impl Into<String>, command: A::Command) -> Self {
        Ask { id: id.into(), access: Access::Load, command }
    }

    /// Asks `command` of an `A` that most likely is not there yet.
    #[must_use]
    pub fn first(id: impl Into<String>, command: A::Command) -> Self {
        Ask { id: id.into(), access: Access::New, command }
    }
}

impl<A> Command for Ask<A>
where
    A: Aggregate,
    A::Command: Clone + Send + Sync,
{
    fn tables() -> Tables {
        Tables::of::<A>()
    }

    fn touches(&self) -> Touches {
        Touches::new().with::<A>(&self.id, self.access)
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        world.apply::<A>(&self.id, self.command.clone())
    }
}
