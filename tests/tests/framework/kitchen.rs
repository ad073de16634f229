//! A domain that is no shop: jars of cookies, and what each child got out of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use whenever::{
    Aggregate, Ask, Command, Decision, Emission, Event, Policy, Received, Refusal, Tables, Timestamp, Touches, World,
};

/// A jar with what is left in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Jar {
    pub left: u32,
}

/// What a child got: the natural key of the effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Portion {
    pub child: String,
    pub got: bool,
}

/// A bell that is rung without a natural key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bell {
    pub rung: u32,
}

/// Tea that must be drunk in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tea {
    pub cold: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

macro_rules! event {
    ($name:ident { $($field:ident: $type:ty),* }) => {
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        pub(crate) struct $name { $(pub $field: $type),* }

        impl Event for $name {
            const TYPE: &'static str = stringify!($name);
            const TOPIC: &'static str = "kitchen-events";
        }
    };
}

event!(CookieWanted { child: String, jar: String });
event!(CookieTaken { child: String });
event!(CookieDenied { child: String });
event!(DoorOpened { door: String });
event!(TeaGotCold {});

/// Takes a cookie for a child: the jar and the portion change together.
pub(crate) struct TakeCookie {
    pub child: String,
    pub jar: String,
}

impl Command for TakeCookie {
    fn tables() -> Tables {
        Tables::of::<Portion>().and(Tables::of::<Jar>())
    }

    fn touches(&self) -> Touches {
        Touches::new().create::<Portion>(&self.child).load::<Jar>(&self.jar)
    }

    fn execute(&self, world: &mut World) -> Result<(), Refusal> {
        if world.get::<Portion>(&self.child).is_some() {
            return Ok(());
        }
        let got = match world.get::<Jar>(&self.jar) {
            None => return Err(Refusal::Broken(format!("there is no jar {}", self.jar))),
            Some(jar) => jar.left > 0,
        };
        if got {
            world.apply::<Jar>(&self.jar, ())?;
        }
        world.apply::<Portion>(&self.child, Portion { child: self.child.clone(), got })
    }
}

/// Whenever a child wants a cookie, give it one.
pub(crate) fn give_cookie() -> Policy {
    Policy::named("give-cookie")
        .whenever(|event: &Received<CookieWanted>| TakeCookie { child: event.child.clone(), jar: event.jar.clone() })
}

/// Whenever a door opens, ring the bell.
pub(crate) fn ring_bell() -> Policy {
    Policy::named("ring-bell").whenever(|event: &Received<DoorOpened>| {
        whenever::once::<Bell, _, _>("ring-bell", event, Ask::<Bell>::existing(&event.door, ()))
    })
}

impl Aggregate for Jar {
    const KIND: &'static str = "jar";
    const TABLE: &'static str = "kitchen";
    type Command = ();

    fn transition(state: Option<&Self>, (): (), _: Timestamp) -> Result<Decision<Self>, Refusal> {
        let left = state.and_then(|jar| jar.left.checked_sub(1));
        left.map(|left| Decision::silent(Jar { left })).ok_or_else(|| Refusal::Broken("an empty jar".to_owned()))
    }
}

impl Aggregate for Portion {
    const KIND: &'static str = "portion";
    const TABLE: &'static str = "kitchen";
    type Command = Portion;

    fn transition(state: Option<&Self>, portion: Portion, _: Timestamp) -> Result<Decision<Self>, Refusal> {
        Ok(match state {
            Some(_) => Decision::Unchanged,
            None if portion.got => Decision::emitting(portion, Emission::of::<CookieTaken>()),
            None => Decision::emitting(portion, Emission::of::<CookieDenied>()),
        })
    }
}

impl Aggregate for Bell {
    const KIND: &'static str = "bell";
    const TABLE: &'static str = "kitchen";
    type Command = ();

    fn transition(state: Option<&Self>, (): (), _: Timestamp) -> Result<Decision<Self>, Refusal> {
        Ok(Decision::silent(Bell { rung: state.map_or(0, |bell| bell.rung) + 1 }))
    }
}

/// What may be asked of tea.
#[derive(Debug, Clone)]
pub(crate) enum TeaCommand {
    Brew(Duration),
    GetCold,
}

impl Aggregate for Tea {
    const KIND: &'static str = "tea";
    const TABLE: &'static str = "kitchen";
    type Command = TeaCommand;

    fn transition(state: Option<&Self>, command: TeaCommand, now: Timestamp) -> Result<Decision<Self>, Refusal> {
        Ok(match (state, command) {
            (None, TeaCommand::Brew(time)) => Decision::silent(Tea { cold: false, due_at: Some(now.plus(time)) }),
            (Some(Tea { cold: false, due_at: Some(due_at) }), TeaCommand::GetCold) if now > *due_at => {
                Decision::emitting(Tea { cold: true, due_at: None }, Emission::of::<TeaGotCold>())
            }
            _ => Decision::Unchanged,
        })
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }
}
