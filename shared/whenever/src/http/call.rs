//! One HTTP call: what was asked, and what a handler may do about it.

use std::collections::HashMap;
use std::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::answer::{Answer, Once};
use super::body::{Body, check_id};
use super::execute::{NotExecuted, execute};
use super::{Problem, Reply};
use crate::command::AggregateKey;
use crate::commit::{CommitError, Committer};
use crate::id::{digest, digest_bytes};
use crate::item::{Item, public};
use crate::outbox::Cause;
use crate::ports::store::{ItemKey, Page, Query, StoreError};
use crate::{Aggregate, Command, Invocation, Refusal, World, uuid_v7};

/// Longest body that is read, in bytes.
pub const LONGEST_BODY: usize = 256 * 1024;

/// Items read for one page of a list.
pub const PAGE: u32 = 100;

/// A request as the HTTP API hands it over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// Method and path as the template writes them: `GET /orders/{id}`.
    pub route: String,
    /// Values of the path's variables, decoded.
    pub path: HashMap<String, String>,
    /// Query parameters, decoded.
    pub query: HashMap<String, String>,
    /// Headers, names in lower case.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A request with the invocation that answers it.
#[derive(Debug)]
pub struct Call {
    /// What was asked.
    pub request: Request,
    /// What it may be answered with.
    pub invocation: Invocation,
}

impl Call {
    /// The value of a path variable that is an id.
    ///
    /// # Errors
    ///
    /// 400 where it is no id.
    pub fn id(&self, name: &str) -> Result<&str, Problem> {
        let id = self.request.path.get(name).map(String::as_str).unwrap_or_default();
        check_id(id).map_err(|should| Problem::field(name, should))?;
        Ok(id)
    }

    /// The body as a JSON object.
    ///
    /// # Errors
    ///
    /// 413 where it is longer than [`LONGEST_BODY`], 400 where it is no JSON object.
    pub fn body(&self) -> Result<Body, Problem> {
        let bytes = &self.request.body;
        if bytes.len() > LONGEST_BODY {
            return Err(Problem::too_large(format!("the body must have at most {LONGEST_BODY} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Problem::bad_request("the body must be UTF-8"))?;
        Body::parse(text)
    }

    /// Whether there is no time left to try anything else.
    #[must_use]
    pub(super) fn is_over(&self) -> bool {
        self.invocation.platform.clock.now() >= self.invocation.until
    }

    /// A fresh UUIDv7.
    #[must_use]
    pub fn new_id(&self) -> String {
        let platform = &self.invocation.platform;
        uuid_v7(platform.clock.now(), platform.entropy.bytes())
    }

    /// Carries `command` out, once per `Idempotency-Key` where the request has one, and answers what `reply` makes of the world
    /// after it. `A` is an aggregate of the context whose table remembers the answer.
    ///
    /// # Errors
    ///
    /// 404, 409 where the command is refused; 400, 422 for a wrong or reused key; 503 where the store does not answer in time.
    pub async fn execute<A: Aggregate>(
        &self,
        command: impl Command,
        reply: impl Fn(&World) -> Reply + Send + Sync,
    ) -> Result<Reply, Problem> {
        self.carry_out::<A>(&command, reply, true).await?.map_err(Problem::from)
    }

    /// The same, where the caller wants to try another command if this one is refused.
    ///
    /// # Errors
    ///
    /// As [`Call::execute`]; the refusal is the inner error. With a key, only an id that is taken and a broken invariant are refusals.
    pub(super) async fn try_execute<A: Aggregate>(
        &self,
        command: &impl Command,
        reply: impl Fn(&World) -> Reply + Send + Sync,
    ) -> Result<Result<Reply, Refusal>, Problem> {
        self.carry_out::<A>(command, reply, false).await
    }

    async fn carry_out<A: Aggregate>(
        &self,
        command: &impl Command,
        reply: impl Fn(&World) -> Reply + Send + Sync,
        remember_taken: bool,
    ) -> Result<Result<Reply, Refusal>, Problem> {
        let Some(key) = self.idempotency_key()? else {
            let cause = self.cause(self.new_id());
            return match execute(command, |_| cause.clone(), &self.invocation).await {
                Ok(world) => Ok(Ok(reply(&world))),
                Err(e) => refused(e).map(Err),
            };
        };
        let once = Once::<A, _, _> {
            id: digest(&[&self.request.route, &self.path_text(), key]),
            body_hash: digest_bytes(&self.request.body),
            command,
            reply,
            remember_taken,
            context: PhantomData,
        };
        let now = self.invocation.platform.clock.now();
        match execute(&once, |world| self.cause(once.cause(world, now)), &self.invocation).await {
            Ok(world) => match world.get::<Answer<A>>(&once.id) {
                Some(answer) => answer.replay(&once.body_hash).map(Ok),
                None => Err(Problem::internal("the answer was not remembered")),
            },
            Err(e) => refused(e).map(Err),
        }
    }

    /// `A` number `id`, strongly consistent.
    ///
    /// # Errors
    ///
    /// 503 where the store does not answer in time, 500 where the item is damaged.
    pub async fn read<A: Aggregate>(&self, id: &str) -> Result<Option<A>, Problem> {
        let platform = self.invocation.platform.clone();
        let committer = Committer { platform, until: self.invocation.until };
        let key = AggregateKey::of::<A>(id);
        let items = committer.load(&[key]).await.map_err(|e| match e {
            CommitError::Terminal(why) => Problem::internal(why),
            e => Problem::unavailable(e.to_string()),
        })?;
        items.into_iter().flatten().next().map(decode::<A>).transpose()
    }

    /// The items with these partition keys, strongly consistent, in that order; those that are gone are left out.
    ///
    /// # Errors
    ///
    /// 503 where the store does not answer.
    pub async fn load<'a>(
        &self,
        table: &'static str,
        keys: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Item>, Problem> {
        let keys: Vec<ItemKey> = keys.map(|pk| ItemKey { table, pk: pk.to_owned() }).collect();
        let found = self.invocation.platform.store.load(&keys).await;
        found.map(|items| items.into_iter().flatten().collect()).map_err(failed)
    }

    /// A page of all `A` of the table, and where the next page starts.
    ///
    /// # Errors
    ///
    /// As [`Call::page`].
    pub async fn all<A: Aggregate>(&self) -> Result<(Vec<A>, Option<Item>), Problem> {
        let query = Query { table: A::TABLE, kind: Some(A::KIND), consistent: true, ..Query::default() };
        let page = self.page(Query { limit: Some(PAGE), ..query }).await?;
        Ok((page.items.into_iter().map(decode).collect::<Result<_, _>>()?, page.next))
    }

    /// A page of items; the request's `next` says where it starts.
    ///
    /// # Errors
    ///
    /// 400 where `next` was not answered by this route before, 503 where the store does not answer.
    pub async fn page(&self, query: Query) -> Result<Page, Problem> {
        let start = self.next()?;
        self.page_from(Query { start, ..query }).await
    }

    /// Where the page that the request asks for starts; `None` for the first one.
    pub(super) fn next(&self) -> Result<Option<Item>, Problem> {
        let Some(token) = self.request.query.get("next") else { return Ok(None) };
        let start = URL_SAFE_NO_PAD.decode(token).ok().and_then(|json| serde_json::from_slice(&json).ok());
        start.map(Some).ok_or_else(|| Problem::field("next", "must be what an earlier page answered"))
    }

    pub(super) async fn page_from(&self, query: Query) -> Result<Page, Problem> {
        let continued = query.start.is_some();
        let store = &self.invocation.platform.store;
        store.query(query).await.map_err(|e| match e {
            StoreError::Rejected(_) if continued => wrong_page(),
            e => failed(e),
        })
    }

    pub(super) fn path_text(&self) -> String {
        let mut path: Vec<_> = self.request.path.iter().collect();
        path.sort_unstable();
        path.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }

    pub(super) fn idempotency_key(&self) -> Result<Option<&str>, Problem> {
        let Some(key) = self.request.headers.get("idempotency-key") else { return Ok(None) };
        check_id(key).map_err(|should| Problem::field("Idempotency-Key", should))?;
        Ok(Some(key))
    }

    pub(super) fn cause(&self, id: String) -> Cause {
        Cause {
            id,
            time: crate::Timestamp::default(),
            correlation: None,
            traceparent: self.request.headers.get("traceparent").filter(|t| is_traceparent(t)).cloned(),
        }
    }
}

/// Reads an item of a page as an `A`.
///
/// # Errors
///
/// 500 where it is damaged.
pub fn decode<A: Aggregate>(item: Item) -> Result<A, Problem> {
    let pk = item.get(crate::item::PK).cloned();
    serde_json::from_value(public(item).into())
        .map_err(|e| Problem::internal(format!("item {} is damaged: {e}", pk.unwrap_or_default())))
}

fn failed(e: StoreError) -> Problem {
    match e {
        StoreError::Rejected(_) => Problem::internal(e.to_string()),
        StoreError::Unavailable(_) => Problem::unavailable(e.to_string()),
    }
}

/// 400: `next` comes from another list.
pub(super) fn wrong_page() -> Problem {
    Problem::field("next", "must be what an earlier page of this list answered")
}

fn refused(e: NotExecuted) -> Result<Refusal, Problem> {
    match e {
        NotExecuted::Refused(refusal) => Ok(refusal),
        NotExecuted::Unavailable(why) => Err(Problem::unavailable(why)),
        NotExecuted::Impossible(why) => Err(Problem::internal(why)),
    }
}

/// `00-TRACE-SPAN-FLAGS` in hexadecimal (W3C Trace Context); anything else is not passed on.
fn is_traceparent(text: &str) -> bool {
    text.len() == 55 && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}
