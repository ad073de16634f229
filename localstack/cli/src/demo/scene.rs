//! What a chapter of the demo consists of.

use shop::order::Status;

/// One tutorial, or one exercise of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chapter {
    /// What it is called on the command line.
    pub(super) name: &'static str,
    /// What it is about, in a few words.
    pub(super) title: &'static str,
    pub(super) scenes: &'static [Scene],
}

/// Something to observe, from its requests to what came of them.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) title: &'static str,
    /// What it shows, in a sentence.
    pub(super) shows: &'static str,
    pub(super) steps: &'static [Step],
}

/// One thing that is done or looked at, in its turn. `{name}` in a request, path or fields stands for the id of what an
/// earlier step of the chapter has made under this name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// A request that makes a product, an account or a coupon, which has this name from then on.
    Make(&'static str, &'static str),
    /// A request that places an order, which has this name from then on.
    Order(&'static str, &'static str),
    /// Any other request.
    Send(&'static str),
    /// So many requests at once; `{n}` counts them from 1.
    Crowd(u32, &'static str),
    /// The function is down: its triggers wait.
    Stop(&'static str),
    /// The function sleeps before each of its invocations, twice as long as the deadline.
    Sleep(&'static str),
    /// The function is as it should be again.
    Wake(&'static str),
    /// The broker delivers every event that the order has so many times more.
    Again(&'static str, u32),
    /// Wait until the order is no longer pending.
    Ended(&'static str),
    /// Wait until the order has had an event of this type.
    Seen(&'static str, &'static str),
    /// Wait until `GET path` has these fields, written as in a request.
    Until(&'static str, &'static str),
    /// Wait until nothing is left to do.
    Settled,
    /// Draw the order's timeline; it ended like this.
    Ends(&'static str, Ending),
    /// `GET path` has these fields, written as in a request.
    Shows(&'static str, &'static str),
    /// `GET path` is a 404.
    Missing(&'static str),
    /// Draw who holds the coupon; it is so many.
    Holders(&'static str, usize),
    /// Draw what the data platform was told of the order; it is these types, each once.
    Told(&'static str, &'static [&'static str]),
}

/// How an order has to end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    pub(super) status: Status,
    pub(super) reason: Option<&'static str>,
    /// Its events, in their order.
    pub(super) chain: &'static [&'static str],
    /// Events besides the chain: other policies answer the same event at their own speed.
    pub(super) meanwhile: &'static [&'static str],
}

impl Ending {
    /// An order that is placed after these events.
    pub(super) const fn placed(chain: &'static [&'static str]) -> Self {
        Self { status: Status::Placed, reason: None, chain, meanwhile: &[] }
    }

    /// An order that the shop refuses.
    pub(super) const fn rejected(reason: &'static str, chain: &'static [&'static str]) -> Self {
        Self { status: Status::Rejected, reason: Some(reason), chain, meanwhile: &[] }
    }

    /// An order that its customer wants no more.
    pub(super) const fn cancelled(chain: &'static [&'static str], meanwhile: &'static [&'static str]) -> Self {
        Self { status: Status::Cancelled, reason: Some("CUSTOMER"), chain, meanwhile }
    }

    /// What differs from how an order ended; nothing where it ended as it should.
    pub(super) fn differences(&self, status: Status, reason: Option<&str>, events: &[&str]) -> Vec<String> {
        let mut differences = Vec::new();
        if status != self.status {
            differences.push(format!("the order is {status}, not {}", self.status));
        }
        if reason != self.reason {
            let (is, should) = (reason.unwrap_or("none"), self.reason.unwrap_or("none"));
            differences.push(format!("the reason is {is}, not {should}"));
        }
        let (mut meanwhile, chain): (Vec<&str>, Vec<&str>) =
            events.iter().partition(|event| self.meanwhile.contains(event));
        meanwhile.sort_unstable();
        let mut expected = self.meanwhile.to_vec();
        expected.sort_unstable();
        if chain != self.chain || meanwhile != expected {
            let should = [self.chain, self.meanwhile].concat();
            differences.push(format!("the events are {}, not {}", events.join(" – "), should.join(" – ")));
        }
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDING: Ending = Ending::cancelled(&["A", "B", "C"], &["Y", "X"]);

    #[test]
    fn only_the_place_of_what_happens_meanwhile_is_free() {
        for events in [["A", "B", "C", "X", "Y"], ["A", "Y", "B", "X", "C"]] {
            assert_eq!(ENDING.differences(Status::Cancelled, Some("CUSTOMER"), &events), [""; 0]);
        }
        let wrong: [&[&str]; 4] =
            [&["A", "C", "B", "X", "Y"], &["A", "B", "C", "X"], &["A", "B", "C", "X", "X", "Y"], &["A", "B", "B", "C"]];
        for events in wrong {
            assert_eq!(ENDING.differences(Status::Cancelled, Some("CUSTOMER"), events).len(), 1, "{events:?}");
        }
    }

    #[test]
    fn each_difference_is_named() {
        let expected = [
            "the order is PLACED, not CANCELLED",
            "the reason is none, not CUSTOMER",
            "the events are A, not A – B – C – Y – X",
        ];
        assert_eq!(ENDING.differences(Status::Placed, None, &["A"]), expected);
    }
}
