//! Aim: with what `xiaoer nats-config` writes the relay of a server gets in, and a node that follows sees the logs that its key was
//! given and no other, least of all the sealed one beside its own.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;
use xiaoer_bus::find_binary;
use xiaoer_tests::{Lab, Server, binary, root};
use xiaoer_wire::v1::GetStatusRequest;

const LOG: &str = "370306";
const SEALED: &str = "370306-sealed";

/// A nats-server that ends with this value.
struct Nats(Child);

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn config(folder: &Path, listen: &str, readers: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.arg("nats-config").arg(folder).args(["--listen", listen]).stdin(Stdio::null());
    command.args(readers.iter().flat_map(|reader| ["--reader", reader]));
    command
}

/// The logs that it has something of, beside its own one of who read what.
async fn followed(node: &Server) -> Vec<String> {
    let status = node.client().admin.get_status(GetStatusRequest {}).await.expect("a status").into_inner();
    status.logs.into_iter().filter(|log| log.position > 0 && log.replica).map(|log| log.log).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_a_server_of_ones_own() {
    let folder = TempDir::new().expect("a folder");
    let place = folder.path().join("nats");
    let listen = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").to_string();
    for (reader, why) in [
        ("auditor", "auditor=* reads all"),
        ("relay=*", "not `relay`"),
        ("Auditor=*", "a name of"),
        ("auditor=370306,", "`` is no name of a log"),
        ("auditor=370306-access", "has no stream"),
    ] {
        let (status, said) = crate::said(&mut config(&place, &listen, &[reader]));
        assert!(status == 2 && said.contains(why), "{status}: {said}");
        assert!(!place.exists(), "nothing is written for one that is refused");
    }
    let readers = ["hall=370306", "supervision=370306,370306-sealed", "auditor=*"];
    let (status, said) = crate::said(&mut config(&place, &listen, &readers));
    assert_eq!(status, 0, "{said}");
    let (status, said) = crate::said(&mut config(&place, &listen, &readers));
    assert!(status == 1 && said.contains("never written over"), "{status}: {said}");

    let mut command = Command::new(find_binary(&root().join(".tools")).expect("a nats-server; `make test` fetches one"));
    command.arg("--config").arg(place.join("nats-server.conf")).arg("--log").arg(place.join("log")).stdin(Stdio::null());
    let _nats = Nats(command.spawn().expect("it starts"));
    let (url, seed) = (format!("nats://{listen}"), |name: &str| place.join(format!("{name}.seed")).display().to_string());

    let lab = Lab::new();
    let server = lab.serve_with(&url, |command| _ = command.args(["--nats-seed", &seed("relay")])).await;
    for log in [LOG, SEALED] {
        server.client().open(log, false).await;
        server.client().relayed(log).await;
    }
    // The sealed log is asked for first: what is not answered there must not keep the other waiting.
    for (name, sees) in [("supervision", &[LOG, SEALED][..]), ("auditor", &[LOG, SEALED]), ("hall", &[LOG])] {
        let copy = Lab::new();
        let node = copy.project(&url, &["--follow", SEALED, "--follow", LOG, "--nats-seed", &seed(name)]).await;
        for log in sees {
            node.client().opened(log).await;
            node.client().log_until(log, "it follows", |status| status.position > 0).await;
        }
        assert_eq!(followed(&node).await, sees, "{name}");
    }
}
