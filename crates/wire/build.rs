//! Generates the contract from `proto/` without a system protoc: messages and services (prost, tonic), their proto3 JSON
//! (pbjson), and the descriptor set that reflection serves.

use prost::Message;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

const ROOT: &str = "../../proto";
const FILES: [&str; 8] = [
    "xiaoer/v1/event.proto",
    "xiaoer/v1/posting.proto",
    "xiaoer/v1/audit.proto",
    "xiaoer/v1/metrics.proto",
    "xiaoer/v1/catalogue.proto",
    "xiaoer/v1/admin.proto",
    "xiaoer/v1/person.proto",
    "xiaoer/v1/complaint.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed={ROOT}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let descriptors = protox::compile(FILES, [ROOT])?;
    let bytes = descriptors.encode_to_vec();
    fs::write(out.join("descriptors.bin"), &bytes)?;

    let mut config = prost_build::Config::new();
    config
        .btree_map(["."])
        .enable_type_names()
        // Content of the vault shows itself in no log.
        .skip_debug([".xiaoer.v1.PutRequest", ".xiaoer.v1.GetResponse"])
        // Our own timestamp: its JSON is canonical and needs no second time library.
        .extern_path(".google.protobuf.Timestamp", "crate::time::Timestamp");
    tonic_prost_build::configure().compile_fds_with_config(descriptors, config)?;
    strict_posting_service();

    pbjson_build::Builder::new()
        .register_descriptors(&bytes)?
        .btree_map(["."])
        .extern_path(".google.protobuf.Timestamp", "crate::time::Timestamp")
        .build(&[".xiaoer"])?;
    ordered_maps(&out.join("xiaoer.v1.serde.rs"))?;
    Ok(())
}

/// pbjson writes a map of 64-bit numbers through a `HashMap`, in another order each time; an event has one stored form.
fn ordered_maps(file: &Path) -> std::io::Result<()> {
    let code = fs::read_to_string(file)?;
    fs::write(file, code.replace("std::collections::HashMap<", "std::collections::BTreeMap<"))
}

/// The server side of `PostingService` again, as `xiaoer.v1.strict`: requests arrive as `Strict<PostRequest>`, which says
/// whether the bytes held a field the contract does not know. The generated server would drop such a field in silence.
fn strict_posting_service() {
    use tonic_build::manual::{Builder, Method, Service};
    let method = |name: &str, route: &str, answer: &str| {
        Method::builder()
            .name(name)
            .route_name(route)
            .input_type("crate::strict::Strict<crate::v1::PostRequest>")
            .output_type(answer)
            .codec_path("crate::strict::StrictCodec")
    };
    let service = Service::builder()
        .name("PostingService")
        .package("xiaoer.v1")
        .method(method("post", "Post", "crate::v1::PostResponse").build())
        .method(method("post_stream", "PostStream", "crate::v1::PostStreamResponse").client_streaming().server_streaming().build())
        .method(method("check", "Check", "crate::v1::CheckResponse").build())
        .build();
    Builder::new().build_client(false).compile(&[service]);
}
