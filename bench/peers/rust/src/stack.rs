use futures::stream::TryStreamExt;
use rtnetlink::packet::nlas::link::{Info, InfoData, InfoKind, Nla, VethInfo};
use rtnetlink::packet::LinkMessage;
use rtnetlink::{new_connection, Handle};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicI32, Ordering};
use tokio::task::JoinHandle;

static HOME: AtomicI32 = AtomicI32::new(-1);

pub const LOOPBACK: u32 = 1;

fn own_namespace() -> i32 {
    let path = "/proc/thread-self/ns/net\0";
    let descriptor = unsafe { libc::open(path.as_ptr().cast(), libc::O_RDONLY | libc::O_CLOEXEC) };
    assert!(descriptor >= 0, "open");
    descriptor
}

/// Also lets the process have as many descriptors as it may.
pub fn remember_home() {
    HOME.store(own_namespace(), Ordering::Relaxed);
    unsafe {
        let mut limit = std::mem::zeroed();
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
}

pub fn go_home() {
    assert_eq!(unsafe { libc::setns(HOME.load(Ordering::Relaxed), libc::CLONE_NEWNET) }, 0, "setns");
}

pub struct Stack {
    namespace: i32,
    handle: Option<Handle>,
    task: JoinHandle<()>,
}

impl Stack {
    /// Leaves this thread inside, where the socket has to be opened.
    pub fn new() -> Stack {
        assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNET) }, 0, "unshare");
        let namespace = own_namespace();
        let (connection, handle, _) = new_connection().unwrap();
        Stack { namespace, handle: Some(handle), task: tokio::spawn(connection) }
    }

    pub fn handle(&self) -> &Handle {
        self.handle.as_ref().unwrap()
    }

    pub fn path(&self) -> String {
        format!("\"/proc/{}/fd/{}\"", std::process::id(), self.namespace)
    }

    pub async fn index(&self, name: &str) -> u32 {
        let mut links = self.handle().link().get().match_name(name.into()).execute();
        links.try_next().await.unwrap().unwrap().header.index
    }

    pub async fn up(&self, index: u32) {
        self.handle().link().set(index).up().execute().await.unwrap();
    }

    pub async fn address(&self, index: u32, address: Ipv4Addr, length: u8) {
        self.handle().address().add(index, IpAddr::V4(address), length).execute().await.unwrap();
    }

    pub async fn default_route(&self, gateway: Ipv4Addr) {
        self.handle().route().add().v4().gateway(gateway).execute().await.unwrap();
    }

    /// One end here, the other one in its namespace from the start, for which the library has no builder.
    pub async fn veth(&self, name: &str, peer_name: &str, peer: Option<&Stack>, master: Option<u32>) {
        let mut request = self.handle().link().add();
        let message = request.message_mut();
        message.nlas.push(Nla::IfName(name.into()));
        message.nlas.extend(master.map(Nla::Master));
        let mut other = LinkMessage::default();
        other.nlas.push(Nla::IfName(peer_name.into()));
        other.nlas.extend(peer.map(|stack| Nla::NetNsFd(stack.namespace)));
        let data = Info::Data(InfoData::Veth(VethInfo::Peer(other)));
        message.nlas.push(Nla::Info(vec![Info::Kind(InfoKind::Veth), data]));
        request.execute().await.unwrap();
    }
}

/// The connection's task holds the socket.
pub async fn close_all(stacks: Vec<Stack>) {
    for mut stack in stacks {
        stack.handle.take();
        stack.task.abort();
        let _ = (&mut stack.task).await;
        unsafe { libc::close(stack.namespace) };
    }
}

/// Two namespaces joined by a veth.
pub async fn build_pair() -> Vec<Stack> {
    let b = Stack::new();
    let a = Stack::new();
    a.veth("eth0", "eth0", Some(&b), None).await;
    a.up(LOOPBACK).await;
    b.up(LOOPBACK).await;
    let first = a.index("eth0").await;
    let second = b.index("eth0").await;
    a.up(first).await;
    b.up(second).await;
    a.address(first, Ipv4Addr::new(10, 0, 0, 1), 24).await;
    b.address(second, Ipv4Addr::new(10, 0, 0, 2), 24).await;
    b.default_route(Ipv4Addr::new(10, 0, 0, 1)).await;
    go_home();
    vec![a, b]
}
