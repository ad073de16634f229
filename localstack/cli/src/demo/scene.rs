//! What a scene of the demo consists of.

use shop::order::Status;

/// One order from its request to its end.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) title: &'static str,
    /// What it shows, in a sentence.
    pub(super) shows: &'static str,
    pub(super) steps: &'static [Step],
    pub(super) ending: Ending,
}

/// One thing that is done or looked at, in its turn.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// A request that prepares something, as it is typed.
    Given(&'static str),
    /// The request that places the order, as it is typed.
    Order(&'static str),
    /// The customer cancels the order.
    Cancel,
    /// The function is down: its triggers wait.
    Stop(&'static str),
    /// The function is up again.
    Wake(&'static str),
    /// Wait until the order is no longer pending.
    Ended,
    /// Wait until nothing is left to do.
    Settled,
    /// `GET path` has this number under this name.
    Holds(&'static str, &'static str, i64),
    /// `GET /deliveries/ORDER` is a 404: there never was one.
    NoDelivery,
}

/// How the order has to end.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) status: Status,
    pub(super) reason: Option<&'static str>,
    /// Its events, in their order.
    pub(super) chain: &'static [&'static str],
    /// Events besides the chain: another policy answers the same event at its own speed.
    pub(super) meanwhile: &'static [&'static str],
}

impl Ending {
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
        let (meanwhile, chain): (Vec<&str>, Vec<&str>) =
            events.iter().partition(|event| self.meanwhile.contains(event));
        if chain != self.chain || meanwhile != self.meanwhile {
            let should = [self.chain, self.meanwhile].concat();
            differences.push(format!("the events are {}, not {}", events.join(" – "), should.join(" – ")));
        }
        differences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDING: Ending =
        Ending { status: Status::Cancelled, reason: Some("CUSTOMER"), chain: &["A", "B", "C"], meanwhile: &["X"] };

    #[test]
    fn only_the_place_of_what_happens_meanwhile_is_free() {
        for events in [["A", "B", "C", "X"], ["A", "X", "B", "C"]] {
            assert_eq!(ENDING.differences(Status::Cancelled, Some("CUSTOMER"), &events), [""; 0]);
        }
        let wrong: [&[&str]; 4] =
            [&["A", "C", "B", "X"], &["A", "B", "C"], &["A", "B", "C", "X", "X"], &["A", "B", "B", "C", "X"]];
        for events in wrong {
            assert_eq!(ENDING.differences(Status::Cancelled, Some("CUSTOMER"), events).len(), 1, "{events:?}");
        }
    }

    #[test]
    fn each_difference_is_named() {
        let expected = [
            "the order is PLACED, not CANCELLED",
            "the reason is none, not CUSTOMER",
            "the events are A, not A – B – C – X",
        ];
        assert_eq!(ENDING.differences(Status::Placed, None, &["A"]), expected);
    }
}
