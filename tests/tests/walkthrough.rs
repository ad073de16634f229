//! Follows docs/adding-a-policy.md word for word in a copy of the workspace, and uses what comes out.

#![cfg(test)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use serde_json::{Value, json};
use shop_tests::{Client, broker};

/// One file that the page writes or adds to.
struct Step {
    append: bool,
    file: String,
    text: String,
}

/// The page's steps: "Create `FILE`:" or "Append to `FILE`:", then a block.
fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let (append, rest) = match (line.strip_prefix("Create `"), line.strip_prefix("Append to `")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => continue,
        };
        let file = rest.trim_end_matches("`:").to_owned();
        let block = lines.by_ref().skip_while(|line| !line.starts_with("```")).skip(1);
        let text: String = block.take_while(|line| !line.starts_with("```")).map(|line| format!("{line}\n")).collect();
        steps.push(Step { append, file, text });
    }
    steps
}

/// The workspace as it is in the working tree, under another version: cargo then tells its crates apart from the
/// originals while both share what is built of their dependencies.
struct Copy(PathBuf);

impl Copy {
    fn new(workspace: &Path) -> Self {
        let copy = Copy(env::temp_dir().join(format!("whenever-walkthrough-{}", std::process::id())));
        copy_folder(workspace, &copy.0);
        let manifest = copy.0.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let renamed = text.replacen("version = \"0.1.0\"", "version = \"0.1.0-walkthrough\"", 1);
        assert_ne!(text, renamed, "the workspace's version has changed; name it here");
        fs::write(manifest, renamed).unwrap();
        copy
    }

    fn follow(&self, step: &Step) {
        let path = self.0.join(&step.file);
        let before = if step.append { fs::read_to_string(&path).unwrap() } else { String::new() };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, before + &step.text).unwrap();
    }

    fn cargo(&self, target: &Path) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&self.0).env("CARGO_TARGET_DIR", target);
        cargo
    }
}

/// Copies a folder, but not what was built in it or git's own.
fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), target).unwrap();
        } else if entry.file_name() != "target" && entry.file_name() != ".git" {
            copy_folder(&entry.path(), &target);
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Ends with the test, whatever becomes of it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_policy_is_added_by_following_the_page() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let target = target_folder();
    let copy = Copy::new(workspace);
    let page = fs::read_to_string(workspace.join("docs/adding-a-policy.md")).unwrap();
    let steps = steps(&page);
    assert_eq!(steps.len(), 6, "the page has other steps than this test knows");
    steps.iter().for_each(|step| copy.follow(step));

    let tested = output(copy.cargo(&target).args(["test", "-p", "shop", "loyalty"]));
    assert!(tested.contains("an_order_is_awarded_once ... ok"), "{tested}");

    let ready = copy.0.join("ready.json");
    let mut up = copy.cargo(&target);
    up.args(["run", "--", "up", "--port", "0", "--lambda-port", "0", "--ready-file"]).arg(&ready);
    if let Some(brokers) = broker::given() {
        up.args(["--kafka", &brokers, "--kafka-prefix", &broker::own_prefix()]);
    }
    let mut stack = Running(up.stdin(Stdio::null()).spawn().unwrap());
    let addresses = wait_for(&ready, &mut stack);
    let api = addresses["api"].as_str().unwrap();
    let client = Client::new();
    let post = async |path: &str, body: Value| {
        let answer = client.send("POST", &format!("{api}{path}"), &[], body.to_string()).await;
        assert!((200..300).contains(&answer.status), "{path}: {}", answer.text());
        answer
    };
    post("/inventories", json!({ "id": "tv", "stock": 1, "price": 6_050 })).await;
    post("/accounts", json!({ "id": "hong", "balance": 10_000 })).await;
    let order = post("/orders", json!({ "customerId": "hong", "productId": "tv", "qty": 1 })).await.json();
    post("/_local/settle", json!({ "timeoutMs": 30_000 })).await;
    let id = order["orderId"].as_str().unwrap();
    let events = client.send("GET", &format!("{api}/orders/{id}/events"), &[], "").await.json();
    let awarded = events["events"].as_array().unwrap().last().unwrap();
    assert_eq!((&awarded["type"], &awarded["data"]["points"]), (&json!("PointsAwarded"), &json!(60)), "{events}");
}

/// Where this test itself was built: `TARGET/PROFILE/deps/walkthrough-HASH`.
fn target_folder() -> PathBuf {
    env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

fn output(command: &mut Command) -> String {
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?} ended with {}: {text}", output.status);
    text
}

/// Waits until the stack says that it is ready; building comes first.
fn wait_for(ready: &Path, stack: &mut Running) -> Value {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(900) {
        if let Ok(text) = fs::read_to_string(ready) {
            return serde_json::from_str(&text).unwrap();
        }
        if let Some(status) = stack.0.try_wait().unwrap() {
            panic!("the stack ended with {status}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the stack was not ready in time");
}
