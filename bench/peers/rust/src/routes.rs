use crate::milliseconds;
use crate::stack::{build_pair, Stack};
use futures::stream::TryStreamExt;
use rtnetlink::packet::nlas::route::Nla;
use rtnetlink::IpVersion;
use std::net::Ipv4Addr;
use std::time::Instant;

const SCOPE_LINK: u8 = 253;

fn destination(i: usize) -> Ipv4Addr {
    Ipv4Addr::from(0x0b00_0000 + i as u32)
}

pub async fn hold_full(count: usize) -> Vec<Stack> {
    let stacks = build_pair().await;
    let link = stacks[0].index("eth0").await;
    for i in 0..count {
        let mut request = stacks[0].handle().route().add();
        request.message_mut().nlas.push(Nla::Priority(100));
        let request = request.v4().destination_prefix(destination(i), 32).output_interface(link);
        request.gateway(Ipv4Addr::new(10, 0, 0, 2)).execute().await.unwrap();
    }
    stacks
}

/// The routes of the run before this one go with their link.
pub async fn run_add(stack: &Stack, count: usize) -> f64 {
    let link = stack.index("eth0").await;
    stack.handle().link().set(link).down().execute().await.unwrap();
    stack.up(link).await;
    let start = Instant::now();
    for i in 0..count {
        let request = stack.handle().route().add().v4().destination_prefix(destination(i), 32);
        request.output_interface(link).scope(SCOPE_LINK).execute().await.unwrap();
    }
    milliseconds(start)
}

pub async fn run_dump(stack: &Stack, count: usize) -> f64 {
    let start = Instant::now();
    let routes: Vec<_> = stack.handle().route().get(IpVersion::V4).execute().try_collect().await.unwrap();
    let mut sum = 0;
    for route in &routes {
        for attribute in &route.nlas {
            sum += match attribute {
                Nla::Destination(bytes) | Nla::Gateway(bytes) => bytes.len() as u64,
                Nla::Oif(value) | Nla::Priority(value) => u64::from(*value),
                _ => 0,
            };
        }
    }
    let run = milliseconds(start);
    assert!(routes.len() > count && sum != 0, "the number of routes");
    run
}
