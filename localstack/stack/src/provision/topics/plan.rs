//! What becomes of each topic, worked out before anything is done.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::template::Topic;

/// What is wanted beyond the topics being there.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Topics that exist grow to the partitions that the template says.
    pub grow: bool,
    /// Topics that have so many partitions afterwards, whatever the template says.
    pub partitions: BTreeMap<String, i32>,
    /// How many brokers keep a copy of a new topic; `None` leaves it to them.
    pub replication: Option<i32>,
    /// Nothing is done, only told.
    pub dry_run: bool,
}

/// What becomes of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name in the template.
    pub topic: String,
    /// What is done.
    pub action: Action,
}

/// What is done about a topic. Partitions are never taken away: records would go with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is made with so many partitions.
    Create(i32),
    /// It stays as it is.
    Keep {
        /// Its partitions.
        there: i32,
        /// What the template says.
        template: i32,
    },
    /// It gets more partitions.
    Grow {
        /// Those it has.
        from: i32,
        /// Those it will have.
        to: i32,
    },
    /// Fewer partitions were asked for: nothing is done.
    Refuse {
        /// Those it has.
        there: i32,
        /// Those asked for.
        asked: i32,
    },
}

/// A step for each topic, in their order. `existing` says how many partitions those have that there are.
pub(super) fn plan(topics: &[Topic], existing: &HashMap<String, i32>, wish: &Wish) -> Vec<Step> {
    let step = |topic: &Topic| {
        let template = topic.partitions;
        let asked = wish.partitions.get(&topic.name).copied();
        let wanted = asked.unwrap_or(template);
        let action = match existing.get(&topic.name).copied() {
            None => Action::Create(wanted),
            Some(there) if there < wanted && (asked.is_some() || wish.grow) => Action::Grow { from: there, to: wanted },
            Some(there) if there > wanted && asked.is_some() => Action::Refuse { there, asked: wanted },
            Some(there) => Action::Keep { there, template },
        };
        Step { topic: topic.name.clone(), action }
    };
    topics.iter().map(step).collect()
}

impl Step {
    /// What is, or with `dry_run` would be, done about the topic, in one line.
    pub fn told(&self, dry_run: bool) -> String {
        let (topic, would) = (&self.topic, if dry_run { "would be " } else { "" });
        match self.action {
            Action::Create(partitions) => format!("topic {topic}: {would}created with {}", Partitions(partitions)),
            Action::Grow { from, to } => format!("topic {topic}: {would}grown from {from} to {}", Partitions(to)),
            Action::Refuse { there, asked } => {
                format!("topic {topic}: stays at {}: it cannot shrink to {asked}", Partitions(there))
            }
            Action::Keep { there, template } if there == template => {
                format!("topic {topic}: there already with {}", Partitions(there))
            }
            Action::Keep { there, template } => {
                format!("topic {topic}: there already with {}, where the template says {template}", Partitions(there))
            }
        }
    }
}

struct Partitions(i32);

impl fmt::Display for Partitions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} partition{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(there: Option<i32>, template: i32, wish: &Wish) -> Action {
        let topics = [Topic { name: "t".into(), partitions: template }];
        let existing = there.map(|there| ("t".to_owned(), there)).into_iter().collect();
        plan(&topics, &existing, wish).remove(0).action
    }

    fn asked(partitions: i32) -> Wish {
        Wish { partitions: [("t".to_owned(), partitions)].into(), ..Wish::default() }
    }

    #[test]
    fn what_is_missing_is_made_and_what_is_there_stays_unless_it_shall_grow() {
        let grow = Wish { grow: true, ..Wish::default() };
        assert_eq!(action(None, 2, &Wish::default()), Action::Create(2));
        assert_eq!(action(None, 2, &asked(3)), Action::Create(3));
        assert_eq!(action(Some(1), 2, &Wish::default()), Action::Keep { there: 1, template: 2 });
        assert_eq!(action(Some(1), 2, &grow), Action::Grow { from: 1, to: 2 });
        assert_eq!(action(Some(2), 2, &grow), Action::Keep { there: 2, template: 2 });
        assert_eq!(action(Some(1), 2, &asked(4)), Action::Grow { from: 1, to: 4 });
    }

    #[test]
    fn nothing_ever_shrinks() {
        let grow = Wish { grow: true, ..Wish::default() };
        assert_eq!(action(Some(4), 2, &grow), Action::Keep { there: 4, template: 2 });
        assert_eq!(action(Some(4), 2, &asked(2)), Action::Refuse { there: 4, asked: 2 });
    }

    #[test]
    fn each_step_is_told_in_one_line() {
        let told = |action, dry_run| Step { topic: "t".into(), action }.told(dry_run);
        assert_eq!(told(Action::Create(1), false), "topic t: created with 1 partition");
        assert_eq!(told(Action::Create(2), true), "topic t: would be created with 2 partitions");
        assert_eq!(told(Action::Grow { from: 1, to: 4 }, false), "topic t: grown from 1 to 4 partitions");
        let refused = "topic t: stays at 4 partitions: it cannot shrink to 2";
        assert_eq!(told(Action::Refuse { there: 4, asked: 2 }, true), refused);
        let kept = "topic t: there already with 4 partitions, where the template says 1";
        assert_eq!(told(Action::Keep { there: 4, template: 1 }, false), kept);
    }
}
