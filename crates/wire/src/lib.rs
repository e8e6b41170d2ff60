pub mod descriptors;
pub mod strict;
pub mod time;
pub mod v1 {
    tonic::include_proto!("xiaoer.v1");
    include!(concat!(env!("OUT_DIR"), "/xiaoer.v1.serde.rs"));
}
