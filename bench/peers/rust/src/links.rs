use crate::milliseconds;
use crate::stack::{go_home, Stack};
use futures::stream::TryStreamExt;
use rtnetlink::packet::nlas::link::{Info, InfoKind, Nla};
use std::time::Instant;

pub async fn hold(pairs: usize) -> Vec<Stack> {
    let stack = Stack::new();
    go_home();
    for i in 0..pairs {
        stack.veth(&format!("a{}", i), &format!("b{}", i), None, None).await;
    }
    vec![stack]
}

pub async fn run(stack: &Stack, pairs: usize) -> f64 {
    let start = Instant::now();
    let links: Vec<_> = stack.handle().link().get().execute().try_collect().await.unwrap();
    let mut sum = 0;
    for link in &links {
        sum += link.header.index as usize;
        for attribute in &link.nlas {
            sum += match attribute {
                Nla::IfName(name) => name.len(),
                Nla::Address(bytes) => bytes.len(),
                Nla::Mtu(mtu) => *mtu as usize,
                Nla::Info(infos) => infos.iter().filter(|info| matches!(info, Info::Kind(InfoKind::Veth))).count(),
                _ => 0,
            };
        }
    }
    let run = milliseconds(start);
    assert!(links.len() == 2 * pairs + 1 && sum != 0, "the number of links");
    run
}
