//! Calls with the bytes of a request as they are, for what a generated client cannot say. A method is named by its path.

use bytes::{Buf, BufMut, Bytes};
use prost::Message;
use std::marker::PhantomData;
use tonic::{
    Request, Status, Streaming,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::http::uri::PathAndQuery,
    transport::Channel,
};

/// A unary call.
pub async fn call<T: Message + Default + 'static>(channel: &Channel, method: &'static str, request: Bytes) -> Result<T, Status> {
    let mut grpc = ready(channel).await?;
    grpc.unary(Request::new(request), PathAndQuery::from_static(method), Raw::<T>::default()).await.map(tonic::Response::into_inner)
}

/// A call with a stream of answers.
pub async fn answers<T: Message + Default + 'static>(
    channel: &Channel,
    method: &'static str,
    request: Bytes,
) -> Result<Streaming<T>, Status> {
    let mut grpc = ready(channel).await?;
    grpc.server_streaming(Request::new(request), PathAndQuery::from_static(method), Raw::<T>::default())
        .await
        .map(tonic::Response::into_inner)
}

/// A call with a stream of requests and a stream of answers.
pub async fn stream<T: Message + Default + 'static>(
    channel: &Channel,
    method: &'static str,
    requests: impl futures::Stream<Item = Bytes> + Send + 'static,
) -> Result<Streaming<T>, Status> {
    stream_of(channel, method, Request::new(requests)).await
}

/// The same, with headers.
pub async fn stream_of<T: Message + Default + 'static>(
    channel: &Channel,
    method: &'static str,
    requests: Request<impl futures::Stream<Item = Bytes> + Send + 'static>,
) -> Result<Streaming<T>, Status> {
    let mut grpc = ready(channel).await?;
    grpc.streaming(requests, PathAndQuery::from_static(method), Raw::<T>::default()).await.map(tonic::Response::into_inner)
}

async fn ready(channel: &Channel) -> Result<Grpc<Channel>, Status> {
    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    Ok(grpc)
}

/// Sends bytes as they are and decodes answers with prost.
struct Raw<T>(PhantomData<T>);

impl<T> Default for Raw<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T: Message + Default + 'static> Codec for Raw<T> {
    type Encode = Bytes;
    type Decode = T;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self::default()
    }

    fn decoder(&mut self) -> Self {
        Self::default()
    }
}

impl<T> Encoder for Raw<T> {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, bytes: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(bytes);
        Ok(())
    }
}

impl<T: Message + Default> Decoder for Raw<T> {
    type Item = T;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<T>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        T::decode(bytes).map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
