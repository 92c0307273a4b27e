use crate::stack::{go_home, Stack, LOOPBACK};
use std::net::Ipv4Addr;

const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

pub async fn build(leaves: usize) -> Vec<Stack> {
    let hub = Stack::new();
    hub.handle().link().add().bridge("br0".into()).execute().await.unwrap();
    let bridge = hub.index("br0").await;
    hub.up(LOOPBACK).await;
    hub.address(bridge, GATEWAY, 16).await;
    let mut stacks = vec![hub];
    for i in 1..=leaves {
        let leaf = Stack::new();
        let name = format!("p{}", i);
        let hub = &stacks[0];
        hub.veth(&name, "eth0", Some(&leaf), Some(bridge)).await;
        let port = hub.index(&name).await;
        hub.up(port).await;
        leaf.up(LOOPBACK).await;
        let end = leaf.index("eth0").await;
        leaf.up(end).await;
        leaf.address(end, Ipv4Addr::from(u32::from(GATEWAY) + i as u32), 16).await;
        leaf.default_route(GATEWAY).await;
        stacks.push(leaf);
    }
    stacks[0].up(bridge).await;
    go_home();
    stacks
}
