//! State that outlives the stack, and folders that are refused.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use localstack::{Addresses, Options, Stack};
use rdkafka::producer::FutureRecord;
use rusqlite::Connection;

use crate::client::{get, post, request};
use crate::process::OwnProcess;
use crate::stack::{eventually, options};
use crate::triggers::producer;

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("foreign-data-{name}-{}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        Self(path)
    }

    fn options(&self) -> Options {
        Options { data: Some(self.0.clone()), ..options() }
    }

    async fn refusal(&self, options: Options) -> String {
        match Stack::start(options).await {
            Ok(_) => panic!("{} was taken", self.0.display()),
            Err(error) => error.to_string(),
        }
    }

    /// That the folder is refused with this in one of its files, which is left as it is until it is put right again.
    async fn refuses(&self, file: &str, bytes: Vec<u8>, why: &str) {
        let whole = fs::read(self.file(file)).unwrap();
        fs::write(self.file(file), &bytes).unwrap();
        let message = self.refusal(self.options()).await;
        assert!(message.contains(why) && message.contains("--data"), "{file}: {message}");
        assert_eq!(fs::read(self.file(file)).unwrap(), bytes, "{file} was changed");
        fs::write(self.file(file), whole).unwrap();
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn database(&self) -> Connection {
        Connection::open(self.file("tables.db")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Puts values on the topic; `record` makes a thing of each, under its place on the topic.
async fn publish(addresses: &Addresses, values: std::ops::Range<u32>) {
    let producer = producer(&addresses.kafka);
    for value in values {
        let (key, value) = (value.to_string(), format!("value {value}"));
        let record = FutureRecord::to("things").key(&key).payload(&value);
        producer.send(record, Duration::from_secs(10)).await.unwrap();
    }
}

async fn settle(addresses: &Addresses) {
    let settled = post(&format!("{}/_local/settle", addresses.api), r#"{"timeoutMs": 30000}"#).await;
    assert_eq!(settled.status, 200, "{}", settled.text());
}

async fn stop_record(addresses: &Addresses) {
    let fault = format!("{}/_local/functions/record/fault", addresses.api);
    assert_eq!(request("PUT", &fault, &[], r#"{"stopped": true}"#).await.status, 204);
}

/// How many things there are, and how often the stream showed each, in order.
async fn things(addresses: &Addresses) -> Vec<String> {
    let store = localstack::store::dynamodb(&addresses.dynamodb);
    let counts = store.scan().table_name("Counts").send().await.unwrap();
    let seen = |item: &std::collections::HashMap<String, _>| format!("{:?} {:?}", item["id"], item["seen"]);
    let mut seen: Vec<String> = counts.items().iter().map(seen).collect();
    seen.sort_unstable();
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_were_not_worked_off_when_the_stack_was_killed_come_at_the_next_start_at_their_places() {
    let folder = Folder::new("killed");
    let mut stack = OwnProcess::start(Some(&folder.0)).await;
    publish(&stack.addresses, 0..10).await;
    settle(&stack.addresses).await;
    stop_record(&stack.addresses).await;
    publish(&stack.addresses, 10..30).await;
    until_read(&stack.addresses, 20).await;
    stack.process.kill().await.unwrap();

    let mut stack = OwnProcess::start(Some(&folder.0)).await;
    settle(&stack.addresses).await;
    let seen = things(&stack.addresses).await;
    assert_eq!(seen.len(), 30, "{seen:?}");
    // What comes now is not at the place of what was there before.
    publish(&stack.addresses, 30..40).await;
    settle(&stack.addresses).await;
    assert_eq!(things(&stack.addresses).await.len(), 40);
    stack.process.kill().await.unwrap();

    let stack = Stack::start(folder.options()).await.unwrap();
    settle(stack.addresses()).await;
    let seen = things(stack.addresses()).await;
    assert_eq!(seen.len(), 40, "{seen:?}");
    stack.stop().await;
    // Of what is done only each partition's end is kept.
    let left = "SELECT count(*) FROM _topic_records";
    let left: u32 = folder.database().query_row(left, [], |row| row.get(0)).unwrap();
    assert_eq!(left, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_damaged_is_refused_and_left_as_it_is() {
    let folder = Folder::new("damaged");
    let mut stack = OwnProcess::start(Some(&folder.0)).await;
    publish(&stack.addresses, 0..30).await;
    settle(&stack.addresses).await;
    let message = folder.refusal(folder.options()).await;
    let process = format!("in use by another stack (process {})", stack.addresses.pid);
    assert!(message.contains(&process) && message.contains("--data"), "{message}");
    stack.process.kill().await.unwrap();

    let log = "tables.db-wal";
    let whole = fs::read(folder.file(log)).unwrap();
    folder.refuses(log, flipped(&whole, 0..1), "it does not begin as a log does").await;
    // The first frame is of this use of the log, however often it began again.
    folder.refuses(log, flipped(&whole, 100..101), "the frame at offset 32 is not").await;
    // A kill in the middle of a write leaves half a frame: that is no damage.
    fs::write(folder.file(log), [&whole[..], &[7; 100]].concat()).unwrap();
    let stack = Stack::start(folder.options()).await.unwrap();
    settle(stack.addresses()).await;
    assert_eq!(things(stack.addresses()).await.len(), 30);
    stack.stop().await;

    let change = |from, to| {
        let change = format!("UPDATE _topic_records SET json = replace(json, '{from}', '{to}')");
        assert_eq!(folder.database().execute(&change, []).unwrap(), 2);
    };
    change("things", "thinks");
    let message = folder.refusal(folder.options()).await;
    assert!(message.contains("of the journal, at things/") && message.contains("--data"), "{message}");
    change("thinks", "things");

    let whole = fs::read(folder.file("tables.db")).unwrap();
    folder.refuses("tables.db", Vec::new(), "it is missing or empty").await;
    folder.refuses("tables.db", whole[..whole.len() / 2].to_vec(), "tables.db is damaged").await;
    folder.refuses("tables.db", flipped(&whole, 0..2_000), "tables.db is damaged").await;
    folder.refuses("whenever.json", br#"{"format": 7, "other": []}"#.to_vec(), "has format 7").await;
    folder.refuses("whenever.json", br#"{"format": 1"#.to_vec(), "whenever.json is damaged").await;

    let stack = Stack::start(folder.options()).await.unwrap();
    settle(stack.addresses()).await;
    assert_eq!(things(stack.addresses()).await.len(), 30);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_for_something_else_is_refused() {
    let folder = Folder::new("other");
    let other = folder.0.with_extension("yaml");
    let template = |change: fn(String) -> String| {
        let template = options().template.unwrap();
        let functions = format!("CodeUri: {}/", template.parent().unwrap().display());
        let text = fs::read_to_string(template).unwrap().replace("CodeUri: ", &functions);
        fs::write(&other, change(text)).unwrap();
        Options { template: Some(other.clone()), ..folder.options() }
    };
    Stack::start(folder.options()).await.unwrap().stop().await;
    let message = folder.refusal(template(|text| text.replace("NEW_IMAGE", "KEYS_ONLY"))).await;
    assert!(message.contains("table Things has another stream"), "{message}");
    let message = folder.refusal(template(|text| text.replace("Partitions: 2", "Partitions: 1"))).await;
    assert!(message.contains("topic things has 2 partitions there, 1 in the template"), "{message}");
    // More is no harm.
    Stack::start(template(|text| text.replace("Partitions: 2", "Partitions: 3"))).await.unwrap().stop().await;
    let message = folder.refusal(folder.options()).await;
    assert!(message.contains("topic things has 3 partitions there, 2 in the template"), "{message}");
    fs::remove_file(&other).unwrap();

    let both = Options { kafka: Some("x:1".into()), dynamodb: Some("http://x".into()), ..folder.options() };
    assert!(folder.refusal(both).await.contains("nothing to keep"));
    let elsewhere = Folder::new("elsewhere");
    fs::create_dir_all(&elsewhere.0).unwrap();
    fs::write(elsewhere.file("letter.txt"), "dear").unwrap();
    assert!(elsewhere.refusal(elsewhere.options()).await.contains("it is no data folder"));
    assert_eq!(fs::read_dir(&elsewhere.0).unwrap().count(), 1);
}

/// Waits until so many records are read and not done.
async fn until_read(addresses: &Addresses, records: u64) {
    let lag = || async {
        let functions = get(&format!("{}/_local/functions", addresses.api)).await.json();
        let functions = functions["functions"].as_array().unwrap().clone();
        functions.iter().find(|known| known["name"] == "record").unwrap()["lag"].as_u64()
    };
    eventually(lag, |lag| *lag == Some(records)).await;
}

/// These bytes, some of them changed.
fn flipped(bytes: &[u8], range: std::ops::Range<usize>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[range].iter_mut().for_each(|byte| *byte ^= 0xff);
    bytes
}
