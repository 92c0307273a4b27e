//! The workloads by rtnetlink on tokio, one connection for each namespace. Answers the words of ../../../session.mjs.
//!
//!     rust-peer WORKLOAD [SIZE]

mod links;
mod routes;
mod stack;
mod star;

use stack::{close_all, Stack};
use std::io::BufRead;
use std::time::Instant;

pub fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

async fn hold(workload: &str, size: usize) -> Vec<Stack> {
    match workload {
        "pair" => stack::build_pair().await,
        "star" => star::build(size).await,
        "routes-add" => stack::build_pair().await,
        "routes-dump" => routes::hold_full(size).await,
        "links-dump" => links::hold(size).await,
        _ => panic!("no such workload: {}", workload),
    }
}

async fn run(workload: &str, size: usize, held: &[Stack]) {
    match workload {
        "routes-add" => println!("{{\"run\":{}}}", routes::run_add(&held[0], size).await),
        "routes-dump" => println!("{{\"run\":{}}}", routes::run_dump(&held[0], size).await),
        "links-dump" => println!("{{\"run\":{}}}", links::run(&held[0], size).await),
        _ => {
            let start = Instant::now();
            let stacks = hold(workload, size).await;
            let built = milliseconds(start);
            let start = Instant::now();
            close_all(stacks).await;
            println!("{{\"run\":{},\"close\":{}}}", built, milliseconds(start));
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    stack::remember_home();
    let arguments: Vec<String> = std::env::args().collect();
    let size = arguments.get(2).map_or(0, |text| text.parse().unwrap());
    let mut held = Vec::new();
    for word in std::io::stdin().lock().lines() {
        match word.unwrap().as_str() {
            "hold" => {
                held = hold(&arguments[1], size).await;
                let paths: Vec<String> = held.iter().map(Stack::path).collect();
                println!("{{\"paths\":[{}]}}", paths.join(","));
            }
            "run" => run(&arguments[1], size, &held).await,
            "drop" => {
                close_all(std::mem::take(&mut held)).await;
                println!("{{}}");
            }
            word => panic!("unknown word '{}'", word),
        }
    }
}
