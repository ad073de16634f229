//! Kafka triggers: from Lambda's event to records, and from their fates to the partial batch answer.

use serde_json::{Value, json};

use super::function::{Answer, Function, Payload};
use crate::kafka_batch::KafkaBatch;
use crate::{Collector, Handled, Invocation, Needs, Policy, Projection, Record, Webhook};

impl Function for Policy {
    fn name(&self) -> &'static str {
        Policy::name(self)
    }

    fn needs(&self) -> Needs {
        Policy::needs(self)
    }

    async fn invoke(&self, payload: &Payload<'_>, invocation: &Invocation) -> Answer {
        handle(payload, async |records| self.run(records, invocation).await).await
    }
}

impl Function for Projection {
    fn name(&self) -> &'static str {
        Projection::name(self)
    }

    fn needs(&self) -> Needs {
        Projection::needs(self)
    }

    async fn invoke(&self, payload: &Payload<'_>, invocation: &Invocation) -> Answer {
        handle(payload, async |records| self.run(records, invocation).await).await
    }
}

impl Function for Webhook {
    fn name(&self) -> &'static str {
        Webhook::name(self)
    }

    fn needs(&self) -> Needs {
        Webhook::needs(self)
    }

    async fn invoke(&self, payload: &Payload<'_>, invocation: &Invocation) -> Answer {
        handle(payload, async |records| self.run(records, invocation).await).await
    }
}

impl Function for Collector {
    fn name(&self) -> &'static str {
        Collector::name(self)
    }

    fn needs(&self) -> Needs {
        Collector::needs(self)
    }

    async fn invoke(&self, payload: &Payload<'_>, invocation: &Invocation) -> Answer {
        handle(payload, async |records| self.run(records, invocation).await).await
    }
}

async fn handle(payload: &Payload<'_>, run: impl AsyncFnOnce(&[Record]) -> Vec<Handled>) -> Answer {
    match payload.read::<KafkaBatch>("Kafka event with \"records\"") {
        Ok(batch) => {
            let records = batch.records();
            let handled = run(&records).await;
            answer(&records, handled)
        }
        Err(e) => Answer::of(Err(e)),
    }
}

fn answer(records: &[Record], handled: Vec<Handled>) -> Answer {
    let failures: Vec<Value> = records
        .iter()
        .zip(&handled)
        .filter(|(_, handled)| handled.failed())
        .map(|(record, _)| {
            let partition = format!("{}-{}", record.topic, record.partition);
            json!({ "itemIdentifier": { "topic-partition": partition, "offset": record.offset } })
        })
        .collect();
    Answer { handled, ..Answer::of(Ok(json!({ "batchItemFailures": failures }))) }
}
