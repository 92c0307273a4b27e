/** What to start: a program that answers, line by line, what `session.mjs` asks of it. */
export interface Command {
  file: string
  args: string[]
}

/** One way of doing a workload: one row of its table. */
export interface Peer {
  name: string
  title: string
  /** What this peer does that others do not, or leaves out; printed under the table. */
  differs: string
  /** The bench fails when this peer cannot run; the others are left out, with the reason. */
  required?: boolean
  /** A new process for every run: what is measured is the first operation in it. */
  fresh?: boolean
  /** At most so many runs in a round. */
  perRound?: number
  /** It takes seconds: one run, in the first round only, and none to warm up. */
  slow?: boolean
  /** exec only: the command runs in the peer's own namespace, the host's. */
  outside?: boolean
  /** Compiles or looks for what is needed. `folder` is temporary and the bench's own. An error says what is missing. */
  prepare(folder: string): Promise<Command>
}

/** Makes a row of a workload that the peers' programs know by this name, of this size (0 where it has none). */
export type MakePeer = (workload: string, size: number) => Peer

/** Reads back what the peer built, or throws. */
export type Verify = (ask: (word: string) => Promise<string>, peer: Peer) => Promise<void>

export interface Workload {
  name: string
  title: string
  /** Each run makes namespaces: the next one waits until the kernel has taken them down. */
  makesNamespaces: boolean
  /** How many it holds, where the memory that a process needs for each of them is of interest. */
  namespaces?: number
  /** How many times as many runs as `--iterations` and `--warmup` say. */
  factor: number
  verify: Verify
  /** In the order in which they take turns. The rows named `c` and `library` are what the others are compared with. */
  peers: Peer[]
}

/** One run, in milliseconds, as measured inside the peer. */
export interface Run {
  run: number
  close?: number
}

/** Milliseconds. `median` is the median of the rounds' medians. */
export interface Summary {
  median: number
  fastest: number
  slowest: number
  runs: number
}

export interface PeerResult {
  name: string
  title: string
  differs: string
  /** What it built was read back. */
  verified: boolean
  /** Why it did not run. */
  skipped?: string
  run?: Summary
  close?: Summary
  /** How many times as long as the C program it took: the median of the ratios of each round. */
  ratioToC?: number
  /** How many times as long as this library it took. */
  ratioToLibrary?: number
  /** Bytes by which its process grew for each namespace (resident set), when it first made them. */
  memory?: number
  /** Every run of every round, in milliseconds. */
  rounds: Run[][]
}

export interface WorkloadResult {
  name: string
  title: string
  peers: PeerResult[]
}

export interface Results {
  date: string
  machine: { cpu: string; cpus: number; kernel: string; arch: string; node: string }
  root: boolean
  rounds: number
  iterations: number
  /** Unmeasured runs before the first round. */
  warmup: number
  /** How often the kernel was still taking namespaces down when the bench gave up waiting. */
  unsettled: number
  workloads: WorkloadResult[]
}
