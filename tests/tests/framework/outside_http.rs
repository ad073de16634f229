//! The HTTP client of webhooks against servers that do as they please: every call is over in time, and says what came back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use whenever::ports::Outside as _;
use whenever::ports::outside::{CallError, MOST_READ, Request, Response};
use whenever::{HttpOutside, Settings};

const IN_TIME: Duration = Duration::from_millis(300);

/// A server that reads a request on each connection and then does `reply`; its URL, and the requests that it read.
async fn server(reply: impl AsyncFn(&mut TcpStream) + Copy + 'static) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/orders?from=whenever", listener.local_addr().unwrap());
    let (heard, requests) = mpsc::unbounded_channel();
    tokio::task::spawn_local(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let heard = heard.clone();
            tokio::task::spawn_local(async move {
                let mut read = vec![0; 4_096];
                // A request of a few bytes comes in one piece.
                while let Ok(length @ 1..) = stream.read(&mut read).await {
                    let _ = heard.send(String::from_utf8_lossy(&read[..length]).into_owned());
                    reply(&mut stream).await;
                }
            });
        }
    });
    (url, requests)
}

fn outside(url: &str) -> HttpOutside {
    HttpOutside::from_settings(&[("URL", url)].into_iter().collect(), "URL").unwrap()
}

async fn post(outside: &HttpOutside) -> Result<Response, CallError> {
    let began = Instant::now();
    let request = Request { idempotency_key: "event-1".to_owned(), body: b"{\"order\":7}".to_vec() };
    let answer = outside.post(request, IN_TIME).await;
    assert!(began.elapsed() < IN_TIME * 5, "{:?}", began.elapsed());
    answer
}

/// What a server that answers so is told to mean.
async fn answer_of(reply: impl AsyncFn(&mut TcpStream) + Copy + 'static) -> Result<Response, CallError> {
    let local = tokio::task::LocalSet::new();
    local.run_until(async { post(&outside(&server(reply).await.0)).await }).await
}

async fn write(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes()).await;
}

#[tokio::test]
async fn a_call_is_a_post_of_json_with_the_key_and_connections_are_kept() {
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let (url, mut requests) =
                server(async |stream| write(stream, "HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\ntrue").await)
                    .await;
            let outside = outside(&url);
            for _ in 0..2 {
                assert_eq!(post(&outside).await, Ok(Response { status: 201, body: b"true".to_vec() }));
                let request = requests.recv().await.unwrap().to_lowercase();
                assert!(request.starts_with("post /orders?from=whenever http/1.1\r\n"), "{request}");
                assert!(request.contains("\r\nidempotency-key: event-1\r\n"), "{request}");
                assert!(request.contains("\r\ncontent-type: application/json\r\n"), "{request}");
                assert!(request.ends_with("\r\n\r\n{\"order\":7}"), "{request}");
            }
        })
        .await;
}

#[tokio::test]
async fn a_redirect_is_answered_not_followed() {
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let redirect = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
            let (url, mut requests) = server(async move |stream| write(stream, redirect).await).await;
            assert_eq!(post(&outside(&url)).await, Ok(Response { status: 307, body: Vec::new() }));
            requests.recv().await.unwrap();
            assert!(requests.try_recv().is_err(), "it was called once");
        })
        .await;
}

#[tokio::test]
async fn what_is_no_http_is_final() {
    for garbage in
        ["SSH-2.0-OpenSSH_9.6\r\n\r\n", "<html>\r\n\r\n", "HTTP/9.9 what\r\n\r\n", "\0\u{1}\u{2}\r\n\r\n\r\n"]
    {
        let answer = answer_of(async move |stream| write(stream, garbage).await).await;
        assert!(matches!(&answer, Err(CallError::Rejected(why)) if why.contains("no HTTP")), "{garbage:?}: {answer:?}");
    }
}

#[tokio::test]
async fn who_never_answers_or_never_ends_is_late() {
    let silent = answer_of(async |_| std::future::pending().await).await;
    let drips = answer_of(async |stream| {
        write(stream, "HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(b".").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let headers = answer_of(async |stream| {
        write(stream, "HTTP/1.1 200 OK\r\nX-Part: ").await;
        std::future::pending().await
    })
    .await;
    for answer in [silent, drips, headers] {
        assert_eq!(answer, Err(CallError::Unavailable("no answer within 300 ms".to_owned())));
    }
}

#[tokio::test]
async fn no_more_is_read_of_a_long_answer_than_is_wanted() {
    let answer = answer_of(async |stream| {
        write(stream, "HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 10_000]).await.is_ok() {}
    })
    .await;
    assert_eq!(answer.map(|response| (response.status, response.body.len())), Ok((200, MOST_READ)));
}

#[tokio::test]
async fn what_breaks_off_or_is_not_there_may_heal() {
    let broken_off = answer_of(async |stream| {
        write(stream, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ntr").await;
        let _ = stream.shutdown().await;
    })
    .await;
    let hung_up = answer_of(async |stream| drop(stream.shutdown().await)).await;
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let refused = post(&outside(&format!("http://{unused}"))).await;
    for answer in [broken_off, hung_up, refused] {
        assert!(matches!(answer, Err(CallError::Unavailable(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn tls_is_spoken_where_the_url_says_so() {
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let hellos = Arc::new(AtomicUsize::new(0));
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
            let counted = Arc::clone(&hellos);
            tokio::task::spawn_local(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    // A handshake record begins with 22 and the version.
                    let mut first = [0; 2];
                    if stream.read_exact(&mut first).await.is_ok() && first == [22, 3] {
                        counted.fetch_add(1, Ordering::SeqCst);
                    }
                    write(&mut stream, "HTTP/1.1 400 Bad Request\r\n\r\n").await;
                }
            });
            let answer = post(&outside(&url)).await;
            assert!(matches!(answer, Err(CallError::Unavailable(_))), "{answer:?}");
            assert_eq!(hellos.load(Ordering::SeqCst), 1);
        })
        .await;
}

#[test]
fn a_url_that_cannot_be_called_is_refused_before_the_first_event() {
    let refusal = |url: &str| {
        let settings: Settings = [("PLATFORM_URL", url)].into_iter().collect();
        HttpOutside::from_settings(&settings, "PLATFORM_URL").unwrap_err().to_string()
    };
    for (url, why) in [
        ("", "is not set"),
        ("platform", "must be a URL that starts with http:// or https://"),
        ("/orders", "must be a URL"),
        ("ftp://platform", "must be a URL"),
        ("http://", "is \"http://\": "),
        ("http://a b/", "is \"http://a b/\": invalid uri character"),
        ("http://user:secret@platform/", "must hold no user or password"),
    ] {
        let refusal = refusal(url);
        assert!(refusal.starts_with("environment variable PLATFORM_URL ") && refusal.contains(why), "{url}: {refusal}");
    }
}
